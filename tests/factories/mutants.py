"""Mutants of evidence files, each reproducible by seed, kind and number; logged anew where that can be.

Whoever makes one again has every key of the operator: manifests, receipts, the digests of a dossier's pieces, the inner
files and the document's signatures are then right for what was changed. What a mutant tells otherwise than the honest
file is read from both (`differences`), for much of what is changed is written over when it is made again.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from lme_operator.core.canonical import (
    Json,
    NotCanonical,
    decode,
    encode,
    from_base64url,
    parse_instant,
    sha256,
    to_base64url,
)
from lme_operator.core.refusal import Fault
from lme_operator.core.run import Run
from lme_operator.domain.audit import MANIFEST_DATUM, digest_of, manifest, manifest_name, open_strict, receipt_name
from lme_operator.domain.audit import container as containers
from lme_operator.domain.audit.container import README, version_of
from lme_operator.domain.audit.entry import Disclosure
from lme_operator.domain.signing import SignatureFault, Signer, cut_signatures
from tests.factories.forger import Forger
from tests.factories.mutations import Path, bytes_changed, document_changed, mutate, written

Members = dict[str, bytes]
DOCUMENT, CERTIFICATES, STATEMENT = "v1/documento.xml", "v1/certificados.pem", "v1/autorizacion.json"
CASE = "v1/expediente.json"
_NOT_TO_BE_MADE = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, SignatureFault, Fault,
)  # fmt: skip
NESTED = ("v1/rnpi.zip", "v2/rnpi.zip")


@dataclass(frozen=True)
class Honest:
    """Two honest files of one kind: the one that is mutated, and the one that lends its parts."""

    kind: str
    file: bytes
    other: bytes


@dataclass
class Mutant:
    """What came out: the file, and what was done to it."""

    file: bytes
    done: list[str] = field(default_factory=list)


class Mutations:
    """Makes mutants of honest files; `keys` are the operator's, `forger` has that of the log."""

    def __init__(self, honest: Honest, *, forger: Forger, signer: Signer) -> None:
        self.honest, self.forger, self.signer = honest, forger, signer
        self._members, self._other = open_strict(honest.file), open_strict(honest.other)

    def mutant(self, seed: int, number: int) -> Mutant:
        """The mutant of this number, always the same for the same honest files."""
        rng = random.Random(f"{seed}:{self.honest.kind}:{number}")
        one = _Making(rng, dict(self._members), self._other, self.forger)
        for _ in range(one.random.choice((1, 1, 1, 2, 3))):
            one.change()
        again = one.random.random() < 0.75
        signed = again and DOCUMENT in one.members and one.random.random() < 0.5
        made = Mutant(b"", one.done)
        made.file = self._again(one, signed=signed) if again else pack(one.members)
        if one.random.random() < 0.04:
            made.file = bytes_changed(one.random, made.file)
            made.done.append("bytes of the container")
        return made

    def _again(self, one: "_Making", *, signed: bool) -> bytes:
        """Log it anew; as it is where its own parts can no longer be read."""
        try:
            return logged(one.members, self.forger, signer=self.signer if signed else None, entry=one.entry)
        except _NOT_TO_BE_MADE:
            one.done.append("not to be made again")
            return pack(one.members)


def logged(
    members: Members, forger: Forger, *, signer: Signer | None = None, entry: Callable[[Json], Json] | None = None
) -> bytes:
    """The file around these members, signed again if there is a `signer`; `entry` changes what version 1 logs."""
    made = {**members}
    for version in range(1, max(map(version_of, made)) + 1):
        receipt = decode(made[receipt_name(version)])
        said = {MANIFEST_DATUM: ""}
        if version == 1 and signer is not None:
            said |= _sign(made, receipt, signer)
        made[manifest_name(version)] = listed = manifest(made, version=version)
        said[MANIFEST_DATUM] = digest_of(listed)
        parts = [[salt, name, said.get(name, value)] for salt, name, value in receipt["divulgaciones"]]
        told = {**receipt["entrada"], "datos": {**receipt["entrada"]["datos"]}}
        if version == 1 and entry is not None:
            told, parts = entry([told, parts])
        for salt, name, value in parts:
            digest = Disclosure(from_base64url(salt), name, value).digest
            told |= {"actor": digest} if name == "actor" else {"datos": {**told["datos"], name: digest}}
        disclosures = [Disclosure(from_base64url(salt), name, value) for salt, name, value in parts]
        made[receipt_name(version)] = encode(forger.around(encode(told), disclosures, index=receipt["indice"]))
    return pack(made)


def _sign(members: Members, receipt: Json, signer: Signer) -> dict[str, Json]:
    """Sign the document again, over the statement as it is now; return what the entry says of that."""
    said = {name: value for _, name, value in receipt["divulgaciones"]}
    key = decode(members[STATEMENT]).get("llave")
    signed = signer.sign(
        cut_signatures(members[DOCUMENT]),
        run=Run.parse(said["run"]),
        authorisation=members[STATEMENT],
        key_thumbprint=None if key is None else from_base64url(key["huella"]),
        context=said["contexto"],
        at=parse_instant(receipt["entrada"]["instante"]),
    )
    members |= {DOCUMENT: signed.document, CERTIFICATES: signed.certificates_pem}
    return {"certificado": signed.serial}


def pack(members: Mapping[str, bytes]) -> bytes:
    """The container of any members whatever, in the one order, without the refusals of `build`."""

    def key(name: str) -> tuple[int, str]:
        try:
            return version_of(name), name
        except ValueError:
            return 10_000, name

    return b"".join(containers._parts(members, sorted(members, key=key)))


class _Making:
    """One mutant being made."""

    def __init__(self, rng: random.Random, members: Members, other: Mapping[str, bytes], forger: Forger) -> None:
        self.random, self.members, self.other, self.forger = rng, members, other, forger
        self.done: list[str] = []
        self.entry: Callable[[Json], Json] | None = None

    def change(self) -> None:
        """Do one mutation to something that is there."""
        jsons = [name for name in self.members if name.endswith(".json")]
        kinds: list[tuple[int, Callable[[], None]]] = [(5, self._json), (1, self._container)]
        if DOCUMENT in self.members:
            kinds.append((1, self._xml))
        if any(not name.endswith((".json", ".xml", ".zip")) for name in self.members):
            kinds.append((1, self._binary))
        if any(name in self.members for name in NESTED):
            kinds.append((2, self._nested))
        kinds.append((1, self._entry))
        weights, does = zip(*kinds, strict=True)
        if jsons:
            self.random.choices(does, weights)[0]()

    def _json(self) -> None:
        name = self.random.choice(sorted(name for name in self.members if name.endswith(".json")))
        self._change_json(self.members, name, self.other)

    def _change_json(self, members: Members, name: str, other: Mapping[str, bytes], within: str = "") -> None:
        try:
            tree = decode(members[name])
        except NotCanonical:
            members[name] += b" "
            return
        lent = decode(other[name]) if name in other else None
        changed, path, what = mutate(self.random, tree, lent)
        members[name] = written(changed)
        if name == CASE and self.random.random() < 0.7:
            members[name] = _pieces_made_right(members[name])
        if self.random.random() < 0.03:
            members[name] = self.random.choice((members[name] + b"\n", b"\xef\xbb\xbf" + members[name], b" "))
            what += ", not canonical"
        self.done.append(f"{within}{name} {'/'.join(map(str, path))}: {what}")

    def _entry(self) -> None:
        """What is logged, changed: the entry itself or what it discloses."""
        rng = random.Random(self.random.random())

        def changed(told: Json) -> Json:
            after, path, what = mutate(rng, told, None)
            self.done.append(f"entry {'/'.join(map(str, _named(told, path)))}: {what}")
            return after

        self.entry = changed

    def _nested(self) -> None:
        """A member of the nested file, itself logged anew half of the time."""
        name = self.random.choice([name for name in NESTED if name in self.members])
        try:
            inner = open_strict(self.members[name])
        except ValueError:
            return
        lent = open_strict(self.other[name]) if name in self.other else inner
        chosen = self.random.choice(sorted(one for one in inner if one.endswith(".json")))
        self._change_json(inner, chosen, lent, within=f"{name}!")
        again = self.random.random() < 0.8
        try:
            self.members[name] = logged(inner, self.forger) if again else pack(inner)
        except _NOT_TO_BE_MADE:
            self.members[name] = pack(inner)

    def _xml(self) -> None:
        content, what = document_changed(self.random, self.members[DOCUMENT], self.other.get(DOCUMENT, b""))
        self.members[DOCUMENT] = content
        self.done.append(f"{DOCUMENT}: {what}")

    def _binary(self) -> None:
        name = self.random.choice(sorted(name for name in self.members if not name.endswith((".json", ".xml", ".zip"))))
        self.members[name] = bytes_changed(self.random, self.members[name])
        self.done.append(f"{name}: bytes")

    def _container(self) -> None:
        names = sorted(self.members)
        name, another = self.random.choice(names), self.random.choice(names)
        version = self.random.choice((1, 2, 3, 4, 9999))
        base = name.rpartition("/")[2]
        what = self.random.choice(("drop", "add", "rename", "swap", "lend", "lend", "copy", "renumber", "drop version"))
        if what == "drop":
            del self.members[name]
        elif what == "add":
            self.members[f"v{version}/{self.random.choice(('otro.json', 'archivo-9.pdf', 'recibo.json'))}"] = b"{}"
        elif what == "rename":
            self.members[f"v1/otro-{base}" if base == README else f"v{version}/{base}"] = self.members.pop(name)
        elif what == "swap":
            self.members[name], self.members[another] = self.members[another], self.members[name]
        elif what == "lend" and name in self.other:
            self.members[name] = self.other[name]
        elif what == "copy":
            self.members |= {
                f"v{version}/{one.rpartition('/')[2]}": content
                for one, content in list(self.members.items())
                if one.startswith("v1/")
            }
        elif what == "renumber":
            self.members = {
                f"v{version}/{one.rpartition('/')[2]}" if one.startswith(name[:3]) and one != README else one: content
                for one, content in self.members.items()
            }
        elif what == "drop version":
            self.members = {one: content for one, content in self.members.items() if not one.startswith(name[:3])}
        self.done.append(f"container: {what} {name}")


def _named(told: Json, path: Path) -> Path:
    """A path in `[entry, disclosures]`, with a disclosure by its name."""
    if len(path) > 1 and path[0] == 1 and isinstance(path[1], int):
        return ("divulgaciones", str(told[1][path[1]][1]), *path[2:])
    return ("entrada" if path[:1] == (0,) else "divulgaciones", *path[1:])


def _pieces_made_right(case: bytes) -> bytes:
    """The case with the digest of each piece that of its content as it is now."""
    try:
        told = decode(case)
        for piece in told["piezas"]:
            piece["digesto"] = to_base64url(sha256(encode(piece["contenido"])))
        return encode(told)
    except (ValueError, KeyError, TypeError):
        return case


def told(file: bytes) -> Json:
    """What a file tells, whoever made it: no manifests, salts, proofs nor signatures, which are made anew for it."""
    tells: dict[str, Json] = {}
    for name, content in open_strict(file).items():
        if name in NESTED:
            tells[name] = told(content)
        elif name.endswith(".json"):
            tells[name] = _without_proofs(decode(content))
        elif name == DOCUMENT:
            tells[name] = cut_signatures(content).decode()
        elif name != CERTIFICATES:
            tells[name] = digest_of(content)
    return {name: value for name, value in tells.items() if not name.endswith("manifiesto.json")}


def _without_proofs(value: Json) -> Json:
    """The same tree, but of each receipt in it what its entry says and what is disclosed of it."""
    if isinstance(value, list):
        return [_without_proofs(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "divulgaciones" not in value:
        return {name: _without_proofs(item) for name, item in value.items()}
    said = {name: item for _, name, item in value["divulgaciones"]}
    return {
        "entrada": {name: item for name, item in value["entrada"].items() if name not in ("actor", "datos", "nonce")},
        "datos": dict.fromkeys(value["entrada"]["datos"], ""),
        "dice": {name: item for name, item in said.items() if name not in (MANIFEST_DATUM, "certificado")},
        "indice": value["indice"],
    }


def differences(honest: Json, mutant: Json, path: Path = ()) -> Iterator[tuple[Path, Json, Json]]:
    """Where two tellings differ, and what each says there; where one of them has nothing, `...`."""
    if isinstance(honest, dict) and isinstance(mutant, dict):
        for name in sorted({*honest, *mutant}):
            yield from differences(honest.get(name, ...), mutant.get(name, ...), (*path, name))
    elif isinstance(honest, list) and isinstance(mutant, list) and len(honest) == len(mutant):
        for number, (one, other) in enumerate(zip(honest, mutant, strict=True)):
            yield from differences(one, other, (*path, number))
    elif type(honest) is not type(mutant) or honest != mutant:
        yield path, honest, mutant
