// What the viewer says, in English; a page of another language hands its own words to the viewer.

export const WORDS = {
  "frame of": "{frame} / {frames}",
  window: "C {centre}  W {width}",
  pixels: "{length} px",
  failed: "This picture did not come ({reason}). Step or play to ask for it again.",
  selected: "{name} selected, {size}",
  moved: "{name}, {size}",
  removed: "Mark removed",
  "no marks": "No mark on this frame",
  part: "{part}",
  "whole mark": "Whole mark",
  box: "Box",
  outline: "Outline",
  calliper: "Calliper",
  point: "Place",
};

/** `text` with `{names}` replaced. */
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
