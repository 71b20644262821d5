"""What the form says beside what stands in the document: how it was signed, and where it is verified."""

from dataclasses import dataclass
from datetime import datetime

from lme_operator.domain.licences.authorship import Authorship
from lme_operator.domain.licences.document_reading import ReadDocument
from lme_operator.domain.licences.form.copies import Copy
from lme_operator.domain.licences.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A licence to be printed. `code` verifies it at `address` (whole, `https://…/verificar/CODE`, as the QR has it).

    `state` is that of when it is printed; `signed_at`: instant of the signature; `serial`: of the one-shot certificate.
    `operator` is its name; `testing` marks it without legal effect.
    """

    document: ReadDocument
    copy: Copy
    state: State
    code: str
    address: str
    signed_at: datetime
    serial: str
    authorship: Authorship
    operator: str
    testing: bool
