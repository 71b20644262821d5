"""What can be wrong with a signed document: each fault has a name and its words in Spanish."""

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
