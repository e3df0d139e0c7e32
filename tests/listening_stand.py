"""A small listening test, and a listener who takes part in it over HTTP."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from http.client import HTTPException

from technogen.evaluation.listening import DesignOptions
from technogen.evaluation.listening.headphones import right_answers
from technogen.evaluation.listening.material import Wanted
from technogen.evaluation.listening.sources import Condition
from technogen.evaluation.listening.stimuli import prepare_stimuli
from technogen.patterns import compose

WANTED = Wanted(pairs=2, training=1, catches=1, bars=1, tempo=138.0)
BACKGROUND = {"expertise": "maker", "techno": "often", "machine": "yes", "gave_away": "The hats."}


def make_pieces(count, *, first=0, tempo=138.0):
    return [compose("acid", bars=4, tempo=tempo, seed=first + k) for k in range(count)]


def make_test(folder, *, question="pair", wanted=WANTED, seed=7):
    human = Condition("human", make_pieces(wanted.humans(1)))
    others = [Condition("other", make_pieces(wanted.others(1), first=100))]
    options = DesignOptions(question=question, listeners=30, density_within=5.0)
    return prepare_stimuli(folder, human, others, wanted=wanted, options=options, seed=seed)


def call(app, method, path, body=None, **headers):
    """One request to an ASGI application: status, headers, and the JSON or bytes of the reply."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    sent = {"host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body is not None:
        sent.setdefault("content-type", "application/json")
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    said = []

    async def receive():
        return {"type": "http.request", "body": data, "more_body": False}

    async def send(message):
        said.append(message)

    asyncio.run(app(scope, receive, send))
    content = b"".join(message.get("body", b"") for message in said[1:])
    got = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    reply = json.loads(content) if got.get("content-type") == "application/json" else content
    return said[0]["status"], got, reply


class Listener:
    """Takes part over real HTTP; sends again what was not thanked for."""

    def __init__(self, address, patience=60.0):
        self.address, self.patience, self.session, self.sent = address, patience, "", {}

    def ask(self, path, body=None):
        until = time.monotonic() + self.patience
        while True:
            headers = {"x-session": self.session, "content-type": "application/json"}
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(self.address + path, data, headers)
            try:
                with urllib.request.urlopen(request, timeout=20) as reply:
                    return json.loads(reply.read())
            except urllib.error.HTTPError as error:
                with error:
                    raise AssertionError(f"{path}: {error.code} {error.read()!r}") from error
            except (OSError, HTTPException, ValueError):  # dead, or died while it spoke
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def take_part(self, number):
        said = self.ask("/api/join", {"consent": True})
        self.session, task = said["session"], said["task"]
        replies = list(right_answers(self.session, 0))
        task = self.ask("/api/headphones", {"attempt": 0, "replies": replies, "last": False})["task"]
        while task["step"] == "trial":
            response = ("first", "second")[(number + len(self.sent)) % 2]
            answer = {
                "trial": task["trial"],
                "response": response,
                "confidence": 1 + number % 5,
                "preference": "same",
                "replays": [1, 2],
                "seconds": 3.5,
            }
            self.sent[task["trial"]] = response
            task = self.ask("/api/answer", answer)["task"]
            time.sleep(0.02)
        return self.ask("/api/finish", BACKGROUND)["task"]["code"]
