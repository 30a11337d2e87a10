// Sign-up and activation. This module's memory is the only place that keeps the password.
import { alertIn, arrive, ask, byId, codeLength, fragment, inWords, isSaying, language, mark, markAll, once, say, show, write } from "./asset:common.js";

const register = byId("register");
const activate = byId("activate");
const done = byId("done");
const [email, password, code] = ["email", "password", "code"].map(byId);
const [ownEmail, ownPassword] = ["own-email", "own-password"].map(byId);
const resend = byId("resend");
const submit = activate.querySelector(".main");

/** Who signed up on this page: `{email, password, registration}`. */
let person;
/** The last request without an answer: its key makes a retry the same sign-up. */
let pending;
/** Times by `clock()`. Unknown on a page that was opened from an email. */
let endsAt, mayResendAt = 0, lifetime = 1;
let lastTried;
/** The last moment that a screen reader was told. */
let spokenAt;

// `performance.now` may pause while a phone sleeps, and `Date` may be set back: the one that saw
// more time pass is right. `expires_in` is by the server's clock.
const origin = { date: Date.now(), steady: performance.now() };
const clock = () => Math.max(Date.now() - origin.date, performance.now() - origin.steady);

const tell = (name) => write(activate.querySelector(".good"), name);

register.addEventListener("submit", (event) => {
  event.preventDefault();
  signUp();
});

const signUp = once(register.querySelector(".main"), async () => {
  alertIn(register);
  const given = { email: email.value.trim(), password: password.value, locale: language() };
  mark(password, given.password ? undefined : "password_missing");
  mark(email, given.email ? undefined : "email_missing");
  if (!given.email || !given.password) return (given.email ? password : email).focus();

  const same = JSON.stringify(given);
  if (pending?.same !== same) pending = { same, key: crypto.randomUUID() };
  const headers = { "idempotency-key": pending.key };
  let answer = await ask("register", given, { headers });
  for (let tries = 0; answer.code === "in-progress" && tries < 5; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    answer = await ask("register", given, { headers });
  }
  if (answer.ok) {
    pending = undefined;
    person = { email: answer.body.email, password: given.password, registration: answer.body.registration };
    startMinute(answer.body);
    const address = new URL("activate", location);
    address.search = location.search;
    address.hash = `registration=${person.registration}`;
    history.pushState(null, "", address);
    enterCode();
  } else if (answer.code === "idempotency-key-reused") {
    pending = undefined;
    alertIn(register, ...inWords(answer));
  } else if (!markAll(answer, { "/email": email, "/password": password })) {
    alertIn(register, ...inWords(answer));
  }
});

/** Starts the countdown. It ignores the time that the answer was on its way: unknown, but short. */
function startMinute({ expires_in, resend_in }) {
  const now = clock();
  lifetime = Math.max(expires_in * 1000, 1);
  endsAt = now + lifetime;
  mayResendAt = now + resend_in * 1000;
  spokenAt = undefined;
  activate.classList.remove("over");
  tick();
}

function enterCode() {
  const isKnown = Boolean(person);
  byId("credentials").hidden = isKnown;
  byId("from-mail").hidden = isKnown;
  byId("sent-to").hidden = !isKnown;
  byId("no-email").hidden = !isKnown;
  if (isKnown) write(byId("sent-to"), "sent_to", { address: person.email });
  show(activate);
  (isKnown ? code : ownEmail).focus();
  tick();
}

/** The credentials to send, or undefined after marking a missing field. */
function credentials() {
  if (person) return person;
  const given = {
    email: ownEmail.value.trim(),
    password: ownPassword.value,
    registration: fragment("registration") ?? undefined,
  };
  mark(ownPassword, given.password ? undefined : "password_missing");
  mark(ownEmail, given.email ? undefined : "email_missing");
  if (given.email && given.password) return given;
  (given.email ? ownPassword : ownEmail).focus();
  return undefined;
}

activate.addEventListener("submit", (event) => {
  event.preventDefault();
  lastTried = undefined;
  tryCode();
});

const typedCode = () => code.value.normalize("NFKC").replace(/[\s\-‐-―]/g, "");

// The last digit submits, unless this code was tried already.
code.addEventListener("input", () => {
  const typed = typedCode();
  if ([...typed].length !== codeLength || typed === lastTried) return;
  const isReady = person || (ownEmail.value && ownPassword.value);
  if (isReady) tryCode();
});

const tryCode = once(submit, async () => {
  alertIn(activate);
  tell();
  const typed = typedCode();
  const who = credentials();
  if (!who) return;
  if (!typed) {
    mark(code, "field_code");
    return code.focus();
  }
  lastTried = typed;
  const { registration } = who;
  const answer = await ask("activate", { code: typed, registration }, { credentials: who });
  if (answer.ok || answer.code === "already-active") return finish(answer.body.email ?? who.email);
  if (answer.code === "code-incorrect") {
    const left = answer.body.attempts_left;
    mark(code, ["attempts_none", "attempts_one"][left] ?? "attempts_many", { count: left });
    code.select();
    if (left === 0) offerNewCode();
  } else if (["code-expired", "code-exhausted"].includes(answer.code)) {
    endsAt = clock();
    mayResendAt = clock() + answer.body.resend_in * 1000;
    // The alert below says more than the end of the countdown would.
    spokenAt = 0;
    alertIn(activate, ...inWords(answer));
    code.value = "";
    tick();
    resend.focus();
  } else {
    refused(answer);
  }
});

/** Shows a problem that both requests here may get. */
function refused(answer) {
  lastTried = undefined;
  if (answer.code === "invalid-credentials") {
    if (person) {
      ownEmail.value = person.email;
      person = undefined;
      enterCode();
    }
    mark(ownPassword, ...inWords(answer));
    return ownPassword.select();
  }
  if (!markAll(answer, { "/code": code })) alertIn(activate, ...inWords(answer));
}

resend.addEventListener("click", () => mayResend() && sendAgain());

const sendAgain = once(resend, async () => {
  alertIn(activate);
  mark(code);
  const who = credentials();
  if (!who) return;
  const { registration } = who;
  const answer = await ask("resend", { registration }, { credentials: who });
  if (answer.ok) {
    code.value = "";
    lastTried = undefined;
    startMinute(answer.body);
    tell("resent");
    code.focus();
  } else if (answer.code === "already-active") {
    finish(who.email);
  } else {
    if (answer.wait) mayResendAt = clock() + answer.wait * 1000;
    refused(answer);
  }
});

const mayResend = () => clock() >= mayResendAt;
const offerNewCode = () => activate.classList.add("over");

function finish(address) {
  person = undefined;
  endsAt = undefined;
  for (const input of [password, ownPassword, code]) input.value = "";
  byId("done-email").textContent = address;
  const clean = new URL(location);
  clean.hash = "";
  history.replaceState({ done: true }, "", clean);
  arrive(done);
}

/** Reads the clock instead of counting, so that it is right after a sleep. */
function tick() {
  const left = Math.max(0, Math.ceil(((endsAt ?? 0) - clock()) / 1000));
  const isCounting = endsAt !== undefined;
  byId("countdown").hidden = !isCounting;
  if (isCounting) {
    byId("left").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    byId("bar").value = Math.max(0, endsAt - clock()) / lifetime;
    activate.classList.toggle("soon", left <= 15);
    if (left === 0) offerNewCode();
    speak(left);
  }
  const wait = Math.ceil((mayResendAt - clock()) / 1000);
  if (!isSaying(resend, "working")) {
    write(resend, wait > 0 ? "resend_in" : "resend_action", { wait });
    if (wait > 0) resend.setAttribute("aria-disabled", "true");
    else resend.removeAttribute("aria-disabled");
  }
}

/** Tells screen readers of thirty seconds, ten seconds and the end. */
function speak(left) {
  const passed = [0, 10, 30].find((seconds) => left <= seconds);
  if (passed === undefined || passed === spokenAt) return;
  spokenAt = passed;
  byId("spoken").textContent = left ? say("seconds_left", { seconds: left }) : "";
  if (!left && !activate.hidden) alertIn(activate, "error_code_expired");
}

function open() {
  const isActivation = /\/activate\/?$/.test(location.pathname);
  if (history.state?.done && !done.hidden) return;
  if (!isActivation) {
    show(register);
  } else {
    if (person && person.registration !== fragment("registration")) person = undefined;
    enterCode();
  }
}

byId("again").addEventListener("click", (event) => {
  event.preventDefault();
  const address = new URL("./", location);
  address.search = location.search;
  history.pushState(null, "", address);
  show(register);
  email.focus();
});

addEventListener("popstate", open);
for (const name of ["pageshow", "focus"]) addEventListener(name, tick);
document.addEventListener("visibilitychange", tick);
setInterval(tick, 250);
open();
