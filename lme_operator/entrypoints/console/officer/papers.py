"""The tasks that rest on papers and registers: data, document, RNPI, proof of address, terms."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from lme_operator.core.database import Deadline
from lme_operator.core.periods import local_day
from lme_operator.domain.enrolment.in_person import AddressOrder, CardOrder, Declared, ProvisionalOrder, Task
from lme_operator.domain.enrolment.refusals import DATA_FIRST
from lme_operator.domain.identity.refusals import DOCUMENT_NOT_ADMITTED
from lme_operator.domain.licences.codes import communes
from lme_operator.entrypoints.console.officer.base import CASES, CasePagesBase, CaseScreen, act_of
from lme_operator.entrypoints.console.officer.forms import (
    AddressForm,
    AuthorisationForm,
    CardForm,
    DataForm,
    EmptyForm,
    RemarksForm,
)
from lme_operator.entrypoints.console.officer.words import (
    ADDRESS_PAPERS,
    REGISTER_RESULTS,
    TITLES,
    address_line,
    comparison_rows,
    iso_day,
    telephone,
)
from lme_operator.entrypoints.http.routes import Answer, Call
from lme_operator.entrypoints.pages.form_pages import SUBJECT, FormPage, Loaded
from lme_operator.entrypoints.pages.form_state import FormState, field_wrong
from lme_operator.entrypoints.pages.guards import Mandated, PageGuards
from lme_operator.entrypoints.pages.pages import HTML, LARGEST_UPLOAD, Page, Returned

_BASE = f"{CASES}/{{id}}"


@dataclass(frozen=True, slots=True)
class PaperPages(CasePagesBase):
    """The pages of papers and registers."""

    def pages(self, guards: PageGuards) -> tuple[Page[Any, Any], ...]:
        """Their routes."""
        forms: tuple[FormPage[Mandated, Any], ...] = (
            self._data_page(guards),
            self._card_page(guards),
            self._authorisation_page(guards),
            self._register_page(guards),
            self._address_page(guards),
            self._terms_page(guards),
        )
        remarks: Page[Mandated, RemarksForm] = Page(
            method="POST", path=f"{_BASE}/rnpi/observaciones", name="consola_enrolamiento_observaciones",
            summary="Revisa las observaciones de la inscripción.", subject=SUBJECT, guard=guards.officer,
            handle=self._review_remarks, input=RemarksForm, answer=HTML, again=self._remarks_again,
        )  # fmt: skip
        return (*(page for form in forms for page in form.pages(self.screens)), remarks)

    def _data_page(self, guards: PageGuards) -> FormPage[Mandated, DataForm]:
        return FormPage(
            path=f"{_BASE}/datos", name="consola_enrolamiento_datos", title=TITLES[Task.DATA],
            template="enrolamiento_datos.html", guard=guards.officer, input=DataForm, act=self._record_data,
            load=self._load_data,
        )  # fmt: skip

    def _card_page(self, guards: PageGuards) -> FormPage[Mandated, CardForm]:
        return FormPage(
            path=f"{_BASE}/documento", name="consola_enrolamiento_documento", title=TITLES[Task.DOCUMENT],
            template="enrolamiento_documento.html", guard=guards.officer, input=CardForm, act=self._check_card,
            load=self._load_card, asks_outside=True,
        )  # fmt: skip

    def _authorisation_page(self, guards: PageGuards) -> FormPage[Mandated, AuthorisationForm]:
        return FormPage(
            path=f"{_BASE}/documento/provisorio", name="consola_enrolamiento_provisorio",
            title="RUT provisorio con autorización", template="enrolamiento_provisorio.html", guard=guards.officer,
            input=AuthorisationForm, act=self._record_authorisation, load=partial(self.load_task, Task.DOCUMENT),
            said_at={DOCUMENT_NOT_ADMITTED: "archivo"}, asks_outside=True, largest_body=LARGEST_UPLOAD,
        )  # fmt: skip

    def _register_page(self, guards: PageGuards) -> FormPage[Mandated, EmptyForm]:
        return FormPage(
            path=f"{_BASE}/rnpi", name="consola_enrolamiento_rnpi", title=TITLES[Task.RNPI],
            template="enrolamiento_rnpi.html", guard=guards.officer, input=EmptyForm, act=self._check_register,
            load=self._load_register, asks_outside=True,
        )  # fmt: skip

    def _address_page(self, guards: PageGuards) -> FormPage[Mandated, AddressForm]:
        return FormPage(
            path=f"{_BASE}/domicilio", name="consola_enrolamiento_domicilio", title=TITLES[Task.ADDRESS],
            template="enrolamiento_domicilio.html", guard=guards.officer, input=AddressForm, act=self._record_address,
            load=self._load_address, said_at={DOCUMENT_NOT_ADMITTED: "archivo", DATA_FIRST: None}, asks_outside=True,
            largest_body=LARGEST_UPLOAD,
        )  # fmt: skip

    def _terms_page(self, guards: PageGuards) -> FormPage[Mandated, EmptyForm]:
        return FormPage(
            path=f"{_BASE}/condiciones", name="consola_enrolamiento_condiciones", title=TITLES[Task.TERMS],
            template="enrolamiento_condiciones.html", guard=guards.officer, input=EmptyForm, act=self._accept_terms,
            load=self._load_terms,
        )  # fmt: skip

    def _load_data(self, who: Mandated, path: Any, deadline: Deadline) -> Loaded:  # noqa: ANN401 - of the route
        loaded = self.load_task(Task.DATA, who, path, deadline)
        piece = loaded.values["task"].piece
        filled = {} if piece is None else filled_data(Declared.of(piece.content))
        return Loaded({**loaded.values, "communes": communes()}, filled)

    def _record_data(self, call: Call[Mandated, DataForm]) -> Answer:
        declared = call.input.declared()
        if declared.birth_date >= local_day(self.database.clock()):
            raise field_wrong("fecha_nacimiento", "Esa fecha todavía no llega. Revise el año.")
        self.in_person.record_data(declared=declared, **act_of(call))
        return self.go_on(call, Task.DATA)

    def _load_card(self, who: Mandated, path: Any, deadline: Deadline) -> Loaded:  # noqa: ANN401 - of the route
        loaded = self.load_task(Task.DOCUMENT, who, path, deadline)
        piece = loaded.values["task"].piece
        if piece is None or piece.content["clase"] == "rut_provisorio":
            return Loaded(loaded.values, {"clase": ("cedula",)})
        content = piece.content
        filled = {"numero_documento": (content["numero"],), "vence_en": (iso_day(content["vence_en"]),)}
        return Loaded(loaded.values, {"clase": (content["clase"],), **filled})

    def _check_card(self, call: Call[Mandated, CardForm]) -> Answer:
        form = call.input
        card = CardOrder(form.kind, form.numero_documento, form.vence_en)
        self.in_person.check_card(card=card, **act_of(call))
        return self.go_on(call, Task.DOCUMENT)

    def _record_authorisation(self, call: Call[Mandated, AuthorisationForm]) -> Answer:
        form = call.input
        order = ProvisionalOrder(form.numero, form.fecha, form.archivo.content)
        self.in_person.record_authorisation(order=order, **act_of(call))
        return self.go_on(call, Task.DOCUMENT)

    def _load_register(self, who: Mandated, path: Any, deadline: Deadline) -> Loaded:  # noqa: ANN401 - of the route
        loaded = self.load_task(Task.RNPI, who, path, deadline)
        case: CaseScreen = loaded.values["case"]
        rows = comparison_rows(case.view.comparisons)
        return Loaded({**loaded.values, "rows": rows, "results": REGISTER_RESULTS})

    def _check_register(self, call: Call[Mandated, EmptyForm]) -> Answer:
        self.in_person.check_register(**act_of(call))
        return self.go_on(call, Task.RNPI)

    def _review_remarks(self, call: Call[Mandated, RemarksForm]) -> Answer:
        self.in_person.review_remarks(words=call.input.motivo, **act_of(call))
        return self.go_on(call, Task.RNPI)

    def _remarks_again(self, returned: Returned[Mandated]) -> Answer:
        loaded = self._load_register(returned.who, returned.path, returned.deadline)
        return self.screens.show(
            returned.who,
            "enrolamiento_rnpi.html",
            title=TITLES[Task.RNPI],
            deadline=returned.deadline,
            form=FormState.of(returned, {}),
            **loaded.values,
        )

    def _load_address(self, who: Mandated, path: Any, deadline: Deadline) -> Loaded:  # noqa: ANN401 - of the route
        loaded = self.load_task(Task.ADDRESS, who, path, deadline)
        case: CaseScreen = loaded.values["case"]
        declared, piece = case.view.task(Task.DATA).piece, loaded.values["task"].piece
        values = {
            **loaded.values,
            "address": None if declared is None else address_line(declared.content["direccion"]),
            "papers": tuple(ADDRESS_PAPERS.items()),
        }
        if piece is None:
            return Loaded(values)
        content = piece.content
        given = {"clase": content["clase"], "emisor": content["emisor"], "fecha": iso_day(content["fecha"])}
        return Loaded(values, {name: (value,) for name, value in given.items()})

    def _record_address(self, call: Call[Mandated, AddressForm]) -> Answer:
        form = call.input
        if form.clase not in ADDRESS_PAPERS:
            raise field_wrong("clase", "Elija un documento de la lista.")
        order = AddressOrder(form.clase, form.emisor, form.fecha, form.coincide == "si", form.archivo.content)
        self.in_person.record_address(order=order, **act_of(call))
        return self.go_on(call, Task.ADDRESS)

    def _load_terms(self, who: Mandated, path: Any, deadline: Deadline) -> Loaded:  # noqa: ANN401 - of the route
        loaded = self.load_task(Task.TERMS, who, path, deadline)
        return Loaded({**loaded.values, "terms": self.in_person.terms.decode()})

    def _accept_terms(self, call: Call[Mandated, EmptyForm]) -> Answer:
        self.in_person.accept_terms(**act_of(call))
        return self.go_on(call, Task.TERMS)


def filled_data(declared: Declared) -> dict[str, tuple[str, ...]]:
    """What the form of declared data holds before anybody types."""
    place = declared.address
    given = {
        "nombres": declared.given_names,
        "apellido_paterno": declared.paternal_surname,
        "apellido_materno": declared.maternal_surname,
        "fecha_nacimiento": f"{declared.birth_date:%d-%m-%Y}",
        "profesion": str(declared.kind),
        "especialidad": declared.speciality,
        "registro_colegio": declared.college_registry,
        "calle": place.street,
        "numero": place.number,
        "depto": place.flat,
        "comuna": place.commune,
        "ciudad": place.city,
        "correo": declared.email,
        "telefono": telephone(declared.telephone),
    }
    return {name: (value,) for name, value in given.items() if value}
