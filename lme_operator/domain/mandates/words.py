"""The messages that accreditation sends. Password and activation code never share one."""

from lme_operator.domain.mandates.people import OfficerOrder
from lme_operator.domain.notices import Channel, Message


def password_message(order: OfficerOrder, password: str, *, operator: str) -> Message:
    """The initial password, by mail."""
    text = (
        f"{operator} lo acreditó como funcionario habilitado para enrolar profesionales.\n\n"
        f"Su clave inicial es: {password}\n\n"
        "Sirve para entrar una vez y cambiarla. Para cambiarla se le pedirá el código de activación que le llega por "
        "SMS. Nadie de nuestro personal le pedirá su clave ni ese código.\n"
    )
    return Message(
        channel=Channel.MAIL, address=order.email, kind="clave_inicial", subject="Su clave inicial", text=text
    )


def activation_message(order: OfficerOrder, code: str, *, operator: str) -> Message:
    """The activation code, by SMS."""
    text = f"{operator}: su código de activación es {code}. Se le pedirá al cambiar la clave inicial."
    return Message(channel=Channel.SMS, address=order.telephone, kind="codigo_de_activacion", subject=None, text=text)


def accredited_message(order: OfficerOrder, *, operator: str) -> Message:
    """News for who keeps the means of access that he has."""
    text = (
        f"{operator} lo acreditó como funcionario habilitado para enrolar profesionales. Entre con la clave y el "
        "segundo factor que ya usa. Si no lo esperaba, avise de inmediato al operador.\n"
    )
    return Message(
        channel=Channel.MAIL, address=order.email, kind="acreditacion", subject="Fue acreditado para enrolar", text=text
    )
