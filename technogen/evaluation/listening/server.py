"""The page of a listening test and what it asks, over HTTP; nothing from outside becomes the path of a file."""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from technogen.audio import Audio
from technogen.errors import ListeningError, MissingBackendError, OutputError
from technogen.evaluation.listening import headphones
from technogen.evaluation.listening.plain_data import from_plain
from technogen.evaluation.listening.running import Background, Check, RefusedError, Reply, RunningTest

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

T = TypeVar("T")
Handler = Callable[["Request"], Awaitable["Response"]]

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_LARGEST_BODY = 16 * 1024
_PAGE = Path(__file__).parent / "page"
_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/sound.js": ("sound.js", "text/javascript; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_STATUS = {"wrong": 400, "unknown": 404, "conflict": 409, "full": 503}


@dataclass(frozen=True, slots=True)
class Joining:
    """A listener agrees to take part."""

    consent: bool
    participant: str = ""


def make_app(test: RunningTest, *, hosts: tuple[str, ...] = LOOPBACK) -> Starlette:
    """The web application of a listening test.

    Args:
        test: The test.
        hosts: Names by which it may be called; "*" for any. Others are refused, so that no page elsewhere can lead a
            browser here under a name of its own.

    Raises:
        MissingBackendError: If starlette is not installed.
    """
    _require("starlette")
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.middleware import Middleware  # noqa: PLC0415
    from starlette.middleware.trustedhost import TrustedHostMiddleware  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415

    asked = _Asked(test)
    return Starlette(
        routes=[
            *(Route(path, _serve_file(*file)) for path, file in _FILES.items()),
            Route("/api/test", _guard(asked.test)),
            Route("/api/task", _guard(asked.task)),
            Route("/api/join", _guard(asked.join), methods=["POST"]),
            Route("/api/headphones", _guard(asked.headphones), methods=["POST"]),
            Route("/api/answer", _guard(asked.answer), methods=["POST"]),
            Route("/api/finish", _guard(asked.finish), methods=["POST"]),
            Route("/sounds/{key}", _guard(asked.sound)),
            Route("/headphones/{key}", _guard(asked.check_sound)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)), Middleware(_SafeHeaders)],
    )


def serve_test(test: RunningTest, *, host: str = "127.0.0.1", port: int = 8303, ready: Callable[[int], None]) -> None:
    """Serve a test until the process is interrupted.

    Args:
        test: The test.
        host: The address to listen at; by default nobody but this machine can reach it.
        port: 0 for one that is free.
        ready: Is called with the port before the first request is answered.

    Raises:
        MissingBackendError: If starlette or uvicorn is not installed.
        OutputError: If the port is taken.
    """
    _require("uvicorn")
    import socket  # noqa: PLC0415

    import uvicorn  # noqa: PLC0415

    local = host in ("127.0.0.1", "localhost", "::1")
    app = make_app(test, hosts=LOOPBACK if local else ("*",))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            raise OutputError(f"port {port} of {host} cannot be used: {error}; give another with --port") from error
        ready(listening.getsockname()[1])
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="off")
        uvicorn.Server(config).run(sockets=[listening])


class _Asked:
    """The questions of the page, answered."""

    def __init__(self, test: RunningTest) -> None:
        self._test = test
        self._bank = {key: _wave(audio) for key, audio in headphones.make_bank(test.key).items()}

    async def test(self, request: Request) -> Response:
        """What the page must know before anybody agreed to anything."""
        options, manifest = self._test.design.options, self._test.manifest
        plan = self._test.design.plan(0)
        return _json(
            {
                "test": self._test.key,
                "question": options.question,
                "person": manifest.person,
                "trials": sum(trial.kind != "training" for trial in plan),
                "training": sum(trial.kind == "training" for trial in plan),
                "seconds": manifest.samples / 44_100,
            }
        )

    async def task(self, request: Request) -> Response:
        return _json(self._task(_session(request), _attempt(request)))

    async def join(self, request: Request) -> Response:
        joining = await _read(request, Joining)
        if not joining.consent:
            raise RefusedError("wrong", "Nobody takes part who does not agree.")
        session = await _in_thread(self._test.join, joining.participant)
        return _json({"session": session, "task": self._task(session, 0)})

    async def headphones(self, request: Request) -> Response:
        session, check = _session(request), await _read(request, Check)
        passed = await _in_thread(self._test.check_headphones, session, check)
        return _json({"passed": passed, "task": self._task(session, check.attempt + 1)})

    async def answer(self, request: Request) -> Response:
        session, reply = _session(request), await _read(request, Reply)
        trial = await _in_thread(self._test.answer, session, reply)
        truth = trial.truth if trial.kind == "training" else None  # nobody learns the others
        return _json({"truth": truth, "task": self._task(session, 0)})

    async def finish(self, request: Request) -> Response:
        session, background = _session(request), await _read(request, Background)
        await _in_thread(self._test.finish, session, background)
        return _json({"task": self._task(session, 0)})

    async def sound(self, request: Request) -> Response:
        path = self._test.sound(request.path_params["key"])
        if path is None:
            return _problem(404, "unknown", "There is no such sound.")
        try:
            return _bytes(await _in_thread(path.read_bytes), "audio/wav")
        except OSError:
            return _problem(503, "missing", "This sound is missing on the server. Tell whoever runs the test.")

    async def check_sound(self, request: Request) -> Response:
        data = self._bank.get(request.path_params["key"])
        return _problem(404, "unknown", "There is no such sound.") if data is None else _bytes(data, "audio/wav")

    def _task(self, session: str, attempt: int) -> dict[str, Any]:
        task = asdict(self._test.task(session))
        if task["step"] == "headphones":
            keys = headphones.check_keys(self._test.key, session, attempt)
            return {**task, "attempt": attempt, "sounds": [f"/headphones/{key}" for key in keys]}
        return {**task, "sounds": [f"/sounds/{key}" for key in task["sounds"]]}


class _SafeHeaders:
    """Says to browsers with every response: keep nothing, load nothing from elsewhere, show it in no frame."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
            await send(message)

        await self._app(scope, receive, send_safely)


def _guard(handler: Handler) -> Handler:
    """Turn what cannot be into an answer that says so."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except RefusedError as error:
            return _problem(_STATUS[error.problem], error.problem, str(error))
        except ListeningError as error:
            return _problem(400, "wrong", str(error))
        except OutputError as error:
            return _problem(503, "disk", f"The answer could not be saved: {error}")

    return answer


async def _read(request: Request, kind: type[T]) -> T:
    """The JSON of a request as a dataclass; only this site's own page sends such."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise RefusedError("wrong", "Send JSON, and say so in content-type.")
    origin = request.headers.get("origin")
    if origin is not None and origin.split("://")[-1] != request.headers.get("host"):
        raise RefusedError("wrong", "This comes from another site.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise RefusedError("wrong", f"This is longer than {_LARGEST_BODY} bytes.")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError("wrong", "This is no JSON.") from None
    return from_plain(kind, data)


def _session(request: Request) -> str:
    return request.headers.get("x-session", "")


def _attempt(request: Request) -> int:
    value = request.query_params.get("attempt", "0")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 2 else 0


async def _in_thread(work: Callable[..., T], *arguments: Any) -> T:
    from starlette.concurrency import run_in_threadpool  # noqa: PLC0415

    return await run_in_threadpool(work, *arguments)


def _serve_file(name: str, kind: str) -> Handler:
    data = (_PAGE / name).read_bytes()

    async def send(request: Request) -> Response:
        return _bytes(data, kind)

    return send


def _bytes(data: bytes, kind: str) -> Response:
    from starlette.responses import Response  # noqa: PLC0415

    return Response(data, headers={"content-type": kind})


def _json(data: Any, status: int = 200) -> Response:
    from starlette.responses import JSONResponse  # noqa: PLC0415

    return JSONResponse(data, status_code=status)


def _problem(status: int, problem: str, message: str) -> Response:
    return _json({"problem": problem, "message": message}, status)


def _wave(audio: Audio) -> bytes:
    import soundfile  # noqa: PLC0415

    stream = io.BytesIO()
    soundfile.write(stream, audio.samples, audio.sample_rate, format="WAV", subtype="PCM_16")
    return stream.getvalue()


def _require(package: str) -> None:
    if find_spec(package) is None:
        raise MissingBackendError(f"the listening test needs {package}: pip install 'technogen[app]'")
