"""The licence on paper: what each copy says and carries, and what it may not; whole words, the same bytes each time.

Golden texts stand in `tests/assets/forms`; LME_TEST_REWRITE=1 writes them anew, to be read before they are committed.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pypdf.generic import ContentStream, StreamObject

from lme_operator.core.periods import legal_instant
from lme_operator.core.run import Run
from lme_operator.domain.licences.authorship import BY_CODE
from lme_operator.domain.licences.form import Copy, Printed, file_name, render_form, words
from lme_operator.domain.licences.form.attachment import attached
from lme_operator.domain.licences.form.glyphs import NO_GLYPH, printable
from tests.factories.forms import CODE, CONFIDENTIAL, ORDERS, printed

GOLDEN = Path(__file__).parents[2] / "assets" / "forms"
CASES = [(case, copy) for case in ORDERS for copy in Copy]
RESERVED = (Copy.EMPLOYER, Copy.RECEIPT)

needs_poppler = pytest.mark.needs("pdftotext")


def reader_of(pdf: bytes, folder: Path) -> pypdf.PdfReader:
    file = folder / "forma.pdf"
    file.write_bytes(pdf)
    return pypdf.PdfReader(file)


def text_of(pdf: bytes, folder: Path) -> str:
    """The text in the order in which the file has it, as screen readers and offices' programs take it."""
    file = folder / "forma.pdf"
    file.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-raw", str(file), "-"], capture_output=True, check=True)
    return told.stdout.decode()


@needs_poppler
@pytest.mark.norm("M-7")
@pytest.mark.parametrize(("case", "copy"), CASES)
def test_text_equals_the_golden_text(tmp_path: Path, case: str, copy: Copy) -> None:
    golden, text = GOLDEN / f"{case}-{copy.value}.txt", text_of(render_form(printed(case, copy)), tmp_path)
    if os.environ.get("LME_TEST_REWRITE"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.norm("M-7")
def test_sections_come_in_the_form_s_order_and_fit_a_page_unless_texts_are_long(tmp_path: Path) -> None:
    for case, pages in {"corta": 1, "un-apellido": 1, "dos-lineas": 1, "larga": 2}.items():
        reader = reader_of(render_form(printed(case)), tmp_path)
        assert len(reader.pages) == pages, case
        text = "".join(page.extract_text() for page in reader.pages)
        places = [text.index(f"A.{number} ") for number in (1, 3, 4, 5, 6)]
        assert places == sorted(places)
        assert ("A.2 " in text) == (case == "larga")
    for case in ORDERS:
        assert len(reader_of(render_form(printed(case, Copy.RECEIPT)), tmp_path).pages) == 1, case


def everything_in(pdf: bytes, folder: Path) -> str:
    """Whatever the file holds, opened: raw bytes, each object and stream, attachments, metadata, the text of pages."""
    reader = reader_of(pdf, folder)
    parts = [pdf.decode("latin-1")]
    size: Any = reader.trailer["/Size"]
    for number in range(1, size):
        found = pypdf.generic.IndirectObject(number, 0, reader).get_object()
        parts.append(str(found))
        if isinstance(found, StreamObject):
            data = found.get_data()
            raw = data if isinstance(data, bytes) else str(data).encode()
            parts += [raw.decode(encoding, "replace") for encoding in ("utf-8", "latin-1", "utf-16-be", "utf-16-le")]
    parts += [str(reader.metadata), str(reader.attachments)]
    parts += [content.decode() for files in reader.attachments.values() for content in files]
    parts += [page.extract_text() for page in reader.pages]
    parts.append(text_of(pdf, folder))
    return " ".join(" ".join(parts).split()).casefold()


def secrets_of(one: Printed) -> list[str]:
    """Every word of A.6 of four letters that stands nowhere else on the form, and both codes."""
    diagnosis = one.document.order.diagnosis
    texts = (diagnosis.main, diagnosis.other, diagnosis.clinical_notes, diagnosis.supporting_exams)
    words = {word.strip(".,;:").casefold() for text in texts if text for word in text.split()}
    codes = {code.casefold() for code in (diagnosis.cie10, diagnosis.other_cie10) if code}
    elsewhere = "reposo para este esta con días desde hasta código centro"
    return sorted({word for word in words if len(word) >= 5 and word not in elsewhere} | codes)


@needs_poppler
@pytest.mark.norm("M-7", "N-2.6b")
@pytest.mark.parametrize("case", ["corta", "larga"])
def test_diagnosis_is_nowhere_in_the_copies_that_may_not_have_it(tmp_path: Path, case: str) -> None:
    secrets = secrets_of(printed(case))
    assert len(secrets) > 4
    for copy in Copy:
        held = everything_in(render_form(printed(case, copy)), tmp_path)
        found = [secret for secret in secrets if secret in held]
        assert found == ([] if copy in RESERVED else secrets), copy
        assert ("información confidencial" in held) == (copy is not Copy.RECEIPT)


@pytest.mark.norm("N-2.6b")
def test_copies_without_diagnosis_are_the_same_whatever_it_is() -> None:
    """Not even its length shows."""
    other = replace(printed().document.order, diagnosis=CONFIDENTIAL)
    for copy in RESERVED:
        one = printed(copy=copy)
        assert render_form(one) == render_form(replace(one, document=replace(one.document, order=other)))


@pytest.mark.norm("N-2.6b")
def test_attached_data_are_those_of_the_copy(tmp_path: Path) -> None:
    for copy in Copy:
        one = printed("larga", copy)
        ((name, (content,)),) = reader_of(render_form(one), tmp_path).attachments.items()
        data: dict[str, Any] = json.loads(content)
        assert name == f"licencia-1181597-9-{copy.value}.json"
        assert data == attached(one)
        assert ("diagnostico" in data, "atencion" in data, "certificacion_paciente" in data) == (copy.complete,) * 3
        assert ("justificacion" in json.dumps(data)) == copy.complete
        assert ("lugares" in data["reposo"], "direccion" in data["profesional"]) == (copy is not Copy.RECEIPT,) * 2
        assert data["trabajador"]["run"] == "21345678-4"
        assert data["validez_legal"] is False


ABOUT_THE_FILE = {"v", "copia", "validez_legal", "operador/nombre", "operador/rut", "entidad"}
"""Nobody's data: what the file is, who operates the system, and which entity the licence goes to."""
CODES = re.compile(
    r"tipo|.*/tipo|trabajador/sexo|profesional/profesion|reposo/jornadas/[0-9]|recuperabilidad|trayecto"
    r"|inicio_tramite_invalidez|atencion/modalidad|certificacion_paciente/modo"
)
"""What the page says in words of its own."""


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        named = value.items() if isinstance(value, dict) else enumerate(value)
        for name, held in named:
            yield from leaves(held, f"{place}/{name}" if place else str(name))
    else:
        yield place, value


def as_on_the_page(place: str, value: Any) -> str:
    """How the page writes what the file says: RUN, days, instants, communes and telephones are for people there."""
    last = place.rpartition("/")[2]
    if last in ("run", "rut"):
        return Run.parse(value).display
    if last == "comuna":
        return words.commune(value)
    if last in ("telefono", "numero") and str(value).startswith("+"):
        return words.telephone(value)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return words.day(date.fromisoformat(value))
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*", value):
        return legal_instant(datetime.fromisoformat(value))
    return str(value)[:60]


@needs_poppler
@pytest.mark.norm("M-7", "N-2.6b")
@pytest.mark.parametrize(("case", "copy"), CASES)
def test_attached_data_say_nothing_that_their_page_does_not(tmp_path: Path, case: str, copy: Copy) -> None:
    """A birth date where the page has an age, or a certificate that it does not name, would be told by the file."""
    one = printed(case, copy)
    page = "".join(text_of(render_form(one), tmp_path).split()).casefold()
    held = [(place, value) for place, value in leaves(attached(one)) if place not in ABOUT_THE_FILE]
    said = {place: as_on_the_page(place, value) for place, value in held if not CODES.fullmatch(place)}
    assert [place for place, text in said.items() if "".join(text.split()).casefold() not in page] == []
    assert not any("fecha_nacimiento" in place and not place.startswith("hijo/") for place, _ in held)
    assert ("firma/certificado" in said, "hijo/run" in said) == (
        copy is not Copy.RECEIPT,
        copy is not Copy.RECEIPT and case == "larga",
    )


def runs_of(pdf: bytes, folder: Path) -> list[str]:
    """The texts that the pages show, each in one operation."""
    reader, runs = reader_of(pdf, folder), list[str]()
    shown = 0
    for page in reader.pages:
        page.extract_text(visitor_text=lambda text, *_: runs.append(text))
        content = ContentStream(page["/Contents"], reader)
        shown += sum(operator in (b"Tj", b"TJ") for _, operator in content.operations)
    told = [run.strip() for run in runs if run.strip()]
    assert len(told) == shown
    return told


@pytest.mark.norm("M-7")
def test_each_field_is_one_text(tmp_path: Path) -> None:
    runs = runs_of(render_form(printed()), tmp_path)
    for value in (
        "MUÑOZ", "O'HIGGINS", "MARÍA JOSÉ", "11.111.111-1", "20-04-2026", "cinco", "Comercial Ñuble Limitada",
        "20-04-2026 10:02:07 (UTC−4)", "Los Aromos 123, depto. 4B, Santiago", "+56 9 1234 5678", "N° 3 1181597-9",
        "OPERADOR: 99", "ANA ISABEL ÑANDÚ D'ARRIGO", CODE, "Lumbago agudo", "M54.5", "Copia trabajador",
    ):  # fmt: skip
        assert value in runs, value
    receipt = runs_of(render_form(printed(copy=Copy.RECEIPT)), tmp_path)
    for value in ("MUÑOZ O'HIGGINS, MARÍA JOSÉ", "1. Enfermedad o accidente común", "20-04-2026", "24-04-2026", "5"):
        assert value in receipt, value


def test_a_word_too_wide_for_its_box_is_written_smaller_and_stays_one_text(tmp_path: Path) -> None:
    one = printed()
    issuer = replace(one.document.issuer, email="administracion.de.la.consulta.numero.tres@hospital-del-sur.example.cl")
    runs = runs_of(render_form(replace(one, document=replace(one.document, issuer=issuer))), tmp_path)
    assert issuer.email in runs


@pytest.mark.norm("M-7")
@pytest.mark.parametrize("copy", Copy)
def test_is_tagged_titled_in_spanish_and_declares_both_standards(tmp_path: Path, copy: Copy) -> None:
    reader = reader_of(render_form(printed(copy=copy)), tmp_path)
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "es-CL"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == f"Licencia médica electrónica N° 3 1181597-9. {copy.words}"
    xmp = root["/Metadata"].get_data().decode()
    for said in ("<pdfaid:part>3<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"):
        assert said in xmp, said


def test_the_same_licence_gives_the_same_bytes() -> None:
    for copy in Copy:
        assert render_form(printed("larga", copy)) == render_form(printed("larga", copy))


@needs_poppler
def test_only_a_test_system_marks_it(tmp_path: Path) -> None:
    for copy in Copy:
        assert text_of(render_form(printed(copy=copy)), tmp_path).startswith("PRUEBAS – sin validez legal\n")
        assert "PRUEBAS" not in text_of(render_form(printed(copy=copy, testing=False)), tmp_path)


@needs_poppler
def test_says_no_more_of_its_author_than_is_proven(tmp_path: Path) -> None:
    for copy in Copy:
        signed = " ".join(text_of(render_form(printed(copy=copy)), tmp_path).split())
        assert "Firmada con la llave que el operador registró como del profesional" in signed
        declared = " ".join(text_of(render_form(printed(copy=copy, authorship=BY_CODE)), tmp_path).split())
        assert "Autorizada con código, declarado por el operador" in declared


@needs_poppler
def test_nothing_is_cut_on_letter_nor_on_a4(tmp_path: Path) -> None:
    """An A4 sheet is 17 points narrower: centred on it, whatever is within the margins still has 13 mm of paper."""
    one = printed("larga")
    worker = replace(one.document.order.worker, paternal_surname="W" * 60, given_names="Ñ" * 60)
    order = replace(one.document.order, worker=worker, diagnosis=replace(CONFIDENTIAL, main="m" * 511))
    file = tmp_path / "forma.pdf"
    for copy in Copy:
        file.write_bytes(render_form(replace(one, copy=copy, document=replace(one.document, order=order))))
        told = subprocess.run(["pdftotext", "-bbox", str(file), "-"], capture_output=True, check=True).stdout.decode()
        edges = re.findall(r'xMin="([0-9.]+)" yMin="([0-9.]+)" xMax="([0-9.]+)" yMax="([0-9.]+)"', told)
        assert len(edges) > 50
        for left, top, right, bottom in (tuple(map(float, edge)) for edge in edges):
            assert 45 <= left <= right <= 568, copy
            assert 30 <= top <= bottom <= 780, copy


@pytest.mark.parametrize(
    "text", ["日本語 🙂 한글", '#set page(width: 1pt) *x* "; #panic("x")', "y" * 511, "a\tb\n\nc\\ @d <e>"]
)
def test_whatever_was_written_is_printed(tmp_path: Path, text: str) -> None:
    one = printed()
    diagnosis = replace(one.document.order.diagnosis, clinical_notes=text)
    order = replace(one.document.order, diagnosis=diagnosis)
    reader = reader_of(render_form(replace(one, document=replace(one.document, order=order))), tmp_path)
    ((content,),) = reader.attachments.values()
    assert json.loads(content)["diagnostico"]["antecedentes_clinicos"] == text
    printed_text = "".join("".join(page.extract_text() for page in reader.pages).replace("\u200b", "").split())
    assert "".join(printable(text).split()) in printed_text


def test_a_character_without_glyph_becomes_a_box() -> None:
    assert printable("Ñandú → 日x😀") == f"Ñandú → {NO_GLYPH}x{NO_GLYPH}"


def test_file_name_says_neither_who_nor_why() -> None:
    assert file_name("1181597-9", Copy.WORKER) == "licencia-1181597-9-trabajador.pdf"
