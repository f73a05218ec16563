// What is wrong with the page on the screen: a list of [kind, what, where].
() => {
  const faults = [];
  const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && !element.closest(".said, .skip");
  const name = (element) => {
    const own = element.id ? `#${element.id}` : [...element.classList].map((one) => `.${one}`).join("");
    return `${element.tagName.toLowerCase()}${own || (element.name ? `[${element.name}]` : "")} "${(element.innerText ?? "").trim().slice(0, 40).replaceAll("\n", " ")}"`;
  };
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.querySelectorAll("body *")].filter((one) => shown(one) && one.getBoundingClientRect().right > root.clientWidth + 1);
    faults.push(["page wider than the window", `${root.scrollWidth} of ${root.clientWidth}`, wide.slice(0, 3).map(name).join("; ")]);
  }
  const dialog = document.querySelector("dialog[open]");
  const within = dialog ?? document.body;
  const rolls = (style, axis) => ["auto", "scroll"].includes(style[`overflow${axis}`]);
  const cuts = (style, axis) => ["hidden", "clip"].includes(style[`overflow${axis}`]);

  // Text that an ancestor cuts off, or that runs out of its own button, cell or field.
  const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (!node.data.trim() || !holder || !shown(holder) || ["SCRIPT", "STYLE", "OPTION", "TEXTAREA"].includes(holder.tagName)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const place = range.getBoundingClientRect();
    if (!place.width) continue;
    for (let box = holder; box && box !== root; box = box.parentElement) {
      const style = getComputedStyle(box);
      const own = box.getBoundingClientRect();
      const out = { X: place.left < own.left - 1 || place.right > own.right + 1, Y: place.top < own.top - 3 || place.bottom > own.bottom + 3 };
      if (style.position === "fixed" || box.tagName === "DIALOG") break;
      if ((out.X && rolls(style, "X")) || (out.Y && rolls(style, "Y"))) {
        if (box.matches("nav, .tools, .tabs")) faults.push(["hidden until the bar is moved", name(holder), name(box).slice(0, 30)]);
        break;
      }
      if ((out.X && cuts(style, "X")) || (out.Y && cuts(style, "Y"))) {
        if (!(style.textOverflow === "ellipsis" && box.closest("[title]"))) faults.push(["text cut off", name(holder), name(box).slice(0, 40)]);
        break;
      }
      if (out.X && box.matches("button, .button, td, th, .card, .note, label, .chip, dialog, .panel")) {
        faults.push(["text runs out", name(holder), name(box).slice(0, 40)]);
        break;
      }
    }
  }
  // The shorthand is empty where numbers are set in a table's way.
  const fontOf = (style) => `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  for (const field of within.querySelectorAll("input, select")) {
    if (!shown(field)) continue;
    if (field.tagName === "SELECT" || (field.type ?? "") === "text") {
      const style = getComputedStyle(field);
      const text = field.tagName === "SELECT" ? field.selectedOptions[0]?.text ?? "" : field.value ? (field.dir === "auto" ? "" : field.value) : field.placeholder; // somebody's own words may be longer
      const pen = document.createElement("canvas").getContext("2d");
      pen.font = fontOf(style);
      const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - (style.appearance === "none" || field.tagName !== "SELECT" ? 0 : 20);
      if (pen.measureText(text).width > room + 1) faults.push(["text cut off", `${name(field).split(" ")[0]} "${text.slice(0, 40)}"`, "field"]);
    } else if (field.placeholder && !field.value) {
      const pen = document.createElement("canvas").getContext("2d");
      pen.font = fontOf(getComputedStyle(field));
      if (pen.measureText(field.placeholder).width > field.clientWidth - 20) faults.push(["text cut off", `${name(field).split(" ")[0]} "${field.placeholder}"`, "placeholder"]);
    }
  }

  // Controls that lie over each other or are too small for a finger. A chip's input lies on its label on purpose.
  const visible = (element) => {
    let { left, top, right, bottom } = element.getBoundingClientRect();
    for (let box = element.parentElement; box && box !== root; box = box.parentElement) {
      const style = getComputedStyle(box);
      const own = box.getBoundingClientRect();
      if (style.overflowX !== "visible") [left, right] = [Math.max(left, own.left), Math.min(right, own.right)];
      if (style.overflowY !== "visible") [top, bottom] = [Math.max(top, own.top), Math.min(bottom, own.bottom)];
    }
    return { element, left, top, right, bottom };
  };
  const controls = [...within.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter((one) => shown(one) && one.type !== "hidden" && getComputedStyle(one).opacity > 0.05)
    .map(visible).filter((one) => one.right - one.left > 1 && one.bottom - one.top > 1);
  const floats = (element) => {
    for (let box = element; box && box !== within; box = box.parentElement) if (["sticky", "fixed"].includes(getComputedStyle(box).position)) return true;
    return false;
  };
  controls.forEach((one, place) => {
    for (const other of controls.slice(place + 1)) {
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      if (floats(one.element) !== floats(other.element)) continue; // what rolls away below a bar that stays
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 2 && down > 2) faults.push(["controls overlap", name(one.element), name(other.element)]);
    }
    const inText = one.element.tagName === "A" && getComputedStyle(one.element).display === "inline";
    const whole = one.element.getBoundingClientRect();
    const label = one.element.closest("label")?.getBoundingClientRect();
    if (!inText && matchMedia("(pointer: coarse)").matches && (label?.height ?? whole.height) < 23.5 && whole.height < 23.5)
      faults.push(["too small for a finger", name(one.element), `${Math.round(whole.width)} x ${Math.round(whole.height)}`]);
  });
  for (const picture of within.querySelectorAll("img")) if (shown(picture) && picture.complete && !picture.naturalWidth) faults.push(["picture missing", picture.src, ""]);

  // Text that lies over other text: each line as far as it can be seen.
  const lines = [];
  const texts = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const holder = node.parentElement;
    if (!node.data.trim() || !holder || !shown(holder) || ["SCRIPT", "STYLE", "OPTION", "TEXTAREA"].includes(holder.tagName) || floats(holder)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const line of range.getClientRects()) {
      let { left, top, right, bottom } = line;
      for (let box = holder; box && box !== root; box = box.parentElement) {
        const style = getComputedStyle(box);
        const own = box.getBoundingClientRect();
        if (style.overflowX !== "visible") [left, right] = [Math.max(left, own.left), Math.min(right, own.right)];
        if (style.overflowY !== "visible") [top, bottom] = [Math.max(top, own.top), Math.min(bottom, own.bottom)];
      }
      // The box of a line is higher than its letters.
      const air = (bottom - top) * 0.2;
      if (right - left > 2 && bottom - top > 4) lines.push({ holder, left, right, top: top + air, bottom: bottom - air });
    }
  }
  lines.sort((one, other) => one.top - other.top);
  lines.forEach((one, place) => {
    for (let next = place + 1; next < lines.length && lines[next].top < one.bottom - 2; next += 1) {
      const other = lines[next];
      if (Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2 && one.holder !== other.holder) faults.push(["text over text", name(one.holder), name(other.holder)]);
    }
  });
  const shift = window.shifts ?? { sum: 0, what: [] };
  if (shift.sum > 0.0005) faults.push(["layout moved", shift.sum.toFixed(4), [...new Set(shift.what)].slice(0, 6).join("; ")]);
  return faults;
}
