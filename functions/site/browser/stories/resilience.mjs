// What goes wrong on the way to the page, and in it: it is said in words, and nothing typed is lost.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { PASSWORD, SITE, SIZES, atOnce, codeIn, end, filesLeftBy, hasAccount, inChromium, inWholeChromium, isActive, isFitForAll, leave, mail, mails, newAddress, picture, says, signUp, speak, timePasses, visit, wrong } from "../world.mjs";

after(end);

const PAGES = ["/", "/activate", "/login", "/not-me#token=x", "/password", "/password#token=x", "/me"];
const localhost = SITE.replace("127.0.0.1", "localhost");

describe("a page", { concurrency: atOnce }, () => {
  test("whose script does not come says so, and sends nothing", async () => {
    for (const path of PAGES) {
      const page = await visit("about:blank");
      await page.route("**/common-*.js", (route) => route.abort());
      await page.goto(SITE + path);
      const card = page.locator("main > .card:visible");
      assert.equal(await card.count(), 1, `${path} is not blank`);
      for (const button of await card.locator("button").all()) assert.ok(await button.isDisabled(), path);
      if (path === "/") {
        await page.fill("#email", "ada@example.com");
        await page.press("#email", "Enter");
        assert.equal(new URL(page.url()).pathname, "/", "Enter sends nothing");
        await page.locator("#late").waitFor();
        await picture(page, "late");
      }
      assert.ok(page.requested.every((request) => request.method() === "GET"));
      await page.context().close();
    }
  });

  test("says what to do without JavaScript", inChromium, async () => {
    for (const path of PAGES) {
      const page = await visit(path, { javaScriptEnabled: false });
      assert.match(await page.locator("noscript").innerText(), /needs JavaScript/);
      assert.equal(await page.locator(".card:visible, #late:visible").count(), 0);
      if (path === "/") await picture(page, "no-javascript");
      await page.context().close();
    }
  });

  test("has its own title before any script runs", async () => {
    for (const [path, title] of [["/", "Create your account"], ["/activate", "Enter your code"], ["/login", "Sign in"], ["/me", "Your account"]]) {
      const html = await (await fetch(SITE + path)).text();
      assert.match(html, new RegExp(`<title>${title} · `), path);
    }
  });

  test("tells every unexpected mistake in words", async () => {
    const page = await visit("/");
    await page.evaluate(() => (crypto.getRandomValues = () => { throw new Error("none"); }));
    await signUp(page, newAddress());
    await says(page, "#register .bad", /Something went wrong on our side/);
    await page.evaluate(() => setTimeout(() => { throw new Error("unexpected"); }));
    await says(page, "#trouble", /Something went wrong on our side/);
    assert.deepEqual(page.complaints, ["Error: unexpected"]);
    page.complaints.length = 0;
    await leave(page);
  });

  test("works where browsers give it no secure context", async () => {
    const page = await visit("about:blank");
    await page.addInitScript(() => delete Crypto.prototype.randomUUID);
    await page.goto(`${SITE}/`);
    const address = newAddress();
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    assert.equal((await mails(address)).length, 1);
    await leave(page);
  });

  test("works at both names of this machine", async () => {
    const page = await visit(`${localhost}/password`);
    await page.fill("#email", newAddress());
    await page.click("#forgot .main");
    await page.locator("#sent h1:focus").waitFor();
    await page.context().close();
  });

  test("keeps what was typed when the connection is lost on the way to another language", async () => {
    const address = newAddress();
    const page = await visit("/");
    await page.fill("#email", address);
    await page.fill("#password", PASSWORD);
    await page.context().setOffline(true);
    await page.click("#languages a");
    await says(page, "#trouble", /didn’t answer/);
    await isFitForAll(page);
    assert.equal(await page.inputValue("#email"), address);
    assert.equal(await page.inputValue("#password"), PASSWORD);
    await page.context().setOffline(false);
    await speak(page, "fr");
    assert.equal(await page.textContent("#trouble"), "");
    assert.equal(await page.inputValue("#password"), PASSWORD);
    await leave(page);
  });

  test("keeps the address that was typed over a reload, and no password", async () => {
    const page = await visit("/");
    await page.locator("#register .main:enabled").waitFor();
    await page.fill("#email", "ada@example.com");
    await page.fill("#password", PASSWORD);
    await page.waitForFunction(() => history.state?.typed);
    await page.reload();
    await page.waitForFunction(() => document.getElementById("email").value === "ada@example.com");
    assert.equal(await page.inputValue("#password"), "");
    await leave(page);
  });
});

describe("a password", { concurrency: atOnce }, () => {
  test("is in no file of the browser, not even after it was shown", inWholeChromium, async () => {
    const address = newAddress();
    await hasAccount(address);
    const files = await filesLeftBy(async (page) => {
      for (const [path, card, fields] of [["/", "#register", ["#password"]], ["/activate", "#activate", ["#own-password"]], ["/password#token=x", "#reset", ["#password"]], ["/login", "#login", ["#login-password"]], ["/me#new-password", "#change", ["#current", "#password"]]]) {
        await page.goto(SITE + path);
        for (const field of fields) {
          await page.locator(field).fill(PASSWORD);
          await page.click(`${card} .show[aria-controls="${field.slice(1)}"]`);
        }
        if (path === "/login") {
          await page.fill("#login-email", address);
          await page.click("#login .main");
          await page.locator("#account").waitFor();
        }
      }
      await page.goto(`${SITE}/docs/problems`);
    });
    const hold = (text) => ["utf8", "utf16le"].some((encoding) => files.includes(Buffer.from(text, encoding)));
    assert.ok(hold(address), "what was typed is in them");
    assert.ok(!hold(PASSWORD));
  });
});

describe("a code", { concurrency: atOnce }, () => {
  for (const [how, around] of [["the subject of the email", (code) => `${code} is your activation code`], ["with a full stop", (code) => `${code}.`], ["in full-width digits", (code) => [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join("")], ["between quotation marks and many words", (code) => `${"Your code, as the email had it, in many words: ".repeat(2)}“${code}”`]]) {
    test(`is taken when it is pasted as ${how}`, async () => {
      const address = newAddress();
      const page = await visit("/");
      await signUp(page, address);
      await page.locator("#code:focus").waitFor();
      await page.fill("#code", around(codeIn(await mail(address))));
      await isActive(page);
      await leave(page);
    });
  }

  test("that is wrong costs one try, also when the button is clicked after the last digit", async () => {
    const address = newAddress();
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    const right = codeIn(await mail(address));
    await page.locator("#code").pressSequentially(wrong(right));
    await says(page, "#code-error", /2 more/);
    await page.click("#activate .main");
    await page.press("#code", "Enter");
    await says(page, "#code-error", /2 more/);
    assert.equal(page.requested.filter((request) => request.url().endsWith("/activate") && request.method() === "POST").length, 1);
    await page.fill("#code", right);
    await isActive(page);
    await leave(page);
  });

  test("that cannot be one is refused beside its field, and costs nothing", async () => {
    const address = newAddress();
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    for (const typed of ["", "abcd", "12 or 13"]) {
      await page.fill("#code", typed);
      await page.click("#activate .main");
      await says(page, "#code-error", "Enter the 4 digits from the email.");
    }
    await page.fill("#code", wrong(codeIn(await mail(address))));
    await says(page, "#code-error", /2 more/);
    await leave(page);
  });
});

describe("everybody", { concurrency: atOnce }, () => {
  test("hears each message that appears", async () => {
    const address = newAddress();
    const page = await visit("/");
    await page.click("#register .main");
    await says(page, "#email-error", "Enter your email address.");
    assert.match(await page.locator("#register").ariaSnapshot(), /- alert: Enter your email address\./);
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    await page.fill("#code", wrong(codeIn(await mail(address))));
    await says(page, "#code-error", /2 more/);
    assert.match(await page.locator("#activate").ariaSnapshot(), /- alert: That code is wrong\. You have 2 more tries\./);
    await timePasses(address, 61);
    await page.fill("#code", codeIn(await mail(address)));
    await says(page, "#activate .bad", /has expired/);
    assert.match(await page.locator("#activate").ariaSnapshot(), /- alert: This code has expired/);
    await leave(page);
  });

  test("hears what the button beside a password does, in one way", async () => {
    const page = await visit("/");
    const button = page.locator("#register .show");
    assert.match(await page.locator("#register").ariaSnapshot(), /- button "Show password"/);
    await button.click();
    assert.match(await page.locator("#register").ariaSnapshot(), /- button "Hide password"/);
    assert.equal(await button.getAttribute("aria-pressed"), null);
    await leave(page);
  });

  test("sees the minute above the code, on a small phone with its keyboard open", async () => {
    const address = newAddress();
    const page = await visit("/");
    await page.setViewportSize({ width: 320, height: 568 });
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    // What the keyboard leaves.
    await page.setViewportSize({ width: 320, height: 308 });
    await page.locator("#code").scrollIntoViewIfNeeded();
    await page.fill("#code", wrong(codeIn(await mail(address))));
    await says(page, "#code-error", /2 more/);
    await page.locator("#code-error").scrollIntoViewIfNeeded();
    for (const seen of ["#left", "#code", "#code-error"]) {
      const { y, height } = await page.locator(seen).boundingBox();
      assert.ok(y >= 0 && y + height <= 308, `${seen} is at ${y}`);
    }
    await picture(page, "keyboard-open");
    await leave(page);
  });

  test("reads a rejected code, which is selected, in both schemes", inChromium, async () => {
    const luminance = (color) => color.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    for (const scheme of ["light", "dark"]) {
      const page = await visit("/", { scheme });
      const colors = await page.evaluate(() => {
        const { color, backgroundColor } = getComputedStyle(document.querySelector("#code"), "::selection");
        return [color, backgroundColor];
      });
      const [darker, lighter] = colors.map(luminance).toSorted((one, other) => one - other);
      assert.ok((lighter + 0.05) / (darker + 0.05) >= 4.5, `${scheme}: ${colors}`);
      await leave(page);
    }
  });

  test("sees the bar of the minute and the points of a list in high contrast", inChromium, async () => {
    const address = newAddress();
    const page = await visit("/", { forcedColors: "active", scheme: "dark" });
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    await picture(page, "forced-colors");
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("#bar")).borderTopStyle), "solid");
    await page.goto(`${SITE}/not-me#token=x`);
    await page.locator("#act li").first().waitFor();
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("#act li"), "::before").borderTopStyle), "solid");
    await leave(page);
  });

  test("sees an address as it was written, whatever its alphabet", async () => {
    const address = `person${process.pid}@bücher.example`;
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    await says(page, "#sent-to", address);
    await leave(page);
  });

  test("finds a page, not JSON, at an address that is none", async () => {
    for (const [path, status] of [["/signin", 404], ["/register", 405], ["/logout", 405], ["/users/00000000-0000-4000-8000-000000000000/x", 404], ["/password/forgot", 405]]) {
      const page = await visit("about:blank");
      const answer = await page.goto(SITE + path);
      assert.equal(answer.status(), status, path);
      await page.getByRole("heading", { name: "There’s no page here" }).waitFor();
      await isFitForAll(page);
      if (status === 404) await picture(page, "nothing");
      await page.getByRole("link", { name: "Sign in" }).click();
      await page.locator("#login-email").waitFor();
      await leave(page);
      const { status: told, headers } = await fetch(SITE + path);
      assert.deepEqual([told, headers.get("content-type")], [status, "application/problem+json"], "programs get a problem");
    }
    const french = await visit("/nothing", { locale: "fr", size: "desktop" });
    await french.getByRole("heading", { name: "Il n’y a pas de page ici" }).waitFor();
    await french.context().close();
  });

  test("keeps the chosen language from page to page", async () => {
    const page = await visit("/", { viewport: SIZES.desktop });
    await speak(page, "fr");
    await page.click('#register a[href="login"]');
    await page.locator("#login h1", { hasText: "Connectez-vous" }).waitFor();
    await page.click('#login a[href="password"]');
    await page.locator("#forgot h1", { hasText: "oublié" }).waitFor();
    await page.reload();
    await page.locator("#forgot h1", { hasText: "oublié" }).waitFor();
    await leave(page);
  });
});
