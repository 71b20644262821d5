"""Carries promised messages by real SMTP and the SMS provider's HTTP, as the worker does, and reads what arrived."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from lme_operator.core.database import Database
from lme_operator.domain.notices import Notices
from lme_operator.gateways.messaging import build_carriers
from lme_operator.gateways.messaging.sandbox import Mailbox, MailCatcher
from tests.domain.notices.conftest import Office
from tests.factories.live import Live

_CODE = re.compile(r"\b(?:es:?|código:) ([0-9]{6,8}|[a-z2-9]{5}(?:-[a-z2-9]{5})+)")


@dataclass
class Postman:
    """`carry` does what is due; `read` returns the code or password in the newest message to an address."""

    office: Office
    folder: Path

    def carry(self) -> int:
        """Deliver whatever is due; return how many messages."""
        return self.office.run()

    def read(self, address: str) -> str:
        """The code or password in the newest message that arrived at this address."""
        self.carry()
        for file in sorted(self.folder.glob("*.json"), reverse=True):
            message = json.loads(file.read_text(encoding="utf-8"))
            if message["direccion"] == address:
                found = _CODE.search(message["texto"])
                assert found is not None, message["texto"]
                return found[1]
        raise AssertionError(f"nothing arrived at {address}")


@contextmanager
def postman_of(live: Live, role_url: Callable[[str], str], folder: Path) -> Iterator[Postman]:
    """A postman for a served system, whose SMS provider is played already."""
    operator = live.operator
    clock: Any = operator.database.clock
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    mail = operator.settings.mail.model_copy(
        update={"server": SecretStr(f"smtp://127.0.0.1:{port}"), "sender": "avisos@operador.example"}
    )
    settings = operator.settings.model_copy(update={"mail": mail})
    database = Database(url=role_url("lme_worker"), clock=clock)
    carriers = build_carriers(settings, clock)
    notices = Notices(
        database=database, log=operator.log, sealer=operator.sealer, messenger=carriers, mark=operator.notices.mark
    )
    with MailCatcher(Mailbox(folder / "buzon", clock), "127.0.0.1", port):
        yield Postman(Office(database, notices, clock), folder / "buzon")
    database.close()
