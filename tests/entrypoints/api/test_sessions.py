"""Entering, changing the password, leaving, by API."""

import pytest

from lme_operator.core.run import Run
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.people import OTHER_PASSWORD, PASSWORD
from tests.factories.web import DOCTOR, Web, problem_of

_SESSIONS = "/api/v1/sesiones"
_STATE = "/api/v1/profesional/estado"
_PASSWORD = f"{_SESSIONS}/actual/clave"


@pytest.mark.norm("N-2.6a")
def test_entry_with_two_factors_says_what_may_be_done(web: Web) -> None:
    web.enrol()
    entered = web.post(_SESSIONS, web.entry())
    assert entered.status_code == 201, entered.text
    assert set(entered.json) == {"token", "vence_en", "contexto", "puede_emitir", "avisos"}
    assert entered.json["contexto"] == {"tipo": "individual", "rut": None}
    assert entered.json["puede_emitir"] == {"permitido": True, "motivos": []}
    assert entered.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in entered.headers


def test_entry_in_a_context_without_enrolment_says_why_nothing_can_be_issued(web: Web) -> None:
    web.enrol()
    entered = web.post(_SESSIONS, web.entry(contexto={"tipo": "institucion", "rut": "76123456-0"}))
    assert entered.status_code == 201, entered.text
    assert entered.json["contexto"] == {"tipo": "institucion", "rut": "76123456-0"}
    permission = entered.json["puede_emitir"]
    assert not permission["permitido"]
    assert all(set(reason) == {"codigo", "causa", "norma", "remedio"} for reason in permission["motivos"])
    refused = problem_of(web.prepare(entered.json["token"]), 403, "no_puede_emitir")
    assert refused["motivos"] == permission["motivos"]


@pytest.mark.norm("N-2.6a")
def test_stranger_and_wrong_password_get_the_same_answer(web: Web) -> None:
    web.enrol()
    wrong = problem_of(web.post(_SESSIONS, web.entry(clave="otra clave cualquiera")), 401, "credenciales_invalidas")
    stranger = problem_of(web.post(_SESSIONS, web.entry(Run(17000001))), 401, "credenciales_invalidas")
    for document in (wrong, stranger):
        del document["instance"], document["id_solicitud"]
    assert wrong == stranger


@pytest.mark.norm("N-3.0b")
def test_new_session_ends_the_one_before(web: Web, doctor: str) -> None:
    second = web.enter()
    problem_of(web.get(_STATE, token=doctor), 401, "sesion_terminada")
    assert web.get(_STATE, token=second).status_code == 200


@pytest.mark.norm("N-2.3a")
def test_initial_password_must_be_changed_and_its_token_serves_for_nothing_else(web: Web) -> None:
    web.enrol(initial=True)
    refused = problem_of(web.post(_SESSIONS, web.entry()), 403, "debe_cambiar_clave")
    assert refused["motivos"][0]["codigo"] == "clave_inicial"
    token = refused["token"]
    assert refused["vence_en"].endswith("Z")
    problem_of(web.get(_STATE, token=token), 403, "debe_cambiar_clave")
    problem_of(web.prepare(token), 403, "debe_cambiar_clave")

    changed = web.send("PUT", _PASSWORD, {"actual": PASSWORD, "nueva": OTHER_PASSWORD}, token=token)
    assert (changed.status_code, changed.data) == (204, b"")
    assert "Content-Type" not in changed.headers
    problem_of(web.get(_STATE, token=token), 401, "sesion_terminada")
    assert web.post(_SESSIONS, web.entry(clave=OTHER_PASSWORD)).status_code == 201


def test_unfit_password_is_refused_with_its_reasons(web: Web, doctor: str) -> None:
    answer = web.send("PUT", _PASSWORD, {"actual": PASSWORD, "nueva": "12345678"}, token=doctor)
    document = problem_of(answer, 422, "clave_no_aceptada")
    assert {fault["puntero"] for fault in document["errores"]} == {"/nueva"}
    wrong = web.send("PUT", _PASSWORD, {"actual": "otra clave cualquiera", "nueva": OTHER_PASSWORD}, token=doctor)
    problem_of(wrong, 403, "clave_actual_incorrecta")


def test_leaving_ends_the_session(web: Web, doctor: str) -> None:
    assert web.send("DELETE", f"{_SESSIONS}/actual", token=doctor).status_code == 204
    problem_of(web.get(_STATE, token=doctor), 401, "sesion_terminada")
    problem_of(web.send("DELETE", f"{_SESSIONS}/actual", token=doctor), 401, "sesion_terminada")


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "Bearer", "Bearer ", "bearer"])
def test_without_a_bearer_token_nothing_opens(web: Web, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = web.get(_STATE, headers=headers)
    problem_of(answer, 401, "falta_sesion")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="lme"'


def test_cookies_of_flask_login_open_and_break_nothing(web: Web, doctor: str) -> None:
    client = web.app.test_client()
    for name in ("remember_token", "session"):
        client.set_cookie(name, "1|aaaa")
    assert client.get(_STATE).status_code == 401
    assert client.get(_STATE, headers={"Authorization": f"Bearer {doctor}"}).status_code == 200


@pytest.mark.norm("N-2.6a", "N-2.6c")
def test_keys_registered_by_api_enter_and_sign(web: Web, doctor: str) -> None:
    device = SoftwareAuthenticator(origin=web.operator.settings.web.origin)
    for purpose in ("firma", "entrada"):
        request = {"proposito": purpose, "segundo_factor": {"tipo": "totp", "codigo": web.code()}}
        options = web.post("/api/v1/profesional/llaves/opciones", request, token=doctor)
        assert options.status_code == 201, options.text
        body = {"intento": options.json["intento"], "credencial": device.create(options.json["opciones"])}
        registered = web.post("/api/v1/profesional/llaves", body, token=doctor)
        assert registered.status_code == 201, registered.text
        assert registered.json["llave"]["proposito"] == purpose
        assert registered.json["recibo"]["indice"] > 0
        problem_of(web.post("/api/v1/profesional/llaves", body, token=doctor), 403, "desafio_vencido")
    state = web.get(_STATE, token=doctor).json
    assert {key["proposito"] for key in state["factores"]["llaves"]} == {"firma", "entrada"}

    asked = web.post(f"{_SESSIONS}/opciones", {"run": str(DOCTOR), "clave": PASSWORD})
    assert asked.status_code == 201, asked.text
    factor = {"tipo": "webauthn", "intento": asked.json["intento"], "credencial": device.get(asked.json["opciones"])}
    entered = web.post(_SESSIONS, web.entry(segundo_factor=factor))
    assert entered.status_code == 201, entered.text

    prepared = web.prepare(entered.json["token"])
    authorisation = {"tipo": "webauthn", "credencial": device.get(prepared.json["desafio_webauthn"])}
    body = {"preparacion": prepared.json["preparacion"], "autorizacion": authorisation}
    issued = web.post("/api/v1/licencias", body, token=entered.json["token"], key="k")
    assert issued.status_code == 201, issued.text


def test_challenge_for_a_licence_is_the_same_when_asked_again(web: Web, doctor: str) -> None:
    first = web.prepare(doctor, key="k")
    device = SoftwareAuthenticator(origin=web.operator.settings.web.origin)
    request = {"segundo_factor": {"tipo": "totp", "codigo": web.code()}}
    options = web.post("/api/v1/profesional/llaves/opciones", request, token=doctor).json
    body = {"intento": options["intento"], "credencial": device.create(options["opciones"])}
    assert web.post("/api/v1/profesional/llaves", body, token=doctor).status_code == 201
    again = web.prepare(doctor, key="k")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.data == first.data


@pytest.mark.norm("N-2.7a")
@pytest.mark.parametrize("key", [None, "clave-del-bloqueo"])
def test_own_block_ends_everything_at_once(web: Web, doctor: str, key: str | None) -> None:
    prepared = web.prepare(doctor).json["preparacion"]
    blocked = web.post("/api/v1/profesional/bloqueo", token=doctor, key=key)
    assert blocked.status_code == 201, blocked.text
    assert blocked.json["recibo"]["entrada"]["tipo"] == "bloqueo_propio"
    problem_of(web.issue(doctor, prepared), 401, "sesion_terminada")
    again = web.enter()
    refused = problem_of(web.prepare(again), 403, "no_puede_emitir")
    assert "bloqueo_propio" in {reason["codigo"] for reason in refused["motivos"]}
    if key is not None:
        repeated = web.post("/api/v1/profesional/bloqueo", token=again, key=key)
        assert repeated.data == blocked.data
        assert repeated.headers["Idempotent-Replayed"] == "true"


@pytest.mark.norm("N-2.3a", "N-2.7a")
def test_own_block_is_open_to_who_must_change_the_password(web: Web) -> None:
    web.enrol(initial=True)
    token = web.post(_SESSIONS, web.entry()).json["token"]
    assert web.post("/api/v1/profesional/bloqueo", token=token).status_code == 201


def test_state_shows_reasons_dates_and_factors(web: Web, doctor: str) -> None:
    state = web.get(_STATE, token=doctor).json
    assert state["puede_emitir"]["permitido"]
    assert state["factores"] == {"totp": True, "llaves": []}
    assert state["clave"]["vence_en"] == "2026-10-20T03:00:00.000000Z"
    assert not state["bloqueado"]


@pytest.mark.norm("N-2.3a")
def test_initial_password_with_activation_is_changed_with_its_code_alone(web: Web) -> None:
    run, activation = web.people.first_access()
    token = problem_of(web.post(_SESSIONS, web.entry(run)), 403, "debe_cambiar_clave")["token"]
    change = {"actual": PASSWORD, "nueva": OTHER_PASSWORD}
    wrong = f"{(int(activation) + 1) % 10**8:08}"
    for sent, code in (
        (change, "falta_codigo_activacion"),
        (change | {"codigo_activacion": None}, "falta_codigo_activacion"),
        (change | {"codigo_activacion": wrong}, "codigo_activacion_incorrecto"),
    ):
        refused = problem_of(web.send("PUT", _PASSWORD, sent, token=token), 422, code)
        assert [(fault["puntero"], fault["codigo"]) for fault in refused["errores"]] == [("/codigo_activacion", code)]
    for shape in ("1234567", "123456789", "1234 5678", "１２３４５６７８"):
        sent = change | {"codigo_activacion": shape}
        refused = problem_of(web.send("PUT", _PASSWORD, sent, token=token), 422, "datos_invalidos")
        assert refused["errores"][0]["codigo"] == "codigo_activacion_forma_invalida"
    sent = change | {"codigo_activacion": activation}
    assert web.send("PUT", _PASSWORD, sent, token=token).status_code == 204
    assert web.post(_SESSIONS, web.entry(run, clave=OTHER_PASSWORD)).status_code == 201


def test_password_without_activation_is_changed_as_ever(web: Web, doctor: str) -> None:
    sent = {"actual": PASSWORD, "nueva": OTHER_PASSWORD, "codigo_activacion": "12345678"}
    assert web.send("PUT", _PASSWORD, sent, token=doctor).status_code == 204
