"""Which uploads are admitted: what may be wrong inside one, and what to tell whoever brought it (N-2.1c, N-2.6b)."""

from enum import StrEnum

from lme_operator.core.decision import Finding


class Defect(StrEnum):
    """Why an upload is not admitted; the value is the code of its finding."""

    EMPTY = "archivo_vacio"
    TOO_LARGE = "archivo_demasiado_grande"
    WRONG_TYPE = "tipo_no_admitido"
    SVG = "imagen_svg"
    HEIC = "imagen_heic"
    BEFORE_START = "contenido_antes_del_inicio"
    AFTER_END = "contenido_despues_del_final"
    TWO_FORMATS = "archivo_de_dos_formatos"
    TRUNCATED = "archivo_incompleto"
    DAMAGED = "archivo_danado"
    TOO_MANY_PIXELS = "imagen_demasiado_grande"
    ANIMATED = "imagen_animada"
    EXPANDS = "archivo_se_expande"
    TOO_COSTLY = "archivo_demasiado_complejo"
    ENCRYPTED = "pdf_cifrado"
    SCRIPT = "pdf_con_programa"
    LAUNCH = "pdf_abre_programas"
    ATTACHMENT = "pdf_con_adjuntos"
    ACTION = "pdf_con_acciones"
    XFA = "pdf_formulario_xfa"
    RICH_MEDIA = "pdf_con_multimedia"
    OLD_FILTER = "pdf_compresion_antigua"
    TOO_MANY_PAGES = "pdf_demasiadas_paginas"
    NO_PAGES = "pdf_sin_paginas"


_AGAIN = "Descárguelo o escanéelo de nuevo y súbalo otra vez."
_PHOTO_AGAIN = "Tome una foto nueva con la cámara, sin movimiento ni efectos, o escanee el documento como PDF."
_PRINT = "Ábralo, imprímalo eligiendo «Guardar como PDF» y suba ese archivo, o suba una foto del documento."
_CONVERT = "Guárdela como JPEG o PNG, o tome una foto del documento."

_WORDS: dict[Defect, tuple[str, str]] = {
    Defect.EMPTY: ("El archivo está vacío: tiene 0 bytes.", _AGAIN),
    Defect.TOO_LARGE: (
        "El archivo supera el tamaño máximo admitido.",
        "Tome la foto con menos resolución o escanee en blanco y negro.",
    ),
    Defect.WRONG_TYPE: ("El archivo no es una foto JPEG o PNG ni un PDF.", "Suba una foto JPEG o PNG, o un PDF."),
    Defect.SVG: ("Las imágenes SVG no se admiten, porque pueden contener programas.", _CONVERT),
    Defect.HEIC: (
        "La foto está en formato HEIC, que no se admite.",
        "Conviértala a JPEG. En un iPhone: Ajustes, Cámara, Formatos, «El más compatible», y tome la foto otra vez.",
    ),
    Defect.BEFORE_START: ("El archivo tiene contenido antes de su comienzo.", _PRINT),
    Defect.AFTER_END: ("El archivo tiene contenido añadido después de su final.", _PHOTO_AGAIN),
    Defect.TWO_FORMATS: ("El archivo es dos cosas a la vez: también se puede abrir como archivo comprimido.", _AGAIN),
    Defect.TRUNCATED: ("El archivo está incompleto: falta su final.", _AGAIN),
    Defect.DAMAGED: ("El archivo está dañado o mal formado.", _AGAIN),
    Defect.TOO_MANY_PIXELS: ("La imagen tiene demasiados píxeles.", "Tome la foto con menos resolución."),
    Defect.ANIMATED: ("La imagen tiene más de un cuadro.", _PHOTO_AGAIN),
    Defect.EXPANDS: ("El contenido del archivo crece de manera anormal al abrirlo.", _PRINT),
    Defect.TOO_COSTLY: ("Abrir el archivo exige demasiado del sistema.", _PRINT),
    Defect.ENCRYPTED: ("El PDF está protegido con clave o cifrado.", _PRINT),
    Defect.SCRIPT: ("El PDF contiene programas (JavaScript).", _PRINT),
    Defect.LAUNCH: ("El PDF puede abrir otros programas.", _PRINT),
    Defect.ATTACHMENT: ("El PDF lleva otros archivos adjuntos.", _PRINT),
    Defect.ACTION: ("El PDF ejecuta acciones al abrirse o al usarlo.", _PRINT),
    Defect.XFA: ("El PDF es un formulario dinámico (XFA).", _PRINT),
    Defect.RICH_MEDIA: ("El PDF contiene video, sonido u objetos multimedia.", _PRINT),
    Defect.OLD_FILTER: ("El PDF usa una compresión que no se puede revisar.", _PRINT),
    Defect.TOO_MANY_PAGES: ("El PDF tiene demasiadas páginas.", "Suba sólo las páginas necesarias."),
    Defect.NO_PAGES: ("El PDF no tiene páginas.", _AGAIN),
}


def finding(defect: Defect) -> Finding:
    """Say a defect to whoever brought the document."""
    cause, remedy = _WORDS[defect]
    return Finding(code=defect.value, cause=cause, norm="N-2.1c", remedy=remedy)
