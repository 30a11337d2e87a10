// The way back in for somebody who forgot a password, on the real stack.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { LANGUAGES, LOOKS, PASSWORD, atOnce, end, hasAccount, isReachedInOrder, leave, links, looksFit, mail, mailPictures, mails, newAddress, picture, says, signsIn, speak, tabTo, timePasses, visit } from "../world.mjs";

after(end);

const NEW = "another 🐎 battery é";
const SAID = {
  en: { missing: /Enter your email/, domain: /after the @ is incomplete/, sent: "Check your inbox", common: /too common/, done: "Your password was changed", used: /has expired or was already used/ },
  fr: { missing: /Saisissez votre adresse/, domain: /après le @ est incomplète/, sent: "Consultez votre boîte de réception", common: /trop courant/, done: "Votre mot de passe a été modifié", used: /a expiré ou a déjà servi/ },
};

/** Asks for a link on the page, and gives the mail that comes. */
async function asksForLink(page, address, count) {
  await page.fill("#email", address);
  await page.press("#email", "Enter");
  await page.locator("#sent h1:focus").waitFor();
  return mail(address.toLowerCase(), count);
}

const linkIn = (letter) => links(letter).find((link) => link.includes("/password#token="));

describe("a person who forgot the password", { concurrency: atOnce }, () => {
  for (const locale of LANGUAGES) {
    test(`in ${locale}: mistakes, a link, a new password, and the old one is worth nothing`, async () => {
      const said = SAID[locale];
      const [[size, scheme]] = LOOKS[locale];
      const address = newAddress();
      await hasAccount(address, locale);
      const page = await visit("/", { locale, size, scheme });
      await page.click('#register a[href="login"]');
      await page.fill("#login-email", "ada@example");
      await page.click('#login a[href="password"]');
      await page.locator("#forgot .main:enabled").waitFor();
      assert.equal(await page.inputValue("#email"), "ada@example", "the link carries the address");
      await page.fill("#email", "");
      await page.locator("#forgot .main:enabled").click();
      await says(page, "#email-error", said.missing);
      await page.fill("#email", "ada@example");
      await page.click("#forgot .main");
      await says(page, "#email-error", said.domain);
      assert.equal((await mails(address)).length, 1, "the code alone");
      await looksFit(page, locale, "7-forgot");

      const letter = await asksForLink(page, address.toUpperCase(), 2);
      await says(page, "#sent h1", said.sent);
      await says(page, "#sent-email", address);
      await looksFit(page, locale, "8-sent");
      await mailPictures(letter, `new-password-${locale}`);
      await leave(page);

      const link = linkIn(letter);
      const reset = await visit(link, { locale, size, scheme });
      // Password managers keep a password under the address beside it.
      assert.equal(await reset.inputValue('#reset [autocomplete="username"]'), address);
      await reset.fill("#password", "password1");
      await reset.click("#reset .main");
      await says(reset, "#password-error", said.common);
      assert.equal(await signsIn(address, PASSWORD), 200, "nothing has changed");
      await looksFit(reset, locale, "9-reset");
      await reset.fill("#password", NEW);
      await reset.click("#reset .main");
      await reset.locator("#done h1:focus").waitFor();
      await says(reset, "#done h1", said.done);
      assert.equal(new URL(reset.url()).hash, "", "the token is gone");
      await looksFit(reset, locale, "10-done");
      await reset.click("#done .main");
      await reset.locator("#login .main:enabled").waitFor();
      assert.equal(await reset.inputValue("#login-email"), address);
      await leave(reset, NEW);
      assert.equal(await signsIn(address, NEW), 200);
      assert.equal(await signsIn(address, PASSWORD), 401);

      const told = await mail(address, 3);
      await mailPictures(told, `password-changed-${locale}`);
      const again = await visit(link, { locale, size, scheme });
      await again.fill("#password", PASSWORD);
      await again.click("#reset .main");
      await says(again, "#forgot .bad", said.used);
      await again.locator("#email:focus").waitFor();
      await looksFit(again, locale, "11-used-link");
      await again.reload();
      await again.locator("#forgot .main").waitFor();
      await leave(again);
      assert.equal(await signsIn(address, NEW), 200, "a used link changes nothing");
    });
  }

  test("needs no mouse", async () => {
    const address = newAddress();
    await hasAccount(address);
    const page = await visit("/password");
    const keys = page.keyboard;
    await page.locator("#forgot .main:enabled").waitFor();
    await isReachedInOrder(page, "#forgot");
    await tabTo(page, "#email");
    await keys.type(address);
    await tabTo(page, "#forgot .main");
    await keys.press("Space");
    await page.locator("#sent h1:focus").waitFor();
    await page.goto(linkIn(await mail(address, 2)));
    await page.locator("#reset .main:enabled").waitFor();
    await isReachedInOrder(page, "#reset");
    await tabTo(page, "#password");
    await keys.type(NEW);
    await tabTo(page, "#reset .show");
    await keys.press("Space");
    assert.equal(await page.getAttribute("#password", "type"), "text");
    await tabTo(page, "#reset .main");
    await keys.press("Enter");
    await page.locator("#done h1:focus").waitFor();
    await tabTo(page, "#done .main");
    await keys.press("Enter");
    await page.locator("#login").waitFor();
    assert.equal(await signsIn(address, NEW), 200);
    await leave(page, NEW);
  });

  test("looks no different without an account, and the mail says so", async () => {
    const [known, unknown] = [newAddress(), newAddress()];
    await hasAccount(known);
    const seen = [];
    for (const [address, count] of [[known, 2], [unknown, 1]]) {
      const page = await visit("/password");
      await speak(page, "fr");
      await says(page, "#forgot h1", "Mot de passe oublié");
      const letter = await asksForLink(page, address, count);
      seen.push((await page.locator("main").innerHTML()).replaceAll(address, "…"));
      if (address === unknown) {
        await mailPictures(letter, "no-account");
        assert.equal(letter.subject, "Aucun compte Example actif pour cette adresse", "in the language of the page");
        const [way] = links(letter);
        const site = await visit(way);
        await site.locator("#register .main").waitFor();
        await leave(site);
        await page.click("#again");
        await page.locator("#email:focus").waitFor();
      }
      await leave(page);
    }
    assert.equal(seen[0], seen[1]);
  });

  test("comes too late: the link is told to be too old, and a new one is a click away", async () => {
    const address = newAddress();
    await hasAccount(address);
    const page = await visit("/password");
    const first = linkIn(await asksForLink(page, address, 2));
    await timePasses(address, 15 * 60 + 1);
    // In the same tab: nothing is loaded.
    await page.goto(first);
    await page.fill("#password", NEW);
    await page.keyboard.press("Enter");
    await says(page, "#forgot .bad", SAID.en.used);
    assert.equal(await signsIn(address, PASSWORD), 200);
    const second = linkIn(await asksForLink(page, address, 3));
    await page.goto(second);
    await page.fill("#password", NEW);
    await page.keyboard.press("Enter");
    await page.locator("#done h1:focus").waitFor();
    await leave(page, NEW);
    assert.equal(await signsIn(address, NEW), 200);
  });

  test("finds the link as good as new after a scanner opened it", async () => {
    const address = newAddress();
    await hasAccount(address);
    const page = await visit("/password");
    const letter = await asksForLink(page, address, 2);
    for (const link of links(letter)) {
      for (const method of ["HEAD", "GET"]) assert.equal((await fetch(link, { method })).status, 200, link);
      const scanner = await visit(link);
      await scanner.waitForLoadState("networkidle");
      assert.ok(scanner.requested.every((request) => request.method() === "GET"));
      await leave(scanner);
    }
    await page.goto(linkIn(letter));
    await page.fill("#password", NEW);
    await page.click("#reset .main");
    await page.locator("#done h1:focus").waitFor();
    await leave(page, NEW);
  });

  test("asks again after a lost answer, and clicks twice: nothing breaks", async () => {
    const address = newAddress();
    await hasAccount(address);
    const page = await visit("/password");
    await page.route("**/password/forgot", (route) => route.abort(), { times: 1 });
    await page.fill("#email", address);
    await page.click("#forgot .main");
    await says(page, "#forgot .bad", /didn’t answer/);
    await page.locator("#forgot .main").dblclick();
    await page.locator("#sent h1:focus").waitFor();
    await mail(address, 2);
    assert.equal((await mails(address)).length, 2, "the code and one link");
    await leave(page);
  });
});
