// The journey with the client of openapi-generator's `typescript-fetch`.
import assert from "node:assert/strict";
import { AccountApi, CodeIncorrectFromJSON, Configuration, RegistrationApi, ResponseError, SessionApi } from "./generated/fetch";
import { API, PASSWORD, mailedCode, newAddress, wrong } from "./person";

async function journey() {
  const email = newAddress("fetch");
  const api = new RegistrationApi(new Configuration({ basePath: API, username: email, password: PASSWORD }));
  const { registration } = await api.register({ signUp: { email, password: PASSWORD }, idempotencyKey: crypto.randomUUID() });
  const code = await mailedCode(email);

  const refused: unknown = await api.activate({ activation: { code: wrong(code), registration } }).catch((error: unknown) => error);
  assert(refused instanceof ResponseError && refused.response.status === 403);
  const problem = CodeIncorrectFromJSON(await refused.response.json());
  assert.deepEqual([problem.attemptsLeft, problem.code], [2, "code-incorrect"]);

  const account = await api.activate({ activation: { code, registration } });
  assert.equal(account.email, email);
  const session = await new SessionApi(new Configuration({ basePath: API })).login({ login: { email, password: PASSWORD } });
  assert(session.activated && session.accessToken);
  const me = await new AccountApi(new Configuration({ basePath: API, accessToken: session.accessToken })).readMe();
  assert.equal(me.id, account.id);
}

void journey();
