"""A licence by the pages: what is typed is kept, what is wrong is said beside its field, and one act is one licence."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from lme_operator.core.refusal import IDEMPOTENCY_RUNNING, Fault, Refusal
from lme_operator.domain.identity import lock_people
from lme_operator.domain.issuance import Issuance
from tests.factories.browsing import Browsing, heading
from tests.factories.licence_pages import LEAVE, NEW, PATIENT, Writing, folio_of, issued
from tests.factories.machines import Machine
from tests.factories.web import DOCTOR, OTHER, Web

_FAULT = re.compile(r'<p class="fault" id="falta-([a-z0-9_]+)"><span class="hidden">Error: </span>(.*?)</p>')


@pytest.fixture
def browsing(web: Web) -> Browsing:
    """A professional who has entered."""
    return Browsing(web).entered(web.enrol())


def faults(page: Any) -> dict[str, str]:
    """What a page says beside its fields."""
    return dict(_FAULT.findall(page.text))


@pytest.mark.norm("N-2.4a", "N-1a")
def test_licence_is_issued_and_its_page_tells_its_story(web: Web, browsing: Browsing) -> None:
    place = issued(web, browsing)
    page = browsing.get(place)
    assert heading(page).startswith("Licencia emitida")
    for words in ("María José Muñoz O&#39;Higgins", "20 de abril de 2026", "Historia del folio", "(UTC−4)", "Usted"):
        assert words in page.text
    files = re.findall(rf'href="({place}/[^"]+)"', page.text)
    assert len(files) == 6
    for file in files:
        answer = browsing.get(file)
        assert answer.status_code == 200, file
        assert "attachment" in answer.headers["Content-Disposition"]
    listed = browsing.get("/consola/licencias").text
    assert folio_of(page) in listed
    assert "Borradores" not in listed
    assert "Emitidas hoy (1)" in browsing.get("/consola").text


def test_what_was_typed_is_kept_right_or_wrong(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    wrong: dict[str, Any] = {
        "run": "11.111.111-2",
        "fecha_nacimiento": "31-2-1985",
        "sexo": None,
        "numero_documento": "x",
    }
    answer = writing.patient(**wrong, apellido_paterno="M4rtínez")
    assert answer.status_code == 422
    assert faults(answer).keys() == {"run", "fecha_nacimiento", "sexo", "apellido_paterno"}
    assert "<title>Error: Paciente" in answer.text
    page = browsing.get(f"{writing.base}/paciente").text
    for typed in ("11.111.111-2", "31-2-1985", "M4rtínez"):
        assert f'value="{typed}"' in page
    assert writing.patient(apellido_materno=None).status_code == 303, "one surname is enough"
    assert 'value="11.111.111-1"' in browsing.get(f"{writing.base}/paciente").text


def test_each_new_licence_is_a_draft_of_its_own_and_blank_ones_give_way(browsing: Browsing) -> None:
    named = Writing.started(browsing)
    named.patient()
    begun = {Writing.started(browsing).base for _ in range(30)}
    assert len(begun) == 30
    assert named.base not in begun
    assert browsing.get(f"{named.base}/paciente").status_code == 200
    assert sum(browsing.get(f"{base}/paciente").status_code == 200 for base in begun) == 19
    assert "Borradores (1)" in browsing.get("/consola/licencias").text, "nothing to go on with in the others"


@pytest.mark.norm("N-2.4b")
def test_two_tabs_with_two_patients_are_two_licences(browsing: Browsing) -> None:
    ana, beatriz = (Writing.started(browsing) for _ in range(2))
    ana.patient(nombres="Ana", apellido_paterno="Primera")
    beatriz.patient(run="9.000.001-2", nombres="Beatriz", apellido_paterno="Segunda")
    page = browsing.get(ana.leave(dias="3").headers["Location"]).text
    assert "Primera" in page
    assert "Beatriz" not in page


@pytest.mark.norm("N-2.4b")
def test_leave_is_not_taken_for_a_patient_whom_another_tab_wrote_meanwhile(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient(nombres="Ana", apellido_paterno="Primera")
    of_ana = writing.seen()
    writing.leave(accion="volver", dias="7")
    writing.patient(run="9.000.001-2", nombres="Beatriz", apellido_paterno="Segunda")
    stale = writing.leave(seen=of_ana, dias="3", antecedentes="De Ana")
    assert stale.status_code == 409
    assert "En otra pestaña este borrador cambió de paciente" in stale.text
    assert "De Ana" in stale.text, "what was typed is there"
    assert '<p class="lead">Beatriz Segunda' in stale.text
    assert writing.keep_leave(seen=of_ana, dias="3", antecedentes="De Ana").status_code == 409
    assert writing.leave(seen="", dias="3").status_code == 409, "no page of ours says nothing"
    kept = browsing.get(f"{writing.base}/reposo").text
    assert "De Ana" not in kept
    assert 'value="7"' in kept
    assert "Beatriz" in browsing.get(writing.leave(dias="4").headers["Location"]).text


@pytest.mark.norm("N-2.4b")
def test_patient_is_not_taken_for_a_leave_that_another_tab_wrote_meanwhile(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient()
    writing.leave(dias="3")
    before = writing.seen("paciente")
    writing.leave(dias="30")
    stale = writing.patient(accion="revisar", seen=before, nombres="Ana")
    assert (stale.status_code, heading(stale)) == (409, "Paciente")
    assert 'value="María José"' in browsing.get(f"{writing.base}/paciente").text
    assert writing.patient(seen=before, nombres="Ana").status_code == 303, "screen 2 comes next, and is looked at"
    assert "30 (treinta)" in browsing.get(writing.patient(accion="revisar").headers["Location"]).text


@pytest.mark.norm("emision@v1#revisar")
def test_faults_of_both_screens_and_of_the_order_are_said_at_once(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient(numero_documento="A1")
    answer = writing.leave(dias="400", reposo="parcial", lugar="otro_domicilio")
    assert answer.status_code == 422
    assert faults(answer).keys() == {"numero_documento"}, "the first screen with a fault"
    elsewhere = answer.text[: answer.text.index("<h1>")]
    for field in ("dias", "jornadas", "justificacion"):
        assert f'{writing.base}/reposo#campo-{field}"' in elsewhere
    assert writing.patient().status_code == 303
    answer = writing.leave(dias="cinco", telefono="1", comuna="Springfield", diagnostico=None)
    assert faults(answer).keys() == {"dias", "telefono", "comuna", "diagnostico"}
    mended: dict[str, Any] = {"dias": "400", "reposo": "parcial", "jornadas": ["manana", "tarde"]}
    answer = writing.leave(**mended)
    assert faults(answer).keys() == {"dias"}
    assert "checked" in answer.text.partition('value="tarde"')[2][:12]


def test_type_not_enabled_is_refused_and_shown_as_not_available(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient()
    assert "7. Patología del embarazo" in browsing.get(f"{writing.base}/reposo").text
    assert "no está habilitado" in faults(writing.leave(tipo="7"))["tipo"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("m545", "Lumbago no especificado (M54.5)"),
        ("M54.5 lumbago tras caída", "lumbago tras caída (M54.5)"),
        ("Lumbago no especificado", "Lumbago no especificado (M54.5)"),
    ],
)
def test_diagnosis_is_a_code_or_words(browsing: Browsing, text: str, said: str) -> None:
    page = browsing.get(Writing.started(browsing).prepared(diagnostico=text))
    assert said in page.text


def test_diagnosis_of_several_is_chosen_from_the_list(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient()
    answer = writing.leave(diagnostico="lumbago")
    assert "elegir uno" in faults(answer)["diagnostico"]
    assert answer.text.count('name="codigo_cie10"') > 1
    assert writing.leave(diagnostico="lumbago", accion="buscar").status_code == 303
    assert 'value="M54.5"' in browsing.get(f"{writing.base}/reposo").text
    stale = writing.leave(diagnostico="gastritis", codigo_cie10="M54.5")
    assert "diagnostico" in faults(stale), "a choice of other words is no choice"
    chosen = writing.leave(diagnostico="lumbago", codigo_cie10="M54.5")
    assert "Lumbago no especificado (M54.5)" in browsing.get(chosen.headers["Location"]).text
    alone = writing.leave(diagnostico="lumbago no especificado con")
    assert "diagnostico" in faults(alone)
    piece = browsing.act(f"{writing.base}/reposo/diagnosticos", diagnostico="lumb")
    assert "checked" not in piece.text, "what is found is offered, never chosen"
    assert "Los primeros 12" in browsing.act(f"{writing.base}/reposo/diagnosticos", diagnostico="dolor").text
    assert piece.status_code == 200
    assert "<html" not in piece.text


def test_diagnosis_found_alone_is_not_chosen_for_it(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient()
    piece = browsing.act(f"{writing.base}/reposo/diagnosticos", diagnostico="lumbago con ciatica").text
    assert piece.count('name="codigo_cie10"') == 1
    assert "checked" not in piece
    assert "elegir uno" in faults(writing.leave(diagnostico="lumbago con ciatic"))["diagnostico"]


@pytest.mark.norm("N-2.4b")
def test_telemedicine_is_not_signed_as_if_the_card_had_been_seen(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient()
    page = browsing.get(f"{writing.base}/reposo").text
    assert 'value="telemedicina"' not in page
    assert "Telemedicina: aún no disponible" in page
    assert "todavía no está disponible" in faults(writing.leave(modalidad="telemedicina"))["modalidad"]


def test_employer_without_rut_is_asked_for_it_and_none_is_said(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    for action in ("seguir", "revisar"):
        answer = writing.patient(accion=action, rut_empleador=None, nombre_empleador="Panadería San José")
        assert answer.status_code == 422
        assert "Falta el RUT del empleador" in faults(answer)["rut_empleador"]
    writing.patient(rut_empleador=None)
    shown = browsing.get(writing.leave().headers["Location"]).text
    assert "Sin empleador: trabajador independiente" in shown


@pytest.mark.norm("N-2.4a")
def test_same_licence_twice_is_told_and_the_other_employer_is_another(web: Web, browsing: Browsing) -> None:
    place = issued(web, browsing)
    folio, licence = folio_of(browsing.get(place)), place.rpartition("/")[2]
    shown = browsing.get(Writing.started(browsing).prepared()).text
    assert f"Esta licencia ya existe: usted le emitió la {folio}" in shown
    other = Writing.started(browsing, desde=licence, como="otro_empleador")
    same = other.patient(accion="revisar")
    assert same.status_code == 422
    assert f"Es el mismo empleador de la licencia {folio}" in faults(same)["rut_empleador"]
    different = other.patient(accion="revisar", rut_empleador="76.000.002-7")
    assert "ya existe" not in browsing.get(different.headers["Location"]).text


def test_profession_whose_types_are_not_enabled_is_told_so_and_offered_only_its_own(web: Web) -> None:
    midwife = Browsing(web).entered(web.enrol(OTHER, kind=3))
    start = midwife.get("/consola")
    assert heading(start) == "Todavía no puede emitir aquí"
    assert "Los tipos de licencia que su profesión emite (3, 7) todavía no están disponibles aquí." in start.text
    assert "Emitir licencia" not in start.text
    assert "Emitir licencia" not in midwife.get("/consola/licencias").text
    page = midwife.get(f"{Writing.started(midwife).base}/reposo").text
    assert 'name="tipo"' not in page
    assert "3. Licencia maternal pre y postnatal; 7. Patología del embarazo." in page
    assert "Enfermedad o accidente común" not in page


@pytest.mark.norm("N-2.4a")
def test_going_back_after_preparing_keeps_what_was_typed_and_replaces_the_preparation(
    web: Web, browsing: Browsing
) -> None:
    writing = Writing.started(browsing)
    writing.patient()
    for days in range(5, 12):  # more often than preparations may live at once
        prepared = writing.leave(dias=str(days)).headers["Location"]
        shown = browsing.get(prepared).text
        assert f"{days} (" in shown
        assert f'href="{writing.base}/reposo' in shown, "what does not please is changed there"
        page = browsing.get(f"{writing.base}/reposo").text
        assert f'name="dias" type="text" autocomplete="off" class="w-date" inputmode="numeric" value="{days}"' in page
    same = {**LEAVE, "accion": "revisar", "visto": writing.seen()}
    first, again = (browsing.act(f"{writing.base}/reposo", act="el-mismo", **same) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    changed = browsing.act(f"{writing.base}/reposo", act="el-mismo", **{**same, "dias": "9"})
    assert changed.status_code == 303
    back = browsing.act(f"{writing.base}/reposo", act="el-mismo", **same)
    assert back.headers["Location"] not in (first.headers["Location"], changed.headers["Location"])
    assert "5 (cinco)" in browsing.get(back.headers["Location"]).text
    over = browsing.act(first.headers["Location"], codigo=web.code())
    assert (over.status_code, heading(over)) == (409, "Ya no se puede firmar")
    assert "usted cambió la licencia o la descartó" in over.text
    assert f'href="{back.headers["Location"]}">Seguir con María José Muñoz' in over.text


@pytest.mark.norm("N-2.4a", "N-2.6a")
def test_sending_twice_is_one_licence_whatever_the_form(web: Web, browsing: Browsing) -> None:
    prepared = Writing.started(browsing).prepared()
    code = web.code()
    first = browsing.act(prepared, act="acto-1", codigo=code)
    web.clock.advance(seconds=60)
    for fields in ({"act": "acto-1", "codigo": code}, {"act": "acto-2", "codigo": web.code()}):
        again = browsing.act(prepared, **fields)
        assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    looked = browsing.get(prepared)
    assert (looked.status_code, looked.headers["Location"]) == (303, first.headers["Location"])
    assert browsing.get("/consola").text.count("Folio ") == 1


@pytest.mark.norm("N-2.4a")
def test_preparing_the_same_again_after_it_died_prepares_anew(web: Web, browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient()
    same = {**LEAVE, "accion": "revisar", "visto": writing.seen()}
    led = []
    for _ in range(3):
        led.append(browsing.act(f"{writing.base}/reposo", act="el-mismo", **same).headers["Location"])
        browsing.act(f"{writing.base}/reposo", act="el-mismo", **{**same, "accion": "buscar"})
        web.clock.advance(seconds=16 * 60)
    assert len(set(led)) == 3
    assert browsing.get(led[-1]).status_code == 409, "each died in its time"


def test_code_is_asked_and_told_when_the_next_one_comes(web: Web, browsing: Browsing) -> None:
    used = web.code()
    prepared = Writing.started(browsing).prepared()
    assert "Escriba el código" in faults(browsing.act(prepared))["codigo"]
    web.clock.advance(seconds=30)
    sent = browsing.act(prepared, codigo="000000")
    assert sent.status_code == 403
    assert faults(sent).keys() == {"codigo"}
    code = web.code()
    place = browsing.act(prepared, codigo=code).headers["Location"]
    assert "código" in browsing.get(place).text
    other = Writing.started(browsing).prepared()
    again = browsing.act(other, codigo=code)
    assert re.search(r"Ese código ya se usó; el próximo en \d+ s", faults(again)["codigo"])
    assert code not in again.text
    assert used not in again.text


def test_outcome_unknown_says_so_and_looking_again_tells(
    web: Web, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared, issue = Writing.started(browsing).prepared(), Issuance.issue

    def lost(self: Issuance, **order: Any) -> Any:
        issue(self, **order)
        raise Fault("resultado_desconocido", outcome_unknown=True)

    monkeypatch.setattr(Issuance, "issue", lost)
    answer = browsing.act(prepared, codigo=web.code())
    assert (answer.status_code, heading(answer)) == (503, "No sabemos aún si se emitió")
    assert "No la repita" in answer.text
    assert f'href="{prepared}"' in answer.text
    monkeypatch.undo()
    assert heading(browsing.get(browsing.get(prepared).headers["Location"])).startswith("Licencia emitida")


@pytest.mark.norm("N-2.4a")
def test_second_click_while_the_first_is_issuing_is_led_to_where_it_will_be_known(
    web: Web, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared, code, issue = Writing.started(browsing).prepared(), web.code(), Issuance.issue

    def during_another(self: Issuance, **order: Any) -> Any:
        with self.database.unit_of_work(deadline=order["deadline"], idempotency=order["request"]):
            return issue(self, **order)

    monkeypatch.setattr(Issuance, "issue", during_another)
    second = browsing.act(prepared, codigo=code)
    assert (second.status_code, heading(second)) == (409, "No sabemos aún si se emitió")
    assert f'href="{prepared}"' in second.text
    monkeypatch.undo()
    first = browsing.act(prepared, codigo=code)

    def just_over(*_: Any, **__: Any) -> Any:
        raise Refusal(IDEMPOTENCY_RUNNING)

    monkeypatch.setattr(Issuance, "issue", just_over)
    assert browsing.act(prepared, codigo=code).headers["Location"] == first.headers["Location"]


def test_another_act_of_the_same_professional_leaves_what_is_to_be_signed(
    web: Web, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared, issue = Writing.started(browsing).prepared(), Issuance.issue

    def during_another(self: Issuance, **order: Any) -> Any:
        with self.database.unit_of_work(deadline=order["deadline"], locks=(lock_people(DOCTOR),)):
            return issue(self, **order)

    monkeypatch.setattr(Issuance, "issue", during_another)
    busy = browsing.act(prepared, codigo=web.code())
    assert (busy.status_code, heading(busy)) == (409, "Revisar y firmar")
    assert "Hay otra operación suya en curso. Espere a que termine y firme otra vez." in busy.text
    monkeypatch.undo()
    assert browsing.act(prepared, codigo=web.code()).status_code == 303


@pytest.mark.norm("N-6a")
def test_who_is_suspended_while_writing_is_told_why_and_keeps_the_draft(web: Web, browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    prepared = writing.prepared()
    operator = web.operator
    Machine.register(operator.database, operator.log, operator.sealer).suspend(DOCTOR)
    assert browsing.get(prepared).status_code == 401
    again = Browsing(web).entered(DOCTOR)
    start = again.get("/consola")
    assert heading(start) == "No puede emitir hoy"
    assert "Borradores (1)" in start.text
    assert "Emitir licencia" not in start.text
    writing.browsing = again
    stopped = writing.leave()
    assert (stopped.status_code, heading(stopped)) == (403, "No puede emitir hoy")
    assert "COMPIN" in stopped.text
    assert "(N-6a)" in stopped.text
    assert f'href="{writing.base}/paciente"' in stopped.text
    assert "María José" in again.get(f"{writing.base}/paciente").text


def test_session_that_ran_out_while_writing_loses_nothing(web: Web, browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient()
    proof, seen = browsing.own_proof(), writing.seen()
    web.clock.advance(seconds=timedelta(minutes=61).total_seconds())
    foreign = browsing.send(f"{writing.base}/reposo", proof="otra", **LEAVE, visto=seen, examenes="Ajeno")
    assert foreign.status_code == 403
    over = browsing.send(f"{writing.base}/reposo", proof=proof, **LEAVE, visto=seen, antecedentes="Dolor de tres días")
    assert (over.status_code, heading(over)) == (401, "Su sesión terminó")
    assert "Su borrador lo espera" in over.text
    again = Browsing(web).entered(DOCTOR)
    start = again.get("/consola").text
    assert f'href="{writing.base}/reposo">Seguir con María José Muñoz</a>' in start
    assert "Borradores (1)" in start
    assert "Dolor de tres días" in again.get(f"{writing.base}/reposo").text
    assert "María José" in again.get(f"{writing.base}/paciente").text
    assert "Ajeno" not in again.get(f"{writing.base}/reposo").text


def test_script_of_a_session_that_ended_is_told_whether_what_it_sent_was_kept(web: Web, browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient()
    proof, seen = browsing.own_proof(), writing.seen()
    script = {"HX-Request": "true"}

    def keep(who: Browsing) -> Any:
        return who.send(f"{writing.base}/reposo/guardar", proof=proof, headers=script, **LEAVE, visto=seen)

    web.clock.advance(seconds=timedelta(minutes=61).total_seconds())
    timed_out = keep(browsing)
    assert (timed_out.status_code, timed_out.headers["Borrador-Guardado"]) == (401, "si")
    without = keep(browsing)
    assert without.status_code == 401, "never a way to a whole page, which the script would put in the form"
    assert "Borrador-Guardado" not in without.headers
    assert browsing.get("/consola").status_code == 303, "who looks at pages is led to the entry"
    browsing.entered(DOCTOR)
    proof, seen = browsing.own_proof(), writing.seen()
    Browsing(web).entered(DOCTOR)
    replaced = keep(browsing)
    assert replaced.status_code == 401
    assert "Borrador-Guardado" not in replaced.headers


@pytest.mark.norm("N-2.4b")
def test_session_that_ran_out_keeps_nothing_of_another_patient(web: Web, browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient()
    proof = browsing.own_proof()
    web.clock.advance(seconds=timedelta(minutes=61).total_seconds())
    stale = browsing.send(f"{writing.base}/reposo", proof=proof, **LEAVE, visto="de otro", examenes="De otro")
    assert stale.status_code == 401
    assert "De otro" not in Browsing(web).entered(DOCTOR).get(f"{writing.base}/reposo").text


def test_preparation_that_died_says_what_to_do(web: Web, browsing: Browsing) -> None:
    prepared = Writing.started(browsing).prepared()
    web.clock.advance(seconds=timedelta(minutes=16).total_seconds())
    for answer in (browsing.get(prepared), browsing.act(prepared, codigo=web.code())):
        assert (answer.status_code, heading(answer)) == (409, "Ya no se puede firmar")
        assert "sigue en su borrador" in answer.text
        assert '/reposo">Seguir con María José Muñoz' in answer.text
    assert "María José Muñoz" in browsing.get("/consola/licencias").text


@pytest.mark.norm("N-2.6b")
def test_what_is_others_does_not_exist(web: Web, browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    prepared = writing.prepared()
    place = issued(web, browsing)
    stranger = Browsing(web).entered(web.enrol(OTHER))
    for path in (f"{writing.base}/paciente", f"{writing.base}/reposo", prepared, place):
        assert stranger.get(path).status_code == 404, path
    assert stranger.act(f"{writing.base}/paciente", **PATIENT).status_code == 404
    assert stranger.act(f"{writing.base}/paciente/guardar", **PATIENT).status_code == 404
    assert stranger.act(f"{writing.base}/descartar").status_code == 404
    assert stranger.act(prepared, codigo=web.code()).status_code == 404
    assert stranger.act(NEW, desde=place.rpartition("/")[2]).status_code == 404
    own = Writing.started(stranger)
    assert own.base != writing.base
    piece = stranger.act(f"{own.base}/paciente/guardar", run=PATIENT["run"])
    assert "Usted ya le emitió" not in piece.text
    assert browsing.get(f"{writing.base}/paciente").status_code == 200


@pytest.mark.norm("N-2.6b")
def test_forms_prove_where_they_come_from(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    prepared = writing.prepared()
    for path in (NEW, f"{writing.base}/paciente", f"{writing.base}/reposo/guardar", prepared):
        assert browsing.send(path, proof="otra").status_code == 403
        foreign = {"Origin": "https://otro.example", "Sec-Fetch-Site": "cross-site"}
        assert browsing.send(path, proof=browsing.own_proof(), headers=foreign).status_code == 403


def test_markup_typed_in_any_field_is_text(web: Web, browsing: Browsing) -> None:
    evil = "\"><script>alert(1)</script>'{{7*7}}"
    writing = Writing.started(browsing)
    pages = [
        writing.patient(**dict.fromkeys(PATIENT, evil)),
        writing.leave(**dict.fromkeys(LEAVE, evil), antecedentes=evil, examenes=evil),
        browsing.act(f"{writing.base}/reposo/diagnosticos", diagnostico=evil),
        browsing.act(f"{writing.base}/paciente/guardar", **dict.fromkeys(PATIENT, evil)),
        browsing.get("/consola/licencias"),
        browsing.get("/consola"),
    ]
    words = {"calle": f"{evil} 1", "depto": evil, "establecimiento": evil, "antecedentes": evil, "examenes": evil}
    prepared = Writing.started(browsing).prepared(**words, diagnostico=f"M54.5 {evil}", nombre_empleador=None)
    pages.append(browsing.get(prepared))
    pages.append(browsing.get(browsing.act(prepared, codigo=web.code()).headers["Location"]))
    for page in pages:
        assert page.status_code in (200, 422)
        assert "<script>" not in page.text
        assert "49" not in page.text.partition("{{7*7")[0][-9:]


def test_own_earlier_licence_fills_in_its_patient_and_may_be_continued(web: Web, browsing: Browsing) -> None:
    first = browsing.get(issued(web, browsing))
    writing = Writing.started(browsing)
    piece = browsing.act(f"{writing.base}/paciente/guardar", run="11111111-1")
    assert "Usted ya le emitió una licencia" in piece.text
    licence = re.findall(r'value="datos:([0-9a-f-]{36})"', piece.text)[0]
    writing.patient(accion=f"datos:{licence}", **dict.fromkeys(PATIENT, None) | {"run": "11111111-1"})
    page = browsing.get(f"{writing.base}/paciente").text
    assert 'value="María José"' in page
    assert "A12345678" not in page, "the card is looked at each time"
    continued = Writing.started(browsing, desde=licence)
    page = browsing.get(f"{continued.base}/paciente").text
    assert f'Prórroga de la licencia <span class="nowrap">{folio_of(first)}' in page
    assert 'value="25-04-2026"' in browsing.get(f"{continued.base}/reposo").text
    other = Writing.started(browsing, desde=licence, como="otro_empleador")
    page = browsing.get(f"{other.base}/paciente").text
    assert "Revisar y firmar</button>" in page
    assert "76.123.456-0" not in page
    drafts = browsing.get("/consola/licencias").text
    assert "Borradores (3)" in drafts
    assert browsing.act(f"{other.base}/descartar").status_code == 303
    assert browsing.get(f"{other.base}/paciente").status_code == 404


@pytest.mark.norm("N-2.6b")
def test_browser_keeps_nothing_of_a_patient(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    for screen in ("paciente", "reposo"):
        page = browsing.get(f"{writing.base}/{screen}").text
        assert re.search(r'<form [^>]*autocomplete="off"[^>]*id="hoja"', page), "nor what holds its texts"


def test_unknown_or_endless_input_is_refused_and_nothing_is_lost(browsing: Browsing) -> None:
    writing = Writing.started(browsing)
    writing.patient()
    assert writing.patient(nombres="x" * 5000).status_code == 422
    assert writing.patient(otro="x").status_code == 422
    assert writing.leave(dias="9" * 400, fecha_inicio="20-04-99999").status_code == 422
    assert writing.patient(accion="prorroga:nada").status_code == 303, "an act that is none goes on"
    assert browsing.act(NEW, desde="nada").status_code == 422
    assert browsing.act(NEW, desde=str(uuid4())).status_code == 404
    assert browsing.get("/consola/licencias?despues=nada").status_code in (400, 404)
    assert 'value="María José"' in browsing.get(f"{writing.base}/paciente").text
    long = "dolor " * 2000
    assert writing.keep_leave(antecedentes=long, dias="8").status_code == 200
    sent = writing.leave(antecedentes=long, dias="8")
    assert faults(sent) == {"antecedentes": "El texto es muy largo. Escriba como máximo 511 caracteres."}
    kept = browsing.get(f"{writing.base}/reposo").text
    assert long in kept
    assert 'value="8"' in kept
    endless = writing.leave(antecedentes="x" * 70_000, examenes="Radiografía")
    assert endless.status_code == 413
    assert "Lo escrito es más largo de lo que un borrador guarda" in endless.text
    assert "Radiografía" in endless.text, "what was typed is there"
    assert long in browsing.get(f"{writing.base}/reposo").text
    extreme = writing.keep_leave(fecha_inicio="31-12-2999", dias="9999")
    assert extreme.status_code == 200
