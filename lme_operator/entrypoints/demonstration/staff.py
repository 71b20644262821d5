"""The operator's people in a demonstration: two founders, an officer and a person of an authority, by the real acts."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pyotp
import typst

from lme_operator.core.database import Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.periods import local_day
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.access import PasswordChangeDue, TotpCode
from lme_operator.domain.credentials import Session, pending_activation
from lme_operator.domain.mandates import Founder, OfficerOrder, ReadyAccess, Role, mandate_in_force
from lme_operator.domain.professionals import PracticeContext
from lme_operator.entrypoints.cli.composition import Operator
from lme_operator.entrypoints.demonstration.files import write_private

_CONTEXT = PracticeContext(operator=True)
_DESIGNATION = b"Documento inventado para la demostraci\xc3\xb3n: ninguna autoridad design\xc3\xb3 a nadie."
_ORIGIN = Origin(ip="127.0.0.1", device="lme demo", request_id="demostracion")
_SECONDS = 30.0
_STEP = 30
_SPENT = frozenset({"codigo_ya_usado", "codigo_vencido"})
_PASSWORD = re.compile(r"clave inicial es: (\S+)")
_ACTIVATION = re.compile(r"activación es ([0-9]{8})")
_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class _Member:
    """One of them; `authority` is the code of whom he acts for."""

    role: Role
    nickname: str
    number: int
    name: str
    password: str
    authority: str | None = None

    @property
    def run(self) -> Run:
        """His RUN."""
        return Run(self.number)

    @property
    def email(self) -> str:
        """An address that reaches nobody."""
        return f"{self.nickname}@operador.example"

    @property
    def telephone(self) -> str:
        """A telephone of nobody."""
        return f"+5699{self.number}"


FOUNDING = (
    _Member(Role.FOUNDER, "fundadora", 9000001, "Fundadora Uno de Pruebas", "nueve faroles junto al muelle"),
    _Member(Role.FOUNDER, "fundador", 9000002, "Fundador Dos de Pruebas", "ocho barcos bajo la lluvia"),
)
OFFICER = _Member(Role.OFFICER, "funcionaria", 9000003, "Carla Ignacia Mella de Pruebas", "dos relojes miran el patio")
AUTHORITY = _Member(
    Role.AUTHORITY, "autoridad", 9000004, "Inés Margarita Soto de Pruebas", "seis faros contra la niebla", "compin:13"
)
ACCREDITED = (OFFICER, AUTHORITY)
FOUNDERS = tuple(Founder(member.run, member.name, member.email, member.telephone) for member in FOUNDING)


def new_members() -> list[dict[str, Any]]:
    """What demo.json says of them, with fresh secrets."""
    return [
        {
            "rol": member.role.value,
            "apodo": member.nickname,
            "run": str(member.run),
            "nombre": member.name,
            "clave": member.password,
            "totp": pyotp.random_base32(),
            "correo": member.email,
            "contextos": [_CONTEXT.code],
        }
        for member in (*FOUNDING, *ACCREDITED)
    ]


def ready_access(contents: Mapping[str, Any]) -> Mapping[Run, ReadyAccess]:
    """The founders' means of access, as `contents` of demo.json tells them."""
    return {member.run: ReadyAccess(member.password, _secret(contents, member)) for member in FOUNDING}


def accredit_people(operator: Operator, contents: Mapping[str, Any], *, shown_file: Path) -> None:
    """Let one founder propose each of them and the other approve, and let each change the initial password.

    A start that was cut short goes on: the first access that nobody read is issued again. The codes that it spends are
    written to `shown_file`, so that nobody is shown them again.
    """
    with operator.database.reading(deadline=Deadline(_SECONDS)) as connection:
        at = operator.database.clock()
        accredited = {
            member: mandate_in_force(connection, operator.sealer, member.run, member.role, at) is not None
            for member in ACCREDITED
        }
        waiting = {member for member in ACCREDITED if pending_activation(connection, member.run) is not None}
    unfinished = [member for member in ACCREDITED if not accredited[member] or member in waiting]
    if not unfinished:
        return
    ceremony = _Ceremony(operator, contents, today=local_day(at))
    for member in unfinished:
        if accredited[member]:
            ceremony.issue_again(member)
        else:
            ceremony.accredit(member)
        ceremony.change_initial_password(member)
    shown = json.loads(shown_file.read_text(encoding="utf-8")) if shown_file.exists() else {}
    spent = {member.nickname: used.last for member, used in ceremony.codes.items() if used.last}
    write_private(shown_file, json.dumps({**shown, **spent}).encode())


class _Codes:
    """The codes of one secret that are good now, each spent once, the oldest first."""

    def __init__(self, operator: Operator, secret: str) -> None:
        self._clock, self._machine = operator.database.clock, pyotp.HOTP(secret)
        self.last = 0

    def spend(self, act: Callable[[str], _Done]) -> _Done:
        """Do `act` with a code that serves; wait for the next where all of now are spent."""
        while True:
            step = max(self._step() - 1, self.last + 1)
            if step > self._step() + 1:
                time.sleep(0.2)
                continue
            self.last = step
            try:
                return act(self._machine.at(step))
            except Refusal as refusal:
                if refusal.kind.code not in _SPENT:
                    raise

    def _step(self) -> int:
        return int(self._clock().timestamp()) // _STEP


class _Ceremony:
    """The acts of both founders, each of whom enters once: a code serves once, and who watches waits for the next."""

    def __init__(self, operator: Operator, contents: Mapping[str, Any], *, today: date) -> None:
        self._operator, self._contents, self._today = operator, contents, today
        self.codes = {member: _Codes(operator, _secret(contents, member)) for member in (*FOUNDING, *ACCREDITED)}
        self._sessions: dict[_Member, Session] = {}

    def accredit(self, member: _Member) -> None:
        """The whole ceremony: drafted and proposed by one founder, approved by the other."""
        mandates, (proposing, approving) = self._operator.mandates, FOUNDING
        session = self._session(proposing)
        drafted = mandates.draft_officer(
            session=session,
            order=OfficerOrder(
                run=member.run,
                name=member.name,
                email=member.email,
                telephone=member.telephone,
                identity="Persona inventada: nadie mostró una cédula.",
                since=self._today,
                authority=member.authority,
            ),
            origin=_ORIGIN,
            deadline=Deadline(_SECONDS),
            secret=_secret(self._contents, member),
            designation=None if member.authority is None else typst.compile(_DESIGNATION),
        )
        self.codes[member].spend(
            lambda code: mandates.propose_officer(
                session=session,
                proposal_id=drafted.proposal_id,
                code=code,
                origin=_ORIGIN,
                deadline=Deadline(_SECONDS),
            )
        )
        second = self._session(approving)
        self.codes[approving].spend(
            lambda code: mandates.approve_officer(
                session=second,
                proposal_id=drafted.proposal_id,
                code=code,
                origin=_ORIGIN,
                deadline=Deadline(_SECONDS),
            )
        )

    def issue_again(self, member: _Member) -> None:
        """A founder issues the first access again."""
        session = self._session(FOUNDING[0])
        self.codes[FOUNDING[0]].spend(
            lambda code: self._operator.access.reissue_first_access(
                session=session, run=member.run, code=code, origin=_ORIGIN, deadline=Deadline(_SECONDS)
            )
        )

    def change_initial_password(self, member: _Member) -> None:
        """Enter with the password that went by mail and change it, with the activation that went by SMS."""
        password, activation = (_told(self._operator, member, pattern) for pattern in (_PASSWORD, _ACTIVATION))
        try:
            self._enter(member, password)
        except PasswordChangeDue as due:
            self._operator.access.change_password(
                session=due.entered.session,
                current=password,
                new=member.password,
                activation=activation,
                origin=_ORIGIN,
                deadline=Deadline(_SECONDS),
            )

    def _session(self, founder: _Member) -> Session:
        if founder not in self._sessions:
            self._sessions[founder] = self._enter(founder, founder.password)
        return self._sessions[founder]

    def _enter(self, member: _Member, password: str) -> Session:
        return self.codes[member].spend(
            lambda code: (
                self._operator.access.enter(
                    run=member.run,
                    password=password,
                    second_factor=TotpCode(code),
                    context=_CONTEXT,
                    origin=_ORIGIN,
                    deadline=Deadline(_SECONDS),
                ).session
            )
        )


def _told(operator: Operator, member: _Member, pattern: re.Pattern[str]) -> str:
    """What a person reads in the newest of the messages to him that says it."""
    with operator.database.reading(deadline=Deadline(_SECONDS)) as connection:
        messages = operator.notices.of_person(connection, member.run)
    return next(found[1] for sent in messages if (found := pattern.search(sent.message.text)))


def _secret(contents: Mapping[str, Any], member: _Member) -> str:
    secret: str = next(entry["totp"] for entry in contents["personas"] if entry["apodo"] == member.nickname)
    return secret
