"""What the room refuses."""

from lme_operator.core.refusal import refusal

MAY_NOT_ISSUE = refusal(
    code="no_puede_emitir",
    status=403,
    citation="emision@v1#habilitacion",
    words="Hoy no puede emitir licencias médicas.",
    remedy="Revise cada motivo y su remedio.",
)
MAY_NOT_READ = refusal(
    code="no_puede_leer",
    status=403,
    citation="N-4b",
    words="Su sesión está restringida: no puede ver licencias.",
    remedy="Revise cada motivo y su remedio.",
)
ORDER_REFUSED = refusal(
    code="orden_con_faltas",
    status=422,
    citation="emision@v1#revisar",
    words="La licencia tiene datos que corregir.",
    remedy="Corrija cada campo señalado y vuelva a preparar.",
)
TOO_MANY_PREPARATIONS = refusal(
    code="demasiadas_preparaciones",
    status=409,
    citation="emision@v1#preparar",
    words="Tiene demasiadas licencias preparadas sin emitir.",
    remedy="Emita alguna, descarte la que no emitirá, o espere unos minutos a que venzan.",
)
PREPARATION_UNKNOWN = refusal(
    code="preparacion_inexistente",
    status=404,
    citation="emision@v1#preparar",
    words="No hay una preparación suya con ese identificador.",
    remedy="Prepare la licencia de nuevo.",
)
PREPARATION_DEAD = refusal(
    code="preparacion_vencida",
    status=409,
    citation="emision@v1#preparar",
    words="La preparación venció: pasó su plazo, terminó el día, o cambió algo en su acceso.",
    remedy="Prepare la licencia de nuevo; el folio anterior queda sin uso.",
)
PREPARATION_CANCELLED = refusal(
    code="preparacion_descartada",
    status=409,
    citation="emision@v1#preparar",
    words="Usted descartó esa preparación.",
    remedy="Prepare la licencia de nuevo; el folio anterior queda sin uso.",
)
PREPARATION_USED = refusal(
    code="preparacion_ya_usada",
    status=409,
    citation="emision@v1#preparar",
    words="Esa preparación ya se emitió.",
    remedy="Busque la licencia en su lista de emitidas.",
)
LICENCE_UNKNOWN = refusal(
    code="licencia_inexistente",
    status=404,
    citation="N-2.6b",
    words="No hay una licencia suya con ese identificador.",
    remedy="Revise el identificador.",
)
CURSOR_UNKNOWN = refusal(
    code="pagina_inexistente",
    status=400,
    citation="OWASP ASVS 2.2.1",
    words="Esa página de la lista no existe.",
    remedy="Vuelva al comienzo de la lista.",
)
MAY_NOT_DRAFT = refusal(
    code="no_puede_redactar",
    status=403,
    citation="emision@v1#habilitacion",
    words="Hoy no puede redactar licencias médicas.",
    remedy="Revise cada motivo y su remedio.",
)
DRAFT_UNKNOWN = refusal(
    code="borrador_inexistente",
    status=404,
    citation="N-2.6b",
    words="No hay un borrador suyo con ese identificador: se emitió, se descartó o venció.",
    remedy="Busque la licencia en su lista de emitidas, o empiece una nueva.",
)
DRAFT_CHANGED = refusal(
    code="borrador_cambiado",
    status=409,
    citation="N-2.4b",
    words="En otra pestaña este borrador cambió de paciente o de licencia.",
    remedy="Compruebe quién es el paciente y qué se le indica antes de seguir.",
)
TOO_MANY_DRAFTS = refusal(
    code="demasiados_borradores",
    status=409,
    citation="emision@v1#preparar",
    words="Tiene demasiados borradores sin emitir.",
    remedy="Emita o descarte alguno de su lista de borradores.",
)
DRAFT_TOO_LARGE = refusal(
    code="borrador_demasiado_grande",
    status=413,
    citation="OWASP ASVS 2.2.1",
    words="Lo escrito es más largo de lo que un borrador guarda.",
    remedy="Acorte los textos y guarde de nuevo.",
)
TOO_MANY_VERIFICATIONS = refusal(
    code="demasiadas_verificaciones",
    status=429,
    citation="OWASP ASVS 6.3.1",
    words="Hubo demasiadas consultas o códigos equivocados, desde esta conexión o para ese folio.",
    remedy="Espere antes de probar otro; o lea el código QR de la licencia.",
)
