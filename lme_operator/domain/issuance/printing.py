"""The licence on paper, from what was signed and kept, and from its state today: nothing is asked, nothing stored.

Rendering takes some ten milliseconds, so it comes after the transaction that read (M-7).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography import x509

from lme_operator.domain.issuance.evidence import AUTHORISATION, CERTIFICATES, DOCUMENT, authorship_of
from lme_operator.domain.licences import Licence
from lme_operator.domain.licences.document_reading import read_document
from lme_operator.domain.licences.form import Copy, Printed, file_name, render_form
from lme_operator.domain.licences.state import State
from lme_operator.domain.signing.verification import serial_of

VERIFY = "/verificar"
"""Where anybody verifies a licence; the QR code leads to `VERIFY/{code}`."""


@dataclass(frozen=True, slots=True)
class Form:
    """A copy as a PDF, and the name of its file."""

    content: bytes = field(repr=False)
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """Prints for the operator called `operator`, whose service is at `origin` (`https://…`)."""

    operator: str
    origin: str
    testing: bool

    def __call__(self, licence: Licence, members: Mapping[str, bytes], copy: Copy, state: State) -> Form:
        """Render a copy of a licence from `members`, those of the first version of its evidence."""
        certificate, *_ = x509.load_pem_x509_certificates(members[CERTIFICATES])
        folio = str(licence.folio)
        printed = Printed(
            document=read_document(members[DOCUMENT]),
            copy=copy,
            state=state,
            code=licence.code,
            address=f"{self.origin}{VERIFY}/{licence.code}",
            signed_at=licence.at,
            serial=serial_of(certificate),
            authorship=authorship_of(members[AUTHORISATION]),
            operator=self.operator,
            testing=self.testing,
        )
        return Form(render_form(printed), file_name(folio, copy))
