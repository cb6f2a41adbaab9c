import assert from "node:assert/strict";
import { test } from "node:test";

import { uniTransport } from "../src/http.ts";

test("a PATCH leaves WeChat as a POST that says so, everything else as it is", async () => {
  const sent: { method: string; header: Record<string, string> }[] = [];
  const transport = uniTransport({
    request(options) {
      sent.push(options);
      options.success({ statusCode: 200, header: { ETag: '"2"' }, data: "{}" });
    },
  });
  const asked = { url: "/x", headers: { "If-Match": '"1"' }, timeoutMs: 1 };
  const answer = await transport({ ...asked, method: "PATCH" });
  await transport({ ...asked, method: "PUT" });
  assert.equal(answer.headers.etag, '"2"');
  assert.deepEqual(sent.map(({ method }) => method), ["POST", "PUT"]);
  assert.deepEqual(sent[0]!.header, { "If-Match": '"1"', "X-HTTP-Method-Override": "PATCH" });
  assert.deepEqual(sent[1]!.header, { "If-Match": '"1"' });
});
