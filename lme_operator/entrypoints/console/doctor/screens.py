"""Screens 1 and 2 of a licence as they are shown, and the pieces of them that come while one writes."""

from dataclasses import dataclass
from typing import Any

from lme_operator.core.database import Deadline
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance import Draft, Earlier
from lme_operator.domain.licences import read_document
from lme_operator.domain.licences.calendar import rest_calendar
from lme_operator.domain.licences.codes import Cie10, cie10, communes
from lme_operator.domain.licences.form import KINDS
from lme_operator.entrypoints.console.doctor import words
from lme_operator.entrypoints.console.doctor.base import DRAFT, LEAVE, PATIENT, WRITING, LicencePagesBase, address
from lme_operator.entrypoints.console.doctor.calendar import Calendar, draw
from lme_operator.entrypoints.console.doctor.fields import (
    LeaveForm,
    PatientForm,
    Values,
    days_of,
    first_of,
    run_of,
    taken_for_granted,
)
from lme_operator.entrypoints.console.doctor.order import attention_of, commune_name, read_order, split_code
from lme_operator.entrypoints.http.routes import Answer
from lme_operator.entrypoints.pages.form_state import FormState
from lme_operator.entrypoints.pages.formats import day
from lme_operator.entrypoints.pages.guards import Person
from lme_operator.entrypoints.pages.screens import PAGE_HEADERS

_TITLES = {PATIENT: "Paciente", LEAVE: "Licencia"}


@dataclass(frozen=True, slots=True)
class Place:
    """An error of the other screen, and where to mend it."""

    words: str
    path: str


@dataclass(frozen=True, slots=True)
class DraftScreens(LicencePagesBase):
    """Shows drafts."""

    def usual(self, session: Session, deadline: Deadline) -> dict[str, tuple[str, ...]]:
        """What a new licence says unless told otherwise; the attention is where the last one was."""
        attention = self._last_attention(session, deadline)
        known = self.issuance.own_kinds(session=session, deadline=deadline)
        kinds = (1,) if known is None else known.open
        fixed = {
            "fecha_inicio": day(self.screens.clock()), "reposo": "total", "lugar": "domicilio",
            "recuperable": "si", "invalidez": "no", "modalidad": "presencial",
        }  # fmt: skip
        commune = attention.get("comuna_atencion", ())
        kind = {"tipo": tuple(str(one) for one in kinds[:1])}
        return {**kind, **{name: (value,) for name, value in fixed.items()}, **attention, "comuna": commune}

    def _last_attention(self, session: Session, deadline: Deadline) -> dict[str, tuple[str, ...]]:
        last = self.issuance.issued(session=session, deadline=deadline).lines[:1]
        if last:
            document = self.issuance.document(session=session, licence_id=last[0].id, deadline=deadline)
            return attention_of(read_document(document).order)
        commune = self.issuance.own_commune(session=session, deadline=deadline)
        return {} if commune is None else {"comuna_atencion": (commune_name(commune),)}

    def show_screen(self, screen: str, who: Person, draft: Draft, form: FormState, deadline: Deadline) -> Answer:
        """Show a screen of the draft; what must be mended in the other one leads there."""
        if screen == PATIENT:
            shown, other, there = self._beside_patient(who, draft, deadline), set(LeaveForm.model_fields), LEAVE
        else:
            shown, other, there = self._beside_leave(who, draft, form, deadline), set(PatientForm.model_fields), PATIENT
        elsewhere = [
            Place(error.words, f"{address(DRAFT, draft.id, there)}#campo-{error.field}")
            for error in form.errors
            if error.field in other
        ]
        own = tuple(error for error in form.errors if error.field not in other)
        return self.screens.show(
            who,
            f"licencia_{screen}.html",
            title=_TITLES[screen],
            deadline=deadline,
            form=FormState(form.values, own),
            scripts=WRITING,
            elsewhere=elsewhere,
            seen=taken_for_granted(PatientForm if screen == PATIENT else LeaveForm, draft.values),
            **self._of_draft(draft),
            **shown,
        )

    def _of_draft(self, draft: Draft) -> dict[str, Any]:
        base = address(DRAFT, draft.id)
        return {
            "draft": draft,
            "base": base,
            "words": words,
            "continues": first_of(draft.values, "prorroga_de"),
            "other_of": first_of(draft.values, "otro_empleador_de"),
        }

    def _beside_patient(self, who: Person, draft: Draft, deadline: Deadline) -> dict[str, Any]:
        complete = not read_order(draft.values).of(LeaveForm.model_fields)
        return {"earlier": self.earlier(who.session, draft, deadline), "complete": complete}

    def _beside_leave(self, who: Person, draft: Draft, form: FormState, deadline: Deadline) -> dict[str, Any]:
        known = self.issuance.own_kinds(session=who.session, deadline=deadline)
        own, enabled = (tuple(KINDS), (1,)) if known is None else (known.own, known.open)
        kinds = [(str(number), KINDS[number]) for number in own]
        return {
            "kinds": kinds,
            "enabled": [str(number) for number in enabled],
            "communes": [name for _, name in communes()],
            "calendar": self.calendar(who.session, draft, deadline),
            "diagnoses": self.diagnoses(form.values),
            "patient": " ".join(
                first_of(draft.values, name) for name in ("nombres", "apellido_paterno", "apellido_materno")
            ),
        }

    def earlier(self, session: Session, draft: Draft, deadline: Deadline) -> tuple[Earlier, ...]:
        """The professional's own licences of the patient whose RUN is written; none where the draft came of one."""
        if first_of(draft.values, "prorroga_de") or first_of(draft.values, "otro_empleador_de"):
            return ()
        run = run_of(draft.values)
        return () if run is None else self.issuance.earlier(session=session, worker=run, deadline=deadline)

    def calendar(self, session: Session, draft: Draft, deadline: Deadline) -> Calendar | None:
        """The days of the rest that is written, over those of the patient's own earlier licences; None before that."""
        written, run = days_of(draft.values), run_of(draft.values)
        if written is None:
            return None
        earlier = () if run is None else self.issuance.earlier(session=session, worker=run, deadline=deadline)
        same = first_of(draft.values, "otro_empleador_de")
        rests = [
            (one.document.order.rest_starts_on, one.document.order.last_day) for one in earlier if one.folio != same
        ]
        try:
            return draw(rest_calendar(*written, earlier=rests))
        except ValueError:
            return None

    def diagnoses(self, values: Values) -> tuple[Cie10, ...] | None:
        """The diagnoses that go with the words written, one more than are offered; None: nothing to choose."""
        text = first_of(values, "diagnostico")
        if not text.strip() or split_code(text).code is not None:
            return None
        return cie10(text, limit=words.MOST_DIAGNOSES + 1)

    def piece(self, template: str, draft: Draft | None, **values: Any) -> Answer:  # noqa: ANN401 - of the template
        """A part of a page, for who has the page already."""
        shown = {"form": FormState(), "draft": draft, "words": words, **values}
        return Answer(self.screens.text(template, **shown).encode(), headers=PAGE_HEADERS)
