"""Commands that change the operator's ground: found it, migrate its database."""

from collections.abc import Mapping, Sequence

import click
import psycopg
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from lme_operator.core.clock import system_clock
from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Fault
from lme_operator.core.run import InvalidRun, Run
from lme_operator.domain.mandates import (
    Founder,
    FounderAccess,
    HandOver,
    NotTheFounders,
    ReadyAccess,
    found_operator,
    is_mail_address,
    is_telephone,
)
from lme_operator.entrypoints.cli import schema
from lme_operator.entrypoints.cli.composition import Composition, Exit, Operator, Stop, pass_composition
from lme_operator.entrypoints.cli.roles import roles_for_people
from lme_operator.entrypoints.jobs.broker import prepare_broker
from lme_operator.settings import Settings


class _FounderType(click.ParamType[Founder]):
    """`RUN:nombre:correo`, and a telephone after one more colon."""

    name = "RUN:nombre:correo"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Founder:
        """Read a founder; refuse a wrong RUN, an empty name, what is no address."""
        run, name, email, telephone, *rest = (*(part.strip() for part in value.split(":")), "", "", "")
        if any(rest):
            self.fail("sobra algo: va RUN:nombre:correo, y si quiere :teléfono.", param, ctx)
        try:
            parsed = Run.parse(run)
        except InvalidRun:
            self.fail(f"«{run}» no es un RUN como 12345678-5, sin puntos y con su dígito verificador.", param, ctx)
        if not name:
            self.fail("falta el nombre después del RUN y los dos puntos.", param, ctx)
        if not is_mail_address(email):
            self.fail("falta el correo después del nombre y los dos puntos: RUN:nombre:correo.", param, ctx)
        if telephone and not is_telephone(telephone):
            self.fail(f"«{telephone}» no es un teléfono como +56912345678.", param, ctx)
        return Founder(parsed, " ".join(name.split()), email, telephone or None)


@click.command("inicializar")
@click.option(
    "--fundador",
    "founders",
    type=_FounderType(),
    multiple=True,
    required=True,
    help="Dos veces: RUN:nombre:correo, y si quiere :teléfono.",
)
@pass_composition
def found(composition: Composition, founders: tuple[Founder, ...]) -> None:
    """Ceremonia de fundación: crea las llaves, migra, nombra a dos fundadores y les da acceso.

    Se hace una sola vez, con ambos fundadores presentes. Quedan en las primeras entradas del registro de auditoría,
    responden por las llaves y acreditan a los funcionarios. La clave inicial y el secreto TOTP de cada uno se muestran
    aquí y nunca más. Si falta algo se puede repetir, y lo ya hecho no se hace de nuevo.

    \b
    Ejemplo:
      lme inicializar --fundador "11111111-1:Ana Soto:ana@operador.cl" \\
                      --fundador "22222222-2:Luis Rojas:luis@operador.cl:+56912345678"
    """
    if len(founders) != 2 or founders[0].run == founders[1].run:
        raise click.UsageError("Los fundadores son dos personas distintas: repita --fundador exactamente dos veces.")
    settings = Settings.load()
    if not settings.keys.exists():
        composition.create_keys(
            settings.keys,
            at=system_clock(),
            operator=settings.operator.name,
            production=settings.environment == "production",
        )
        click.echo(f"Llaves creadas en {settings.keys}. Respáldelas ahora en un medio que no esté en este equipo.")
    migrate_everything(settings)
    if write_founding(composition.build_operator(settings, "application"), settings, founders, hand_over=_show_access):
        click.echo("Operador fundado: el registro nombra a sus dos fundadores y cada uno tiene su acceso.")
    else:
        click.echo("Este operador ya estaba fundado y nada cambió.")


def write_founding(
    operator: Operator,
    settings: Settings,
    founders: tuple[Founder, ...],
    *,
    hand_over: HandOver,
    ready: Mapping[Run, ReadyAccess] | None = None,
) -> bool:
    """Write the first entries of the log and give the founders access; return False where that was done before."""
    try:
        return found_operator(
            operator.database,
            operator.log,
            operator.credentials,
            name=settings.operator.name,
            rut=settings.operator.identity,
            code=settings.operator.code,
            trust=operator.trust,
            founders=founders,
            hand_over=hand_over,
            deadline=Deadline(30),
            ready=ready,
        )
    except NotTheFounders as error:
        raise Stop("Registro: sus primeras entradas nombran a otros fundadores; nada cambió.", Exit.LOG) from error
    except Fault as fault:
        words = "Base de datos: no responde, o el rol no tiene los permisos que dan las migraciones."
        raise Stop(words, Exit.DATABASE) from fault


def _show_access(given: Sequence[FounderAccess]) -> None:
    """Show on the terminal what each founder receives, this once."""
    for access in given:
        founder = access.founder
        click.echo(f"\n{founder.name}, RUN {founder.run}")
        click.echo(f"  clave inicial: {access.password}")
        click.echo(f"  secreto TOTP:  {access.totp.secret}")
        click.echo(f"  para el código QR: {access.totp.uri}")
    click.echo("\nEntregue a cada fundador lo suyo y limpie la pantalla: no se volverá a mostrar.\n")


@click.command("migrar")
@click.option("--roles", is_flag=True, help="Solo muestra cómo crear los roles y las bases en un PostgreSQL propio.")
def migrate(roles: bool) -> None:
    """Lleva la base de datos a la última migración.

    Usa LME_DATABASE_URL_OWNER, que ningún otro proceso necesita, y prepara la mensajería si es PostgreSQL. Es seguro
    repetirla, o ejecutarla desde dos equipos a la vez.

    \b
    Ejemplos:
      lme migrar --roles | less
      LME_DATABASE_URL_OWNER=postgresql://lme_owner@db/lme lme migrar
    """
    if roles:
        click.echo(roles_for_people())
        return
    migrate_everything(Settings.load())
    click.echo("La base de datos está en la última migración.")


def migrate_everything(settings: Settings) -> None:
    """Bring the schema to its newest migration and install the queues; end the program if it cannot be done."""
    try:
        adopted = schema.migrate(settings.database.url("owner"))
    except schema.MigrationsEdited as edited:
        raise edited_migrations(edited, settings) from edited
    except CommandError as error:
        raise Stop("Migraciones: la base tiene algunas que este programa no conoce.", Exit.MIGRATIONS) from error
    except SQLAlchemyError as error:
        raise Stop(f"Base de datos: no se pudo migrar: {error}", Exit.DATABASE) from error
    try:
        prepare_broker(settings)
    except psycopg.Error as error:
        raise Stop(f"Mensajería: no se pudo preparar: {error}", Exit.BROKER) from error
    if adopted:
        click.echo(
            "Las migraciones ya aplicadas no tenían resumen guardado: desde ahora valen sus archivos actuales "
            f"({', '.join(adopted)})."
        )


def edited_migrations(edited: schema.MigrationsEdited, settings: Settings) -> Stop:
    """Say which applied migrations were edited, and the way out: in a demonstration, to start again."""
    way_out = "ejecute «make demo-reset»" if settings.demonstration.people else "use los archivos que se publicaron"
    return Stop(f"Migraciones: editadas después de aplicarse: {', '.join(edited.names)}; {way_out}.", Exit.MIGRATIONS)
