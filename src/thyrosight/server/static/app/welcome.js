import { call, prefix } from "./api.js";
import { note, one } from "./dom.js";
import { t } from "./words.js";

const form = one("#welcome");
const [kind, secret] = location.hash.slice(1).split(":").length > 1 ? location.hash.slice(1).split(":") : ["", location.hash.slice(1)];
const first = kind === "first";

// The secret leaves the address, so that it is neither seen nor kept in the history.
history.replaceState(null, "", location.pathname);
if (!secret) note(one("#problem"), t("The address holds no link; open it exactly as you got it."), "bad");
one("#first").hidden = !first;
for (const field of ["name", "display"]) form.elements[field].required = first;
form.removeAttribute("aria-busy");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { password, again, name, display } = form.elements;
  if (password.value !== again.value) {
    note(one("#problem"), t("The two passwords differ."), "bad");
    return again.select();
  }
  const button = one("button", form);
  button.disabled = true;
  try {
    const used = await call("POST", "/links", { secret, password: password.value, name: name.value.trim(), display: display.value.trim() }, { again: false });
    await call("POST", "/session", { name: used.name, password: password.value }, { again: false });
    location.assign(`${prefix}/`);
  } catch (problem) {
    note(one("#problem"), problem.message, "bad");
    button.disabled = false;
  }
});
