"""The RNPI over real sockets: each of its bad days, the verdict it gets, and the evidence that an inspector judges.

`pytest -s tests/gateways/test_rnpi.py -k table` prints the table.
"""

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from lme_operator.core.canonical import decode, encode
from lme_operator.core.database import Database, Deadline
from lme_operator.core.outside import Failure
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain import rnpi as room
from lme_operator.domain.audit import (
    EvidenceFault,
    KeyRole,
    Log,
    TrustedKey,
    TrustFile,
    check_manifests,
    check_receipts,
    open_strict,
)
from lme_operator.domain.exports import Overall, judge_evidence
from lme_operator.domain.exports.consultation import MEMBERS, judge_consultation
from lme_operator.domain.exports.lines import Line
from lme_operator.domain.norms import Norms
from lme_operator.domain.rnpi import Consultation, Purpose, Result, Rnpi
from lme_operator.domain.rnpi.records import consultations
from lme_operator.entrypoints.demonstration.people import PEOPLE
from lme_operator.gateways.rnpi import (
    ControlHost,
    ControlHosts,
    RnpiClient,
    RnpiSandbox,
    WitnessSandbox,
    build_rnpi,
    sandbox,
)
from lme_operator.gateways.rnpi.client import SECRETS
from lme_operator.gateways.rnpi.records import demonstration_people, person_of
from lme_operator.gateways.sandbox import Sandbox, SandboxParty, SandboxReply, SandboxRequest, play
from lme_operator.gateways.wire import CircuitBreaker, Party
from lme_operator.settings import RnpiSettings
from tests.conftest import SettableClock
from tests.factories.certificates import TestAuthority, yesterday
from tests.factories.log import trust_in
from tests.factories.people import norms
from tests.factories.rnpi import StaticRnpi

KEY = "clave-de-la-intendencia"
SOUND = Run(15000001)


@dataclass
class World:
    """The RNPI and two control hosts of ours, played over TLS, and the operator who asks them."""

    database: Database
    log: Log
    sealer: Sealer
    clock: SettableClock
    ends: contextlib.ExitStack
    authority: TestAuthority = field(default_factory=TestAuthority)
    rnpi: RnpiSandbox = field(default_factory=lambda: RnpiSandbox(apikey=KEY))

    def __post_init__(self) -> None:
        self.server = self.played(self.rnpi)
        self.witnesses = [self.played(WitnessSandbox()) for _ in range(2)]
        self.url = f"{self.server.url}/rnpi"
        self.trust = self.authority.trust()
        self.breaker: CircuitBreaker | None = None

    def played(self, party: SandboxParty, *, server: ssl.SSLContext | None = None) -> Sandbox:
        return self.ends.enter_context(play([party], tls=server or self.authority.server()))

    @property
    def room(self) -> Rnpi:
        registry = RnpiClient(self._party("rnpi", self.url, breaker=self.breaker), apikey=KEY)
        hosts = [
            ControlHost(self._party(f"testigo-{number}", played.url.replace("127.0.0.1", name)), "/testigo")
            for number, (played, name) in enumerate(zip(self.witnesses, ("127.0.0.1", "localhost"), strict=True), 1)
        ]
        return Rnpi(
            database=self.database,
            log=self.log,
            sealer=self.sealer,
            norms=norms(),
            registry=registry,
            controls=ControlHosts(hosts),
        )

    def ask(self, run: Run, *, seconds: float = 2.0) -> Consultation:
        return self.room.consult(run=run, purpose=Purpose.ENTRY, deadline=Deadline(seconds))

    def was_in_force_yesterday(self, run: Run) -> None:
        """The last answer was 'in force', and a day has gone by."""
        StaticRnpi(self.database, self.log, self.sealer).refresh(run, "vigente")
        self.clock.advance(seconds=24 * 3600)

    def causes(self, run: Run) -> list[str]:
        with self.database.reading(deadline=Deadline(10)) as connection:
            return [one.code for one in room.causes(connection, run, self.clock(), norms())]

    def fact(self, run: Run) -> Any:
        with self.database.reading(deadline=Deadline(10)) as connection:
            return room.voice(connection, run, self.clock(), norms()).fact

    def _party(self, name: str, url: str, *, breaker: CircuitBreaker | None = None) -> Party:
        return Party(
            name=name,
            base_url=url,
            budget_seconds=5,
            largest_body=65536,
            clock=self.clock,
            secret_names=SECRETS,
            trust=self.trust,
            breaker=breaker,
        )


@pytest.fixture
def world(
    database: Database, log: Log, sealer: Sealer, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """The waits of the protocol, each of a second, so that nobody waits here for who hangs; no answer is repeated."""
    real = Norms.parameter

    def parameter(self: Norms, name: str, *, at: datetime) -> Any:
        found = real(self, name, at=at)
        waits = tuple(f"{purpose}:1000" for purpose in Purpose)
        changed: dict[str, Any] = {"rnpi.espera_ms": waits, "rnpi.repeticion_segundos": 0}
        return replace(found, value=changed[name]) if name in changed else found

    monkeypatch.setattr(Norms, "parameter", parameter)
    with contextlib.ExitStack() as ends:
        yield World(database, log, sealer, clock, ends)


@pytest.fixture
def trust(log_signer: Any) -> TrustFile:
    return trust_in(TrustedKey(log_signer.key_id, KeyRole.LOG, log_signer.public))


def judged(world: World, answer: Consultation, trust: TrustFile | None) -> dict[str, Line]:
    """The verdict of whoever has only the file and the trust file."""
    members = open_strict(world.room.evidence_file(answer.id, deadline=Deadline(10)))
    assert check_manifests(members) == 1
    assert set(members) == MEMBERS | {"LEAME.txt", "v1/manifiesto.json", "v1/recibo.json"}
    (entry,) = check_receipts(members, trust)
    return {line.topic: line for line in judge_consultation(members, entry, trust)}


def expired(world: World) -> None:
    world.url = f"{world.played(world.rnpi, server=world.authority.server(until=yesterday())).url}/rnpi"


def unknown_authority(world: World) -> None:
    world.url = f"{world.played(world.rnpi, server=TestAuthority('Otra').server()).url}/rnpi"


def refused(world: World) -> None:
    world.server.refuse()


def no_name(world: World) -> None:
    world.url = "https://apis.no-existe.invalid"


def bad_key(world: World) -> None:
    world.rnpi._apikey = "otra"


def no_witness(world: World) -> None:
    for played in world.witnesses:
        played.refuse()
    refused(world)


def captive(world: World) -> None:
    """Somebody in between answers for everybody."""
    world.rnpi.order(None, "error")
    world.witnesses = [world.played(Portal()), world.played(Portal())]


class Portal(WitnessSandbox):
    """What answers in the place of our hosts when somebody stands in between."""

    def answer(self, request: SandboxRequest) -> SandboxReply:  # noqa: ARG002
        return SandboxReply.html("<p>Acepte las condiciones de uso</p>")


@dataclass(frozen=True)
class Day:
    """A bad day of the register: who is asked, what is prepared, and what must come of it."""

    name: str
    run: Run
    result: str
    cause: str | None
    reason: str
    may_issue: bool
    prepare: Callable[[World], None] = lambda _world: None
    seconds: float = 2.0


FIFTEEN = [
    Day("vigente", SOUND, "vigente", None, "inscrito", True),
    Day("otro título", sandbox.OTHER_TITLE, "otro_titulo", None, "titulo_no_habilita", False),
    Day("no inscrito", sandbox.ABSENT, "no_inscrito", None, "no_figura", False),
    Day("401", sandbox.BAD_KEY, "imposible", "propia", "http_401", False),
    Day("403", sandbox.FORBIDDEN, "imposible", "propia", "http_403", False),
    Day("429", sandbox.THROTTLED, "imposible", "propia", "http_429", False),
    Day("500", sandbox.BROKEN, "imposible", "ajena", "http_500", True),
    Day("rechaza la conexión", SOUND, "imposible", "ajena", "conexion_rechazada", True, refused),
    Day("no contesta", sandbox.SILENT, "imposible", "ajena", "tiempo_agotado", True),
    Day("un byte por segundo", sandbox.SLOW, "imposible", "ajena", "tiempo_agotado", True),
    Day("HTML con 200", sandbox.PAGE, "imposible", "ajena", "respuesta_ilegible", True),
    Day("truncada", sandbox.TRUNCATED, "imposible", "ajena", "respuesta_truncada", True),
    Day("otra persona", sandbox.OF_ANOTHER, "inconsistente", None, "otra_persona", False),
    Day("certificado vencido", SOUND, "imposible", "ajena", "certificado_vencido", True, expired),
    Day("intermitente", sandbox.FLAPPING, "imposible", "ajena", "http_503", True),
]
BESIDES = [
    Day("autoridad desconocida", SOUND, "imposible", "propia", "certificado_no_confiable", False, unknown_authority),
    Day("nombre que no resuelve", SOUND, "imposible", "propia", "nombre_no_resuelto", False, no_name),
    Day("clave nuestra mala", SOUND, "imposible", "propia", "http_401", False, bad_key),
    Day("corta la conexión", sandbox.CUT, "imposible", "ajena", "conexion_cortada", True),
    Day("sin testigos", SOUND, "imposible", "propia", "conexion_rechazada", False, no_witness),
    Day("portal cautivo", SOUND, "imposible", "propia", "http_500", False, captive),
    Day("otra codificación", sandbox.LATIN, "imposible", "ajena", "respuesta_ilegible", True),
    Day("redirige", sandbox.MOVED, "imposible", "propia", "http_303", False),
    Day("404 de un intermediario", sandbox.NOT_FOUND_PAGE, "imposible", "propia", "http_404", False),
    Day("otro formato", sandbox.CHANGED, "imposible", "propia", "formato_desconocido", False),
    Day("espera demasiado corta", sandbox.SILENT, "imposible", "propia", "tiempo_agotado", False, seconds=1.2),
    Day("un solo apellido", sandbox.ONE_SURNAME, "vigente", None, "inscrito", True),
    Day("segundo título", sandbox.SECOND_TITLE, "vigente", None, "inscrito", True),
    Day("casi todo No Informada", sandbox.BARE, "vigente", None, "inscrito", True),
]


def shown(day: Day, answer: Consultation, lines: dict[str, Line], took: float) -> str:
    cause = "—" if answer.cause is None else answer.cause.value
    issue = "emite" if day.may_issue else "no emite"
    return (
        f"{day.name:<24} {answer.result.value:<13} {cause:<7} {answer.reason:<24} {issue:<9} {took:4.1f} s  "
        f"{lines['respuesta'].answer} · {lines['efecto'].answer}"
    )


@pytest.mark.norm("N-4a", "N-4b", "N-4c")
@pytest.mark.parametrize("day", [*FIFTEEN, *BESIDES], ids=lambda day: day.name)
def test_table_of_bad_days(world: World, trust: TrustFile, day: Day) -> None:
    """Each bad day over real sockets: result, cause, what it lets a person do, and the evidence of it."""
    world.was_in_force_yesterday(day.run)
    day.prepare(world)
    began = time.monotonic()
    answer = world.ask(day.run, seconds=day.seconds)
    took = time.monotonic() - began
    assert took < day.seconds + 0.1
    cause = None if answer.cause is None else answer.cause.value
    assert (answer.result.value, cause, answer.reason) == (day.result, day.cause, day.reason)
    assert (world.causes(day.run) == []) is day.may_issue
    lines = judged(world, answer, trust)
    print(shown(day, answer, lines, took))  # noqa: T201 - the table that is to be shown
    assert all(line.sound for line in lines.values())
    excused = day.cause == "ajena"
    assert ("por excepción (N-4c)" in lines["efecto"].answer) is excused
    assert world.fact(day.run)["norma"] == ("N-4c" if excused else "N-4a")
    closing = answer.result in (Result.IMPOSSIBLE, Result.INCONSISTENT)
    assert judged(world, answer, None)["efecto"].sound is (None if closing else True)


@pytest.mark.norm("N-4c")
def test_key_is_in_no_record(world: World) -> None:
    answer = world.ask(sandbox.BAD_KEY)
    file = world.room.evidence_file(answer.id, deadline=Deadline(10))
    exchange = decode(open_strict(file)["v1/consulta.json"])["intercambio"]
    assert KEY.encode() not in file
    assert exchange["url"].endswith(f"/api/prestadores/rut/{sandbox.BAD_KEY.number}.json/?apikey=[REDACTADO]")
    assert exchange["direccion_ip"] == "127.0.0.1"
    (asked,) = world.server.calls
    assert asked.query == {"apikey": KEY}


@pytest.mark.norm("N-4c")
def test_evidence_is_the_same_each_time_and_no_byte_of_it_may_change(world: World, trust: TrustFile) -> None:
    world.was_in_force_yesterday(sandbox.BROKEN)
    answer = world.ask(sandbox.BROKEN)
    file = world.room.evidence_file(answer.id, deadline=Deadline(10))
    world.ask(SOUND)
    assert world.room.evidence_file(answer.id, deadline=Deadline(10)) == file
    assert judge_evidence(file, trust).overall is Overall.BY_OPERATOR
    assert judge_evidence(file, None).overall is Overall.INDETERMINATE
    members = open_strict(file)
    for name in MEMBERS:
        for place in range(0, len(members[name]), 50):
            changed = bytearray(members[name])
            changed[place] ^= 1
            with pytest.raises(EvidenceFault, match=name):
                check_manifests({**members, name: bytes(changed)})


LIES: list[tuple[str, Any]] = [
    ("causa", "ajena"),
    ("resultado", "vigente"),
    ("motivo", "http_500"),
    ("dia", "2026-04-20"),
    ("run", str(SOUND)),
    ("instante", "2026-04-21T14:00:01.000000Z"),
    ("sin_llamada", "cuota_agotada"),
    ("intercambio", None),
    ("inscripcion", {}),
    ("circuito", {}),
    ("v", True),
    ("otro", 1),
]


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize(("name", "lie"), LIES, ids=[name for name, _ in LIES])
def test_operator_who_lies_in_file_and_log_alike_is_contradicted_by_the_call(
    world: World, trust: TrustFile, name: str, lie: Any
) -> None:
    """A refused key told as an outage: the recorded call says otherwise, whatever was logged."""
    world.was_in_force_yesterday(sandbox.BAD_KEY)
    members = open_strict(world.room.evidence_file(world.ask(sandbox.BAD_KEY).id, deadline=Deadline(10)))
    (entry,) = check_receipts(members, trust)
    told = {**decode(members["v1/consulta.json"]), name: lie}
    logged = {**entry.disclosed, **({name: lie} if name in entry.disclosed else {})}
    lied = {**members, "v1/consulta.json": encode(told)}
    assert judge_consultation(lied, replace(entry, disclosed=logged), trust)[0].sound is False
    assert all(line.sound for line in judge_consultation(members, entry, trust))


@pytest.mark.norm("N-4c")
def test_witnesses_and_earlier_answer_are_proved_too(world: World, trust: TrustFile) -> None:
    world.was_in_force_yesterday(sandbox.BROKEN)
    members = open_strict(world.room.evidence_file(world.ask(sandbox.BROKEN).id, deadline=Deadline(10)))
    (entry,) = check_receipts(members, trust)
    controls, prior = decode(members["v1/controles.json"]), decode(members["v1/anterior.json"])
    answered = prior["ultima_respuesta"]
    late = [{**one, "inicio": "2026-04-20T10:00:00.000000Z"} for one in controls["testigos"]]
    for name, lie in (
        ("v1/controles.json", {**controls, "alcanzados": 3}),
        ("v1/controles.json", {**controls, "testigos": [], "alcanzados": 0}),
        ("v1/controles.json", {**controls, "testigos": late}),
        ("v1/anterior.json", {**prior, "ultima_respuesta": {**answered, "resultado": "no_inscrito"}}),
        ("v1/anterior.json", {**prior, "ultima_respuesta": {**answered, "consulta": str(UUID(int=7))}}),
        ("v1/anterior.json", {**prior, "ultima_respuesta": {**answered, "recibo": {}}}),
    ):
        assert judge_consultation({**members, name: encode(lie)}, entry, trust)[0].sound is False


@pytest.mark.norm("N-4c")
def test_flapping_leaves_one_piece_of_evidence_an_attempt(world: World, trust: TrustFile) -> None:
    """F23: with the breaker between; each attempt has its row, the open circuit names what opened it."""
    run = sandbox.FLAPPING
    world.was_in_force_yesterday(run)
    world.breaker = CircuitBreaker(failures=1, seconds=0.4)
    first, second = world.ask(run), world.ask(run)
    assert (first.reason, second.reason) == ("http_503", "circuito_abierto")
    assert second.cause == first.cause == "ajena"
    members = open_strict(world.room.evidence_file(second.id, deadline=Deadline(10)))
    assert decode(members["v1/consulta.json"])["circuito"] == {
        "consulta": str(first.id),
        "entrada": str(first.entry_id),
        "causa": "ajena",
        "motivo": "http_503",
    }
    lines = judged(world, second, trust)
    assert lines["respuesta"].sound is None
    assert str(first.id) in lines["respuesta"].answer
    time.sleep(0.45)
    third = world.ask(run)
    assert third.result is Result.IN_FORCE
    with world.database.reading(deadline=Deadline(10)) as connection:
        rows = connection.execute(sa.select(sa.func.count()).select_from(consultations)).scalar_one()
    assert rows == 4
    assert len(world.server.calls) == 2


@pytest.mark.norm("N-4b")
def test_no_longer_in_force_from_now(world: World) -> None:
    assert world.ask(sandbox.NO_LONGER).result is Result.IN_FORCE
    assert world.ask(sandbox.NO_LONGER).result is Result.ABSENT
    assert world.causes(sandbox.NO_LONGER) == ["rnpi_no_vigente"]


def test_observations_are_for_a_person(world: World) -> None:
    answer = world.ask(sandbox.REMARKED)
    assert answer.for_review
    assert world.causes(sandbox.REMARKED) == []


def test_switch_changes_a_run_or_all(world: World) -> None:
    page = Party(
        name="p", base_url=world.server.url, budget_seconds=2, largest_body=99999, clock=world.clock, trust=world.trust
    )
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    assert page.call("GET", "/rnpi/interruptor").status == 200
    assert b"Interruptor" in page.call("GET", "/").body
    for body, status in ((b"run=15.000.001-9&estado=error", 400), (b"run=15000001-7&estado=otro", 400)):
        assert page.call("POST", "/rnpi/interruptor", headers=form, body=body).status == status
    held = page.call("POST", "/rnpi/interruptor", headers=form, body=f"run={SOUND}&estado=&ver=si".encode())
    assert held.status == 200
    assert "Ñancupil".encode() in held.body
    told = f"run={SOUND}&estado=no_inscrito".encode()
    assert page.call("POST", "/rnpi/interruptor", headers=form, body=told).status == 303
    assert world.ask(SOUND).result is Result.ABSENT
    assert page.call("POST", "/rnpi/interruptor", headers=form, body=b"run=&estado=corte").status == 303
    assert world.ask(Run(15000002)).reason == "conexion_cortada"
    assert world.ask(SOUND).result is Result.ABSENT
    assert page.call("POST", "/rnpi/interruptor", headers=form, body=b"run=&estado=").status == 303
    assert world.ask(Run(15000002)).result is Result.IN_FORCE


def test_settings_build_who_is_asked_and_the_witnesses(world: World, tmp_path: Path) -> None:
    file = tmp_path / "autoridad.pem"
    file.write_bytes(world.authority.pem)
    controls = [f"{played.url}/testigo" for played in world.witnesses]
    told = RnpiSettings(
        url=world.url,
        token=SecretStr(KEY),
        controls=tuple(controls),
        authorities=file,
        budget_seconds=2,
        largest_answer=65536,
        failures=3,
        rest_seconds=5,
    )
    client, hosts = build_rnpi(told, clock=world.clock, plain_http=False)
    asked = client.ask(run=SOUND, budget=2)
    assert (asked.status, KEY in str(asked.render())) == (200, False)
    assert [one.body.strip() for one in hosts.probe(budget=2)] == [room.WITNESS_MARK] * 2
    bare, none = build_rnpi(told.model_copy(update={"url": "", "controls": ()}), clock=world.clock, plain_http=False)
    assert bare.ask(run=SOUND, budget=2).failure is Failure.OUR_OWN
    assert none.probe(budget=2) == ()


def test_people_of_the_demonstration_are_those_of_the_rnpi() -> None:
    known = demonstration_people()
    assert {person.number: (person.names, person.kind) for person in PEOPLE} == {
        number: ((one.given, one.paternal, one.maternal), one.kind) for number, one in known.items()
    }


def test_made_up_people_are_the_same_every_time_and_sound() -> None:
    people = [person_of(Run(number)) for number in range(11_000_000, 11_000_400)]
    assert people == [person_of(person.run) for person in people]
    assert {person.kind for person in people} == {1, 2, 3}
    assert all(date(1950, 1, 1) < person.born < date(2000, 1, 1) for person in people)


def test_whole_check_of_one_person_takes_milliseconds(world: World) -> None:
    began = time.monotonic()
    for number in range(10):
        world.ask(Run(16000001 + number))
    assert (time.monotonic() - began) / 10 < 0.25


@pytest.mark.norm("N-4c")
def test_fixed_entry_of_another_call_does_not_hold(world: World, trust: TrustFile) -> None:
    """The evidence of one consultation with the receipt of another."""
    world.was_in_force_yesterday(sandbox.BROKEN)
    one, other = world.ask(sandbox.BROKEN), world.ask(SOUND)
    mine, theirs = (open_strict(world.room.evidence_file(a.id, deadline=Deadline(10))) for a in (one, other))
    (entry,) = check_receipts(theirs, trust)
    assert judge_consultation(mine, entry, trust)[0].sound is False


def test_instant_of_the_call_is_the_clock_s(world: World) -> None:
    world.clock.set(datetime(2026, 4, 30, 12, tzinfo=UTC))
    answer = world.ask(SOUND)
    assert answer.at == datetime(2026, 4, 30, 12, tzinfo=UTC)
    assert isinstance(answer.id, UUID)
    assert answer.reason != Failure.OUR_OWN.value
