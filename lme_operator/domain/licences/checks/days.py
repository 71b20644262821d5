"""When the rest begins and how long it lasts."""

from datetime import timedelta

from lme_operator.core.decision import Finding
from lme_operator.domain.licences.checks.case import Case, finding


def check(case: Case) -> tuple[Finding, ...]:
    """Refuse a rest of no day, too long, or that begins too far from today."""
    return _length(case) + _start(case)


def _length(case: Case) -> tuple[Finding, ...]:
    days, most = case.order.days, case.limit("licencia.dias_maximo")
    if days < 1:
        return (
            finding(
                "dias_insuficientes",
                "/dias",
                "El reposo debe durar al menos un día.",
                "Indique los días de reposo, contando el primero.",
            ),
        )
    if most is not None and days > most:
        return (
            finding(
                "dias_excesivos",
                "/dias",
                f"El reposo no puede durar más de {most} días en una licencia.",
                "Emita por el período que corresponda y luego una licencia de continuación.",
            ),
        )
    return ()


def _start(case: Case) -> tuple[Finding, ...]:
    start = case.order.rest_starts_on
    back, ahead = case.limit("licencia.inicio_dias_atras"), case.limit("licencia.inicio_dias_adelante")
    if back is not None and start < case.today - timedelta(days=back):
        return (
            finding(
                "inicio_muy_anterior",
                "/fecha_inicio_reposo",
                f"El reposo no puede comenzar más de {back} días antes de hoy.",
                "Revise el día, el mes y el año de inicio.",
            ),
        )
    if ahead is not None and start > case.today + timedelta(days=ahead):
        return (
            finding(
                "inicio_muy_posterior",
                "/fecha_inicio_reposo",
                f"El reposo no puede comenzar más de {ahead} días después de hoy.",
                "Revise el día, el mes y el año de inicio.",
            ),
        )
    return ()
