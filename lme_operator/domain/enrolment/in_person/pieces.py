"""The pieces of a case: one a task, latest wins; their content is what the dossier shows and the verifier judges again.

Contents are plain JSON with Spanish names, for they are evidence. A piece never holds a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lme_operator.core.canonical import Json, encode, format_instant, parse_instant, sha256, to_base64url

TOTP, KEYS = "totp", "llave"
"""The factor registered in the case: an application (and maybe keys beside it), or keys alone."""
OWN_TOTP, OWN_KEY = "totp_propio", "llave_propia"
"""The factor of who had means of access before: it stays as it is."""


class Task(StrEnum):
    """What must be gathered, in the order in which the task list shows it."""

    DATA = "datos"
    DOCUMENT = "documento"
    RNPI = "rnpi"
    ADDRESS = "domicilio"
    MAIL = "correo"
    TELEPHONE = "telefono"
    SHARED_CONTACT = "contacto"
    IDENTITY = "identidad"
    FACTOR = "factor"
    TERMS = "condiciones"


@dataclass(frozen=True, slots=True)
class Piece:
    """What one task gave: who gathered it, in which of his sessions, when; `entry_id` is its log entry."""

    id: UUID
    task: Task
    by: str
    session_id: UUID
    at: datetime
    entry_id: UUID
    content: Mapping[str, Json]

    @property
    def digest(self) -> bytes:
        """SHA-256 of the content's canonical form, as the log entry has it."""
        return sha256(encode(dict(self.content)))

    def render(self) -> Json:
        """Return the piece as the dossier shows it."""
        return {
            "id": str(self.id),
            "tarea": self.task.value,
            "por": self.by,
            "sesion": str(self.session_id),
            "instante": format_instant(self.at),
            "entrada": str(self.entry_id),
            "digesto": to_base64url(self.digest),
            "contenido": dict(self.content),
        }

    @classmethod
    def parse(cls, value: Json) -> "Piece":
        """Read what `render` wrote; raise `ValueError` when it is anything else, its digest too."""
        try:
            piece = cls(
                id=UUID(value["id"]),
                task=Task(value["tarea"]),
                by=value["por"],
                session_id=UUID(value["sesion"]),
                at=parse_instant(value["instante"]),
                entry_id=UUID(value["entrada"]),
                content=value["contenido"],
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a piece") from error
        if piece.render() != value:
            raise ValueError("not a piece in its own form")
        return piece
