// Shared by all pages: texts, API calls, fields.
import { basic } from "./asset:basic.js";

/** Every text by its name: those that scripts show, and those in the page. */
const texts = {};
/** What scripts have written, by element: a text's name and its values. */
const written = new Map();
export const language = () => document.documentElement.lang;
export const codeLength = Number(document.body.dataset.codeLength);

const PATIENCE_MS = 20000;
const SLOW_MS = 4000;

export const byId = (id) => document.getElementById(id);

/** Learns the texts of a page: the build names each element after its text. */
function learn(page) {
  Object.assign(texts, JSON.parse(page.getElementById("texts").textContent));
  for (const { dataset, textContent } of page.querySelectorAll("[data-text]")) texts[dataset.text] = textContent;
}
learn(document);

/** A text with its values. What is not a name is a text itself. */
export function say(name, values = {}) {
  const text = texts[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (all, key) => (key === "when" ? inTime(values.wait) : values[key] ?? all));
}

function inTime(seconds) {
  const time = new Intl.RelativeTimeFormat(language());
  if (seconds < 120) return time.format(seconds, "second");
  if (seconds < 7200) return time.format(Math.ceil(seconds / 60), "minute");
  return time.format(Math.ceil(seconds / 3600), "hour");
}

/** Writes a text into an element, where it follows the page's language. Without a name, clears it. */
export function write(element, name, values) {
  if (name) written.set(element, [name, values]);
  else written.delete(element);
  element.textContent = name ? say(name, values) : "";
}

export const isSaying = (element, name) => written.get(element)?.[0] === name;

/** Shows one of the cards of the page. */
export function show(card) {
  for (const each of document.querySelectorAll("main > .card")) each.hidden = each !== card;
  document.title = card.querySelector("h1").textContent;
}

/** Shows a card that tells how something ended. */
export function arrive(card) {
  show(card);
  card.querySelector("h1").focus();
}

/** Shows an error of the whole form, or clears it. */
export const alertIn = (form, name, values) => write(form.querySelector(".bad"), name, values);

/** A parameter of a mailed link. Browsers never send a fragment to a server. */
export const fragment = (name) => new URLSearchParams(location.hash.slice(1)).get(name);

/**
 * Calls the API: `{ok, body}`, or `{code: "no-answer"}`. Omits the browser's own credentials, so
 * that it never opens its own dialog.
 */
export async function ask(path, body, { credentials, headers = {} } = {}) {
  if (credentials) headers = { ...headers, authorization: basic(credentials) };
  try {
    const response = await fetch(path, {
      method: "POST",
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
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
  return [name in texts ? name : "error_internal_error", { wait: wait || 1, request: body.request_id ?? "–" }];
}

/** Shows an error beside its field, or clears it. */
export function mark(input, name, values) {
  write(byId(`${input.id}-error`), name, values);
  if (name) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

/** Shows the errors that the API found, each beside its field. Returns whether there was one. */
export function markAll(answer, inputs) {
  let first;
  for (const { pointer, code, detail } of answer.body.errors ?? []) {
    const input = inputs[pointer];
    if (!input) continue;
    const name = `field_${pointer === "/code" ? "code" : code.replaceAll("-", "_")}`;
    mark(input, name in texts ? name : detail);
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
    const [label, values] = written.get(button) ?? [button.dataset.text];
    const status = button.form.querySelector(".good");
    button.setAttribute("aria-disabled", "true");
    write(button, "working");
    const slow = setTimeout(() => write(status, "slow"), SLOW_MS);
    try {
      await work(...given);
    } finally {
      clearTimeout(slow);
      if (isSaying(status, "slow")) write(status);
      if (isSaying(button, "working")) write(button, label, values);
      button.removeAttribute("aria-disabled");
      busy = false;
    }
  };
}

for (const button of document.querySelectorAll(".show")) {
  const input = byId(button.getAttribute("aria-controls"));
  // The name says what a click does. With `aria-pressed` as well, it would be heard as the opposite.
  const name = () => {
    const isShown = input.type === "text";
    write(button, isShown ? "hide" : "show");
    button.setAttribute("aria-label", say(isShown ? "hide_password" : "show_password"));
  };
  button.addEventListener("click", () => {
    input.type = input.type === "text" ? "password" : "text";
    name();
  });
  addEventListener("languagechanged", name);
  name();
}

for (const input of document.querySelectorAll("input")) {
  input.addEventListener("input", () => byId(`${input.id}-error`) && mark(input));
}

// Links to our other pages keep the chosen language.
for (const link of document.querySelectorAll("a.quiet")) {
  link.addEventListener("click", () => (link.search = location.search));
}

// Changes the language in place: what was typed stays, and so does the fragment of the link.
byId("languages").addEventListener("click", async (event) => {
  if (!event.target.matches("a")) return;
  event.preventDefault();
  const address = new URL(event.target.href);
  address.hash = location.hash;
  const answer = await fetch(address, { credentials: "omit" }).catch(() => undefined);
  if (!answer?.ok) return location.assign(address);
  const other = new DOMParser().parseFromString(await answer.text(), "text/html");
  learn(other);
  document.documentElement.lang = other.documentElement.lang;
  // By name, not by position: browser add-ons put elements of their own into the page.
  for (const element of document.querySelectorAll("[data-text]")) {
    if (!written.has(element)) element.textContent = texts[element.dataset.text];
  }
  for (const [element, [name, values]] of written) element.textContent = say(name, values);
  byId("languages").replaceChildren(...other.getElementById("languages").children);
  byId("languages").firstElementChild.focus();
  show(document.querySelector("main > .card:not([hidden])"));
  history.replaceState(history.state, "", address);
  dispatchEvent(new Event("languagechanged"));
});
