"""Asks a running API for every method of every path, and holds each answer to openapi.yaml:

    python3 .ci/routes.py http://127.0.0.1:3000

A method of the contract reaches its function, every other is answered 405 with what the path does
take, and pages come as pages. It opens no attempt and needs no account. PyYAML is in SAM's venv.
"""

import concurrent.futures
import http.client
import pathlib
import sys
import urllib.parse

import yaml

# What `functions/site` serves, which is not in the contract.
PAGES = dict.fromkeys(
    ["/", "/activate", "/login", "/me", "/not-me", "/password", "/docs", "/docs/problems"], "text/html"
)
PAGES["/openapi.json"] = "application/json"
NOWHERE = ["/no-such-path", "/password/no-such-path"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

url = urllib.parse.urlsplit(sys.argv[1].rstrip("/"))
Connection = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection


def ask(method, path):
    # As people in a browser, who get pages.
    connection = Connection(url.netloc, timeout=40)
    connection.request(method, url.path + path, headers={"accept": "text/html, application/json"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def faults(method, path, taken):
    """What is wrong with the answer, if anything."""
    answer, body = ask(method, path)
    status, media_type = answer.status, answer.getheader("content-type", "")
    page = PAGES.get(path) if method in ("GET", "HEAD") else None
    if method == "HEAD" and body:
        yield "a body for HEAD"
    if page:
        if status != 200 or not media_type.startswith(page) or (method == "GET" and not body):
            yield f"{status} {media_type}, {len(body)} bytes"
    elif path in NOWHERE:
        if status != 404:
            yield f"{status}, not 404"
    elif method in taken:
        # No credentials, no body: some refusal of the function's own, and of no other.
        if status in (403, 404, 405) or status >= 500:
            yield f"{status}, so it did not get to its function"
        if answer.getheader("cache-control") != "no-store" or not answer.getheader("x-request-id"):
            yield "not an answer of the API"
    else:
        allowed = {allowed.strip() for allowed in answer.getheader("allow", "").split(",")}
        if status != 405 or allowed != taken:
            yield f"{status} that allows {sorted(allowed)}, not 405 that allows {sorted(taken)}"


def routes():
    """Every path, with the methods that the contract has for it."""
    contract = yaml.safe_load(pathlib.Path(__file__).parent.with_name("openapi.yaml").read_text())
    taken = {path: set() for path in NOWHERE} | {path: {"GET", "HEAD"} for path in PAGES}
    for path, item in contract["paths"].items():
        path = path.replace("{id}", "00000000-0000-4000-8000-000000000000")
        taken.setdefault(path, set()).update(method.upper() for method in item)
    for methods in taken.values():
        if "GET" in methods:
            methods.add("HEAD")
    return taken


def main():
    # One line is enough if nothing works.
    answer, body = ask("GET", "/health")
    if answer.status != 200:
        print(f"WRONG   GET /health: {answer.status}, not 200: {body[:500]!r}")
        return 1
    asked = [(method, path, taken) for path, taken in routes().items() for method in METHODS]
    # `sam local` keeps many answers back for a second.
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        found = list(pool.map(lambda it: list(faults(*it)), asked))
    for (method, path, _), wrong in zip(asked, found):
        for fault in wrong:
            print(f"WRONG   {method} {path}: {fault}")
    right = sum(not wrong for wrong in found)
    print(f"        {right} of {len(asked)} methods of paths are right")
    return 0 if right == len(asked) else 1


if __name__ == "__main__":
    sys.exit(main())
