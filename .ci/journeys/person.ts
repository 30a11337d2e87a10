// What every journey needs: an address, and the code that was mailed to it.
import assert from "node:assert/strict";

const setting = (name: string): string => process.env[name] ?? assert.fail(`${name} is not set`);

export const API = setting("API");
export const PASSWORD = "correct horse battery";
export const newAddress = (name: string): string => `${name}-${crypto.randomUUID()}@example.com`;
/** Four digits that are not these. */
export const wrong = (code: string): string => code.replace(/\d/g, (digit) => String((Number(digit) + 1) % 10));

type Mail = { subject: string; destination: { to: string[] } };

export async function mailedCode(address: string): Promise<string> {
  const store = await (await fetch(`${setting("MAILBOX")}/store`)).json() as { emails: Mail[] };
  const mine = store.emails.filter((mail) => mail.destination.to.includes(address));
  return mine.at(-1)?.subject.match(/^\d+/)?.[0] ?? assert.fail(`no code was mailed to ${address}`);
}
