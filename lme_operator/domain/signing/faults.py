"""What can be wrong with a signed document or an endorsement: each fault has a name and its words in Spanish."""

from enum import Enum


class FaultKind(Enum):
    """A way in which a document fails; the value is its stable code."""

    TOO_LARGE = "documento_excesivo"
    NOT_XML = "xml_invalido"
    FORBIDDEN = "xml_prohibido"
    NOT_EXACT = "xml_no_exacto"
    REPEATED_ID = "identificador_repetido"
    SLOTS = "firmas_fuera_de_lugar"
    REFERENCES = "referencias_de_firma"
    ALGORITHM = "algoritmo_de_firma"
    STRUCTURE = "estructura_de_firma"
    PROFESSIONAL = "firma_profesional_rota"
    SEAL = "sello_roto"
    CERTIFICATE = "certificado_profesional"
    BINDING = "certificado_sin_vinculo"
    RUN = "run_distinto"
    SEAL_KEY = "sello_ajeno"
    TIME = "fecha_de_firma"

    @property
    def words(self) -> str:
        """The fault in words, for people."""
        return _WORDS[self]


_WORDS = {
    FaultKind.TOO_LARGE: "El documento supera el tamaño máximo.",
    FaultKind.NOT_XML: "El documento no es XML bien formado.",
    FaultKind.FORBIDDEN: "El documento contiene elementos de XML que un documento firmado no admite.",
    FaultKind.NOT_EXACT: "El documento no está escrito en la forma exacta en que se emitió.",
    FaultKind.REPEATED_ID: "Hay identificadores repetidos en el documento.",
    FaultKind.SLOTS: "Las firmas no son exactamente dos, o no están en su lugar.",
    FaultKind.REFERENCES: "Una firma no cubre exactamente las partes que debe cubrir.",
    FaultKind.ALGORITHM: "Una firma usa un algoritmo que no se admite.",
    FaultKind.STRUCTURE: "Una firma contiene algo que no le corresponde.",
    FaultKind.PROFESSIONAL: "La firma del profesional no corresponde al documento.",
    FaultKind.SEAL: "El sello del operador no corresponde al documento.",
    FaultKind.CERTIFICATE: "El certificado del profesional no fue emitido por el operador, o no es de firma.",
    FaultKind.BINDING: "El certificado del profesional no está vinculado a una autorización.",
    FaultKind.RUN: "El RUN del certificado no es el del profesional que indica el documento.",
    FaultKind.SEAL_KEY: "El sello no es el del operador.",
    FaultKind.TIME: "La fecha de la firma no cae en la vigencia de su certificado, o no es anterior al registro.",
}


class SignatureFault(Exception):
    """The document is not what it says; `kind` names the fault, `detail` says where (never personal data)."""

    def __init__(self, kind: FaultKind, detail: str = "") -> None:
        super().__init__(f"{kind.value}: {detail}" if detail else kind.value)
        self.kind = kind
        self.detail = detail


class EndorsementFaultKind(Enum):
    """A way in which the advanced signature that endorses a key fails; the value is its stable code."""

    TOO_LARGE = "aval_excesivo"
    UNREADABLE = "aval_ilegible"
    ATTACHED = "aval_con_contenido"
    SIGNERS = "aval_de_varios"
    UNSIGNED = "aval_con_agregados"
    NO_CERTIFICATE = "aval_sin_certificado"
    ATTRIBUTES = "aval_sin_atributos"
    CERTIFICATE_NAMED = "aval_de_otro_certificado"
    CONTENT = "aval_de_otro_contenido"
    SIGNATURE = "aval_no_corresponde"
    WEAK = "aval_con_algoritmo_debil"
    RUN = "aval_de_otro_run"
    USAGE = "aval_con_certificado_de_otro_uso"
    NOT_YET_VALID = "aval_con_certificado_aun_no_vigente"
    EXPIRED = "aval_con_certificado_vencido"
    CHAIN = "aval_de_prestador_desconocido"

    @property
    def words(self) -> str:
        """The fault in words, for people."""
        return _ENDORSEMENT_WORDS[self]


_ENDORSEMENT_WORDS = {
    EndorsementFaultKind.TOO_LARGE: "El archivo de firma supera 64 kB o trae más de ocho certificados.",
    EndorsementFaultKind.UNREADABLE: "El archivo no es una firma CMS en codificación DER (.p7s).",
    EndorsementFaultKind.ATTACHED: "La firma trae el contenido adentro: fírmelo como archivo separado (detached).",
    EndorsementFaultKind.SIGNERS: "El archivo no tiene exactamente una firma.",
    EndorsementFaultKind.UNSIGNED: "El archivo trae datos que la firma no cubre, como sellos de tiempo o certificados "
    "que no son de su cadena.",
    EndorsementFaultKind.NO_CERTIFICATE: "El archivo no trae el certificado de quien firma.",
    EndorsementFaultKind.ATTRIBUTES: "A la firma le faltan datos: use la opción de firma separada (detached o CAdES) "
    "de su prestador.",
    EndorsementFaultKind.CERTIFICATE_NAMED: "La firma nombra un certificado distinto del que trae el archivo.",
    EndorsementFaultKind.CONTENT: "La firma es de otro contenido: no de esta llave, este RUN y este instante.",
    EndorsementFaultKind.SIGNATURE: "La firma no corresponde al certificado que la acompaña.",
    EndorsementFaultKind.WEAK: "La firma o un certificado usa un algoritmo o una llave que no se admite.",
    EndorsementFaultKind.RUN: "El certificado no es de la persona titular de la llave: su RUN es otro, o no lo trae.",
    EndorsementFaultKind.USAGE: "El certificado no es para que una persona firme documentos.",
    EndorsementFaultKind.NOT_YET_VALID: "El certificado empezó a regir después de que se registró la llave: registre "
    "una llave nueva, y avale ésa.",
    EndorsementFaultKind.EXPIRED: "Un certificado ya había vencido cuando se registró la llave.",
    EndorsementFaultKind.CHAIN: "El certificado no proviene de un prestador acreditado que el archivo de confianza "
    "nombre.",
}


class EndorsementFault(Exception):
    """The endorsement proves nothing; `kind` names the fault, `detail` says where (never personal data)."""

    def __init__(self, kind: EndorsementFaultKind, detail: str = "") -> None:
        super().__init__(f"{kind.value}: {detail}" if detail else kind.value)
        self.kind = kind
        self.detail = detail
