"""The guards of pages: who looks, by the cookie of a browser; every form must come from a page of ours (N-2.6b).

The own origin is asked first, then the session, then the proof that the form carries (OWASP ASVS 3.5.1), also in a
session that is over, then the mandate, where one is asked for: at each request, whatever an earlier one found (N-1l). A
page open to all has a visit in the session's place, so that its forms prove the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from flask import g, request

from lme_operator.core.database import Database
from lme_operator.core.decision import Finding
from lme_operator.core.refusal import Refusal, RefusalKind
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import MUST_CHANGE_PASSWORD
from lme_operator.domain.credentials import SESSION_OVER, Session
from lme_operator.domain.mandates import NO_MANDATE, Mandate, Role, mandate_causes, mandate_in_force
from lme_operator.entrypoints.http.people import SESSION_MISSING, admit_session, scope_of
from lme_operator.entrypoints.http.refusals import FORM_NOT_OURS
from lme_operator.entrypoints.http.routes import Entry, Guard
from lme_operator.entrypoints.pages.browser import Browser
from lme_operator.entrypoints.pages.forms import read_fields
from lme_operator.entrypoints.pages.pages import largest_of

BROWSER_SCHEME = "navegador"
_CHALLENGE = 'Cookie realm="lme"'

OTHER_CONTEXT = Finding(
    code="sesion_de_otro_contexto",
    cause="Entró para ejercer su profesión, no por el operador.",
    norm="N-1l",
    remedy="Si es funcionario o fundador, salga y entre de nuevo por el operador.",
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at an open page. `proof` goes into the forms; `cookies` must be set for them to count."""

    proof: str = field(repr=False)
    cookies: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Person(Visitor):
    """Who has entered."""

    session: Session = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Mandated(Person):
    """Who acts for the operator, by a mandate in force."""

    mandate: Mandate = field(kw_only=True)


Looks = TypeVar("Looks", bound=Visitor)
"""Who looks at a page, as far as its guard knows him."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageGuards:
    """One guard a kind of page: open; of any live session (also one good for a new password alone); of a full one; of
    an officer accredited to enrol; of a founder; of a person of an authority."""

    visitor: Guard[Visitor]
    any_stage: Guard[Person]
    console: Guard[Person]
    officer: Guard[Mandated]
    founder: Guard[Mandated]
    authority: Guard[Mandated]


def page_guards(browser: Browser, *, database: Database, sealer: Sealer) -> PageGuards:
    """Return the guards of pages for one service's cookies."""
    doors = _Doors(browser, database, sealer)
    live = (SESSION_MISSING, SESSION_OVER)
    full = (*live, MUST_CHANGE_PASSWORD)
    return PageGuards(
        visitor=_guard("pagina_abierta", doors.visitor, ()),
        any_stage=_guard("pagina_en_cualquier_etapa", doors.any_stage, live),
        console=_guard("pagina", doors.console, full),
        officer=_guard("pagina_de_funcionario", partial(doors.mandated, Role.OFFICER), (*full, NO_MANDATE)),
        founder=_guard("pagina_de_fundador", partial(doors.mandated, Role.FOUNDER), (*full, NO_MANDATE)),
        authority=_guard("pagina_de_autoridad", partial(doors.mandated, Role.AUTHORITY), (*full, NO_MANDATE)),
    )


@dataclass(frozen=True, slots=True)
class _Doors:
    browser: Browser
    database: Database
    sealer: Sealer

    def visitor(self, entry: Entry) -> Visitor:
        self._require_our_page(entry)
        secret = request.cookies.get(self.browser.visit)
        self._require_proof(entry, secret)
        if secret:
            return Visitor(self.browser.proof(secret))
        secret = self.browser.new_visit()
        return Visitor(self.browser.proof(secret), (self.browser.give(self.browser.visit, secret),))

    def any_stage(self, entry: Entry) -> Person:
        return self._person(entry, any_stage=True)

    def console(self, entry: Entry) -> Person:
        return self._person(entry, any_stage=False)

    def mandated(self, role: Role, entry: Entry) -> Mandated:
        """Admit who holds `role` now, in a session of the operator; else say every reason."""
        person = self.console(entry)
        session = person.session
        if not session.context.operator:
            raise Refusal(NO_MANDATE, findings=(OTHER_CONTEXT,))
        with self.database.reading(deadline=entry.deadline, priority=entry.route.priority) as connection:
            at = self.database.clock()
            mandate = mandate_in_force(connection, self.sealer, session.run, role, at)
            causes = mandate_causes(connection, session.run, role, at)
        if mandate is None or causes:
            raise Refusal(NO_MANDATE, findings=causes)
        return Mandated(person.proof, session=session, mandate=mandate)

    def _person(self, entry: Entry, *, any_stage: bool) -> Person:
        self._require_our_page(entry)
        try:
            session = admit_session(entry, any_stage=any_stage)
        except Refusal as refused:
            if refused.kind == SESSION_OVER:
                self._require_proof(entry, request.cookies[self.browser.session])
            raise
        secret = request.cookies[self.browser.session]
        person = g.person = Person(self.browser.proof(secret), session=session)
        self._require_proof(entry, secret)
        return person

    def _require_our_page(self, entry: Entry) -> None:
        """Ask only forms: a GET does nothing, and may come from anywhere."""
        if entry.route.method != "GET":
            self.browser.require_our_page(request)

    def _require_proof(self, entry: Entry, secret: str | None) -> None:
        if entry.route.method != "GET":
            self.browser.require_proof(secret, read_fields(largest=largest_of(entry.route)).proof)


def _guard(name: str, admit: Callable[[Entry], Looks], problems: tuple[RefusalKind, ...]) -> Guard[Looks]:
    return Guard(
        name=name,
        admit=admit,
        scope=_scope,
        scheme=BROWSER_SCHEME,
        challenge=_CHALLENGE,
        problems=(FORM_NOT_OURS, *problems),
    )


def _scope(who: Visitor) -> str:
    return scope_of(who.session) if isinstance(who, Person) else f"visita:{who.proof}"
