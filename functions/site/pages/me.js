// The account of the person who is signed in.
import { alertIn, areFilled, arrive, ask, forgetLink, inWords, markAll, once, onSubmit, pageAt } from "./asset:common.js";
import { shown } from "./asset:idn.js";
import { readMe, signIn } from "./asset:session.js";
import { byId, show, write } from "./asset:texts.js";

const [loading, account, remove, deleted] = ["loading", "account", "delete", "deleted"].map(byId);
const [languages, change, leave] = ["language", "change", "leave"].map(byId);
const [locale, current, password] = ["locale", "current", "password"].map(byId);
const own = { cookie: true };

/** Shows why a call was refused. A session that has ended leads to the sign-in, which says why. */
function refused(form, answer) {
  if (answer.code === "invalid-credentials") return goTo("login", "over");
  alertIn(form, ...inWords(answer));
}

const goTo = (path, fragment) => location.replace(pageAt(path, fragment));

async function open() {
  const answer = await readMe();
  if (answer.code === "invalid-credentials") return goTo("login", "me");
  if (!answer.ok) {
    byId("reload").hidden = false;
    return alertIn(loading, ...inWords(answer));
  }
  const { id, email, activated_at } = answer.body;
  if (!activated_at) return goTo("activate", `registration=${id}&email=${encodeURIComponent(email)}`);
  for (const element of document.querySelectorAll(".address")) element.textContent = shown(email);
  byId("username").value = email;
  locale.value = answer.body.locale;
  if (location.hash === "#active") {
    write(byId("news"), "welcome");
    forgetLink(history.state);
  }
  look();
}

/** The address says which card is shown, so that Back works. Password managers come for `#new-password`. */
function look() {
  if (!deleted.hidden) return;
  arrive(location.hash === "#delete" ? remove : account);
  if (location.hash === "#new-password") byId("new-password").open = true;
}

onSubmit(languages, once(languages.querySelector("button"), async () => {
  const answer = await ask("users/me", { locale: locale.value }, { ...own, method: "PATCH" });
  if (!answer.ok) return refused(languages, answer);
  write(languages.querySelector(".good"), "locale_saved");
}));

onSubmit(change, once(change.querySelector(".second"), async () => {
  if (!areFilled([[current, "current_missing"], [password, "new_missing"]])) return;
  const passwords = { current_password: current.value, password: password.value };
  const answer = await ask("users/me", passwords, { ...own, method: "PATCH" });
  if (markAll(answer, { "/current_password": current, "/password": password })) return;
  if (!answer.ok) return refused(change, answer);
  current.value = "";
  password.value = "";
  // A new password ends every session. This one begins again.
  const signedIn = await signIn({ email: answer.body.email, password: passwords.password });
  if (!signedIn.ok) return goTo("login", "over");
  write(change.querySelector(".good"), "password_saved");
}));

onSubmit(leave, once(leave.querySelector(".second"), async () => {
  const answer = await ask("logout", undefined, own);
  if (answer.ok) goTo("login", "out");
  else refused(leave, answer);
}));

onSubmit(remove, once(remove.querySelector(".main"), async () => {
  const answer = await ask("users/me", undefined, { ...own, method: "DELETE" });
  if (!answer.ok) return refused(remove, answer);
  forgetLink();
  arrive(deleted);
}));

byId("keep").addEventListener("click", (event) => {
  event.preventDefault();
  forgetLink(history.state);
  look();
});
addEventListener("hashchange", look);
// The site's name leads here where it would lead to the sign-up.
if (!document.body.dataset.home) byId("site").href = "me";

open();
