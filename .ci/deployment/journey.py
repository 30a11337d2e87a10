"""A person's and an operator's journey on the deployed stage."""

import base64
import json
import re
import ssl
import sys
import urllib.error
import urllib.request

from machine import GATEWAY

PASSWORD = "correct horse battery"


class Site:
    """The stage, over HTTPS, and the mailbox of all its people."""

    def __init__(self, url, authority):
        self.url = url
        self.tls = ssl.create_default_context(cafile=authority)

    def call(self, method, path, body=None, basic=None, bearer=None):
        """The status and the JSON of an answer."""
        headers = {"content-type": "application/json"}
        if basic:
            headers["authorization"] = f"Basic {base64.b64encode(':'.join(basic).encode()).decode()}"
        if bearer:
            headers["authorization"] = f"Bearer {bearer}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=40) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        return status, json.loads(text) if text.startswith(b"{") else {}

    def must(self, expected, method, path, *rest, **more):
        status, answer = self.call(method, path, *rest, **more)
        if status != expected:
            sys.exit(f"{method} {path} was answered {status}, not {expected}: {answer}")
        return answer

    def mailed_code(self, address):
        """The code in the newest mail to this address."""
        with urllib.request.urlopen(f"{GATEWAY}/_ministack/ses/messages", context=self.tls) as answer:
            accounts = json.load(answer)["messages"]
        subjects = [mail["Subject"] for mails in accounts.values() for mail in mails if mail["To"] == [address]]
        codes = [code for subject in subjects for code in re.findall(r"\b\d{4,8}\b", subject)]
        if not codes:
            sys.exit(f"no code was mailed to {address}, only {subjects}")
        return codes[-1]

    def sign_up(self, address):
        opened = self.must(202, "POST", "/register", {"email": address, "password": PASSWORD})
        return opened["registration"]

    def join(self, address):
        """Signs up and activates."""
        registration = self.sign_up(address)
        code = {"code": self.mailed_code(address), "registration": registration}
        self.must(200, "POST", "/activate", code, basic=(address, PASSWORD))

    def sign_in(self, address):
        return self.must(200, "POST", "/login", {"email": address, "password": PASSWORD})["access_token"]
