"""What can be printed: a writer of PDF/A refuses the whole document for one character that no font has."""

import re
from functools import lru_cache

import typst

VALUES = "DejaVu Sans Mono"
NO_GLYPH = "□"
_COMMON = "\u024f"
"""Up to here (Latin and its extensions) the font has every character that an order admits."""
_PROBE = f'#set document(title: "-")\n#set text(font: "{VALUES}", lang: "es")\n#sys.inputs.letras'
_MISSING = re.compile(r'the text `"(.)"`')


def printable(text: str) -> str:
    """The text with a box for each character that cannot be printed; the attached data keep it as it was written."""
    flat = text.replace("\t", " ")
    rare = frozenset(character for character in flat if character > _COMMON)
    missing = _without_glyph(rare) if rare else frozenset()
    return "".join(NO_GLYPH if character in missing else character for character in flat)


@lru_cache(maxsize=512)
def _without_glyph(characters: frozenset[str]) -> frozenset[str]:
    """Those that no font has, as the writer names them; all of them, should it name none that explains it."""
    said = _refused(characters)
    if said is None:
        return frozenset()
    named = frozenset(_MISSING.findall(said)) & characters
    return named if _refused(characters - named) is None else characters


def _refused(characters: frozenset[str]) -> str | None:
    """Why a document of these characters is refused; None if it is not."""
    try:
        typst.compile(
            _PROBE.encode(),
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"letras": " ".join(sorted(characters))},
            pdf_standards=["a-3a", "ua-1"],
            timestamp=0,
        )
    except typst.TypstError as error:
        return error.diagnostic
    return None
