// Sessions of this browser. Their cookie cannot be read by scripts.
import { ask, pageAt } from "./asset:common.js";

/** Reads the account that is signed in. */
export const readMe = () => ask("users/me", undefined, { method: "GET", cookie: true });

/** Signs in, and answers with the account or attempt. */
export async function signIn({ email, password, registration }) {
  const form = new URLSearchParams({ username: email, password });
  if (registration) form.set("registration", registration);
  const answer = await ask("login", form, { cookie: true });
  if (!answer.ok) return answer;
  const me = await readMe();
  // Browsers refuse the cookie where there is no https.
  return me.code === "invalid-credentials" ? { ...me, code: "no-cookie" } : me;
}

/** Goes on to the site, or to the account if the site has no page of its own. */
export function goOn(news) {
  location.assign(document.body.dataset.home || pageAt("me", news));
}
