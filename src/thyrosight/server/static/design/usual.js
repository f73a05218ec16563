// With what a protocol and its parts begin; everything can be changed until the study opens.

/** Arms as a design needs them; what was named before is kept as far as it goes. */
export function usualArms(design, before = []) {
  const unaided = before.find((arm) => !arm.model) ?? { name: "unaided" };
  const aided = before.filter((arm) => arm.model);
  if (design === "single") return [before[0] ?? unaided];
  return [unaided, ...(aided.length ? aided : [{ name: "aided", model: "risk" }])];
}

/** A protocol with a score and a biopsy question. */
export function usualProtocol({ title, aim, design }) {
  return {
    title, aim, design, seed: crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000, arms: usualArms(design),
    washout_days: design === "independent" ? 28 : 0, practice: 0,
    questions: [{ key: "score", kind: "score" }, { key: "biopsy", kind: "yes-no" }, { key: "comment", kind: "text", required: false }],
    main_question: "score", action: "biopsy",
  };
}

const FIRST = {
  descriptors: { system: "acr-2017" },
  choice: { choices: ["low", "middle", "high"] },
};
const NAMES = { score: "score", descriptors: "features", "yes-no": "biopsy", marks: "marks", choice: "confidence", number: "number", text: "comment" };

/** A question of a kind, with a key that no other one has. */
export function usualQuestion(kind, keys) {
  let key = NAMES[kind];
  for (let number = 2; keys.includes(key); number++) key = `${NAMES[kind]}_${number}`;
  return { key, kind, ...(FIRST[kind] ?? {}), ...(kind === "text" ? { required: false } : {}) };
}
