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
        Notice("clave_recuperada", "done", "Su clave cambió", "Entre con la nueva y el siguiente código."),
        Notice(
            "llaves_registradas",
            "done",
            "Registramos su llave",
            "Sus sesiones terminaron. Entre de nuevo; ya puede usar su llave.",
        ),
        Notice("llave_avalada", "done", "Su llave quedó avalada", "Las licencias que firme con ella llevan el aval."),
        Notice("llave_retirada", "done", "La llave quedó retirada", "Ya no sirve para entrar ni para firmar."),
        Notice(
            "codigo_pedido",
            "info",
            "Revise su correo y su teléfono",
            "Si el RUN tiene acceso, enviamos un código de 6 dígitos a cada uno de los que constan en su registro.",
        ),
        Notice(
            "funcionario_propuesto",
            "done",
            "El funcionario quedó propuesto",
            "Otro fundador debe aprobarlo, con su propio código, antes de que venza el plazo.",
        ),
        Notice(
            "funcionario_acreditado",
            "done",
            "El funcionario quedó acreditado",
            "Recibe su clave inicial por correo y el código de activación por SMS, salvo que ya tenga sus medios.",
        ),
        Notice(
            "acreditacion_terminada",
            "done",
            "La acreditación terminó",
            "Rige desde este instante, y las sesiones del funcionario terminaron.",
        ),
        Notice(
            "enrolamiento_abierto",
            "done",
            "El enrolamiento quedó abierto",
            "Puede hacer las tareas en cualquier orden.",
        ),
        Notice(
            "enrolamiento_recibido", "done", "Ahora usted tiene este enrolamiento", "Lo hecho antes no se reescribe."
        ),
        Notice(
            "enrolamiento_terminado",
            "done",
            "El enrolamiento terminó sin enrolar",
            "El caso y sus piezas se conservan.",
        ),
        Notice("tarea_con_reparo", "info", "Quedó guardado, con un reparo", "Abajo está lo que falta para habilitar."),
        Notice("tarea_datos", "done", "Datos guardados", "Siga con la tarea de abajo."),
        Notice("tarea_documento", "done", "Documento en regla", "Quedó guardado lo que respalda la identidad."),
        Notice("tarea_rnpi", "done", "Inscripción vigente en el RNPI", "Y los datos civiles coinciden uno por uno."),
        Notice("tarea_domicilio", "done", "Comprobante guardado", "Quedó cifrado en el expediente."),
        Notice("tarea_correo", "done", "Correo confirmado", "El profesional respondió con el código."),
        Notice("tarea_telefono", "done", "Teléfono confirmado", "El profesional respondió con el código."),
        Notice("tarea_contacto", "done", "Decisión guardada", "Quedó en el expediente, con su nombre."),
        Notice(
            "tarea_identidad", "done", "Identidad verificada", "Registre ahora el segundo factor, en esta misma sesión."
        ),
        Notice("tarea_factor", "done", "Segundo factor registrado", "El profesional demostró que lo tiene."),
        Notice("tarea_condiciones", "done", "Condiciones aceptadas", "Quedó el texto que aceptó."),
        Notice("codigo_enviado", "info", "Código en camino", "Puede tardar unos segundos en llegar."),
        Notice("habilitado", "done", "El profesional quedó habilitado", "Ya puede hacer su primer ingreso."),
        Notice("borrador_descartado", "done", "El borrador se descartó", "No queda nada de él."),
        Notice(
            "suspension_ordenada",
            "done",
            "La suspensión quedó ordenada",
            "Abajo está desde qué instante rige, y el recibo que lo prueba.",
        ),
        Notice("suspension_levantada", "done", "La suspensión quedó levantada", "Rige desde este instante."),
        Notice("salio", "info", "Salió de la consola", "Su sesión terminó en todos los equipos."),
    )
}
