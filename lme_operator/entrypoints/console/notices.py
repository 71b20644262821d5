"""What a page tells once, after the one before did something. A cookie carries the code; the words are here."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` is how it looks: something done, or something to know."""

    code: str
    kind: Literal["done", "info"]
    title: str
    text: str


NOTICES = {
    notice.code: notice
    for notice in (
        Notice("clave_cambiada", "done", "Su clave cambió", "Entre con la nueva."),
        Notice("salio", "info", "Salió de la consola", "Su sesión terminó en todos los equipos."),
    )
}
