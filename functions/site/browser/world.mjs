// What the stories are told with: a browser, a mailbox, a database whose time can be moved.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { SITE, MAILBOX, DATABASE, CHROMIUM, WHOLE_CHROMIUM, NEED_CHROMIUM, FIREFOX, PICTURES, MODULES } = process.env;
const require = createRequire(`${MODULES}/`);
const { chromium, firefox } = require("playwright-core");
const { Client } = require("pg");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export { SITE, MAILBOX };
/** Firefox is driven by WebDriver BiDi, which cannot change the colour scheme, the motion, nor the contrast. */
export const isFirefox = Boolean(FIREFOX);
/** How many stories are told at once. Only one window of Firefox has the focus. */
export const atOnce = isFirefox ? 1 : 4;
/** Stories that use what only Chromium's own protocol has. */
export const inChromium = isFirefox ? { skip: "needs the protocol of Chromium" } : {};
/** The headless shell keeps no files of its own, so a story about these needs the whole browser. */
export const inWholeChromium = WHOLE_CHROMIUM || NEED_CHROMIUM ? inChromium : { skip: "needs the whole Chromium, not only its headless shell" };
export const PASSWORD = "correct 🐎 battery é";
export const SIZES = { phone: { width: 320, height: 640 }, desktop: { width: 1280, height: 860 } };
const SCHEMES = ["light", "dark"];
const EVERY_LOOK = Object.keys(SIZES).flatMap((size) => SCHEMES.map((scheme) => [size, scheme]));
export const LANGUAGES = ["en", "fr"];
/** How a page is looked at in each language. People click in the first look. */
export const LOOKS = { en: EVERY_LOOK, fr: EVERY_LOOK.toReversed() };
/** A picture shows each look in one of the languages. */
const isPictured = (locale, size, scheme) => (size === "phone") === (scheme === "light") === (locale === "en");

mkdirSync(PICTURES, { recursive: true });

const CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
// The driver does not notice when Firefox takes a page out of its memory.
const FIREFOX_SETTINGS = { "browser.sessionhistory.max_total_viewers": 0 };
const browser = isFirefox ? await firefox.launch({ channel: "moz-firefox", executablePath: FIREFOX, firefoxUserPrefs: FIREFOX_SETTINGS }) : await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
const database = new Client({ connectionString: DATABASE });
await database.connect();

export async function end() {
  await database.end();
  await browser.close();
}

let number = 0;
export const newAddress = () => `person${process.pid}-${++number}@example.com`;

/** A page of its own, and everything that went wrong on it. */
export async function visit(path, { locale = "en-GB", size = "phone", scheme = "light", ...more } = {}) {
  const media = isFirefox ? { colorScheme: null, reducedMotion: null, forcedColors: null, contrast: null } : { colorScheme: scheme, reducedMotion: "reduce" };
  const context = await browser.newContext({ locale, viewport: SIZES[size], ...media, ...more });
  context.setDefaultTimeout(15000);
  const page = await context.newPage();
  page.complaints = [];
  page.requested = [];
  page.on("console", (message) => {
    // The API's refusals are part of the stories; the browser writes each of them down.
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isRefusal) page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => {
    // The driver hides the caret in pictures with a style, which our policy refuses in Firefox.
    const isOfDriver = isFirefox && String(error).includes("blocked an inline style");
    if (!isOfDriver) page.complaints.push(String(error));
  });
  page.on("dialog", () => page.complaints.push("a dialog opened"));
  page.on("request", (request) => page.requested.push(request));
  await page.goto(/^(http|about)/.test(path) ? path : SITE + path);
  return page;
}

/** Runs a visit in a browser with a profile of its own, and returns what the files of that profile hold afterwards. */
export async function filesLeftBy(use) {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  try {
    const home = await chromium.launchPersistentContext(folder, { executablePath: WHOLE_CHROMIUM, args: CHROMIUM_ARGUMENTS });
    await use(home.pages()[0]);
    await home.close();
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    return Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Nothing went wrong, nothing was asked of anybody else, no password stayed anywhere. */
export async function leave(page, password = PASSWORD) {
  assert.deepEqual(page.complaints, []);
  for (const request of page.requested) {
    const url = request.url();
    assert.ok(/^(data|blob):/.test(url) || url.startsWith(SITE), `${url} is somebody else's`);
    assert.ok(!decodeURIComponent(url).includes(password), "no password in a URL");
  }
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state, location.href]));
  // The session's cookie is not for scripts.
  assert.equal(kept.slice(0, 9), '[{},{},""', kept);
  assert.ok(!kept.includes(password));
  await page.context().close();
}

export const picture = (page, name) => page.screenshot({ path: `${PICTURES}/${name}.jpg`, quality: 90, fullPage: true });

/** Runs a script with a bookmark's powers: our policy rightly refuses scripts that are added to the page. */
async function runs(page, expression) {
  if (isFirefox) return page.evaluate(expression);
  const world = await page.context().newCDPSession(page);
  const { result } = await world.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  await world.detach();
  return result.value;
}

/** No violation of axe-core, and nothing that is wider than the screen. */
export async function isFitForAll(page) {
  if ((await runs(page, "typeof axe")) === "undefined") await runs(page, AXE);
  const violations = await runs(
    page,
    "axe.run(document, { resultTypes: ['violations'] }).then(({violations}) => JSON.stringify(violations.map(({id, nodes}) => [id, nodes.map(({html, failureSummary}) => html + failureSummary)])))",
  );
  assert.equal(violations, "[]");
  await fitsItsWidth(page);
}

/** Nothing is wider than the screen, and no text of a control is cut. */
export async function fitsItsWidth(page) {
  const tooWide = await page.evaluate(() => {
    const controls = [...document.querySelectorAll("main :is(input, button, a, select, h1, p)")].filter((each) => each.checkVisibility() && !each.closest(".spoken"));
    const cut = controls.filter((each) => each.getBoundingClientRect().right > innerWidth || (each.matches("button, a") && each.scrollWidth > each.clientWidth + 1));
    const over = document.documentElement.scrollWidth - innerWidth;
    return [...(over > 0 ? [`${over} px`] : []), ...cut.map((each) => each.outerHTML.slice(0, 120))];
  });
  assert.deepEqual(tooWide, []);
}

/** What a screen reader finds, beside what it found the last time. What it finds now is among the pictures. */
async function readsAsBefore(page, name) {
  const file = new URL(`snapshots/${name}.yml`, import.meta.url);
  const now = `${PICTURES}/${name}.yml`;
  const tree = await page.locator("body").ariaSnapshot();
  const scrubbed = tree
    // The other languages: a new one changes no page in these.
    .replaceAll(/ *- link "[^"]*":\n *- \/url: "?\?lang=\w\w"?\n/g, "")
    .replaceAll(/ *- option "[^"]*"( \[selected\])?\n/g, "")
    .replaceAll(/person\d+-\d+@example\.com/gi, "ADDRESS")
    .replaceAll(/\d:\d\d/g, "M:SS")
    .replaceAll(/\b\d+\s(?=second)/g, "N ")
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, "ID")
    .replaceAll(/lang=\w\w/g, "lang=…")
    .replaceAll(/textbox "[^"]*code[^"]*": \d+/gi, (line) => line.replace(/\d+$/, "CODE"));
  writeFileSync(now, `${scrubbed}\n`);
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  // The story goes on, so that it writes every file that has changed.
  if (`${scrubbed}\n` !== before) page.complaints.push(`it differs from snapshots/; if it is right, it belongs there: ${now}`);
}

/** How much room the text has: twice the size on a phone, and a desktop's window at 400 %. */
const ROOMS = [["200%", SIZES.phone], ["100%", { width: 320, height: 256 }]];

/** Fit for all in each size and colour scheme, with pictures of half of them. Ends in the first look. */
export async function looksFit(page, locale, name) {
  if (isFirefox) return isFitForAll(page);
  await readsAsBefore(page, `${name}.${locale}`);
  for (const [text, room] of ROOMS) {
    await page.setViewportSize(room);
    await page.evaluate((size) => (document.documentElement.style.fontSize = size), text);
    await fitsItsWidth(page);
  }
  await page.evaluate(() => (document.documentElement.style.fontSize = ""));
  for (const [size, scheme] of LOOKS[locale].toReversed()) {
    await page.setViewportSize(SIZES[size]);
    await page.emulateMedia({ colorScheme: scheme });
    await isFitForAll(page);
    if (isPictured(locale, size, scheme)) await picture(page, `${size}-${locale}-${scheme}-${name}`);
  }
}

export async function mails(address) {
  const { emails } = await (await fetch(`${MAILBOX}/store`)).json();
  return emails.filter(({ destination }) => destination.to.some((to) => to.includes(address)));
}

/** The newest mail to an address, once there are as many. */
export async function mail(address, count = 1) {
  for (let tries = 0; tries < 200; tries++) {
    const found = await mails(address);
    if (found.length >= count) return found.at(-1);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no mail number ${count} to ${address}`);
}

export const codeIn = ({ subject }) => subject.match(/\d{4}/)[0];
export const wrong = (code) => (code === "0000" ? "0001" : "0000");
export const links = ({ body }) => body.html.match(/href="([^"]+)"/g).map((link) => link.slice(6, -1).replaceAll("&#38;", "&"));

/** The deadlines of an address pass, in the database alone. */
export async function timePasses(address, seconds) {
  await database.query(
    `UPDATE codes SET expires_at = expires_at - make_interval(secs => $2)
      WHERE account_id IN (SELECT id FROM accounts WHERE email = $1)`,
    [address, seconds],
  );
  await database.query(
    "UPDATE accounts SET next_mail_at = next_mail_at - make_interval(secs => $2) WHERE email = $1",
    [address, seconds],
  );
  await database.query(
    `UPDATE password_resets SET expires_at = expires_at - make_interval(secs => $2)
      WHERE account_id IN (SELECT id FROM accounts WHERE email = $1)`,
    [address, seconds],
  );
}

export async function state(address) {
  const { rows } = await database.query(
    "SELECT count(*)::int AS attempts, count(activated_at)::int AS active FROM accounts WHERE email = $1",
    [address],
  );
  return rows[0];
}

/** How often somebody said that it was not them. */
export async function timesSaid(address) {
  const { rows } = await database.query(
    "SELECT count(not_me_at)::int AS times FROM codes JOIN accounts ON accounts.id = account_id WHERE email = $1",
    [address],
  );
  return rows[0].times;
}

/** What the API says, to a program: its status and its answer. */
export async function asks(path, body, headers = {}) {
  const answer = await fetch(SITE + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, body: text && JSON.parse(text) };
}

/** Somebody who has an account already. */
export async function hasAccount(address, locale = "en") {
  const { body } = await asks("/register", { email: address, password: PASSWORD, locale });
  const code = codeIn(await mail(address));
  const authorization = `Basic ${Buffer.from(`${address}:${PASSWORD}`).toString("base64")}`;
  const activated = await asks("/activate", { code, registration: body.registration }, { authorization });
  assert.equal(activated.status, 200);
}

/** Whether somebody signs in with this password: the status. */
export const signsIn = async (address, password) => (await asks("/login", { email: address, password })).status;

/** Fills in the first form. */
export async function signUp(page, address, password = PASSWORD) {
  await page.fill("#email", address);
  await page.fill("#password", password);
  await page.click("#register .main");
}

/** A mail as a mail program shows it, on a phone, in both colour schemes. */
export async function mailPictures({ body }, name) {
  if (isFirefox) return;
  const page = await browser.newPage({ viewport: SIZES.phone });
  await page.setContent(body.html);
  for (const scheme of SCHEMES) {
    await page.emulateMedia({ colorScheme: scheme });
    await picture(page, `mail-${name}-${scheme}`);
  }
  await page.close();
}

/** The next call of a path reaches the service, and its answer is lost on the way back. */
export const losesNextAnswer = (page, path) =>
  page.route(path, async (route) => {
    const asked = route.request();
    await fetch(asked.url(), { method: asked.method(), headers: await asked.allHeaders(), body: asked.postData() });
    await route.abort();
  }, { times: 1 });

/** Goes back or forward. The driver's own way waits for a page to load, also where the page stays. */
export const go = (page, steps) => page.evaluate((by) => history.go(by), steps);

/** Presses Tab until an element has the focus, which is always seen. */
export async function tabTo(page, selector) {
  for (let presses = 0; presses < 15; presses++) {
    await page.keyboard.press("Tab");
    // A password and the button beside it are in one frame.
    const seen = await page.evaluate(() => [document.activeElement, document.activeElement.closest(".secret")].map((each) => each && getComputedStyle(each).outlineStyle).find((style) => style === "solid"));
    assert.equal(seen, "solid", await page.evaluate(() => document.activeElement.outerHTML.slice(0, 120)));
    if (await page.locator(`${selector}:focus`).count()) return;
  }
  assert.fail(`${selector} is not reached`);
}

/** Everything in a card is reached in the order in which it is seen: line by line, from left to right. */
export async function isReachedInOrder(page, card) {
  const controls = page.locator(`${card} :is(input, select, button, summary, a)`);
  const outOfOrder = await controls.evaluateAll((all) => {
    const seen = all.filter((each) => each.checkVisibility() && !each.closest(".spoken"));
    const follows = (one, other) => other.top >= one.bottom || (other.left >= one.right && other.bottom > one.top);
    return seen.slice(1).filter((each, index) => !follows(seen[index].getBoundingClientRect(), each.getBoundingClientRect())).map((each) => each.outerHTML);
  });
  assert.deepEqual(outOfOrder, []);
}

/** Waits until an element says something. */
export const says = (page, selector, what) => page.locator(selector).filter({ hasText: what }).waitFor();

/** Changes the language of a page. */
export async function speak(page, language) {
  await page.click(`#languages a[hreflang=${language}]`);
  await page.locator(`html[lang=${language}]`).waitFor();
}

const WELCOME = { en: /Your account is active/, fr: /Votre compte est actif/ };

/** The account is active, and its owner signed in: the page is theirs. */
export async function isActive(page, locale = "en") {
  await page.locator("#account").waitFor();
  await says(page, "#news", WELCOME[locale]);
}

/** Fills in the form of the sign-in. */
export async function signIn(page, address, password = PASSWORD) {
  await page.locator("#login").waitFor();
  await page.fill("#login-email", address);
  await page.fill("#login-password", password);
  await page.click("#login .main");
}
