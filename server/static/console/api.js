// Asking the API as staff: the browser keeps the session's cookie, this page the token of changes.

const ROOT = "/api/v1";
let csrf = null;

export class Refused extends Error {
  constructor(problem, status) {
    super(problem.detail || problem.title || `请求失败（${status}）`);
    this.problem = problem;
    this.status = status;
    this.code = problem.type?.split(":").pop();
  }
}

const headers = () => (csrf ? { "X-CSRF-Token": csrf } : {});

// Who is logged in, or null.
export async function session() {
  try {
    const found = await get("/session");
    csrf = found.csrf;
    return found.user;
  } catch (error) {
    if (error.status !== 401) throw error;
    return null;
  }
}

export async function login(form) {
  const found = await send("POST", "/session", form);
  csrf = found.csrf;
  return found.user;
}

export async function logout() {
  await send("DELETE", "/session").catch(() => {});
  csrf = null;
}

async function answer(response) {
  if (response.ok) return response;
  let problem = {};
  try {
    problem = await response.json();
  } catch { /* not a problem of ours */ }
  throw new Refused(problem, response.status);
}

export async function get(path) {
  return (await answer(await fetch(ROOT + path, { headers: headers() }))).json();
}

export async function send(method, path, body) {
  const response = await answer(await fetch(ROOT + path, {
    method,
    headers: { ...headers(), "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  }));
  return response.status === 204 ? null : response.json();
}

export async function download(path, name) {
  const response = await answer(await fetch(ROOT + path, { headers: headers() }));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// XMLHttpRequest, because fetch does not tell how much of a body is sent.
export function upload(form, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${ROOT}/imports`);
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.setRequestHeader("Idempotency-Key", crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`);
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    request.onerror = () => reject(new Error("上传中断，请检查网络后重试"));
    request.onload = () => {
      let body = {};
      try {
        body = JSON.parse(request.responseText);
      } catch { /* not an answer of ours */ }
      if (request.status === 202) resolve(body);
      else reject(new Refused(body, request.status));
    };
    request.send(form);
  });
}
