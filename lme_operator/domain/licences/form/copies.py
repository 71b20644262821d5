"""Who each copy is for."""

from enum import StrEnum


class Copy(StrEnum):
    """`RECEIPT` is the one-page 'comprobante', label and value, that offices read by machine."""

    WORKER = "trabajador"
    EMPLOYER = "empleador"
    PROFESSIONAL = "profesional"
    RECEIPT = "comprobante"

    @property
    def complete(self) -> bool:
        """Whether it may hold what is confidential: section A.6, and where and how the patient was seen."""
        return self in (Copy.WORKER, Copy.PROFESSIONAL)

    @property
    def words(self) -> str:
        """What it is called on paper."""
        return "Comprobante" if self is Copy.RECEIPT else f"Copia {self.value}"


def file_name(folio: str, copy: Copy) -> str:
    """Return the name of its file: no RUN and nothing of the diagnosis in it."""
    return f"licencia-{folio}-{copy.value}.pdf"
