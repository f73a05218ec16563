// Categories of all TI-RADS systems, side by side.

import { make } from "./dom.js";
import { t } from "./words.js";

/** Words of TI-RADS with "or" and "to" between them, in the page's language. */
const either = (text) =>
  text.split(" or ").map((part) => part.split(" to ").map((word) => t(word)).join(` ${t("to")} `)).join(` ${t("or")} `);

/** A risk, or a span of risks each with its category in brackets, in the page's language. */
const share = (text) =>
  text.split(" to ").map((part) => part.replace(/\(([^)]*)\)/, (_, category) => `(${t(category)})`)).join(` ${t("to")} `);

export function systemsTable(found) {
  const rows = found.map((own) =>
    make("tr", {},
      make("th", { scope: "row" }, own.title),
      make("td", {}, make("strong", {}, either(own.text)), own.risk_percent ? make("span", { class: "below" }, `${share(own.risk_percent)} %`) : null),
      make("td", {}, either(own.recommendation)),
    ));
  return make("div", { class: "scroll" }, make("table", { class: "dense" },
    make("thead", {}, make("tr", {}, ...[t("System"), t("Category"), t("Advice")].map((title) => make("th", { scope: "col" }, title)))),
    make("tbody", {}, rows)));
}
