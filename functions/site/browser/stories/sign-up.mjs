// The minute as a person lives it, in a real browser, on the real stack.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { LOOKS, PASSWORD, codeIn, end, isFitForAll, leave, looksFit, mail, mailPictures, mails, newAddress, picture, says, signUp, state, timePasses, visit, wrong } from "../world.mjs";

after(end);

const ALERT = "#activate .bad";
const SAID = {
  en: { done: "Your account is active", wrong: /code is wrong.*2 more/, over: /has expired/, resent: /sent you a new code/ },
  fr: { done: "Votre compte est actif", wrong: /code est incorrect.*2.essais/, over: /a expiré/, resent: /envoyé un nouveau code/ },
};
const text = (page, selector) => page.locator(selector).first().textContent();

describe("a person signs up", { concurrency: 4 }, () => {
  for (const locale of ["en", "fr"]) {
    test(`in ${locale}: mistakes, an expired code, a new one, an account`, async () => {
      const said = SAID[locale];
      const address = newAddress();
      const [[size, scheme]] = LOOKS[locale];
      const page = await visit("/", { locale, size, scheme });
      await looksFit(page, locale, "1-register");

      await signUp(page, address, "password1");
      await page.locator("#password[aria-invalid]").waitFor();
      await looksFit(page, locale, "2-common-password");

      await page.fill("#password", PASSWORD);
      await page.click("#register .show");
      assert.equal(await page.getAttribute("#password", "type"), "text");
      await page.click("#register .main");
      await page.locator("#code:focus").waitFor();
      await says(page, "#sent-to", address);
      const first = codeIn(await mail(address));
      await looksFit(page, locale, "3-code");

      await page.locator("#code").pressSequentially(wrong(first));
      await says(page, "#code-error", said.wrong);
      await looksFit(page, locale, "4-wrong-code");
      assert.equal((await state(address)).active, 0);

      await timePasses(address, 61);
      await page.fill("#code", first);
      await says(page, ALERT, said.over);
      await page.locator("#resend:focus").waitFor();
      await looksFit(page, locale, "5-expired");

      await page.click("#resend");
      await says(page, "#activate .good", said.resent);
      const second = codeIn(await mail(address, 2));
      // Pasted as people write it.
      await page.fill("#code", `${second.slice(0, 2)} ${second.slice(2)}`);
      await says(page, "#done h1", said.done);
      await looksFit(page, locale, "6-done");
      assert.deepEqual(await state(address), { attempts: 1, active: 1 });
      await leave(page);
    });
  }

  test("the keyboard is enough, and the focus is always seen", async () => {
    const address = newAddress();
    const page = await visit("/");
    const keys = page.keyboard;
    await keys.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.hreflang), "fr");
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
    await says(page, "#register .bad", /didn’t answer/);
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
    await says(page, ALERT, /didn’t answer/);
    await page.click("#activate .main");
    await says(page, "#done h1", SAID.en.done);
    await leave(page);
  });

  test("back, forward, reload and the other language break nothing", async () => {
    const address = newAddress();
    const page = await visit("/");
    await page.fill("#email", address);
    await page.click("#languages a");
    await says(page, "#register h1", "Créez votre compte");
    assert.equal(await page.inputValue("#email"), address);
    await page.fill("#password", PASSWORD);
    await page.click("#register .main");
    await page.locator("#code:focus").waitFor();
    const sent = await mail(address);
    assert.ok(sent.body.html.includes('lang="fr"'));
    await page.click("#languages a");
    await says(page, "#sent-to", `We emailed your activation code to ${address}.`);
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
    await says(page, "#own-password-error", /don’t match this sign-up/);
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
    assert.match(await text(page, "#resend"), /^New code in (30|2\d) seconds$/);
    await page.click("#resend", { force: true });
    assert.equal((await mails(address)).length, 1, "it sleeps");
    await page.clock.fastForward(35000);
    await says(page, "#resend:not([aria-disabled])", "Send a new code");
    assert.match(await text(page, "#left"), /^0:2\d$/);
    await page.clock.fastForward(60000);
    await says(page, ALERT, /has expired/);
    assert.equal(await text(page, "#left"), "0:00");
    await leave(page);
  });

  test("after three wrong codes a new one is offered, and back from the end starts anew", async () => {
    const address = newAddress();
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    const right = codeIn(await mail(address));
    const guesses = ["1111", "2222", "3333", "4444"].filter((code) => code !== right).slice(0, 3);
    for (const [index, left] of [/2 more/, /one more/, /no tries left/].entries()) {
      await page.fill("#code", guesses[index]);
      await says(page, "#code-error", left);
    }
    await page.fill("#code", right);
    await says(page, ALERT, /too many wrong codes/);
    await picture(page, "exhausted");
    assert.equal((await state(address)).active, 0);
    await timePasses(address, 31);
    // Asked again, the server tells that the wait is over.
    await page.fill("#code", right);
    await page.click("#activate .main");
    await says(page, "#resend:not([aria-disabled])", "Send a new code");
    await page.click("#resend");
    await page.fill("#code", codeIn(await mail(address, 2)));
    await says(page, "#done h1", SAID.en.done);
    await page.goBack();
    await page.locator("#register h1").waitFor();
    assert.equal(await page.inputValue("#password"), "");
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
    assert.equal(note.subject, "You already have an account at Example");
    await mailPictures(note, "note");
  });
});
