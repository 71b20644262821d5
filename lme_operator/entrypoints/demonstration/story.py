"""What `make demo` prints: the address, the accounts, and a story of five minutes whose commands a test runs."""

import json
import shlex
import sys
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lme_operator.core.periods import local_day
from lme_operator.entrypoints.api.professional.order import example_on
from lme_operator.settings import Settings


def tell_story(
    settings: Settings, contents: Mapping[str, Any], changed: Set[str], *, at: datetime, seconds: float
) -> str:
    """The whole text from `contents` of demo.json, at `at`; `seconds` is how long the start took.

    `changed`: the RUN of those whose password is another by now.
    """
    accounts = [
        f"  {person['apodo']:<26}{person['run']:<13}"
        + ("(la cambió: sólo la sabe quien la cambió)" if person["run"] in changed else person["clave"])
        for person in contents["personas"]
    ]
    steps = [
        "\n".join((f"{number}. {title}", *(f"   {command}" for command in commands)))
        for number, (title, commands) in enumerate(story(settings, contents, today=local_day(at)), start=1)
    ]
    return "\n".join(
        (
            "",
            f"Lista en {seconds:.1f} s: {settings.web.origin}      PRUEBAS – sin validez legal",
            f"Consola: {settings.web.origin}/consola   (funcionaria enrola; fundadora y fundador acreditan; autoridad"
            " suspende)",
            f"Códigos de un solo uso, correos y SMS: {settings.web.origin}/pruebas/bandeja   (o «lme codigo APODO»)",
            f"Servicios externos simulados, y qué RUN provoca qué: http://localhost:{settings.web.port + 1}",
            f"Todas las claves, y las llaves de las autoridades: {settings.home / 'demo.json'}",
            "",
            f"  {'Persona':<26}{'RUN':<13}Clave",
            *accounts,
            "",
            "Historia de cinco minutos, para pegar en otra terminal:",
            "",
            *steps,
            "",
            "Ctrl-C detiene todo; los datos quedan. «make demo-reset» los borra.",
        )
    )


def story(settings: Settings, contents: Mapping[str, Any], *, today: date) -> Sequence[tuple[str, Sequence[str]]]:
    """The steps, to tell on the day `today`: a title, and its commands for bash. It can be told again and again."""
    example = shlex.quote(str(settings.home / "licencia-de-ejemplo.json"))
    home, doctor = settings.home, contents["personas"][0]
    who = shlex.quote(doctor["apodo"])
    variables = f"export LME_HOME={shlex.quote(str(home))} LME_PORT={settings.web.port}"
    programs = shlex.quote(str(Path(sys.executable).parent))
    entry = (
        f'{{"run":"{doctor["run"]}","clave":"{doctor["clave"]}","contexto":{{"tipo":"individual"}},'
        f'"segundo_factor":{{"tipo":"totp","codigo":"\'"$(lme codigo {who})"\'"}}}}'
    )
    return (
        (
            "Prepare la terminal.",
            (
                f'PATH={programs}:"$PATH"; {variables}; api={settings.web.origin}/api/v1',
                """pedir() { curl -sS -H 'Content-Type: application/json' -H "Authorization: Bearer $sesion" "$@"; }""",
                """campo() { python -c 'import json,sys; print(json.load(sys.stdin)["'"$1"'"])'; }""",
            ),
        ),
        (
            "La médica entra con su clave y un código.",
            (f"sesion=$(pedir $api/sesiones -d '{entry}' | campo token)",),
        ),
        (
            "Prepara una licencia: el documento completo, con folio, antes de firmar nada.",
            (
                'preparacion=$(pedir $api/licencias/preparaciones -H "Idempotency-Key: $RANDOM$RANDOM" '
                f"-d @{example} | campo preparacion)",
            ),
        ),
        (
            "La autoriza con otro código (el anterior ya se gastó; espera hasta 30 s) y la emite.",
            (
                'licencia=$(pedir $api/licencias -H "Idempotency-Key: $RANDOM$RANDOM" '
                '-d \'{"preparacion":"\'$preparacion\'","autorizacion":{"tipo":"totp","codigo":"\''
                f'"$(lme codigo {who})"\'"}}}}\' | campo id)',
            ),
        ),
        (
            "Un extraño la verifica sin conexión, con el archivo de confianza.",
            (
                "pedir $api/licencias/$licencia/evidencia.zip -o evidencia.zip",
                f"lme verificar evidencia.zip --confianza {shlex.quote(contents['confianza'])}",
            ),
        ),
        (
            "La SUSESO la suspende: rige apenas responde, y la sesión de la médica muere.",
            (
                f"suspension=$(lme autoridad suspender --run {doctor['run']} --resolucion $RANDOM$RANDOM "
                f"--fecha-resolucion {today} --desde {today} --definitiva "
                "--fundamento 'Artículo 2, Ley 20.585' --json | campo id)",
                f'pedir $api/licencias/preparaciones -H "Idempotency-Key: $RANDOM$RANDOM" -d @{example}; echo',
                f"lme autoridad consultar --run {doctor['run']}",
            ),
        ),
        (
            "La misma autoridad levanta la suspensión.",
            ("lme autoridad levantar $suspension --resolucion $RANDOM$RANDOM --motivo 'Fin de la historia'",),
        ),
        ("El registro de auditoría está íntegro, entrada por entrada.", ("lme revisar --registro-completo",)),
    )


def write_example(file: Path, *, at: datetime) -> None:
    """Write a licence order that passes every check on the day of `at`."""
    order = example_on(local_day(at))
    file.write_text(json.dumps(order, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
