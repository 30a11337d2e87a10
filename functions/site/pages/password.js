// Resets a password: emails a link, and takes the new password from the page it opens.
import { alertIn, areFilled, arrive, ask, forgetLink, fragment, inWords, markAll, once, onSubmit } from "./asset:common.js";
import { shown } from "./asset:idn.js";
import { byId, language, show } from "./asset:texts.js";

const [forgot, sent, reset, done] = ["forgot", "sent", "reset", "done"].map(byId);
const [email, username, password] = ["email", "username", "password"].map(byId);

const mailLink = once(forgot.querySelector(".main"), async () => {
  if (!areFilled([[email, "email_missing"]])) return;
  const given = email.value.trim();
  const answer = await ask("password/forgot", { email: given }, { headers: { "accept-language": language() } });
  if (answer.ok) {
    byId("sent-email").textContent = shown(given);
    arrive(sent);
  } else if (!markAll(answer, { "/email": email })) {
    alertIn(forgot, ...inWords(answer));
  }
});

const save = once(reset.querySelector(".main"), async () => {
  if (!areFilled([[password, "new_missing"]])) return;
  const answer = await ask("password/reset", { token: fragment("token"), password: password.value });
  if (answer.ok) {
    password.value = "";
    forgetLink({ done: true });
    arrive(done);
  } else if (answer.code === "token-invalid") {
    password.value = "";
    forgetLink();
    askAgain();
    alertIn(forgot, ...inWords(answer));
  } else if (!markAll(answer, { "/password": password })) {
    alertIn(reset, ...inWords(answer));
  }
});

onSubmit(forgot, mailLink);
onSubmit(reset, save);

function askAgain() {
  show(forgot);
  email.focus();
}

byId("again").addEventListener("click", (event) => {
  event.preventDefault();
  askAgain();
});

/** The browser does not reload when a link changes only the fragment of the open page. */
function open() {
  if (history.state?.done) return arrive(done);
  // Password managers save a new password under the address beside it.
  username.value = fragment("email") ?? "";
  byId("whose").hidden = !username.value;
  show(fragment("token") ? reset : forgot);
}
addEventListener("hashchange", open);
open();
