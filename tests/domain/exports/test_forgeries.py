"""The two forgeries of a hostile review, by an operator with every key and no database: what the words may say of them.

He invents a doctor's key, its registration, a licence signed with it, their neighbours in the log and two checkpoints;
or takes away the second look that tells against a licence. A witness, honest or absent, changes neither.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.canonical import (
    NotCanonical,
    decode,
    encode,
    from_base64url,
    parse_instant,
    sha256,
    to_base64url,
)
from lme_operator.core.database import Database
from lme_operator.core.run import Run
from lme_operator.core.thumbprint import to_words
from lme_operator.domain.audit import (
    MANIFEST_DATUM,
    KeyEnd,
    KeyRole,
    TrustFile,
    build,
    digest_of,
    manifest,
    manifest_name,
    open_strict,
)
from lme_operator.domain.credentials.assertions import parse_assertion, thumbprint_of
from lme_operator.domain.credentials.events import KEY_REGISTERED
from lme_operator.domain.exports import Demand, Overall, Proof, Verdict, judge_evidence
from lme_operator.domain.exports.scale import Topic
from lme_operator.domain.issuance import WebauthnAuthorisation
from lme_operator.domain.signing import Signer, cut_signatures
from tests.domain.exports.test_dishonest_operator import WITNESS, cosigned, disclosed
from tests.domain.issuance.test_register import excused, issue, recheck
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.forger import Forger
from tests.factories.log import Key
from tests.factories.people import PARTY
from tests.factories.rnpi import ABSENT, IN_FORCE
from tests.factories.stage import DOCTOR, LOG_ORIGIN, Stage

STATEMENT, DOCUMENT, CERTIFICATES = "v1/autorizacion.json", "v1/documento.xml", "v1/certificados.pem"


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


def by_own_device(stage: Stage, device: SoftwareAuthenticator | None = None) -> tuple[bytes, str]:
    """An honest licence, and the thumbprint of the doctor's key, as his constancia tells it."""
    device = device or SoftwareAuthenticator()
    session = stage.register(stage.doctor(), device)
    prepared = stage.prepare(session)
    issued = stage.issue(session, prepared.id, WebauthnAuthorisation(device.sign(prepared.digest)))
    return stage.evidence(session, issued.id), thumbprint_of(next(iter(device.keys.values())).cose)


def forged(
    stage: Stage,
    honest: bytes,
    device: SoftwareAuthenticator | None = None,
    *,
    registered_after: timedelta = timedelta(0),
) -> bytes:
    """A licence that the doctor never saw, signed by a device of the operator's own (fault A1), or by `device`."""
    forger, members = Forger(stage.keys.log, LOG_ORIGIN), open_strict(honest)
    told, said = decode(members["v1/recibo.json"]), disclosed(members)
    prepared = cut_signatures(members[DOCUMENT]).replace(b"Lumbago agudo", b"Lumbago ajeno")
    digest, device = sha256(prepared), device or SoftwareAuthenticator(PARTY.rp_id, PARTY.origins[0])
    key = next(iter(device.keys.values()), None) or device.make_key(b"")
    thumbprint = thumbprint_of(key.cose)
    registered = forger.receipt(
        kind=KEY_REGISTERED,
        at=parse_instant(told["entrada"]["instante"]) + registered_after,
        actor=f"persona:{Run(DOCTOR)}",
        data={"run": str(Run(DOCTOR)), "huella": thumbprint, "proposito": "firma"},
        index=told["indice"] - 1,
    )
    common = {name: decode(members[STATEMENT])[name] for name in ("v", "run", "preparacion", "instante")}
    statement = encode(
        common
        | {
            "documento": to_base64url(digest),
            "tipo": "webauthn",
            "asercion": parse_assertion(device.sign(digest, key=key)).render(),
            "llave": {
                "publica": to_base64url(key.cose),
                "huella": thumbprint,
                "proposito": "firma",
                "registro": registered,
            },
        }
    )
    signed = Signer(stage.keys).sign(
        prepared,
        run=Run(DOCTOR),
        authorisation=statement,
        key_thumbprint=from_base64url(thumbprint),
        context=said["contexto"],
        at=parse_instant(told["entrada"]["instante"]),
    )
    changed = {**members, STATEMENT: statement, DOCUMENT: signed.document, CERTIFICATES: signed.certificates_pem}
    listed = manifest(changed)
    said |= {"documento": to_base64url(digest), "certificado": signed.serial, "autorizacion": "webauthn"}
    entry = {**said, MANIFEST_DATUM: digest_of(listed)}
    return forger.with_entry({**changed, manifest_name(1): listed}, told, entry)


def told(verdict: Verdict) -> Mapping[Topic, tuple[str, Proof]]:
    return {line.topic: (line.answer, verdict.proof(line)) for line in verdict.lines}


def witnessed_trust(stage: Stage) -> TrustFile:
    return replace(stage.trust, keys=(*stage.trust.keys, WITNESS.trusted(KeyRole.WITNESS)))


@pytest.mark.norm("N-2.6c")
def test_a_key_of_the_operators_own_makes_a_licence_by_his_word_alone(stage: Stage) -> None:
    honest, _ = by_own_device(stage)
    verdict = judge_evidence(forged(stage, honest), stage.trust)
    assert verdict.overall is Overall.BY_OPERATOR
    assert [verdict.exit_code(demand) for demand in Demand] == [0, 4, 4]
    words, proof = told(verdict)[Topic.AUTHOR]
    assert words.startswith("llave que el operador registró como del profesional")
    assert proof is Proof.OPERATOR
    assert told(verdict)[Topic.SIGNATURE] == (
        "válida: el dispositivo firmó este documento; qué vio en pantalla lo declara el operador",
        Proof.DEVICE,
    )


@pytest.mark.norm("N-2.6c")
def test_a_witness_that_signed_nothing_makes_it_no_better(stage: Stage) -> None:
    honest, _ = by_own_device(stage)
    verdict = judge_evidence(forged(stage, honest), witnessed_trust(stage))
    assert verdict.overall is Overall.BY_OPERATOR
    assert verdict.exit_code(Demand.WITNESS) == 4
    assert "atestación pendiente" in told(verdict)[Topic.LOG][0]


@pytest.mark.norm("N-2.6c")
def test_an_honest_witness_proves_when_and_not_who(stage: Stage) -> None:
    honest, _ = by_own_device(stage)
    verdict = judge_evidence(cosigned(forged(stage, honest)), witnessed_trust(stage))
    assert verdict.overall is Overall.BY_OPERATOR
    assert [verdict.exit_code(demand) for demand in Demand] == [0, 0, 4]
    assert "atestiguada desde 20-04-2026 10:00:00 (UTC−4) por testigo.example" in told(verdict)[Topic.LOG][0]
    assert told(verdict)[Topic.LOG][1] is Proof.THIRD_PARTY
    assert told(verdict)[Topic.AUTHOR][1] is Proof.OPERATOR


@pytest.mark.norm("N-2.6c")
@pytest.mark.parametrize("attested", [False, True])
@pytest.mark.parametrize("typed", [str, to_words, lambda kept: to_words(kept).upper().replace(" ", ", ")])
def test_the_thumbprint_that_the_doctor_keeps_tells_the_forgery(
    stage: Stage, attested: bool, typed: Callable[[str], str]
) -> None:
    honest, kept = by_own_device(stage)
    trust, mark = (witnessed_trust(stage), cosigned) if attested else (stage.trust, bytes)
    verdict = judge_evidence(mark(forged(stage, honest)), trust, keys=(typed(kept),))
    assert verdict.overall is Overall.INDETERMINATE
    assert told(verdict)[Topic.AUTHOR][0].startswith("no la firmó la llave que usted indicó")
    sound = judge_evidence(mark(honest), trust, keys=(typed(kept),))
    assert sound.overall is (Overall.VALID if attested else Overall.BY_OPERATOR)
    assert sound.exit_code(Demand.AUTHOR) == (0 if attested else 4)
    assert told(sound)[Topic.AUTHOR] == (f"la firmó la llave que usted indicó, huella {kept}", Proof.DEVICE)


@pytest.mark.norm("N-2.6c")
def test_a_device_asked_for_the_digest_of_another_document_signs_it(stage: Stage) -> None:
    """What no proof after the fact can tell: the doctor's own device signs what it is given. The words say so."""
    device = SoftwareAuthenticator()
    honest, kept = by_own_device(stage, device)
    verdict = judge_evidence(cosigned(forged(stage, honest, device)), witnessed_trust(stage), keys=(kept,))
    assert verdict.overall is Overall.VALID
    assert told(verdict)[Topic.SIGNATURE][0].endswith("qué vio en pantalla lo declara el operador")


@pytest.mark.norm("N-2.6c")
def test_what_a_witness_saw_before_its_instant_was_dated_later(stage: Stage) -> None:
    """The operator dates an entry ahead, and an honest witness sees the tree before: by more than its clock errs."""
    honest, _ = by_own_device(stage)
    for before, sound in ((timedelta(minutes=4), True), (timedelta(minutes=6), None)):
        seen = decode(open_strict(honest)["v1/recibo.json"])["entrada"]["instante"]
        at = parse_instant(seen) - before
        verdict = judge_evidence(cosigned(honest, at=at), witnessed_trust(stage))
        assert [line.sound for line in verdict.lines if line.topic is Topic.LOG] == [sound]


@pytest.mark.norm("N-2.6c")
def test_a_stolen_witness_key_attests_nothing(stage: Stage) -> None:
    """Whoever holds it writes an early index and an early time."""
    honest, kept = by_own_device(stage)
    stolen = replace(WITNESS.trusted(KeyRole.WITNESS), until_index=1000, end=KeyEnd.COMPROMISE)
    trust = replace(stage.trust, keys=(*stage.trust.keys, stolen))
    verdict = judge_evidence(cosigned(honest), trust, keys=(kept,))
    assert (verdict.overall, verdict.exit_code(Demand.WITNESS)) == (Overall.BY_OPERATOR, 4)
    assert "atestación pendiente" in told(verdict)[Topic.LOG][0]


@pytest.mark.norm("N-2.6c")
def test_nobody_is_his_own_witness(stage: Stage) -> None:
    (log,) = stage.trust.keys_of(KeyRole.LOG)
    (seal,) = stage.trust.keys_of(KeyRole.SEAL)
    own = replace(WITNESS.trusted(KeyRole.WITNESS), public=log.public)
    twice = replace(WITNESS.trusted(KeyRole.WITNESS), id="otro.example")
    for keys in ((own,), (WITNESS.trusted(KeyRole.WITNESS), twice)):
        with pytest.raises(NotCanonical, match="own witness"):
            replace(stage.trust, keys=(*stage.trust.keys, *keys))
    with pytest.raises(NotCanonical, match="own witness"):
        replace(stage.trust, accredited=(seal.public,))


@pytest.mark.norm("N-2.6c")
def test_a_key_registered_after_the_licence_by_its_own_date_is_refused(stage: Stage) -> None:
    honest, _ = by_own_device(stage)
    verdict = judge_evidence(forged(stage, honest, registered_after=timedelta(days=1)), stage.trust)
    assert verdict.overall is Overall.INVALID
    assert "no estaba registrada antes" in told(verdict)[Topic.SIGNATURE][0]


@pytest.mark.norm("N-2.6c")
def test_what_a_stranger_signed_is_proven_by_nobody(stage: Stage) -> None:
    """An outsider with a log key of his own: no line says that the operator declared it."""
    honest, kept = by_own_device(stage)
    members = open_strict(honest)
    file = Forger(Key(77, "intruso"), LOG_ORIGIN).made_again(members)
    receipt = encode(decode(open_strict(file)["v1/recibo.json"]))
    for hostile in (file, receipt):
        verdict = judge_evidence(hostile, stage.trust, keys=(kept,))
        assert verdict.overall in (Overall.INDETERMINATE, Overall.INVALID)
        assert {verdict.proof(line) for line in verdict.lines} == {Proof.UNCHECKED}


@pytest.mark.norm("N-2.6c")
def test_a_thumbprint_says_nothing_of_a_code(stage: Stage) -> None:
    session = stage.doctor()
    file = stage.evidence(session, stage.issue(session, stage.prepare(session).id).id)
    assert judge_evidence(file, stage.trust, keys=(to_base64url(bytes(32)),)).overall is Overall.INDETERMINATE


@pytest.mark.norm("N-4c", "N-2.4b")
@pytest.mark.parametrize("attested", [False, True])
def test_the_second_look_taken_away_shows(stage: Stage, clock: Any, attested: bool) -> None:
    """Fault A2: no key is needed to leave out what came later; what must be there is asked for."""
    session = excused(stage)
    issued = issue(stage, session)
    clock.advance(seconds=60)
    stage.people.rnpi.consult(Run(DOCTOR), ABSENT)
    assert recheck(stage) == 1
    stage.people.rnpi.consult(Run(DOCTOR), IN_FORCE)
    both = open_strict(stage.evidence(stage.enter(), issued.id))
    assert {"v2/recontrol.json", "v2/recibo.json"} <= set(both)
    first = build({name: content for name, content in both.items() if not name.startswith("v2/")})
    trust, shown = (witnessed_trust(stage), cosigned(first, at=clock())) if attested else (stage.trust, first)
    verdict = judge_evidence(shown, trust)
    assert verdict.overall is Overall.INDETERMINATE
    assert [line.topic for line in verdict.lines if line.sound is not True] == [Topic.SECOND_LOOK]
    assert told(verdict)[Topic.SECOND_LOOK][0] == "falta el segundo control del operador: pídale la versión siguiente"
    assert told(verdict)[Topic.VERSION][0] == (
        f"versión 1; puede haber posteriores: pídalas a {stage.trust.origins[0]}"
    )
