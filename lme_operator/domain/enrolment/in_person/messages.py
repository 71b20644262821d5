"""What is told to who has just been enrolled. Neither message alone lets anybody in, and neither names a RUN."""

from collections.abc import Sequence

from lme_operator.domain.enrolment.in_person.registered import RegisteredFactor
from lme_operator.domain.notices import Channel, Message


def password_message(address: str, password: str, *, operator: str, registered: Sequence[RegisteredFactor]) -> Message:
    """The mail with the first password, which names everything that will let somebody in as him."""
    factors = "".join(f"- {factor.line}\n" for factor in registered)
    text = (
        f"{operator} registró su enrolamiento en el sistema de licencia médica electrónica.\n\n"
        f"Su clave inicial es: {password}\n\n"
        "Sirve una sola vez: al entrar por primera vez se le pedirá cambiarla. Para eso necesita también el código de\n"
        "activación que enviamos a su teléfono, y su aplicación de códigos o su llave de seguridad.\n\n"
        f"Ante el funcionario quedó registrado, para entrar y firmar como usted:\n{factors}"
        "Si algo de esto no es suyo, avísenos de inmediato; una llave puede retirarla usted al entrar, en\n"
        "«Llaves de seguridad».\n\n"
        "Si usted no pidió este enrolamiento, avísenos de inmediato. Nunca le pediremos su clave.\n"
    )
    return Message(Channel.MAIL, address, "clave_inicial", "Su acceso a la licencia médica electrónica", text)


def activation_message(telephone: str, activation: str, *, operator: str) -> Message:
    """The SMS with the activation code."""
    text = f"{operator}: su código de activación es {activation}. Úselo al cambiar la clave que enviamos a su correo."
    return Message(Channel.SMS, telephone, "codigo_de_activacion", None, text)


def enrolled_message(address: str, *, operator: str) -> Message:
    """The mail to who had means of access before, and keeps them."""
    text = (
        f"{operator} registró su enrolamiento en el sistema de licencia médica electrónica.\n\n"
        "Entre con la clave y el segundo factor que ya usa.\n\n"
        "Si usted no pidió este enrolamiento, avísenos de inmediato y bloquee su acceso.\n"
    )
    return Message(Channel.MAIL, address, "enrolamiento", "Su enrolamiento en la licencia médica electrónica", text)
