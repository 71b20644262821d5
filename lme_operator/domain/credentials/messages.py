"""The messages of a first access: password and activation code never travel by one channel (acceso@v2#activacion)."""

from lme_operator.domain.notices import Channel, Message


def password_message(address: str, password: str, *, operator: str, reason: str) -> Message:
    """The initial password, by mail; `reason` is a sentence that says why it comes."""
    text = (
        f"{reason}\n\n"
        f"Su clave inicial es: {password}\n\n"
        "Sirve para entrar y cambiarla por una que sólo usted conozca. Al cambiarla se le pedirá el código de "
        "activación que le llega por SMS.\n\n"
        f"Nadie de {operator} le pedirá su clave ni ese código.\n"
    )
    subject = f"Su clave inicial en {operator}"
    return Message(channel=Channel.MAIL, address=address, kind="clave_inicial", subject=subject, text=text)


def activation_message(telephone: str, code: str, *, operator: str) -> Message:
    """The activation code, by SMS."""
    text = f"{operator}: su código de activación es {code}. Se le pedirá al cambiar la clave inicial."
    return Message(channel=Channel.SMS, address=telephone, kind="codigo_de_activacion", subject=None, text=text)
