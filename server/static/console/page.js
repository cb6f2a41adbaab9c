// Small tools of the page: elements, notices, questions.

export const $ = (id) => document.getElementById(id);
export const known = JSON.parse($("known").textContent);

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function row(...cells) {
  return element("tr", {}, ...cells.map((cell) =>
    cell instanceof Node && cell.nodeName === "TD" ? cell : element("td", {}, cell ?? "")));
}

export const number = (value) => element("td", { className: "number" }, value ?? "");

export function list(target, pairs) {
  target.replaceChildren(...pairs.flatMap(([name, value]) => [
    element("dt", {}, name), element("dd", {}, value instanceof Node ? value : String(value ?? "—")),
  ]));
}

export function notice(text, good = false) {
  $("notice").textContent = text;
  $("notice").classList.toggle("good", good);
  $("notice").hidden = !text;
  if (text && !good) $("notice").scrollIntoView({ block: "nearest" });
}

export function sure(text) {
  $("confirm-text").textContent = text;
  $("confirm").returnValue = "no";
  $("confirm").showModal();
  return new Promise((resolve) => {
    $("confirm").addEventListener("close", () => resolve($("confirm").returnValue === "yes"), { once: true });
  });
}

export const moment = (text) => (text ? new Date(text).toLocaleString("zh-CN", { hour12: false }) : "");
export const layerNamed = (name) => known.layers.find((layer) => layer.name === name);
