"""How a professional authorises exactly one document: his authenticator signs its digest, or he spends a TOTP code.

With WebAuthn what binds him is his own device's signature, and `autorizacion.json` carries it with the receipt of the
key's registration. With TOTP it is a declaration of the operator, and both file and verdict say so (N-2.6a, N-2.6c).
"""

from dataclasses import dataclass
from typing import Literal

from lme_operator.core.canonical import Json, encode, format_instant, from_base64url, to_base64url
from lme_operator.core.database import Database, Deadline, Work
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.audit import Log
from lme_operator.domain.credentials import AssertionRefused, Credentials, parse_assertion
from lme_operator.domain.credentials.endorsements import find_endorsement
from lme_operator.domain.credentials.refusals import KEY_REFUSED
from lme_operator.domain.issuance.events import LICENCE_ISSUED
from lme_operator.domain.issuance.evidence import TOTP, WEBAUTHN
from lme_operator.domain.issuance.preparations import Preparation

SIGNING: Literal["firma"] = "firma"
"""Purpose of the keys that may authorise a document."""

SHOWN = frozenset({"actor", "run", "proposito", "huella"})
"""What the licence's evidence shows of the key's registration: not from where it was made."""


@dataclass(frozen=True, slots=True)
class TotpAuthorisation:
    """The code that the professional typed."""

    code: str


@dataclass(frozen=True, slots=True)
class WebauthnAuthorisation:
    """The assertion as the browser gives it (`PublicKeyCredential.toJSON()`)."""

    credential: Json


Authorisation = TotpAuthorisation | WebauthnAuthorisation


@dataclass(frozen=True, slots=True)
class Authorised:
    """An authorisation accepted: `statement` is `autorizacion.json`, `thumbprint` RFC 7638 (None for TOTP).

    `endorsement`: the CMS that endorses the key, if it has one by then.
    """

    kind: str
    statement: bytes
    thumbprint: bytes | None
    endorsement: bytes | None = None


@dataclass(frozen=True, slots=True)
class KnownKey:
    """The key that an assertion names, as registered, with the receipt of its registration."""

    credential_id: bytes
    receipt: Json


class KnownKeys:
    """Registrations already fetched, the latest of them. A registration never changes and its receipt has always the
    same bytes; whether the key still serves is asked anew under the person's lock.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[Run, bytes], KnownKey] = {}

    def find(self, run: Run, credential_id: bytes) -> KnownKey | None:
        """Return the person's key of this id, if it is at hand."""
        return self._kept.get((run, credential_id))

    def keep(self, run: Run, known: KnownKey) -> KnownKey:
        """Keep a key, in the place of all once they are many; return it."""
        if len(self._kept) >= _MOST_KNOWN:
            self._kept = {}
        self._kept[run, known.credential_id] = known
        return known


_MOST_KNOWN = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorising:
    """Judges authorisations."""

    database: Database
    log: Log
    credentials: Credentials
    known_keys: KnownKeys

    def known_key(self, run: Run, authorisation: Authorisation, *, deadline: Deadline) -> KnownKey | None:
        """Fetch the registration of the key that an assertion names, before the act's transaction.

        Receipts are rendered only in a transaction that has written nothing. None for TOTP, and for what names no key
        of the person: it is refused in the act, after the idempotency key was looked up and with its evidence.
        """
        if isinstance(authorisation, TotpAuthorisation):
            return None
        try:
            assertion = parse_assertion(authorisation.credential)
        except AssertionRefused:
            return None
        if (known := self.known_keys.find(run, assertion.credential_id)) is not None:
            return known
        with self.database.looking(deadline=deadline) as connection:
            for key in self.credentials.signing_keys(connection, run, SIGNING):
                if key.credential_id == assertion.credential_id:
                    receipt = self.log.receipt(connection, key.entry_id, disclose=SHOWN)
                    return self.known_keys.keep(run, KnownKey(key.credential_id, receipt))
        return None

    def authorise(
        self, work: Work, preparation: Preparation, authorisation: Authorisation, known: KnownKey | None
    ) -> Authorised:
        """Accept the authorisation of this very document, under the person's lock (emision@v1#autorizar).

        Raises `Refusal`: `llave_rechazada`, those of `Credentials.consume_totp` and `Credentials.accept_assertion`.
        """
        common: dict[str, Json] = {
            "v": 1,
            "run": str(preparation.run),
            "preparacion": str(preparation.id),
            "documento": to_base64url(preparation.digest),
            "instante": format_instant(work.at),
        }
        if isinstance(authorisation, TotpAuthorisation):
            use = self.credentials.consume_totp(work, preparation.run, authorisation.code, purpose=LICENCE_ISSUED.code)
            declared = "El operador declara que la persona presentó el código TOTP de ese paso, que queda consumido."
            return Authorised(TOTP, encode(common | {"tipo": TOTP, "paso": use.step, "declaracion": declared}), None)
        self.credentials.require_patience(work, preparation.run, purpose=LICENCE_ISSUED.code)
        if known is None:
            raise Refusal(KEY_REFUSED)
        assertion = parse_assertion(authorisation.credential)
        key_use = self.credentials.accept_assertion(
            work, preparation.run, purpose=SIGNING, challenge=preparation.digest, assertion=assertion
        )
        key: dict[str, Json] = {
            "publica": to_base64url(key_use.key.public_key),
            "huella": key_use.key.thumbprint,
            "proposito": key_use.key.purpose,
            "registro": known.receipt,
        }
        statement = encode(common | {"tipo": WEBAUTHN, "asercion": assertion.render(), "llave": key})
        endorsement = find_endorsement(work.connection, key_use.key.id)
        thumbprint = from_base64url(key_use.key.thumbprint)
        return Authorised(WEBAUTHN, statement, thumbprint, None if endorsement is None else endorsement.cms)
