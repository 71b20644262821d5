"""The forms by which founders accredit, and the choices that they show."""

from typing import Annotated, Literal

from lme_operator.domain.mandates import EndCause
from lme_operator.entrypoints.pages.fields import (
    DayField,
    LineField,
    MailField,
    ParagraphField,
    RunField,
    SixDigits,
    TelephoneField,
)
from lme_operator.entrypoints.pages.form_state import field_wrong
from lme_operator.entrypoints.pages.forms import Asks, FormModel, SentFile


class OfficerForm(FormModel):
    """Who is to be accredited, and with what the founder saw who he is."""

    run: RunField
    nombre: Annotated[LineField, Asks("Escriba el nombre completo.")]
    correo: MailField
    telefono: TelephoneField
    identidad: Annotated[LineField, Asks("Escriba qué documento vio.")]
    desde: Annotated[DayField, Asks("Escriba desde qué día.")]
    hasta: DayField | None = None
    funcion: Literal["enrolador", "autoridad"] = "enrolador"
    autoridad: LineField | None = None
    designacion: SentFile | None = None

    def authority(self) -> str | None:
        """Whom he will act for; raise `Refusal(datos_invalidos)` where it does not go with what he will do."""
        if self.funcion == "autoridad" and self.autoridad is None:
            raise field_wrong("autoridad", "Elija la autoridad.", code="campo_faltante")
        if self.funcion == "enrolador" and self.autoridad is not None:
            raise field_wrong("autoridad", "Quien enrola no actúa por una autoridad: no elija ninguna.")
        if self.funcion == "autoridad" and self.designacion is None:
            raise field_wrong("designacion", "Elija el archivo de la designación.", code="campo_faltante")
        return self.autoridad


class ProofForm(FormModel):
    """The officer's code, and the sealed secret that it proves; none when he keeps his own."""

    codigo: SixDigits
    secreto: str = ""


class ApprovalForm(FormModel):
    """The approving founder's own code."""

    codigo: SixDigits


class EndForm(FormModel):
    """Why it ends."""

    causa: Annotated[EndCause, Asks("Elija por qué termina.")]
    detalle: ParagraphField | None = None


CAUSES = (
    (EndCause.CHANGE_OF_FUNCTIONS, "Cambio de funciones", ""),
    (EndCause.RESIGNATION, "Renuncia", ""),
    (EndCause.DISMISSAL, "Despido", ""),
    (EndCause.DEATH, "Fallecimiento", ""),
    (EndCause.OTHER, "Otra, que explico abajo", ""),
)
FUNCTIONS = (
    ("enrolador", "Enrolar profesionales", ""),
    ("autoridad", "Ordenar suspensiones por una autoridad", "No podrá hacer nada más en esta consola."),
)
"""Value, words and hint of each choice."""
