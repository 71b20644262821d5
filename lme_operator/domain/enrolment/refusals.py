"""What the room refuses, in cases and enabling."""

from lme_operator.core.refusal import refusal

SUSPENDED = refusal(
    code="enrolamiento_durante_suspension",
    status=403,
    citation="suspension@v1#no-enrolados",
    words="Nadie puede enrolarse mientras está suspendido de emitir licencias.",
    remedy="Espere el término de la suspensión, o diríjase a la autoridad que la ordenó.",
)
NOT_ACCREDITED = refusal(
    code="sin_acreditacion_vigente",
    status=403,
    citation="N-1b",
    words="Solo un funcionario acreditado ese día puede enrolar.",
    remedy="Pida su acreditación a los fundadores del operador.",
)
OWN_CASE = refusal(
    code="enrolamiento_de_si_mismo",
    status=403,
    citation="enrolamiento-presencial@v2#abrir",
    words="Nadie se enrola a sí mismo.",
    remedy="Pida a otro funcionario habilitado que haga su enrolamiento.",
)
ACTS_FOR_AUTHORITY = refusal(
    code="actua_por_una_autoridad",
    status=409,
    citation="orden-en-consola@v1#nombrar",
    words="Esta persona está nombrada para ordenar suspensiones por una autoridad: no puede además enrolarse.",
    remedy="Si ya no actúa por la autoridad, pida a un fundador que termine su acreditación.",
)
ALREADY_ENROLLED = refusal(
    code="ya_enrolado",
    status=409,
    citation="enrolamiento-presencial@v2#abrir",
    words="La persona ya tiene un enrolamiento vigente para ejercer así.",
    remedy="Búsquela en la lista de profesionales.",
)
CASE_IN_PROGRESS = refusal(
    code="enrolamiento_en_curso",
    status=409,
    citation="enrolamiento-presencial@v2#abrir",
    words="Ya hay un enrolamiento en curso para esta persona.",
    remedy="Continúe el que está abierto; si lo tiene otro funcionario, recíbalo.",
)
CASE_UNKNOWN = refusal(
    code="enrolamiento_inexistente",
    status=404,
    citation="enrolamiento-presencial@v2#abrir",
    words="No hay tal enrolamiento.",
    remedy="Búsquelo en la lista de enrolamientos en curso.",
)
CASE_OVER = refusal(
    code="enrolamiento_terminado",
    status=409,
    citation="enrolamiento-presencial@v2#habilitar",
    words="Este enrolamiento ya terminó: sus piezas no cambian.",
    remedy="Revise el resultado en la ficha del profesional.",
)
CASE_OF_ANOTHER = refusal(
    code="enrolamiento_de_otro_funcionario",
    status=409,
    citation="enrolamiento-presencial@v2#traspaso",
    words="Otro funcionario tiene este enrolamiento.",
    remedy="Recíbalo usted para continuarlo.",
)
NOT_YET = refusal(
    code="enrolamiento_incompleto",
    status=403,
    citation="enrolamiento-presencial@v2#habilitar",
    words="No se puede habilitar todavía.",
    remedy="Cumpla cada requisito que falta y habilite de nuevo.",
)
CASE_CHANGED = refusal(
    code="enrolamiento_cambio",
    status=409,
    citation="enrolamiento-presencial@v2#habilitar",
    words="El expediente cambió mientras habilitaba.",
    remedy="Revíselo y habilite de nuevo.",
)
DATA_FIRST = refusal(
    code="faltan_datos_declarados",
    status=409,
    citation="enrolamiento-presencial@v2#datos",
    words="Primero se registran los datos que declara el profesional.",
    remedy="Complete la tarea «Datos del profesional».",
)
FACTOR_NOT_OFFERED = refusal(
    code="factor_no_ofrecido",
    status=409,
    citation="enrolamiento-presencial@v2#factor",
    words="El código QR que se mostró ya no sirve.",
    remedy="Muestre al profesional el código QR nuevo.",
)
FACTOR_NOT_PROVED = refusal(
    code="factor_no_demostrado",
    status=422,
    citation="enrolamiento-presencial@v2#factor",
    words="El código no corresponde al factor que se mostró.",
    remedy="Escriba los seis dígitos que muestra ahora la aplicación del profesional.",
)
KEYS_NOT_FORESEEN = refusal(
    code="llaves_no_previstas",
    status=409,
    citation="enrolamiento-presencial@v2#factor",
    words="En este caso no se registran llaves de seguridad.",
    remedy="El profesional puede agregarlas después de entrar, en «Llaves de seguridad».",
)
IDENTITY_REFUSED = refusal(
    code="identidad_ya_rechazada",
    status=403,
    citation="N-2.2b",
    words="La verificación biométrica dijo que no es la misma persona: su comparación no la reemplaza.",
    remedy="Repita la verificación biométrica; si no coincide, no enrole y dé aviso al responsable de fraude.",
)
PICTURE_EXPECTED = refusal(
    code="se_espera_fotografia",
    status=422,
    citation="enrolamiento-presencial@v2#identidad",
    words="Para comparar se necesitan fotografías.",
    remedy="Suba una fotografía JPEG o PNG del documento y otra de la persona.",
)
ENROLMENT_UNKNOWN = refusal(
    code="enrolamiento_desconocido",
    status=404,
    citation="N-1l",
    words="No hay tal enrolamiento, o no tiene lo que se pide de él.",
    remedy="Busque al profesional en la lista.",
)
SAME_PICTURE = refusal(
    code="fotografias_iguales",
    status=422,
    citation="enrolamiento-presencial@v2#identidad",
    words="Las dos fotografías son la misma.",
    remedy="Suba una fotografía del documento y otra, distinta, de la persona presente.",
)
PROVIDER_FIRST = refusal(
    code="verificacion_biometrica_primero",
    status=409,
    citation="N-2.2b",
    words="Su propia comparación vale solo si la verificación biométrica no pudo hacerse o no pudo determinarlo.",
    remedy="Haga primero la verificación biométrica, con las dos fotografías.",
)
HAS_CARD = refusal(
    code="tiene_cedula",
    status=403,
    citation="N-2.1a",
    words="El Registro Civil ya respondió sobre una cédula de esta persona: no puede enrolarse como RUT provisorio.",
    remedy="Compruebe la cédula vigente. Si es de otra persona, no enrole y dé aviso al responsable de fraude.",
)
OFFICE_CONTACT = refusal(
    code="contacto_del_operador",
    status=422,
    citation="N-2.1d",
    words="Ese correo o teléfono es de una persona del operador: no puede ser el contacto del profesional.",
    remedy="Registre un contacto propio del profesional.",
)
