"""What the room refuses."""

from lme_operator.core.refusal import refusal

RESOLUTION_TAKEN = refusal(
    code="resolucion_ya_recibida",
    status=409,
    citation="suspension@v1#recibir",
    words="Ya recibimos una orden con ese número y fecha de resolución para esa persona, con otro contenido.",
    remedy="Consulte la suspensión existente. Para corregirla o renovarla, reemplácela.",
)
RESOLUTION_DATE_IMPOSSIBLE = refusal(
    code="fecha_de_resolucion_imposible",
    status=422,
    citation="suspension@v1#recibir",
    words="La resolución no puede tener esa fecha.",
    remedy="Escriba la fecha que lleva la resolución.",
)
SUSPENSION_UNKNOWN = refusal(
    code="suspension_inexistente",
    status=404,
    citation="N-6c",
    words="No existe una suspensión con ese identificador.",
    remedy="Use el «id» que recibió al ordenarla, o búsquela en su lista.",
)
ANOTHER_AUTHORITY = refusal(
    code="suspension_de_otra_autoridad",
    status=403,
    citation="suspension@v1#levantar",
    words="Esa suspensión la ordenó otra autoridad.",
    remedy="Sólo quien la ordenó puede verla en detalle, levantarla o reemplazarla. El intento quedó registrado.",
)
SIGNED_ORDER = refusal(
    code="orden_firmada_por_la_autoridad",
    status=403,
    citation="orden-en-consola@v1#ordenar",
    words="Esa suspensión llegó firmada por la llave de la autoridad: en la consola no se levanta.",
    remedy="Levántela o reemplácela con un mensaje firmado de la misma autoridad. El intento quedó registrado.",
)
ABOUT_ONESELF = refusal(
    code="orden_sobre_si_mismo",
    status=403,
    citation="orden-en-consola@v1#ordenar",
    words="Nadie ordena ni levanta una suspensión suya.",
    remedy="Pida a otra persona de la autoridad que lo haga. El intento quedó registrado.",
)
SUSPENSION_OVER = refusal(
    code="suspension_terminada",
    status=409,
    citation="suspension@v1#vencer",
    words="Esa suspensión ya terminó: se cumplió su período, fue levantada o fue reemplazada.",
    remedy="Consulte su estado. Si corresponde volver a suspender, ordene una suspensión nueva.",
)
LIFTING_TAKEN = refusal(
    code="levantamiento_ya_recibido",
    status=409,
    citation="suspension@v1#levantar",
    words="Ya recibimos un levantamiento de esa suspensión con ese número de resolución y otro contenido.",
    remedy="Consulte la suspensión para ver el levantamiento existente.",
)
LIFTING_WITHOUT_EFFECT = refusal(
    code="levantamiento_sin_efecto",
    status=422,
    citation="suspension@v1#levantar",
    words="La suspensión termina antes del día desde el que pide levantarla.",
    remedy="Indique en «desde» un día dentro del período, u omítalo para levantarla ahora.",
)
REPLACEMENT_TAKEN = refusal(
    code="suspension_ya_reemplazada",
    status=409,
    citation="N-6d",
    words="Esa suspensión ya fue reemplazada por otra.",
    remedy="Reemplace o levante la última: es la que figura en «reemplazada_por».",
)
RENEWAL_WITH_GAP = refusal(
    code="renovacion_con_intervalo",
    status=422,
    citation="N-6a",
    words="La renovación empieza después de que termina el período que renueva: quedarían días sin suspensión.",
    remedy="Haga que empiece a más tardar el día siguiente al último, o ordene una suspensión nueva.",
)
TOO_MANY_SEARCHES = refusal(
    code="demasiadas_busquedas",
    status=429,
    citation="orden-en-consola@v1#consultar",
    words="Buscó a demasiadas personas en la última hora.",
    remedy="Espere y busque de nuevo. Para ordenar una suspensión no hace falta buscar antes.",
)
FUTURE_INSTANT = refusal(
    code="instante_futuro",
    status=422,
    citation="suspension@v1#comprobar",
    words="El instante consultado todavía no ocurre.",
    remedy="Pregunte por un instante pasado u omita «instante» para saber ahora.",
)
