// Mails in the mailbox, their links, and who else opens these.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { MAILBOX, PASSWORD, atOnce, codeIn, end, isActive, isFitForAll, leave, links, mail, mailPictures, newAddress, picture, says, signUp, state, visit } from "../world.mjs";

after(end);

describe("a mail", { concurrency: atOnce }, () => {
  test("is read in the mailbox, its link is followed, and the account is active", async () => {
    const address = newAddress();
    const page = await visit("/");
    await signUp(page, address);
    await page.locator("#code:focus").waitFor();
    const sent = await mail(address);
    await mailPictures(sent, "code");
    await leave(page);

    const mailbox = await visit(`${MAILBOX}/`, { size: "desktop" });
    const shown = mailbox.locator(":has(> * iframe), :has(> iframe)").filter({ hasText: address }).last();
    await shown.getByText("Toggle HTML view").click();
    await shown.locator("iframe").waitFor();
    await shown.screenshot({ path: `${process.env.PICTURES}/mailbox.png` });
    const link = shown.frameLocator("iframe").locator('a[href*="/activate#"]').first();
    const [other] = await Promise.all([mailbox.context().waitForEvent("page"), link.click()]);
    Object.assign(other, { complaints: [], requested: [] });
    await other.locator("#own-password:focus").waitFor();
    assert.equal(await other.inputValue("#own-email"), address);
    assert.equal((await state(address)).active, 0, "opening activates nothing");
    await isFitForAll(other);
    await picture(other, "activate-from-mail");
    await other.fill("#own-email", address.toUpperCase());
    await other.fill("#own-password", PASSWORD);
    await other.fill("#code", codeIn(sent));
    await isActive(other);
    await leave(other);
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
    await isActive(page);
    await leave(page);
  });
});
