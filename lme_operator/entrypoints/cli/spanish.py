"""click's own words in Spanish (usted). They go through gettext; here is the translation, without a catalogue on disk.

click's modules hold gettext's functions under the names `_` and `ngettext`: theirs are replaced, once, before any
command is imported. A test demands a translation of every text of the installed click that this program can show.
"""

import gettext
import sys
from collections.abc import Mapping

import click
from click import types

WORDS: Mapping[str, str] = {
    "Usage:": "Uso:",
    "Options": "Opciones",
    "Commands": "Comandos",
    "Positional arguments": "Argumentos",
    "Show this message and exit.": "Muestra esta ayuda y termina.",
    "Try '{command} {option}' for help.": "La ayuda está en «{command} {option}».",
    "Error: {message}": "Error: {message}",
    "Aborted!": "Interrumpido.",
    "Missing command.": "Falta el comando.",
    "Missing argument": "Falta el argumento",
    "Missing option": "Falta la opción",
    "Missing parameter": "Falta el parámetro",
    "Missing {param_type}": "Falta {param_type}",
    "Missing parameter: {param_name}": "Falta el parámetro: {param_name}",
    "No such option {name!r}.": "La opción {name!r} no existe.",
    "No such command {name!r}.": "El comando {name!r} no existe.",
    "Invalid value: {message}": "Valor no válido: {message}",
    "Invalid value for {param_hint}: {message}": "Valor no válido para {param_hint}: {message}",
    "Option {name!r} does not take a value.": "La opción {name!r} no lleva valor.",
    "Argument {name!r} takes {nargs} values.": "El argumento {name!r} lleva {nargs} valores.",
    "Value must be an iterable.": "El valor debe ser una lista.",
    "Could not open file {filename!r}: {message}": "No se pudo abrir el archivo {filename!r}: {message}",
    "unknown error": "error desconocido",
    "file": "archivo",
    "directory": "carpeta",
    "path": "ruta",
    "{name} {filename!r} does not exist.": "{name} {filename!r} no existe.",
    "{name} {filename!r} is a file.": "{name} {filename!r} es un archivo.",
    "{name} {filename!r} is a directory.": "{name} {filename!r} es una carpeta.",
    "{name} {filename!r} is not readable.": "{name} {filename!r} no se puede leer.",
    "{name} {filename!r} is not writable.": "{name} {filename!r} no se puede escribir.",
    "{name} {filename!r} is not executable.": "{name} {filename!r} no se puede ejecutar.",
    "{value!r} is not a valid {number_type}.": "{value!r} no es un número válido.",
    "{value} is not in the range {range}.": "{value} no está en el rango {range}.",
    "{value!r} is not a valid UUID.": "{value!r} no es un identificador (UUID).",
    "{value!r} is not a valid boolean. Recognized values: {states}": "{value!r} no es sí o no. Se admite: {states}",
    "Choice({choices})": "opción ({choices})",
    "Choose from:\n\t{choices}": "Elija entre:\n\t{choices}",
    "required": "obligatoria",
    "default: {default}": "por omisión: {default}",
    "(dynamic)": "(se calcula)",
    "env var: {var}": "variable: {var}",
    "deprecated": "en desuso",
    "Do you want to continue?": "¿Continuar?",
    "Confirm the action without prompting.": "Confirma sin preguntar.",
    "Repeat for confirmation": "Repita para confirmar",
    "Error: The two entered values do not match.": "Error: los dos valores no coinciden.",
    "Error: invalid input": "Error: no es una respuesta válida",
    "Press any key to continue...": "Pulse una tecla para seguir…",
}
"""click's text → ours."""

PLURALS: Mapping[str, tuple[str, str]] = {
    "Got unexpected extra argument ({args})": ("Sobra un argumento ({args})", "Sobran argumentos ({args})"),
    "Option {name!r} requires an argument.": (
        "La opción {name!r} lleva un valor.",
        "La opción {name!r} lleva {nargs} valores.",
    ),
    "Takes {nargs} values but 1 was given.": (
        "Lleva {nargs} valores y se dio uno.",
        "Lleva {nargs} valores y se dieron {len}.",
    ),
    "{len_type} values are required, but {len_value} was given.": (
        "Se piden {len_type} valores y se dio {len_value}.",
        "Se piden {len_type} valores y se dieron {len_value}.",
    ),
    "{value!r} is not {choice}.": ("{value!r} no es {choice}.", "{value!r} no es una de {choices}."),
    "{value!r} does not match the format {format}.": (
        "{value!r} no tiene la forma {format}.",
        "{value!r} no tiene ninguna de las formas {formats}.",
    ),
    "Did you mean {possibility}?": ("¿Quiso decir {possibility}?", "(¿Quiso decir una de éstas: {possibilities}?)"),
}
"""click's text in the singular → ours in singular and plural."""

_KINDS = {types.STRING: "texto", types.INT: "entero", types.FLOAT: "número", types.BOOL: "sí o no", types.UUID: "id"}


def speak_spanish() -> None:
    """Make click speak Spanish in this process."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "click":
            for name_there, ours in (("_", _say), ("ngettext", _count)):
                if getattr(module, name_there, None) in (gettext.gettext, gettext.ngettext):
                    setattr(module, name_there, ours)
    for kind, words in _KINDS.items():
        kind.name = words


def dress(command: click.Command) -> click.Command:
    """Put the placeholders of a command's usage, and of those under it, in Spanish."""
    command.options_metavar = "[OPCIONES]"
    if isinstance(command, click.Group):
        command.subcommand_metavar = "COMANDO [ARGUMENTOS]..."
        for below in command.commands.values():
            dress(below)
    return command


def _say(text: str) -> str:
    return WORDS.get(text, text)


def _count(one: str, many: str, number: int) -> str:
    singular, plural = PLURALS.get(one, (one, many))
    return singular if number == 1 else plural
