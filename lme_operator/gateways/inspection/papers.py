"""PDF: whole structure read strictly, every object looked at, nothing rendered. Runs in `looking`.

A PDF that can do anything but be read is refused (ISO 32000-1, 12.6: actions; 7.11: embedded files; 12.7.8: XFA; 13:
multimedia). Streams are expanded up to a bound, only to count.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

from lme_operator.gateways.inspection.found import Found, Unfit

_HEADER = re.compile(rb"%PDF-(?:1\.[0-7]|2\.0)[ \t]*[\r\n]")
_END = b"%%EOF"
_ENCRYPTED = re.compile(rb"/Encrypt(?=[\s<0-9])")
"""In a trailer, which is never encrypted itself nor squeezed; the reader would try its own keys first."""
_MOST_OBJECTS = 50_000
_EXPANDED = 200_000_000
"""Bytes that all streams together may come to."""

_KEYS = {
    "/JS": "pdf_con_programa",
    "/JavaScript": "pdf_con_programa",
    "/Launch": "pdf_abre_programas",
    "/EmbeddedFiles": "pdf_con_adjuntos",
    "/EF": "pdf_con_adjuntos",
    "/AA": "pdf_con_acciones",
    "/XFA": "pdf_formulario_xfa",
    "/RichMediaContent": "pdf_con_multimedia",
}
_VALUES = {
    ("/S", "/JavaScript"): "pdf_con_programa",
    ("/S", "/Launch"): "pdf_abre_programas",
    ("/S", "/GoToE"): "pdf_con_adjuntos",
    ("/S", "/GoToR"): "pdf_con_acciones",
    ("/S", "/SubmitForm"): "pdf_con_acciones",
    ("/S", "/ImportData"): "pdf_con_acciones",
    ("/S", "/Rendition"): "pdf_con_multimedia",
    ("/S", "/Movie"): "pdf_con_multimedia",
    ("/S", "/Sound"): "pdf_con_multimedia",
    ("/S", "/RichMediaExecute"): "pdf_con_multimedia",
    ("/Type", "/EmbeddedFile"): "pdf_con_adjuntos",
    ("/Subtype", "/FileAttachment"): "pdf_con_adjuntos",
    ("/Subtype", "/RichMedia"): "pdf_con_multimedia",
    ("/Subtype", "/Screen"): "pdf_con_multimedia",
    ("/Subtype", "/Movie"): "pdf_con_multimedia",
    ("/Subtype", "/Sound"): "pdf_con_multimedia",
    ("/Subtype", "/3D"): "pdf_con_multimedia",
}
_KINDS = frozenset(key for key, _ in _VALUES)
"""What says of a dictionary what it is. No honest writer keeps that elsewhere, where readers may find another thing."""
_IN_PLAIN_SIGHT = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles|XFA)(?=[\s/<\[(>\]])")
"""Also in objects that no table leads to, which forgiving readers dig out."""

_PICTURE_FILTERS = {"/DCTDecode", "/DCT", "/JPXDecode", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode"}


def look_at_pdf(content: bytes, *, most_pages: int, most_pixels: int) -> Found:
    """Return how many pages a PDF has; raise `Unfit` with everything that is wrong inside."""
    _demand_whole(content)
    try:
        reader = PdfReader(BytesIO(content), strict=True)
        codes = {_KEYS["/" + name.decode()] for name in _IN_PLAIN_SIGHT.findall(content)}
        codes.update(_defects(_objects(reader), most_pixels))
        pages = len(reader.pages)
    except LimitReachedError as error:
        raise Unfit("archivo_se_expande") from error
    if pages == 0:
        codes.add("pdf_sin_paginas")
    if pages > most_pages:
        codes.add("pdf_demasiadas_paginas")
    if codes:
        raise Unfit(*sorted(codes))
    return Found(pages=pages)


def rehearse() -> None:
    """Read a PDF of our own, so that the library loads what it loads when first used."""
    written = BytesIO()
    PdfWriter().write(written)
    reader = PdfReader(written, strict=True)
    _defects(_objects(reader), most_pixels=1)
    len(reader.pages)


def _demand_whole(content: bytes) -> None:
    """The header at the very start, the end mark at the very end, and nothing between them that a key closes."""
    if _HEADER.match(content) is None:
        raise Unfit("archivo_danado")
    place = content.rfind(_END)
    if place < 0:
        raise Unfit("archivo_incompleto")
    if content[place + len(_END) :].strip(b"\r\n"):
        raise Unfit("contenido_despues_del_final")
    if _ENCRYPTED.search(content):
        raise Unfit("pdf_cifrado")


def _objects(reader: PdfReader) -> Iterator[PdfObject]:
    """Every object that the tables name, wherever it is kept."""
    numbers = {(number, generation) for generation, table in reader.xref.items() for number in table}
    numbers.update((number, 0) for number in reader.xref_objStm)
    if len(numbers) > _MOST_OBJECTS:
        raise Unfit("archivo_demasiado_complejo")
    yield reader.trailer
    for number, generation in sorted(numbers):
        found = reader.get_object(IndirectObject(number, generation, reader))
        if found is not None:
            yield found


def _defects(objects: Iterable[PdfObject], most_pixels: int) -> set[str]:
    codes: set[str] = set()
    left = _EXPANDED
    for one in objects:
        for inner in _dictionaries(one):
            codes.update(_defects_of(inner, most_pixels))
        if isinstance(one, StreamObject):
            left -= _expanded(one, left)
    return codes


def _dictionaries(one: PdfObject) -> Iterator[DictionaryObject]:
    """The dictionaries of an object, at any depth; not those that it refers to, which come in their turn."""
    pending = [one]
    while pending:
        current = pending.pop()
        if isinstance(current, DictionaryObject):
            yield current
            pending.extend(current.raw_get(key) for key in current)
        elif isinstance(current, ArrayObject):
            pending.extend(list.__iter__(current))


def _defects_of(one: DictionaryObject, most_pixels: int) -> Iterator[str]:
    for key in one:
        if key in _KEYS:
            yield _KEYS[key]
        value = one.raw_get(key)
        if key in _KINDS and isinstance(value, IndirectObject):
            yield "pdf_con_acciones"
            value = value.get_object()
        if isinstance(value, str) and (key, value) in _VALUES:
            yield _VALUES[key, value]
    if "/OpenAction" in one and _acts(one["/OpenAction"]):
        yield "pdf_con_acciones"
    if "/Width" in one and "/Height" in one and _number(one["/Width"]) * _number(one["/Height"]) > most_pixels:
        yield "imagen_demasiado_grande"


def _acts(opening: object) -> bool:
    """Whether what a PDF does when opened is more than to show a certain page, as word processors write it."""
    if isinstance(opening, DictionaryObject):
        return opening.get("/S") != "/GoTo" or "/Next" in opening
    return not isinstance(opening, ArrayObject)


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _expanded(stream: StreamObject, most: int) -> int:
    """How many bytes a stream comes to when its filters are undone; pictures keep their last one."""
    data: bytes = stream._data  # noqa: SLF001 - pypdf has no public name for the bytes before their filters
    if isinstance(data, str):
        data = data.encode("latin-1")
    names = stream.get("/Filter", ())
    total = len(data)
    for name in names if isinstance(names, ArrayObject) else (names,) if names else ():
        if name in _PICTURE_FILTERS:
            break
        data = _undone(str(name), data, most - total)
        total += len(data)
    return total


def _undone(name: str, data: bytes, most: int) -> bytes:
    """Undo one filter; raise `Unfit` for one that cannot be bounded, or what comes to more than `most` bytes."""
    if name in ("/FlateDecode", "/Fl"):
        inflater = zlib.decompressobj()
        out = inflater.decompress(data, max(most, 1))
        if inflater.unconsumed_tail:
            raise Unfit("archivo_se_expande")
        return out
    try:
        if name in ("/ASCII85Decode", "/A85"):
            return base64.a85decode(data.strip().removeprefix(b"<~").removesuffix(b"~>"))
        if name in ("/ASCIIHexDecode", "/AHx"):
            digits = re.sub(rb"\s", b"", data).removesuffix(b">")
            return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    except ValueError as error:
        raise Unfit("archivo_danado") from error
    raise Unfit("pdf_compresion_antigua")
