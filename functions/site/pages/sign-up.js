// Signing up and in, and which card the page shows.
import { enterCodeOf, enterCodeOfPending, openActivation } from "./asset:activate.js";
import { alertIn, areFilled, ask, fragment, inWords, markAll, once, onSubmit, pageAt } from "./asset:common.js";
import { goOn, signIn } from "./asset:session.js";
import { byId, language, show, write } from "./asset:texts.js";

const [register, login] = ["register", "login"].map(byId);
const [email, password, loginEmail, loginPassword] = ["email", "password", "login-email", "login-password"].map(byId);

/** The last request without an answer: its key makes a retry the same sign-up. */
let pending;

/** 128 random bits. `crypto.randomUUID` does not exist without https. */
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const signUp = once(register.querySelector(".main"), async () => {
  if (!areFilled([[email, "email_missing"], [password, "password_missing"]])) return;
  const given = { email: email.value.trim(), password: password.value, locale: language() };
  const same = JSON.stringify(given);
  if (pending?.same !== same) pending = { same, key: newKey() };
  const headers = { "idempotency-key": pending.key };
  let answer = await ask("register", given, { headers });
  for (let tries = 0; answer.code === "in-progress" && tries < 5; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    answer = await ask("register", given, { headers });
  }
  if (answer.ok) {
    pending = undefined;
    openCode({ email: given.email, password: given.password, registration: answer.body.registration }, enterCodeOf, answer.body);
  } else if (answer.code === "idempotency-key-reused") {
    pending = undefined;
    alertIn(register, ...inWords(answer));
  } else if (!markAll(answer, { "/email": email, "/password": password })) {
    alertIn(register, ...inWords(answer));
  }
});

/** Goes on to the code, under an address that a reload opens again. */
function openCode(who, enter, times) {
  const address = pageAt("activate", `registration=${who.registration}`);
  history.pushState({ registration: who.registration, email: who.email }, "", address);
  enter(who, times);
}

const enter = once(login.querySelector(".main"), async () => {
  if (!areFilled([[loginEmail, "email_missing"], [loginPassword, "password_missing"]])) return;
  const who = { email: loginEmail.value.trim(), password: loginPassword.value };
  const answer = await signIn(who);
  if (answer.ok && answer.body.activated_at) {
    loginPassword.value = "";
    return wantsAccount() ? location.assign(pageAt("me")) : goOn();
  }
  if (answer.ok) return openCode({ ...who, registration: answer.body.id }, enterCodeOfPending);
  if (answer.code === "invalid-credentials") {
    alertIn(login, "login_failed");
    return loginPassword.select();
  }
  if (answer.code === "forbidden" && location.origin === new URL(document.body.dataset.url).origin) {
    return alertIn(login, "account_blocked");
  }
  if (!markAll(answer, { "/username": loginEmail, "/password": loginPassword })) alertIn(login, ...inWords(answer));
});

onSubmit(register, signUp);
onSubmit(login, enter);

/** The account's page sent the person here, and says why. */
const wantsAccount = () => ["#me", "#over"].includes(location.hash);
const NEWS = { "#over": "session_over", "#out": "signed_out" };

function open() {
  const path = location.pathname.replace(/\/$/, "");
  if (path.endsWith("/activate")) return openActivation();
  if (!path.endsWith("/login")) return show(register);
  show(login);
  write(login.querySelector(".good"), NEWS[location.hash]);
}

// From card to card without loading, so that the address that was typed is there already.
for (const [link, from, to] of [["login", email, loginEmail], ["./", loginEmail, email]]) {
  for (const each of document.querySelectorAll(`form > a[href="${link}"]`)) {
    each.addEventListener("click", (event) => {
      event.preventDefault();
      to.value ||= from.value;
      history.pushState(null, "", pageAt(link));
      open();
      to.focus();
    });
  }
}

addEventListener("popstate", open);
addEventListener("hashchange", open);
open();
