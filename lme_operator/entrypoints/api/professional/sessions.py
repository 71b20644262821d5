"""Sessions of people: enter with two factors, change the password, leave."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Response
from pydantic import Field

from lme_operator.core.canonical import format_instant, parse_instant
from lme_operator.core.database import Database
from lme_operator.core.periods import SANTIAGO
from lme_operator.domain.access import (
    MUST_CHANGE_PASSWORD,
    WRONG_CREDENTIALS,
    Access,
    Entered,
    KeyAnswer,
    PasswordChangeDue,
    SecondFactor,
    TotpCode,
)
from lme_operator.domain.access.refusals import ACCESS_BLOCKED, ACCESS_CHANGED, CURRENT_WRONG, PASSWORD_UNFIT
from lme_operator.domain.credentials import KeyOptions, Session
from lme_operator.domain.credentials.refusals import (
    ACTIVATION_MISSING,
    ACTIVATION_OVER,
    ACTIVATION_WRONG,
    CHALLENGE_OVER,
    KEY_COUNTER,
    KEY_REFUSED,
    NO_ENTRY_KEY,
    NO_TOTP,
    OLD_CODE,
    TOO_MANY_CODES,
    TOO_MANY_TRIES,
    USED_CODE,
    WRONG_CODE,
)
from lme_operator.domain.standing import Act, Judgement, Standing
from lme_operator.entrypoints.api.openapi import Problem
from lme_operator.entrypoints.api.professional.shown import (
    ContextModel,
    Credential,
    Identifier,
    Permission,
    ShownContext,
    ShownInstant,
)
from lme_operator.entrypoints.http.people import ANY_STAGE
from lme_operator.entrypoints.http.problems import problem
from lme_operator.entrypoints.http.routes import OPEN, Answer, Call, Route
from lme_operator.entrypoints.http.types import ActivationCode, Model, RunText, Shown
from lme_operator.entrypoints.http.types import TotpCode as TotpText

_SUBJECT = "Sesiones"
_SESSIONS = "/api/v1/sesiones"

_DOOR = (WRONG_CREDENTIALS, TOO_MANY_TRIES, ACCESS_CHANGED)
OF_THE_CODE = (WRONG_CODE, USED_CODE, OLD_CODE, NO_TOTP, TOO_MANY_CODES)
"""What a TOTP code may be refused with."""
OF_THE_ACTIVATION = (ACTIVATION_MISSING, ACTIVATION_WRONG, ACTIVATION_OVER)
"""What the code that activates an initial password may be refused with."""
OF_THE_KEY = (KEY_REFUSED, KEY_COUNTER)
"""What the answer of a security key may be refused with."""

Password = Annotated[str, Field(min_length=1, max_length=1024)]
"""Any characters, and no other rule here (OWASP ASVS 6.2)."""


class TotpFactor(Model, title="SegundoFactorTotp"):
    """A code of an authenticator application."""

    tipo: Literal["totp"]
    codigo: TotpText

    def value(self) -> SecondFactor:
        """As the rooms know it."""
        return TotpCode(self.codigo)


class KeyFactor(Model, title="SegundoFactorWebauthn"):
    """The answer of a security key to the challenge of `intento`."""

    tipo: Literal["webauthn"]
    intento: Identifier
    credencial: Credential

    def value(self) -> SecondFactor:
        """As the rooms know it."""
        return KeyAnswer(self.intento, self.credencial)


class EntryModel(Model, title="Entrada"):
    """Who enters, with what, and in which context."""

    run: RunText
    clave: Password
    segundo_factor: Annotated[TotpFactor | KeyFactor, Field(discriminator="tipo")]
    contexto: ContextModel


class KeyEntryModel(Model, title="EntradaConLlave"):
    """Who asks for the challenge of a security key."""

    run: RunText
    clave: Password


class PasswordModel(Model, title="CambioDeClave"):
    """The change of a password; an initial one that an officer gave out comes with its activation code."""

    actual: Password
    nueva: Password
    codigo_activacion: ActivationCode | None = None


class SessionShown(Shown, title="Sesion"):
    """A session just opened; `token` is shown this once."""

    token: str
    vence_en: ShownInstant
    contexto: ShownContext
    puede_emitir: Permission
    avisos: tuple[str, ...]


class ChangeDueShown(Problem, title="ProblemaDebeCambiarClave"):
    """The entry stands; `token` is good for changing the password alone, and for no longer than `vence_en`."""

    token: str
    vence_en: ShownInstant


class OptionsShown(Shown, title="OpcionesWebauthn"):
    """What the browser hands to the authenticator, and the attempt to name when it answers."""

    intento: UUID
    opciones: dict[str, Any]
    vence_en: ShownInstant

    @classmethod
    def of(cls, options: KeyOptions) -> "OptionsShown":
        """Render the options."""
        return cls(intento=options.attempt, opciones=options.options, vence_en=options.expires_at)


def session_routes(access: Access, standing: Standing, database: Database) -> tuple[Route[Any, Any], ...]:
    """Return the routes of sessions."""
    doors = _Doors(access, standing, database)
    return (
        Route(
            method="POST",
            path=_SESSIONS,
            name="abrir_sesion",
            summary="Abre la única sesión viva de una persona, con su clave y un segundo factor.",
            subject=_SUBJECT,
            guard=OPEN,
            handle=doors.enter,
            input=EntryModel,
            answer=SessionShown,
            status=HTTPStatus.CREATED,
            asks_outside=True,
            problems=(*_DOOR, MUST_CHANGE_PASSWORD, CHALLENGE_OVER, *OF_THE_CODE, *OF_THE_KEY),
            problem_models={MUST_CHANGE_PASSWORD: ChangeDueShown},
        ),
        Route(
            method="POST",
            path=f"{_SESSIONS}/opciones",
            name="pedir_desafio_de_entrada",
            summary="Entrega el desafío para entrar con una llave de seguridad en vez de un código.",
            subject=_SUBJECT,
            guard=OPEN,
            handle=doors.key_options,
            input=KeyEntryModel,
            answer=OptionsShown,
            status=HTTPStatus.CREATED,
            problems=(*_DOOR, NO_ENTRY_KEY),
        ),
        Route(
            method="PUT",
            path=f"{_SESSIONS}/actual/clave",
            name="cambiar_clave",
            summary="Cambia la clave; termina todas las sesiones, también ésta.",
            subject=_SUBJECT,
            guard=ANY_STAGE,
            handle=doors.change_password,
            input=PasswordModel,
            status=HTTPStatus.NO_CONTENT,
            problems=(PASSWORD_UNFIT, CURRENT_WRONG, TOO_MANY_TRIES, ACCESS_BLOCKED, *OF_THE_ACTIVATION),
        ),
        Route(
            method="DELETE",
            path=f"{_SESSIONS}/actual",
            name="cerrar_sesion",
            summary="Termina la sesión.",
            subject=_SUBJECT,
            guard=ANY_STAGE,
            handle=doors.leave,
            status=HTTPStatus.NO_CONTENT,
        ),
    )


def render_change_due(due: PasswordChangeDue) -> Response:
    """The problem `debe_cambiar_clave`, with the token good for that change alone."""
    members = {"token": due.entered.token, "vence_en": format_instant(due.entered.expires_at)}
    return problem(due.kind, findings=due.findings, members=members)


@dataclass(frozen=True, slots=True)
class _Doors:
    access: Access
    standing: Standing
    database: Database

    def enter(self, call: Call[None, EntryModel]) -> Answer:
        entered = self.access.enter(
            run=call.input.run,
            password=call.input.clave,
            second_factor=call.input.segundo_factor.value(),
            context=call.input.contexto.value(),
            origin=call.origin,
            deadline=call.deadline,
        )
        return Answer(self._show(entered, call))

    def key_options(self, call: Call[None, KeyEntryModel]) -> Answer:
        options = self.access.key_entry_options(
            run=call.input.run, password=call.input.clave, origin=call.origin, deadline=call.deadline
        )
        return Answer(OptionsShown.of(options))

    def change_password(self, call: Call[Session, PasswordModel]) -> Answer:
        self.access.change_password(
            session=call.who,
            current=call.input.actual,
            new=call.input.nueva,
            activation=call.input.codigo_activacion,
            origin=call.origin,
            deadline=call.deadline,
        )
        return Answer(None)

    def leave(self, call: Call[Session, None]) -> Answer:
        self.access.leave(session=call.who, origin=call.origin, deadline=call.deadline)
        return Answer(None)

    def _show(self, entered: Entered, call: Call[None, EntryModel]) -> SessionShown:
        session = entered.session
        with self.database.reading(deadline=call.deadline) as connection:
            judgement = self.standing.judge(
                connection, run=session.run, act=Act.ISSUE, context=session.context, at=self.database.clock()
            )
        return SessionShown(
            token=entered.token,
            vence_en=entered.expires_at,
            contexto=ShownContext.of(session.context),
            puede_emitir=Permission.of(judgement.decision),
            avisos=(*entered.notices, *_notices(judgement)),
        )


def _notices(judgement: Judgement) -> tuple[str, ...]:
    """Say that the RNPI could not be asked, where that does not keep the person from issuing (N-4c)."""
    fact = next(fact for fact in judgement.facts if fact["hecho"] == "rnpi_del_dia")
    if fact["norma"] != "N-4c" or not judgement.decision.allowed:
        return ()
    asked = parse_instant(fact["valor"]["instante"]).astimezone(SANTIAGO)
    return (
        f"No pudimos consultar el RNPI a las {asked:%H:%M}. Puede emitir; dejamos constancia "
        f"(consulta {fact['valor']['consulta']}) y volveremos a consultar en cada emisión.",
    )
