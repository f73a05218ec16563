import { call, prefix } from "./api.js";
import { note, one } from "./dom.js";

const form = one("#sign-in");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = one("button", form);
  button.disabled = true;
  try {
    await call("POST", "/session", { name: form.elements.name.value.trim(), password: form.elements.password.value }, { again: false });
    const wanted = location.hash.slice(1);
    // Only addresses of the workstation itself: a link from elsewhere must not lead the user away.
    location.assign(prefix + (/^\/[a-z][a-z0-9/-]*$/i.test(wanted) ? wanted : "/"));
  } catch (problem) {
    note(one("#problem"), problem.message, "bad");
    form.elements.password.select();
    button.disabled = false;
  }
});
