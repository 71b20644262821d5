"""The schema of our official document, and the refusal of what does not follow it."""

import re
import threading
from dataclasses import dataclass
from importlib import resources
from typing import Any

from lxml import etree

from lme_operator.core.run import Run


class DocumentNotValid(ValueError):
    """Not an official document of ours; the message names the element, never its content."""


@dataclass(frozen=True, slots=True)
class OperatorIdentity:
    """The operator in the document: its RUT, and the code that Fonasa gave it (`codigo_operador`)."""

    rut: Run
    code: int


class _Schema(threading.local):
    """Our schema, compiled once a thread: libxml2's are not shared."""

    def __init__(self) -> None:
        path = resources.files(__package__).joinpath("schema", "lme-otorgamiento.xsd")
        self.schema = etree.XMLSchema(etree.fromstring(path.read_bytes()))


_local = _Schema()
_ELEMENT = re.compile(r"Element '(?:\{[^}]*\})?(?P<name>\w+)'")


def demand_valid(root: etree._Element) -> None:
    """Refuse a document, prepared or signed, that is not as our schema says; raise `DocumentNotValid`."""
    if not _local.schema.validate(root):
        errors: Any = _local.schema.error_log
        element = _ELEMENT.match(errors[0].message)
        raise DocumentNotValid(element["name"] if element else "documento")
