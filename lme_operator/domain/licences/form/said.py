"""What the form says beside what stands in the document: how it was signed, and where it is verified."""

from dataclasses import dataclass
from datetime import datetime

from lme_operator.domain.licences.document_reading import ReadDocument
from lme_operator.domain.licences.form.copies import Copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A licence to be printed. `code` verifies it at `address` (whole, `https://…/verificar/CODE`, as the QR has it).

    `signed_at`: instant of the signature; `serial`: of the one-shot certificate; `by_device`: the professional's own
    device signed, else the operator declares his code. `operator` is its name; `testing` marks it without legal effect.
    """

    document: ReadDocument
    copy: Copy
    code: str
    address: str
    signed_at: datetime
    serial: str
    by_device: bool
    operator: str
    testing: bool
