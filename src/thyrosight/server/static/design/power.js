// What the planned number of readers and cases can show, as soon as the protocol names a difference.

import { call } from "../app/api.js";
import { calmly, make, note, one } from "../app/dom.js";
import { t } from "../app/words.js";

const place = one("#power-found");

/** Ask anew once protocol, cases or readers have changed. */
export const showPower = calmly(async (page) => {
  const study = page.study();
  place.hidden = !study.protocol.power;
  if (place.hidden) return;
  const number = one("#protocol-form").elements.power_number.value;
  try {
    const found = await call("GET", `${page.base}/power${number ? `?readers=${number}` : ""}`);
    note(one(".note", place), found.reason || found.summary, found.reason ? "warn" : "");
    one("table", place).hidden = !found.rows.length;
    one("tbody", place).replaceChildren(...found.rows.map((row) => make("tr", { class: row.readers === found.readers ? "" : "soft" },
      make("td", { class: "number" }, String(row.readers)),
      make("td", { class: "number" }, `${(100 * row.power).toFixed(1)} %`),
      make("td", { class: "number" }, row.cases === null ? "–" : String(row.cases)))));
    one("#power-notes").textContent = found.notes.join(" ");
  } catch (problem) {
    note(one(".note", place), problem.message, "bad");
  }
}, 300);
