// Small helpers for building what a page shows. Text always goes in as text: nothing that comes from a file or a
// person is ever read as markup.

/** An element with attributes and children; a child that is a string is text, and null is left out. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") element.className = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && !["list", "form"].includes(key) && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** An icon of the page's sheet of icons. */
export function icon(name) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  picture.append(use);
  return picture;
}

export const one = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Put a message into a place that is read aloud; "" takes it away. */
export function note(place, text, kind = "") {
  place.hidden = !text;
  place.className = `note ${kind}`.trim();
  place.textContent = text;
}

/** Say why the rows of a list did not come: in their place while there are none, else in `place`, which moves nothing. */
export function notCome(rows, message, place) {
  if (!one(".wait, .note", rows)) return note(place, message, "bad");
  const columns = all("thead th", rows.parentElement).filter((cell) => cell.offsetParent).length;
  const says = make("p", { class: "note bad", role: "alert" }, message);
  return rows.replaceChildren(make("tr", {}, make("td", { colspan: String(columns) }, says)));
}

/** Call `act` once nobody has called for `wait` milliseconds. */
export function calmly(act, wait = 250) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), wait);
  };
}
