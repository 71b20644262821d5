"""Enable: the one act that makes an enrolment of a case (enrolamiento-presencial@v2#habilitar, #constancia)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import encode
from lme_operator.core.database import Deadline, Work
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.domain import mandates, rnpi, suspensions
from lme_operator.domain.audit import MANIFEST_DATUM, build, digest_of, manifest, manifest_name, receipt_name
from lme_operator.domain.credentials import (
    CountsWrongCodes,
    NewKey,
    Session,
    SigningKey,
    has_access,
    new_password,
    registration,
)
from lme_operator.domain.credentials.events import KEY_REGISTERED
from lme_operator.domain.credentials.letters import AT_THE_DESK, registered_letter
from lme_operator.domain.enrolment.in_person import dossier, store
from lme_operator.domain.enrolment.in_person.base import InPersonBase, actor_of, require_mine
from lme_operator.domain.enrolment.in_person.case import Case
from lme_operator.domain.enrolment.in_person.declared import Declared
from lme_operator.domain.enrolment.in_person.deed import Deed, Ready, in_order
from lme_operator.domain.enrolment.in_person.events import ENROLLED_IN_PERSON, PIECE_GATHERED
from lme_operator.domain.enrolment.in_person.findings import CONTACT_SHARED
from lme_operator.domain.enrolment.in_person.messages import (
    activation_message,
    enrolled_message,
    password_message,
)
from lme_operator.domain.enrolment.in_person.pieces import TOTP, Task
from lme_operator.domain.enrolment.in_person.registered import registered_factors
from lme_operator.domain.enrolment.in_person.rules import Gathered, adjudicate
from lme_operator.domain.enrolment.records import enrolments
from lme_operator.domain.enrolment.refusals import (
    ALREADY_ENROLLED,
    CASE_CHANGED,
    NOT_ACCREDITED,
    NOT_YET,
    SUSPENDED,
)
from lme_operator.domain.enrolment.state import in_force
from lme_operator.domain.notices import Channel, Message
from lme_operator.domain.professionals import find_professional, record_professional

IN_PERSON = "presencial"
"""Kind of these enrolments."""
_CHANNELS = {Task.MAIL: Channel.MAIL, Task.TELEPHONE: Channel.SMS}


@dataclass(frozen=True, slots=True)
class Enabled:
    """An enrolment made: its id, its log entry, and whether it had been made by an earlier equal act."""

    enrolment_id: UUID
    entry_id: UUID
    replayed: bool


class Enabling(InPersonBase):
    """Use cases that end a case with an enrolment, and show what came of it."""

    __slots__ = ()

    def enable(self, *, session: Session, case_id: UUID, code: str, origin: Origin, deadline: Deadline) -> Enabled:
        """Enable the professional: all in one transaction, under both people's locks (N-1a, N-1b, N-1l, N-6b).

        Raises `Refusal`: `enrolamiento_incompleto` with every requirement that is missing, `sin_acreditacion_vigente`,
        `enrolamiento_durante_suspension`, `actua_por_una_autoridad`, `ya_enrolado`, `enrolamiento_cambio`, those of the
        code and of the case.
        """
        case = self._case_of(case_id, deadline)
        if case.enrolment_id is not None and case.holder == actor_of(session):
            return self._made(case, deadline)
        ready = self._make_ready(session, case, deadline)
        counted = partial(CountsWrongCodes, run=session.run, purpose=ENROLLED_IN_PERSON.code)
        with self._acting(session, case_id, ENROLLED_IN_PERSON, origin=origin, deadline=deadline, counted=counted) as (
            work,
            held,
        ):
            self._require_enabled_allowed(work, session, held, ready)
            use = self.credentials.consume_totp(work, session.run, code, purpose=ENROLLED_IN_PERSON.code)
            deed = Deed(
                enrolment_id=work.new_id(),
                officer=actor_of(session),
                case=held,
                ready=ready,
                factor=use,
                origin=origin,
                at=work.at,
            )
            return self._enable(work, deed)

    def evidence_file(self, *, enrolment_id: UUID, deadline: Deadline) -> bytes | None:
        """Render the dossier with its receipt; the same bytes each time. None if there is none."""
        with self.database.reading(deadline=deadline) as connection:
            members = store.read_dossier(connection, self.sealer, enrolment_id)
            if members is None:
                return None
            entry_id = _entry_of(connection, enrolment_id)
            papers = self._papers(connection, dossier.papers_in(members[dossier.CASE]))
            receipt = encode(self.log.receipt(connection, entry_id))
        return build({**members, **papers, receipt_name(1): receipt})

    def constancia(self, *, enrolment_id: UUID, deadline: Deadline) -> bytes | None:
        """Return the constancia as it was made; None if there is none."""
        with self.database.reading(deadline=deadline) as connection:
            members = store.read_dossier(connection, self.sealer, enrolment_id)
        return None if members is None else members[dossier.CONSTANCIA]

    def _made(self, case: Case, deadline: Deadline) -> Enabled:
        if case.enrolment_id is None:
            raise LookupError("the case made no enrolment")
        with self.database.reading(deadline=deadline) as connection:
            return Enabled(case.enrolment_id, _entry_of(connection, case.enrolment_id), replayed=True)

    def _make_ready(self, session: Session, case: Case, deadline: Deadline) -> Ready:
        """Read, decrypt and hash whatever can be, before any lock."""
        require_mine(case, session)
        at = self.database.clock()
        with self.database.reading(deadline=deadline) as connection:
            mandate = mandates.mandate_in_force(connection, self.sealer, session.run, mandates.Role.OFFICER, at)
            every = store.pieces_of(connection, self.sealer, case.id)
            self._require_complete(self._gathered(case, every, at))
            if mandate is None:
                raise Refusal(NOT_ACCREDITED)
            outer = {
                "LEAME.txt": dossier.README.encode(),
                dossier.ACCREDITATION: encode(self.log.receipt(connection, mandate.entry_id)),
                **self._papers(connection, dossier.papers_of(in_order(every))),
            }
            holdings = store.holdings_of(connection, case.id)
        consultation = UUID(store.in_force(every)[Task.RNPI].content["consulta"])
        outer[dossier.REGISTER] = self.rnpi.evidence_file(consultation, deadline=deadline)
        password = new_password()
        hashed = self.credentials.hashing.hash(password, salt=None, deadline=deadline)
        return Ready(mandate, every, holdings, outer, password, hashed)

    def _require_enabled_allowed(self, work: Work, session: Session, case: Case, ready: Ready) -> None:
        """The second look, under the locks: nothing that was decided before them counts (N-6b)."""
        if suspended := suspensions.causes(work.connection, case.run, work.at):
            raise Refusal(SUSPENDED, findings=suspended)
        self._require_no_authority(work, case.run)
        if in_force(work.connection, case.run, case.context, work.at) is not None:
            raise Refusal(ALREADY_ENROLLED)
        mandate = mandates.mandate_in_force(work.connection, self.sealer, session.run, mandates.Role.OFFICER, work.at)
        every = store.pieces_of(work.connection, self.sealer, case.id)
        if mandate != ready.mandate or every != ready.every:
            raise Refusal(CASE_CHANGED)
        gathered = self._gathered(case, ready.pieces, work.at)
        self._require_complete(gathered)
        if unregistered := rnpi.causes(work.connection, case.run, work.at, self.norms):
            raise Refusal(NOT_YET, findings=unregistered)  # the register may have said otherwise since the piece
        self._require_own_contacts(work, case, gathered)

    def _require_complete(self, gathered: Gathered) -> None:
        decision = adjudicate(gathered)
        if not decision.allowed:
            raise Refusal(NOT_YET, findings=decision.findings)

    def _require_own_contacts(self, work: Work, case: Case, gathered: Gathered) -> None:
        """Somebody else may have given the same contact since it was validated (N-2.1d)."""
        for task in (Task.MAIL, Task.TELEPHONE):
            content = gathered.content(task)
            decided = gathered.content(Task.SHARED_CONTACT).get(task.value) == content["direccion"]
            shared = store.is_shared(
                work.connection, self.sealer, case.run, channel=_CHANNELS[task].value, address=content["direccion"]
            )
            if shared and not decided:
                raise Refusal(NOT_YET, findings=(CONTACT_SHARED,))

    def _enable(self, work: Work, deed: Deed) -> Enabled:
        """Write professional, access, enrolment, dossier and, last, the log entry."""
        case, entry_id = deed.case, work.new_id()
        declared = deed.declared
        earlier = find_professional(work.connection, self.sealer, case.run)
        record_professional(work, self.sealer, case.run, declared.professional())
        keys = self._give_access(work, deed, entry_id)
        if earlier is not None and earlier.data.email != declared.email:
            moved = enrolled_message(earlier.data.email, operator=self.operator)
            self.notices.promise(work, run=case.run, message=moved, on_account_of=entry_id)
        work.execute(
            enrolments.insert().values(
                id=deed.enrolment_id,
                run=str(case.run),
                context=case.context.code,
                kind=IN_PERSON,
                responsible=deed.officer,
                protocol=_step_of(case),
                entry_id=entry_id,
                at=work.at,
            )
        )
        members = deed.members(operator=self.operator, rut=self.rut, limits=self._limits(work.at), test=self.test)
        listed = manifest(members)
        kept = {name: content for name, content in members.items() if not dossier.is_paper(name)}
        kept[manifest_name(1)] = listed
        store.record_dossier(work, self.sealer, enrolment_id=deed.enrolment_id, case_id=case.id, members=kept)
        store.record_end(
            work,
            self.sealer,
            case,
            kind="habilitado",
            by=deed.officer,
            entry_id=entry_id,
            enrolment_id=deed.enrolment_id,
        )
        data = {
            "enrolamiento": str(deed.enrolment_id),
            "caso": str(case.id),
            "run": str(case.run),
            "contexto": case.context.code,
            "funcionario": deed.officer,
            "acreditacion": str(deed.ready.mandate.id),
            "protocolos": list(case.protocols),
            "ip": deed.origin.ip,
            MANIFEST_DATUM: digest_of(listed),
        }
        told = {"enrolamiento": str(deed.enrolment_id), "caso": str(case.id), "ip": deed.origin.ip}
        for key in keys:
            facts = {**key.facts(), **told}
            self.log.append(work, kind=KEY_REGISTERED, actor=deed.officer, data=facts, entry_id=key.entry_id)
        self.log.append(work, kind=ENROLLED_IN_PERSON, actor=deed.officer, data=data, entry_id=entry_id)
        return Enabled(deed.enrolment_id, entry_id, replayed=False)

    def _give_access(self, work: Work, deed: Deed, entry_id: UUID) -> tuple[SigningKey, ...]:
        """Set factor and first password; the password goes by mail and its activation by telephone (N-2.3a).

        Returns the keys registered. Who has means of access already keeps them: no officer puts a password or a factor
        on an account that lives.
        """
        case, declared = deed.case, deed.declared
        if deed.keeps_access is not has_access(work.connection, case.run):
            raise Refusal(CASE_CHANGED)
        keys: tuple[SigningKey, ...] = ()
        if deed.keeps_access:
            messages: tuple[Message, ...] = (enrolled_message(declared.email, operator=self.operator),)
        else:
            keys = self._give_factor(work, deed)
            activation = self.credentials.set_first_access(work, case.run, deed.ready.hashed)
            messages = (
                password_message(
                    declared.email,
                    deed.ready.password,
                    operator=self.operator,
                    registered=registered_factors(deed.ready.every),
                ),
                activation_message(declared.telephone, activation, operator=self.operator),
                *self._told_of(keys, declared),
            )
        for message in messages:
            self.notices.promise(work, run=case.run, message=message, on_account_of=entry_id)
        return keys

    def _told_of(self, keys: Sequence[SigningKey], declared: Declared) -> tuple[Message, ...]:
        """The messages that name the keys: what the officer saw on his screen, its owner keeps elsewhere (N-2.2a)."""
        if not keys:
            return ()
        letter = registered_letter(keys, operator=self.operator, where=AT_THE_DESK)
        return letter.to(email=declared.email, telephone=declared.telephone)

    def _give_factor(self, work: Work, deed: Deed) -> tuple[SigningKey, ...]:
        """Make what was registered in front of the officer the professional's: the application, the keys, or both."""
        run, factor = deed.case.run, deed.registered
        if factor["tipo"] == TOTP:
            secret = store.find_secret(work.connection, self.sealer, UUID(factor["ofrecido"]))
            self.credentials.set_totp(work, run, secret=secret, proven=(factor["paso"], PIECE_GATHERED.code))
        shown = (NewKey.parse(key) for key in factor.get("llaves", ()))
        return tuple(registration.record_key(work, run, new, entry_id=work.new_id()) for new in shown)

    def _papers(self, connection: Connection, papers: Sequence[dossier.Paper]) -> dict[str, bytes]:
        """Read the documents of a dossier."""
        return {paper.member: self.documents.read(connection, paper.id).content for paper in papers}


def _step_of(case: Case) -> str:
    """The step of the protocol that the case pinned."""
    pinned = next(pinned for pinned in case.protocols if pinned.startswith("enrolamiento-presencial@"))
    return f"{pinned.partition(':')[0]}#habilitar"


def _entry_of(connection: Connection, enrolment_id: UUID) -> UUID:
    query = enrolments.select().with_only_columns(enrolments.c.entry_id).where(enrolments.c.id == enrolment_id)
    entry_id: UUID = connection.execute(query).scalar_one()
    return entry_id
