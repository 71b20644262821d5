"""What the room refuses."""

from lme_operator.core.refusal import refusal

ACTIVATION_MISSING = refusal(
    code="falta_codigo_activacion",
    status=422,
    citation="acceso@v2#activacion",
    words="Para cambiar su clave inicial falta el código de activación.",
    remedy="Escriba los ocho dígitos que recibió por un canal distinto del de su clave.",
)
ACTIVATION_WRONG = refusal(
    code="codigo_activacion_incorrecto",
    status=422,
    citation="acceso@v2#activacion",
    words="El código de activación no es correcto.",
    remedy="Revise los ocho dígitos que recibió por un canal distinto del de su clave; sirve el último que recibió.",
)
ACTIVATION_OVER = refusal(
    code="codigo_activacion_vencido",
    status=422,
    citation="acceso@v2#activacion",
    words="El código de activación venció, o se contestó mal demasiadas veces.",
    remedy="Pida al funcionario que lo enroló, o a quien lo acreditó, que le emita un nuevo primer acceso.",
)
CHALLENGE_OVER = refusal(
    code="desafio_vencido",
    status=403,
    citation="N-2.6a",
    words="El desafío para su llave venció, ya se usó o no es suyo.",
    remedy="Pida otro desafío y responda dentro de cinco minutos.",
)
CONTACT_CODE_WRONG = refusal(
    code="codigo_de_contacto_incorrecto",
    status=403,
    citation="N-2.1d",
    words="El código que se envió a ese correo o teléfono no es correcto.",
    remedy="Escriba los seis dígitos del último mensaje recibido.",
)
CONTACT_CODE_OVER = refusal(
    code="codigo_de_contacto_vencido",
    status=403,
    citation="N-2.1d",
    words="El código enviado venció, ya se usó, o se contestó mal demasiadas veces.",
    remedy="Pida que se envíe otro código y contéstelo dentro de su plazo.",
)
TOO_MANY_SENT = refusal(
    code="demasiados_envios",
    status=429,
    citation="N-2.1d",
    words="Ya se enviaron demasiados códigos a esa persona, o a ese correo o teléfono, en la última hora.",
    remedy="Revise el último mensaje recibido, o espere antes de pedir otro.",
)
KEY_REFUSED = refusal(
    code="llave_rechazada",
    status=403,
    citation="N-2.6a",
    words="La respuesta de su llave de seguridad no se pudo aceptar.",
    remedy="Use la llave que registró para este fin, en esta misma dirección, con su PIN o huella.",
)
NO_ENTRY_KEY = refusal(
    code="sin_llave_de_entrada",
    status=403,
    citation="N-2.6a",
    words="No tiene registrada una llave de seguridad para entrar.",
    remedy="Use el código de su aplicación.",
)
KEY_COUNTER = refusal(
    code="llave_posible_copia",
    status=403,
    citation="N-2.6c",
    words="El contador de su llave de seguridad retrocedió: podría haber una copia de ella.",
    remedy="Bloquee su acceso si no reconoce su uso, y registre otra llave.",
)
KEY_KNOWN = refusal(
    code="llave_ya_registrada",
    status=409,
    citation="N-2.6a",
    words="Esa llave de seguridad ya está registrada.",
    remedy="Use otra llave, o registre esta misma para el otro fin.",
)
KEY_UNKNOWN = refusal(
    code="llave_inexistente",
    status=404,
    citation="N-2.6a",
    words="Esa llave no está entre las suyas, o ya la retiró.",
    remedy="Revise la lista de sus llaves.",
)
LAST_ENTRY_FACTOR = refusal(
    code="ultimo_factor",
    status=409,
    citation="N-2.6a",
    words="Es el único factor con que puede entrar: sin ella no podría entrar de nuevo.",
    remedy="Registre otra antes de retirarla.",
)
SESSION_OVER = refusal(
    code="sesion_terminada",
    status=401,
    citation="N-2.6b",
    words="Su sesión terminó o fue reemplazada por otra.",
    remedy="Entre de nuevo.",
)
TOO_MANY_TRIES = refusal(
    code="demasiados_intentos",
    status=429,
    citation="OWASP ASVS 6.3.1",
    words="Hubo demasiados intentos de entrar con este RUN, o desde esta conexión, desde un equipo no habitual.",
    remedy="Espere unos minutos, o entre desde el equipo que usa siempre.",
)
TOO_MANY_CODES = refusal(
    code="demasiados_codigos",
    status=429,
    citation="OWASP ASVS 6.6.3",
    words="Hubo demasiados códigos equivocados seguidos, o respuestas de llave que no se aceptaron.",
    remedy="Espere antes de probar otra vez; si usa códigos, revise que su teléfono tenga la hora automática.",
)
WRONG_CODE = refusal(
    code="codigo_incorrecto",
    status=403,
    citation="N-2.6a",
    words="El código no es correcto.",
    remedy="Escriba los seis dígitos que muestra ahora su aplicación; revise que su teléfono tenga la hora automática.",
)
USED_CODE = refusal(
    code="codigo_ya_usado",
    status=403,
    citation="N-2.6a",
    words="Ese código ya se usó; cada código sirve una sola vez.",
    remedy="Espere el siguiente código de su aplicación.",
)
OLD_CODE = refusal(
    code="codigo_vencido",
    status=403,
    citation="N-2.6a",
    words="Ese código ya venció, o es anterior al último que usó.",
    remedy="Escriba el código que muestra ahora su aplicación.",
)
NO_TOTP = refusal(
    code="sin_totp",
    status=403,
    citation="N-2.6a",
    words="No tiene registrada una aplicación de códigos.",
    remedy="Use su llave de seguridad, o vuelva a enrolarse.",
)
