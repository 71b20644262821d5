"""JPEG and PNG: whole structure, whole decode, and a preview made anew from the pixels. Runs in `looking`.

What the parties' libraries forgive is refused here: anything before the first marker or after the last, a chunk whose
checksum is wrong, an image cut short.
"""

import re
import struct
import zlib
from io import BytesIO

from PIL import Image, MpoImagePlugin

from lme_operator.gateways.inspection.found import Found, Unfit

_PNG_START = b"\x89PNG\r\n\x1a\n"

_PREVIEW_SIDE = 1600
_PREVIEW_QUALITY = 82
_START_OF_SCAN, _END, _START = 0xDA, 0xD9, 0xD8
_ALONE = {0x01, *range(0xD0, 0xD8)}
"""JPEG markers that carry no length: TEM and the restarts."""
_NEXT_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What the camera says (Exif) → how to turn the pixels, since the preview forgets it."""
_SIDEWAYS = {_TURNS[5], _TURNS[6], _TURNS[7], _TURNS[8]}


def look_at_jpeg(content: bytes, *, most_pixels: int) -> Found:
    """Return what a JPEG shows; raise `Unfit`."""
    _walk_jpeg(content)
    return _decode(content, "JPEG", most_pixels)


def look_at_png(content: bytes, *, most_pixels: int) -> Found:
    """Return what a PNG shows; raise `Unfit`."""
    _walk_png(content, most_pixels)
    return _decode(content, "PNG", most_pixels)


def rehearse() -> None:
    """Look at pictures of our own, so that the library loads what it loads when first used."""
    turned = Image.Exif()
    turned[_ORIENTATION] = 6
    for kind in ("JPEG", MpoImagePlugin.MpoImageFile.format, "PNG"):
        written = BytesIO()
        Image.new("RGB", (8, 8)).save(written, kind, exif=turned)
        _decode(written.getvalue(), "PNG" if kind == "PNG" else "JPEG", 64)


def _walk_jpeg(content: bytes) -> None:
    """From marker to marker (ITU-T T.81, annex B): one image, whole, and nothing after it."""
    place = 2
    while True:
        if place + 2 > len(content):
            raise Unfit("archivo_incompleto")
        if content[place] != 0xFF:
            raise Unfit("archivo_danado")
        marker = content[place + 1]
        place += 2
        if marker == _END:
            break
        if marker in (_START, 0):
            raise Unfit("archivo_danado")
        if marker == 0xFF:  # a fill byte
            place -= 1
        elif marker not in _ALONE:
            place = _after_segment(content, place, marker)
    if place != len(content):
        raise Unfit("contenido_despues_del_final")


def _after_segment(content: bytes, place: int, marker: int) -> int:
    """Where the next marker is: after this segment, and after the scan that it begins."""
    if place + 2 > len(content):
        raise Unfit("archivo_incompleto")
    (length,) = struct.unpack_from(">H", content, place)
    place += length
    if length < 2:
        raise Unfit("archivo_danado")
    if marker != _START_OF_SCAN:
        return place
    following = _NEXT_MARKER.search(content, place)
    if following is None:
        raise Unfit("archivo_incompleto")
    return following.end() - 2


def _walk_png(content: bytes, most_pixels: int) -> None:
    """From chunk to chunk (W3C PNG, 5): header first, end last, checksums right, one image, nothing after it."""
    place, kind = len(_PNG_START), b""
    while kind != b"IEND":
        if place + 12 > len(content):
            raise Unfit("archivo_incompleto")
        length, kind_now = struct.unpack_from(">I4s", content, place)
        if (place == len(_PNG_START)) != (kind_now == b"IHDR"):
            raise Unfit("archivo_danado")
        end = place + 12 + length
        if end > len(content):
            raise Unfit("archivo_incompleto")
        if zlib.crc32(content[place + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
            raise Unfit("archivo_danado")
        if kind_now == b"IHDR":
            _bound_header(content[place + 8 : end - 4], most_pixels)
        if kind_now == b"acTL":
            raise Unfit("imagen_animada")
        place, kind = end, kind_now
    if place != len(content):
        raise Unfit("contenido_despues_del_final")


def _bound_header(header: bytes, most_pixels: int) -> None:
    if len(header) != 13:
        raise Unfit("archivo_danado")
    width, height = struct.unpack_from(">II", header)
    if width * height > most_pixels:
        raise Unfit("imagen_demasiado_grande")


def _decode(content: bytes, kind: str, most_pixels: int) -> Found:
    """Decode every pixel; make the preview from them alone: none of the metadata goes into it."""
    Image.MAX_IMAGE_PIXELS = None  # the bound is ours, and comes before any pixel
    with Image.open(BytesIO(content), formats=(kind,)) as picture:
        if picture.width * picture.height > most_pixels:
            raise Unfit("imagen_demasiado_grande")
        if getattr(picture, "n_frames", 1) != 1:
            raise Unfit("imagen_animada")
        picture.load()
        turn = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
        width, height = picture.size if turn not in _SIDEWAYS else picture.size[::-1]
        shown = _plain(picture)
    if turn is not None:
        shown = shown.transpose(turn)
    written = BytesIO()
    shown.save(written, "JPEG", quality=_PREVIEW_QUALITY)
    return Found(width=width, height=height, preview=written.getvalue())


def _plain(picture: Image.Image) -> Image.Image:
    """The picture no larger than a preview, in RGB on white, with nothing but its pixels."""
    if picture.mode not in ("L", "RGB", "RGBA", "LA", "CMYK"):
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    picture.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE), reducing_gap=2.0)
    plain = Image.new("RGB", picture.size, "white")
    if picture.mode in ("RGBA", "LA"):
        picture = picture.convert("RGBA")
        plain.paste(picture, mask=picture.getchannel("A"))
    else:
        plain.paste(picture.convert("RGB"))
    return plain
