"""The professional's own affairs: what stands, his own block, his security keys."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from uuid import UUID

from lme_operator.core.canonical import parse_instant
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.domain.access import MAY_NOT_KEEP_KEYS, Access, AccessState
from lme_operator.domain.audit import Log
from lme_operator.domain.credentials import Session, SigningKey
from lme_operator.domain.credentials.refusals import CHALLENGE_OVER, KEY_KNOWN, KEY_REFUSED
from lme_operator.domain.enrolment import in_force
from lme_operator.domain.enrolment.in_person import InPerson
from lme_operator.domain.standing import Act, Judgement, Standing
from lme_operator.entrypoints.api.professional.own_block import Blocking, blocking_guard
from lme_operator.entrypoints.api.professional.sessions import OF_THE_CODE, OptionsShown, TotpFactor
from lme_operator.entrypoints.api.professional.shown import (
    Credential,
    Identifier,
    Permission,
    Receipt,
    ShownContext,
    ShownInstant,
)
from lme_operator.entrypoints.http.people import PROFESSIONAL
from lme_operator.entrypoints.http.routes import Answer, Call, Idempotency, Route
from lme_operator.entrypoints.http.types import Model, Shown

_SUBJECT = "Profesional"
_BASE = "/api/v1/profesional"
_KEYS = f"{_BASE}/llaves"


NO_CONSTANCIA = refusal(
    code="sin_constancia",
    status=404,
    citation="enrolamiento-presencial@v2#constancia",
    words="No hay una constancia de su enrolamiento en este contexto.",
    remedy="Pídala a quien lo enroló.",
)


class NothingModel(Model, title="SinCampos"):
    """No field at all: `{}` or no body."""


class KeyRequestModel(Model, title="SolicitudDeLlave"):
    """What the key is for, and a fresh code."""

    proposito: Literal["firma", "entrada"] = "firma"
    segundo_factor: TotpFactor


class KeyModel(Model, title="RegistroDeLlave"):
    """The authenticator's answer to the challenge of `intento`."""

    intento: Identifier
    credencial: Credential


class KeyShown(Shown, title="Llave"):
    """A security key."""

    id: UUID
    proposito: str
    huella: str
    respaldada: bool
    registrada_en: ShownInstant

    @classmethod
    def of(cls, key: SigningKey) -> "KeyShown":
        """Render a key."""
        return cls(
            id=key.id, proposito=key.purpose, huella=key.thumbprint, respaldada=key.backed_up, registrada_en=key.at
        )


class KeyRegisteredShown(Shown, title="LlaveRegistrada"):
    """A key registered, with its receipt."""

    llave: KeyShown
    recibo: Receipt


class PasswordStateShown(Shown, title="EstadoDeClave"):
    """The password's dates."""

    fijada_en: ShownInstant | None
    vence_en: ShownInstant | None
    inicial: bool


class DataStateShown(Shown, title="EstadoDeDatos"):
    """When the person's data were given, and by when they must be again."""

    actualizados_en: ShownInstant | None
    vencen_en: ShownInstant | None


class FactorsShown(Shown, title="Factores"):
    """The second factors."""

    totp: bool
    llaves: tuple[KeyShown, ...]


class RegisterShown(Shown, title="EstadoEnElRnpi"):
    """What the RNPI last said, as far as issuing rests on it; `por_excepcion` when it could not be asked (N-4c)."""

    consulta: UUID | None
    resultado: str | None
    consultado_en: ShownInstant | None
    por_excepcion: bool

    @classmethod
    def of(cls, judgement: Judgement) -> "RegisterShown":
        """Render the fact on which a judgement rests."""
        fact = next(fact for fact in judgement.facts if fact["hecho"] == "rnpi_del_dia")
        told = fact["valor"]
        return cls(
            consulta=told["consulta"],
            resultado=told["resultado"],
            consultado_en=None if told["instante"] is None else parse_instant(told["instante"]),
            por_excepcion=fact["norma"] == "N-4c",
        )


class StateShown(Shown, title="EstadoDelProfesional"):
    """What stands of the professional today."""

    contexto: ShownContext
    puede_emitir: Permission
    rnpi: RegisterShown
    bloqueado: bool
    clave: PasswordStateShown
    datos: DataStateShown
    factores: FactorsShown


class BlockShown(Shown, title="BloqueoPropio"):
    """The own block, in force since its instant."""

    id: UUID
    bloqueado_desde: ShownInstant
    recibo: Receipt


def professional_routes(
    access: Access, standing: Standing, in_person: InPerson, log: Log, database: Database
) -> tuple[Route[Any, Any], ...]:
    """Return the routes of the professional's own affairs."""
    doors = _Doors(access, standing, in_person, log, database)
    return (
        Route(
            method="GET",
            path=f"{_BASE}/estado",
            name="ver_estado",
            summary="Si puede emitir y por qué no, el RNPI de hoy, plazos de clave y datos, factores.",
            subject=_SUBJECT,
            guard=PROFESSIONAL,
            handle=doors.state,
            answer=StateShown,
        ),
        Route(
            method="GET",
            path=f"{_BASE}/constancia.pdf",
            name="ver_constancia",
            summary="La constancia de enrolamiento, en PDF.",
            subject=_SUBJECT,
            guard=PROFESSIONAL,
            handle=doors.constancia,
            answer="application/pdf",
            problems=(NO_CONSTANCIA,),
        ),
        Route(
            method="POST",
            path=f"{_BASE}/bloqueo",
            name="bloquearse",
            summary="Bloquea de inmediato los propios medios de acceso; nada se emite después del recibo.",
            subject=_SUBJECT,
            guard=blocking_guard(access),
            handle=doors.block,
            input=NothingModel,
            answer=BlockShown,
            status=HTTPStatus.CREATED,
            idempotency=Idempotency.OPTIONAL,
            priority=True,
        ),
        Route(
            method="POST",
            path=f"{_KEYS}/opciones",
            name="pedir_desafio_de_registro",
            summary="Comienza el registro de una llave de seguridad, con un código nuevo.",
            subject=_SUBJECT,
            guard=PROFESSIONAL,
            handle=doors.key_options,
            input=KeyRequestModel,
            answer=OptionsShown,
            status=HTTPStatus.CREATED,
            problems=(*OF_THE_CODE, MAY_NOT_KEEP_KEYS),
        ),
        Route(
            method="POST",
            path=_KEYS,
            name="registrar_llave",
            summary="Registra la llave que responde al desafío; lo preparado antes deja de servir.",
            subject=_SUBJECT,
            guard=PROFESSIONAL,
            handle=doors.register_key,
            input=KeyModel,
            answer=KeyRegisteredShown,
            status=HTTPStatus.CREATED,
            problems=(CHALLENGE_OVER, KEY_REFUSED, KEY_KNOWN, MAY_NOT_KEEP_KEYS),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Doors:
    access: Access
    standing: Standing
    in_person: InPerson
    log: Log
    database: Database

    def constancia(self, call: Call[Session, None]) -> Answer:
        """The constancia of the enrolment in force in the session's context."""
        session = call.who
        with self.database.reading(deadline=call.deadline) as connection:
            enrolled = in_force(connection, session.run, session.context, self.database.clock())
        found = (
            None if enrolled is None else self.in_person.constancia(enrolment_id=enrolled.id, deadline=call.deadline)
        )
        if found is None:
            raise Refusal(NO_CONSTANCIA)
        return Answer(found, headers={"Content-Disposition": 'attachment; filename="constancia.pdf"'})

    def state(self, call: Call[Session, None]) -> Answer:
        session = call.who
        state = self.access.state(session=session, deadline=call.deadline)
        with self.database.reading(deadline=call.deadline) as connection:
            judgement = self.standing.judge(
                connection, run=session.run, act=Act.ISSUE, context=session.context, at=self.database.clock()
            )
        return Answer(_state(session, judgement, state))

    def block(self, call: Call[Blocking, NothingModel]) -> Answer:
        block = call.who
        if isinstance(block, Session):
            block = self.access.block_self(
                session=block, origin=call.origin, deadline=call.deadline, idempotency=call.key
            )
        receipt = self._receipt(block.entry_id, call.deadline, priority=True)
        return Answer(BlockShown(id=block.id, bloqueado_desde=block.at, recibo=receipt), replayed=block.replayed)

    def key_options(self, call: Call[Session, KeyRequestModel]) -> Answer:
        options = self.access.register_key_options(
            session=call.who,
            purpose=call.input.proposito,
            code=call.input.segundo_factor.codigo,
            origin=call.origin,
            deadline=call.deadline,
        )
        return Answer(OptionsShown.of(options))

    def register_key(self, call: Call[Session, KeyModel]) -> Answer:
        registered = self.access.register_key(
            session=call.who,
            attempt=call.input.intento,
            credential=call.input.credencial,
            origin=call.origin,
            deadline=call.deadline,
        )
        receipt = self._receipt(registered.entry_id, call.deadline)
        return Answer(KeyRegisteredShown(llave=KeyShown.of(registered.key), recibo=receipt))

    def _receipt(self, entry_id: UUID, deadline: Deadline, *, priority: bool = False) -> Receipt:
        with self.database.after_commit(deadline=deadline, priority=priority) as connection:
            return Receipt.model_validate(self.log.receipt(connection, entry_id))


def _state(session: Session, judgement: Judgement, state: AccessState) -> StateShown:
    return StateShown(
        contexto=ShownContext.of(session.context),
        puede_emitir=Permission.of(judgement.decision),
        rnpi=RegisterShown.of(judgement),
        bloqueado=state.blocked,
        clave=PasswordStateShown(
            fijada_en=state.password_set_at, vence_en=state.password_due_at, inicial=state.password_initial
        ),
        datos=DataStateShown(actualizados_en=state.data_recorded_at, vencen_en=state.data_due_at),
        factores=FactorsShown(totp=state.totp, llaves=tuple(KeyShown.of(key) for key in state.keys)),
    )
