"""`InPerson`: what entrypoints hold."""

from lme_operator.domain.enrolment.in_person.cases import Cases
from lme_operator.domain.enrolment.in_person.enabling import Enabling
from lme_operator.domain.enrolment.in_person.papers import Papers
from lme_operator.domain.enrolment.in_person.person import Person


class InPerson(Cases, Papers, Person, Enabling):
    """Every use case of enrolment in person."""

    __slots__ = ()
