// The page of imports: log in, upload, and the list of runs.

import * as api from "./api.js";
import * as run from "./run.js";
import { $, element, known, moment, notice, number, row } from "./page.js";

let older = null;

function failed(error) {
  if (error.status === 401) show(null);
  notice(error.message);
}

function show(user) {
  const logged = Boolean(user);
  $("who").textContent = user ? user.name : "";
  $("login").hidden = logged;
  $("logout").hidden = !logged;
  $("app").hidden = !logged;
}

async function runs(fresh) {
  const found = await api.get(`/imports?limit=10${!fresh && older ? `&cursor=${older}` : ""}`);
  const lines = found.imports.map((one) => {
    const open = () => run.open(one.id).catch(failed);
    const button = element("button", { type: "button", onclick: open }, `${one.id}`);
    const { counts } = one;
    return row(
      button, one.stateTitle, one.layerTitle, one.fileName,
      number(counts.rows), number(counts.new), number(counts.changed), number(counts.unchanged),
      number(counts.rejected), moment(one.createdAt),
    );
  });
  const target = $("runs").tBodies[0];
  if (fresh) target.replaceChildren();
  target.append(...lines);
  if (!target.rows.length) target.append(row(element("td", { colSpan: 10 }, "还没有导入过")));
  older = found.next;
  $("older").hidden = !older;
}

async function profiles() {
  const found = await api.get("/import-profiles");
  const mine = found.profiles.filter((one) => one.layer === $("layer").value);
  $("profiles").replaceChildren(
    element("option", { value: "" }, "不用"),
    ...mine.map((one) => element("option", { value: one.name }, one.name)),
  );
}

async function upload(event) {
  event.preventDefault();
  notice("");
  const form = new FormData($("upload"));
  if (form.get("file").size > known.uploadMb * 1048576) {
    notice(`文件超过 ${known.uploadMb} MB`);
    return;
  }
  $("sending").hidden = false;
  try {
    const made = await api.upload(form, (done, total) => { $("sending").value = (done / total) * 100; });
    await runs(true);
    await run.open(made.id);
  } catch (error) {
    failed(error);
  }
  $("sending").hidden = true;
}

async function begin(user) {
  show(user);
  if (!user) return;
  try {
    await Promise.all([runs(true), profiles()]);
    const asked = /^#run-(\d+)$/.exec(location.hash);
    if (asked) await run.open(asked[1]);
  } catch (error) {
    failed(error);
  }
}

$("upload-mb").textContent = known.uploadMb;
$("layer").append(...known.layers.map(({ name, title }) => element("option", { value: name }, title)));
$("layer").value = "parcels";
$("layer").addEventListener("change", () => profiles().catch(failed));
$("upload").addEventListener("submit", upload);
$("older").addEventListener("click", () => runs(false).catch(failed));
$("logout").addEventListener("click", () => api.logout().then(() => show(null)));
$("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  notice("");
  const form = Object.fromEntries(new FormData($("login")));
  if (!form.totp) delete form.totp;
  try {
    const user = await api.login(form);
    $("login").reset();
    $("totp-box").hidden = true;
    await begin(user);
  } catch (error) {
    if (error.code === "totp-required") $("totp-box").hidden = false;
    notice(error.message);
  }
});
run.onDone(() => runs(true).catch(failed));
run.start(() => profiles().catch(failed));
api.session().then(begin, failed);
