"""The official document as readable fields: the same names and codes, nested as in its XML."""

from lxml import etree

from lme_operator.core.canonical import Json
from lme_operator.domain.signing import read_exact


def document_fields(document: bytes) -> dict[str, Json]:
    """Every zone of a prepared or signed document of ours; signatures only by their description."""
    fields = _fields(read_exact(document))
    if not isinstance(fields, dict):
        raise TypeError("an official document has zones")
    return fields


def _fields(element: etree._Element) -> Json:
    """An element without children is its text; one with attributes keeps them beside its children."""
    if len(element) == 0 and not element.attrib:
        return element.text or ""
    value: dict[str, Json] = {str(name): str(text) for name, text in element.attrib.items()}
    if len(element) == 0:
        return value | {"valor": element.text or ""}
    children = [child for child in element if etree.QName(child).localname != "Signature"]
    for child in children:
        name = etree.QName(child).localname
        _put(value, name, _fields(child))
    return value


def _put(fields: dict[str, Json], name: str, value: Json) -> None:
    """Add a child; what comes more than once is a list."""
    if name not in fields:
        fields[name] = value
    elif isinstance(fields[name], list):
        fields[name].append(value)
    else:
        fields[name] = [fields[name], value]
