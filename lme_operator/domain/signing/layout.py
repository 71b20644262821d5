"""The shape of a signed document, and the only reader of one (formats v1, 'The signed document').

The reader accepts bytes that it would have written itself and nothing else: no DTD, comment, processing instruction,
CDATA, entity, `xml:*` or other prefixed attribute, foreign namespace or repeated Id. So what two tools might read in
two ways is refused before any signature is looked at, and the two `ds:Signature` can be cut out as bytes.
"""

import re
import threading
from typing import Any, cast

from lxml import etree

from lme_operator.domain.signing.faults import FaultKind, SignatureFault

LME = "urn:www:lme:gov:cl:lme"
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
SIGNATURE = f"{{{DS}}}Signature"
LARGEST = 256 * 1024
"""Bytes of a signed document; a licence has some 15,000."""

DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"
PROFESSIONAL_SLOT = ("ZONA_A", "ZONA_AF", "firma")
SEAL_SLOT = ("ZONA_0", "ZONA_0F", "firma")
_IDS = {("ZONA_0", "ZONA_01"): "Z01", ("ZONA_A",): "ZA"}
_DECLARATIONS = {
    f"{{{LME}}}LME": [("", LME)],
    f"{{{DS}}}Signature": [("ds", DS)],
    f"{{{DS}}}SignedInfo": [("xades", XADES)],
    f"{{{DS}}}Object": [("xades", XADES)],
}
"""Where each namespace is declared, as lxml and signxml write it; canonicalisation would hide any other place."""
_SIGNATURE_BYTES = re.compile(rb"<ds:Signature .*?</ds:Signature>", re.DOTALL)


class _Find(threading.local):
    """What is looked for in every document, compiled once a thread: libxml2 walks the tree, not Python."""

    def __init__(self) -> None:
        self._qualified = etree.XPath("boolean(//@*[namespace-uri()])")
        self._with_several = etree.XPath("//l:*[@*[2]]", namespaces={"l": LME})
        self._ids = etree.XPath("//@id | //@Id | //@ID", smart_strings=False)
        self._foreign = etree.XPath("//*[not(self::l:*)]", namespaces={"l": LME})

    def has_qualified(self, root: etree._Element) -> bool:
        """Whether any attribute has a namespace."""
        return bool(self._qualified(root))

    def with_several(self, root: etree._Element) -> list[etree._Element]:
        """The document's own elements with more than one attribute."""
        return cast("list[Any]", self._with_several(root))

    def ids(self, root: etree._Element) -> list[str]:
        """The value of every Id, however it is written."""
        return cast("list[str]", self._ids(root))

    def foreign(self, root: etree._Element) -> list[etree._Element]:
        """The elements of another namespace than the document's own, in its order."""
        return cast("list[Any]", self._foreign(root))


class _Parser(threading.local):
    """One hardened parser a thread: libxml2's are not shared."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=False
        )


_local = _Parser()
_find = _Find()


def read_exact(document: bytes) -> etree._Element:
    """Return the root of a document that is exactly as this product writes it; raise `SignatureFault`."""
    if len(document) > LARGEST:
        raise SignatureFault(FaultKind.TOO_LARGE)
    if not document.startswith(DECLARATION):
        raise SignatureFault(FaultKind.NOT_EXACT, "declaración")
    if b"<!" in document or document.find(b"<?", 1) != -1:
        raise SignatureFault(FaultKind.FORBIDDEN, "DTD, comentario, CDATA o instrucción")
    try:
        root = etree.fromstring(document, _local.parser)
    except etree.XMLSyntaxError as error:
        raise SignatureFault(FaultKind.NOT_XML) from error
    _refuse_forbidden(root)
    if write_exact(root) != document:
        raise SignatureFault(FaultKind.NOT_EXACT)
    return root


def write_exact(root: etree._Element) -> bytes:
    """Write a document in the one form that `read_exact` accepts."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _refuse_forbidden(root: etree._Element) -> None:
    if root.tag != f"{{{LME}}}LME":
        raise SignatureFault(FaultKind.FORBIDDEN, "raíz")
    _demand_declarations(root)
    _demand_plain_attributes(root)
    for path, expected in _IDS.items():
        if step_down(root, path).get("id") != expected:
            raise SignatureFault(FaultKind.REFERENCES, expected)


def _demand_declarations(root: etree._Element) -> None:
    """Elements alone, and each namespace declared in its one place, neither elsewhere nor again."""
    declared: list[tuple[str, str]] = []
    for event, found in etree.iterwalk(root, events=("start-ns", "start", "comment", "pi")):
        if event == "start-ns":
            declared.append(found)
            continue
        if event != "start" or not isinstance(found.tag, str):
            raise SignatureFault(FaultKind.FORBIDDEN, "nodo que no es un elemento")
        if declared != _DECLARATIONS.get(found.tag, []):
            raise SignatureFault(FaultKind.FORBIDDEN, "espacio de nombres")
        declared = []


def _demand_plain_attributes(root: etree._Element) -> None:
    """Attributes without prefix, in the document's own zones sorted by name (as canonical XML), and each Id once."""
    if _find.has_qualified(root):
        raise SignatureFault(FaultKind.FORBIDDEN, "atributo con espacio de nombres")
    for node in _find.with_several(root):
        names = node.keys()
        if names != sorted(names):
            raise SignatureFault(FaultKind.NOT_EXACT, "orden de atributos")
    ids = _find.ids(root)
    if len(set(ids)) != len(ids):
        raise SignatureFault(FaultKind.REPEATED_ID)


def step_down(root: etree._Element, path: tuple[str, ...]) -> etree._Element:
    """Follow LME names from the root, one child of each name; a repeated `firma` gives the first."""
    node = root
    for name in path:
        found = node.findall(f"{{{LME}}}{name}")
        if not found or (len(found) > 1 and name != "firma"):
            raise SignatureFault(FaultKind.SLOTS, name)
        node = found[0]
    return node


def empty_slot(root: etree._Element, path: tuple[str, ...]) -> etree._Element:
    """Return the `firma` at `path`, which holds its `descripcion` and no signature yet."""
    slot = step_down(root, path)
    if [child.tag for child in slot] != [f"{{{LME}}}descripcion"]:
        raise SignatureFault(FaultKind.SLOTS, path[-2])
    return slot


def signatures_in_place(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    """Return (professional's, seal's) `ds:Signature`: the only two, each last in its slot after `descripcion`."""
    found = []
    for path in (PROFESSIONAL_SLOT, SEAL_SLOT):
        slot = step_down(root, path)
        if [child.tag for child in slot] != [f"{{{LME}}}descripcion", SIGNATURE]:
            raise SignatureFault(FaultKind.SLOTS, path[-2])
        found.append(slot[1])
    foreign = _find.foreign(root)
    if [node for node in foreign if _is_lme(node.getparent())] != found[::-1]:
        raise SignatureFault(FaultKind.SLOTS)
    return found[0], found[1]


def _is_lme(node: etree._Element | None) -> bool:
    return node is not None and node.tag.startswith(f"{{{LME}}}")


def cut_signatures(document: bytes, *, known: bytes | None = None) -> bytes:
    """Return the prepared document: `document` with both `ds:Signature` cut out; raise `SignatureFault`.

    In an exact document `<` opens nothing but elements, so the two byte ranges are those of the two elements.
    `known`: bytes that the caller has read as an exact document himself; they are not read again.
    """
    prepared, count = _SIGNATURE_BYTES.subn(b"", document)
    if count != 2:
        raise SignatureFault(FaultKind.SLOTS)
    if prepared != known:
        read_exact(prepared)
    return prepared
