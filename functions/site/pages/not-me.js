// "This wasn't me": opening the page changes nothing, only the button does.
import { alertIn, arrive, ask, byId, fragment, inWords, once, show } from "./asset:common.js";

const form = byId("act");
const token = fragment("token");
show(form);
if (!token) alertIn(form, "no_link");

const stop = once(form.querySelector(".main"), async () => {
  alertIn(form, token ? undefined : "no_link");
  if (!token) return;
  const answer = await ask("not-me", { token });
  if (!answer.ok) return alertIn(form, ...inWords(answer));
  arrive(byId("done"));
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  stop();
});
