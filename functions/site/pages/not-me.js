// "This wasn't me": opening the page changes nothing, only the button does.
import { alertIn, arrive, ask, forgetLink, fragment, inWords, once, onSubmit } from "./asset:common.js";
import { byId, show } from "./asset:texts.js";

const form = byId("act");
const done = byId("done");

const stop = once(form.querySelector(".main"), async () => {
  const token = fragment("token");
  if (!token) return alertIn(form, "no_link");
  const answer = await ask("not-me", { token });
  if (!answer.ok) return alertIn(form, ...inWords(answer));
  forgetLink({ done: true });
  arrive(done);
});
onSubmit(form, stop);

/** The browser does not reload when a link changes only the fragment of the open page. */
function open() {
  if (history.state?.done) return arrive(done);
  show(form);
  alertIn(form, fragment("token") ? undefined : "no_link");
}
addEventListener("hashchange", open);
addEventListener("popstate", open);
open();
