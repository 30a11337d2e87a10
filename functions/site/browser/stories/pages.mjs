// The other pages.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { LANGUAGES, PASSWORD, SITE, asks, atOnce, codeIn, end, inChromium, isFitForAll, leave, links, looksFit, mail, mails, newAddress, picture, says, signUp, speak, state, timesSaid, visit } from "../world.mjs";

after(end);

/** Every text of a page, in order, without those of an add-on. */
const textsOf = (page) =>
  page.locator("main :is(h1, h2, label, li, p, button, span, a):not([data-add-on])").evaluateAll((all) => all.map((each) => [each.textContent, each.ariaLabel]));

/** The addresses for which the browser would ask its user for credentials. */
async function challengesOn(page) {
  const challenges = [];
  const browser = await page.context().newCDPSession(page);
  browser.on("Fetch.requestPaused", ({ requestId }) => browser.send("Fetch.continueRequest", { requestId }));
  browser.on("Fetch.authRequired", ({ requestId, request }) => {
    challenges.push(request.url);
    browser.send("Fetch.continueWithAuth", { requestId, authChallengeResponse: { response: "CancelAuth" } });
  });
  await browser.send("Fetch.enable", { handleAuthRequests: true });
  return challenges;
}

describe("the other pages", { concurrency: atOnce }, () => {
  for (const locale of LANGUAGES) {
    test(`are fit for all in ${locale}`, async () => {
      for (const [name, path] of [["not-me", "/not-me#token=x"], ["forgot", "/password"], ["password", "/password#token=x"]]) {
        const page = await visit(path, { locale });
        await page.locator(".main:visible").waitFor();
        await looksFit(page, locale, name);
        await leave(page);
      }
    });
  }

  test("this wasn't me: only the button acts, and then no code helps any more", async () => {
    const address = newAddress();
    const stranger = await visit("/");
    await signUp(stranger, address);
    await stranger.locator("#code:focus").waitFor();
    const letter = await mail(address);

    const { pathname, hash } = new URL(links(letter).find((link) => link.includes("/not-me#")));
    const page = await visit(pathname + hash);
    await page.locator("#act .main").waitFor();
    assert.equal(await timesSaid(address), 0);
    await page.locator("#act .main").dblclick();
    // Not `:focus`: when the answer comes between the two clicks, the second one takes the focus.
    await page.locator("#done h1").waitFor();
    assert.equal(await timesSaid(address), 1);
    assert.equal(new URL(page.url()).hash, "", "the token is gone");
    await page.reload();
    await says(page, "#done h1", "Sign-up cancelled");
    await stranger.fill("#code", codeIn(letter));
    await says(stranger, "#activate .bad", /no longer works/);
    await says(stranger, "#last-code", /No more codes can be sent/);
    assert.deepEqual(await state(address), { attempts: 1, active: 0 });
    await leave(stranger);
    await isFitForAll(page);
    await picture(page, "not-me-done");
    await leave(page);

    const again = await visit(pathname + hash);
    await again.locator("#act .main").click();
    await again.locator("#done h1:focus").waitFor();
    await leave(again);

    const empty = await visit("/not-me");
    await says(empty, "#act .bad", /is incomplete/);
    await leave(empty);
  });

  for (const path of ["/", "/activate", "/login", "/not-me", "/password"]) {
    test(`${path} has the same texts whether it came in French or was switched to it, despite an add-on`, async () => {
      const french = await visit(path, { locale: "fr" });
      const page = await visit(path);
      await page.evaluate(() => {
        for (const element of document.querySelectorAll("main :is(h1, input, ul, .main)")) {
          const button = document.createElement("button");
          button.dataset.addOn = "";
          button.textContent = "Fill in";
          element.before(button);
        }
      });
      const before = await textsOf(page);
      await speak(page, "fr");
      assert.deepEqual(await textsOf(page), await textsOf(french));
      assert.equal(await page.title(), await french.title());
      await speak(page, "en");
      assert.deepEqual(await textsOf(page), before);
      for (const added of await page.locator("[data-add-on]").all()) assert.equal(await added.textContent(), "Fill in");
      await leave(page);
      await leave(french);
    });
  }

  test("an error and a shown password follow the language", async () => {
    const page = await visit("/");
    await page.click("#register .main");
    await says(page, "#email-error", "Enter your email address.");
    await page.getByRole("button", { name: "Show password" }).first().click();
    await page.click("#languages a");
    await says(page, "#email-error", "Saisissez votre adresse e-mail.");
    await says(page, "#password-error", "Saisissez votre mot de passe.");
    assert.equal(await page.getAttribute("#email", "aria-invalid"), "true");
    await page.getByRole("button", { name: "Masquer le mot de passe" }).click();
    assert.equal(await page.getAttribute("#password", "type"), "password");
    await page.route("**/register", (route) => route.fulfill({ status: 429, headers: { "retry-after": "86307" }, json: { code: "too-many-requests" } }));
    await signUp(page, newAddress());
    await says(page, "#register .bad", /^Trop de tentatives. Réessayez dans 24.heures.$/);
    await page.click("#languages a");
    await says(page, "#register .bad", /^Too many attempts. Try again in 24.hours.$/);
    await leave(page);
  });

  test("the documentation shows every operation and can try them", inChromium, async () => {
    const page = await visit("/docs", { size: "desktop" });
    await page.locator("#operations-Registration-register").waitFor();
    await isFitForAll(page);
    await picture(page, "docs");
    await page.click("#operations-Registration-register .opblock-summary-control");
    await page.click(".try-out__btn");
    const address = newAddress();
    await page.fill(".body-param__text", JSON.stringify({ email: address, password: PASSWORD }));
    await page.click(".execute");
    await page.locator(".live-responses-table .response-col_status", { hasText: "202" }).waitFor();
    assert.equal((await mails(address)).length, 1);
    assert.deepEqual(page.complaints, []);
    assert.ok(page.requested.every((request) => /^(data|blob):/.test(request.url()) || request.url().startsWith(SITE)));
    await page.context().close();
  });

  test("the documentation is fit for all with every operation opened and tried", inChromium, async () => {
    const page = await visit("/docs");
    // Sixteen operations take the viewer a while.
    page.setDefaultTimeout(60000);
    // The last of all operations.
    await page.locator("#operations-Operation-health").waitFor();
    const click = (selector) => page.locator(selector).evaluateAll((all) => all.forEach((each) => each.click()));
    await click(".opblock-summary-control");
    await page.locator(".try-out__btn").nth(15).waitFor();
    const reasons = page.locator("#operations-Registration-activate .response[data-code='403'] .examples-select option");
    assert.deepEqual(await reasons.allTextContents(), ["Incorrect code", "Forbidden"]);
    await click(".try-out__btn");
    await page.locator(".execute").nth(15).waitFor();
    const bodies = await page.locator(".body-param__text").evaluateAll((all) => all.map((each) => each.value));
    assert.ok(bodies.length > 5 && bodies.every((body) => !body.includes("registration")));
    await isFitForAll(page);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test("every problem has its place on a page that is fit for all", async () => {
    const { body } = await asks("/activate", { code: "0427" });
    assert.match(body.type, /\/docs\/problems#invalid-credentials$/);
    for (const scheme of ["light", "dark"]) {
      const page = await visit(body.type, { scheme });
      assert.match(await page.locator(":target").innerText(), /invalid-credentials\s+401 Invalid credentials/);
      await isFitForAll(page);
      await leave(page);
    }
  });

  test("the documentation sends a password in UTF-8, and no 401 opens the browser's dialog", inChromium, async () => {
    const address = newAddress();
    const { body } = await asks("/register", { email: address, password: PASSWORD });
    const page = await visit("/docs", { size: "desktop" });
    const challenges = await challengesOn(page);
    await page.click("#operations-Registration-activate .opblock-summary-control");
    await page.click(".try-out__btn");
    const code = codeIn(await mail(address));
    await page.fill(".body-param__text", JSON.stringify({ code, registration: body.registration }));
    await page.click(".execute");
    await page.locator(".live-responses-table .response-col_status", { hasText: "401" }).waitFor();
    assert.deepEqual(challenges, []);

    await page.click(".btn.authorize");
    await page.fill('[aria-label="auth-basic-username"]', address);
    await page.fill('[aria-label="auth-basic-password"]', PASSWORD);
    await page.locator(".auth-container", { has: page.locator('[name="password"]') }).locator(".authorize").click();
    await page.locator(".auth-container h6", { hasText: "Authorized" }).waitFor();
    await page.locator(".btn-done").first().click();
    await page.click(".execute");
    await page.locator(".live-responses-table .response-col_status", { hasText: "200" }).waitFor();
    assert.deepEqual(await state(address), { attempts: 1, active: 1 });
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
});
