"""The messages that accreditation sends."""

from lme_operator.domain.credentials import activation_message, password_message
from lme_operator.domain.mandates.authorities import authority_of
from lme_operator.domain.mandates.people import Mandate, OfficerOrder
from lme_operator.domain.notices import Channel, Message


def first_access_messages(order: OfficerOrder, password: str, activation: str, *, operator: str) -> tuple[Message, ...]:
    """Password and activation code, each by its channel."""
    reason = f"{operator} dejó vigente su acreditación {_function(order)}."
    return (
        password_message(order.email, password, operator=operator, reason=reason),
        activation_message(order.telephone, activation, operator=operator),
    )


def _function(order: OfficerOrder) -> str:
    authority = authority_of(order.authority)
    if authority is None:
        return "para enrolar profesionales"
    return f"para ordenar y levantar suspensiones por {authority.name}"


def accredited_message(order: OfficerOrder, *, operator: str) -> Message:
    """News for who keeps the means of access that he has."""
    text = (
        f"{operator} dejó vigente su acreditación {_function(order)}. Entre con la clave y el "
        "segundo factor que ya usa. Si no lo esperaba, avise de inmediato al operador.\n"
    )
    return Message(
        channel=Channel.MAIL,
        address=order.email,
        kind="acreditacion",
        subject="Su acreditación quedó vigente",
        text=text,
    )


def named_message(mandate: Mandate, address: str, *, operator: str) -> Message:
    """News for the authority's people and the founders: who acts for it from now on."""
    authority = "" if mandate.authority is None else mandate.authority.name
    text = (
        f"{operator} acreditó a {mandate.name}, RUN {mandate.run.display}, para ordenar y levantar suspensiones por "
        f"{authority}. Si no lo esperaba, avise de inmediato al operador y a la autoridad.\n"
    )
    return Message(
        channel=Channel.MAIL, address=address, kind="nombramiento",
        subject="Nueva persona acreditada por una autoridad", text=text,
    )  # fmt: skip
