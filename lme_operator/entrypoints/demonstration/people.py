"""The people and machines of a demonstration: made up, with known passwords, refused in production.

Their secrets are written to `demo.json` before anything is registered: a start that was cut short goes on where it
was, and the file always tells the truth.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from lme_operator.core.database import Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.run import Run
from lme_operator.domain.credentials.passwords import find_password
from lme_operator.domain.mandates import (
    PERMISSIONS,
    Approvers,
    MachineKeyOrder,
    find_machine_key,
)
from lme_operator.domain.professionals import (
    PostalAddress,
    PracticeContext,
    ProfessionalData,
    find_institution,
    find_professional,
    record_agreement,
    record_institution,
)
from lme_operator.entrypoints.cli.composition import Operator
from lme_operator.entrypoints.demonstration.files import write_private
from lme_operator.entrypoints.demonstration.staff import FOUNDERS, accredit_people, new_members

INSTITUTION = Run(76000100)
_INSTITUTION_NAME = "Clínica de Pruebas"
_RESPONSIBLE = "sistema:demostracion"
_PROTOCOL = "acceso@v2#primer-ingreso"
_ORIGIN = Origin(ip="127.0.0.1", device="lme demo", request_id="demostracion")
_KEYS_LAST = timedelta(days=3650)
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Person:
    """A professional of the demonstration. `kind`: 1 médico, 2 dentista, 3 matrona."""

    role: str
    number: int
    names: tuple[str, str, str | None]
    kind: int
    speciality: str
    password: str
    contexts: tuple[PracticeContext, ...] = (PracticeContext(),)
    initial: bool = False

    def data(self) -> ProfessionalData:
        """What is known of the person."""
        given, paternal, maternal = self.names
        return ProfessionalData(
            kind=self.kind,
            given_names=given,
            paternal_surname=paternal,
            maternal_surname=maternal,
            speciality=self.speciality,
            college_registry=None,
            email=self.email,
            telephone=f"+569{self.number}",
            address=PostalAddress("Calle de Prueba", "123", None, "13101", "Santiago"),
        )

    @property
    def email(self) -> str:
        """An address that reaches nobody."""
        return f"{plain(self.role).replace(' ', '.')}@pruebas.example"


def plain(text: str) -> str:
    """`text` in lower case and without accents: how a role may be typed."""
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(character for character in apart if not unicodedata.combining(character))


PEOPLE = (
    _Person(
        "médica", 15000001, ("Elena Beatriz", "Ñancupil", "Ibáñez"), 1, "Medicina interna",
        "siete gatos miran la lluvia", (PracticeContext(), PracticeContext(INSTITUTION)),
    ),
    _Person(
        "dentista", 15000002, ("Tomás Andrés", "O'Higgins", "Pérez"), 2, "Odontología general",
        "tres peces bajo el muelle",
    ),
    _Person("matrona", 15000003, ("Rayén", "Huenchumilla", None), 3, "Matronería", "cinco robles junto al lago"),
    _Person(
        "médico nuevo", 15000004, ("Jorge Luis", "Muñoz", "Araya"), 1, "Medicina general",
        "clave inicial de la ventanilla", initial=True,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Machine:
    """A machine of the demonstration."""

    organisation: str
    name: str
    kind: str
    compin: str = ""

    @property
    def keyid(self) -> str:
        """Its key's name."""
        return f"{self.organisation}-pruebas" + (f"-{self.compin}" if self.compin else "")


MACHINES = (
    _Machine("superintendencia", "Superintendencia de Seguridad Social (pruebas)", "autoridad"),
    _Machine("compin", "COMPIN Región Metropolitana (pruebas)", "autoridad", compin="13"),
    _Machine("auditoria-suseso", "Auditoría (pruebas)", "auditoria"),
)


def prepare_secrets(file: Path, *, address: str, trust: Path) -> Mapping[str, Any]:
    """Return the contents of `demo.json`, made with fresh secrets the first time; readable by its owner alone."""
    known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    contents = {
        "direccion": address,
        "confianza": str(trust),
        "personas": _people(known.get("personas", ())),
        "maquinas": known.get("maquinas") or [_new_machine(machine) for machine in MACHINES],
    }
    write_private(file, json.dumps(contents, ensure_ascii=False, indent=2).encode() + b"\n")
    return contents


def _people(known: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Everybody, as the file knew them or new; the professionals first."""
    kept = {person["apodo"]: person for person in known}
    everybody = [*(_new_person(person) for person in PEOPLE), *new_members()]
    return [kept.get(person["apodo"], person) for person in everybody]


def register(operator: Operator, contents: Mapping[str, Any], *, shown_file: Path) -> None:
    """Register the people and machines of `contents` that are not there yet; codes spent go to `shown_file`."""
    with operator.database.unit_of_work(deadline=Deadline(_SECONDS)) as work:
        if find_institution(work.connection, INSTITUTION) is None:
            record_institution(work, INSTITUTION, name=_INSTITUTION_NAME)
            record_agreement(work, INSTITUTION, since=work.at)
    entries = {entry["run"]: entry for entry in contents["personas"]}
    for person in PEOPLE:
        _register_person(operator, person, entries[str(Run(person.number))])
    for machine, entry in zip(MACHINES, contents["maquinas"], strict=True):
        _register_machine(operator, machine, entry)
    accredit_people(operator, contents, shown_file=shown_file)


def changed_passwords(operator: Operator, contents: Mapping[str, Any]) -> frozenset[str]:
    """The RUN of those of `contents` who changed their password since: what the file says of it opens nothing."""
    runs = {person["run"]: person["clave"] for person in contents["personas"]}
    with operator.database.reading(deadline=Deadline(_SECONDS)) as connection:
        known = {run: find_password(connection, operator.sealer, Run.parse(run)) for run in runs}
    verify = operator.credentials.hashing.verify
    return frozenset(
        run
        for run, password in known.items()
        if password is not None and not verify(password.hash, runs[run], deadline=Deadline(_SECONDS))
    )


def _register_person(operator: Operator, person: _Person, entry: Mapping[str, Any]) -> None:
    with operator.database.reading(deadline=Deadline(_SECONDS)) as connection:
        if find_professional(connection, operator.sealer, Run(person.number)) is not None:
            return
    operator.enrolment.record_demonstration(
        run=Run(person.number),
        data=person.data(),
        contexts=person.contexts,
        password=person.password,
        password_is_initial=person.initial,
        responsible=_RESPONSIBLE,
        protocol=_PROTOCOL,
        deadline=Deadline(_SECONDS),
        totp_secret=entry["totp"],
    )


def _register_machine(operator: Operator, machine: _Machine, entry: Mapping[str, Any]) -> None:
    with operator.database.reading(deadline=Deadline(_SECONDS)) as connection:
        if find_machine_key(connection, machine.keyid, at=operator.database.clock()) is not None:
            return
    private = load_pem_private_key(entry["clave_privada"].encode(), password=None)
    at = operator.database.clock()
    operator.mandates.register_machine_key(
        MachineKeyOrder(
            keyid=machine.keyid,
            organisation=machine.organisation,
            organisation_name=machine.name,
            compin=machine.compin,
            kind=machine.kind,
            permissions=PERMISSIONS if machine.kind == "autoridad" else frozenset(),
            public_key=private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            valid_from=at,
            valid_until=at + _KEYS_LAST,
        ),
        approvers=Approvers(FOUNDERS[0].run, FOUNDERS[1].run),
        origin=_ORIGIN,
        deadline=Deadline(_SECONDS),
    )


def _new_person(person: _Person) -> dict[str, Any]:
    return {
        "rol": "profesional_nuevo" if person.initial else "profesional",
        "apodo": person.role,
        "run": str(Run(person.number)),
        "nombre": person.data().full_name,
        "clave": person.password,
        "totp": pyotp.random_base32(),
        "correo": person.email,
        "contextos": [context.code for context in person.contexts],
    }


def _new_machine(machine: _Machine) -> dict[str, str]:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {
        "organizacion": machine.name,
        "tipo": machine.kind,
        "keyid": machine.keyid,
        "clave_privada": pem.decode("ascii"),
    }
