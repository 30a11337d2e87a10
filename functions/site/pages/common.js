// What every page needs: words, answers of the API, fields.

export const texts = JSON.parse(document.getElementById("texts").textContent);
export const language = () => document.documentElement.lang;
export const codeLength = Number(document.body.dataset.codeLength);
const minimum = document.body.dataset.passwordMinLength;

const PATIENCE_MS = 20000;
const SLOW_MS = 4000;

export const byId = (id) => document.getElementById(id);

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

/** Shows what went wrong with the whole of a form, or takes it away. */
export const alertIn = (form, text = "") => (form.querySelector(".bad").textContent = text);

/** Fills in `{name}`. */
export function say(text, values = {}) {
  const known = { length: codeLength, min: minimum, ...values };
  return text.replace(/\{(\w+)\}/g, (all, name) => known[name] ?? all);
}

/** What a link from a mail carries. A fragment is never sent to any server. */
export const fragment = (name) => new URLSearchParams(location.hash.slice(1)).get(name);

/**
 * Asks the API: `{ok, body}`, or `{code: "no-answer"}`. Without the browser's own credentials, so
 * that it never opens a dialog of its own.
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

/** RFC 7617, in UTF-8. */
function basic({ email, password }) {
  const bytes = new TextEncoder().encode(`${email}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}

/** A problem in plain words, with the next step. */
export function inWords(answer) {
  if (answer.code === "no-answer") return texts.no_answer;
  const text = texts[`error_${answer.code.replaceAll("-", "_")}`] ?? texts.error_internal_error;
  return say(text, { when: inTime(answer.wait || 1), request: answer.body.request_id ?? "–" });
}

function inTime(seconds) {
  if (seconds < 120) return say(texts.in_seconds, { count: seconds });
  if (seconds < 7200) return say(texts.in_minutes, { count: Math.ceil(seconds / 60) });
  return say(texts.in_hours, { count: Math.ceil(seconds / 3600) });
}

/** Shows a mistake next to its field, or takes it away. */
export function mark(input, text = "") {
  byId(`${input.id}-error`).textContent = text;
  if (text) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

/** Shows the mistakes that the API found, each next to its field. Gives whether there was any. */
export function markAll(answer, inputs) {
  let first;
  for (const { pointer, code, detail } of answer.body.errors ?? []) {
    const input = inputs[pointer];
    if (!input) continue;
    const name = pointer === "/code" ? "code" : code.replaceAll("-", "_");
    mark(input, say(texts[`field_${name}`] ?? detail));
    first ??= input;
  }
  first?.focus();
  return Boolean(first);
}

/** Does one thing at a time, however often it is asked to. The button tells that it is at work. */
export function once(button, work) {
  let busy = false;
  return async (...given) => {
    if (busy) return;
    busy = true;
    const label = button.textContent;
    const status = button.form.querySelector(".good");
    button.setAttribute("aria-disabled", "true");
    button.textContent = texts.working;
    const slow = setTimeout(() => (status.textContent = texts.slow), SLOW_MS);
    try {
      await work(...given);
    } finally {
      clearTimeout(slow);
      if (status.textContent === texts.slow) status.textContent = "";
      if (button.textContent === texts.working) button.textContent = label;
      button.removeAttribute("aria-disabled");
      busy = false;
    }
  };
}

for (const button of document.querySelectorAll(".show")) {
  const input = byId(button.getAttribute("aria-controls"));
  button.addEventListener("click", () => {
    const isShown = input.type === "text";
    input.type = isShown ? "password" : "text";
    button.textContent = isShown ? texts.show : texts.hide;
    button.setAttribute("aria-pressed", String(!isShown));
  });
}

for (const input of document.querySelectorAll("input")) {
  input.addEventListener("input", () => byId(`${input.id}-error`) && mark(input));
}

// Whoever chose a language keeps it.
for (const link of document.querySelectorAll("a.quiet")) {
  link.addEventListener("click", () => (link.search = location.search));
}

// Another language, in place: nothing that was typed is lost, nor what the link carried.
byId("languages").addEventListener("click", async (event) => {
  if (!event.target.matches("a")) return;
  event.preventDefault();
  const address = new URL(event.target.href);
  address.hash = location.hash;
  const answer = await fetch(address, { credentials: "omit" }).catch(() => undefined);
  if (!answer?.ok) return location.assign(address);
  const other = new DOMParser().parseFromString(await answer.text(), "text/html");
  // What stands in `noscript` is text for a browser, but elements for its parser.
  const words = (root) => {
    const found = root.querySelectorAll("main :is(h1, h2, label, li, p, button, .quiet)");
    return [...found].filter((each) => !each.children.length && !each.closest("noscript"));
  };
  const ours = words(document);
  words(other).forEach((element, index) => {
    const { textContent } = element;
    if (textContent || ours[index].matches(".error, .notice")) ours[index].textContent = textContent;
  });
  byId("languages").replaceChildren(...other.getElementById("languages").children);
  byId("languages").firstElementChild.focus();
  Object.assign(texts, JSON.parse(other.getElementById("texts").textContent));
  document.documentElement.lang = other.documentElement.lang;
  show(document.querySelector("main > .card:not([hidden])"));
  history.replaceState(history.state, "", address);
  dispatchEvent(new Event("languagechanged"));
});
