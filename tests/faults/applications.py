"""WSGI factories of the tests: the product, with its norm or its last moment changed from outside."""

import os
import signal
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask

from lme_operator.domain.norms import Norms
from lme_operator.settings import Settings
from lme_operator.wiring import build_operator, create_app

KILL_FLAG = "LME_TEST_KILL_FLAG"


def many_preparations() -> Flask:
    """The product under a protocol that allows 25 live preparations, so that 25 issuers may race."""
    operator = build_operator(Settings.load(), role="application")
    parameters = tuple(
        replace(parameter, value=25) if parameter.name == "preparacion.vivas_por_persona" else parameter
        for parameter in operator.norms.all()
    )
    return create_app(replace(operator, issuance=replace(operator.issuance, norms=Norms(parameters))))


def killed_before_answering() -> Any:
    """The product, whose process dies by SIGKILL after the act was done and before a byte of the answer is sent.

    Only once: the flag file says when, and is taken away first.
    """
    product, flag = create_app(build_operator(Settings.load(), role="application")), Path(os.environ[KILL_FLAG])

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = list(product(environ, start_response))
        if flag.exists() and environ["REQUEST_METHOD"] == "POST":
            flag.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return application
