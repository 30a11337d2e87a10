// The journey with the client of @hey-api/openapi-ts.
import assert from "node:assert/strict";
import { activate, login, readMe, register } from "./generated/hey";
import { createClient } from "./generated/hey/client";
import { API, PASSWORD, mailedCode, newAddress, wrong } from "./person";

async function journey() {
  const client = createClient({ baseUrl: API });
  const email = newAddress("hey");
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const { data: attempt } = await register({ client, headers, body: { email, password: PASSWORD } });
  assert(attempt);
  const { registration } = attempt;
  const code = await mailedCode(email);

  const auth = `${email}:${PASSWORD}`;
  const { error } = await activate({ client, auth, body: { code: wrong(code), registration } });
  assert(error && "attempts_left" in error);
  const left: number = error.attempts_left;
  const reason: "code-incorrect" | false = error.code === "code-incorrect" && error.code;
  assert.deepEqual([left, reason, error.type], [2, "code-incorrect", `${API}/docs/problems#code-incorrect`]);

  const { data: account } = await activate({ client, auth, body: { code, registration } });
  assert.equal(account?.email, email);
  const { data: session } = await login({ client, body: { email, password: PASSWORD } });
  assert(session?.activated);
  const { data: me } = await readMe({ client, auth: ({ scheme }) => (scheme === "bearer" ? session.access_token : undefined) });
  assert.equal(me?.id, account.id);
}

void journey();
