// Tags of WeChat that are more than a box: fields that people type into, and the map.

import { map } from "./map.js";

/** Pairs of tag and definition. */
export function builtIns(space) {
  return [["wx-input", field(space, "input")], ["wx-textarea", field(space, "textarea")], ["wx-map", map(space)]];
}

const SHOWN = { placeholder: String, maxlength: Number, disabled: Boolean };

function field(space, tag) {
  const properties = { ...SHOWN, value: String, type: String, password: Boolean, autoHeight: Boolean,
    placeholderClass: String, confirmType: String, ariaLabel: String };
  let made = space.define(`wx-${tag}`).options({ virtualHost: false }).staticData({});
  for (const [name, type] of Object.entries(properties)) made = made.property(name, type);
  const inner = new WeakMap();
  return made
    .lifetime("attached", function attached() {
      const input = document.createElement(tag);
      inner.set(this, input);
      this.getBackendElement().append(input);
      draw(this, input);
      input.addEventListener("input", (event) => {
        event.stopPropagation();
        this.triggerEvent("input", { value: input.value, cursor: input.selectionStart });
      });
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && tag === "input") this.triggerEvent("confirm", { value: input.value });
      });
    })
    .observer(Object.keys(properties), function changed() {
      const input = inner.get(this);
      if (input) draw(this, input);
    })
    .registerComponent();
}

function draw({ data }, input) {
  if (input.tagName === "INPUT") input.type = data.password ? "password" : "text";
  input.placeholder = data.placeholder ?? "";
  // WeChat stops at 140 unless the page says otherwise.
  input.maxLength = data.maxlength || 140;
  input.disabled = Boolean(data.disabled);
  if (data.ariaLabel) input.setAttribute("aria-label", data.ariaLabel);
  if (input.value !== (data.value ?? "")) input.value = data.value ?? "";
}
