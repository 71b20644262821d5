"""Security keys in a browser, with Chromium's virtual authenticator: registered, used, lost, copied, bent."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import expect

from lme_operator.core.database import Deadline
from lme_operator.core.run import Run
from lme_operator.domain.audit import read_receipt, verify_receipt
from lme_operator.domain.exports import Overall, judge_evidence
from lme_operator.domain.exports.author import BY_KEY
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.identity import photo
from tests.factories.live import Doctor
from tests.factories.people import PASSWORD
from tests.journeys.authenticator import Authenticator
from tests.journeys.looking import INDIVIDUAL, OFFICER, Visit

pytestmark = pytest.mark.needs("chromium")

DOCTOR = Run(15000001)
REFUSED = "La respuesta de su llave de seguridad no se pudo aceptar."
COPIED = "El contador de su llave de seguridad retrocedió"


def begin_with_key(visit: Visit, run: Run = DOCTOR) -> None:
    """Fill in the entry and go on with the key."""
    visit.go("/consola/entrar")
    visit.fill(run=run.display, clave=PASSWORD)
    visit.choose(INDIVIDUAL)
    visit.press("Entrar con llave de seguridad")


def register(visit: Visit, run: Run = DOCTOR) -> None:
    """Enter with a code and register both keys."""
    visit.enter(run)
    visit.go("/consola/llaves/nueva")
    visit.fill(codigo=visit.next_code())
    visit.press("Seguir")
    visit.press("Registrar la llave")
    assert visit.heading == "Entrar"


def bend(visit: Visit, **changes: Any) -> None:
    """Change what the page asks of the key, as a page that lies would."""
    form = visit.page.locator("form[data-llave]")
    options = json.loads(form.get_attribute("data-opciones") or "")
    form.evaluate("(form, options) => { form.dataset.opciones = options }", json.dumps({**options, **changes}))


def refused_attempts(visit: Visit) -> int:
    """How many refused entries are kept."""
    rows = visit.live.rows("SELECT count(*) FROM audit.attempt WHERE kind = 'entrada_rechazada'")
    return int(rows[0][0])


@pytest.mark.norm("N-2.6a", "N-2.6d", "N-2.2a")
def test_both_keys_are_registered_one_enters_and_a_lost_one_is_retired(
    visit: Visit, authenticator: Authenticator
) -> None:
    visit.live.people.enrol(DOCTOR.number)
    visit.enter(DOCTOR)
    visit.go("/consola/llaves")
    visit.look("llaves-vacia")
    visit.page.get_by_role("link", name="Agregar una llave").click()
    visit.look("llaves-nueva")
    visit.press("Seguir")
    visit.look("llaves-nueva-error")
    visit.fill(codigo=visit.next_code())
    visit.press("Seguir")
    visit.look("llaves-registrar")
    visit.press("Registrar la llave")
    assert visit.heading == "Entrar"
    visit.look("llaves-registradas")
    assert len(authenticator.credentials) == 2
    begin_with_key(visit)
    visit.look("entrar-llave")
    visit.page.get_by_role("button", name="Usar mi llave").focus()
    with visit.page.expect_navigation(url="**/consola"):
        visit.page.keyboard.press("Enter")
    visit.go("/consola/llaves/nueva")
    visit.choose("Sólo para firmar")
    visit.press("Confirmar con mi llave")
    visit.look("llaves-confirmar")
    visit.press("Usar mi llave")
    assert visit.heading == "Registrar la llave"
    visit.go("/consola/llaves")
    expect(visit.page.get_by_role("heading", level=3)).to_have_count(2)
    visit.look("llaves")
    with visit.page.expect_download() as download:
        visit.page.get_by_role("link", name="Guardar prueba de la llave para firmar").click()
    assert download.value.suggested_filename.startswith("comprobante-llave-")
    proven = verify_receipt(read_receipt(download.value.path().read_bytes()), visit.live.operator.trust)
    shown = visit.page.get_by_text(proven.disclosed["huella"], exact=True)
    assert (proven.kind, shown.count()) == ("llave_registrada", 1)
    visit.page.get_by_role("link", name="Retirar la llave para firmar").click()
    visit.look("llaves-retirar")
    visit.press("Confirmar con mi llave")
    visit.press("Usar mi llave")
    assert visit.heading == "Llaves de seguridad"
    visit.look("llaves-retirada")
    expect(visit.page.get_by_role("heading", level=3)).to_have_count(2)
    expect(visit.page.get_by_role("link", name="Guardar prueba de su retiro de la llave para firmar")).to_have_count(1)


@pytest.mark.norm("N-2.6a", "N-2.6c")
def test_what_a_key_should_not_answer_is_refused_in_words_and_kept(
    arrive: Callable[[], Visit], visit: Visit, authenticator: Authenticator
) -> None:
    other, other_run = arrive(), Run(15000002)
    for run in (DOCTOR, other_run):
        visit.live.people.enrol(run.number)
    theirs = Authenticator.plugged_into(other.page)
    register(visit)
    register(other, other_run)
    alert = visit.page.locator("form [role=alert]")
    begin_with_key(visit)
    authenticator.verify_user(verified=False)
    visit.page.get_by_role("button", name="Usar mi llave").click()
    expect(alert).to_contain_text("No se usó la llave")
    visit.look("entrar-llave-sin-verificar")
    authenticator.verify_user(verified=True)
    before = refused_attempts(visit)
    bend(visit, challenge="A" * 43)
    visit.press("Usar mi llave")
    assert REFUSED in visit.page.locator(".mend").inner_text()
    visit.look("entrar-llave-rechazada")
    kept, strange = authenticator.credentials, theirs.credentials
    authenticator.forget()
    for credential in strange:
        authenticator.put(credential)
    bend(visit, allowCredentials=[{"type": "public-key", "id": _id(one)} for one in strange])
    visit.press("Usar mi llave")
    assert REFUSED in visit.page.locator(".mend").inner_text()
    authenticator.forget()
    for credential in kept:
        authenticator.put(credential)
    visit.press("Usar mi llave")
    assert visit.page.url.endswith("/consola")
    authenticator.forget()
    for credential in kept:
        authenticator.put(credential)
    begin_with_key(visit)
    visit.press("Usar mi llave")
    assert COPIED in visit.page.locator(".mend").inner_text()
    visit.look("entrar-llave-copia")
    assert refused_attempts(visit) == before + 3


@pytest.mark.norm("N-2.6a")
def test_key_answers_at_no_other_address_and_codes_serve_without_scripts(
    arrive: Callable[[], Visit], visit: Visit, authenticator: Authenticator
) -> None:
    visit.live.people.enrol(DOCTOR.number)
    register(visit)
    elsewhere = visit.live.url.replace("localhost", "127.0.0.1")
    visit.go(f"{elsewhere}/consola/entrar")
    visit.fill(run=DOCTOR.display, clave=PASSWORD)
    visit.choose(INDIVIDUAL)
    visit.press("Entrar con llave de seguridad")
    visit.page.get_by_role("button", name="Usar mi llave").click()
    expect(visit.page.locator("form [role=alert]")).to_contain_text("Esta dirección no es la del operador")
    plain = arrive()
    blind = plain.context.browser.new_context(base_url=visit.live.url, java_script_enabled=False)  # type: ignore[union-attr]
    unscripted = Visit(visit.live, blind, blind.new_page())
    begin_with_key(unscripted)
    assert "use el código de su aplicación" in unscripted.page.locator("form").inner_text()
    unscripted.press("Usar mi llave")
    assert "Falta la respuesta de su llave" in unscripted.page.locator(".mend").inner_text()
    unscripted.enter(DOCTOR)
    assert unscripted.page.url.endswith("/consola")
    blind.close()


@pytest.mark.norm("N-2.6a", "N-2.6c")
def test_key_signs_the_document_shown_and_no_other(visit: Visit, authenticator: Authenticator) -> None:
    visit.live.people.enrol(DOCTOR.number)
    register(visit)
    begin_with_key(visit)
    visit.press("Usar mi llave")
    token = next(cookie["value"] for cookie in visit.context.cookies() if cookie["name"] == "lme")
    doctor = Doctor(visit.live, DOCTOR, SoftwareAuthenticator(), token)
    shown, other = doctor.prepare(), doctor.prepare()
    visit.go(f"/consola/licencias/preparadas/{shown['preparacion']}")
    kept = authenticator.credentials
    bend(visit, challenge=other["digest"])
    visit.press("Firmar y emitir")
    assert REFUSED in visit.page.locator(".mend").inner_text()
    visit.look("firmar-otro-documento")
    bend(visit, allowCredentials=[{"type": "public-key", "id": _id(one)} for one in kept if one["signCount"] > 1])
    visit.press("Firmar y emitir")
    assert REFUSED in visit.page.locator(".mend").inner_text()
    visit.press("Firmar y emitir")
    licence = UUID(visit.page.url.rpartition("/")[2])
    again = doctor.prepare()
    authenticator.forget()
    for credential in kept:
        authenticator.put(credential)
    visit.go(f"/consola/licencias/preparadas/{again['preparacion']}")
    visit.press("Firmar y emitir")
    assert COPIED in visit.page.locator(".mend").inner_text()
    operator = visit.live.operator
    session = operator.access.authenticate(token=token, deadline=Deadline(10))
    file = operator.issuance.evidence_file(session=session, licence_id=licence, deadline=Deadline(10))
    verdict = judge_evidence(file, operator.trust)
    said = {line.topic.value: line.answer for line in verdict.lines}
    assert (verdict.overall, said["firma del profesional"]) == (Overall.BY_OPERATOR, BY_KEY)


@pytest.mark.norm("N-2.2a")
def test_officer_registers_the_keys_that_the_doctor_brought(visit: Visit, authenticator: Authenticator) -> None:
    visit.enter(visit.live.people.officer(), as_=OFFICER)
    visit.go("/consola/enrolamientos/nuevo")
    visit.fill(run="15000021 1")
    visit.press("Comenzar")
    case = visit.page.url.removesuffix("/datos")
    visit.go(f"{case}/identidad")
    for name, words in (("foto_documento", "CEDULA"), ("foto_persona", "PERSONA")):
        file: Any = {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": photo(words)}
        visit.page.locator(f'[name="{name}"]').set_input_files(file)
    visit.press("Comparar")
    visit.go(f"{case}/factor")
    visit.look("enrolar-11-factor-llaves")
    visit.press("Registrar sus llaves")
    visit.look("enrolar-11-factor-llaves-registrar")
    visit.press("Registrar las llaves")
    assert len(authenticator.credentials) == 2
    visit.go(f"{case}/factor")
    assert "registró sus llaves de seguridad" in visit.page.locator("main").inner_text()
    visit.look("enrolar-11-factor-llaves-hecho")
    visit.go(f"{case}/revisar")
    assert "Llave para firmar" in visit.page.locator("main").inner_text()


def _id(credential: dict[str, Any]) -> str:
    """The id as pages write it."""
    name: str = credential["credentialId"]
    return name.replace("+", "-").replace("/", "_").rstrip("=")
