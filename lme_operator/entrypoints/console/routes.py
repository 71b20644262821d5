"""Every page of the console, and what the web application needs to show them."""

from dataclasses import dataclass
from typing import Any, Protocol

from lme_operator.core.clock import Clock
from lme_operator.core.database import Database
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import Access
from lme_operator.domain.audit import Log
from lme_operator.domain.enrolment.in_person import InPerson
from lme_operator.domain.issuance import Issuance
from lme_operator.domain.mandates import Mandates
from lme_operator.domain.standing import Standing
from lme_operator.domain.suspensions import Suspensions
from lme_operator.entrypoints.console.authority.orders import AuthorityPages
from lme_operator.entrypoints.console.doctor.downloads import LicenceFiles
from lme_operator.entrypoints.console.doctor.drafts import DraftPages
from lme_operator.entrypoints.console.doctor.results import ResultPages
from lme_operator.entrypoints.console.doctor.signing import SigningPages
from lme_operator.entrypoints.console.founder.accreditations import AccreditationPages
from lme_operator.entrypoints.console.officer.card import CardPages
from lme_operator.entrypoints.console.officer.cases import CasePages
from lme_operator.entrypoints.console.officer.contacts import ContactPages
from lme_operator.entrypoints.console.officer.enabling import EnablingPages
from lme_operator.entrypoints.console.officer.factor import FactorPages
from lme_operator.entrypoints.console.officer.files import FilePages
from lme_operator.entrypoints.console.officer.identity import IdentityPages
from lme_operator.entrypoints.console.officer.papers import PaperPages
from lme_operator.entrypoints.console.officer.people import PeoplePages
from lme_operator.entrypoints.console.own.access import OwnAccessPages
from lme_operator.entrypoints.console.own.entry import EntryPages
from lme_operator.entrypoints.console.own.key_endorsement import EndorsementPages
from lme_operator.entrypoints.console.own.keys import KeyPages
from lme_operator.entrypoints.console.own.recovery import RecoveryPages
from lme_operator.entrypoints.console.own.start import StartPages
from lme_operator.entrypoints.console.public.verification import VerificationPages
from lme_operator.entrypoints.pages.browser import Browser
from lme_operator.entrypoints.pages.guards import page_guards
from lme_operator.entrypoints.pages.header import Headers
from lme_operator.entrypoints.pages.pages import Page
from lme_operator.entrypoints.pages.problem_pages import ProblemPages
from lme_operator.entrypoints.pages.screens import Brand, Screens, static_pages

_AUDIENCES = tuple(f"{__package__}.{name}" for name in ("own", "doctor", "officer", "founder", "authority", "public"))


class ConsoleOperator(Protocol):
    """What the console needs of the operator."""

    @property
    def clock(self) -> Clock:
        """The one clock."""

    @property
    def database(self) -> Database:
        """The database, as the application."""

    @property
    def sealer(self) -> Sealer:
        """Opens what is shown."""

    @property
    def access(self) -> Access:
        """Entry, password, own block."""

    @property
    def in_person(self) -> InPerson:
        """Enrolment in person."""

    @property
    def issuance(self) -> Issuance:
        """Licences."""

    @property
    def log(self) -> Log:
        """The audit log, for receipts."""

    @property
    def mandates(self) -> Mandates:
        """Who may act for the operator."""

    @property
    def suspensions(self) -> Suspensions:
        """Authorities' orders."""

    @property
    def standing(self) -> Standing:
        """What a person may do."""


@dataclass(frozen=True, slots=True)
class Console:
    """The console's pages, and the pages of what goes wrong."""

    pages: tuple[Page[Any, Any], ...]
    problems: ProblemPages


def build_console(operator: ConsoleOperator, *, browser: Browser, name: str, production: bool) -> Console:
    """Build the console of the operator called `name`."""
    headers = Headers(operator.database, operator.sealer)
    screens = Screens(Brand(name, production), browser, headers, operator.clock, _AUDIENCES)
    guards = page_guards(browser, database=operator.database, sealer=operator.sealer)
    room = (operator.in_person, operator.database, operator.sealer, screens)
    enrolling = (
        CasePages(*room),
        PaperPages(*room),
        ContactPages(*room),
        IdentityPages(*room),
        FactorPages(*room),
        EnablingPages(*room),
        FilePages(*room),
        PeoplePages(*room),
        CardPages(*room, operator.standing),
    )
    licensing = (
        DraftPages(operator.issuance, screens),
        SigningPages(operator.issuance, screens),
        ResultPages(operator.issuance, screens),
    )
    pages = (
        *static_pages(),
        *StartPages(operator.access, operator.standing, operator.issuance, operator.database, screens).pages(guards),
        *EntryPages(operator.access, operator.sealer, screens).pages(guards),
        *RecoveryPages(operator.access, operator.sealer, screens).pages(guards),
        *AccreditationPages(operator.mandates, operator.sealer, screens).pages(guards),
        *AuthorityPages(operator.suspensions, screens).pages(guards),
        *OwnAccessPages(operator.access, operator.log, operator.database, screens).pages(guards),
        *VerificationPages(operator.issuance, screens).pages(guards),
        *(page for part in licensing for page in part.pages(guards)),
        *LicenceFiles(operator.issuance).pages(guards),
        *KeyPages(operator.access, screens).pages(guards),
        *EndorsementPages(operator.access, screens).pages(guards),
        *(page for part in enrolling for page in part.pages(guards)),
    )
    return Console(pages, ProblemPages(screens, production=production))
