"""People who sign up, as many at once as you like: `load/README.md` tells how to run it."""

import base64
import json
import os
import random
import re
import statistics
import time
import uuid
from collections import Counter

import gevent
import requests
from locust import FastHttpUser, between, events, task

PASSWORD = "correct horse battery"
CODE_LIFETIME_SECONDS = 60
# Of a person who joins: one to sign up, one to activate a named attempt, two to sign in.
HASHES = 4


@events.init_command_line_parser.add_listener
def options(parser):
    parser.add_argument(
        "--mailbox",
        default="http://127.0.0.1:8005",
        help="where emails arrive: the mailbox of `cargo dev`; empty for none, and then people do not activate",
    )
    parser.add_argument(
        "--hash-ms",
        type=float,
        default=0,
        help="how long a password hash takes on the machine of the functions: the summary tells how many journeys that allows",
    )


class Mailbox:
    """Reads all emails as they arrive, and remembers the newest code for each address."""

    def __init__(self, url):
        self.codes = {}
        self.url = url.rstrip("/")
        self.session = requests.Session()
        self.since = int(time.time())

    def read_forever(self):
        while True:
            try:
                for address, subject in self.emails():
                    code = re.search(r"\b\d{4,8}\b", subject)
                    if code:
                        self.codes[address] = code[0]
            except requests.RequestException as error:
                print(f"the mailbox does not answer: {error}")
                gevent.sleep(2)
            gevent.sleep(0.2)

    def emails(self):
        mails = self.session.get(f"{self.url}/store?since={self.since}", timeout=30).json()["emails"]
        # An email that arrives in this very second is read again with the next ones.
        self.since = max([self.since, *(mail["at"] for mail in mails)])
        return [(mail["destination"]["to"][0], mail["subject"]) for mail in mails]

    def wait_for_code(self, address, other_than=None):
        """The newest code, as soon as there is one; `None` if the minute passes."""
        deadline = time.monotonic() + CODE_LIFETIME_SECONDS
        while time.monotonic() < deadline:
            code = self.codes.get(address)
            if code and code != other_than:
                return code
            gevent.sleep(0.05)
        return None


class Summary:
    """What the whole run came to."""

    def __init__(self):
        self.started = time.monotonic()
        self.sign_ups = self.late = 0
        self.activated_after, self.journeys, self.unexpected = [], [], Counter()

    def print(self, hash_ms):
        seconds = time.monotonic() - self.started
        activated, in_time = len(self.activated_after), sum(after <= CODE_LIFETIME_SECONDS for after in self.activated_after)
        print(f"\n{activated} people have joined in {seconds:.0f} s: {activated / seconds:.2f} a second")
        if hash_ms:
            print(f"the hashes alone allow {os.cpu_count() * 1000 / (HASHES * hash_ms):.2f} a second on as many processors as here")
        if len(self.journeys) > 1:
            percentiles = statistics.quantiles(self.journeys, n=100, method="inclusive")
            print(f"from the first page to the account: p50 {percentiles[49]:.2f} s, p99 {percentiles[98]:.2f} s")
        decided = activated + self.late
        if decided:
            print(f"activated within the minute: {in_time} of {decided} ({100 * in_time / decided:.1f} %)")
        print(f"still under way at the end: {self.sign_ups - decided}")
        print(f"unexpected answers: {self.unexpected.total()}")
        for answer, count in self.unexpected.most_common():
            print(f"  {count} × {answer}")


mailbox, summary = None, Summary()


@events.test_start.add_listener
def start(environment, **_):
    global mailbox, summary
    summary = Summary()
    if environment.parsed_options.mailbox:
        mailbox = Mailbox(environment.parsed_options.mailbox)
        gevent.spawn(mailbox.read_forever)


@events.quitting.add_listener
def stop(environment, **_):
    summary.print(environment.parsed_options.hash_ms)


class Person(FastHttpUser):
    """Tries something, waits a moment, and tries something else."""

    wait_time = between(0.5, 1.5)

    def call(self, expected, method, path, body=None, **headers):
        """Sends a request. Only these statuses are expected; the answer's JSON is returned."""
        expected = expected if isinstance(expected, tuple) else (expected,)
        with self.client.request(method, path, json=body, headers=headers, catch_response=True) as answer:
            if answer.status_code in expected:
                answer.success()
            else:
                detail = re.sub(r',?"request_id":"[^"]*"', "", answer.text or "")
                summary.unexpected[f"{method} {path} -> {answer.status_code} {detail[:300]}"] += 1
                answer.failure(f"unexpected {answer.status_code}")
            is_json = "json" in (answer.headers or {}).get("content-type", "")
            return answer.status_code, json.loads(answer.text) if is_json else {}

    @task(10)
    def journey(self):
        """Opens the page, signs up, reads the code, activates, signs in, and reads the account."""
        address = f"{uuid.uuid4()}@example.com"
        started = time.monotonic()
        self.call(200, "GET", "/")
        _, opened = self.call(202, "POST", "/register", {"email": address, "password": PASSWORD})
        if mailbox is None or "registration" not in opened:
            return
        summary.sign_ups += 1
        code = mailbox.wait_for_code(address)
        if code is None:
            summary.late += 1
            summary.unexpected["no email within the minute"] += 1
            return
        named = {"registration": opened["registration"]}
        basic = "Basic " + base64.b64encode(f"{address}:{PASSWORD}".encode()).decode()

        hurdle = random.random()
        if hurdle < 0.2:
            wrong = code.translate(str.maketrans("0123456789", "1234567890"))
            self.call(403, "POST", "/activate", {"code": wrong, **named}, authorization=basic)
        elif hurdle < 0.3:
            # Too early: the emails of an attempt have 30 seconds between them.
            self.call(429, "POST", "/resend", named, authorization=basic)
        elif hurdle < 0.32:
            gevent.sleep(31)
            self.call(202, "POST", "/resend", named, authorization=basic)
            code = mailbox.wait_for_code(address, other_than=code) or code

        status, _ = self.call(200, "POST", "/activate", {"code": code, **named}, authorization=basic)
        if status != 200:
            summary.late += 1
            return
        summary.activated_after.append(time.monotonic() - started)
        _, session = self.call(200, "POST", "/login", {"email": address, "password": PASSWORD})
        bearer = "Bearer " + session.get("access_token", "")
        self.call(200, "GET", "/users/me", authorization=bearer)
        if hurdle >= 0.32:
            # Without the journeys that met a hurdle, which wait for reasons of their own.
            took = time.monotonic() - started
            summary.journeys.append(took)
            self.environment.events.request.fire(
                request_type="JOURNEY",
                name="from the first page to the account",
                response_time=took * 1000,
                response_length=0,
                exception=None,
                context={},
            )

    @task(1)
    def stranger(self):
        """Tries addresses that have no account, and calls that make no sense."""
        address = f"{uuid.uuid4()}@example.com"
        basic = "Basic " + base64.b64encode(f"{address}:{PASSWORD}".encode()).decode()
        self.call(401, "POST", "/activate", {"code": "1234"}, authorization=basic)
        self.call(401, "POST", "/login", {"email": address, "password": PASSWORD})
        self.call(401, "GET", "/users/me")
        self.call(422, "POST", "/register", {"email": "not-an-address", "password": "short"})
        self.call(404, "GET", "/no-such-page")
