"""What HTTP itself refuses, before any use case is asked."""

from lme_operator.core.refusal import refusal

BAD_REQUEST = refusal(
    code="solicitud_invalida",
    status=400,
    citation="RFC 9110",
    words="La solicitud HTTP no se puede leer.",
    remedy="Revise la dirección, las cabeceras y el servidor al que la envía.",
)
BAD_JSON = refusal(
    code="json_invalido",
    status=400,
    citation="RFC 8259",
    words="El cuerpo no es JSON válido en UTF-8.",
    remedy="Envíe un solo documento JSON, sin campos repetidos, sin NaN ni Infinity y sin marca de orden de bytes.",
)
NOT_FOUND = refusal(
    code="no_encontrado",
    status=404,
    citation="RFC 9110",
    words="No hay nada en esa dirección que usted pueda ver.",
    remedy="Revise la dirección y el identificador.",
)
METHOD_NOT_ALLOWED = refusal(
    code="metodo_no_permitido",
    status=405,
    citation="RFC 9110",
    words="Esa dirección no admite ese método.",
    remedy="Use uno de los métodos de la cabecera Allow.",
)
TOO_LARGE = refusal(
    code="cuerpo_demasiado_grande",
    status=413,
    citation="RFC 9110",
    words="El cuerpo de la solicitud es demasiado grande.",
    remedy="Envíe como máximo 256 kB.",
)
NOT_JSON = refusal(
    code="tipo_de_contenido_no_admitido",
    status=415,
    citation="RFC 9110",
    words="El cuerpo debe ser JSON.",
    remedy="Envíe la cabecera Content-Type: application/json y el cuerpo en UTF-8, sin comprimir.",
)
NOT_A_FORM = refusal(
    code="formulario_no_legible",
    status=415,
    citation="RFC 9110",
    words="Lo que se envió no es un formulario de estas páginas.",
    remedy="Vuelva a la página y envíe su formulario desde ella.",
)
FORM_NOT_OURS = refusal(
    code="formulario_no_admitido",
    status=403,
    citation="OWASP ASVS 3.5.1",
    words="El formulario no se envió desde una página vigente de este servicio. No se ejecutó.",
    remedy="Abra la página de nuevo y envíelo desde ella; si bloquea las cookies de este sitio, permítalas.",
)
FILES_TOO_LARGE = refusal(
    code="archivo_demasiado_grande",
    status=413,
    citation="RFC 9110",
    words="Lo que envió es más grande de lo que se puede recibir. No se guardó nada de este envío.",
    remedy="Envíe archivos que no pasen de 12 MB en total; si es una fotografía, tómela con menos resolución.",
)
INVALID_DATA = refusal(
    code="datos_invalidos",
    status=422,
    citation="RFC 9457",
    words="Hay datos que corregir.",
    remedy="Corrija cada campo señalado en «errores» y envíe de nuevo.",
)
BODY_TOO_SLOW = refusal(
    code="cuerpo_lento",
    status=408,
    citation="RFC 9110",
    words="El cuerpo de la solicitud no llegó completo a tiempo. No se ejecutó.",
    remedy="Revise su conexión y repita, con la misma Idempotency-Key si lleva una.",
)
ONLY_HTTPS = refusal(
    code="solo_https",
    status=400,
    citation="M-8",
    words="Este servicio sólo atiende por HTTPS.",
    remedy="Use la dirección publicada por el operador, que comienza con https://.",
)
BUSY = refusal(
    code="servicio_ocupado",
    status=503,
    citation="RFC 9110",
    words="El servicio está atendiendo tantas solicitudes como puede. Ésta no se ejecutó.",
    remedy="Repita en unos segundos, con la misma Idempotency-Key si lleva una.",
)
NOT_READY = refusal(
    code="servicio_no_listo",
    status=503,
    citation="RFC 9110",
    words="El servicio todavía no puede atender.",
    remedy="Consulte de nuevo en unos segundos.",
)
OTHER_CLIENT_ERROR = refusal(
    code="solicitud_rechazada",
    status=400,
    citation="RFC 9110",
    words="El servidor no acepta la solicitud tal como viene.",
    remedy="Compárela con la documentación en /api/docs.",
)
INTERNAL = refusal(
    code="falla_interna",
    status=500,
    citation="RFC 9457",
    words="Una falla nuestra impidió atender la solicitud.",
    remedy="Repita con la misma Idempotency-Key. Si persiste, avise e indique el «id_solicitud».",
)
UNAVAILABLE = refusal(
    code="servicio_no_disponible",
    status=503,
    citation="RFC 9110",
    words="Una parte del servicio no respondió a tiempo. No se guardó nada.",
    remedy="Repita en unos segundos, con la misma Idempotency-Key si lleva una.",
)
OUTCOME_UNKNOWN = refusal(
    code="resultado_desconocido",
    status=503,
    citation="RFC 9110",
    words="No sabemos si el acto alcanzó a quedar registrado.",
    remedy="Repita con la misma Idempotency-Key: si quedó registrado, recibirá su misma respuesta; si no, se ejecuta.",
)
