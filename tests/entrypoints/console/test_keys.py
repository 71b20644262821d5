"""Security keys by pages: entering, registering and retiring, each with what a stranger may learn of it."""

import html
import json
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from lme_operator.core.canonical import encode
from lme_operator.core.database import Deadline
from lme_operator.core.periods import legal_instant
from lme_operator.core.run import Run
from lme_operator.core.thumbprint import to_words
from lme_operator.domain.audit import Standing, VerifiedEntry, read_receipt, verify_receipt
from lme_operator.domain.credentials import NewKey, SigningKey
from lme_operator.domain.credentials.events import KEY_REGISTERED
from lme_operator.domain.credentials.registration import record_key
from lme_operator.domain.identity import lock_people
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.browsing import ADDRESS, Browsing, heading
from tests.factories.people import OTHER_PASSWORD, PASSWORD
from tests.factories.web import DOCTOR, OTHER, Web

KEYS = "/consola/llaves"


@pytest.fixture
def device() -> SoftwareAuthenticator:
    return SoftwareAuthenticator(origin=ADDRESS)


@pytest.fixture
def doctor(web: Web) -> Browsing:
    return Browsing(web).entered(web.enrol())


def asked(answer: Any) -> Any:
    """What the page asks of a key."""
    return json.loads(html.unescape(re.findall(r"data-opciones='(.*?)'", answer.text)[0]))


def faults(answer: Any) -> str:
    """What the page says must be mended."""
    found = re.findall(r'<div class="mend".*?</div>', answer.text, re.DOTALL)
    return html.unescape(found[0]) if found else ""


def attempts(answer: Any) -> list[str]:
    return re.findall(r'name="intento" value="([^"]+)"', answer.text)


def register(doctor: Browsing, device: SoftwareAuthenticator, **fields: str) -> Any:
    """Both keys, with a fresh code unless another factor is given."""
    doctor.web.clock.advance(seconds=30)
    begun = doctor.act(f"{KEYS}/nueva", **{"para": "ambas", "codigo": doctor.web.code(), **fields})
    assert (begun.status_code, begun.headers["Location"]) == (303, f"{KEYS}/registrar"), begun.text
    page = doctor.get(f"{KEYS}/registrar")
    answers = json.dumps([device.create(options) for options in asked(page)])
    return doctor.act(f"{KEYS}/registrar", intento=attempts(page), credencial=answers)


def begin(browsing: Browsing, **fields: str) -> Any:
    """The entry, with the button of the key."""
    given: dict[str, Any] = {"run": DOCTOR.display, "clave": PASSWORD, "contexto": "individual", "con": "llave"}
    return browsing.send("/consola/entrar", **{**given, **fields})


@pytest.mark.norm("N-2.6a", "N-2.2a")
def test_keys_registered_by_pages_enter(web: Web, doctor: Browsing, device: SoftwareAuthenticator) -> None:
    done = register(doctor, device)
    assert (done.status_code, done.headers["Location"]) == (303, "/consola/entrar")
    assert "Registramos su llave" in doctor.get("/consola/entrar").text
    begun = begin(doctor)
    assert (begun.status_code, begun.headers["Location"]) == (303, "/consola/entrar/llave")
    assert str(DOCTOR) not in str(begun.headers)
    page = doctor.get("/consola/entrar/llave")
    assert heading(page) == "Entrar con su llave"
    wrong = doctor.send("/consola/entrar/llave", credencial="no es JSON")
    assert "Falta la respuesta de su llave" in faults(wrong)
    inside = doctor.send("/consola/entrar/llave", credencial=json.dumps(device.get(asked(page))))
    assert (inside.status_code, inside.headers["Location"]) == (303, "/consola")
    assert doctor.get("/consola/entrar/llave").headers["Location"] == "/consola/entrar"
    listed = doctor.get(KEYS)
    assert ("Llave para entrar" in listed.text, "Llave para firmar" in listed.text) == (True, True)


@pytest.mark.norm("N-2.6b")
def test_stranger_and_wrong_password_learn_nothing_by_the_key(web: Web, browsing: Browsing) -> None:
    web.enrol()
    said = {
        faults(begin(browsing, run=run.display, clave=clave))
        for run, clave in ((DOCTOR, "otra clave cualquiera"), (OTHER, PASSWORD), (OTHER, "otra clave cualquiera"))
    }
    assert len(said) == 1
    assert "El RUN o la clave no son correctos" in said.pop()
    told = begin(browsing)
    assert "No tiene registrada una llave de seguridad para entrar" in faults(told)
    assert PASSWORD not in told.text


def test_code_is_asked_for_unless_a_key_answers(web: Web, browsing: Browsing) -> None:
    run = web.enrol()
    given: dict[str, Any] = {"run": run.display, "clave": PASSWORD, "contexto": "individual"}
    assert "Escriba el código de 6 dígitos" in faults(browsing.send("/consola/entrar", **given))
    assert "Escriba su clave" in faults(begin(browsing, clave=""))
    assert browsing.get("/consola/entrar/llave").headers["Location"] == "/consola/entrar"


@pytest.mark.norm("N-2.6a")
def test_code_used_before_says_when_the_next_comes(web: Web, doctor: Browsing) -> None:
    used = web.people.code()
    entry: dict[str, Any] = {"run": DOCTOR.display, "clave": PASSWORD, "contexto": "individual", "codigo": used}
    web.clock.advance(seconds=11)
    told = re.compile(r"Ese código ya se usó; el próximo en (1?[0-9]) s\.")
    assert told.search(faults(Browsing(web).send("/consola/entrar", **entry)))
    assert told.search(faults(doctor.act(f"{KEYS}/nueva", para="ambas", codigo=used)))
    answer = web.post("/api/v1/sesiones", {**web.entry(), "segundo_factor": {"tipo": "totp", "codigo": used}})
    cause = answer.json["motivos"][0]["causa"]
    found = told.fullmatch(cause)
    assert found, cause
    assert answer.headers["Retry-After"] == found[1]


@pytest.mark.norm("N-2.6d")
def test_key_of_entry_confirms_another_registration(web: Web, doctor: Browsing, device: SoftwareAuthenticator) -> None:
    register(doctor, device)
    begin(doctor)
    page = doctor.get("/consola/entrar/llave")
    doctor.send("/consola/entrar/llave", credencial=json.dumps(device.get(asked(page))))
    confirm = doctor.act(f"{KEYS}/nueva", para="firmar", con="llave")
    assert "Confirme que es usted" in confirm.text
    answer = json.dumps(device.get(asked(confirm)))
    given = {"para": "firmar", "con": "llave", "intento": attempts(confirm)[0]}
    bent = json.dumps(SoftwareAuthenticator(origin="https://otra.example", keys=device.keys).get(asked(confirm)))
    refused = doctor.act(f"{KEYS}/nueva", credencial=bent, **given)
    assert "no se pudo aceptar" in faults(refused)
    begun = doctor.act(f"{KEYS}/nueva", credencial=answer, **given)
    assert begun.headers["Location"] == f"{KEYS}/registrar"
    assert len(asked(doctor.get(f"{KEYS}/registrar"))) == 1
    over = doctor.act(f"{KEYS}/nueva", credencial=answer, **given, act=str(uuid4()))
    assert "venció, ya se usó o no es suyo" in faults(over)


@pytest.mark.norm("N-2.6a", "N-2.6b")
def test_lost_key_is_retired_by_its_owner_alone(web: Web, doctor: Browsing, device: SoftwareAuthenticator) -> None:
    register(doctor, device)
    web.clock.advance(seconds=30)
    doctor.entered(DOCTOR)
    path = re.findall(rf"{KEYS}/[0-9a-f-]+/retirar", doctor.get(KEYS).text)[0]
    stranger = Browsing(web).entered(web.enrol(OTHER))
    assert stranger.get(path).status_code == 404
    web.clock.advance(seconds=30)
    assert stranger.act(path, codigo=web.code()).status_code == 404
    assert "Escriba el código" in faults(doctor.act(path))
    assert "no es correcto" in faults(doctor.act(path, codigo="000000"))
    web.clock.advance(seconds=30)
    done = doctor.act(path, codigo=web.code())
    assert (done.status_code, done.headers["Location"]) == (303, KEYS)
    listed = doctor.get(KEYS).text
    assert "La llave quedó retirada" in listed
    assert "Retiradas" in listed
    assert doctor.get(path).status_code == 404


@pytest.mark.norm("N-2.6c", "N-2.4a")
def test_owner_takes_the_proof_of_each_act_on_his_keys(
    web: Web, doctor: Browsing, device: SoftwareAuthenticator
) -> None:
    """What he downloads is the receipt of the log, all disclosed, which a stranger with the trust file accepts."""
    register(doctor, device)
    web.clock.advance(seconds=30)
    doctor.entered(DOCTOR)
    listed = doctor.get(KEYS).text
    (first, _) = proofs = re.findall(rf'"({KEYS}/[0-9a-f-]+/comprobante\.json)"', listed)
    for path in proofs:
        proven, told = proven_by(web, doctor.get(path))
        assert (proven.kind, told["run"], told["actor"]) == ("llave_registrada", str(DOCTOR), f"persona:{DOCTOR}")
        whole, words = told["huella"], to_words(told["huella"])
        assert f'<span class="code whole">{whole}</span>' in listed
        assert f"<dd>{words}</dd>" in listed
        assert f"<dd>N.º {proven.index}</dd>" in listed
        assert f"{legal_instant(proven.at)}<br>Por usted" in listed
    retire = first.replace("comprobante.json", "retirar")
    gone = first.replace("comprobante.json", "retiro/comprobante.json")
    assert (doctor.get(gone).status_code, gone in listed) == (404, False)
    web.clock.advance(seconds=30)
    doctor.act(retire, codigo=web.code())
    listed = doctor.get(KEYS).text
    assert (gone in listed, first in listed, retire in listed) == (True, True, False)
    retired, told = proven_by(web, doctor.get(gone))
    registered, of_the_key = proven_by(web, doctor.get(first))
    assert (retired.kind, told["huella"]) == ("llave_retirada", of_the_key["huella"])
    assert f"<dd>N.º {registered.index}; la del retiro, N.º {retired.index}</dd>" in listed
    assert legal_instant(retired.at) in listed


@pytest.mark.norm("N-2.6b")
def test_proof_of_a_key_is_its_owners_alone(web: Web, doctor: Browsing, device: SoftwareAuthenticator) -> None:
    register(doctor, device)
    web.clock.advance(seconds=30)
    doctor.entered(DOCTOR)
    path = re.findall(rf"{KEYS}/[0-9a-f-]+/comprobante\.json", doctor.get(KEYS).text)[0]
    stranger = Browsing(web).entered(web.enrol(OTHER))
    assert [browsing.get(path).status_code for browsing in (stranger, doctor)] == [404, 200]
    assert Browsing(web).get(path).headers["Location"].startswith("/consola/entrar")
    assert doctor.get(f"{KEYS}/{uuid4()}/comprobante.json").status_code == 404


def proven_by(web: Web, answer: Any) -> tuple[VerifiedEntry, Any]:
    """What a downloaded proof proves to a stranger, and what it discloses."""
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    name = re.fullmatch(
        r'attachment; filename="comprobante-llave(-retirada)?-[0-9a-f]{12}\.json"',
        answer.headers["Content-Disposition"],
    )
    receipt = read_receipt(answer.data)
    with web.operator.database.reading(deadline=Deadline(5)) as connection:
        assert answer.data == encode(web.operator.log.receipt(connection, UUID(receipt["entrada"]["id"])))
    proven = verify_receipt(receipt, web.operator.trust)
    assert (name is not None, proven.standing, proven.key_id is None) == (True, Standing.FIRM, False)
    return proven, proven.disclosed


def test_registration_needs_its_beginning_and_each_answer(doctor: Browsing, device: SoftwareAuthenticator) -> None:
    assert doctor.get(f"{KEYS}/registrar").headers["Location"] == f"{KEYS}/nueva"
    doctor.web.clock.advance(seconds=30)
    doctor.act(f"{KEYS}/nueva", para="ambas", codigo=doctor.web.code())
    page = doctor.get(f"{KEYS}/registrar")
    first = json.dumps([device.create(asked(page)[0])])
    for answers in (first, "[]", "{}", "", '["x"]'):
        short = doctor.act(f"{KEYS}/registrar", intento=attempts(page), credencial=answers)
        assert "Falta la respuesta" in faults(short), answers
    assert "Todavía no tiene llaves" in doctor.get(KEYS).text


@pytest.mark.norm("N-2.6b")
def test_answer_that_comes_too_late_leads_back_to_the_beginning(
    web: Web, doctor: Browsing, device: SoftwareAuthenticator
) -> None:
    web.clock.advance(seconds=30)
    doctor.act(f"{KEYS}/nueva", para="ambas", codigo=web.code())
    page = doctor.get(f"{KEYS}/registrar")
    answers = json.dumps([device.create(options) for options in asked(page)])
    web.clock.advance(seconds=301)
    late = doctor.act(f"{KEYS}/registrar", intento=attempts(page), credencial=answers)
    assert (late.status_code, late.headers["Location"]) == (303, f"{KEYS}/nueva")
    register(doctor, device)
    begin(doctor)
    page = doctor.get("/consola/entrar/llave")
    web.clock.advance(seconds=301)
    late = doctor.send("/consola/entrar/llave", credencial=json.dumps(device.get(asked(page))))
    assert (late.status_code, late.headers["Location"]) == (303, "/consola/entrar")


def shown_to_an_officer(web: Web, run: Run, device: SoftwareAuthenticator) -> SigningKey:
    """A key that became the person's when he was enrolled, before he ever entered."""
    key = device.make_key(b"")
    new = NewKey(
        purpose="firma", credential_id=key.credential_id, public_key=key.cose, aaguid=str(UUID(int=0)),
        backed_up=False, sign_count=0,
    )  # fmt: skip
    with web.operator.database.unit_of_work(deadline=Deadline(10), locks=(lock_people(run),)) as work:
        recorded = record_key(work, run, new, entry_id=work.new_id())
        web.operator.log.append(
            work, kind=KEY_REGISTERED, actor="persona:9100001-6", data=recorded.facts(), entry_id=recorded.entry_id
        )
        return recorded


@pytest.mark.norm("N-2.2a")
def test_key_registered_before_an_officer_is_shown_to_its_owner_who_may_retire_it(
    web: Web, device: SoftwareAuthenticator
) -> None:
    """At the change of the initial password, at the start for a month, and for ever in the list of keys."""
    run, activation = web.people.first_access(OTHER.number)
    end = shown_to_an_officer(web, run, device).thumbprint_end
    web.clock.advance(seconds=60)
    doctor = Browsing(web)
    doctor.enter(run)
    assert f"huella …{end}" in doctor.get("/consola/clave").text
    new = {"actual": PASSWORD, "nueva": OTHER_PASSWORD, "repetida": OTHER_PASSWORD, "codigo_activacion": activation}
    assert doctor.act("/consola/clave", **new).status_code == 303
    doctor.enter(run, password=OTHER_PASSWORD)
    assert "Llaves registradas ante el funcionario" in doctor.get("/consola").text
    listed = doctor.get(KEYS).text
    assert (f"{end}</span>" in listed, "Ante el funcionario que lo enroló" in listed) == (True, True)
    register(doctor, SoftwareAuthenticator(origin=ADDRESS))
    web.clock.advance(seconds=31 * 24 * 3600)
    doctor.enter(run, password=OTHER_PASSWORD)
    assert "Llaves registradas ante el funcionario" not in doctor.get("/consola").text
    assert doctor.get(KEYS).text.count("Ante el funcionario que lo enroló") == 1
