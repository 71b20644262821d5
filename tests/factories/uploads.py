"""What people upload, and what they should not: a corpus made in code, each file with the defects it must show."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from lme_operator.domain.identity import Defect
from tests.factories.identity import bill_pdf, pdf, photo

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(document.cookie)</script></svg>'
_CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R %s >>"
_PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s >>"


def picture(mode: str = "RGB", size: tuple[int, int] = (120, 80), kind: str = "PNG", **options: Any) -> bytes:
    written = BytesIO()
    Image.new(mode, size).save(written, kind, **options)
    return written.getvalue()


def one_page(*, catalogue: bytes = b"", page: bytes = b"", more: tuple[bytes, ...] = ()) -> bytes:
    """A PDF of one page; further objects begin with number 4."""
    return pdf(_CATALOGUE % catalogue, _PAGES, _PAGE % page, *more)


def elsewhere(annotation: bytes, *kept: bytes) -> bytes:
    """A PDF whose page has an annotation, with what it refers to from object 4 on."""
    return one_page(page=b"/Annots [<< /Rect [0 0 9 9] %s >>]" % annotation, more=kept)


def stream(data: bytes, dictionary: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), dictionary, data)


def archive() -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as zipped:
        zipped.writestr("index.html", "<script>alert(1)</script>")
    return written.getvalue()


def in_jpeg_comment(comment: bytes) -> bytes:
    """The photo with a comment segment right after its start."""
    return photo()[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + photo()[2:]


def archive_in_jpeg() -> bytes:
    """A JPEG that an archiver opens: the archive in a comment, the rest of the picture as the archive's own comment."""
    zipped = archive()
    rest = len(photo()) - 2
    return in_jpeg_comment(zipped[:-2] + struct.pack("<H", rest))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, *chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


def huge_jpeg() -> bytes:
    """A small JPEG that says that it is of 65,000 × 65,000."""
    data = bytearray(photo())
    place = data.index(b"\xff\xc0")
    data[place + 5 : place + 9] = struct.pack(">HH", 65000, 65000)
    return bytes(data)


def text_bomb() -> bytes:
    """A PNG whose text comes to 200 MB."""
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9))
    good = picture()
    return good[:33] + bomb + good[33:]


def animated() -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    written = BytesIO()
    frames[0].save(written, "PNG", save_all=True, append_images=frames[1:])
    return written.getvalue()


def flate_bomb() -> bytes:
    """A PDF whose page comes to 300 MB."""
    squeezed = zlib.compressobj(9)
    zeros = bytes(10_000_000)
    data = b"".join([squeezed.compress(zeros) for _ in range(30)]) + squeezed.flush()
    return one_page(page=b"/Contents 4 0 R", more=(stream(data, b"/Filter /FlateDecode"),))


def twice_squeezed_bomb() -> bytes:
    """The same in two layers: 400 MB from a few kB."""
    squeezed = zlib.compressobj(9)
    zeros = bytes(10_000_000)
    data = zlib.compress(b"".join([squeezed.compress(zeros) for _ in range(40)]) + squeezed.flush(), 9)
    return one_page(page=b"/Contents 4 0 R", more=(stream(data, b"/Filter [/FlateDecode /FlateDecode]"),))


def object_stream_bomb() -> bytes:
    """A PDF whose object stream comes to 300 MB; a table of cross references leads into it."""
    squeezed = zlib.compressobj(9)
    zeros = b" " * 10_000_000
    bomb = b"".join([squeezed.compress(b"3 0 ")] + [squeezed.compress(zeros) for _ in range(30)]) + squeezed.flush()
    body = b"%PDF-1.7\n"
    places = []
    for number, content in (
        (1, _CATALOGUE % b""),
        (2, _PAGES),
        (4, stream(bomb, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")),
    ):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(
        struct.pack(">BIH", *row)
        for row in (
            (0, 0, 65535),
            (1, places[0], 0),
            (1, places[1], 0),
            (2, 4, 0),
            (1, places[2], 0),
            (1, len(body), 0),
        )
    )
    references = stream(table, b"/Type /XRef /Size 6 /W [1 4 2] /Root 1 0 R")
    return body + b"5 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (references, len(body))


def rewritten(change: Callable[[PdfWriter], object]) -> bytes:
    """The bill as another program writes it, with its objects compressed, after `change`."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(bill_pdf())))
    change(writer)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def named_script(writer: PdfWriter) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")})
    names = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("a"), action])})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): names})


def xfa(writer: PdfWriter) -> None:
    form = DictionaryObject({NameObject("/XFA"): ArrayObject([TextStringObject("template")])})
    writer.root_object[NameObject("/AcroForm")] = form


def hidden_script() -> bytes:
    """A script in an object that no table leads to."""
    good = bill_pdf()
    place = good.index(b"xref\n")
    start = good.index(b"startxref\n") + len(b"startxref\n")
    orphan = b"9 0 obj\n<< /S /JavaScript /JS (app.alert\\(1\\)) >>\nendobj\n"
    tail = b"%d\n%%%%EOF\n" % (place + len(orphan))
    return good[:place] + orphan + good[place:start] + tail


def page_loop() -> bytes:
    return pdf(_CATALOGUE % b"", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>")


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (3 + number) for number in range(count))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    return pdf(_CATALOGUE % b"", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count), *(page,) * count)


def box(brand: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(12) + bytes(500)


def bad_checksum() -> bytes:
    good = bytearray(photo(kind="PNG"))
    good[-20] ^= 1
    return bytes(good)


_JS = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"

REFUSED: Mapping[str, tuple[Callable[[], bytes], set[Defect]]] = {
    "empty": (lambda: b"", {Defect.EMPTY}),
    "50-mb": (lambda: photo() + bytes(50_000_000), {Defect.TOO_LARGE}),
    "a-byte-too-many": (lambda: photo().ljust(10_000_001, b"\0"), {Defect.TOO_LARGE}),
    "text": (lambda: b"hola", {Defect.WRONG_TYPE}),
    "html": (lambda: b"<!doctype html><script>alert(1)</script>", {Defect.WRONG_TYPE}),
    "program": (lambda: b"MZ\x90\0" + bytes(200), {Defect.WRONG_TYPE}),
    "zip": (archive, {Defect.WRONG_TYPE}),
    "gif": (lambda: picture("P", kind="GIF"), {Defect.WRONG_TYPE}),
    "gif-and-script": (lambda: b"GIF89a=1/*" + bytes(30) + b"*/;alert(1)", {Defect.WRONG_TYPE}),
    "webp": (lambda: picture(kind="WEBP"), {Defect.WRONG_TYPE}),
    "tiff": (lambda: picture(kind="TIFF"), {Defect.WRONG_TYPE}),
    "video": (lambda: box(b"isom"), {Defect.WRONG_TYPE}),
    "heic": (lambda: box(b"heic"), {Defect.HEIC}),
    "avif": (lambda: box(b"avif"), {Defect.HEIC}),
    "svg-with-script": (lambda: SVG, {Defect.SVG}),
    "svg-after-prologue": (lambda: b'\xef\xbb\xbf<?xml version="1.0"?><!-- x -->\n' + SVG, {Defect.SVG}),
    "svg-in-utf-16": (lambda: SVG.decode().encode("utf-16"), {Defect.SVG}),
    "junk-before-jpeg": (lambda: b"\n" + photo(), {Defect.WRONG_TYPE}),
    "html-before-pdf": (lambda: b"<script>alert(1)</script>\n" + bill_pdf(), {Defect.BEFORE_START}),
    "byte-order-mark-before-pdf": (lambda: b"\xef\xbb\xbf" + bill_pdf(), {Defect.BEFORE_START}),
    "jpeg-and-zip": (lambda: photo() + archive(), {Defect.AFTER_END, Defect.TWO_FORMATS}),
    "zip-inside-jpeg": (archive_in_jpeg, {Defect.TWO_FORMATS}),
    "pdf-inside-jpeg": (lambda: in_jpeg_comment(bill_pdf()), {Defect.TWO_FORMATS}),
    "jpeg-and-html": (lambda: photo() + b"<script>alert(1)</script>", {Defect.AFTER_END}),
    "jpeg-with-video-after-it": (lambda: photo() + box(b"mp42"), {Defect.AFTER_END}),
    "png-and-zip": (lambda: photo(kind="PNG") + archive(), {Defect.AFTER_END, Defect.TWO_FORMATS}),
    "png-and-a-byte": (lambda: photo(kind="PNG") + b"\0", {Defect.AFTER_END}),
    "pdf-and-zip": (lambda: bill_pdf() + archive(), {Defect.AFTER_END, Defect.TWO_FORMATS}),
    "zip-inside-pdf": (lambda: one_page(more=(stream(archive()),)), {Defect.TWO_FORMATS}),
    "pdf-and-html": (lambda: bill_pdf() + b"<script>alert(1)</script>", {Defect.AFTER_END}),
    "truncated-jpeg": (lambda: photo()[:-200], {Defect.TRUNCATED}),
    "jpeg-header-alone": (lambda: photo()[:40], {Defect.TRUNCATED}),
    "jpeg-without-a-picture": (lambda: b"\xff\xd8\xff\xd9", {Defect.DAMAGED}),
    "jpeg-of-noise": (lambda: b"\xff\xd8\xff" + bytes(range(256)) * 20, {Defect.DAMAGED}),
    "truncated-png": (lambda: photo(kind="PNG")[:-30], {Defect.TRUNCATED}),
    "png-with-a-bad-checksum": (bad_checksum, {Defect.DAMAGED}),
    "png-with-too-few-pixels": (lambda: png_of(90, 90, chunk(b"IDAT", zlib.compress(bytes(99)))), {Defect.DAMAGED}),
    "truncated-pdf": (lambda: bill_pdf()[:-40], {Defect.TRUNCATED}),
    "pdf-header-alone": (lambda: b"%PDF-1.7\n%%EOF\n", {Defect.DAMAGED}),
    "pdf-of-no-version": (lambda: b"%PDF-9.9\n%%EOF\n", {Defect.DAMAGED}),
    "pdf-with-a-wrong-table": (lambda: bill_pdf().replace(b"startxref\n", b"startxref\n1"), {Defect.DAMAGED}),
    "png-of-50000-by-50000": (
        lambda: png_of(50_000, 50_000, chunk(b"IDAT", zlib.compress(bytes(1000)))), {Defect.TOO_MANY_PIXELS},
    ),
    "jpeg-of-65000-by-65000": (huge_jpeg, {Defect.TOO_MANY_PIXELS}),
    "png-with-200-mb-of-text": (text_bomb, {Defect.DAMAGED}),
    "animated-png": (animated, {Defect.ANIMATED}),
    "pdf-of-300-mb": (flate_bomb, {Defect.EXPANDS}),
    "pdf-squeezed-twice": (twice_squeezed_bomb, {Defect.EXPANDS}),
    "pdf-of-300-mb-of-objects": (object_stream_bomb, {Defect.EXPANDS}),
    "pdf-100000-arrays-deep": (lambda: one_page(more=(b"[" * 100_000 + b"]" * 100_000,)), {Defect.TOO_COSTLY}),
    "pdf-with-a-loop-of-pages": (page_loop, {Defect.DAMAGED}),
    "pdf-with-a-huge-picture": (
        lambda: one_page(more=(stream(b"x", b"/Subtype /Image /Width 60000 /Height 60000 /Filter /DCTDecode"),)),
        {Defect.TOO_MANY_PIXELS},
    ),
    "pdf-with-a-huge-picture-measured-elsewhere": (
        lambda: one_page(
            more=(stream(b"x", b"/Subtype /Image /Width 5 0 R /Height 60000 /Filter /DCTDecode"), b"60000")
        ),
        {Defect.TOO_MANY_PIXELS},
    ),
    "pdf-with-lzw": (lambda: one_page(more=(stream(b"x", b"/Filter /LZWDecode"),)), {Defect.OLD_FILTER}),
    "pdf-of-51-pages": (lambda: many_pages(51), {Defect.TOO_MANY_PAGES}),
    "pdf-of-no-pages": (lambda: many_pages(0), {Defect.NO_PAGES}),
    "pdf-with-a-password": (lambda: rewritten(lambda w: w.encrypt("clave", algorithm="AES-256")), {Defect.ENCRYPTED}),
    "pdf-encrypted-for-all": (lambda: rewritten(lambda w: w.encrypt("", "x", algorithm="AES-256")), {Defect.ENCRYPTED}),
    "script-on-opening": (
        lambda: one_page(catalogue=b"/OpenAction " + _JS), {Defect.SCRIPT, Defect.ACTION},
    ),
    "script-with-a-name": (lambda: rewritten(named_script), {Defect.SCRIPT}),
    "script-written-in-hexadecimal": (
        lambda: one_page(more=(b"<< /#53 /Java#53cript /J#53 (app.alert\\(1\\)) >>",)), {Defect.SCRIPT},
    ),
    "script-that-nobody-points-at": (hidden_script, {Defect.SCRIPT}),
    "action-of-a-page": (lambda: one_page(page=b"/AA << /O << /S /Named /N /Print >> >>"), {Defect.ACTION}),
    "address-on-opening": (
        lambda: one_page(catalogue=b"/OpenAction << /S /URI /URI (https://example.cl) >>"), {Defect.ACTION},
    ),
    "form-that-sends": (
        lambda: one_page(more=(b"<< /S /SubmitForm /F (https://example.cl) >>",)), {Defect.ACTION},
    ),
    "program-to-launch": (
        lambda: one_page(page=b"/Annots [<< /Subtype /Link /A << /S /Launch /F (calc.exe) >> >>]"), {Defect.LAUNCH},
    ),
    "program-to-launch-kept-elsewhere": (
        lambda: elsewhere(b"/Subtype /Link /A << /S 4 0 R /F (calc.exe) >>", b"/La#75nch"),
        {Defect.LAUNCH, Defect.ACTION},
    ),
    "kind-two-references-away": (
        lambda: elsewhere(b"/Subtype /Link /A << /S 4 0 R >>", b"5 0 R", b"/Launch"), {Defect.DAMAGED},
    ),
    "form-that-sends-kept-elsewhere": (
        lambda: elsewhere(b"/Subtype /Link /A << /S 4 0 R >>", b"/SubmitForm"), {Defect.ACTION},
    ),
    "video-kept-elsewhere": (
        lambda: elsewhere(b"/Subtype 4 0 R", b"/RichMedia"), {Defect.RICH_MEDIA, Defect.ACTION},
    ),
    "file-kept-elsewhere": (
        lambda: one_page(more=(b"<< /Type 5 0 R >>", b"/EmbeddedFile")), {Defect.ATTACHMENT, Defect.ACTION},
    ),
    "kind-kept-elsewhere": (lambda: elsewhere(b"/Subtype /Link /A << /S 4 0 R >>", b"/URI"), {Defect.ACTION}),
    "kind-kept-nowhere": (lambda: elsewhere(b"/Subtype /Link /A << /S 4 0 R >>", b"null"), {Defect.ACTION}),
    "file-inside-pdf": (
        lambda: rewritten(lambda w: w.add_attachment("a.exe", b"MZ")), {Defect.ATTACHMENT},
    ),
    "xfa": (lambda: rewritten(xfa), {Defect.XFA}),
    "video-inside-pdf": (
        lambda: one_page(page=b"/Annots [<< /Subtype /RichMedia /RichMediaContent << >> >>]"), {Defect.RICH_MEDIA},
    ),
}  # fmt: skip
"""Name → how it is made, and every defect that must be found."""


def with_exif() -> bytes:
    """A photo of 120 × 80 that a camera held sideways took, with the place and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "SECRETO-DE-LA-CAMARA"
    exif.get_ifd(0x8825)[1] = "S"
    return picture(kind="JPEG", exif=exif, comment=b"SECRETO-EN-COMENTARIO", icc_profile=b"SECRETO-DE-COLOR")


def with_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "SECRETO-DEL-AUTOR", zip=True)
    return picture(pnginfo=info)


ADMITTED: Mapping[str, tuple[Callable[[], bytes], str, tuple[int | None, int | None, int | None]]] = {
    "photo": (photo, "image/jpeg", (640, 480, None)),
    "photo-held-sideways": (with_exif, "image/jpeg", (80, 120, None)),
    "progressive": (lambda: picture(kind="JPEG", progressive=True), "image/jpeg", (120, 80, None)),
    "cmyk": (lambda: picture("CMYK", kind="JPEG"), "image/jpeg", (120, 80, None)),
    "scan-in-grey": (lambda: picture("L", kind="JPEG"), "image/jpeg", (120, 80, None)),
    "png": (lambda: photo(kind="PNG"), "image/png", (640, 480, None)),
    "png-with-text": (with_text, "image/png", (120, 80, None)),
    "transparent": (lambda: picture("RGBA"), "image/png", (120, 80, None)),
    "palette": (lambda: picture("P", transparency=0), "image/png", (120, 80, None)),
    "sixteen-bits": (lambda: picture("I;16"), "image/png", (120, 80, None)),
    "black-and-white": (lambda: picture("1"), "image/png", (120, 80, None)),
    "large": (lambda: picture(size=(5000, 400)), "image/png", (5000, 400, None)),
    "bill": (bill_pdf, "application/pdf", (None, None, 1)),
    "bill-rewritten": (lambda: rewritten(lambda w: w.compress_identical_objects()), "application/pdf", (None, None, 1)),
    "bill-of-a-word-processor": (
        lambda: one_page(catalogue=b"/OpenAction [3 0 R /XYZ null null 0]"), "application/pdf", (None, None, 1),
    ),
    "bill-of-reportlab": (
        lambda: one_page(
            page=b"/Contents 4 0 R", more=(stream(b"GhQ.V~>", b"/Filter [/ASCII85Decode]"),)
        ),
        "application/pdf", (None, None, 1),
    ),
    "bill-of-50-pages": (lambda: many_pages(50), "application/pdf", (None, None, 50)),
}  # fmt: skip
"""Name → how it is made, its type, and width, height and pages."""
