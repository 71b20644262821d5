"""What the room refuses."""

from lme_operator.core.refusal import refusal

NO_ACCREDITED = refusal(
    code="sin_prestadores_acreditados",
    status=409,
    citation="N-2.6c",
    words="Este operador no tiene configurado ningún prestador acreditado de firma electrónica avanzada.",
    remedy="Su llave sirve igual; pida al operador que los configure si quiere avalarla.",
)
NOT_ENDORSABLE = refusal(
    code="llave_no_avalable",
    status=404,
    citation="N-2.6a",
    words="Esa llave no está entre las que usted usa para firmar, o ya la retiró.",
    remedy="Revise la lista de sus llaves.",
)
ALREADY_ENDORSED = refusal(
    code="llave_ya_avalada",
    status=409,
    citation="N-2.6c",
    words="Esa llave ya tiene su aval.",
    remedy="No necesita hacer nada más.",
)
ENDORSEMENT_REFUSED = refusal(
    code="aval_rechazado",
    status=422,
    citation="N-2.6c",
    words="El archivo de firma no sirve como aval de esta llave.",
    remedy="Firme otra vez el contenido descargado y suba el archivo .p7s que resulte.",
)
CERTIFICATE_OVER = refusal(
    code="certificado_ya_vencido",
    status=422,
    citation="N-2.6c",
    words="El certificado con que firmó ya venció: hoy no prueba que usted lo controle.",
    remedy="Firme con un certificado vigente.",
)
WRONG_CREDENTIALS = refusal(
    code="credenciales_invalidas",
    status=401,
    citation="N-2.6a",
    words="El RUN o la clave no son correctos.",
    remedy="Revíselos y vuelva a intentarlo.",
)
ACCESS_CHANGED = refusal(
    code="acceso_cambiado",
    status=409,
    citation="N-2.6b",
    words="Sus medios de acceso cambiaron mientras entraba.",
    remedy="Vuelva a entrar.",
)
MUST_CHANGE_PASSWORD = refusal(
    code="debe_cambiar_clave",
    status=403,
    citation="N-2.3a",
    words="Debe cambiar su clave antes de seguir.",
    remedy="Cambie su clave con la sesión que se le entrega, que sólo sirve para eso, y entre con la nueva.",
)
NOTHING_PENDING = refusal(
    code="primer_acceso_no_pendiente",
    status=409,
    citation="acceso@v2#activacion",
    words="Esa persona no tiene un primer acceso pendiente: ya entró, bloqueó su acceso, o nunca se le dio uno.",
    remedy="Si olvidó su clave, que la recupere con su correo y su aplicación; si bloqueó su acceso, debe acreditarse.",
)
MAY_NOT_KEEP_KEYS = refusal(
    code="no_puede_cambiar_llaves",
    status=403,
    citation="acceso@v2#llave",
    words="Ahora no puede registrar ni retirar llaves de seguridad.",
    remedy="Revise cada motivo y su remedio.",
)
MAY_NOT_SEE_PROOFS = refusal(
    code="no_puede_ver_pruebas_de_llaves",
    status=403,
    citation="N-2.6b",
    words="Ahora no puede descargar lo que prueba sus llaves de seguridad.",
    remedy="Revise cada motivo y su remedio.",
)
RECOVERY_REFUSED = refusal(
    code="recuperacion_no_aceptada",
    status=403,
    citation="acceso@v2#olvido",
    words="El RUN, un código de los enviados o el código de su aplicación no son correctos, o venció su plazo.",
    remedy="Revíselos; si no resulta, espere unos minutos y pida otros códigos.",
)
ACTIVATION_DUE = refusal(
    code="primer_acceso_pendiente",
    status=403,
    citation="acceso@v2#activacion",
    words="Todavía no ha activado su clave inicial: una clave que no se ha activado no se recupera.",
    remedy="Entre con su clave inicial, o pida al funcionario que lo enroló que le emita un nuevo primer acceso.",
)
PASSWORD_UNFIT = refusal(
    code="clave_no_aceptada",
    status=422,
    citation="OWASP ASVS 6.2.1",
    words="La clave nueva no se puede aceptar.",
    remedy="Elija otra; una frase de varias palabras que no tengan que ver con usted es lo mejor.",
)
CURRENT_WRONG = refusal(
    code="clave_actual_incorrecta",
    status=403,
    citation="N-2.6a",
    words="La clave actual no es correcta.",
    remedy="Escriba la clave con que entró.",
)
ACCESS_BLOCKED = refusal(
    code="acceso_bloqueado",
    status=403,
    citation="N-2.7a",
    words="Usted bloqueó sus medios de acceso: no se pueden cambiar mientras dure el bloqueo.",
    remedy="Acredite de nuevo su identidad en persona para levantar el bloqueo.",
)
