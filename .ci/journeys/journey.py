"""The journey with the client of openapi-python-client."""

import base64
import json
import os
import re
import sys
import urllib.request
import uuid

sys.path.insert(0, sys.argv[1])

from registration_client import AuthenticatedClient, Client  # noqa: E402: generated a moment ago
from registration_client.api.account import read_me  # noqa: E402
from registration_client.api.registration import activate, register  # noqa: E402
from registration_client.api.session import login  # noqa: E402
from registration_client.models import Accepted, Account, Activation, CodeIncorrect, Login, ProblemCode  # noqa: E402
from registration_client.models import Session, SignUp, User  # noqa: E402

API = os.environ["API"]
EMAIL = f"python-{uuid.uuid4()}@example.com"
PASSWORD = "correct horse battery é"


def mailed_code():
    with urllib.request.urlopen(f"{os.environ['MAILBOX']}/store", timeout=30) as answer:
        mails = json.load(answer)["emails"]
    mine = [mail for mail in mails if EMAIL in mail["destination"]["to"]]
    return re.match(r"\d+", mine[-1]["subject"])[0]


client = Client(base_url=API)
attempt = register.sync(client=client, body=SignUp(email=EMAIL, password=PASSWORD), idempotency_key=str(uuid.uuid4()))
assert isinstance(attempt, Accepted), attempt
code = mailed_code()

token = base64.b64encode(f"{EMAIL}:{PASSWORD}".encode()).decode()
basic = AuthenticatedClient(base_url=API, token=token, prefix="Basic")
wrong = code.translate(str.maketrans("0123456789", "1234567890"))
refused = activate.sync(client=basic, body=Activation(code=wrong, registration=attempt.registration))
assert isinstance(refused, CodeIncorrect), refused
assert (refused.attempts_left, refused.code) == (2, ProblemCode.CODE_INCORRECT), refused
# The same with another origin is a problem without `attempts_left`.
elsewhere = {"origin": "https://other.example"}
foreign = AuthenticatedClient(base_url=API, token=token, prefix="Basic", headers=elsewhere)
foreign = activate.sync(client=foreign, body=Activation(code=code, registration=attempt.registration))
assert foreign.code == ProblemCode.FORBIDDEN, foreign

account = activate.sync(client=basic, body=Activation(code=code, registration=attempt.registration))
assert isinstance(account, Account) and account.email == EMAIL, account
session = login.sync(client=client, body=Login(email=EMAIL, password=PASSWORD))
assert isinstance(session, Session) and session.activated, session
me = read_me.sync(client=AuthenticatedClient(base_url=API, token=session.access_token))
assert isinstance(me, User) and me.id == account.id, me
