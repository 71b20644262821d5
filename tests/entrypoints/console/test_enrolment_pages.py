"""The pages of an enrolment's tasks: bad input said beside its field, nothing lost; what others say, in words."""

from collections.abc import Iterator
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lme_operator.domain.enrolment.in_person import Task
from lme_operator.domain.identity import DocumentStatus, FaceMatch
from tests.factories.counter import CASES, Counter, counter_of, data_fields, secret_in, text_of
from tests.factories.desk import DOCTOR, declared
from tests.factories.identity import bill_pdf, photo
from tests.factories.rnpi import ABSENT, ANOTHER, DOWN, OTHER_TITLE

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def counter(tmp_path: Path, application_url: str, clock: Any) -> Iterator[Counter]:
    with counter_of(tmp_path, application_url, clock) as opened:
        yield opened


@pytest.fixture
def case(counter: Counter) -> str:
    """The address of a case just opened by the officer who looks."""
    counter.officer()
    return counter.open()


def goes_to(answer: Any, case: str, page: str) -> None:
    assert (answer.status_code, answer.location) == (303, f"{case}/{page}"), text_of(answer)


def mended(answer: Any, *words: str, status: int = 422) -> str:
    """Assert that the form came back, saying this at the top and beside its field; return what the page says."""
    assert answer.status_code == status, text_of(answer)
    assert "<title>Error: " in answer.text
    for said in words:
        assert answer.text.count(escape(said)) >= 2, said
    return text_of(answer)


@pytest.mark.norm("N-1a", "N-1b")
def test_an_officer_enrols_a_professional_by_the_pages_alone(counter: Counter) -> None:
    counter.officer()
    case = counter.enrol()
    page = text_of(counter.get(f"{case}/constancia"))
    assert "Clave inicial" in page
    assert "Código de activación" in page
    paper, dossier = counter.get(f"{case}/constancia.pdf"), counter.get(f"{case}/expediente.zip")
    assert paper.data.startswith(b"%PDF-")
    assert dossier.data.startswith(b"PK")
    for file in (paper, dossier):
        assert file.headers["Content-Disposition"].startswith('attachment; filename="')
        assert file.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("nombres", "", "Escriba los nombres."),
        ("nombres", "4m4nd4", "Un nombre lleva letras, espacios, guion, apóstrofo o punto."),
        ("nombres", "<b>Amanda</b>", "Un nombre lleva letras, espacios, guion, apóstrofo o punto."),
        ("apellido_paterno", "x" * 61, "El texto es muy largo."),
        ("fecha_nacimiento", "31-02-1990", "Esa fecha no existe."),
        ("fecha_nacimiento", "20-04-2026", "Esa fecha todavía no llega."),
        ("fecha_nacimiento", "ayer", "La fecha no se puede leer."),
        ("profesion", "4", "Elija la profesión."),
        ("especialidad", " ", "Escriba la especialidad."),
        ("calle", "Los\u202eAromos", "El texto contiene un carácter que no se ve"),
        ("comuna", "99998", "Elija una comuna de la lista."),
        ("correo", "amanda@", "El correo no tiene la forma de una dirección."),
        ("telefono", "12345", "Ese teléfono no existe."),
    ],
)
def test_wrong_data_are_said_beside_their_field_and_nothing_is_lost(
    counter: Counter, case: str, field: str, value: str, words: str
) -> None:
    answer = counter.post(f"{case}/datos", **{**data_fields(), field: value})
    mended(answer)
    assert words in text_of(answer)
    assert f'href="#campo-{field}"' in answer.text
    kept = data_fields(calle="Los Aromos")
    for name in {"nombres", "calle", "correo", "numero"} - {field}:
        assert f'value="{escape(kept[name])}"' in answer.text, name
    assert "<b>Amanda</b>" not in answer.text
    assert "Pendiente" in text_of(counter.get(case))


def test_data_are_read_as_people_write_them_and_shown_again(counter: Counter, case: str) -> None:
    goes_to(counter.data(case, telefono=" +56 9 8765-4321", nombres=" Amanda  ", numero=""), case, "documento")
    page = counter.get(f"{case}/datos").text
    for value in ("+56 9 8765 4321", "25-12-1990", "Amanda"):
        assert f'value="{value}"' in page
    assert '<option value="13101" selected>Santiago</option>' in page


@pytest.mark.norm("N-2.1a")
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (DocumentStatus.NOT_IN_FORCE, "Según el Registro Civil, la cédula no está vigente."),
        (DocumentStatus.NO_MATCH, "ese número de documento no es de esta persona"),
        (DocumentStatus.NO_ANSWER, "El Registro Civil no respondió"),
    ],
)
def test_a_card_that_the_registry_does_not_back_stays_as_a_doubt(
    counter: Counter, case: str, status: DocumentStatus, words: str
) -> None:
    counter.data(case)
    counter.civil_registry.status = status
    goes_to(counter.card(case), case, "documento")
    assert words in text_of(counter.get(f"{case}/documento"))
    tasks = text_of(counter.get(case))
    assert "Con reparo" in tasks
    assert words in tasks


def test_the_run_is_no_document_number(counter: Counter, case: str) -> None:
    answer = counter.card(case, numero_documento=DOCTOR.display, vence_en="01-01-2030")
    mended(answer, "Se escribió el RUN en lugar del número de documento.")
    assert counter.civil_registry.asked == []
    assert 'value="01-01-2030"' in answer.text


@pytest.mark.norm("N-2.1a")
def test_a_provisional_rut_rests_on_an_authorisation_given_before(counter: Counter, case: str) -> None:
    counter.data(case)
    later = {"numero": "A-77", "fecha": "21-04-2026", "archivo": bill_pdf("AUTORIZACION")}
    goes_to(counter.post(f"{case}/documento/provisorio", **later), case, "documento")
    assert "no es anterior a este enrolamiento" in text_of(counter.get(f"{case}/documento"))
    answer = counter.post(f"{case}/documento/provisorio", **{**later, "fecha": "01-03-2026"})
    goes_to(answer, case, "rnpi")
    paper = counter.get(f"{case}/documento/original")
    assert paper.data == bill_pdf("AUTORIZACION")
    assert "attachment" in paper.headers["Content-Disposition"]


@pytest.mark.norm("N-2.1b")
@pytest.mark.parametrize(
    ("says", "words"),
    [
        (ABSENT, "No figura inscrito"),
        (OTHER_TITLE, "Inscrito con un título que no permite emitir"),
        (ANOTHER, "Respondió con los datos de otra persona"),
        (DOWN, "No respondió"),
    ],
)
def test_what_the_register_says_is_shown_and_stops_there(counter: Counter, case: str, says: str, words: str) -> None:
    counter.web.operator.rnpi.registry.about[DOCTOR] = says  # type: ignore[attr-defined]
    counter.data(case)
    goes_to(counter.register(case), case, "rnpi")
    page = text_of(counter.get(f"{case}/rnpi"))
    assert words in page
    assert "Consultar de nuevo" in page


@pytest.mark.norm("N-2.2a")
def test_civil_data_are_compared_field_by_field_in_words(counter: Counter, case: str) -> None:
    counter.data(case, nombres="Otro Nombre", profesion="2")
    counter.register(case)
    page = counter.get(f"{case}/rnpi").text
    assert page.count("Difiere") == 2
    assert page.count("Coincide") == 3
    assert "Médico cirujano" in page
    assert "Cirujano dentista" in page
    counter.data(case)
    assert counter.get(f"{case}/rnpi").text.count("Coincide") == 5


@pytest.mark.norm("N-2.1c", "N-2.6b")
@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (b"", "El archivo está vacío"),
        (b"<html>hola</html>", "El archivo no es una foto JPEG o PNG ni un PDF."),
        (SVG, "Las imágenes SVG no se admiten"),
        (photo() + b"PK\x03\x04" + b"\0" * 64, "El archivo tiene contenido añadido después de su final."),
        (b"%PDF-1.7\n" + b"0" * 10_500_000, "El archivo supera el tamaño máximo admitido."),
    ],
    ids=["vacío", "html", "svg", "con cola", "10,5 MB"],
)
def test_a_paper_that_is_not_admitted_is_said_beside_its_field(
    counter: Counter, case: str, archive: bytes, words: str
) -> None:
    counter.data(case)
    answer = counter.address(case, archivo=archive)
    assert words in mended(answer)
    assert 'href="#campo-archivo"' in answer.text
    assert 'value="Eléctrica de Pruebas"' in answer.text
    assert "Vuelva a elegirlo" in answer.text
    assert counter.get(f"{case}/domicilio/original").status_code == 404


def test_a_body_too_large_has_its_own_page(counter: Counter, case: str) -> None:
    answer = counter.address(case, archivo=b"%PDF" + b"0" * 14_000_000)
    assert answer.status_code == 413
    assert "demasiado grande" in text_of(answer)


@pytest.mark.norm("N-2.6b")
def test_a_picture_is_shown_by_its_preview_alone_and_served_as_it_came_for_download(
    counter: Counter, case: str
) -> None:
    counter.data(case)
    brought = photo("CUENTA DE AGUA", kind="PNG")
    goes_to(counter.address(case, clase="agua", archivo=brought), case, "correo")
    shown, original = counter.get(f"{case}/domicilio/vista"), counter.get(f"{case}/domicilio/original")
    assert Image.open(BytesIO(shown.data)).format == "JPEG"
    assert (shown.mimetype, shown.headers["Content-Disposition"]) == ("image/jpeg", "inline")
    assert original.data == brought
    assert original.headers["Content-Disposition"].startswith("attachment")
    for file in (shown, original):
        assert "sandbox" in file.headers["Content-Security-Policy"]
        assert (file.headers["X-Content-Type-Options"], file.headers["Cache-Control"]) == ("nosniff", "no-store")


@pytest.mark.norm("N-2.1d")
def test_a_contact_is_confirmed_by_the_code_and_shown_masked(counter: Counter, case: str) -> None:
    assert "Primero se registran los datos" in text_of(counter.get(f"{case}/correo"))
    counter.data(case)
    page = counter.get(f"{case}/correo")
    assert declared().email not in page.text
    assert "p•••1@example.cl" in page.text
    assert "Enviar códigos al correo y al teléfono" in page.text
    counter.post(f"{case}/correo/envio")
    code = counter.told(DOCTOR, "correo")
    assert code not in counter.get(f"{case}/correo").text
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    answer = counter.post(f"{case}/correo", codigo=wrong)
    mended(answer, "El código que se envió a ese correo o teléfono no es correcto.", status=403)
    assert wrong not in answer.text
    goes_to(counter.post(f"{case}/correo", codigo=f"{code[:3]} {code[3:]}"), case, "telefono")
    goes_to(counter.post(f"{case}/telefono", codigo=counter.told(DOCTOR, "sms")), case, "identidad")


def test_too_many_codes_are_refused_in_the_page_with_what_to_do(counter: Counter, case: str) -> None:
    counter.data(case)
    answers = [counter.post(f"{case}/telefono/envio") for _ in range(12)]
    assert "Ya se enviaron demasiados códigos" in mended(answers[-1], status=429)
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.norm("N-2.1d")
def test_a_contact_of_another_goes_to_a_person_who_decides_in_writing(counter: Counter) -> None:
    counter.officer()
    first = counter.open(DOCTOR)
    counter.data(first)
    counter.telephone(first)
    other = type(DOCTOR)(15000035)
    case = counter.open(other)
    counter.data(case, other, telefono=data_fields(DOCTOR)["telefono"])
    assert "Contacto compartido" not in text_of(counter.get(case))
    goes_to(counter.telephone(case, other), case, "contacto")
    page = counter.get(f"{case}/contacto").text
    assert "ya es de otro profesional" in page
    assert DOCTOR.display not in page
    mended(counter.post(f"{case}/contacto", motivo=" "), "Escriba su decisión y en qué se funda.")
    goes_to(counter.post(f"{case}/contacto", motivo="Son cónyuges y lo declararon."), case, "identidad")
    assert "Son cónyuges y lo declararon." in counter.get(f"{case}/contacto").text


@pytest.mark.norm("N-2.2a")
def test_what_is_wrong_with_a_picture_points_at_that_picture(counter: Counter, case: str) -> None:
    answer = counter.identity(case, foto_persona=bill_pdf())
    mended(answer, "Para comparar se necesitan fotografías.")
    assert 'href="#campo-foto_persona"' in answer.text
    assert 'href="#campo-foto_documento"' not in answer.text
    answer = counter.identity(case, foto_documento=SVG)
    assert 'href="#campo-foto_documento"' in answer.text
    assert counter.biometrics.asked == []


@pytest.mark.norm("N-2.2b")
def test_the_officer_decides_where_the_provider_cannot_and_answers_in_writing(counter: Counter, case: str) -> None:
    counter.biometrics.result = FaceMatch.NO_DATA
    goes_to(counter.identity(case), case, "identidad")
    page = counter.get(f"{case}/identidad").text
    for words in ("No hay datos con qué comparar", ">Coincide<", ">No coincide<", ">No se puede determinar<"):
        assert words in page
    assert counter.get(f"{case}/identidad/foto-documento").mimetype == "image/jpeg"
    assert counter.get(f"{case}/identidad/foto-persona").data != photo("PERSONA")
    seen = {"declaracion": "Comparé la cédula con la persona."}
    mended(counter.post(f"{case}/identidad/propia", resultado="coincide"), "Escriba qué comparó y qué vio.")
    mended(counter.post(f"{case}/identidad/propia", **seen), "Elija lo que vio con uno de los botones.")
    answer = counter.post(f"{case}/identidad/propia", resultado="no_se_puede_determinar", **seen)
    goes_to(answer, case, "identidad")
    goes_to(counter.post(f"{case}/identidad/propia", resultado="coincide", **seen), case, "factor")


@pytest.mark.norm("N-2.2b")
def test_the_officer_does_not_overrule_a_provider_who_said_no(counter: Counter, case: str) -> None:
    counter.biometrics.result = FaceMatch.NO_MATCH
    goes_to(counter.identity(case), case, "identidad")
    assert "Compare usted" not in counter.get(f"{case}/identidad").text
    answer = counter.post(f"{case}/identidad/propia", resultado="coincide", declaracion="Yo creo que es.")
    assert "su comparación no la reemplaza" in mended(answer, status=403)


@pytest.mark.norm("N-2.2a", "N-2.6b")
def test_the_secret_is_shown_in_that_session_alone_until_it_is_proven(counter: Counter, case: str) -> None:
    assert "Verifique antes la identidad" in counter.get(f"{case}/factor").text
    counter.identity(case)
    assert "shown-once" not in counter.get(f"{case}/factor").text
    goes_to(counter.post(f"{case}/factor/qr"), case, "factor")
    page = counter.get(f"{case}/factor")
    secret = secret_in(page.text)
    assert "<svg" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    answer = counter.post(f"{case}/factor", codigo="000000")
    mended(answer, "El código no corresponde al factor que se mostró.")
    assert secret_in(answer.text) == secret
    officer = counter.another()
    officer.entered(type(DOCTOR)(9100001), context="operador")
    assert secret not in officer.get(f"{case}/factor").text.replace(" ", "")
    assert counter.get(f"{case}/factor").status_code == 401
    code = officer.web.people.code(secret)
    assert "ya no sirve" in mended(officer.post(f"{case}/factor", codigo=code), status=409)


def test_the_terms_are_shown_whole_before_they_are_accepted(counter: Counter, case: str) -> None:
    page = text_of(counter.get(f"{case}/condiciones"))
    terms = counter.web.operator.in_person.terms.decode()
    for line in terms.splitlines():
        assert " ".join(line.split()) in page
    assert counter.terms(case).status_code == 303
    assert "El profesional las aceptó." in text_of(counter.get(f"{case}/condiciones"))


@pytest.mark.norm("N-1a", "N-1l")
def test_what_is_missing_is_listed_with_the_way_to_each_task(counter: Counter, case: str) -> None:
    counter.gather(case, without=frozenset({Task.ADDRESS, Task.TERMS}))
    for answer in (counter.get(f"{case}/revisar"), counter.enable(case)):
        for task, words in (("domicilio", "Falta el comprobante de domicilio."), ("condiciones", "no ha aceptado")):
            assert f'<a href="{case}/{task}">' in answer.text
            assert words in answer.text
    assert answer.status_code == 403
    assert "<title>Error: " in answer.text
    assert counter.get(f"{case}/constancia").status_code == 404


@pytest.mark.norm("N-1l", "N-2.6d")
def test_enabling_asks_for_the_officers_own_code_below_what_he_declares(counter: Counter, case: str) -> None:
    counter.gather(case)
    page = text_of(counter.get(f"{case}/revisar"))
    assert page.index("respondo por el enrolamiento") < page.index("Su propio código")
    assert declared().email in page
    answer = counter.post(f"{case}/revisar", codigo="000000")
    assert "El código no es correcto." in mended(answer, status=403)
    done = counter.act(f"{case}/revisar", codigo=counter.web.people.next_code())
    goes_to(done, case, "constancia")
    assert CASES in counter.get(f"{case}/constancia").text
