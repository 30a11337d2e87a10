// What the page says: texts by name, in the page's language, and the change of that language.

/** Every text by its name: those that scripts show, and those in the page. */
const texts = {};
/** What scripts have written, by element: a text's name and its values. */
const written = new Map();

export const byId = (id) => document.getElementById(id);
export const language = () => document.documentElement.lang;
export const hasText = (name) => name in texts;

/** Learns the texts of a page: the build names each element after its text. */
async function learn(page) {
  const { default: shown } = await import(page.body.dataset.texts);
  Object.assign(texts, shown);
  for (const { dataset, textContent } of page.querySelectorAll("[data-text]")) texts[dataset.text] = textContent;
}
await learn(document);

/** A text with its values, and the page's settings. What is not a name is a text itself. */
export function say(name, values = {}) {
  const all = { ...document.body.dataset, ...values };
  return (texts[name] ?? name).replace(/\{(\w+)\}/g, (brace, key) => (key === "when" ? inTime(values.wait) : all[key] ?? brace));
}

function inTime(seconds) {
  const inUnits = (number, unit) => new Intl.RelativeTimeFormat(language()).format(Math.ceil(number), unit);
  const time = seconds < 120 ? inUnits(seconds, "second") : seconds < 7200 ? inUnits(seconds / 60, "minute") : inUnits(seconds / 3600, "hour");
  // No number stands alone at the end of a line.
  return time.replace(/(\d) /, "$1\u00a0");
}

/** Writes a text into an element, where it follows the page's language. Without a name: the page's own, or none. */
export function write(element, name, values) {
  if (name) written.set(element, [name, values]);
  else written.delete(element);
  const own = element.dataset.text;
  const text = name ? say(name, values) : own ? texts[own] : "";
  // An alert is heard each time that it is written, with the same words, too.
  if (element.textContent !== text || element.getAttribute("role") === "alert") element.textContent = text;
}

const NOTHING = [];
/** What a script last wrote into an element: a text's name and its values. */
export const lastWritten = (element) => written.get(element) ?? NOTHING;

/** Shows one of the cards of the page. */
export function show(card) {
  for (const each of document.querySelectorAll("main > .card")) each.hidden = each !== card;
  document.title = `${card.querySelector("h1").textContent} · ${document.body.dataset.site}`;
}

/** Changes the language in place: what was typed stays, and so does the fragment of the link. */
async function change(tag) {
  const address = new URL(location);
  address.searchParams.set("lang", tag);
  const answer = await fetch(address, { credentials: "omit" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const other = new DOMParser().parseFromString(await answer.text(), "text/html");
  await learn(other);
  for (const name of ["lang", "dir"]) document.documentElement[name] = other.documentElement[name];
  Object.assign(document.body.dataset, other.body.dataset);
  // By name, not by position: browser add-ons put elements of their own into the page.
  for (const element of document.querySelectorAll("[data-text]")) {
    if (!written.has(element)) element.textContent = texts[element.dataset.text];
  }
  for (const [element, [name, values]] of written) element.textContent = say(name, values);
  byId("languages").replaceChildren(...other.getElementById("languages").children);
  show(document.querySelector("main > .card:not([hidden])"));
  history.replaceState(history.state, "", address);
  dispatchEvent(new Event("languagechanged"));
}

byId("languages").addEventListener("click", async (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  write(byId("trouble"));
  const before = language();
  try {
    await change(link.hreflang);
    byId("languages").querySelector(`[hreflang=${before}]`).focus();
  } catch {
    // Following the link would lose what was typed.
    write(byId("trouble"), "no_answer");
  }
});

/** A mailed link names its language. Any page is better than none if it cannot be had. */
export async function followLink(tag) {
  if (tag && tag !== language() && !new URL(location).searchParams.has("lang")) await change(tag).catch(() => {});
}
