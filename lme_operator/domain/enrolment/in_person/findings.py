"""The reasons why a case cannot be enabled yet: one for each requirement, with what to do."""

from collections.abc import Mapping, Sequence

from lme_operator.core.decision import Finding

DATA_MISSING = Finding(
    code="faltan_datos",
    cause="Faltan los datos que declara el profesional.",
    norm="enrolamiento-presencial@v2#datos",
    remedy="Complete la tarea «Datos del profesional».",
)
DOCUMENT_MISSING = Finding(
    code="falta_documento",
    cause="Falta comprobar la cédula de identidad.",
    norm="N-2.1a",
    remedy="Consulte la cédula ante el Registro Civil, o acredite la autorización previa de un RUT provisorio.",
)
DOCUMENT_UNANSWERED = Finding(
    code="documento_sin_respuesta",
    cause="El Registro Civil no respondió: no se sabe si la cédula está vigente.",
    norm="N-2.1a",
    remedy="Consulte de nuevo; el caso queda guardado.",
)
DOCUMENT_OF_ANOTHER = Finding(
    code="documento_no_coincide",
    cause="Según el Registro Civil, ese número de documento no es de esta persona.",
    norm="N-2.1a",
    remedy="Revise el número en la cédula. Si es el que muestra, no enrole y dé aviso al responsable de fraude.",
)
DOCUMENT_NOT_IN_FORCE = Finding(
    code="documento_no_vigente",
    cause="Según el Registro Civil, la cédula no está vigente.",
    norm="N-2.1a",
    remedy="El profesional debe renovarla en el Registro Civil y volver con la nueva.",
)
DOCUMENT_EXPIRED = Finding(
    code="documento_vencido",
    cause="La fecha de vencimiento de la cédula ya pasó.",
    norm="N-2.1a",
    remedy="El profesional debe renovarla en el Registro Civil y volver con la nueva.",
)
DOCUMENT_ASKED_LONG_AGO = Finding(
    code="documento_consultado_hace_mucho",
    cause="La consulta al Registro Civil es demasiado antigua para este caso.",
    norm="enrolamiento-presencial@v2#documento",
    remedy="Consulte la cédula de nuevo.",
)
AUTHORISATION_MISSING = Finding(
    code="falta_autorizacion",
    cause="Un RUT provisorio exige la autorización previa del Ministerio de Salud, y no está acreditada.",
    norm="N-2.1a",
    remedy="Agregue la autorización digitalizada, con su número y su fecha.",
)
AUTHORISATION_LATER = Finding(
    code="autorizacion_posterior",
    cause="La autorización del Ministerio de Salud no es anterior a este enrolamiento.",
    norm="N-2.1a",
    remedy="La autorización debe existir antes; con ella, abra un caso nuevo.",
)
AUTHORISATION_BY_ONE = Finding(
    code="autorizacion_de_una_sola_persona",
    cause="Quien acreditó la autorización del Ministerio de Salud es quien verificó la identidad.",
    norm="enrolamiento-presencial@v2#documento",
    remedy="Con RUT provisorio intervienen dos funcionarios: que otro reciba el caso y verifique la identidad.",
)
REGISTER_MISSING = Finding(
    code="falta_rnpi",
    cause="Falta consultar la inscripción en el RNPI.",
    norm="N-2.1b",
    remedy="Consulte el RNPI.",
)
REGISTER_RESULTS: Mapping[str, Finding] = {
    "no_inscrito": Finding(
        code="rnpi_no_inscrito",
        cause="La persona no está inscrita en el RNPI.",
        norm="N-2.1b",
        remedy="Debe inscribirse en la Superintendencia de Salud antes de enrolarse.",
    ),
    "otro_titulo": Finding(
        code="rnpi_titulo_no_habilita",
        cause="El título inscrito en el RNPI no permite emitir licencias médicas.",
        norm="N-2.1b",
        remedy="Solo pueden enrolarse médicos cirujanos, cirujanos dentistas y matronas o matrones.",
    ),
    "inconsistente": Finding(
        code="rnpi_inconsistente",
        cause="El RNPI respondió con los datos de otra persona.",
        norm="N-2.1b",
        remedy="Consulte de nuevo; si se repite, dé aviso al operador.",
    ),
    "imposible": Finding(
        code="rnpi_sin_respuesta",
        cause="El RNPI no respondió, y sin su respuesta no hay enrolamiento.",
        norm="consulta-rnpi@v1#enrolamiento",
        remedy="Consulte de nuevo más tarde; el caso queda guardado.",
    ),
}
"""What each result of the register that is not 'in force' means here."""
REGISTER_OF_ANOTHER_DAY = Finding(
    code="rnpi_de_otro_dia",
    cause="La consulta al RNPI no es de hoy.",
    norm="enrolamiento-presencial@v2#rnpi",
    remedy="Consulte el RNPI de nuevo.",
)
REGISTER_REMARKS = Finding(
    code="rnpi_con_observaciones",
    cause="La inscripción en el RNPI tiene observaciones que nadie ha revisado.",
    norm="enrolamiento-presencial@v2#rnpi",
    remedy="Léalas y escriba por qué no impiden el enrolamiento.",
)
ADDRESS_MISSING = Finding(
    code="falta_domicilio",
    cause="Falta el comprobante de domicilio.",
    norm="N-2.1c",
    remedy="Agregue una cuenta de servicio u otro documento semejante.",
)
ADDRESS_OLD = Finding(
    code="domicilio_fuera_de_plazo",
    cause="El comprobante de domicilio es demasiado antiguo, o su fecha no es posible.",
    norm="N-2.1c",
    remedy="Pida un comprobante reciente.",
)
ADDRESS_OF_ANOTHER_PLACE = Finding(
    code="domicilio_no_coincide",
    cause="El comprobante no respalda la dirección declarada.",
    norm="N-2.1c",
    remedy="Corrija la dirección declarada, o agregue un comprobante de ella.",
)
MAIL_MISSING = Finding(
    code="falta_correo",
    cause="Falta validar el correo.",
    norm="N-2.1d",
    remedy="Envíe un código a la dirección y escriba el que lea el profesional.",
)
MAIL_CHANGED = Finding(
    code="correo_distinto",
    cause="El correo validado no es el que está declarado ahora.",
    norm="N-2.1d",
    remedy="Valide la dirección declarada.",
)
TELEPHONE_MISSING = Finding(
    code="falta_telefono",
    cause="Falta validar el teléfono.",
    norm="N-2.1d",
    remedy="Envíe un código al número y escriba el que lea el profesional.",
)
TELEPHONE_CHANGED = Finding(
    code="telefono_distinto",
    cause="El teléfono validado no es el que está declarado ahora.",
    norm="N-2.1d",
    remedy="Valide el número declarado.",
)
CONTACT_SHARED = Finding(
    code="contacto_compartido",
    cause="El correo o el teléfono ya es de otro profesional, y nadie ha decidido si también corresponde a éste.",
    norm="N-2.1d",
    remedy="Pregunte por qué lo comparten y escriba su decisión, o valide otro contacto.",
)
IDENTITY_MISSING = Finding(
    code="falta_identidad",
    cause="Falta verificar la identidad del profesional.",
    norm="N-2.2a",
    remedy="Haga la verificación biométrica, o compare usted la persona y su documento y declárelo.",
)
IDENTITY_OF_ANOTHER = Finding(
    code="identidad_no_coincide",
    cause="La verificación dice que la persona presente no es la del documento.",
    norm="N-2.2a",
    remedy="No enrole. Si cree que es un error, repita la verificación; si no, dé aviso al responsable de fraude.",
)
IDENTITY_UNDETERMINED = Finding(
    code="identidad_sin_determinar",
    cause="La verificación no pudo determinar si es la misma persona.",
    norm="N-2.2b",
    remedy="Compare usted la persona y su documento: en persona, quien enrola responde por la identidad.",
)
FACTOR_MISSING = Finding(
    code="falta_factor",
    cause="Falta registrar el factor con que el profesional firmará.",
    norm="N-2.2a",
    remedy="Muestre el código QR al profesional y escriba el código que ve en su aplicación, o registre sus llaves.",
)
FACTOR_OF_ANOTHER_SESSION = Finding(
    code="factor_de_otra_sesion",
    cause="El factor no se registró en la misma sesión en que se verificó la identidad, después de ella y a tiempo.",
    norm="N-2.2a",
    remedy="Verifique la identidad de nuevo y registre el factor enseguida.",
)
TERMS_MISSING = Finding(
    code="faltan_condiciones",
    cause="El profesional no ha aceptado las condiciones del servicio vigentes.",
    norm="enrolamiento-presencial@v2#condiciones",
    remedy="Muéstrele las condiciones y registre su aceptación.",
)


def civil_data_differ(fields: Sequence[str]) -> Finding:
    """Say which fields the declaration and the register tell differently (N-2.2a)."""
    return Finding(
        code="datos_civiles_no_coinciden",
        cause=f"No coinciden con el RNPI: {', '.join(fields)}.",
        norm="N-2.2a",
        remedy="Corrija lo declarado según el documento; si el error es del RNPI, se rectifica allí.",
    )
