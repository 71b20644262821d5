"""The start: what the person may do today, in this context, and if not why and what to do about it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lme_operator.core.canonical import Json, parse_instant
from lme_operator.core.database import Database, Deadline
from lme_operator.core.periods import local_day
from lme_operator.core.refusal import Refusal
from lme_operator.domain.access import Access, AccessState
from lme_operator.domain.credentials import OwnKey, Session
from lme_operator.domain.issuance import Issuance, IssuedLine
from lme_operator.domain.issuance.refusals import MAY_NOT_READ
from lme_operator.domain.licences.checks import Kinds
from lme_operator.domain.rnpi import NOT_CONSULTED
from lme_operator.domain.standing import Act, Judgement, Standing
from lme_operator.entrypoints.console.doctor import words as licence_words
from lme_operator.entrypoints.console.doctor.base import LICENCES, REMEDIES
from lme_operator.entrypoints.console.doctor.results import DraftLine
from lme_operator.entrypoints.console.officer.words import REGISTER_RESULTS
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.form_pages import SUBJECT
from lme_operator.entrypoints.pages.formats import clock_time, day, instant
from lme_operator.entrypoints.pages.guards import PageGuards, Person
from lme_operator.entrypoints.pages.pages import HTML, PAGES, Page
from lme_operator.entrypoints.pages.screens import Screens

_SOON_DAYS = 15
_KEYS_SHOWN = timedelta(days=30)
"""How long after the first entry the start names the keys that an officer registered; their own page always does."""


@dataclass(frozen=True, slots=True)
class Check:
    """A line of the card: `state` is `done`, `warn` or `wrong`; `path` leads to where it is changed."""

    state: str
    name: str
    words: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """What the person has issued today (`more`: not all of it is here), and what is in progress."""

    today: tuple[IssuedLine, ...]
    more: bool
    drafts: tuple[DraftLine, ...]


@dataclass(frozen=True, slots=True)
class StartPages:
    """The start of whoever has entered."""

    access: Access
    standing: Standing
    issuance: Issuance
    database: Database
    screens: Screens

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Its route."""
        start: Page[Person, None] = Page(
            method="GET",
            path=PAGES,
            name="consola",
            summary="Lo que puede hacer hoy.",
            subject=SUBJECT,
            guard=guards.console,
            handle=self._start,
            answer=HTML,
        )
        return (start,)

    def _start(self, call: Call[Person, None]) -> Answer:
        session = call.who.session
        if session.context.operator:
            return self.screens.show(call.who, "inicio_operador.html", title="Inicio", deadline=call.deadline)
        state = self.access.state(session=session, deadline=call.deadline)
        owned = self.access.own_keys(session=session, deadline=call.deadline)
        at = self.database.clock()
        with self.database.reading(deadline=call.deadline) as connection:
            judgement = self.standing.judge(connection, run=session.run, act=Act.ISSUE, context=session.context, at=at)
        no_kind = _none_open(self.issuance.own_kinds(session=session, deadline=call.deadline))
        return self.screens.show(
            call.who,
            "inicio.html",
            title="Inicio",
            deadline=call.deadline,
            decision=judgement.decision,
            no_kind=no_kind,
            may_try=no_kind is None and all(finding.code == NOT_CONSULTED for finding in judgement.decision.findings),
            checks=[*_checks(judgement, state, at), *_registered_before(owned, at)],
            remedies=REMEDIES,
            own=self._own(session, at, call.deadline),
            base=LICENCES,
            words=licence_words,
        )

    def _own(self, session: Session, at: datetime, deadline: Deadline) -> Own | None:
        """None in a session that may not see licences (N-4b)."""
        try:
            issued = self.issuance.issued(session=session, deadline=deadline)
            drafts = self.issuance.drafts(session=session, deadline=deadline)
        except Refusal as refusal:
            if refusal.kind != MAY_NOT_READ:
                raise
            return None
        today = tuple(line for line in issued.lines if local_day(line.issued_at) == local_day(at))
        more = issued.after is not None and len(today) == len(issued.lines)
        return Own(today, more, DraftLine.begun(drafts))


def _none_open(kinds: Kinds | None) -> str | None:
    """What is said to whose profession issues only types that are not enabled here; None where one is."""
    if kinds is None or kinds.open:
        return None
    own = ", ".join(str(kind) for kind in kinds.own)
    return f"Los tipos de licencia que su profesión emite ({own}) todavía no están disponibles aquí."


def _checks(judgement: Judgement, state: AccessState, at: datetime) -> Iterator[Check]:
    """What was looked at, each with how it stands."""
    causes = {finding.code for finding in judgement.decision.findings}
    yield _register(judgement, causes, at)
    suspensions = _fact(judgement, "suspensiones_vigentes")["valor"]
    plural = "vigente" if suspensions == 1 else "vigentes"
    yield Check(
        "wrong" if suspensions else "done",
        "Suspensiones, Ley 20.585",
        f"{suspensions} {plural}" if suspensions else "Ninguna vigente",
    )
    yield _due("Domicilio, correo y teléfono", "Al día hasta el", state.data_due_at, at, None)
    yield _due("Clave", "Vence el", state.password_due_at, at, f"{PAGES}/clave")
    keys = sum(key.purpose == "firma" for key in state.keys)
    factors = ["Aplicación de códigos"] if state.totp else []
    factors += [f"{keys} {'llave' if keys == 1 else 'llaves'} para firmar"] if keys else []
    yield Check(
        "done" if factors else "wrong", "Con qué firma", " · ".join(factors) or "Nada todavía", f"{PAGES}/llaves"
    )


def _registered_before(owned: Iterable[OwnKey], at: datetime) -> Iterator[Check]:
    """The keys that serve and that he did not register himself: his or not, only he can tell (N-2.2a)."""
    serving = [one for one in owned if one.before_entry and one.retired_at is None]
    recent = [one for one in serving if one.first_entry_at is None or at - one.first_entry_at < _KEYS_SHOWN]
    if recent:
        ends = ", ".join(f"…{one.key.thumbprint_end}" for one in recent)
        words = f"Huellas terminadas en {ends}. Si alguna no es suya, retírela."
        yield Check("warn", "Llaves registradas ante el funcionario", words, f"{PAGES}/llaves")


def _due(name: str, words: str, due: datetime | None, at: datetime, path: str | None) -> Check:
    if due is None:
        return Check("warn", name, "Sin registrar", path)
    if due <= at:
        return Check("wrong", name, f"Venció el {day(due)}", path)
    soon = (due - at).days <= _SOON_DAYS
    return Check(
        "warn" if soon else "done", name, f"{words} {day(due)}{'. Cámbiela pronto' if soon and path else ''}", path
    )


def _register(judgement: Judgement, causes: set[str], at: datetime) -> Check:
    """What the RNPI said today, or that it did not answer and the exception stands (N-4c)."""
    fact, name = _fact(judgement, "rnpi_del_dia"), "Inscripción en el RNPI"
    value = fact["valor"]
    if value["instante"] is None:
        return Check("wrong", name, "Todavía no se ha consultado")
    asked = parse_instant(value["instante"])
    if fact["norma"] == "N-4c":
        words = f"No pudimos consultar el RNPI. Puede emitir; dejamos constancia (consulta de las {clock_time(asked)})."
        return Check("warn", name, words)
    stands = causes & {"rnpi_no_vigente", "rnpi_sin_consulta"}
    when = f"hoy a las {clock_time(asked)}" if local_day(asked) == local_day(at) else f"el {instant(asked)}"
    words = f"{REGISTER_RESULTS[value['resultado']]}. Consultado {when}."
    return Check("wrong" if stands else "done", name, words)


def _fact(judgement: Judgement, name: str) -> Json:
    return next(fact for fact in judgement.facts if fact["hecho"] == name)
