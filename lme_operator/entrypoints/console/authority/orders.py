"""The page of a person of an authority: look somebody up, order a suspension, see it in force, lift one's own.

The same acts as those of a machine that signs (N-6a to N-6d); what proves them is the person's own code, and the page
says so. The RUN that is looked up travels in the form, never in an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from lme_operator.core.database import Deadline
from lme_operator.core.periods import local_day
from lme_operator.core.refusal import Fault, Refusal
from lme_operator.core.run import Run
from lme_operator.domain.suspensions import (
    Authority,
    LiftingOrder,
    PersonOrdering,
    SuspensionOrder,
    Suspensions,
    Terms,
)
from lme_operator.domain.suspensions.refusals import (
    LIFTING_TAKEN,
    RESOLUTION_DATE_IMPOSSIBLE,
    RESOLUTION_TAKEN,
    SUSPENSION_OVER,
    TOO_MANY_SEARCHES,
)
from lme_operator.entrypoints.console.authority.proof import AuthorityProof, what_it_forbids, who_is
from lme_operator.entrypoints.console.own.entry import WRONG_CODES
from lme_operator.entrypoints.http.exchange import current_exchange
from lme_operator.entrypoints.http.routes import Answer, Call, Idempotency
from lme_operator.entrypoints.http.types import refuse
from lme_operator.entrypoints.pages.fields import DayField, LineField, ParagraphField, RunField, SixDigits
from lme_operator.entrypoints.pages.form_pages import SUBJECT, FormPage, Loaded
from lme_operator.entrypoints.pages.form_state import FormState, field_wrong
from lme_operator.entrypoints.pages.formats import day
from lme_operator.entrypoints.pages.forms import Asks, Fields, FormModel, parse_fields
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.pages import HTML, PAGES, Page, Returned
from lme_operator.entrypoints.pages.screens import Screens

_BASE = f"{PAGES}/autoridad"
_ONE = f"{_BASE}/suspensiones"
_RESOLUTION = Annotated[LineField, Field(max_length=60), Asks("Escriba el número de la resolución.")]
_SHORTEST = 10
"""Fewer letters say no reason."""
_UNTIL = (
    ("dia", "Hasta un día, inclusive", "Escríbalo abajo."),
    ("definitiva", "Sin término", "Dura hasta que la autoridad la levante."),
)
"""Value, words and hint of each choice."""


def _says_something(text: str) -> str:
    if len(text) < _SHORTEST:
        raise refuse("texto_muy_breve", "Es muy breve.", "Escríbalo de modo que otra persona lo entienda.")
    return text


_Reason = Annotated[ParagraphField, AfterValidator(_says_something)]
"""Grounds, or a motive: it ends up in the proof."""


class PersonForm(FormModel):
    """Who is looked up."""

    run: RunField


class OrderForm(FormModel):
    """What the resolution says. Both days are inside the suspension."""

    run: RunField
    numero_resolucion: _RESOLUTION
    fecha_resolucion: Annotated[DayField, Asks("Escriba la fecha que lleva la resolución.")]
    desde: Annotated[DayField, Asks("Escriba desde qué día.")]
    termino: Annotated[Literal["dia", "definitiva"], Asks("Elija si tiene término.")]
    hasta: DayField | None = None
    fundamento: Annotated[_Reason, Asks("Escriba el fundamento.")]

    def order(self) -> SuspensionOrder:
        """As the room knows it; raise `Refusal(datos_invalidos)` where the days do not go together."""
        if self.termino == "dia" and self.hasta is None:
            raise field_wrong("hasta", "Escriba el último día, o elija que no tiene término.", code="campo_faltante")
        if self.termino == "definitiva" and self.hasta is not None:
            raise field_wrong("hasta", "Sin término no lleva último día: borre uno de los dos.")
        if self.hasta is not None and self.hasta < self.desde:
            raise field_wrong("hasta", "El último día es anterior al primero.", code="periodo_invertido")
        terms = Terms(
            resolution_number=self.numero_resolucion,
            resolution_date=self.fecha_resolucion,
            first_day=self.desde,
            last_day=self.hasta,
            grounds=self.fundamento,
        )
        return SuspensionOrder(run=self.run, terms=terms)

    def typed(self) -> Mapping[str, tuple[str, ...]]:
        """The values as a form carries them."""
        until = {} if self.hasta is None else {"hasta": (day(self.hasta),)}
        return {
            "run": (self.run.display,),
            "numero_resolucion": (self.numero_resolucion,),
            "fecha_resolucion": (day(self.fecha_resolucion),),
            "desde": (day(self.desde),),
            "termino": (self.termino,),
            "fundamento": (self.fundamento,),
            **until,
        }


class ConfirmForm(OrderForm):
    """The order as it was shown, and the person's own code."""

    codigo: SixDigits


class LiftingForm(FormModel):
    """Why a suspension is lifted, and the person's own code. It is lifted at once."""

    numero_resolucion: _RESOLUTION
    motivo: Annotated[_Reason, Asks("Escriba el motivo.")]
    codigo: SixDigits


_SAID_AT = {RESOLUTION_TAKEN: "numero_resolucion", RESOLUTION_DATE_IMPOSSIBLE: "fecha_resolucion", **WRONG_CODES}


@dataclass(frozen=True, slots=True)
class AuthorityPages:
    """The pages of a person of an authority."""

    suspensions: Suspensions
    screens: Screens

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        guard = guards.authority
        ordered: Page[Mandated, ConfirmForm] = Page(
            method="POST", path=f"{_BASE}/ordenar", name="consola_autoridad_ordenar", summary="Ordena la suspensión.",
            subject=SUBJECT, guard=guard, handle=self._order, input=ConfirmForm, answer=HTML,
            idempotency=Idempotency.REQUIRED, priority=True, again=self._confirm_again, said_at=_SAID_AT,
        )  # fmt: skip
        asked = FormPage(
            path=_BASE, name="consola_autoridad", title="Suspensiones", template="autoridad.html", guard=guard,
            input=PersonForm, act=self._look_up, said_at={TOO_MANY_SEARCHES: None},
        )  # fmt: skip
        drafted = FormPage(
            path=f"{_BASE}/orden", name="consola_autoridad_orden", title="Ordenar una suspensión",
            template="autoridad_orden.html", guard=guard, input=OrderForm, act=self._preview,
            load=lambda *_: Loaded({"until": _UNTIL}),
        )  # fmt: skip
        lifted = FormPage(
            path=f"{_ONE}/{{id}}/levantamiento", name="consola_autoridad_levantamiento", title="Levantar la suspensión",
            template="autoridad_levantamiento.html", guard=guard, input=LiftingForm, act=self._lift, load=self._own,
            said_at={LIFTING_TAKEN: "numero_resolucion", SUSPENSION_OVER: None, **WRONG_CODES},
            idempotency=Idempotency.REQUIRED, priority=True,
        )  # fmt: skip
        proof = AuthorityProof(self.suspensions, self.screens)
        forms = (page for form in (asked, drafted, lifted) for page in form.pages(self.screens))
        return (*forms, ordered, *proof.pages(guards))

    def _look_up(self, call: Call[Mandated, PersonForm]) -> Answer:
        run = call.input.run
        found = self.suspensions.look_up(
            run, session=call.who.session, mandate=call.who.mandate, origin=call.origin, deadline=call.deadline
        )
        return self.screens.show(
            call.who,
            "autoridad_persona.html",
            title="¿Tiene una suspensión vigente?",
            deadline=call.deadline,
            found=found,
            identity=who_is(found.registered),
            until=_UNTIL,
            form=FormState({"run": (run.display,)}),
        )

    def _preview(self, call: Call[Mandated, OrderForm]) -> Answer:
        """Show what will be forbidden before anything is: nothing is kept yet."""
        return self._confirm(call.who, call.input, FormState(call.input.typed()), call.deadline)

    def _confirm_again(self, returned: Returned[Mandated]) -> Answer:
        """Show the confirmation with what is wrong; the order's own form when the fault is in the order."""
        form = FormState.of(returned, _SAID_AT)
        order = _order_in(returned.values)
        if order is not None and {error.field for error in form.errors} <= {"codigo", None}:
            return self._confirm(returned.who, order, form, returned.deadline)
        return self.screens.show(
            returned.who,
            "autoridad_orden.html",
            title="Ordenar una suspensión",
            deadline=returned.deadline,
            form=form,
            until=_UNTIL,
        )

    def _confirm(self, who: Mandated, order: OrderForm, form: FormState, deadline: Deadline) -> Answer:
        terms = order.order().terms
        return self.screens.show(
            who,
            "autoridad_confirmar.html",
            title="Confirmar la suspensión",
            deadline=deadline,
            form=form,
            identity=self._identity(who, order.run, deadline),
            sentence=what_it_forbids(terms.first_day, terms.last_day),
            begun=terms.first_day <= local_day(self.screens.clock()),
            over=terms.period.end is not None and terms.period.end <= self.screens.clock(),
            order=order,
            hidden=order.typed(),
            authority=Authority.by_mandate(who.mandate).name,
        )

    def _identity(self, who: Mandated, run: Run, deadline: Deadline) -> str:
        """Who it is, counted as a search. An order waits for no search: what cannot be said now is not said."""
        try:
            registered = self.suspensions.identify(
                run, session=who.session, mandate=who.mandate, origin=current_exchange().origin, deadline=deadline
            )
        except Refusal as refusal:
            if refusal.kind is not TOO_MANY_SEARCHES:
                raise
            return "No se muestra: buscó a demasiadas personas en la última hora"
        except Fault:
            return "No se pudo leer ahora; compruebe el RUN"
        return who_is(registered)

    def _order(self, call: Call[Mandated, ConfirmForm]) -> Answer:
        received = self.suspensions.receive(
            call.input.order(), by=self._orderer(call, call.input.codigo), deadline=call.deadline
        )
        return self.screens.go(f"{_ONE}/{received.id}", notice="suspension_ordenada")

    def _lift(self, call: Call[Mandated, LiftingForm]) -> Answer:
        form, suspension_id = call.input, call.path["id"]
        order = LiftingOrder(resolution_number=form.numero_resolucion, reason=form.motivo)
        self.suspensions.lift(suspension_id, order, by=self._orderer(call, form.codigo), deadline=call.deadline)
        return self.screens.go(f"{_ONE}/{suspension_id}", notice="suspension_levantada")

    def _orderer(self, call: Call[Mandated, Any], code: str) -> PersonOrdering:
        return PersonOrdering(
            session=call.who.session,
            mandate=call.who.mandate,
            code=code,
            request=call.demanded_key,
            origin=call.origin,
            received_at=self.screens.clock(),
        )

    def _own(self, who: Mandated, path: Mapping[str, UUID], deadline: Deadline) -> Loaded:
        authority = Authority.by_mandate(who.mandate)
        sheet = self.suspensions.sheet(path["id"], authority=authority, deadline=deadline)
        suspension = sheet.suspension
        sentence = what_it_forbids(suspension.first_day, suspension.last_day)
        return Loaded({"suspension": suspension, "sentence": sentence, "identity": who_is(sheet.registered)})


def _order_in(values: Mapping[str, tuple[str, ...]]) -> OrderForm | None:
    """The order that came with a confirmation, None when it is not sound."""
    texts = {name: typed for name, typed in values.items() if name in OrderForm.model_fields}
    try:
        order = parse_fields(OrderForm, Fields(texts, {}, "", ""))
        if isinstance(order, OrderForm):
            order.order()
            return order
    except Refusal:
        pass
    return None
