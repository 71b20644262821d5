"""The process that looks: bytes by standard input, one line of JSON (and a preview after it) by standard output.

It bounds itself before it reads anything, and gives up every new file, socket and process before it looks. It is run
as `python -m lme_operator.gateways.inspection.looking LIMITS`; whatever ends it in another way is judged outside.
"""

import json
import os
import resource
import sys
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO

from lme_operator.gateways.inspection.found import Found, Unfit

_HEAD = 4096
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"}
_ANSWER = 8 * 1024 * 1024

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"

Look = Callable[[bytes], Found]


def main() -> None:
    """Read, look, answer. What fails before the look is a fault of ours, and ends the process without an answer."""
    limits: Mapping[str, int] = json.loads(sys.argv[1])
    _bound(limits)
    content = sys.stdin.buffer.read()
    try:
        media_type, look = _chosen(content, limits)
    except Unfit as unfit:
        _answer("", Found(), unfit.codes)
        return
    _close_the_door()
    _answer(media_type, *_looked(content, media_type, look))


def _looked(content: bytes, media_type: str, look: Look) -> tuple[Found, tuple[str, ...]]:
    """Return what was found and every reason against it."""
    doubled = ("archivo_de_dos_formatos",) if _is_two_things(content, media_type) else ()
    try:
        return look(content), doubled
    except Unfit as unfit:
        codes = unfit.codes
    except (MemoryError, RecursionError):
        codes = ("archivo_demasiado_complejo",)
    except Exception:  # noqa: BLE001 - what a parser cannot read is damaged, whatever it calls that
        codes = ("archivo_danado",)
    return Found(), (*doubled, *codes)


def _chosen(content: bytes, limits: Mapping[str, int]) -> tuple[str, Look]:
    """Return the media type that the first bytes say, and who looks at it; raise `Unfit`.

    Only the libraries of that type are loaded, and used once: later they could not open their own files.
    """
    pages, pixels = limits["pages"], limits["pixels"]
    if content.startswith(b"%PDF-"):
        from lme_operator.gateways.inspection import papers  # noqa: PLC0415

        papers.rehearse()
        return "application/pdf", partial(papers.look_at_pdf, most_pages=pages, most_pixels=pixels)
    if content.startswith((_JPEG, _PNG)):
        from lme_operator.gateways.inspection import pictures  # noqa: PLC0415

        pictures.rehearse()
        if content.startswith(_JPEG):
            return "image/jpeg", partial(pictures.look_at_jpeg, most_pixels=pixels)
        return "image/png", partial(pictures.look_at_png, most_pixels=pixels)
    raise Unfit(_why_not(content[:_HEAD]))


def _why_not(head: bytes) -> str:
    """Say which of the usual things this is that are not admitted."""
    if b"%PDF-" in head:
        return "contenido_antes_del_inicio"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "imagen_heic"
    text = head.replace(b"\0", b"").lower()
    return "imagen_svg" if b"<svg" in text else "tipo_no_admitido"


def _is_two_things(content: bytes, media_type: str) -> bool:
    """Whether an archiver would open it too, or a forgiving PDF reader what is a picture."""
    hidden_pdf = media_type != "application/pdf" and b"%PDF-" in content[:_HEAD]
    return hidden_pdf or zipfile.is_zipfile(BytesIO(content))


def _bound(limits: Mapping[str, int]) -> None:
    """Bound memory, processor time and what can be written; forbid other processes and core files."""
    bounds = {
        resource.RLIMIT_AS: limits["memory"],
        resource.RLIMIT_CPU: limits["seconds"],
        resource.RLIMIT_FSIZE: _ANSWER,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in bounds.items():
        resource.setrlimit(what, (most, most))
    os.nice(10)  # whoever waits for a block goes first


def _close_the_door() -> None:
    """From here on nothing can be opened: no file, no socket, no pipe."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _answer(media_type: str, found: Found, codes: tuple[str, ...]) -> None:
    line = {
        "tipo": media_type,
        "ancho": found.width,
        "alto": found.height,
        "paginas": found.pages,
        "defectos": codes,
    }
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n" + (b"" if codes else found.preview))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
