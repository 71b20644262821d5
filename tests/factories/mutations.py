"""Structural mutations, one place at a time: of JSON trees, of a signed document, and of bytes."""

import json
import random
import unicodedata
from collections.abc import Callable
from typing import Any

from lxml import etree

from lme_operator.core.canonical import Json, encode

Path = tuple[str | int, ...]
_Do = Callable[[random.Random, Json, Path, Json], Json]
_TEXTS: tuple[Callable[[str], str], ...] = (
    lambda _: "",
    lambda text: text + " ",
    lambda text: text + "\n",
    lambda text: text.upper() if text != text.upper() else text.lower(),
    lambda text: text[:-1],
    lambda text: text * 2,
    lambda text: text + "x" * 20_000,
    lambda text: text + "\x1b[2K\rVeredicto: válida\n",
    lambda text: "\u202e" + text,
    lambda text: text + "\x00",
    lambda text: text + "\ud800",
    lambda text: unicodedata.normalize("NFD", text + "é"),
    lambda text: text + "e" + "\u0323\u0301" * 20,
    lambda text: text + "\u0f73" * 400,
    lambda text: "".join(chr(0xFF10 + int(one)) if one in "0123456789" else one for one in text),
    lambda text: text.replace("a", "\u0430"),
    lambda text: text[::-1],
    lambda _: "1" * 5000,
    lambda _: "2026-04-20T14:00:00.000000Z",
    lambda _: "9999-12-31T23:59:59.999999Z",
    lambda _: "0001-01-01T00:00:00.000000Z",
    lambda _: "00000000-0000-7000-8000-000000000000",
    lambda _: "A" * 43,
    lambda _: "15000022-K",
    lambda _: "N-4c",
    lambda _: "vigente",
)
_NUMBERS: tuple[Callable[[int], Json], ...] = (
    lambda _: True,
    lambda _: False,
    lambda number: number + 0.5,
    float,
    lambda _: float("nan"),
    lambda _: float("inf"),
    lambda _: 2**53,
    lambda _: 2**53 - 1,
    lambda _: 10**12,
    lambda _: 10**400,
    lambda number: -number - 1,
    lambda number: number + 1,
    lambda number: number - 1,
    lambda _: 0,
    str,
    lambda _: None,
)
_OF_OTHER_KIND: tuple[Json, ...] = (None, True, False, 0, 1, -1, 1.5, "", "x", [], {}, [[]], {"x": 1}, [None], 2**60)
_KNOWN_WORDS = ("v", "tipo", "instante", "run", "consulta", "archivo", "archivos", "nuevo", "é", "")


def written(value: Json) -> bytes:
    """The canonical form where there is one; else the nearest that JSON has, and then anything."""
    try:
        return encode(value)
    except (ValueError, TypeError, RecursionError):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)
        return text.encode("utf-8", "surrogatepass")


def mutate(rng: random.Random, tree: Json, lent: Json) -> tuple[Json, Path, str]:
    """Change one place of a JSON tree; return the new tree, the place, and what was done there."""
    tree = json.loads(json.dumps(tree))
    path = rng.choice(_paths(tree))
    value = _at(tree, path)
    does: list[_Do] = [_retyped, _nested_in, _of_another]
    if path:
        does += [_dropped, _renamed, _doubled, _swapped]
    if isinstance(value, dict | list):
        does += [_emptied, _added, _reordered, _repeated]
    else:
        does += [_leaf_changed] * 4
    do = rng.choice(does)
    return do(rng, tree, path, lent), path, do.__name__.strip("_")


def _paths(tree: Json, path: Path = ()) -> list[Path]:
    found = [path]
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for name, item in items:
        found += _paths(item, (*path, name))
    return found


def _at(tree: Any, path: Path) -> Any:
    for name in path:
        tree = tree[name]
    return tree


def _put(tree: Json, path: Path, value: Json) -> Json:
    if not path:
        return value
    _at(tree, path[:-1])[path[-1]] = value
    return tree


def _retyped(rng: random.Random, tree: Json, path: Path, _lent: Json) -> Json:
    return _put(tree, path, rng.choice(_OF_OTHER_KIND))


def _nested_in(rng: random.Random, tree: Json, path: Path, _lent: Json) -> Json:
    value = _at(tree, path)
    for _ in range(rng.choice((1, 1, 20, 40, 400))):
        value = [value] if rng.random() < 0.5 else {"x": value}
    return _put(tree, path, value)


def _of_another(rng: random.Random, tree: Json, path: Path, lent: Json) -> Json:
    """A value of another place, of this tree or of the same member of another file."""
    source = tree if lent is None or rng.random() < 0.5 else lent
    return _put(tree, path, json.loads(json.dumps(_at(source, rng.choice(_paths(source))))))


def _dropped(_rng: random.Random, tree: Json, path: Path, _lent: Json) -> Json:
    del _at(tree, path[:-1])[path[-1]]
    return tree


def _renamed(rng: random.Random, tree: Json, path: Path, _lent: Json) -> Json:
    parent = _at(tree, path[:-1])
    if isinstance(parent, dict):
        parent[rng.choice((*_KNOWN_WORDS, f"{path[-1]}_", str(path[-1]).upper()))] = parent.pop(path[-1])
    else:
        parent.insert(rng.randrange(len(parent)), parent.pop(path[-1]))
    return tree


def _doubled(rng: random.Random, tree: Json, path: Path, _lent: Json) -> Json:
    parent = _at(tree, path[:-1])
    if isinstance(parent, dict):
        parent[rng.choice((*_KNOWN_WORDS, f"{path[-1]}2"))] = parent[path[-1]]
    else:
        parent.append(parent[path[-1]])
    return tree


def _swapped(rng: random.Random, tree: Json, path: Path, _lent: Json) -> Json:
    parent = _at(tree, path[:-1])
    names = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
    another = rng.choice(names)
    parent[path[-1]], parent[another] = parent[another], parent[path[-1]]
    return tree


def _emptied(_rng: random.Random, tree: Json, path: Path, _lent: Json) -> Json:
    return _put(tree, path, type(_at(tree, path))())


def _added(rng: random.Random, tree: Json, path: Path, _lent: Json) -> Json:
    value, new = _at(tree, path), rng.choice(_OF_OTHER_KIND)
    if isinstance(value, dict):
        value[rng.choice(_KNOWN_WORDS)] = new
    else:
        value.append(new)
    return tree


def _reordered(rng: random.Random, tree: Json, path: Path, _lent: Json) -> Json:
    value = _at(tree, path)
    if isinstance(value, list):
        rng.shuffle(value)
    elif value:
        names = list(value)
        values = [value[name] for name in rng.sample(names, len(names))]
        value.update(zip(names, values, strict=True))
    return tree


def _repeated(rng: random.Random, tree: Json, path: Path, _lent: Json) -> Json:
    value = _at(tree, path)
    if isinstance(value, list):
        value *= rng.choice((2, 3, 500))
    else:
        value |= {f"{name}{number}": value[name] for number in range(rng.choice((1, 50))) for name in list(value)}
    return tree


def _leaf_changed(rng: random.Random, tree: Json, path: Path, _lent: Json) -> Json:
    value = _at(tree, path)
    if isinstance(value, str):
        return _put(tree, path, rng.choice(_TEXTS)(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return _put(tree, path, rng.choice(_NUMBERS)(value))
    return _put(tree, path, rng.choice(_OF_OTHER_KIND))


def bytes_changed(rng: random.Random, content: bytes) -> bytes:
    middle = rng.randrange(len(content) + 1)
    parts = content.split(b"-----BEGIN")
    return rng.choice(
        (
            content[:middle],
            content[middle:],
            content * 2,
            content[middle:] + content[:middle],
            content[:middle] + b"\x00" + content[middle + 1 :],
            content[:middle] + bytes([rng.randrange(256)]) + content[middle + 1 :],
            content + b"\n",
            b"",
            b"\x00" * 1000,
            rng.randbytes(3000),
            b"-----BEGIN".join((*parts[:1], *parts[:0:-1])),
            b"-----BEGIN".join((*parts, *parts[-1:])),
            content.replace(b"\n", b"\r\n"),
        )
    )


def document_changed(rng: random.Random, document: bytes, other: bytes) -> tuple[bytes, str]:
    """The signed document with its tree changed, or its bytes in a way that a tree does not have."""
    if rng.random() < 0.2:
        at = document.find(b">", rng.randrange(60, len(document))) + 1
        put = rng.choice(_MARKUP)
        return document[:at] + put + document[at:], f"bytes {put!r}"
    try:
        root = etree.fromstring(document)
        nodes = [node for node in root.iter() if isinstance(node.tag, str)]
        node, do = rng.choice(nodes), rng.choice(_OF_DOCUMENTS)
        do(rng, node, rng.choice(nodes), other)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8"), do.__name__.strip("_")
    except (etree.LxmlError, ValueError, TypeError):
        return document + b" ", "not XML any more"


_MARKUP = (
    b"<!-- -->", b"<?x y?>", b" ", b"\n", b"<![CDATA[x]]>", b"&#65;", b"&x;", b"<x/>", b"<!DOCTYPE x>", b"\xff"
)  # fmt: skip
_ATTRIBUTES = ("id", "Id", "URI", "Algorithm", "xx", "{http://www.w3.org/XML/1998/namespace}id")
_Node = etree._Element


def _node_dropped(_rng: random.Random, node: _Node, _another: _Node, _other: bytes) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _node_doubled(_rng: random.Random, node: _Node, _another: _Node, _other: bytes) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.append(etree.fromstring(etree.tostring(node, with_tail=False)))


def _node_moved(_rng: random.Random, node: _Node, another: _Node, _other: bytes) -> None:
    if node not in (another, *another.iterancestors()):
        another.append(node)


def _node_lent(_rng: random.Random, node: _Node, _another: _Node, other: bytes) -> None:
    parent = node.getparent()
    lent = [one for one in etree.fromstring(other).iter() if one.tag == node.tag]
    if lent and parent is not None:
        parent.replace(node, lent[0])


def _text_changed(rng: random.Random, node: _Node, _another: _Node, _other: bytes) -> None:
    node.text = rng.choice(("", "x", "2", "15000022-K", "2026-04-20", "é" * 500))


def _space_added(rng: random.Random, node: _Node, _another: _Node, _other: bytes) -> None:
    node.tail = rng.choice((" ", "x", "\n"))


def _attribute_added(rng: random.Random, node: _Node, _another: _Node, _other: bytes) -> None:
    node.set(rng.choice(_ATTRIBUTES), "ZA")


def _id_changed(rng: random.Random, node: _Node, _another: _Node, _other: bytes) -> None:
    for name in ("id", "Id"):
        if name in node.attrib:
            node.set(name, rng.choice(("ZA", "Z01", "")))


def _namespace_changed(_rng: random.Random, node: _Node, _another: _Node, _other: bytes) -> None:
    node.tag = "{urn:otro}" + etree.QName(node).localname


def _children_shuffled(rng: random.Random, node: _Node, _another: _Node, _other: bytes) -> None:
    node[:] = rng.sample(list(node), len(node))


_OF_DOCUMENTS = (
    _node_dropped, _node_doubled, _node_moved, _node_lent, _text_changed, _space_added, _attribute_added, _id_changed,
    _namespace_changed, _children_shuffled,
)  # fmt: skip
