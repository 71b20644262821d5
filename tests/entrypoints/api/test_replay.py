"""A replay over HTTP: the same bytes to who may read them now, id and folio to who may not, a refusal to nobody."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from lme_operator.core.database import Deadline
from lme_operator.domain.access import TotpCode
from lme_operator.domain.rnpi import Purpose
from lme_operator.entrypoints.api.professional.order import EXAMPLE
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.machines import Machine
from tests.factories.people import ORIGIN
from tests.factories.rnpi import ABSENT, DOWN
from tests.factories.web import DOCTOR, Web, problem_of

NEXT_MORNING = datetime(2026, 4, 21, 13, 0, tzinfo=UTC)
LICENCES = "/api/v1/licencias"


@dataclass
class Done:
    """What was prepared and issued, and the very requests."""

    web: Web
    issue: dict[str, Any]
    prepared: Any
    issued: Any

    @classmethod
    def of(cls, web: Web, token: str) -> "Done":
        prepared = web.prepare(token, EXAMPLE, key="p")
        assert prepared.status_code == 201, prepared.text
        totp = {"tipo": "totp", "codigo": web.code()}
        body = {"preparacion": prepared.json["preparacion"], "autorizacion": totp}
        issued = web.post(LICENCES, body, token=token, key="e")
        assert issued.status_code == 201, issued.text
        return cls(web, body, prepared, issued)

    def again(self, token: str) -> tuple[Any, Any]:
        return (
            self.web.prepare(token, EXAMPLE, key="p"),
            self.web.post(LICENCES, self.issue, token=token, key="e"),
        )

    def assert_whole(self, token: str) -> None:
        for answer, first in zip(self.again(token), (self.prepared, self.issued), strict=True):
            assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (201, "true"), answer.text
            assert answer.data == first.data

    def assert_reduced(self, token: str) -> None:
        folio = self.issued.json["folio"]
        ids = (self.prepared.json["preparacion"], self.issued.json["id"])
        for answer, identifier in zip(self.again(token), ids, strict=True):
            assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (200, "reducida"), answer.text
            assert json.loads(answer.data) == {"id": identifier, "folio": folio}
            assert answer.mimetype == "application/json"


@pytest.fixture
def done(web: Web, doctor: str) -> Done:
    return Done.of(web, doctor)


def registry(web: Web) -> Any:
    return web.operator.rnpi.registry


@pytest.mark.norm("N-4b", "N-2.4a")
def test_session_restricted_by_the_register_gets_id_and_folio(web: Web, done: Done) -> None:
    web.clock.set(NEXT_MORNING)
    registry(web).now = ABSENT
    token = web.enter()
    problem_of(web.get(done.issued.json["enlaces"]["licencia"], token=token), 403, "no_puede_leer")
    done.assert_reduced(token)


@pytest.mark.norm("N-2.7a", "N-2.4a")
def test_blocked_means_of_access_get_id_and_folio(web: Web, doctor: str, done: Done) -> None:
    assert web.post("/api/v1/profesional/bloqueo", token=doctor).status_code == 201
    done.assert_reduced(web.enter())


@pytest.mark.norm("N-4b")
def test_a_reduced_answer_burns_nothing(web: Web, done: Done) -> None:
    web.clock.set(NEXT_MORNING)
    registry(web).now = ABSENT
    done.assert_reduced(web.enter())
    web.clock.advance(seconds=3600)
    registry(web).now = "vigente"
    done.assert_whole(web.enter())


@pytest.mark.norm("N-6a", "N-2.4a")
def test_who_is_suspended_gets_the_same_bytes(web: Web, done: Done) -> None:
    operator = web.operator
    Machine.register(operator.database, operator.log, operator.sealer).suspend(DOCTOR)
    done.assert_whole(web.enter())


@pytest.mark.norm("N-2.4a")
def test_an_outage_of_the_register_hides_nothing_that_was_done(web: Web) -> None:
    web.clock.set(datetime(2026, 4, 21, 3, 50, tzinfo=UTC))  # 23:50 of the 20th in Santiago
    token = web.enter(web.enrol())
    done = Done.of(web, token)
    web.clock.set(datetime(2026, 4, 21, 4, 5, tzinfo=UTC))  # the 21st: nobody asked yet
    registry(web).now = DOWN
    asked = len(registry(web).asked)
    done.assert_whole(token)
    assert len(registry(web).asked) == asked


@pytest.mark.norm("N-2.3b", "N-2.4a")
def test_session_for_a_new_password_alone_is_told_that_and_burns_nothing(web: Web, done: Done) -> None:
    """Its token is good for the change alone; nothing is said of the act, which is there once it is made."""
    web.clock.set(datetime(2026, 10, 20, 14, 0, tzinfo=UTC))
    due = web.post("/api/v1/sesiones", web.entry())
    token = problem_of(due, 403, "debe_cambiar_clave")["token"]
    for answer in done.again(token):
        problem_of(answer, 403, "debe_cambiar_clave")
        assert done.issued.json["folio"] not in answer.text
    changed = {"actual": web.entry()["clave"], "nueva": "seis remolinos en la orilla sur"}
    assert web.send("PUT", "/api/v1/sesiones/actual/clave", changed, token=token).status_code == 204
    entered = web.post("/api/v1/sesiones", web.entry(clave=changed["nueva"]))
    done.assert_whole(entered.json["token"])


@pytest.mark.norm("N-1f", "N-2.6b")
def test_the_same_keys_in_another_context_find_nothing(web: Web, done: Done) -> None:
    entered = web.post("/api/v1/sesiones", web.entry(contexto={"tipo": "institucion", "rut": "76123456-0"}))
    assert entered.status_code == 201, entered.text
    for answer in done.again(entered.json["token"]):
        problem_of(answer, 403, "no_puede_emitir")
        assert done.issued.json["folio"] not in answer.text


@pytest.mark.norm("N-2.4a")
def test_a_retired_key_and_an_expired_preparation_change_no_byte(web: Web, doctor: str) -> None:
    device = SoftwareAuthenticator(origin=web.operator.settings.web.origin)
    request = {"segundo_factor": {"tipo": "totp", "codigo": web.code()}}
    options = web.post("/api/v1/profesional/llaves/opciones", request, token=doctor).json
    body = {"intento": options["intento"], "credencial": device.create(options["opciones"])}
    key = web.post("/api/v1/profesional/llaves", body, token=doctor).json["llave"]
    done = Done.of(web, doctor)
    assert len(done.prepared.json["desafio_webauthn"]["allowCredentials"]) == 1
    retire(web, doctor, key["id"])
    web.clock.advance(seconds=3600)
    done.assert_whole(web.enter())


def retire(web: Web, token: str, key_id: str) -> None:
    """By the room: the API retires no keys."""
    access = web.operator.access
    session = access.authenticate(token=token, deadline=Deadline(10))
    access.retire_key(
        session=session, key_id=UUID(key_id), factor=TotpCode(web.code()), origin=ORIGIN, deadline=Deadline(10)
    )


def restricted(web: Web, _token: str) -> str:
    web.clock.set(NEXT_MORNING)
    registry(web).now = ABSENT
    return web.enter()


def blocked(web: Web, token: str) -> str:
    assert web.post("/api/v1/profesional/bloqueo", token=token).status_code == 201
    return web.enter()


@pytest.mark.norm("N-4b", "N-2.7a")
@pytest.mark.parametrize(("so", "cause"), [(restricted, "rnpi_no_vigente"), (blocked, "bloqueo_propio")])
def test_keys_are_registered_by_no_restricted_session(
    web: Web, doctor: str, so: Callable[[Web, str], str], cause: str
) -> None:
    token = so(web, doctor)
    request = {"segundo_factor": {"tipo": "totp", "codigo": web.code()}}
    answer = problem_of(
        web.post("/api/v1/profesional/llaves/opciones", request, token=token), 403, "no_puede_cambiar_llaves"
    )
    assert [reason["codigo"] for reason in answer["motivos"]] == [cause]
    assert all(reason["remedio"] and reason["norma"] for reason in answer["motivos"])


@pytest.mark.norm("N-4b")
def test_a_registration_begun_before_the_restriction_is_not_ended_in_it(web: Web, doctor: str) -> None:
    """The register says no while the person looks at the authenticator."""
    device = SoftwareAuthenticator(origin=web.operator.settings.web.origin)
    request = {"segundo_factor": {"tipo": "totp", "codigo": web.code()}}
    options = web.post("/api/v1/profesional/llaves/opciones", request, token=doctor).json
    registry(web).now = ABSENT
    consult(web)
    body = {"intento": options["intento"], "credencial": device.create(options["opciones"])}
    problem_of(web.post("/api/v1/profesional/llaves", body, token=doctor), 403, "no_puede_cambiar_llaves")
    assert web.get("/api/v1/profesional/estado", token=doctor).json["factores"]["llaves"] == []


def consult(web: Web) -> None:
    """Ask the register now."""
    web.clock.advance(seconds=60)
    web.operator.rnpi.consult(run=DOCTOR, purpose=Purpose.ENTRY, deadline=Deadline(10))
