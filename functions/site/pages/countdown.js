// The minute of a code, and the wait for the next one.
import { keep } from "./asset:common.js";
import { byId, lastWritten, say, write } from "./asset:texts.js";

const resend = byId("resend");
/** A longer wait is not counted down in seconds: no more codes come for this sign-up. */
const MAX_WAIT_SECONDS = 120;

// `performance.now` may pause while a phone sleeps, and `Date` may be set back: the one that saw
// more time pass is right. `expires_in` is by the server's clock.
const origin = { date: Date.now(), steady: performance.now() };
const clock = () => Math.max(Date.now() - origin.date, performance.now() - origin.steady);

/** Times by `clock()`. Unknown on a page that was opened from an email. */
let endsAt, lifetime = 1, mayResendAt = 0;
/** The last moment that a screen reader was told. */
let spokenAt;

const seconds = (until) => Math.ceil((until - clock()) / 1000);
export const isOver = () => endsAt !== undefined && clock() >= endsAt;
export const mayResend = () => clock() >= mayResendAt;
/** No more codes come for this sign-up. */
export const isLast = () => seconds(mayResendAt) > MAX_WAIT_SECONDS;

/** Starts the countdown. It ignores the time that the answer was on its way: unknown, but short. */
export function startMinute({ expires_in, resend_in }) {
  lifetime = Math.max(expires_in * 1000, 1);
  endsAt = clock() + lifetime;
  waitToResend(resend_in);
  hearNothing();
  keep({ lifetime, endsAt: Date.now() + lifetime });
}

/** Goes on with the countdown of a page that was loaded again, or forgets the one before. */
export function resumeMinute(state) {
  lifetime = state?.lifetime ?? 1;
  endsAt = state?.endsAt && clock() + Math.min(state.endsAt - Date.now(), lifetime);
  mayResendAt = state?.mayResendAt ? clock() + state.mayResendAt - Date.now() : 0;
  hearNothing();
}

/** The code is dead: the minute is over. The page has said so. */
export function endMinute(resend_in) {
  endsAt = clock();
  spokenAt = 0;
  keep({ endsAt: Date.now() });
  if (resend_in !== undefined) waitToResend(resend_in);
}

export function waitToResend(wait) {
  mayResendAt = clock() + wait * 1000;
  keep({ mayResendAt: Date.now() + wait * 1000 });
}

/** Shows both, and calls `onEnd` when the minute is over. Reads the clock, so that it is right after a sleep. */
export function showTimes(onEnd) {
  const isCounting = endsAt !== undefined && !isOver();
  for (const id of ["time", "bar"]) byId(id).hidden = !isCounting;
  if (isCounting) {
    const left = seconds(endsAt);
    byId("left").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    byId("bar").value = (endsAt - clock()) / lifetime;
    byId("entry").classList.toggle("soon", left <= 15);
    speak(left);
  } else if (isOver() && spokenAt !== 0) {
    spokenAt = 0;
    onEnd();
  }
  const wait = seconds(mayResendAt);
  resend.hidden = isLast();
  write(byId("last-code"), isLast() ? "last_code" : undefined);
  if (lastWritten(resend)[0] === "working") return;
  write(resend, wait > 0 ? "resend_in" : "resend_action", { wait });
  if (wait > 0) resend.setAttribute("aria-disabled", "true");
  else resend.removeAttribute("aria-disabled");
}

function hearNothing() {
  spokenAt = undefined;
  byId("spoken").textContent = "";
}

/** Tells screen readers of thirty seconds and of ten. */
function speak(left) {
  const passed = [10, 30].find((moment) => left <= moment);
  if (passed === undefined || passed === spokenAt) return;
  spokenAt = passed;
  byId("spoken").textContent = say("seconds_left", { seconds: left });
}
