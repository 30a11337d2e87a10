"""For schemathesis: signs in where the contract asks for it, with the accounts of `cargo dev`.

As a program, signs up and activates the account of the address that it is given.

Leaves out what cargo-lambda's own HTTP server answers with a 500 before a function sees it: bodies
that are not UTF-8 and header values that are not printable ASCII. The functions get both in
`tests/stories/input.rs`."""

import base64
import json
import os
import re
import sys
import urllib.request
import uuid

API = os.environ["CONTRACT_API"]
MAILBOX = os.environ["CONTRACT_MAILBOX"]
ADMIN = "contract-admin@example.com"
PASSWORD = "correct horse battery"


def post(path, body, headers=()):
    headers = {"content-type": "application/json", **dict(headers)}
    request = urllib.request.Request(API + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def sign_up(email):
    registration = post("/register", {"email": email, "password": PASSWORD})["registration"]
    with urllib.request.urlopen(f"{MAILBOX}/store", timeout=30) as answer:
        mails = json.load(answer)["emails"]
    mine = [mail for mail in mails if email in mail["destination"]["to"]]
    code = re.match(r"\d+", mine[-1]["subject"])[0]
    post("/activate", {"code": code, "registration": registration}, {"authorization": basic(email)})


def basic(email):
    return "Basic " + base64.b64encode(f"{email}:{PASSWORD}".encode()).decode()


def sign_in(email):
    return post("/login", {"email": email, "password": PASSWORD})["access_token"]


if __name__ == "__main__":
    sign_up(sys.argv[1])
    sys.exit()

import schemathesis  # noqa: E402: not needed as a program


class Session:
    def set(self, case, token, context):
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.auth().apply_to(tag="Account").apply_to(path="/logout").skip_for(operation_id="deleteMe")
class Admin(Session):
    def get(self, case, context):
        return sign_in(ADMIN)

    def set(self, case, token, context):
        super().set(case, token, context)
        # Ids of earlier answers are used again. An admin who disables or deletes themselves is no longer one.
        claims = token.split(".")[1]
        own = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"]
        if case.method != "GET" and (case.path_parameters or {}).get("id") == own:
            case.path_parameters["id"] = str(uuid.uuid4())


@schemathesis.auth().apply_to(operation_id="deleteMe")
class Leaver(Session):
    """A new person each time that the last one is gone."""

    number = 0

    def get(self, case, context):
        self.number += 1
        email = f"leaver-{os.getpid()}-{self.number}@example.com"
        sign_up(email)
        return sign_in(email)


@schemathesis.auth().apply_to(path=["/activate", "/resend"])
class Basic:
    def get(self, case, context):
        return basic(ADMIN)

    def set(self, case, credentials, context):
        case.headers["Authorization"] = credentials


@schemathesis.hook
def filter_case(context, case):
    body = case.body
    if isinstance(body, bytes):
        try:
            body.decode()
        except UnicodeDecodeError:
            return False
    headers = (case.headers or {}).values()
    return all(isinstance(value, str) and value.isascii() and value.isprintable() for value in headers)
