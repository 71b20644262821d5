"""Two honest evidence files of each of four kinds, all of one operator: what mutations start from."""

from datetime import UTC, datetime

from lme_operator.core.database import Deadline
from lme_operator.core.run import Run
from lme_operator.domain.issuance import WebauthnAuthorisation
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.desk import Desk
from tests.factories.mutants import Honest
from tests.factories.rnpi import DOWN, IN_FORCE
from tests.factories.stage import DOCTOR, Stage

BY_DEVICE, EXCUSED, DOSSIER, CONSULTATION = "licencia con llave", "licencia N-4c", "enrolamiento", "consulta RNPI"
_NEXT_MORNING = datetime(2026, 4, 21, 13, 0, tzinfo=UTC)


def honest_files(stage: Stage) -> tuple[Honest, ...]:
    """A licence signed by a device, one under N-4c with its second look, a dossier, and a consultation that failed."""
    desk = Desk(stage)
    dossiers = [_dossier(desk, number, officer) for number, officer in ((15000021, 9100001), (15000022, 9100002))]
    by_device = _by_device(stage)
    stage.database.clock.set(_NEXT_MORNING)  # type: ignore[attr-defined]
    rnpi = stage.people.rnpi
    rnpi.registry.now = DOWN
    session = stage.enter()
    issued = [stage.issue(session, stage.prepare(session).id).id for _ in range(2)]
    asked = [rnpi.consult(Run(DOCTOR), DOWN).id for _ in range(2)]
    consultations = [rnpi.room.evidence_file(consultation, deadline=Deadline(5)) for consultation in asked]
    stage.database.clock.advance(seconds=60)  # type: ignore[attr-defined]
    rnpi.consult(Run(DOCTOR), IN_FORCE)
    _recheck(stage)
    excused = [stage.evidence(stage.enter(), licence) for licence in issued]
    return (
        Honest(BY_DEVICE, *by_device),
        Honest(EXCUSED, *excused),
        Honest(DOSSIER, *dossiers),
        Honest(CONSULTATION, *consultations),
    )


def _dossier(desk: Desk, number: int, officer: int) -> bytes:
    enabled = desk.enrol(desk.officer(officer), Run(number))
    made = desk.in_person.evidence_file(enrolment_id=enabled.enrolment_id, deadline=Deadline(10))
    if made is None:
        raise LookupError("no dossier")
    return made


def _by_device(stage: Stage) -> list[bytes]:
    device = SoftwareAuthenticator()
    session = stage.register(stage.doctor(), device)
    files = []
    for _ in range(2):
        prepared = stage.prepare(session)
        issued = stage.issue(session, prepared.id, WebauthnAuthorisation(device.sign(prepared.digest)))
        files.append(stage.evidence(session, issued.id))
    return files


def _recheck(stage: Stage) -> None:
    """What the outbox promised, done."""
    with stage.database.reading(deadline=Deadline(5)) as connection:
        subjects = (
            connection.exec_driver_sql("SELECT subject FROM core.outbox WHERE effect = 'issuance.recheck' ORDER BY at")
            .scalars()
            .all()
        )
    for subject in subjects:
        stage.issuance.recheck(consultation_id=subject, deadline=Deadline(5))
