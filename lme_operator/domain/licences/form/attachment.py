"""What a copy carries for machines: the same data as its page, named as in the API's order, and nothing more."""

from lme_operator.core.canonical import Json, format_instant
from lme_operator.domain.licences.document_reading import ReadDocument
from lme_operator.domain.licences.form.content import INDIVIDUAL, age_of
from lme_operator.domain.licences.form.copies import Copy
from lme_operator.domain.licences.form.said import Printed
from lme_operator.domain.licences.order import Address, Issuer, Person


def attached(printed: Printed) -> Json:
    """Return the data of a copy; what is not complete has no `diagnostico`, `atencion` nor document number."""
    form = _state(printed) if printed.copy is Copy.RECEIPT else _of_the_form(printed)
    confidential = _confidential(printed) if printed.copy.complete else {}
    return {**_of_every_copy(printed), **form, **confidential}


def _of_every_copy(printed: Printed) -> dict[str, Json]:
    document, order, issuer = printed.document, printed.document.order, printed.document.issuer
    return {
        "v": 1,
        "copia": printed.copy.value,
        "validez_legal": not printed.testing,
        "folio": document.folio,
        "operador": {"codigo": document.operator.code, "rut": str(document.operator.rut), "nombre": printed.operator},
        "fecha_emision": document.issued_at.isoformat(),
        "trabajador": {**_name(order.worker), "edad": age_of(printed, order.worker), "sexo": order.worker.sex},
        "tipo": order.kind,
        "fecha_inicio_reposo": order.rest_starts_on.isoformat(),
        "dias": order.days,
        "reposo": {"tipo": order.rest.kind},
        "profesional": {**_name(issuer), "profesion": issuer.kind, "especialidad": issuer.speciality},
        "firma": _signature(printed),
        "verificacion": {"codigo": printed.code, "direccion": printed.address},
    }


def _state(printed: Printed) -> dict[str, Json]:
    """What the comprobante alone says: what the licence was when it was printed."""
    state = printed.state
    return _given(estado=state.code.value, estado_glosa=state.words, estado_detalle=state.detail)


def _of_the_form(printed: Printed) -> dict[str, Json]:
    """What the sections say beyond the comprobante."""
    document, order = printed.document, printed.document.order
    employer = order.employer
    return {
        "entidad": document.entity,
        "recuperabilidad": order.recoverable,
        "inicio_tramite_invalidez": order.disability_procedure,
        **_given(
            hijo=None if order.child is None else _child(order.child),
            empleador=None if employer is None else _given(rut=str(employer.rut), nombre=employer.name),
            fecha_hora_accidente=None if order.accident_at is None else order.accident_at.isoformat(),
            trayecto=order.on_the_way,
            fecha_concepcion=None if order.conceived_on is None else order.conceived_on.isoformat(),
        ),
        "reposo": _rest(printed),
        "profesional": _professional(document.issuer),
        **({} if document.provider_kind == INDIVIDUAL else {"prestador": _provider(document)}),
    }


def _signature(printed: Printed) -> dict[str, Json]:
    """Its class; the comprobante names neither its instant nor the certificate."""
    named = {} if printed.copy is Copy.RECEIPT else _certificate(printed)
    return {"clase": printed.authorship.strength, **named}


def _certificate(printed: Printed) -> dict[str, Json]:
    return {"instante": format_instant(printed.signed_at), "certificado": printed.serial}


def _given(**values: Json) -> dict[str, Json]:
    return {name: value for name, value in values.items() if value is not None}


def _name(person: Person | Issuer) -> dict[str, Json]:
    return _given(
        run=str(person.run),
        nombres=person.given_names,
        apellido_paterno=person.paternal_surname,
        apellido_materno=person.maternal_surname,
    )


def _child(child: Person) -> dict[str, Json]:
    return {**_name(child), "fecha_nacimiento": child.born_on.isoformat()}


def _provider(document: ReadDocument) -> dict[str, Json]:
    return {"tipo": int(document.provider_kind), "rut": str(document.provider_rut)}


def _address(address: Address) -> dict[str, Json]:
    return _given(
        calle=address.street,
        numero=address.number,
        depto=address.flat,
        comuna=address.commune,
        ciudad=address.city,
        pais=address.country,
    )


def _rest(printed: Printed) -> dict[str, Json]:
    rest, complete = printed.document.order.rest, printed.copy.complete
    places: list[Json] = [
        {
            "tipo": place.kind,
            "direccion": _address(place.address),
            **_given(justificacion=place.justification if complete else None),
        }
        for place in rest.places
    ]
    telephones: list[Json] = [{"numero": number} for number in rest.telephones]
    return {"tipo": rest.kind, "jornadas": list(rest.shifts), "lugares": places, "telefonos": telephones}


def _professional(issuer: Issuer) -> dict[str, Json]:
    return {
        **_name(issuer),
        "profesion": issuer.kind,
        "especialidad": issuer.speciality,
        **_given(registro_colegio=issuer.college_registry),
        "correo": issuer.email,
        "telefono": issuer.telephone,
        "direccion": _address(issuer.address),
    }


def _confidential(printed: Printed) -> dict[str, Json]:
    order = printed.document.order
    diagnosis, attention, certified = order.diagnosis, order.attention, order.certification
    return {
        "diagnostico": _given(
            principal=diagnosis.main,
            codigo_cie10=diagnosis.cie10,
            otro=diagnosis.other,
            codigo_otro=diagnosis.other_cie10,
            antecedentes_clinicos=diagnosis.clinical_notes,
            examenes_apoyo=diagnosis.supporting_exams,
        ),
        "atencion": _given(
            modalidad=attention.mode,
            lugar=_given(comuna=attention.commune, establecimiento=attention.establishment),
            referencia=attention.reference,
            plataforma=attention.platform,
        ),
        "certificacion_paciente": {"modo": certified.mode, "numero_documento": certified.document_number},
    }
