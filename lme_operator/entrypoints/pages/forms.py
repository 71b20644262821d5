"""A browser's form, read once: texts and files, whole in memory. No file is ever written on its way (N-2.6b).

Parsed into the frozen model of the page; each field says in Spanish what it lacks, and secrets never travel back.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl

from flask import g, request
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser

from lme_operator.core.canonical import encode, sha256, to_base64url
from lme_operator.core.decision import Finding
from lme_operator.core.refusal import Refusal
from lme_operator.entrypoints.http.input import LARGEST_BODY, read_body
from lme_operator.entrypoints.http.refusals import BAD_REQUEST, INVALID_DATA, NOT_A_FORM, TOO_LARGE
from lme_operator.entrypoints.http.spanish import findings_of, unknown_field

PROOF, ACT = "prueba", "acto"
"""Hidden fields of every form: the proof that the page is ours, and the number that makes it one act."""

_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_MOST_FIELDS = 200
_FILE_NAME = 120
_SAID_BY_THE_FIELD = frozenset({"campo_faltante", "valor_no_admitido", "valor_invalido"})


class FormModel(BaseModel):
    """A frozen form; unknown fields are refused. A field left blank is a field that did not come."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class Asks:
    """Annotates a field with what is said when it lacks a value («Escriba su RUN.»); a `secret` never goes back."""

    words: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it came: the name that the browser gave it (to show, never a path) and its bytes."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fields:
    """What the form sent, by name and in order, without the hidden `proof` and `act`."""

    texts: Mapping[str, tuple[str, ...]] = field(repr=False)
    files: Mapping[str, tuple[SentFile, ...]] = field(repr=False)
    proof: str = field(repr=False)
    act: str

    @property
    def canonical(self) -> bytes:
        """The same content always gives the same bytes: a browser draws a new boundary each time it sends."""
        files = {
            name: [[one.name, to_base64url(sha256(one.content))] for one in files] for name, files in self.files.items()
        }
        return encode([{name: list(values) for name, values in self.texts.items()}, files, self.act])


_Sent = TypeVar("_Sent", str, SentFile)


def read_fields(*, largest: int = LARGEST_BODY) -> Fields:
    """Read the form of this request, once however often asked.

    Raises `Refusal`: 400 unreadable, 413 larger than `largest` bytes (unread), 415 not a form.
    """
    fields: Fields | None = g.get("fields")
    if fields is None:
        fields = g.fields = _read(largest)
    return fields


def parse_fields(model: type[BaseModel], fields: Fields) -> BaseModel:
    """Parse into `model`; raise `Refusal` (`datos_invalidos`) with a finding for each field at fault."""
    values, stray = _values(model, fields)
    try:
        parsed = model.model_validate(values)
    except ValidationError as error:
        findings = (*stray, *(_worded(model, finding) for finding in findings_of(error, values)))
        raise Refusal(INVALID_DATA, findings=findings) from None
    if stray:
        raise Refusal(INVALID_DATA, findings=stray)
    return parsed


def shown_values(model: type[BaseModel] | None, fields: Fields) -> dict[str, tuple[str, ...]]:
    """What was typed, to show it again: known fields, and never a secret."""
    known = {} if model is None else model.model_fields
    secret = {name for name, one in known.items() if any(asks.secret for asks in _asks(one))}
    return {name: values for name, values in fields.texts.items() if name in known and name not in secret}


def _read(largest: int) -> Fields:
    body = read_body(largest=largest)
    texts: list[tuple[str, str]]
    files: list[tuple[str, SentFile]] = []
    try:
        if request.mimetype == _URLENCODED:
            texts = _urlencoded(body)
        elif request.mimetype == _MULTIPART:
            texts, files = _multipart(body)
        else:
            raise Refusal(NOT_A_FORM)
    except RequestEntityTooLarge as error:
        raise Refusal(TOO_LARGE) from error
    except ValueError as error:
        raise Refusal(BAD_REQUEST) from error
    gathered = _gathered([(name, _clean(text)) for name, text in texts])
    proof, act = ((*gathered.pop(name, ()), "")[0] for name in (PROOF, ACT))
    return Fields(gathered, _gathered(files), proof, act)


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(
        body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=_MOST_FIELDS
    )


def _multipart(body: bytes) -> tuple[list[tuple[str, str]], list[tuple[str, SentFile]]]:
    """Texts and files; a file control left empty sends a file without name, which is none."""
    boundary = request.mimetype_params.get("boundary", "").encode("ascii")
    parser = MultiPartParser(lambda *_, **__: BytesIO(), max_form_memory_size=LARGEST_BODY, max_form_parts=_MOST_FIELDS)
    texts, files = parser.parse(BytesIO(body), boundary, len(body))
    return list(texts.items(multi=True)), [
        (name, SentFile(_file_name(sent.filename), sent.stream.read()))
        for name, sent in files.items(multi=True)
        if sent.filename
    ]


def _clean(text: str) -> str:
    """NFC and plain line ends; a character that cannot be stored, or was not UTF-8, makes the form unreadable."""
    if "\0" in text or "\ufffd" in text:
        raise Refusal(BAD_REQUEST)
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n")


def _file_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[-_FILE_NAME:]


def _gathered(pairs: Iterable[tuple[str, _Sent]]) -> dict[str, tuple[_Sent, ...]]:
    gathered: dict[str, list[_Sent]] = {}
    for name, sent in pairs:
        gathered.setdefault(_clean(name), []).append(sent)
    return {name: tuple(values) for name, values in gathered.items()}


def _values(model: type[BaseModel], fields: Fields) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """One value a field, or a tuple where the model has one; blanks are left out, repetitions reported."""
    values: dict[str, Any] = {}
    stray = []
    for name, sent in (*fields.texts.items(), *fields.files.items()):
        kept = tuple(one for one in sent if not isinstance(one, str) or one.strip())
        known = model.model_fields.get(name)
        if known is not None and get_origin(known.annotation) is tuple:
            values[name] = kept
        elif kept:
            values[name] = kept[0]
            stray += [_repeated(name)] if len(kept) > 1 else []
    return values, tuple(stray)


def _repeated(name: str) -> Finding:
    return replace(unknown_field(name), code="campo_repetido", cause="Este campo vino más de una vez.", remedy="")


def _worded(model: type[BaseModel], finding: Finding) -> Finding:
    """The finding in the words of its field, where the field has words for what it lacks."""
    known = model.model_fields.get((finding.pointer or "").removeprefix("/"))
    asks = () if known is None else _asks(known)
    if not asks or finding.code not in _SAID_BY_THE_FIELD:
        return finding
    return replace(finding, cause=asks[0].words, remedy="")


def _asks(known: FieldInfo) -> tuple[Asks, ...]:
    """What annotates a field; of an optional one, what annotates the type it may have."""
    inner = (note for one in get_args(known.annotation) for note in getattr(one, "__metadata__", ()))
    return tuple(note for note in (*known.metadata, *inner) if isinstance(note, Asks))
