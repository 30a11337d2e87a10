// Shared by all pages: cards, fields, calls to the API.
import { basic } from "./asset:basic.js";
import { byId, followLink, hasText, lastWritten, say, show, write } from "./asset:texts.js";

const PATIENCE_MS = 20000;
const SLOW_MS = 4000;

/** Shows a card that tells how something ended. */
export function arrive(card) {
  show(card);
  card.querySelector("h1").focus();
}

/** Shows an error of the whole form, or clears it. */
export const alertIn = (form, name, values) => write(form.querySelector(".bad"), name, values);

/** A parameter of a mailed link. Browsers never send a fragment to a server. */
export const fragment = (name) => new URLSearchParams(location.hash.slice(1)).get(name);

/** Another page of ours, in the chosen language. */
export function pageAt(path, fragment = "") {
  const address = new URL(path, location);
  address.search = location.search;
  address.hash = fragment;
  return address;
}

/** Keeps something in this entry of the tab's history: it outlives a reload. Never a password. */
export const keep = (more) => history.replaceState({ ...history.state, ...more }, "");

/** Leaves no fragment behind: no reload and no history entry opens a spent link again. */
export function forgetLink(state) {
  const address = new URL(location);
  address.hash = "";
  history.replaceState(state, "", address);
}

/**
 * Calls the API: `{ok, body}`, or `{code: "no-answer"}`. Without `cookie`, omits the browser's own
 * credentials, so that it never opens its own dialog.
 */
export async function ask(path, body, { method = "POST", credentials, cookie = false, headers = {} } = {}) {
  if (credentials) headers = { ...headers, authorization: basic(credentials) };
  const isForm = body instanceof URLSearchParams;
  if (body && !isForm) headers = { ...headers, "content-type": "application/json" };
  try {
    const response = await fetch(path, {
      method,
      credentials: cookie ? "same-origin" : "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers,
      body: isForm ? body : body && JSON.stringify(body),
    });
    const text = await response.text();
    const answer = text ? JSON.parse(text) : {};
    const wait = Number(response.headers.get("retry-after")) || 0;
    return { ok: response.ok, code: answer.code ?? "internal-error", wait, body: answer };
  } catch {
    return { ok: false, code: "no-answer", wait: 0, body: {} };
  }
}

/** The text for a problem, which says what to do next: its name and values. */
export function inWords({ code, wait, body }) {
  if (code === "no-answer") return ["no_answer"];
  const name = `error_${code.replaceAll("-", "_")}`;
  return [hasText(name) ? name : "error_internal_error", { wait: wait || 1, request: body.request_id ?? "–" }];
}

/** Shows an error beside its field, or clears it. */
export function mark(input, name, values) {
  write(byId(`${input.id}-error`), name, values);
  if (name) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

/** Marks the fields that are empty: `[[input, text], …]`. Returns whether all are filled. */
export function areFilled(fields) {
  for (const [input, missing] of fields) mark(input, input.value.trim() ? undefined : missing);
  const [empty] = fields.find(([input]) => !input.value.trim()) ?? [];
  empty?.focus();
  return !empty;
}

/** Shows the errors that the API found, each beside its field. Returns whether there was one. */
export function markAll(answer, inputs) {
  let first;
  for (const { pointer, code, detail } of answer.body.errors ?? []) {
    const input = inputs[pointer];
    if (!input) continue;
    const name = `field_${pointer === "/code" ? "code" : code.replaceAll("-", "_")}`;
    mark(input, hasText(name) ? name : detail);
    first ??= input;
  }
  first?.focus();
  return Boolean(first);
}

/** Runs one call at a time, however often it is clicked. The button shows that it is working. */
export function once(button, work) {
  let busy = false;
  return async (...given) => {
    if (busy) return;
    busy = true;
    const [label = button.dataset.text, values] = lastWritten(button);
    const status = button.form.querySelector(".good");
    const notices = [...button.form.querySelectorAll(".notice")].map((notice) => [notice, lastWritten(notice)]);
    button.setAttribute("aria-disabled", "true");
    for (const input of button.form.querySelectorAll(".secret input")) conceal(input);
    write(button, "working");
    const slow = setTimeout(() => write(status, "slow"), SLOW_MS);
    try {
      await work(...given);
    } catch {
      alertIn(button.form, "error_internal_error", { request: "–" });
    } finally {
      clearTimeout(slow);
      // Not earlier: the button would move, and a second click would hit what is below it.
      for (const [notice, old] of notices) if (lastWritten(notice) === old) write(notice);
      if (lastWritten(status)[0] === "slow") write(status);
      if (lastWritten(button)[0] === "working") write(button, label, values);
      button.removeAttribute("aria-disabled");
      busy = false;
    }
  };
}

/** Runs this when a form is submitted, by its button or by Enter. */
export function onSubmit(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}

const toggles = new Map();

/** Hides a password that was shown. */
const conceal = (input) => toggles.get(input)?.(false);

for (const button of document.querySelectorAll(".show")) {
  const input = byId(button.getAttribute("aria-controls"));
  const { autocomplete } = input;
  // The name says what a click does. With `aria-pressed` as well, it would be heard as the opposite.
  const name = () => {
    const isShown = input.type === "text";
    write(button, isShown ? "hide" : "show");
    button.setAttribute("aria-label", say(isShown ? "hide_password" : "show_password"));
  };
  toggles.set(input, (isShown) => {
    input.type = isShown ? "text" : "password";
    // Browsers write text fields into their session file, unless they may not complete them.
    input.autocomplete = isShown ? "off" : autocomplete;
    name();
  });
  button.addEventListener("click", () => toggles.get(input)(input.type === "password"));
  addEventListener("languagechanged", name);
  name();
}

for (const input of document.querySelectorAll("input")) {
  // A tab that is loaded again has the address that was typed, but no password and no code. Links carry it, too.
  const isKept = input.type === "email" && !input.readOnly;
  if (isKept) input.value ||= history.state?.typed?.[input.id] ?? fragment("email") ?? "";
  let resting;
  input.addEventListener("input", () => {
    if (byId(`${input.id}-error`)) mark(input);
    // Browsers refuse to be told at every key.
    clearTimeout(resting);
    if (isKept) resting = setTimeout(() => keep({ typed: { ...history.state?.typed, [input.id]: input.value } }), 400);
  });
}

// Links to our other pages keep the chosen language, and the address that was typed.
document.addEventListener("click", (event) => {
  const link = event.target.closest("main a");
  if (!link || event.defaultPrevented || link.hash || link.origin !== location.origin) return;
  const { value } = [...document.querySelectorAll("[autocomplete=username]")].find((input) => input.value) ?? {};
  link.href = pageAt(link, value && `email=${encodeURIComponent(value)}`);
});

// An unexpected error is told in words as well.
for (const name of ["error", "unhandledrejection"]) {
  addEventListener(name, () => write(byId("trouble"), "error_internal_error", { request: "–" }));
}

await followLink(fragment("lang"));

// From here on, the page does what it shows.
byId("late").remove();
for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false;
