// The card that takes the code. Its memory is the only place that keeps the password.
import { alertIn, areFilled, arrive, ask, forgetLink, fragment, inWords, mark, markAll, once, onSubmit } from "./asset:common.js";
import { endMinute, isLast, isOver, mayResend, resumeMinute, showTimes, startMinute, waitToResend } from "./asset:countdown.js";
import { shown } from "./asset:idn.js";
import { goOn, signIn } from "./asset:session.js";
import { byId, show, write } from "./asset:texts.js";

const [form, done, code, resend, again] = ["activate", "done", "code", "resend", "again"].map(byId);
const [ownEmail, ownPassword] = ["own-email", "own-password"].map(byId);
const [entry, submit, lead] = [byId("entry"), form.querySelector(".main"), byId("sent-to")];
const codeLength = Number(document.body.dataset.length);

/** Who signed up or in on this page: `{email, password, registration}`. */
let person;
let lastTried;

const tell = (name) => write(form.querySelector(".good"), name);

/** Takes the code of someone who has just signed up. */
export function enterCodeOf(who, times) {
  person = who;
  startMinute(times);
  write(lead, "sent_to", { address: shown(who.email) });
  open();
}

/** Takes the code of someone who signed in before the account was active. */
export function enterCodeOfPending(who) {
  person = who;
  resumeMinute();
  write(lead, "not_active_yet");
  open();
}

/** Shows the card as the address of the page and its entry in the history say. */
export function openActivation() {
  if (history.state?.done) return arriveAtEnd(history.state.email);
  const registration = fragment("registration");
  if (person?.registration !== registration) {
    person = undefined;
    const isResumed = history.state?.registration && history.state.registration === registration;
    resumeMinute(isResumed ? history.state : undefined);
    ownEmail.value ||= (isResumed && history.state.email) || "";
    write(lead, isResumed ? "password_again" : undefined);
  }
  open();
}

function open() {
  const isKnown = Boolean(person);
  byId("credentials").hidden = isKnown;
  byId("no-email").hidden = !isKnown;
  alertIn(form);
  tell();
  show(form);
  tick();
  if (isKnown) return (isOver() ? resend : code).focus();
  (ownEmail.value ? ownPassword : ownEmail).focus();
}

/** The credentials to send, or undefined after marking a missing field. */
function credentials() {
  if (person) return person;
  if (!areFilled([[ownEmail, "email_missing"], [ownPassword, "password_missing"]])) return undefined;
  return { email: ownEmail.value.trim(), password: ownPassword.value, registration: fragment("registration") ?? undefined };
}

/** The code in what was typed or pasted: a whole subject line, or digits with spaces and hyphens. */
function typedCode() {
  const typed = code.value.normalize("NFKC");
  const runs = (typed.match(/\p{Nd}+/gu) ?? []).filter((run) => [...run].length === codeLength);
  return runs.length === 1 ? runs[0] : typed.replace(/[\s\-‐-―]/g, "");
}

// The last digit submits, unless this code was tried already.
code.addEventListener("input", () => {
  const typed = typedCode();
  if (!/^\p{Nd}+$/u.test(typed) || [...typed].length !== codeLength || typed === lastTried) return;
  if (person || (ownEmail.value && ownPassword.value)) tryCode();
});

const tryCode = once(submit, async () => {
  const who = credentials();
  if (!who || !areFilled([[code, "field_code"]])) return;
  const typed = typedCode();
  lastTried = typed;
  const answer = await ask("activate", { code: typed, registration: who.registration }, { credentials: who });
  if (answer.ok) return finish(who);
  if (answer.code === "already-active") return finish({ ...who, registration: undefined });
  if (answer.code === "code-incorrect") {
    const left = answer.body.attempts_left;
    if (!left) return end(["attempts_none"]);
    mark(code, left === 1 ? "attempts_one" : "attempts_many", { count: left });
    code.select();
  } else if (["code-expired", "code-exhausted"].includes(answer.code)) {
    end(inWords(answer), answer.body.resend_in);
  } else {
    refused(answer);
  }
});

// When the code is dead, Enter asks for a new one: there is nothing else to do.
onSubmit(form, () => {
  if (isOver()) return mayResend() && sendAgain();
  // The last digit has submitted this code already: a click after it must not cost another try.
  if (code.hasAttribute("aria-invalid") && typedCode() === lastTried) return code.focus();
  tryCode();
});

/** No code is alive any more: says why, and offers a new one if there can be one. */
function end(why, resend_in) {
  endMinute(resend_in);
  code.value = "";
  mark(code);
  tick();
  tellEnd(why);
  (resend.hidden ? again : resend).focus();
}

const tellEnd = (why) => alertIn(form, ...(isLast() ? ["code_dead"] : why));

/** Shows a problem that both requests here may get. */
function refused(answer) {
  lastTried = undefined;
  if (answer.code !== "invalid-credentials") {
    if (!markAll(answer, { "/code": code, "/email": ownEmail })) alertIn(form, ...inWords(answer));
    return;
  }
  if (person) {
    ownEmail.value = person.email;
    person = undefined;
    open();
  }
  mark(ownPassword, ...inWords(answer));
  ownPassword.select();
}

resend.addEventListener("click", () => mayResend() && sendAgain());

const sendAgain = once(resend, async () => {
  const who = credentials();
  if (!who) return;
  const answer = await ask("resend", { registration: who.registration }, { credentials: who });
  if (answer.ok) {
    code.value = "";
    lastTried = undefined;
    mark(code);
    startMinute(answer.body);
    tick();
    tell("resent");
    code.focus();
  } else if (answer.code === "already-active") {
    await finish({ ...who, registration: undefined });
  } else {
    if (answer.wait) waitToResend(answer.wait);
    refused(answer);
  }
});

/** The account is active: signs in with what the page has in memory, and goes on. */
async function finish(who) {
  person = undefined;
  for (const input of document.querySelectorAll(".secret input")) input.value = "";
  code.value = "";
  forgetLink({ done: true, email: who.email });
  resumeMinute();
  arriveAtEnd(who.email);
  const [text, link] = [done.querySelector(".lead"), done.querySelector("a")];
  write(text, "signing_in");
  link.hidden = true;
  const answer = await signIn(who);
  if (answer.ok) return goOn("active");
  write(text);
  link.hidden = false;
}

function arriveAtEnd(address) {
  byId("done-email").textContent = shown(address);
  arrive(done);
}

function tick() {
  const wasInside = entry.contains(document.activeElement);
  showTimes(() => tellEnd(["error_code_expired"]));
  for (const element of [entry, submit, byId("code-hint")]) element.hidden = isOver();
  form.classList.toggle("over", isOver());
  write(again, isLast() ? "sign_up_again" : undefined);
  again.className = isLast() && isOver() ? "main" : "quiet";
  if (wasInside && entry.hidden) (resend.hidden ? again : resend).focus();
}

for (const name of ["pageshow", "focus"]) addEventListener(name, tick);
document.addEventListener("visibilitychange", tick);
setInterval(tick, 250);
tick();
