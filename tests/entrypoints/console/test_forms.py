"""Forms read once: texts and files in memory, each field with its own words, and no secret sent back."""

from typing import Annotated, Any

import pytest
from flask import Flask

from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.entrypoints.pages.fields import (
    DayField,
    EightDigits,
    LineField,
    MailField,
    RunField,
    SixDigits,
    TelephoneField,
)
from lme_operator.entrypoints.pages.forms import Asks, FormModel, SentFile, parse_fields, read_fields, shown_values

BOUNDARY = "frontera"


class Form(FormModel):
    run: RunField
    nombre: Annotated[LineField, Asks("Escriba el nombre.")]
    codigo: SixDigits | None = None
    titulos: tuple[str, ...] = ()
    documento: Annotated[SentFile, Asks("Adjunte el documento.")] | None = None


def read(body: bytes, media: str = "application/x-www-form-urlencoded", *, largest: int = 10_000) -> Any:
    with Flask("formularios").test_request_context(method="POST", data=body, content_type=media):
        return read_fields(largest=largest)


def multipart(*parts: tuple[str, bytes]) -> Any:
    """Each part: what its disposition says after `form-data`, and its content."""
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return read(body + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}")


def parse(**values: str) -> Any:
    from urllib.parse import urlencode

    return parse_fields(Form, read(urlencode(values).encode()))


def faults(**values: str) -> dict[str | None, str]:
    with pytest.raises(Refusal) as refused:
        parse(**values)
    assert refused.value.kind.code == "datos_invalidos"
    return {one.pointer: f"{one.cause} {one.remedy}".strip() for one in refused.value.findings}


def test_texts_files_and_hidden_fields_are_told_apart() -> None:
    fields = multipart(
        ('name="run"', b"15.000.001-7"),
        ('name="nombre"', "Ñusta\r\nO'Higgins".encode()),
        ('name="prueba"', b"p"),
        ('name="acto"', b"a"),
        ('name="documento"; filename="..\\..\\C:/carp/c\u00e9dula.pdf"'.encode().decode(), b"%PDF\0\r\n"),
        ('name="vacio"; filename=""', b""),
    )
    assert (fields.proof, fields.act) == ("p", "a")
    assert fields.texts == {"run": ("15.000.001-7",), "nombre": ("Ñusta\nO'Higgins",)}
    assert fields.files == {"documento": (SentFile("cédula.pdf", b"%PDF\0\r\n"),)}


def test_same_content_has_the_same_bytes_whatever_the_boundary() -> None:
    part = ('name="documento"; filename="a.pdf"', b"x")
    one, other = multipart(part), multipart(part)
    assert one.canonical == other.canonical
    assert one.canonical != multipart(('name="documento"; filename="a.pdf"', b"y")).canonical


UNREADABLE: dict[str, tuple[bytes, str, int]] = {
    "not UTF-8": (b"nombre=%ff", "application/x-www-form-urlencoded", 400),
    "not UTF-8 in parts": (
        b'--b\r\nContent-Disposition: form-data; name="nombre"\r\n\r\n\xff\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
        400,
    ),
    "a null": (b"nombre=a%00b", "application/x-www-form-urlencoded", 400),
    "bytes that no form has": (b"nombre=\xc3\xb1", "application/x-www-form-urlencoded", 400),
    "no boundary": (b"--b--", "multipart/form-data", 400),
    "an end that never comes": (b"--b\r\nContent-Dis", "multipart/form-data; boundary=b", 400),
    "too many fields": (b"&".join(b"a=1" for _ in range(300)), "application/x-www-form-urlencoded", 400),
    "JSON": (b"{}", "application/json", 415),
    "plain text": (b"nombre=a", "text/plain", 415),
    "too large": (b"a" * 10_001, "application/x-www-form-urlencoded", 413),
}


@pytest.mark.parametrize(("body", "media", "status"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_form_is_refused(body: bytes, media: str, status: int) -> None:
    with pytest.raises(Refusal) as refused:
        read(body, media)
    assert refused.value.kind.status == status


def test_each_field_says_what_it_lacks() -> None:
    assert faults() == {"/run": "Escriba el RUN.", "/nombre": "Escriba el nombre."}
    assert faults(run="", nombre="  ", codigo="12 34") == {
        "/run": "Escriba el RUN.",
        "/nombre": "Escriba el nombre.",
        "/codigo": "El código tiene 6 cifras. Escríbalo completo.",
    }
    wrong = faults(run="15.000.001-1", nombre="Ana", otro="x")
    assert wrong["/run"] == "El RUN no es válido. Revise los números y el dígito verificador."
    assert wrong["/otro"] == "Este campo no existe. Quítelo, o revise cómo se escribe."


def test_field_sent_twice_is_refused_unless_it_takes_several() -> None:
    body = "run=15000001-7&nombre=Ana&titulos=a&titulos=b"
    assert parse_fields(Form, read(body.encode())).titulos == ("a", "b")  # type: ignore[attr-defined]
    with pytest.raises(Refusal) as refused:
        parse_fields(Form, read(f"{body}&nombre=Eva".encode()))
    assert [(one.pointer, one.code) for one in refused.value.findings] == [("/nombre", "campo_repetido")]


@pytest.mark.parametrize("text", ["15000001-7", " 15.000.001 - 7 ", "１５000001‐7", "0015.000.0017"])
def test_run_is_read_as_people_write_it(text: str) -> None:
    assert parse(run=text, nombre="Ana").run == Run(15000001)


@pytest.mark.norm("N-2.6b")
def test_secrets_never_go_back_to_the_browser() -> None:
    fields = read(b"run=x&nombre=Ana&codigo=123456&otro=y&clave=z")
    assert shown_values(Form, fields) == {"run": ("x",), "nombre": ("Ana",)}


VALUES: dict[str, tuple[Any, str, Any]] = {
    "day": (DayField, "20-04-2026", "2026-04-20"),
    "day with slashes": (DayField, "20/4/2026", "2026-04-20"),
    "day without anything": (DayField, "20042026", "2026-04-20"),
    "day, the year first": (DayField, "2026-04-20", "2026-04-20"),
    "day that does not exist": (DayField, "29-02-2027", None),
    "day of two figures": (DayField, "20-04-26", None),
    "telephone": (TelephoneField, "9 1234 5678", "+56912345678"),
    "telephone abroad": (TelephoneField, "+54 11 4321 5678", "+541143215678"),
    "telephone of nobody": (TelephoneField, "1", None),
    "mail": (MailField, " Ana@Operador.EXAMPLE ", "Ana@operador.example"),
    "no mail": (MailField, "ana@", None),
    "mail with a newline": (MailField, "ana@operador.example\nBcc: x@y.cl", None),
    "eight digits": (EightDigits, "1234-5678", "12345678"),
    "eight digits and a letter": (EightDigits, "1234567a", None),
}


@pytest.mark.parametrize(("kind", "text", "read_as"), VALUES.values(), ids=VALUES)
def test_value_is_read_as_people_write_it(kind: Any, text: str, read_as: str | None) -> None:
    from pydantic import TypeAdapter, ValidationError

    adapter: Any = TypeAdapter(kind)
    if read_as is None:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)
    else:
        assert str(adapter.validate_python(text)) == read_as
