"""What a Python function is given, and what becomes of what it returns: the contract that Kubeless' runtimes keep."""

import io
import json
import traceback
from urllib.parse import parse_qsl

JSON_TYPE = "application/json"
TEXT_TYPE = "text/html; charset=UTF-8"


class Request:
    """What asked, in the words of the framework that functions know."""

    def __init__(self, facts, body):
        self.method = facts["method"]
        self.path = facts["path"]
        self.query_string = facts["query"]
        self.url = facts["path"] + ("?" + facts["query"] if facts["query"] else "")
        self.remote_addr = facts["remote"]
        self.headers = Headers(facts["headers"])
        self.content_type = self.headers.get("content-type", "")
        self.content_length = len(body)
        self._body = body

    @property
    def body(self):
        return io.BytesIO(self._body)

    @property
    def json(self):
        return json.loads(self._body.decode("utf-8")) if self._body else None

    @property
    def query(self):
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    def get_header(self, name, default=None):
        return self.headers.get(name, default)


class Headers(dict):
    """Names in whatever case."""

    def get(self, name, default=None):
        return dict.get(self, name.lower(), default)

    def __getitem__(self, name):
        return dict.__getitem__(self, name.lower())

    def __contains__(self, name):
        return dict.__contains__(self, name.lower())


def event_of(header, body):
    is_json = header["request"]["headers"].get("content-type") == JSON_TYPE
    data = (json.loads(body.decode("utf-8")) if body else None) if is_json else body
    event = {"data": data}
    event.update(header["event"])
    event["extensions"] = {"request": Request(header["request"], body)}
    return event


def encode(value):
    """What a handler returns as a type and bytes, as the framework that functions know has it."""
    if isinstance(value, dict):
        return JSON_TYPE, json.dumps(value).encode()
    if not value:
        return TEXT_TYPE, b""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return TEXT_TYPE, bytes(value)
    if isinstance(value, (list, tuple)):
        if all(isinstance(part, str) for part in value):
            return TEXT_TYPE, "".join(value).encode()
        if all(isinstance(part, bytes) for part in value):
            return TEXT_TYPE, b"".join(value)
        return JSON_TYPE, json.dumps(value).encode()
    return TEXT_TYPE, str(value).encode()


def answer_to(handler, context, header, body):
    try:
        event = event_of(header, body)
    except ValueError as error:
        return {"outcome": "bad_json", "reason": str(error)[:200]}, b""
    try:
        content_type, data = encode(handler(event, context))
        return {"outcome": "answered", "contentType": content_type}, data
    except BaseException as error:  # `sys.exit` in a function ends the call, not the function.
        own = error.__traceback__.tb_next
        traceback.print_exception(type(error), error, own)
        return {"outcome": "raised", "reason": type(error).__name__[:100]}, b""
