"""The guard of machines: who may pass is whoever signed the request, and nobody else (threats M13, M14).

Identity comes from the signature alone; no other header names anybody. The address signed for must be ours: it is
compared with the configured ones, never believed from the client.
"""

import re
from collections.abc import Callable, Collection
from functools import partial
from urllib.parse import quote

from flask import request

from lme_operator.core.clock import Clock
from lme_operator.core.refusal import Refusal
from lme_operator.domain.mandates import AcceptedMessage, Mandates
from lme_operator.domain.mandates.refusals import (
    ALGORITHM_REFUSED,
    KEY_NOT_IN_FORCE,
    KEY_UNKNOWN,
    NONCE_SPENT,
    NOT_PERMITTED,
    SIGNATURE_STALE,
)
from lme_operator.entrypoints.http.exchange import current_exchange
from lme_operator.entrypoints.http.input import read_body
from lme_operator.entrypoints.http.routes import Entry, Guard
from lme_operator.entrypoints.machines.signed_requests import (
    CONTENT_DIGEST,
    DIGEST_MISMATCH,
    IDEMPOTENCY_KEY,
    SIGNATURE_FALSE,
    SIGNATURE_INCOMPLETE,
    SIGNATURE_MALFORMED,
    SIGNATURE_MISSING,
    WRONG_DESTINATION,
    Message,
    authority_of,
    check_coverage,
    prove,
    read_signature,
)

AUTHORITY = "autoridad"
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?", re.ASCII)
_KEPT = ("host", "content-type", CONTENT_DIGEST, IDEMPOTENCY_KEY, "signature-input", "signature")


def machine_guard(
    mandates: Mandates, *, addresses: Collection[str], clock: Clock, kind: str, permission: str
) -> Guard[AcceptedMessage]:
    """Return the guard that lets in machines of `kind` with `permission`, signed for one of `addresses` (URLs).

    Raises `Refusal`: 401 whenever who it is cannot be believed, 403 when it may not do this.
    """
    ours = frozenset(authority_of(address) for address in addresses)
    return Guard(
        name=f"maquina:{kind}:{permission}",
        admit=_admitting(mandates, ours=ours, clock=clock, kind=kind, permission=permission),
        scope=lambda message: message.key.actor,
        scheme="firma",
        challenge='Signature realm="lme"',
        problems=(
            SIGNATURE_MISSING,
            SIGNATURE_MALFORMED,
            SIGNATURE_INCOMPLETE,
            DIGEST_MISMATCH,
            SIGNATURE_FALSE,
            WRONG_DESTINATION,
            KEY_UNKNOWN,
            KEY_NOT_IN_FORCE,
            ALGORITHM_REFUSED,
            SIGNATURE_STALE,
            NONCE_SPENT,
            NOT_PERMITTED,
        ),
    )


def _admitting(
    mandates: Mandates, *, ours: Collection[str], clock: Clock, kind: str, permission: str
) -> Callable[[Entry], AcceptedMessage]:
    def admit(entry: Entry) -> AcceptedMessage:
        arrived_at = clock()
        headers = {name: request.headers[name] for name in _KEPT if name in request.headers}
        signature = read_signature(headers)
        message = _message(headers, ours)
        check_coverage(message, signature)
        return mandates.accept(
            signature.claim,
            prove=partial(prove, message),
            kind=kind,
            permission=permission,
            arrived_at=arrived_at,
            origin=current_exchange().origin,
            deadline=entry.deadline,
        )

    return admit


def _message(headers: dict[str, str], ours: Collection[str]) -> Message:
    """The request as it arrived; its address is one of ours or the request is refused."""
    given = headers.get("host", "")
    try:
        host = authority_of(f"https://{given}")
    except ValueError:
        raise Refusal(WRONG_DESTINATION) from None
    if host not in ours or not _HOST.fullmatch(given):
        raise Refusal(WRONG_DESTINATION)
    path = quote(request.path, safe="/:@!$&'()*+,;=-._~")
    query = request.query_string.decode("latin-1")
    return Message(
        method=request.method,
        url=f"https://{host}{path}" + (f"?{query}" if query else ""),
        headers=headers,
        body=read_body(),
    )
