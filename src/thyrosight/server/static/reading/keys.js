// Keys of the reading room. A text takes every letter; a number takes its own signs alone, so that everything else acts
// from there too.

import { one } from "../app/dom.js";

const OF_NUMBERS = /^[0-9.,+-]$/;

/** Whether a key is part of what is being typed. */
function typed(event) {
  const { target, key } = event;
  if (target.closest("textarea")) return true;
  if (!target.matches("input[type=text]")) return false;
  if (key.length > 1) return !["PageUp", "PageDown"].includes(key);
  return target.classList.contains("digits") ? /^[0-9]$/.test(key) : OF_NUMBERS.test(key);
}

/**
 * @param {KeyboardEvent} event
 * @param {{acts: Record<string, () => void>, panes: object, desk: () => object | null, covered: () => boolean, resume: () => void}} room
 */
export function actOn(event, { acts, panes, desk, covered, resume }) {
  if (event.defaultPrevented || event.metaKey || event.altKey || event.target.closest("dialog")) return;
  if (covered()) {
    if (event.key === "p" && one("#curtain").dataset.kind === "paused") resume();
    return;
  }
  if (event.ctrlKey) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    return void acts.lock();
  }
  if (!desk() || typed(event)) return;
  const keys = {
    "?": acts.keys, i: acts.instructions, j: acts.forth, k: acts.back, p: acts.pause, v: () => panes.focus(), g: () => desk().focus(),
    w: () => panes.enlarge(), h: () => panes.hideFrames(), PageDown: () => panes.next(1), PageUp: () => panes.next(-1),
  };
  if (keys[event.key]) {
    event.preventDefault();
    return void keys[event.key]();
  }
  if (panes.keyed(event)) event.preventDefault();
}
