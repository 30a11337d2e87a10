"""Leaves out what cargo-lambda's own HTTP server answers with a 500 before a function sees it:
bodies that are not UTF-8 and header values that are not printable ASCII. The functions get both
in `tests/stories/input.rs`."""

import schemathesis


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
