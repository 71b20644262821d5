"""An officer enrols a doctor from nothing; the doctor enters for the first time and issues; the dossier is verified."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from lme_operator.core.run import Run
from lme_operator.gateways.rnpi.records import person_of
from tests.factories.identity import bill_pdf, photo
from tests.factories.live import Live, order
from tests.factories.people import PASSWORD
from tests.journeys.looking import OFFICER, Visit
from tests.journeys.postman import Postman, postman_of

pytestmark = pytest.mark.needs("chromium")

DOCTOR = Run(15000021)
MAIL, TELEPHONE = "amanda.tapia@correo.example", "+56987654321"
_BUDGET = 40
"""Interactions (clicks and fields) from the list of cases to the constancia."""


@pytest.fixture
def postman(live: Live, role_url: Callable[[str], str], tmp_path: Path) -> Iterator[Postman]:
    with postman_of(live, role_url, tmp_path) as carrying:
        yield carrying


@dataclass
class Hands:
    """What an officer does with keyboard and mouse, counted."""

    visit: Visit
    count: int = 0

    def follow(self, words: str) -> None:
        self.count += 1
        with self.visit.page.expect_navigation():
            self.visit.page.get_by_role("main").get_by_role("link", name=words, exact=True).click()

    def press(self, words: str) -> None:
        self.count += 1
        self.visit.press(words)

    def fill(self, **values: str) -> None:
        self.count += len(values)
        self.visit.fill(**values)

    def choose(self, words: str) -> None:
        self.count += 1
        self.visit.choose(words)

    def pick(self, name: str, words: str) -> None:
        self.count += 1
        self.visit.page.locator(f'[name="{name}"]').select_option(label=words)

    def attach(self, name: str, content: bytes, media: str) -> None:
        self.count += 1
        file: Any = {"name": f"{name}.bin", "mimeType": media, "buffer": content}
        self.visit.page.locator(f'[name="{name}"]').set_input_files(file)


@pytest.mark.norm("N-1b", "N-2.1d", "N-2.2a", "N-2.3a", "N-2.4a")
def test_officer_enrols_a_doctor_who_enters_and_issues(
    arrive: Callable[[], Visit], postman: Postman, tmp_path: Path
) -> None:
    officer, doctor = arrive(), arrive()
    people = officer.live.people
    officer.enter(people.officer(), as_=OFFICER)
    officer.look("enrolar-01-inicio")
    hands = Hands(officer)
    officer.go("/consola/enrolamientos")
    officer.look("enrolar-02-lista-vacia")
    begin(hands)
    papers(hands)
    contacts(hands, postman)
    secret = identity_and_factor(hands)
    hands.press("El profesional las acepta")
    enable(hands, postman)
    sys.stdout.write(f"\nInteracciones del funcionario, de la lista a la constancia: {hands.count}\n")
    assert hands.count <= _BUDGET
    dossier = keep(officer, tmp_path)
    first_entry(doctor, postman, secret)
    issue(doctor, secret)
    verify(officer.live, dossier, tmp_path)
    look_up(officer)


def begin(hands: Hands) -> None:
    """The RUN, written as people do; a wrong one first."""
    hands.follow("Nuevo enrolamiento")
    visit = hands.visit
    visit.look("enrolar-03-nuevo")
    visit.fill(run="15.000.021-9")
    visit.press("Comenzar")
    assert visit.page.title().startswith("Error: ")
    visit.look("enrolar-03-nuevo-error")
    hands.fill(run="15000021 1")
    hands.press("Comenzar")
    visit.press("Guardar y seguir")
    visit.look("enrolar-04-datos-error")


def papers(hands: Hands) -> None:
    """Data, cédula, RNPI and proof of address."""
    visit, person, today = hands.visit, person_of(DOCTOR), date.today()  # noqa: DTZ011 - what people write
    hands.fill(
        nombres=person.given,
        apellido_paterno=person.paternal,
        apellido_materno=person.maternal or "",
        fecha_nacimiento=f"{person.born:%d-%m-%Y}",
        especialidad="Medicina general",
        calle="Los Aromos",
        numero="123",
        correo=MAIL,
        telefono="9 8765 4321",
    )
    hands.choose("Médico cirujano")
    hands.pick("comuna", "Santiago")
    visit.look("enrolar-04-datos")
    hands.press("Guardar y seguir")
    assert visit.heading == "Documento de identidad"
    visit.look("enrolar-05-documento")
    hands.fill(numero_documento="512.345.678", vence_en="20-04-2031")
    hands.press("Consultar al Registro Civil")
    assert visit.heading == "Inscripción en el RNPI"
    visit.look("enrolar-06-rnpi")
    hands.press("Consultar el RNPI")
    assert visit.heading == "Comprobante de domicilio"
    visit.look("enrolar-07-domicilio")
    hands.pick("clase", "Cuenta de luz")
    hands.fill(emisor="Eléctrica de Pruebas S.A.", fecha=f"{today - timedelta(days=12):%d-%m-%Y}")
    hands.choose("Sí, la dirección coincide")
    hands.attach("archivo", bill_pdf(), "application/pdf")
    hands.press("Guardar y seguir")


def contacts(hands: Hands, postman: Postman) -> None:
    """Both contacts, by the codes that really arrive."""
    visit = hands.visit
    assert visit.heading == "Correo"
    visit.look("enrolar-08-correo")
    hands.press("Enviar códigos al correo y al teléfono")
    code = postman.read(MAIL)
    visit.go(visit.page.url)
    visit.look("enrolar-08-correo-enviado")
    hands.fill(codigo=code)
    hands.press("Comprobar el código")
    assert visit.heading == "Teléfono"
    visit.fill(codigo="000000")
    visit.press("Comprobar el código")
    visit.look("enrolar-09-telefono-error")
    hands.fill(codigo=postman.read(TELEPHONE))
    hands.press("Comprobar el código")


def identity_and_factor(hands: Hands) -> str:
    """Two pictures to the provider, then the doctor's application; return its secret."""
    visit = hands.visit
    assert visit.heading == "Verificación de identidad"
    visit.look("enrolar-10-identidad")
    hands.attach("foto_documento", photo("CEDULA"), "image/jpeg")
    hands.attach("foto_persona", photo("PERSONA"), "image/jpeg")
    hands.press("Comparar")
    assert visit.heading == "Segundo factor"
    visit.look("enrolar-11-factor")
    hands.press("Mostrar el código QR")
    visit.look("enrolar-11-factor-qr")
    secret = visit.page.locator(".shown-once").inner_text().replace(" ", "")
    visit.fill(codigo="000000")
    visit.press("Comprobar el código")
    assert visit.page.locator(".shown-once").inner_text().replace(" ", "") == secret
    hands.fill(codigo=visit.next_code(secret))
    hands.press("Comprobar el código")
    assert visit.heading == "Condiciones del servicio"
    visit.look("enrolar-12-condiciones")
    return secret


def enable(hands: Hands, postman: Postman) -> None:
    """Review everything, and answer for it."""
    visit = hands.visit
    assert visit.heading == "Revisar y habilitar"
    visit.look("enrolar-13-revisar")
    case = visit.page.url.removesuffix("/revisar")
    visit.go(case)
    visit.look("enrolar-14-tareas")
    visit.go(f"{case}/rnpi")
    visit.look("enrolar-06-rnpi-respuesta")
    visit.go(f"{case}/revisar")
    hands.fill(codigo=visit.next_code())
    hands.press("Habilitar")
    assert visit.heading == "Constancia de enrolamiento"
    visit.look("enrolar-15-constancia")
    assert postman.carry() == 2
    visit.go(f"{case}/constancia")
    assert visit.page.get_by_text("Enviado", exact=True).count() == 2
    visit.look("enrolar-15-constancia-enviada")


def keep(visit: Visit, folder: Path) -> Path:
    """Download the constancia and the dossier."""
    kept = []
    for words in ("Descargar constancia (PDF)", "Descargar expediente (evidencia)"):
        with visit.page.expect_download() as download:
            visit.page.get_by_role("link", name=words).click()
        kept.append(folder / download.value.suggested_filename)
        download.value.save_as(kept[-1])
    assert kept[0].read_bytes().startswith(b"%PDF-")
    return kept[1]


def first_entry(visit: Visit, postman: Postman, secret: str) -> None:
    """Enter with what came by mail, change it with what came by SMS, and enter with one's own."""
    password = postman.read(MAIL)
    visit.enter(DOCTOR, password=password, secret=secret)
    assert visit.heading == "Cambiar la clave"
    visit.look("enrolar-16-primer-ingreso")
    visit.fill(actual=password, codigo_activacion=postman.read(TELEPHONE), nueva=PASSWORD, repetida=PASSWORD)
    visit.press("Cambiar la clave")
    visit.enter(DOCTOR, secret=secret)
    assert visit.heading == "Puede emitir hoy"
    visit.look("enrolar-17-puede-emitir")


def issue(visit: Visit, secret: str) -> None:
    """The first licence, by the API, with the factor of the enrolment."""
    client, entry = visit.live.client, {"run": str(DOCTOR), "clave": PASSWORD, "contexto": {"tipo": "individual"}}
    factor = {"tipo": "totp", "codigo": visit.next_code(secret)}
    entered = client.post("/api/v1/sesiones", json={**entry, "segundo_factor": factor})
    assert entered.status_code == 201, entered.text
    bearer = {"Authorization": f"Bearer {entered.json()['token']}"}

    def post(path: str, body: Any) -> Any:
        answer = client.post(path, json=body, headers={**bearer, "Idempotency-Key": str(uuid4())})
        assert answer.status_code == 201, answer.text
        return answer.json()

    prepared = post("/api/v1/licencias/preparaciones", order())
    authorisation = {"tipo": "totp", "codigo": visit.next_code(secret)}
    issued = post("/api/v1/licencias", {"preparacion": prepared["preparacion"], "autorizacion": authorisation})
    assert issued["folio"] == prepared["folio"]


def verify(live: Live, dossier: Path, folder: Path) -> None:
    """Judge the dossier with the program alone."""
    trust = folder / "confianza.json"
    trust.write_bytes(live.client.get("/confianza.json").content)
    command = [sys.executable, "-m", "lme_operator", "verificar", str(dossier), "--confianza", str(trust)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def look_up(visit: Visit) -> None:
    """Find the doctor by name and by RUN, and see the whole card; the contact only by asking for it."""
    visit.go("/consola/profesionales")
    visit.look("profesionales-01-lista")
    visit.press("Buscar")
    visit.look("profesionales-01-lista-error")
    visit.fill(buscado="nadie deestenombre")
    visit.press("Buscar")
    visit.look("profesionales-02-ninguno")
    visit.fill(buscado="NUNEZ amanda")
    visit.press("Buscar")
    assert "15000021" not in visit.page.url
    visit.look("profesionales-03-encontrado")
    visit.page.get_by_role("link", name="Amanda Sofía Tapia Núñez").click()
    assert visit.heading == "Amanda Sofía Tapia Núñez"
    assert MAIL not in visit.page.content()
    visit.look("profesionales-04-ficha")
    visit.press("Mostrar el contacto completo")
    assert MAIL in visit.page.content()
    visit.look("profesionales-05-contacto")
    with visit.page.expect_download() as download:
        visit.page.get_by_role("link", name="Evidencia").first.click()
    assert download.value.suggested_filename.startswith("consulta-rnpi-")


EXPIRED, NO_DATA, REMARKED = Run(20000001), Run(21000002), Run(22000016)
"""Of the played parties: a cédula out of date, a face with nothing to compare, an inscription with remarks."""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.norm("N-1l", "N-2.1a", "N-2.2b", "N-6b")
def test_what_hinders_is_said_with_what_to_do(arrive: Callable[[], Visit]) -> None:
    first, second = arrive(), arrive()
    people, live = first.live.people, first.live
    mine, others = people.officer(9100001), people.officer(9100002, name="Hugo Andrés Paredes Lillo")
    first.enter(mine, as_=OFFICER)
    second.enter(others, as_=OFFICER)
    suspended(first)
    expired(first)
    remarked(first)
    by_own_eyes(first)
    first.go("/consola/enrolamientos")
    first.look("reparos-01-lista")
    assert first.page.locator("tbody tr").count() == 3
    taken_over(second, EXPIRED)
    first.go("/consola/enrolamientos")
    first.page.get_by_role("link", name=person_name(EXPIRED)).click()
    assert first.page.get_by_role("heading", name="Este enrolamiento lo tiene Hugo Andrés Paredes Lillo").count() == 1
    first.look("reparos-02-de-otro")
    enrolled = live.people.enrol(15000099)
    first.go("/consola/enrolamientos/nuevo")
    first.fill(run=enrolled.display)
    first.press("Comenzar")
    assert first.heading == "No se puede enrolar"
    first.look("reparos-03-ya-enrolado")


def test_forms_need_no_mouse(visit: Visit) -> None:
    """From the address to the next task with the keyboard alone, by labels in the order in which they are read."""
    visit.enter(visit.live.people.officer(), as_=OFFICER)
    visit.go("/consola/enrolamientos/nuevo")
    keys, person = visit.page.keyboard, person_of(DOCTOR)
    keys.press("Tab")
    assert focused(visit) == "Ir al contenido"
    keys.press("Enter")
    keys.press("Tab")
    write(visit, "15000021 9")
    send(visit)
    assert "Hay un problema" in focused(visit)
    keys.press("Tab")
    keys.press("Enter")
    keys.press("Control+a")
    write(visit, "15000021-1")
    send(visit)
    visit.page.locator('[name="nombres"]').focus()
    for text in (person.given, person.paternal, person.maternal or "", f"{person.born:%d%m%Y}"):
        write(visit, text)
        keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    for text in ("Medicina general", "", "Los Aromos", "123", "", "Santiago", "", MAIL, "9 8765 4321"):
        write(visit, text)
        keys.press("Tab")
    assert focused(visit) == "Guardar y seguir"
    send(visit)
    assert visit.heading == "Documento de identidad"


def focused(visit: Visit) -> str:
    """What has the focus, by its words."""
    words: str = visit.page.locator(":focus").inner_text()
    return words


def write(visit: Visit, text: str) -> None:
    visit.page.keyboard.type(text)


def send(visit: Visit) -> None:
    with visit.page.expect_navigation():
        visit.page.keyboard.press("Enter")


def open_case(visit: Visit, run: Run, **changes: str) -> str:
    """Open a case and declare the data; return the address of the case."""
    person = person_of(run)
    visit.go("/consola/enrolamientos/nuevo")
    visit.fill(run=run.display)
    visit.press("Comenzar")
    given = {
        "nombres": person.given, "apellido_paterno": person.paternal, "apellido_materno": person.maternal or "",
        "fecha_nacimiento": f"{person.born:%d-%m-%Y}", "especialidad": "Medicina general", "calle": "Los Aromos",
        "numero": "123", "correo": f"p{run.number}@correo.example", "telefono": "9 8765 4321",
    }  # fmt: skip
    visit.fill(**{**given, **changes})
    visit.choose({1: "Médico cirujano", 2: "Cirujano dentista", 3: "Matrona o matrón"}[person.kind])
    visit.page.locator('[name="comuna"]').select_option(label="Ñuñoa")
    visit.press("Guardar y seguir")
    return visit.page.url.rpartition("/")[0]


def person_name(run: Run) -> str:
    person = person_of(run)
    return " ".join(name for name in (person.given, person.paternal, person.maternal) if name)


def suspended(visit: Visit) -> None:
    """Who is suspended is refused at once, with the authority's reason."""
    run = Run(15000077)
    assert visit.live.suspend(visit.live.machine(), run).status_code == 201
    visit.go("/consola/enrolamientos/nuevo")
    visit.fill(run=run.display)
    visit.press("Comenzar")
    assert visit.heading == "No se puede enrolar"
    visit.look("reparos-04-suspendido")


def expired(visit: Visit) -> None:
    """A cédula out of date stays as a doubt, and so does a provisional RUT with a paper that is none."""
    case = open_case(visit, EXPIRED)
    visit.fill(numero_documento=EXPIRED.display, vence_en="31-02-2027")
    visit.press("Consultar al Registro Civil")
    visit.look("reparos-05-documento-error")
    visit.fill(numero_documento="A12345678", vence_en="20-04-2031")
    visit.press("Consultar al Registro Civil")
    assert visit.heading == "Documento de identidad"
    visit.look("reparos-06-documento")
    visit.page.get_by_role("link", name="No tiene cédula: muestra un RUT provisorio").click()
    visit.fill(numero="123/2026", fecha="01-03-2026")
    file: Any = {"name": "autorizacion.svg", "mimeType": "image/svg+xml", "buffer": SVG}
    visit.page.locator('[name="archivo"]').set_input_files(file)
    visit.press("Guardar y seguir")
    assert "SVG" in visit.page.locator(".mend").inner_text()
    visit.look("reparos-07-provisorio-error")
    visit.go(case)
    visit.look("reparos-08-tareas")
    visit.go(f"{case}/revisar")
    visit.fill(codigo=visit.next_code())
    visit.press("Habilitar")
    visit.look("reparos-09-revisar-incompleto")


def remarked(visit: Visit) -> None:
    """Remarks that a person must read, and a name that differs."""
    case = open_case(visit, REMARKED, nombres="Otro Nombre")
    visit.go(f"{case}/rnpi")
    visit.press("Consultar el RNPI")
    visit.look("reparos-10-rnpi")
    visit.press("Guardar la revisión")
    visit.look("reparos-11-rnpi-error")
    visit.fill(motivo="La observación es de una multa pagada en 2019: no toca el título.")
    visit.press("Guardar la revisión")
    assert visit.page.get_by_text("No coinciden con el RNPI: Nombres.").count() == 1


def by_own_eyes(visit: Visit) -> None:
    """The provider cannot tell: the officer compares, and answers for it; the telephone is another's too."""
    case = open_case(visit, NO_DATA)
    visit.go(f"{case}/factor")
    visit.look("reparos-12-factor-antes")
    visit.go(f"{case}/identidad")
    for name, words in (("foto_documento", "CEDULA"), ("foto_persona", "PERSONA")):
        file: Any = {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": photo(words)}
        visit.page.locator(f'[name="{name}"]').set_input_files(file)
    visit.press("Comparar")
    visit.look("reparos-13-identidad")
    visit.press("Coincide")
    visit.look("reparos-14-identidad-error")
    visit.fill(declaracion="Comparé la cédula con la persona presente: coinciden rostro, edad y firma.")
    visit.press("Coincide")
    assert visit.heading == "Segundo factor"
    visit.go(f"{case}/identidad")
    visit.look("reparos-15-identidad-propia")


def taken_over(visit: Visit, run: Run) -> None:
    """Another officer meets the open case, receives it, and may end it."""
    visit.go("/consola/enrolamientos/nuevo")
    visit.fill(run=run.display)
    visit.press("Comenzar")
    assert visit.heading == "Ya hay un enrolamiento en curso"
    visit.look("reparos-16-en-curso")
    visit.press("Recibir el caso")
    visit.look("reparos-17-recibido")
    visit.page.get_by_role("link", name="Terminar sin enrolar").click()
    visit.press("Terminar sin enrolar")
    visit.look("reparos-18-terminar-error")
