// "This wasn't me": opening the page does nothing, the button acts.
import { ask, byId, fragment, inWords, once, texts } from "./asset:common.js";

const form = byId("act");
const alert = form.querySelector(".bad");
form.hidden = false;
const token = fragment("token");
if (!token) alert.textContent = texts.no_link;

const stop = once(form.querySelector(".main"), async () => {
  alert.textContent = token ? "" : texts.no_link;
  if (!token) return;
  const answer = await ask("not-me", { token });
  if (!answer.ok) return (alert.textContent = inWords(answer));
  form.hidden = true;
  byId("done").hidden = false;
  byId("done").querySelector("h1").focus();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  stop();
});
