"""A copy as a file: PDF/A-3a and PDF/UA-1 as its writer declares, with its own data attached as JSON.

Rendering takes tens of milliseconds: never inside a transaction. The same licence in the same state gives the same
bytes.
"""

import io
import json
from functools import cache
from importlib import resources

import segno
import typst

from lme_operator.core.canonical import Json, encode
from lme_operator.domain.licences.form import content
from lme_operator.domain.licences.form.attachment import attached
from lme_operator.domain.licences.form.copies import Copy
from lme_operator.domain.licences.form.said import Printed

MARK_OF_TESTS = "PRUEBAS – sin validez legal"
ELECTRONIC_FORM = 3
"""`codigo_tipo_formulario`: it stands before the folio on paper."""

_FORM, _RECEIPT = ((resources.files(__package__) / name).read_bytes() for name in ("form.typ", "receipt.typ"))
_MARK = f"""
#set page(width: auto, height: auto, margin: 0pt, fill: none)
#text(font: "Libertinus Serif", size: 46pt, weight: "bold", fill: luma(234))[{MARK_OF_TESTS}]
"""
_LEGAL_NOTE = (
    "La COMPIN o la ISAPRE puede autorizarla, rechazarla, o reducir o ampliar el reposo (art. 16 del DS N° 3 de 1984 "
    "del Ministerio de Salud). Licencia médica electrónica: Res. Ex. N° 608 de 2006 del mismo Ministerio."
)
_DEADLINE = (
    "Trabajador dependiente: presente esta licencia a su empleador dentro de 2 días hábiles (sector privado) o 3 días "
    "hábiles (sector público), contados desde el día hábil siguiente al inicio del reposo. Trabajador independiente: "
    "preséntela dentro de 2 días hábiles a la COMPIN o a su ISAPRE."
)


def render_form(printed: Printed) -> bytes:
    """Render a copy; one page unless its texts are long, and then they go on to a second."""
    receipt = printed.copy is Copy.RECEIPT
    pdf = typst.compile(
        _RECEIPT if receipt else _FORM,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"datos": json.dumps(_data(printed), ensure_ascii=False)},
        pdf_standards=["a-3a", "ua-1"],
        timestamp=int(printed.signed_at.timestamp()),
    )
    if not isinstance(pdf, bytes):
        raise TypeError("one document gives one file")
    return pdf


@cache
def _mark() -> str:
    """The diagonal mark, as outlines: what is read by machine is the same words in the page's text."""
    svg = typst.compile(_MARK.encode(), format="svg", ignore_system_fonts=True)
    if not isinstance(svg, bytes):
        raise TypeError("one page gives one picture")
    return svg.decode()


def _data(printed: Printed) -> Json:
    """What the template lays out: words alone."""
    document, copy = printed.document, printed.copy
    number = f"N° {ELECTRONIC_FORM} {document.folio}"
    parts = content.receipt(printed) if copy is Copy.RECEIPT else content.sections(printed)
    return {
        "titulo": f"Licencia médica electrónica {number}. {copy.words}",
        "descripcion": "Formulario oficial de la licencia médica electrónica, sección A",
        "operador": printed.operator,
        "pruebas": MARK_OF_TESTS if printed.testing else "",
        "marca": _mark() if printed.testing else "",
        "ministerio": "MINISTERIO DE SALUD",
        "nota_legal": _LEGAL_NOTE,
        "numero": number,
        "folio": document.folio,
        "codigo_operador": f"OPERADOR: {document.operator.code}",
        "copia": copy.words,
        "seccion": "SECCIÓN A: uso y responsabilidad exclusiva del profesional",
        "secciones": [part.data() for part in parts],
        "codigo": printed.code,
        "direccion": printed.address,
        "plazo": _DEADLINE,
        "qr": _qr(printed.address),
        "qr_en_palabras": f"Código QR de la dirección {printed.address}",
        "adjunto": {
            "nombre": f"licencia-{document.folio}-{copy.value}.json",
            "contenido": encode(attached(printed)).decode(),
            "descripcion": "Los datos de esta copia, para sistemas",
        },
    }


def _qr(address: str) -> str:
    """The QR code of an address, as SVG."""
    written = io.BytesIO()
    segno.make(address, error="m", micro=False).save(written, kind="svg", border=2, omitsize=True, xmldecl=False)
    return written.getvalue().decode()
