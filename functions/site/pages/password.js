// A new password, for whoever holds the mailed link.
import { ask, byId, fragment, inWords, mark, markAll, once, texts } from "./asset:common.js";

const form = byId("act");
const alert = form.querySelector(".bad");
const password = byId("password");
form.hidden = false;
const token = fragment("token");
if (!token) alert.textContent = texts.no_link;

const save = once(form.querySelector(".main"), async () => {
  alert.textContent = token ? "" : texts.no_link;
  mark(password, password.value ? "" : texts.password_missing);
  if (!token) return;
  if (!password.value) return password.focus();
  const answer = await ask("password/reset", { token, password: password.value });
  if (!answer.ok) {
    if (!markAll(answer, { "/password": password })) alert.textContent = inWords(answer);
    return;
  }
  password.value = "";
  form.hidden = true;
  byId("done").hidden = false;
  byId("done").querySelector("h1").focus();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
