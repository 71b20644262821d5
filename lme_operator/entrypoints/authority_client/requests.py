"""Calls the API as a machine does: signed, with a time limit, repeated with the same key and a new nonce."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from lme_operator.core.clock import Clock
from lme_operator.entrypoints.machines.signed_requests import Message, RequestSigner

_TRIES = 4
_FIRST_WAIT = 0.5
_TIMEOUT = httpx.Timeout(5.0, connect=2.0)
_TRY_AGAIN = frozenset({502, 503, 504})
_STILL_RUNNING = "solicitud_en_curso"


class Unreachable(Exception):
    """The operator did not answer, or said four times that it could not. `key` repeats the same request safely."""

    def __init__(self, key: str | None, words: str) -> None:
        super().__init__(words)
        self.key = key


@dataclass(frozen=True, slots=True)
class Reply:
    """What the operator answered. `key` is the Idempotency-Key that was sent, None when none was."""

    status: int
    body: Mapping[str, Any]
    key: str | None

    @property
    def done(self) -> bool:
        """Whether it was done."""
        return self.status < 300

    @property
    def code(self) -> str:
        """The problem's stable code."""
        return str(self.body.get("codigo", ""))


@dataclass(frozen=True, slots=True)
class MachineClient:
    """One machine's way to one operator. `address` is its origin, `https://lme.operador.example`."""

    address: str
    signer: RequestSigner
    clock: Clock
    pause: Callable[[float], None] = time.sleep

    def get(self, path: str) -> Reply:
        """Ask what is at `path`, as patiently as `post`."""
        return self._insist("GET", path, b"", {})

    def post(self, path: str, body: Mapping[str, Any], *, key: str | None) -> Reply:
        """Send `body`; on 503, on a time-out or while the first still runs, repeat signed anew with the same `key`.

        Raises `Unreachable` when no try got an answer.
        """
        headers = {"content-type": "application/json"} | ({} if key is None else {"idempotency-key": key})
        return self._insist("POST", path, json.dumps(body, ensure_ascii=False).encode(), headers)

    def _insist(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Reply:
        key = headers.get("idempotency-key")
        words, wait = "", _FIRST_WAIT
        with httpx.Client(timeout=_TIMEOUT, follow_redirects=False) as http:
            for number in range(_TRIES):
                if number:
                    self.pause(wait)
                    wait *= 2
                try:
                    reply = self._send(http, Message(method, self._url(path), dict(headers), content), key)
                except httpx.TransportError as error:
                    words = f"{self.address} no responde ({type(error).__name__})."
                    continue
                if reply.status not in _TRY_AGAIN and reply.code != _STILL_RUNNING:
                    return reply
                words = str(reply.body.get("title", f"{self.address} respondió {reply.status}."))
        raise Unreachable(key, words)

    def _url(self, path: str) -> str:
        return self.address.rstrip("/") + path

    def _send(self, http: httpx.Client, message: Message, key: str | None) -> Reply:
        headers = self.signer.sign(message, created=self.clock())
        answer = http.request(message.method, message.url, content=message.body, headers=headers)
        try:
            read = answer.json()
        except ValueError:
            read = {}
        return Reply(answer.status_code, read if isinstance(read, dict) else {}, key)
