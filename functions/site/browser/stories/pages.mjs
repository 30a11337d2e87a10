// The other pages.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { PASSWORD, SITE, codeIn, end, isFitForAll, leave, links, looksFit, mail, mails, newAddress, picture, says, signUp, state, timesSaid, visit } from "../world.mjs";

after(end);

describe("the other pages", { concurrency: 4 }, () => {
  for (const locale of ["en", "fr"]) {
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
    await stranger.fill("#code", codeIn(letter));
    await says(stranger, "#activate .bad", /time is over/);
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
    await says(empty, "#act .bad", /not complete/);
    await leave(empty);
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
});
