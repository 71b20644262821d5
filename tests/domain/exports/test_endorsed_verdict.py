"""A licence whose key its owner endorsed with an accredited signature: the author proven beyond the operator's word."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from lme_operator.core.canonical import decode, from_base64url, parse_instant
from lme_operator.core.database import Database
from lme_operator.core.run import Run
from lme_operator.domain.audit import TrustFile, open_strict
from lme_operator.domain.exports import Demand, Overall, Proof, Verdict, judge_evidence
from lme_operator.domain.exports.lines import STRANGER
from lme_operator.domain.exports.scale import Topic
from lme_operator.domain.issuance import WebauthnAuthorisation
from lme_operator.domain.issuance.evidence import AUTHORISATION, ENDORSEMENT
from lme_operator.domain.signing import EndorsementFaultKind, endorsed_bytes
from tests.domain.exports.test_dishonest_operator import cosigned
from tests.domain.exports.test_forgeries import by_own_device, witnessed_trust
from tests.factories.accredited import Provider, person, provider, sign
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.forger import Forger
from tests.factories.stage import DOCTOR, LOG_ORIGIN, Stage

pytestmark = [pytest.mark.needs("openssl"), pytest.mark.norm("N-2.6c")]


@dataclass
class Endorsed:
    """An operator, an honest licence of his, and an accredited provider of three levels."""

    stage: Stage
    file: bytes
    provider: Provider
    folder: Path

    @property
    def registered(self) -> tuple[bytes, datetime]:
        """Thumbprint of the key that signed, and the instant of its registration."""
        key = decode(open_strict(self.file)[AUTHORISATION])["llave"]
        return from_base64url(key["huella"]), parse_instant(key["registro"]["entrada"]["instante"])

    @property
    def trust(self) -> TrustFile:
        roots = tuple(root.public_bytes(Encoding.PEM) for root in self.provider.roots)
        return replace(witnessed_trust(self.stage), accredited=roots)

    def signed(self, run: int = DOCTOR, thumbprint: bytes | None = None, at: datetime | None = None) -> bytes:
        """The accredited signature of that person over a registration, this key's unless told otherwise."""
        own, registered_at = self.registered
        content = endorsed_bytes(thumbprint=thumbprint or own, run=Run(run), at=at or registered_at)
        return sign(content, self.folder, person(Run(run), at=registered_at, by=self.provider.intermediate))

    def evidence(self, endorsement: bytes) -> bytes:
        """The licence with that endorsement among its members, and attested."""
        members = {**open_strict(self.file), ENDORSEMENT: endorsement}
        return cosigned(Forger(self.stage.keys.log, LOG_ORIGIN).made_again(members))


@pytest.fixture
def endorsed(database: Database, tmp_path: Path) -> Endorsed:
    stage = Stage(database, tmp_path)
    file, _ = by_own_device(stage)
    return Endorsed(stage, file, provider(database.clock()), tmp_path)


def author(verdict: Verdict) -> tuple[str, bool | None]:
    return next((line.answer, line.sound) for line in verdict.lines if line.topic is Topic.AUTHOR)


def test_it_makes_a_licence_valid_and_says_what_was_not_checked(endorsed: Endorsed) -> None:
    verdict = judge_evidence(endorsed.evidence(endorsed.signed()), endorsed.trust)
    assert verdict.overall is Overall.VALID
    assert [verdict.exit_code(demand) for demand in Demand] == [0, 0, 0]
    words, sound = author(verdict)
    assert sound is True
    assert "avalada con firma electrónica avanzada de " in words
    assert "revocación no comprobada sin conexión" in words
    assert {verdict.proof(line) for line in verdict.lines if line.topic is Topic.AUTHOR} == {Proof.THIRD_PARTY}


def test_without_a_witness_it_is_valid_by_the_operators_word(endorsed: Endorsed) -> None:
    members = {**open_strict(endorsed.file), ENDORSEMENT: endorsed.signed()}
    file = Forger(endorsed.stage.keys.log, LOG_ORIGIN).made_again(members)
    assert judge_evidence(file, endorsed.trust).overall is Overall.BY_OPERATOR


def test_a_provider_that_the_trust_file_does_not_name_leaves_it_undecided(endorsed: Endorsed) -> None:
    file = endorsed.evidence(endorsed.signed())
    other = tuple(root.public_bytes(Encoding.PEM) for root in provider(endorsed.stage.database.clock(), "Otro").roots)
    for accredited in ((), other):
        verdict = judge_evidence(file, replace(endorsed.trust, accredited=accredited))
        assert verdict.overall is Overall.INDETERMINATE
        assert author(verdict) == (f"aval de la llave: {STRANGER}", None)


WRONG: dict[str, tuple[Callable[[Endorsed], bytes], EndorsementFaultKind]] = {
    "another person": (lambda own: own.signed(run=11111111), EndorsementFaultKind.CONTENT),
    "another key": (lambda own: own.signed(thumbprint=bytes(32)), EndorsementFaultKind.CONTENT),
    "another instant": (lambda own: own.signed(at=datetime(2026, 1, 1, tzinfo=UTC)), EndorsementFaultKind.CONTENT),
    "another's certificate": (
        lambda own: sign(
            endorsed_bytes(thumbprint=own.registered[0], run=Run(DOCTOR), at=own.registered[1]),
            own.folder,
            person(Run(11111111), at=own.registered[1], by=own.provider.intermediate),
        ),
        EndorsementFaultKind.RUN,
    ),
    "nothing": (lambda _own: b"", EndorsementFaultKind.UNREADABLE),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_an_accredited_signature_must_say(endorsed: Endorsed, wrong: str) -> None:
    make, kind = WRONG[wrong]
    verdict = judge_evidence(endorsed.evidence(make(endorsed)), endorsed.trust)
    assert verdict.overall is Overall.INVALID
    assert author(verdict) == (f"aval de la llave: {kind.words}", False)


def test_a_wrong_one_is_not_passed_over_for_the_thumbprint_in_hand(database: Database, tmp_path: Path) -> None:
    stage = Stage(database, tmp_path)
    file, kept = by_own_device(stage)
    own = Endorsed(stage, file, provider(database.clock()), tmp_path)
    verdict = judge_evidence(own.evidence(own.signed(run=11111111)), own.trust, keys=(kept,))
    assert verdict.overall is Overall.INVALID
    assert judge_evidence(own.evidence(own.signed()), own.trust, keys=(kept,)).overall is Overall.VALID


def test_a_code_has_nothing_to_endorse(endorsed: Endorsed) -> None:
    session = endorsed.stage.enter()
    by_code = endorsed.stage.evidence(session, endorsed.stage.issue(session, endorsed.stage.prepare(session).id).id)
    members = {**open_strict(by_code), ENDORSEMENT: endorsed.signed()}
    file = Forger(endorsed.stage.keys.log, LOG_ORIGIN).made_again(members)
    assert judge_evidence(file, endorsed.trust).overall is Overall.INVALID


@pytest.mark.norm("N-2.6c")
def test_a_certificate_that_was_over_when_the_licence_was_issued_does_not_count(
    database: Database, tmp_path: Path, clock: Any
) -> None:
    """The operator dates registrations: else whoever holds an old certificate's key would prove an author today."""
    stage, device = Stage(database, tmp_path), SoftwareAuthenticator()
    session = stage.register(stage.doctor(), device)
    made = provider(clock())
    clock.advance(seconds=600)
    prepared = stage.prepare(session)
    issued = stage.issue(session, prepared.id, WebauthnAuthorisation(device.sign(prepared.digest)))
    own = Endorsed(stage, stage.evidence(session, issued.id), made, tmp_path)
    thumbprint, registered_at = own.registered
    content = endorsed_bytes(thumbprint=thumbprint, run=Run(DOCTOR), at=registered_at)
    for seconds, word in ((300, Overall.BY_OPERATOR), (6000, Overall.VALID)):
        holder = person(Run(DOCTOR), at=registered_at, by=made.intermediate, until=timedelta(seconds=seconds))
        members = {**open_strict(own.file), ENDORSEMENT: sign(content, tmp_path, holder)}
        file = cosigned(Forger(stage.keys.log, LOG_ORIGIN).made_again(members), at=clock())
        verdict = judge_evidence(file, own.trust)
        assert verdict.overall is word
        assert ("no estaba vigente al emitir" in author(verdict)[0]) is (word is Overall.BY_OPERATOR)
