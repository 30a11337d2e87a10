// The minute as a person lives it, in a real browser, on the real stack.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
  MAILBOX, PASSWORD, SITE, codeIn, end, isFitForAll, leave, links, mail, mails, newAddress, picture, signUp,
  state, timePasses, visit, wrong,
} from "./world.mjs";

after(end);

const ALERT = "#activate .bad";
const SAID = {
  en: { done: "Your account is active", wrong: /not right.*2 more/, over: /time is over/, resent: /new code is on its way/ },
  fr: { done: "Votre compte est actif", wrong: /pas le bon.*2 essais/, over: /temps est écoulé/, resent: /nouveau code est en route/ },
};

const text = (page, selector) => page.locator(selector).first().textContent();
const says = (page, selector, what) => page.locator(selector).filter({ hasText: what }).waitFor();

describe("a person signs up", { concurrency: 4 }, () => {
  for (const locale of ["en-GB", "fr-FR"]) {
    for (const size of ["phone", "desktop"]) {
      for (const scheme of ["light", "dark"]) {
        const name = `${size}-${locale.slice(0, 2)}-${scheme}`;
        test(`${name}: mistakes, an expired code, a new one, an account`, async () => {
          const said = SAID[locale.slice(0, 2)];
          const address = newAddress();
          const page = await visit("/", { locale, size, scheme });
          await isFitForAll(page);
          await picture(page, `${name}-1-register`);

          await signUp(page, address, "password1");
          await page.locator("#password[aria-invalid]").waitFor();
          await isFitForAll(page);
          await picture(page, `${name}-2-common-password`);

          await page.fill("#password", PASSWORD);
          await page.click("#register .show");
          assert.equal(await page.getAttribute("#password", "type"), "text");
          await page.click("#register .main");
          await page.locator("#code:focus").waitFor();
          await says(page, "#sent-to", address);
          const first = codeIn(await mail(address));
          await isFitForAll(page);
          await picture(page, `${name}-3-code`);

          await page.locator("#code").pressSequentially(wrong(first));
          await says(page, "#code-error", said.wrong);
          await isFitForAll(page);
          await picture(page, `${name}-4-wrong-code`);
          assert.equal((await state(address)).active, 0);

          await timePasses(address, 61);
          await page.fill("#code", first);
          await says(page, ALERT, said.over);
          await page.locator("#resend:focus").waitFor();
          await isFitForAll(page);
          await picture(page, `${name}-5-expired`);

          await page.click("#resend");
          await says(page, "#activate .good", said.resent);
          const second = codeIn(await mail(address, 2));
          // Pasted as people write it.
          await page.fill("#code", `${second.slice(0, 2)} ${second.slice(2)}`);
          await says(page, "#done h1", said.done);
          await isFitForAll(page);
          await picture(page, `${name}-6-done`);
          assert.deepEqual(await state(address), { attempts: 1, active: 1 });
          await leave(page);
        });
      }
    }
  }

  test("the keyboard is enough, and the focus is always seen", async () => {
    const address = newAddress();
    const page = await visit("/");
    const keys = page.keyboard;
    await keys.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.id), "language");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, "solid");
    await keys.press("Tab");
    await keys.type(address);
    await keys.press("Tab");
    await keys.type(PASSWORD);
    await keys.press("Enter");
    await page.locator("#code:focus").waitFor();
    await keys.type(codeIn(await mail(address)));
    await page.locator("#done h1:focus").waitFor();
    await leave(page);
  });

  test("a double click and a slow network make one account and one mail", async () => {
    const address = newAddress();
    const page = await visit("/");
    await page.route("**/register", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 4500));
      await route.continue();
    });
    await page.fill("#email", address);
    await page.fill("#password", PASSWORD);
    await page.locator("#register .main").dblclick();
    await page.keyboard.press("Enter");
    await says(page, "#register .good", /longer than usual/);
    await picture(page, "slow-network");
    await page.locator("#code:focus").waitFor();
    await mail(address);
    assert.equal((await mails(address)).length, 1);
    assert.equal((await state(address)).attempts, 1);
    await leave(page);
  });

  test("a lost answer is asked for again: the same sign-up, one mail", async () => {
    const address = newAddress();
    const page = await visit("/");
    await page.route("**/register", async (route) => {
      await route.fetch();
      await route.abort();
    }, { times: 1 });
    await signUp(page, address);
    await says(page, "#register .bad", /did not answer/);
    await page.click("#register .main");
    await page.locator("#code:focus").waitFor();
    assert.equal((await mails(address)).length, 1);
    assert.equal((await state(address)).attempts, 1);
    const code = codeIn(await mail(address));
    await page.route("**/activate", async (route) => {
      await route.fetch();
      await route.abort();
    }, { times: 1 });
    await page.fill("#code", code);
    await says(page, ALERT, /did not answer/);
    await page.click("#activate .main");
    await says(page, "#done h1", SAID.en.done);
    await leave(page);
  });

  test("back, forward, reload and the other language break nothing", async () => {
    const address = newAddress();
    const page = await visit("/");
    await page.fill("#email", address);
    await page.click("#language");
    await says(page, "#register h1", "Créez votre compte");
    assert.equal(await page.inputValue("#email"), address);
    await page.fill("#password", PASSWORD);
    await page.click("#register .main");
    await page.locator("#code:focus").waitFor();
    const sent = await mail(address);
    assert.ok(sent.body.html.includes('lang="fr"'));
    await page.click("#language");
    await says(page, "#sent-to", `We have mailed it to ${address}.`);
    await page.goBack();
    await page.locator("#register h1").waitFor();
    await page.goForward();
    await page.locator("#code").waitFor();
    assert.equal(await page.locator("#credentials").isVisible(), false);

    await page.reload();
    await page.locator("#own-email").waitFor();
    await isFitForAll(page);
    await picture(page, "after-reload");
    await page.fill("#own-email", address);
    await page.fill("#own-password", "wrong password");
    await page.fill("#code", codeIn(sent));
    await says(page, "#own-password-error", /do not belong to this sign-up/);
    await picture(page, "wrong-password");
    await page.fill("#own-password", PASSWORD);
    await page.click("#activate .main");
    await says(page, "#done h1", SAID.en.done);
    assert.equal(new URL(page.url()).hash, "");
    await leave(page);
  });

  test("the countdown is right after a sleep, and the end offers a new code", async () => {
    const address = newAddress();
    const page = await visit("/");
    await page.clock.install();
    await page.reload();
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    assert.match(await text(page, "#left"), /^(1:00|0:5\d)$/);
    assert.match(await text(page, "#resend"), /^New code in (30|2\d)\u00a0s$/);
    await page.click("#resend", { force: true });
    assert.equal((await mails(address)).length, 1, "it sleeps");
    await page.clock.fastForward(35000);
    await says(page, "#resend:not([aria-disabled])", "Send a new code");
    assert.match(await text(page, "#left"), /^0:2\d$/);
    await page.clock.fastForward(60000);
    await says(page, ALERT, /time is over/);
    assert.equal(await text(page, "#left"), "0:00");
    await leave(page);
  });

  test("an owner of an account gets a note and the stranger learns nothing", async () => {
    const address = newAddress();
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    await page.fill("#code", codeIn(await mail(address)));
    await says(page, "#done h1", SAID.en.done);
    await leave(page);
    const stranger = await visit("/");
    await signUp(stranger, address, "another 🐎 password");
    await stranger.locator("#code:focus").waitFor();
    await leave(stranger, "another 🐎 password");
    const note = await mail(address, 2);
    assert.equal(note.subject, "You already have an account");
    for (const scheme of ["light", "dark"]) await mailPictures(note, `mail-note-${scheme}`, scheme);
  });
});

/** A mail as a mail program shows it, on a phone. */
async function mailPictures({ body }, name, scheme) {
  const page = await visit("/", { scheme });
  await page.goto("about:blank");
  await page.setContent(body.html);
  await picture(page, name);
  await page.context().close();
}

describe("a mail", { concurrency: 3 }, () => {
  test("is read in the mailbox, its link is followed, and the account is active", async () => {
    const address = newAddress();
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    const sent = await mail(address);
    for (const scheme of ["light", "dark"]) await mailPictures(sent, `mail-code-${scheme}`, scheme);
    await leave(page);

    const mailbox = await visit(`${MAILBOX}/`, { size: "desktop" });
    const shown = mailbox.locator(":has(> * iframe), :has(> iframe)").filter({ hasText: address }).last();
    await shown.getByText("Toggle HTML view").click();
    await shown.locator("iframe").waitFor();
    await shown.screenshot({ path: `${process.env.PICTURES}/mailbox.png` });
    const link = await shown.frameLocator("iframe").locator('a[href*="/activate#"]').first().getAttribute("href");
    const other = await visit(link);
    await other.locator("#own-email:focus").waitFor();
    assert.equal((await state(address)).active, 0, "opening activates nothing");
    await isFitForAll(other);
    await picture(other, "activate-from-mail");
    await other.fill("#own-email", address.toUpperCase());
    await other.fill("#own-password", PASSWORD);
    await other.fill("#code", codeIn(sent));
    await says(other, "#done h1", SAID.en.done);
    await leave(other);
    await mailbox.context().close();
  });

  test("of which a scanner opens every link stays as good as new", async () => {
    const address = newAddress();
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    const sent = await mail(address);
    assert.ok(links(sent).length >= 2);
    for (const link of links(sent)) {
      for (const method of ["HEAD", "GET"]) assert.equal((await fetch(link, { method })).status, 200, link);
      // Some run the page, too.
      const scanner = await visit(link);
      await scanner.waitForLoadState("networkidle");
      assert.ok(scanner.requested.every((request) => request.method() === "GET"));
      await leave(scanner);
    }
    assert.equal((await state(address)).active, 0);
    await page.fill("#code", codeIn(sent));
    await says(page, "#done h1", SAID.en.done);
    await leave(page);
  });
});

describe("the other pages", { concurrency: 4 }, () => {
  for (const locale of ["en-GB", "fr-FR"]) {
    for (const scheme of ["light", "dark"]) {
      test(`are fit for all: ${locale}, ${scheme}`, async () => {
        for (const [name, path] of [["not-me", "/not-me#token=x"], ["password", "/password#token=x"]]) {
          for (const size of ["phone", "desktop"]) {
            const page = await visit(path, { locale, scheme, size });
            await page.locator("#act .main").waitFor();
            await isFitForAll(page);
            await picture(page, `${name}-${size}-${locale.slice(0, 2)}-${scheme}`);
            await leave(page);
          }
        }
      });
    }
  }

  test("this wasn't me: only the button acts, and says that it did", async () => {
    const page = await visit("/not-me#token=the-token");
    const asked = [];
    await page.route("**/not-me", (route) => {
      if (route.request().method() !== "POST") return route.continue();
      asked.push(route.request().postDataJSON());
      return route.fulfill({ status: 204 });
    });
    await page.locator("#act .main").waitFor();
    assert.deepEqual(asked, []);
    await page.locator("#act .main").dblclick();
    await page.locator("#done h1:focus").waitFor();
    assert.deepEqual(asked, [{ token: "the-token" }]);
    await isFitForAll(page);
    await picture(page, "not-me-done");
    await leave(page);

    const empty = await visit("/not-me");
    await says(empty, "#act .bad", /not complete/);
    await leave(empty);
  });

  test("a new password: a used link is told in words, a good one is taken", async () => {
    const page = await visit("/password#token=the-token");
    const answers = [
      { status: 410, json: { code: "token-invalid" } },
      { status: 422, json: { code: "invalid-input", errors: [{ pointer: "/password", code: "too-common", detail: "-" }] } },
      { status: 204 },
    ];
    const asked = [];
    await page.route("**/password/reset", (route) => {
      asked.push(route.request().postDataJSON());
      return route.fulfill(answers.shift());
    });
    await page.fill("#password", PASSWORD);
    await page.click("#act .main");
    await says(page, "#act .bad", /used already or is too old/);
    await page.click("#act .main");
    await says(page, "#password-error", /most used/);
    await page.click("#act .main");
    await page.locator("#done h1:focus").waitFor();
    assert.deepEqual(asked[2], { token: "the-token", password: PASSWORD });
    await isFitForAll(page);
    await leave(page);
  });

  test("without JavaScript each page says what to do", async () => {
    for (const [path, words] of [["/", /needs JavaScript/], ["/activate", /needs JavaScript/], ["/not-me", /needs JavaScript/], ["/password", /needs JavaScript/]]) {
      const page = await visit(path, { javaScriptEnabled: false });
      assert.match(await page.locator("noscript").innerText(), words);
      assert.equal(await page.locator("form:visible").count(), 0);
      if (path === "/") await picture(page, "no-javascript");
      await page.context().close();
    }
  });

  test("the documentation shows every operation and can try them", async () => {
    const page = await visit("/docs", { size: "desktop" });
    await page.locator("#operations-Registration-register").waitFor();
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
});
