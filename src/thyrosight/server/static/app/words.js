// Words of the page's language, which the page brings along; English where it has none.

const known = JSON.parse(document.getElementById("words")?.textContent || "{}");

/** A message in the page's language with its `{names}` replaced. */
export function t(message, values = {}) {
  return filled(known[message] ?? message, values);
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

const rules = new Intl.PluralRules(document.documentElement.lang || "en");

/** A message with a count in it, `{number}` unless `values` name it, in the form that the language has for that number. */
export function tn(one, many, number, values = {}) {
  const forms = known[one] ?? [one, many];
  return filled(rules.select(number) === "one" ? forms[0] : forms.at(-1), { number, ...values });
}

/** What one of the two pictures of a case is called, where the study says what they are. */
export const partName = (part) => ({ "B-mode": t("B-mode"), elastogram: t("Elastogram") })[part] ?? "";

/** What is sent with a signed report. */
export const sentName = (kind) => ({
  signed: t("the signed report as a document"), report: t("structured reports of the model"), outline: t("outlines of the model"), "heat-map": t("heat maps of the model"),
})[kind] ?? kind;

/** What a model's risk is called: calibrated only where a calibration was fitted; old results do not say. */
export function riskName({ calibration }) {
  if (!calibration) return t("risk of malignancy");
  return calibration === "none" ? t("risk of malignancy, not calibrated") : t("calibrated risk of malignancy");
}

export const language = document.documentElement.lang || "en";

/** Dates are short enough for a column, and no order of day and month is left to guess. */
const DAY = language === "zh" ? "short" : "medium";

/** The viewer's own words, which it knows by names, as far as the page's language has them. */
export function viewerWords() {
  const names = ["failed", "selected", "moved", "removed", "no marks", "whole mark", "box", "outline", "calliper", "point"];
  return Object.fromEntries(names.filter((name) => name in known).map((name) => [name, known[name]]));
}

/** A date and time in the zone of the browser; the server keeps UTC. */
export function when(text) {
  if (!text) return "";
  return new Intl.DateTimeFormat(language, { dateStyle: DAY, timeStyle: "short" }).format(new Date(text));
}

/** A date of DICOM, YYYYMMDD, which has no zone; what is not a date is shown as it came. */
export function dicomDate(text) {
  const parts = /^(\d{4})(\d{2})(\d{2})$/.exec(text ?? "");
  if (!parts) return text ?? "";
  const date = new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])));
  if (date.getUTCDate() !== Number(parts[3])) return text; // no 29 February becomes 1 March
  return new Intl.DateTimeFormat(language, { dateStyle: DAY, timeZone: "UTC" }).format(date);
}

/** What the colours of a heat map mean: two pictures are compared by them only where the model states a scale. */
export function scaleOf(comparable) {
  return comparable
    ? t("On the model's scale, the same for all pictures.")
    : t("Colours are scaled to this picture; they cannot be compared with other pictures.");
}

/** A number of bytes for people. */
export function bytes(number) {
  const units = ["B", "kB", "MB", "GB"];
  let place = 0;
  let left = number;
  while (left >= 1000 && place < units.length - 1) {
    left /= 1000;
    place += 1;
  }
  return `${left.toFixed(place && left < 10 ? 1 : 0)} ${units[place]}`;
}
