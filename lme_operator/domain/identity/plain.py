"""The one table of text and dates that stay readable in the database, and why (N-2.6b, N-7a).

Every column of a type that can be read (`text`, `text[]`, `date`, `json`, `jsonb`) is listed here; all other personal
data are sealed (`bytea`). A column that is neither listed nor sealed is a fault, and a test says so.
"""

_LOCKED_BY = "nombra a la persona: se busca, se une y se bloquea por RUN"
_CODE = "código del sistema, no describe a nadie"
_WHO = "actor responsable: se busca por él"
_ORGANISATION = "persona jurídica u organismo público"
_PUBLIC_KEY = "llave pública o su huella: se busca por ella"
_RESOLUTION = "resolución de la autoridad: se busca y se ordena por ella"

PLAIN_COLUMNS: dict[str, str] = {
    "identity.person.run": _LOCKED_BY,
    "professionals.professional.run": _LOCKED_BY,
    "professionals.institution.id": _ORGANISATION,
    "professionals.institution.name": _ORGANISATION,
    "professionals.agreement.institution": _ORGANISATION,
    "enrolment.enrolment.run": _LOCKED_BY,
    "enrolment.enrolment.context": _CODE,
    "enrolment.enrolment.kind": _CODE,
    "enrolment.enrolment.responsible": _WHO,
    "enrolment.enrolment.protocol": _CODE,
    "credentials.password.run": _LOCKED_BY,
    "credentials.totp.run": _LOCKED_BY,
    "credentials.totp_use.purpose": _CODE,
    "credentials.key.run": _LOCKED_BY,
    "credentials.key.purpose": _CODE,
    "credentials.key.thumbprint": _PUBLIC_KEY,
    "credentials.key.aaguid": "modelo del dispositivo, igual para miles",
    "credentials.challenge.run": _LOCKED_BY,
    "credentials.challenge.purpose": _CODE,
    "credentials.wrong_code.run": _LOCKED_BY,
    "credentials.wrong_code.purpose": _CODE,
    "credentials.own_block.run": _LOCKED_BY,
    "credentials.session.run": _LOCKED_BY,
    "credentials.session.context": _CODE,
    "credentials.session.stage": _CODE,
    "mandates.machine_key.keyid": _PUBLIC_KEY,
    "mandates.machine_key.organisation": _ORGANISATION,
    "mandates.machine_key.organisation_name": _ORGANISATION,
    "mandates.machine_key.compin": _ORGANISATION,
    "mandates.machine_key.kind": _CODE,
    "mandates.machine_key.permissions": _CODE,
    "mandates.machine_key.algorithm": _CODE,
    "mandates.machine_key.first_approver": _WHO,
    "mandates.machine_key.second_approver": _WHO,
    "mandates.machine_key_end.cause": _CODE,
    "mandates.machine_key_end.first_approver": _WHO,
    "mandates.machine_key_end.second_approver": _WHO,
    "mandates.spent_nonce.keyid": _PUBLIC_KEY,
    "mandates.spent_nonce.nonce": _CODE,
    "suspensions.suspension.run": _LOCKED_BY,
    "suspensions.suspension.organisation": _ORGANISATION,
    "suspensions.suspension.compin": _ORGANISATION,
    "suspensions.suspension.authority_name": _ORGANISATION,
    "suspensions.suspension.resolution_number": _RESOLUTION,
    "suspensions.suspension.resolution_date": _RESOLUTION,
    "suspensions.suspension.first_day": "decide cada emisión: se compara en SQL",
    "suspensions.suspension.last_day": "decide cada emisión: se compara en SQL",
    "suspensions.suspension.replacement": _CODE,
    "suspensions.lifting.resolution_number": _RESOLUTION,
    "suspensions.lifting.first_free_day": "decide cada emisión: se compara en SQL",
    "licences.licence.run": _LOCKED_BY,
    "licences.licence.context": _CODE,
    "licences.licence.rest_starts_on": "registros y controles por fecha; el trabajador va como huella con llave",
    "issuance.preparation.run": _LOCKED_BY,
    "issuance.preparation.context": _CODE,
    "audit.entry.key_id": _PUBLIC_KEY,
    "audit.attempt.kind": _CODE,
    "core.outcome.kind": _CODE,
}
