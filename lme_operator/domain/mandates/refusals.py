"""What the room refuses."""

from lme_operator.core.refusal import refusal

KEY_UNKNOWN = refusal(
    code="firma_clave_desconocida",
    status=401,
    citation="RFC 9421",
    words="La llave con que firmó (keyid) no está registrada.",
    remedy="Firme con una llave registrada ante el operador, o pida registrar la suya.",
)
KEY_NOT_IN_FORCE = refusal(
    code="firma_clave_no_vigente",
    status=401,
    citation="RFC 9421",
    words="La llave con que firmó todavía no rige, venció o fue dada de baja.",
    remedy="Firme con una llave vigente de su organización.",
)
ALGORITHM_REFUSED = refusal(
    code="firma_algoritmo_no_admitido",
    status=401,
    citation="RFC 9421",
    words="El algoritmo declarado en la firma no es el de la llave registrada.",
    remedy="Firme con el algoritmo de su llave (Ed25519 o ECDSA P-256) y omita «alg» o declare ese mismo.",
)
SIGNATURE_STALE = refusal(
    code="firma_fuera_de_plazo",
    status=401,
    citation="RFC 9421",
    words="La firma se creó a más de 60 segundos de nuestra hora, o ya expiró.",
    remedy="Sincronice su reloj, firme de nuevo con otro nonce y repita con la misma Idempotency-Key.",
)
NONCE_SPENT = refusal(
    code="firma_repetida",
    status=401,
    citation="RFC 9421",
    words="Ese nonce ya se usó: un mensaje firmado vale una sola vez.",
    remedy="Firme de nuevo con otro nonce y repita con la misma Idempotency-Key.",
)
NOT_PERMITTED = refusal(
    code="organizacion_sin_permiso",
    status=403,
    citation="N-6d",
    words="Su organización no tiene permiso para esta operación.",
    remedy="Pida al operador el permiso que corresponda a sus facultades.",
)
KEY_ALREADY_REGISTERED = refusal(
    code="llave_de_maquina_ya_registrada",
    status=409,
    citation="N-2.6d",
    words="Ese identificador de llave, o esa llave pública, ya está registrado.",
    remedy="Use una llave nueva con un identificador nuevo: una llave nunca cambia de dueño.",
)
KEY_ORDER_INVALID = refusal(
    code="llave_no_admitida",
    status=422,
    citation="N-2.6d",
    words="La llave o sus datos no son admisibles.",
    remedy="Use Ed25519 o ECDSA P-256, un tipo y permisos conocidos, y una vigencia con inicio y término.",
)
SAME_APPROVER = refusal(
    code="aprobacion_de_una_sola_persona",
    status=403,
    citation="N-2.6d",
    words="Registrar o dar de baja la llave de una máquina exige la aprobación de dos personas distintas.",
    remedy="Obtenga la aprobación de una segunda persona.",
)
NO_MANDATE = refusal(
    code="sin_mandato",
    status=403,
    citation="mandatos@v1#vigencia",
    words="No tiene un mandato vigente del operador para esto.",
    remedy="Si debe tenerlo, pida a los fundadores que lo acrediten; si ejerce una profesión, entre en su contexto.",
)
PROPOSAL_INVALID = refusal(
    code="propuesta_no_admitida",
    status=422,
    citation="mandatos@v1#proponer",
    words="La propuesta del funcionario no se puede admitir.",
    remedy="Corrija cada dato señalado.",
)
PROPOSAL_UNKNOWN = refusal(
    code="propuesta_inexistente",
    status=404,
    citation="mandatos@v1#proponer",
    words="No existe esa propuesta.",
    remedy="Revise la lista de propuestas pendientes.",
)
PROPOSAL_OVER = refusal(
    code="propuesta_caducada",
    status=409,
    citation="mandatos@v1#acreditar",
    words="Esa propuesta ya no sirve: venció, ya se resolvió, hay otra posterior, o los medios de acceso cambiaron.",
    remedy="Proponga de nuevo al funcionario, con él presente.",
)
TWO_PEOPLE = refusal(
    code="doble_control",
    status=403,
    citation="mandatos@v1#acreditar",
    words="Acreditar a un funcionario exige a dos fundadores distintos, y ninguno de ellos puede ser el acreditado.",
    remedy="Pida a otro fundador que lo haga.",
)
ANOTHER_FUNCTION = refusal(
    code="otra_funcion_vigente",
    status=409,
    citation="orden-en-consola@v1#nombrar",
    words="Quien actúa por una autoridad no puede además fundar, enrolar ni ejercer una profesión enrolada aquí.",
    remedy="Proponga a otra persona, o termine antes la función que ya tiene.",
)
CODE_NOT_PROVEN = refusal(
    code="factor_del_funcionario_no_demostrado",
    status=403,
    citation="mandatos@v1#proponer",
    words="El código del funcionario no corresponde al secreto que se le acaba de mostrar.",
    remedy="Pídale que escriba los seis dígitos que muestra ahora su aplicación, con la hora automática del teléfono.",
)
NOTHING_TO_END = refusal(
    code="sin_acreditacion_que_terminar",
    status=409,
    citation="mandatos@v1#terminar",
    words="Esa persona no tiene una acreditación que terminar.",
    remedy="Revise el RUN en la lista de funcionarios.",
)
END_UNEXPLAINED = refusal(
    code="termino_sin_explicacion",
    status=422,
    citation="mandatos@v1#terminar",
    words="Cuando la causa es otra, hay que explicarla.",
    remedy="Escriba la causa en palabras.",
)
