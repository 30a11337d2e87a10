// Prints what Lighthouse says of every page, and fails below 100.
//   MODULES=.dev/tools/browser/node_modules CHROMIUM=/usr/bin/chromium \
//     node functions/site/browser/lighthouse.mjs http://127.0.0.1:9000 http://127.0.0.1:8005
// The second address is that of the mailbox: the account's page is looked at by someone who is signed in.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { MODULES, CHROMIUM } = process.env;
const [site = "http://127.0.0.1:9000", mailbox = "http://127.0.0.1:8005"] = process.argv.slice(2);
const modules = resolve(MODULES);
const require = createRequire(`${modules}/`);
const { chromium } = require("playwright-core");
const { default: lighthouse } = await import(pathToFileURL(`${modules}/lighthouse/core/index.js`));

const PORT = 9222 + (process.pid % 500);
const CATEGORIES = ["accessibility", "best-practices"];
const PAGES = ["/", "/activate#registration=00000000-0000-4000-8000-000000000000", "/login", "/me", "/not-me#token=x", "/password", "/password#token=x", "/docs"];

/** The cookie of someone who has just signed up. */
async function signedIn() {
  const [email, password] = [`lighthouse${process.pid}@example.com`, "correct horse battery"];
  const ask = (path, headers, body) => fetch(site + path, { method: "POST", headers, body });
  const json = { "content-type": "application/json" };
  const { registration } = await (await ask("/register", json, JSON.stringify({ email, password }))).json();
  const { emails } = await (await fetch(`${mailbox}/store`)).json();
  const [code] = emails.findLast(({ destination }) => destination.to.includes(email)).subject.match(/\d+/);
  const authorization = `Basic ${btoa(`${email}:${password}`)}`;
  await ask("/activate", { ...json, authorization }, JSON.stringify({ code, registration }));
  const session = await ask("/login", {}, new URLSearchParams({ username: email, password }));
  return session.headers.getSetCookie()[0].split(";")[0];
}

const extraHeaders = { Cookie: await signedIn() };
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", `--remote-debugging-port=${PORT}`] });
let isPerfect = true;
for (const page of PAGES) {
  const { lhr } = await lighthouse(site + page, { port: PORT, extraHeaders, onlyCategories: CATEGORIES, logLevel: "error", output: "json" });
  const scores = CATEGORIES.map((name) => `${name} ${Math.round(lhr.categories[name].score * 100)}`);
  console.log(page.replace(/#.*/, "").padEnd(12), scores.join("  "));
  if (lhr.runtimeError) console.log("  ", lhr.runtimeError.message);
  const failed = Object.values(lhr.audits).filter(({ score, scoreDisplayMode }) => scoreDisplayMode === "binary" && score === 0);
  const inCategory = new Set(CATEGORIES.flatMap((name) => lhr.categories[name].auditRefs.filter(({ weight }) => weight).map(({ id }) => id)));
  for (const audit of failed.filter(({ id }) => inCategory.has(id))) {
    console.log("  ", audit.id, JSON.stringify(audit.details?.items?.slice(0, 3)).slice(0, 600));
  }
  isPerfect &&= CATEGORIES.every((name) => lhr.categories[name].score === 1);
}
await browser.close();
process.exit(isPerfect ? 0 : 1);
