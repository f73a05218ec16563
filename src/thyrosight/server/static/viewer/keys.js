// Keys of the viewer. They act while the viewer or something in it has the focus, so that they never take a letter from
// a text that is being typed.

const FAST = 10;

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const KEYS = {
  " ": (viewer) => (viewer.playing ? viewer.pause() : viewer.play()),
  ",": (viewer) => viewer.step(-1),
  ".": (viewer) => viewer.step(1),
  "<": (viewer) => viewer.step(-FAST),
  ">": (viewer) => viewer.step(FAST),
  Home: (viewer) => viewer.show(0),
  End: (viewer) => viewer.show(viewer.image.frames - 1),
  "+": (viewer) => viewer.zoom(1.25),
  "=": (viewer) => viewer.zoom(1.25),
  "-": (viewer) => viewer.zoom(0.8),
  0: (viewer) => viewer.fit(),
  "[": (viewer) => viewer.level({ centre: viewer.window.centre + 8 }),
  "]": (viewer) => viewer.level({ centre: viewer.window.centre - 8 }),
  "{": (viewer) => viewer.level({ width: viewer.window.width + 16 }),
  "}": (viewer) => viewer.level({ width: viewer.window.width - 16 }),
  "\\": (viewer) => viewer.level({ centre: 128, width: 256 }),
  b: (viewer) => viewer.place("box"),
  o: (viewer) => viewer.place("outline"),
  c: (viewer) => viewer.place("calliper"),
  x: (viewer) => viewer.place("point"),
  m: (viewer) => viewer.selectNext(1),
  M: (viewer) => viewer.selectNext(-1),
  n: (viewer) => viewer.selectPart(1),
  N: (viewer) => viewer.selectPart(-1),
  i: (viewer) => viewer.addPoint(),
  Enter: (viewer) => viewer.accept(),
  Delete: (viewer) => viewer.remove(),
  Backspace: (viewer) => viewer.remove(),
  Escape: (viewer) => {
    viewer.undraw();
    viewer.take("select");
    viewer.select(null);
  },
};

/** Do what a key says; whether it was one of the viewer's. */
export function keyed(viewer, event) {
  if (event.ctrlKey || event.metaKey) return false;
  const onButton = event.target.closest("button, a, summary, input");
  if (onButton && [" ", "Enter"].includes(event.key)) return false;
  if (onButton?.matches("input") && (event.key in ARROWS || ["Home", "End"].includes(event.key))) return false;
  if (event.key in ARROWS) return arrow(viewer, event);
  const act = event.altKey ? undefined : KEYS[event.key];
  if (!act) return false;
  act(viewer);
  return true;
}

/** Arrows move the selected mark or, with Alt, its right and lower side; without a mark they step and zoomed they pan. */
function arrow(viewer, event) {
  const [right, down] = ARROWS[event.key].map((one) => one * (event.shiftKey ? FAST : 1));
  const mark = viewer.mark;
  if (mark) {
    if (event.altKey && mark.kind === "box") viewer.part = "right bottom";
    viewer.nudge(right, down);
  } else if (event.altKey || event.shiftKey || (down && viewer.image.frames < 2)) {
    viewer.pan(-right * 8, -down * 8);
  } else if (right) {
    viewer.step(right);
  } else {
    viewer.zoom(down < 0 ? 1.25 : 0.8);
  }
  return true;
}
