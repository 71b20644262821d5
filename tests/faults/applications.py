"""Application factories of the tests: the product, with its norm or its last moment changed from outside."""

import os
import signal
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lme_operator.domain.norms import Norms
from lme_operator.entrypoints.http.front import Front
from lme_operator.settings import Settings
from lme_operator.wiring import build_operator, create_app, put_front

KILL_FLAG = "LME_TEST_KILL_FLAG"


def many_preparations() -> Front:
    """The product under a protocol that allows 25 live preparations, so that 25 issuers may race."""
    operator = build_operator(Settings.load(), role="application")
    parameters = tuple(
        replace(parameter, value=25) if parameter.name == "preparacion.vivas_por_persona" else parameter
        for parameter in operator.norms.all()
    )
    changed = replace(operator, issuance=replace(operator.issuance, norms=Norms(parameters)))
    return put_front(create_app(changed), operator.settings)


def killed_before_answering() -> Front:
    """The product, whose process dies by SIGKILL after the act was done and before a byte of the answer is sent.

    Only once: the flag file says when, and is taken away first.
    """
    settings, flag = Settings.load(), Path(os.environ[KILL_FLAG])
    product = create_app(build_operator(settings, role="application"))

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = list(product(environ, start_response))
        if flag.exists() and environ["REQUEST_METHOD"] == "POST":
            flag.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return put_front(product, settings, inner=application)
