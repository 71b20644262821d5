"""The constancia that the professional takes home: one page, whole words, the same bytes each time."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lme_operator.core.canonical import sha256, to_base64url
from lme_operator.core.periods import legal_instant
from lme_operator.core.run import Run
from lme_operator.core.thumbprint import matches
from lme_operator.domain.enrolment.in_person.constancia import Constancia, render_constancia
from lme_operator.domain.enrolment.in_person.registered import RegisteredFactor

AT = datetime(2026, 4, 20, 14, 2, 7, tzinfo=UTC)
STEPS = (
    "Datos declarados", "Documento de identidad", "Inscripción en el RNPI y datos civiles", "Comprobante de domicilio",
    "Correo validado", "Teléfono validado", "Contacto compartido, decidido", "Identidad verificada",
    "Factor de firma registrado", "Condiciones aceptadas",
)  # fmt: skip
THUMBPRINTS = [to_base64url(sha256(name)) for name in (b"para entrar", b"para firmar")]
CONSTANCIA = Constancia(
    number="4F3A-9B21-77CD",
    operator="Operador de pruebas",
    rut="76.000.002-7",
    name="Antonia Paz Ñancupil O'Higgins",
    run=Run(15000001).display,
    kind=1,
    context="Prestador individual",
    officer="Carla Ignacia Mella Ruiz",
    protocol="enrolamiento-presencial@v1, consulta-rnpi@v1",
    at=AT,
    steps=[(step, AT) for step in STEPS],
    factors=[
        RegisteredFactor("Aplicación de códigos", AT),
        RegisteredFactor("Llave de seguridad para entrar, respaldada por su proveedor", AT, THUMBPRINTS[0]),
        RegisteredFactor("Llave de seguridad para firmar, respaldada por su proveedor", AT, THUMBPRINTS[1]),
    ],
    own_access=False,
    test=True,
)


def text_of(pdf: bytes, folder: Path) -> str:
    file = folder / "constancia.pdf"
    file.write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return told.stdout.decode()


@pytest.mark.needs("pdftotext")
@pytest.mark.norm("N-1l")
def test_says_who_was_enrolled_by_whom_and_when_on_one_page(tmp_path: Path) -> None:
    text = text_of(render_constancia(CONSTANCIA), tmp_path)
    assert text.count("\f") == 1
    assert "Página 1 de 1" in text
    for words in ("PRUEBAS – sin validez legal", "Ñancupil O'Higgins", "15.000.001-7", "Médico cirujano",
                  "20-04-2026 10:02:07 (UTC−4)", "Carla Ignacia Mella Ruiz", "N° 4F3A-9B21-77CD", *STEPS):  # fmt: skip
        assert words in text, words
    assert "La clave inicial se envió" in text
    assert "Con qué entrará y firmará" in text


@pytest.mark.needs("pdftotext")
@pytest.mark.norm("N-2.2a", "N-2.6c")
def test_gives_each_key_whole_and_in_words_to_be_kept(tmp_path: Path) -> None:
    """What is typed from the paper is the key's thumbprint: no word lost, no character broken off."""
    text = text_of(render_constancia(CONSTANCIA), tmp_path)
    whole, said = re.findall(r"Huella: (\S+)", text), re.findall(r"En palabras: (.*)", text)
    assert whole == THUMBPRINTS
    assert [matches(words, key) for words, key in zip(said, THUMBPRINTS, strict=True)] == [True, True]
    assert "Guarde este papel fuera de los sistemas del operador." in " ".join(text.split())
    codes_alone = text_of(render_constancia(replace(CONSTANCIA, factors=CONSTANCIA.factors[:1])), tmp_path)
    assert ("Aplicación de códigos" in codes_alone, "Guarde este papel" in codes_alone) == (True, False)


@pytest.mark.needs("pdftotext")
def test_a_real_one_bears_no_mark_and_who_has_access_keeps_it(tmp_path: Path) -> None:
    text = text_of(render_constancia(replace(CONSTANCIA, test=False, own_access=True, factors=())), tmp_path)
    assert "Con qué entrará" not in text
    assert "PRUEBAS" not in text
    assert "Conserva la clave" in text
    assert "clave inicial" not in text


def test_the_same_facts_give_the_same_bytes() -> None:
    assert render_constancia(CONSTANCIA) == render_constancia(CONSTANCIA)


@pytest.mark.parametrize(
    "name", ["#set page(width: 1pt)", "*negrita* _x_ $x$ @a <b>", '"; #panic("x")', "\\ \u202e Ana"]
)
def test_a_name_is_text_and_never_markup(tmp_path: Path, name: str) -> None:
    assert render_constancia(replace(CONSTANCIA, name=name)).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 4, 5, 2, 30, tzinfo=UTC), "04-04-2026 23:30:00 (UTC−3)"),
        (datetime(2026, 4, 5, 3, 30, tzinfo=UTC), "04-04-2026 23:30:00 (UTC−4)"),
        (datetime(2026, 9, 6, 4, 0, tzinfo=UTC), "06-09-2026 01:00:00 (UTC−3)"),
        (datetime(2026, 9, 6, 3, 59, 59, tzinfo=UTC), "05-09-2026 23:59:59 (UTC−4)"),
    ],
)
def test_legal_instants_say_their_offset(at: datetime, words: str) -> None:
    assert legal_instant(at) == words
