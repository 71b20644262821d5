"""`InPerson`: what entrypoints hold."""

from lme_operator.domain.enrolment.in_person.cases import Cases
from lme_operator.domain.enrolment.in_person.factor import Factor
from lme_operator.domain.enrolment.in_person.papers import Papers
from lme_operator.domain.enrolment.in_person.person import Person
from lme_operator.domain.enrolment.in_person.reading import Reading


class InPerson(Cases, Papers, Person, Factor, Reading):
    """Every use case of enrolment in person."""

    __slots__ = ()
