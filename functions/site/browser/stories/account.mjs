// Signing in, and the account of the person who did.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { LANGUAGES, LOOKS, PASSWORD, asks, atOnce, codeIn, end, hasAccount, isActive, isFitForAll, isReachedInOrder, leave, looksFit, mail, mailPictures, newAddress, picture, says, signIn, signsIn, signUp, speak, state, tabTo, timePasses, visit, wrong } from "../world.mjs";

after(end);

const NEW = "another 🐎 battery é";
const SAID = {
  en: { missing: "Enter your email address.", wrong: /don’t match/, saved: /We’ll write to you in this language/, current: /isn’t your current password/, changed: /password was changed/, out: /signed out/, gone: "Your account was deleted", others: "fr" },
  fr: { missing: "Saisissez votre adresse e-mail.", wrong: /ne correspondent pas/, saved: /Nous vous écrirons dans cette langue/, current: /pas votre mot de passe actuel/, changed: /mot de passe a été modifié/, out: /session est terminée/, gone: "Votre compte a été supprimé", others: "en" },
};

describe("a person with an account", { concurrency: atOnce }, () => {
  for (const locale of LANGUAGES) {
    test(`in ${locale}: signs in, changes the language and the password, signs out, deletes the account`, async () => {
      const said = SAID[locale];
      const [[size, scheme]] = LOOKS[locale];
      const address = newAddress();
      await hasAccount(address, locale);
      const page = await visit("/", { locale, size, scheme });
      await page.click('#register a[href="login"]');
      await page.locator("#login-email:focus").waitFor();
      await page.click("#login .main");
      await says(page, "#login-email-error", said.missing);
      await signIn(page, address, "not the password");
      await says(page, "#login .bad", said.wrong);
      await looksFit(page, locale, "20-wrong-password");
      await signIn(page, address.toUpperCase());
      await page.locator("#account h1:focus").waitFor();
      await says(page, "#account .address", address);
      await looksFit(page, locale, "21-account");

      await page.selectOption("#locale", said.others);
      await page.click("#language button");
      await says(page, "#language .good", said.saved);
      await page.reload();
      await page.locator("#account").waitFor();
      assert.equal(await page.inputValue("#locale"), said.others);

      await page.click("#new-password summary");
      await page.fill("#current", "not the password");
      await page.fill("#password", NEW);
      await page.click("#change button.second");
      await says(page, "#current-error", said.current);
      await looksFit(page, locale, "24-new-password");
      assert.equal(await signsIn(address, PASSWORD), 200, "nothing has changed");
      await page.fill("#current", PASSWORD);
      await page.click("#change button.second");
      await says(page, "#change .good", said.changed);
      assert.equal(await signsIn(address, NEW), 200);
      assert.equal(await signsIn(address, PASSWORD), 401);
      assert.equal(await page.inputValue("#password"), "");

      await page.click("#leave button");
      await says(page, "#login .good", said.out);
      await page.goto(new URL("me", page.url()).href);
      await page.locator("#login").waitFor();
      await signIn(page, address, NEW);

      await page.locator("#account h1:focus").waitFor();
      await page.click("#to-delete");
      await page.locator("#delete h1:focus").waitFor();
      await looksFit(page, locale, "22-delete");
      await page.click("#keep");
      await page.locator("#account h1:focus").waitFor();
      assert.equal((await state(address)).attempts, 1);
      await page.click("#to-delete");
      await says(page, "#delete .address", address);
      await page.click("#delete .danger");
      await says(page, "#deleted h1", said.gone);
      await looksFit(page, locale, "23-deleted");
      assert.equal((await state(address)).attempts, 0);
      const letter = await mail(address, 3);
      await mailPictures(letter, `account-deleted-${locale}`);
      await leave(page, NEW);
    });
  }

  test("needs no mouse: signs in, changes the language and the password, deletes the account", async () => {
    const address = newAddress();
    await hasAccount(address);
    const page = await visit("/");
    const keys = page.keyboard;
    await page.locator("#register .main:enabled").waitFor();
    await tabTo(page, '#register a[href="login"]');
    await keys.press("Enter");
    await page.locator("#login-email:focus").waitFor();
    await isReachedInOrder(page, "#login");
    await keys.type(address);
    await tabTo(page, "#login-password");
    await keys.type(PASSWORD);
    await keys.press("Enter");
    await page.locator("#account h1:focus").waitFor();
    await isReachedInOrder(page, "#account");
    await tabTo(page, "#locale");
    await keys.press("ArrowDown");
    await tabTo(page, "#language button");
    await keys.press("Enter");
    await says(page, "#language .good", SAID.en.saved);
    await tabTo(page, "#new-password summary");
    await keys.press("Enter");
    await tabTo(page, "#current");
    await keys.type(PASSWORD);
    await tabTo(page, "#password");
    await keys.type(NEW);
    await keys.press("Enter");
    await says(page, "#change .good", SAID.en.changed);
    await tabTo(page, "#to-delete");
    await keys.press("Enter");
    await page.locator("#delete h1:focus").waitFor();
    await isReachedInOrder(page, "#delete");
    await tabTo(page, "#delete .danger");
    await keys.press("Space");
    await page.locator("#deleted h1:focus").waitFor();
    assert.equal((await state(address)).attempts, 0);
    assert.match((await mail(address, 3)).subject, /supprimé/, "in the language that was chosen");
    await leave(page, NEW);
  });

  test("looks no different to a stranger who guesses, whether there is an account or not", async () => {
    const [known, unknown] = [newAddress(), newAddress()];
    await hasAccount(known);
    const seen = [];
    for (const address of [known, unknown]) {
      const page = await visit("/login");
      await signIn(page, address, "not the password");
      await says(page, "#login .bad", SAID.en.wrong);
      seen.push((await page.locator("main").innerHTML()).replaceAll(address, "…"));
      await leave(page);
    }
    assert.equal(seen[0], seen[1]);
  });

  test("opens the account without a session: signs in first, and is there", async () => {
    const address = newAddress();
    await hasAccount(address);
    const page = await visit("/me");
    await page.locator("#login").waitFor();
    await page.fill("#login-email", address);
    await page.fill("#login-password", PASSWORD);
    await page.keyboard.press("Enter");
    await page.locator("#account h1:focus").waitFor();
    // Signed out by a new password on another device.
    const { body } = await asks("/login", { email: address, password: PASSWORD });
    await fetch(new URL("/users/me", page.url()), { method: "PATCH", headers: { authorization: `Bearer ${body.access_token}`, "content-type": "application/json" }, body: JSON.stringify({ current_password: PASSWORD, password: NEW }) });
    await page.click("#language button");
    await says(page, "#login .good", /You’ve been signed out. Sign in again/);
    await signIn(page, address, NEW);
    await page.locator("#account h1:focus").waitFor();
    await leave(page, NEW);
  });

  test("loses the connection on the way: it is said, and the next try works", async () => {
    const address = newAddress();
    await hasAccount(address);
    const page = await visit("/login");
    await signIn(page, address);
    await page.locator("#account").waitFor();
    for (const [path, button, where] of [["**/users/me", "#language button", "#language .bad"], ["**/logout", "#leave button", "#leave .bad"]]) {
      await page.route(path, (route) => route.abort(), { times: 1 });
      await page.click(button);
      await says(page, where, /didn’t answer/);
    }
    await page.route("**/users/me", (route) => route.abort(), { times: 1 });
    await page.reload();
    await says(page, "#loading .bad", /didn’t answer/);
    await isFitForAll(page);
    await page.click("#reload");
    await page.locator("#account").waitFor();
    await leave(page);
  });
});

describe("a person whose account is not active yet", { concurrency: atOnce }, () => {
  test("signs in, is led to the code, and is in", async () => {
    const address = newAddress();
    const { body } = await asks("/register", { email: address, password: PASSWORD });
    const page = await visit("/login");
    await signIn(page, address);
    await page.locator("#code:focus").waitFor();
    await says(page, "#sent-to", /isn’t active yet/);
    assert.equal(new URL(page.url()).hash, `#registration=${body.registration}`);
    await isFitForAll(page);
    await picture(page, "pending");
    const code = codeIn(await mail(address));
    await page.fill("#code", wrong(code));
    await says(page, "#code-error", /2 more/);
    await page.fill("#code", code);
    await isActive(page);
    assert.deepEqual(await state(address), { attempts: 1, active: 1 });
    await leave(page);
  });

  test("signs in when the code is old: a new one is a click away", async () => {
    const address = newAddress();
    await asks("/register", { email: address, password: PASSWORD });
    await timePasses(address, 61);
    const page = await visit("/login");
    await signIn(page, address);
    await page.locator("#code:focus").waitFor();
    await page.click("#resend");
    await says(page, "#activate .good", /sent you a new code/);
    await page.fill("#code", codeIn(await mail(address, 2)));
    await isActive(page);
    await leave(page);
  });

  test("opens the account: is asked for the password and the code", async () => {
    const address = newAddress();
    await asks("/register", { email: address, password: PASSWORD });
    const page = await visit("/login");
    await signIn(page, address);
    await page.locator("#code:focus").waitFor();
    await page.goto(new URL("me", page.url()).href);
    await page.locator("#own-password:focus").waitFor();
    assert.equal(await page.inputValue("#own-email"), address);
    await page.fill("#own-password", PASSWORD);
    await page.fill("#code", codeIn(await mail(address)));
    await isActive(page);
    await leave(page);
  });
});

describe("after the activation", () => {
  test("a sign-in that fails is no dead end", async () => {
    const address = newAddress();
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    await page.route("**/login", (route) => route.abort(), { times: 1 });
    await page.fill("#code", codeIn(await mail(address)));
    await says(page, "#done .lead", /You can now sign in/);
    await isFitForAll(page);
    await picture(page, "done-signed-out");
    await speak(page, "fr");
    await says(page, "#done h1", "Votre compte est actif");
    await page.click("#done .main");
    await page.locator("#login h1", { hasText: "Connectez-vous" }).waitFor();
    await leave(page);
  });
});
