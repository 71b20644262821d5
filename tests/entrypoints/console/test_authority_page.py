"""A person of an authority at the console: looks up, orders, sees that it rules, lifts; nobody else does."""

import json
import re
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest

from lme_operator.core.canonical import decode
from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Fault
from lme_operator.core.run import Run
from lme_operator.domain.mandates import EndCause
from lme_operator.domain.norms import Norms, Parameter
from lme_operator.domain.professionals import find_professional
from lme_operator.domain.suspensions import Authority
from tests.factories.authority_desk import ANOTHER_REGION, COLLEAGUE, COMPIN, ORDER, PAGE, PERSON, Desk
from tests.factories.browsing import Browsing, heading
from tests.factories.machines import Machine, terms
from tests.factories.people import DESIGNATION, ORIGIN
from tests.factories.web import OTHER, Web


@pytest.fixture
def desk(web: Web) -> Desk:
    return Desk(web)


def facts(web: Web) -> list[Any]:
    with web.operator.database.reading(deadline=Deadline(10)) as connection:
        return list(connection.exec_driver_sql("SELECT id, run, message_id, declared_id FROM suspensions.suspension"))


def attempts(web: Web) -> list[str]:
    with web.operator.database.reading(deadline=Deadline(10)) as connection:
        return list(connection.exec_driver_sql("SELECT kind FROM audit.attempt").scalars())


def named(web: Web, run: Run) -> str:
    with web.operator.database.reading(deadline=Deadline(10)) as connection:
        found = find_professional(connection, web.operator.sealer, run)
    assert found is not None
    return found.data.full_name


def last_entry(web: Web) -> bytes:
    with web.operator.database.reading(deadline=Deadline(10)) as connection:
        leaf = connection.exec_driver_sql("SELECT leaf FROM audit.entry ORDER BY index DESC LIMIT 1").scalar_one()
    return bytes(leaf)


@pytest.mark.norm("N-6a", "N-6b", "N-6c", "N-6d")
def test_an_order_closes_the_doctors_sessions_and_shows_its_proof(web: Web, desk: Desk) -> None:
    doctor = web.enrol()
    token = web.enter(doctor)
    assert "Sin suspensión vigente" in desk.look_up(doctor).text
    previewed = desk.preview(doctor).text
    assert "Desde el 20-04-2026 hasta el 19-05-2026 inclusive no podrá emitir ni enrolarse." in previewed
    assert facts(web) == []
    suspension = desk.ordered(doctor)
    shown = desk.browsing.get(f"{PAGE}/suspensiones/{suspension}")
    assert heading(shown) == "Constancia de la suspensión"
    for words in ("COMPIN Región Metropolitana", "Efectiva desde", "Sesiones cerradas", "Declarada por el operador"):
        assert words in shown.text
    assert re.search(r"<dt>Sesiones cerradas</dt>\s*<dd>1</dd>", shown.text)
    assert web.get("/api/v1/profesional/estado", token=token).status_code == 401
    found = desk.look_up(doctor).text
    assert "Con suspensión vigente" in found
    assert "1234/2026" in found


@pytest.mark.norm("N-2.6b", "N-6a")
def test_who_orders_sees_whom_and_each_time_it_is_kept(web: Web, desk: Desk) -> None:
    doctor = web.enrol()
    name = named(web, doctor)
    wrong = desk.confirm(doctor, code="000000")
    for shown in (desk.look_up(doctor), desk.preview(doctor), wrong):
        assert f"{name}, médico cirujano" in shown.text
    assert attempts(web).count("suspension_consultada") == 3
    suspension = desk.ordered(doctor)
    for page in ("", "/levantamiento"):
        assert name in desk.browsing.get(f"{PAGE}/suspensiones/{suspension}{page}").text
    for shown in (desk.look_up(OTHER), desk.preview(OTHER)):
        assert "No está enrolado en este operador" in shown.text


@pytest.mark.norm("N-6c")
def test_the_constancia_says_the_grounds_and_gives_its_receipt_as_a_file(web: Web, desk: Desk) -> None:
    suspension = desk.ordered(OTHER)
    address = f"{PAGE}/suspensiones/{suspension}"
    shown = desk.browsing.get(address).text
    assert "<dd>Artículo 2, Ley 20.585: no entrega de antecedentes.</dd>" in shown
    assert "<dd>1234/2026, del 17-04-2026</dd>" in shown
    assert "<dd>del 20-04-2026 al 19-05-2026 inclusive</dd>" in shown
    file = desk.browsing.get(f"{address}/recibo.json")
    assert file.headers["Content-Disposition"] == f'attachment; filename="recibo-{suspension.hex[-12:]}.json"'
    told = {name: value for _, name, value in json.loads(file.data)["divulgaciones"]}
    assert told["suspension"] == str(suspension)
    assert desk.browsing.get(f"{address}/levantamiento/recibo.json").status_code == 404
    other = Desk(web, COLLEAGUE, ANOTHER_REGION)
    for name in ("recibo.json", "levantamiento/recibo.json"):
        assert other.browsing.get(f"{address}/{name}").status_code == 403
    assert desk.lift(suspension).status_code == 303
    file = desk.browsing.get(f"{address}/levantamiento/recibo.json")
    assert "levantamiento" in {name for _, name, _ in json.loads(file.data)["divulgaciones"]}


@pytest.mark.norm("N-2.6c", "N-6d")
def test_what_is_kept_says_who_confirmed_what_and_that_nobody_signed(web: Web, desk: Desk) -> None:
    suspension = desk.ordered(OTHER)
    authority = Authority("compin", "13", "")
    proof = web.operator.suspensions.materialisation(suspension, authority=authority, deadline=Deadline(10))
    order = decode(proof.message)
    assert (order["ordena"], order["autoridad"]) == (f"persona:{desk.run}", COMPIN)
    assert order["prueba"] == "declarada por el operador"
    assert order["factor"]["tipo"] == "totp"
    assert order["orden"]["numero_resolucion"] == "1234/2026"
    told = {name: value for _, name, value in proof.receipt["divulgaciones"]}
    assert (told["canal"], told["ordena"], told["prueba"]) == ("consola", f"persona:{desk.run}", order["prueba"])
    assert told["actor"] == "organizacion:compin:13"
    assert not proof.suspension.signed


def test_the_same_resolution_by_both_ways_is_one_order(web: Web, desk: Desk) -> None:
    """A machine of the same COMPIN orders what the person ordered already: one suspension, its first answer."""
    suspension = desk.ordered(OTHER)
    people = web.people
    machine = Machine.register(people.database, people.log, people.sealer)
    received = machine.suspend(OTHER, terms())
    assert (received.id, received.replayed) == (suspension, True)
    assert desk.ordered(OTHER) == suspension
    assert len(facts(web)) == 1
    other = desk.confirm(OTHER, hasta="20-05-2026")
    assert (other.status_code, len(facts(web))) == (409, 1)
    assert "con otro contenido" in other.text


def test_a_double_click_is_one_order(web: Web, desk: Desk) -> None:
    code = web.code()
    first, second = (desk.confirm(OTHER, code=code, act="el-mismo-acto") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(facts(web)) == 1


@pytest.mark.norm("N-2.6d")
def test_without_the_persons_own_fresh_code_nothing_is_ordered(web: Web, desk: Desk) -> None:
    wrong = desk.confirm(OTHER, code="000000")
    assert (wrong.status_code, heading(wrong)) == (403, "Confirmar la suspensión")
    assert "Desde el 20-04-2026" in wrong.text
    used = web.code()
    assert desk.confirm(OTHER, code=used).status_code == 303
    assert desk.confirm(Run(15000007), code=used).status_code == 403
    assert len(facts(web)) == 1


BAD = {
    "digit of the RUN": ({"run": "15.000.002-0"}, "El RUN no es válido"),
    "backwards": ({"desde": "20-05-2026"}, "El último día es anterior al primero"),
    "no last day": ({"hasta": ""}, "Escriba el último día"),
    "both": ({"termino": "definitiva"}, "Sin término no lleva último día"),
    "a day that does not exist": ({"desde": "31-04-2026"}, "Esa fecha no existe"),
    "no number": ({"numero_resolucion": " "}, "Escriba el número de la resolución"),
    "too long a number": ({"numero_resolucion": "9" * 61}, "muy largo"),
    "no grounds": ({"fundamento": ""}, "Escriba el fundamento"),
    "grounds of a letter": ({"fundamento": "x"}, "Es muy breve"),
    "grounds of blanks": ({"fundamento": f"  {'x' * 9}   "}, "Es muy breve"),
    "an invented end": ({"termino": "nunca"}, "Elija si tiene término"),
}


@pytest.mark.parametrize(("changes", "words"), BAD.values(), ids=BAD)
def test_an_order_that_is_not_sound_is_shown_again(desk: Desk, changes: dict[str, str], words: str) -> None:
    for answer in (desk.preview(OTHER, **changes), desk.confirm(OTHER, **changes)):
        assert (answer.status_code, heading(answer)) == (422, "Ordenar una suspensión")
        assert words in answer.text
    assert facts(desk.web) == []


def test_a_resolution_of_tomorrow_is_refused_beside_its_date(desk: Desk) -> None:
    answer = desk.confirm(OTHER, fecha_resolucion="21-04-2026")
    assert (answer.status_code, heading(answer)) == (422, "Ordenar una suspensión")
    assert "fecha posterior a hoy" in answer.text


@pytest.mark.norm("N-6d")
def test_another_authoritys_order_is_neither_seen_nor_lifted(web: Web, desk: Desk) -> None:
    suspension = Desk(web, COLLEAGUE, ANOTHER_REGION).ordered(OTHER)
    desk = Desk.__new__(Desk)
    desk.web, desk.browsing = web, Browsing(web).entered(Run(PERSON), context="operador")
    found = desk.look_up(OTHER).text
    assert "De otra autoridad" in found
    assert "1234/2026" not in found.replace("Por ejemplo", "")
    for answer in (desk.browsing.get(f"{PAGE}/suspensiones/{suspension}"), desk.lift(suspension)):
        assert answer.status_code == 403
        assert "la ordenó otra autoridad" in answer.text
    assert "Con suspensión vigente" in desk.look_up(OTHER).text


@pytest.mark.norm("N-6d")
def test_ones_own_order_is_lifted_at_once_with_a_code(web: Web, desk: Desk) -> None:
    suspension = desk.ordered(OTHER)
    assert desk.lift(suspension, codigo="000000").status_code == 403
    assert desk.lift(suspension, motivo="x").status_code == 422
    assert "Con suspensión vigente" in desk.look_up(OTHER).text
    assert desk.lift(suspension).headers["Location"] == f"{PAGE}/suspensiones/{suspension}"
    answer = desk.browsing.get(f"{PAGE}/suspensiones/{suspension}")
    shown = answer.text
    assert heading(answer) == "Suspensión levantada"
    assert "hasta que se levantó, el 20-04-2026, no pudo emitir ni enrolarse." in shown
    assert "no podrá" not in shown
    for words in ("<dd>Levantada</dd>", "<dd>900/2026</dd>", "<dd>Entregó los antecedentes.</dd>", desk.run.display):
        assert words in shown
    assert "Levantar la suspensión" not in shown
    assert "Sin suspensión vigente" in desk.look_up(OTHER).text
    assert desk.lift(suspension, numero_resolucion="901/2026").status_code == 409


@pytest.mark.norm("N-2.6b")
def test_nobody_looks_up_one_person_after_another(web: Web, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    name, real = "suspension.busquedas_por_hora", Norms.parameter

    def parameter(self: Norms, asked: str, *, at: datetime) -> Parameter:
        found = real(self, asked, at=at)
        return replace(found, value=3) if asked == name else found

    monkeypatch.setattr(Norms, "parameter", parameter)
    assert [desk.look_up(Run(15000000 + number)).status_code for number in (1, 2, 3)] == [200] * 3
    refused = desk.look_up(OTHER)
    assert (refused.status_code, heading(refused)) == (429, "Suspensiones")
    assert "Buscó a demasiadas personas en la última hora" in refused.text
    assert 3590 <= int(refused.headers["Retry-After"]) <= 3600
    assert b"acto_rechazado" in last_entry(web)
    colleague = Desk(web, COLLEAGUE)
    assert colleague.look_up(OTHER).status_code == 200
    previewed = desk.preview(OTHER)
    assert previewed.status_code == 200
    assert "No se muestra: buscó a demasiadas personas" in previewed.text
    assert desk.ordered(OTHER)


@pytest.mark.norm("N-6a")
def test_orders_and_liftings_wait_for_nobody_elses_connection(web: Web, desk: Desk) -> None:
    """With every ordinary connection held, both still answer: nothing before the act reads in the common pool."""
    database, proof = web.operator.database, desk.browsing.own_proof()
    with ExitStack() as held:
        with suppress(Fault):
            while True:
                held.enter_context(database.reading(deadline=Deadline(10)))
        ordered = desk.browsing.send(f"{PAGE}/ordenar", proof=proof, **ORDER, run=OTHER.display, codigo=web.code())
        assert ordered.status_code == 303
        reason: dict[str, Any] = {"numero_resolucion": "900/2026", "motivo": "Entregó los antecedentes."}
        place = f"{ordered.headers['Location']}/levantamiento"
        assert desk.browsing.send(place, proof=proof, **reason, codigo=web.code()).status_code == 303


@pytest.mark.norm("N-2.6d", "N-6d")
def test_what_the_authority_signed_is_not_lifted_by_whom_two_founders_named(web: Web, desk: Desk) -> None:
    people = web.people
    machine = Machine.register(people.database, people.log, people.sealer)
    suspension = machine.suspend(OTHER, terms()).id
    shown = desk.browsing.get(f"{PAGE}/suspensiones/{suspension}").text
    assert "sólo se levanta o reemplaza con otro mensaje firmado" in shown
    assert f"{suspension}/levantamiento" not in shown
    refused = desk.lift(suspension)
    assert refused.status_code == 403
    assert "llegó firmada por la llave de la autoridad" in refused.text
    assert "Con suspensión vigente" in desk.look_up(OTHER).text
    assert b"acto_rechazado" in last_entry(web)


@pytest.mark.norm("N-6d")
def test_nobody_orders_or_lifts_about_himself(web: Web, desk: Desk) -> None:
    colleague = Desk(web, COLLEAGUE)
    own = desk.confirm(desk.run)
    assert (own.status_code, facts(web)) == (403, [])
    assert "Nadie ordena ni levanta una suspensión suya" in own.text
    suspension = colleague.ordered(desk.run)
    desk.browsing = Browsing(web).entered(desk.run, context="operador")
    assert f"{suspension}/levantamiento" not in desk.browsing.get(f"{PAGE}/suspensiones/{suspension}").text
    assert desk.lift(suspension).status_code == 403
    assert "Con suspensión vigente" in colleague.look_up(desk.run).text
    assert colleague.lift(suspension).status_code == 303


@pytest.mark.norm("N-1l", "N-2.6b")
def test_the_mandates_end_ends_everything(web: Web, desk: Desk) -> None:
    founder = web.people.enter_officer(Run(9000001))
    web.operator.mandates.end_officer(
        session=founder, run=desk.run, cause=EndCause.RESIGNATION, origin=ORIGIN, deadline=Deadline(10)
    )
    assert desk.browsing.get(PAGE).status_code == 401
    again = Browsing(web)
    answer = again.enter(desk.run, context="operador")
    assert answer.status_code != 303 or again.get(PAGE).status_code == 403


def test_a_forged_form_orders_nothing(web: Web, desk: Desk) -> None:
    fields = {**ORDER, "run": OTHER.display, "codigo": web.code()}
    forged = desk.browsing.send(f"{PAGE}/ordenar", proof=Browsing(web).proof(), **fields)
    elsewhere = desk.browsing.act(f"{PAGE}/ordenar", headers={"Origin": "https://otro.example"}, **fields)
    assert (forged.status_code, elsewhere.status_code) == (403, 403)
    assert facts(web) == []


@pytest.mark.norm("N-2.6b")
def test_the_run_that_is_looked_up_is_in_no_address_and_leaves_its_trace(web: Web, desk: Desk) -> None:
    answer = desk.look_up(OTHER)
    assert "Location" not in answer.headers
    assert not re.search(rf'(?:href|action)="[^"]*{OTHER.number}', answer.text)
    assert attempts(web).count("suspension_consultada") == 1


@pytest.mark.norm("N-6d")
def test_a_founder_names_with_the_authoritys_paper_and_another_reads_it(web: Web) -> None:
    """The file goes through the page and the real inspection; without it, or with something else, nobody is named."""
    ana, luis = web.people.founders()
    founder = Browsing(web).entered(ana, context="operador")
    fields: dict[str, Any] = {
        "run": Run(PERSON).display, "nombre": "Inés Soto", "correo": "ines@compin.example", "telefono": "990000005",
        "identidad": "Cédula vigente, a la vista.", "desde": "20-04-2026", "funcion": "autoridad", "autoridad": COMPIN,
    }  # fmt: skip
    page = "/consola/acreditaciones/nueva"
    missing = founder.act(page, **fields)
    assert (missing.status_code, "Elija el archivo de la designación" in missing.text) == (422, True)
    script = founder.act(page, **fields, designacion=(BytesIO(b"<svg onload=alert(1)>"), "designacion.pdf"))
    assert (script.status_code, heading(script)) == (422, "Proponer a un funcionario")
    shown = founder.act(page, **fields, designacion=(BytesIO(DESIGNATION), "designacion.pdf"))
    assert heading(shown) == "Código del funcionario", shown.text
    secret = "".join(re.findall(r'class="shown-once code">([^<]+)<', shown.text)[0].split())
    (address,) = re.findall(r'action="([^"]+/propuesta)"', shown.text)
    (sealed,) = re.findall(r'name="secreto" value="([^"]+)"', shown.text)
    assert founder.act(address, secreto=sealed, codigo=web.people.code(secret)).status_code == 303
    second = Browsing(web).entered(luis, context="operador")
    base = address.rpartition("/")[0]
    assert f'href="{base}/designacion"' in second.get(f"{base}/aprobacion").text
    paper = second.get(f"{base}/designacion")
    assert (paper.data, paper.headers["Content-Disposition"].partition(";")[0]) == (DESIGNATION, "attachment")
    assert Browsing(web).get(f"{base}/designacion").status_code == 303
