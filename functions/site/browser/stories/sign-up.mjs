// The minute as a person lives it, in a real browser, on the real stack.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { LANGUAGES, LOOKS, PASSWORD, atOnce, codeIn, end, go, isActive, isFitForAll, isReachedInOrder, leave, looksFit, losesNextAnswer, mail, mailPictures, mails, newAddress, picture, says, signUp, speak, state, tabTo, timePasses, visit, wrong } from "../world.mjs";

after(end);

const ALERT = "#activate .bad";
const SAID = {
  en: { wrong: /code is wrong.*2 more/, over: /has expired/, resent: /sent you a new code/ },
  fr: { wrong: /code est incorrect.*2.essais/, over: /a expiré/, resent: /envoyé un nouveau code/ },
};
const text = (page, selector) => page.locator(selector).first().textContent();

describe("a person signs up", { concurrency: atOnce }, () => {
  for (const locale of LANGUAGES) {
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
      assert.equal(await page.getAttribute("#password", "autocomplete"), "off", "or it gets into the session file");
      await page.click("#register .main");
      await page.locator("#code:focus").waitFor();
      assert.equal(await page.getAttribute("#password", "type"), "password", "it is hidden when it is sent");
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

      // Enter does what the first button says.
      await page.keyboard.press("Enter");
      await says(page, "#activate .good", said.resent);
      const second = codeIn(await mail(address, 2));
      // Pasted as people write it.
      await page.fill("#code", `${second.slice(0, 2)} ${second.slice(2)}`);
      await isActive(page, locale);
      assert.deepEqual(await state(address), { attempts: 1, active: 1 });
      await looksFit(page, locale, "6-account");
      await leave(page);
    });
  }

  test("the keyboard is enough, and the focus is always seen", async () => {
    const address = newAddress();
    const page = await visit("/");
    const keys = page.keyboard;
    await page.locator("#register .main:enabled").waitFor();
    await tabTo(page, "#languages a");
    await tabTo(page, "#email");
    await keys.type(address);
    await tabTo(page, "#password");
    await keys.type(PASSWORD);
    await keys.press("Enter");
    await page.locator("#code:focus").waitFor();
    const code = codeIn(await mail(address));
    await page.locator("#resend").waitFor();
    await isReachedInOrder(page, "#activate");
    await keys.type(code);
    await isActive(page);
    await page.locator("#account h1:focus").waitFor();
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
    await losesNextAnswer(page, "**/register");
    await signUp(page, address);
    await says(page, "#register .bad", /didn’t answer/);
    await page.click("#register .main");
    await page.locator("#code:focus").waitFor();
    assert.equal((await mails(address)).length, 1);
    assert.equal((await state(address)).attempts, 1);
    const code = codeIn(await mail(address));
    await losesNextAnswer(page, "**/activate");
    await page.fill("#code", code);
    await says(page, ALERT, /didn’t answer/);
    await page.click("#activate .main");
    await isActive(page);
    await leave(page);
  });

  test("back, forward, reload and the other language break nothing", async () => {
    const address = newAddress();
    const page = await visit("/");
    await page.fill("#email", address);
    await speak(page, "fr");
    await says(page, "#register h1", "Créez votre compte");
    assert.equal(await page.inputValue("#email"), address);
    await page.fill("#password", PASSWORD);
    await page.click("#register .main");
    await page.locator("#code:focus").waitFor();
    const sent = await mail(address);
    assert.ok(sent.body.html.includes('lang="fr"'));
    await speak(page, "en");
    await says(page, "#sent-to", `We’ve emailed ${address}. Enter the code from that email.`);
    await go(page, -1);
    await page.locator("#register h1").waitFor();
    await go(page, 1);
    await page.locator("#code").waitFor();
    assert.equal(await page.locator("#credentials").isVisible(), false);

    // The tab of a phone that read the mail meanwhile: the password alone is gone.
    await page.reload();
    await page.locator("#own-password:focus").waitFor();
    assert.equal(await page.inputValue("#own-email"), address);
    assert.match(await text(page, "#left"), /^(1:00|0:\d\d)$/);
    await says(page, "#sent-to", /password again/);
    await isFitForAll(page);
    await picture(page, "after-reload");
    await page.fill("#own-password", "wrong password");
    await page.fill("#code", codeIn(sent));
    await says(page, "#own-password-error", /don’t match this sign-up/);
    await picture(page, "wrong-password");
    await page.fill("#own-password", PASSWORD);
    await page.click("#activate .main");
    await isActive(page);
    assert.equal(new URL(page.url()).hash, "");

    await go(page, -1);
    await says(page, "#done h1", "Your account is active");
    await page.reload();
    await says(page, "#done h1", "Your account is active");
    await isFitForAll(page);
    await picture(page, "done");
    await page.click("#done .main");
    await page.locator("#login").waitFor();
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
    assert.match(await text(page, "#resend"), /^New code in (30|2\d)\sseconds$/);
    await page.click("#resend", { force: true });
    assert.equal((await mails(address)).length, 1, "it sleeps");
    await page.clock.fastForward(35000);
    await says(page, "#resend:not([aria-disabled])", "Send a new code");
    assert.match(await text(page, "#left"), /^0:2\d$/);
    await page.clock.fastForward(60000);
    await says(page, ALERT, /has expired/);
    await page.locator("#resend:focus").waitFor();
    for (const gone of ["#code", "#left", "#activate .main"]) assert.equal(await page.locator(gone).isVisible(), false, gone);
    await leave(page);
  });

  test("after three wrong codes a new one is offered, and back from the end starts anew", async () => {
    const address = newAddress();
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    const right = codeIn(await mail(address));
    const guesses = ["1111", "2222", "3333", "4444"].filter((code) => code !== right).slice(0, 3);
    for (const [index, left] of [/2 more/, /one more/].entries()) {
      await page.fill("#code", guesses[index]);
      await says(page, "#code-error", left);
    }
    await page.fill("#code", guesses[2]);
    await says(page, ALERT, /no tries left/);
    assert.equal(await page.locator("#left").isVisible(), false, "the code is dead, whatever is left of its minute");
    await picture(page, "exhausted");
    assert.equal((await state(address)).active, 0);
    // The page counts down to the next code.
    await says(page, "#resend[aria-disabled]", /New code in \d+\sseconds/);
    await timePasses(address, 31);
    await page.evaluate(() => history.replaceState({ ...history.state, mayResendAt: Date.now() }, ""));
    await page.reload();
    await page.fill("#own-password", PASSWORD);
    await page.click("#resend");
    await page.locator("#code:focus").waitFor();
    await page.fill("#code", codeIn(await mail(address, 2)));
    await isActive(page);
    await go(page, -2);
    await page.locator("#register h1").waitFor();
    assert.equal(await page.inputValue("#password"), "");
    await leave(page);
  });

  test("the last code is said to be the last, not counted down for a day", async () => {
    const address = newAddress();
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    for (let count = 2; count <= 4; count++) {
      await timePasses(address, 31);
      await page.evaluate(() => history.replaceState({ ...history.state, mayResendAt: Date.now() }, ""));
      await page.reload();
      await page.fill("#own-password", PASSWORD);
      await page.click("#resend");
      await mail(address, count);
      await page.locator("#code:focus").waitFor();
    }
    await says(page, "#last-code", /No more codes can be sent/);
    assert.equal(await page.locator("#resend").isVisible(), false);
    assert.match(await text(page, "#left"), /^(1:00|0:5\d)$/, "it is as good as the others");
    await isFitForAll(page);
    await picture(page, "last-code");
    await timePasses(address, 61);
    await page.fill("#code", codeIn(await mail(address, 4)));
    await page.locator("#activate .bad", { hasText: /^This code no longer works\.$/ }).waitFor();
    await page.locator("#again.main:focus").waitFor();
    await isFitForAll(page);
    await picture(page, "last-code-over");
    await page.getByRole("link", { name: "Sign up again" }).click();
    await page.locator("#email:focus").waitFor();
    await leave(page);
  });

  test("an owner of an account gets a note and the stranger learns nothing", async () => {
    const address = newAddress();
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    await page.fill("#code", codeIn(await mail(address)));
    await isActive(page);
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
