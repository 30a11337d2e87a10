// Resets a password: emails a link, and takes the new password from the page it opens.
import { alertIn, arrive, ask, byId, fragment, inWords, language, mark, markAll, once, show } from "./asset:common.js";

const [forgot, sent, reset, done] = ["forgot", "sent", "reset", "done"].map(byId);
const [email, password] = ["email", "password"].map(byId);

/** The token is spent: removes it from the address, so that no reload or history entry opens it. */
function leaveLink() {
  password.value = "";
  const address = new URL(location);
  address.hash = "";
  history.replaceState(null, "", address);
}

const mailLink = once(forgot.querySelector(".main"), async () => {
  alertIn(forgot);
  const given = email.value.trim();
  mark(email, given ? undefined : "email_missing");
  if (!given) return email.focus();
  const answer = await ask("password/forgot", { email: given }, { headers: { "accept-language": language() } });
  if (answer.ok) {
    byId("sent-email").textContent = answer.body.email;
    arrive(sent);
  } else if (!markAll(answer, { "/email": email })) {
    alertIn(forgot, ...inWords(answer));
  }
});

const save = once(reset.querySelector(".main"), async () => {
  alertIn(reset);
  mark(password, password.value ? undefined : "password_missing");
  if (!password.value) return password.focus();
  const answer = await ask("password/reset", { token: fragment("token"), password: password.value });
  if (answer.ok) {
    leaveLink();
    arrive(done);
  } else if (answer.code === "token-invalid") {
    leaveLink();
    askAgain();
    alertIn(forgot, ...inWords(answer));
  } else if (!markAll(answer, { "/password": password })) {
    alertIn(reset, ...inWords(answer));
  }
});

function askAgain() {
  show(forgot);
  email.focus();
}

for (const [form, act] of [[forgot, mailLink], [reset, save]]) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}

byId("again").addEventListener("click", (event) => {
  event.preventDefault();
  askAgain();
});

/** The browser does not reload when a link changes only the fragment of the open page. */
const open = () => show(fragment("token") ? reset : forgot);
addEventListener("hashchange", open);
open();
