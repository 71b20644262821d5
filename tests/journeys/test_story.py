"""The story that the README tells, before `make demo`: in a browser, each person at a screen, and at a terminal."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from lme_operator.core.clock import system_clock
from lme_operator.core.periods import local_day
from lme_operator.entrypoints.demonstration.story import story
from lme_operator.entrypoints.pages.formats import day
from lme_operator.settings import Settings
from tests.factories.demonstration import Demonstration, demonstrating
from tests.journeys.authenticator import Authenticator

pytestmark = pytest.mark.needs("chromium")

INDIVIDUALLY = {"contexto": {"tipo": "individual"}}
INDIVIDUAL, OPERATOR = "En mi práctica individual", "Por el operador"


@pytest.fixture(scope="module")
def demonstration() -> Iterator[Demonstration]:
    """One for both ways of telling the story; the last of them stops it."""
    with demonstrating() as made:
        made.start()
        (made.home / "reloj").write_text("0")
        yield made


class Screen:
    """One person's browser."""

    def __init__(self, browser: Browser, demonstration: Demonstration, nickname: str) -> None:
        self._demonstration = demonstration
        self.page: Page = browser.new_context(
            base_url=f"http://localhost:{demonstration.port}", locale="es-CL", timezone_id="America/Santiago"
        ).new_page()
        self.page.set_default_timeout(20_000)
        self.person: dict[str, Any] = next(
            one for one in demonstration.contents()["personas"] if one["apodo"] == nickname
        )

    def code(self) -> str:
        """Let the next half minute come, as the demonstration's clock has it; return the application's code."""
        added = self._demonstration.home / "reloj"
        seconds = int(added.read_text()) + 31
        added.write_text(str(seconds))
        return pyotp.TOTP(self.person["totp"]).at(int(system_clock().timestamp()) + seconds)

    def enter(self, context: str, *, key: bool = False) -> None:
        self.page.goto("/consola/entrar")
        self.fill(run=self.person["run"], clave=self.person["clave"], **({} if key else {"codigo": self.code()}))
        self.page.get_by_label(context, exact=True).check()
        self.press("Entrar con llave de seguridad" if key else "Entrar")

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f'[name="{name}"]').fill(value)

    def press(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).click()

    def take(self, words: str, folder: Path) -> Path:
        """Download what the link says."""
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=words, exact=True).click()
        file = folder / download.value.suggested_filename
        download.value.save_as(file)
        return file

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()


@pytest.mark.norm("N-2.6a", "N-2.6c", "N-6a", "N-6c", "N-6d", "M-7")
def test_the_story_of_the_readme_in_a_browser(browser: Browser, demonstration: Demonstration, tmp_path: Path) -> None:
    doctor, authority = (Screen(browser, demonstration, nickname) for nickname in ("médica", "autoridad"))
    Authenticator.plugged_into(doctor.page)
    doctor.enter(INDIVIDUAL)
    with_keys(doctor)
    code = issue(doctor)
    employer = text_of(doctor.take("Copia para el empleador (PDF)", tmp_path))
    assert "Información confidencial" in employer
    assert "umbago" not in employer
    evidence = doctor.take("Evidencia (ZIP)", tmp_path)
    verdict = judged(evidence, demonstration)
    assert verdict.startswith("Veredicto: válida según el operador\n")
    assert "el dispositivo firmó este documento; qué vio en pantalla lo declara el operador" in verdict
    anybody = Screen(browser, demonstration, "dentista")
    anybody.page.goto(f"/verificar/{code}")
    assert anybody.heading == "Licencia auténtica"
    suspend(authority, doctor.person["run"])
    doctor.page.goto("/consola")
    assert doctor.heading == "Su sesión terminó"
    doctor.enter(INDIVIDUAL, key=True)
    doctor.press("Usar mi llave")
    assert doctor.heading == "No puede emitir hoy"
    assert "Ley 20.585" in doctor.page.locator("main").inner_text()
    lift(authority)
    doctor.page.goto("/consola")
    assert doctor.heading == "Puede emitir hoy"


def with_keys(doctor: Screen) -> None:
    """Register the own device for entering and for signing, and enter with it."""
    doctor.page.goto("/consola/llaves/nueva")
    doctor.fill(codigo=doctor.code())
    doctor.press("Seguir")
    doctor.press("Registrar la llave")
    doctor.enter(INDIVIDUAL, key=True)
    doctor.press("Usar mi llave")
    assert doctor.heading == "Puede emitir hoy"


def issue(doctor: Screen) -> str:
    """Issue for a patient who is in front; return the code that the paper will show."""
    doctor.press("Emitir licencia")
    doctor.fill(
        run="11.111.111-1", numero_documento="A12345678", nombres="María José", apellido_paterno="Muñoz",
        fecha_nacimiento="14-3-1985",
    )  # fmt: skip
    doctor.page.get_by_label("Femenino", exact=True).check()
    doctor.press("Seguir")
    doctor.fill(dias="5", calle="Los Aromos 123", telefono="9 1234 5678", diagnostico="M54.5")
    if not doctor.page.locator("[name=comuna]").input_value():
        doctor.fill(comuna="Santiago")
    doctor.press("Revisar y firmar")
    doctor.press("Firmar y emitir")
    assert doctor.heading.startswith("Licencia emitida · Folio")
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", doctor.page.locator("main").inner_text())
    assert found is not None
    return found[0]


def text_of(paper: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", paper, "-"], capture_output=True, text=True, check=True).stdout


def judged(evidence: Path, demonstration: Demonstration) -> str:
    """What a stranger hears of the file, with the trust file alone."""
    trust = demonstration.contents()["confianza"]
    verified = subprocess.run(
        [sys.executable, "-m", "lme_operator", "verificar", evidence, "--confianza", trust],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return verified.stdout


def suspend(authority: Screen, run: str) -> None:
    """Order a suspension without end from today."""
    today = day(system_clock())
    authority.enter(OPERATOR)
    authority.page.goto("/consola/autoridad")
    authority.fill(run=run)
    authority.press("Buscar")
    authority.fill(
        numero_resolucion="1234/2026", fecha_resolucion=today, desde=today, fundamento="Artículo 2, Ley 20.585"
    )
    authority.page.get_by_label("Sin término", exact=True).check()
    authority.press("Revisar la orden")
    authority.fill(codigo=authority.code())
    authority.press("Ordenar la suspensión")
    assert authority.heading == "Constancia de la suspensión"


def lift(authority: Screen) -> None:
    """Lift what was ordered, from its proof."""
    authority.page.get_by_role("link", name="Levantar la suspensión").click()
    authority.fill(numero_resolucion="900/2026", motivo="Fin de la historia.", codigo=authority.code())
    authority.press("Levantar la suspensión")


@pytest.mark.needs("bash", "curl")
def test_the_story_works_and_one_signal_stops_everything(demonstration: Demonstration, tmp_path: Path) -> None:
    contents = demonstration.contents()
    assert (demonstration.home / "demo.json").stat().st_mode & 0o777 == 0o600
    assert contents["direccion"] == f"http://localhost:{demonstration.port}"
    assert {person["apodo"] for person in contents["personas"]} >= {
        "médica", "dentista", "matrona", "médico nuevo", "fundadora", "fundador", "funcionaria",
        "autoridad",
    }  # fmt: skip
    assert {machine["tipo"] for machine in contents["maquinas"]} == {"autoridad", "auditoria"}
    page = demonstration.get("/pruebas/bandeja").read().decode()
    assert "PRUEBAS" in page
    assert all(person["nombre"].partition("'")[0] in page for person in contents["personas"])

    clock = demonstration.home / "reloj"
    next_code = [f"echo $(( $(cat {clock}) + 31 )) > {clock}"]  # rather than wait half a minute for it
    steps = [
        commands
        for _, commands in story(Settings.load(demonstration.environment), contents, today=local_day(system_clock()))
    ]
    script = "\n".join(command for commands in (*steps[:3], next_code, *steps[3:]) for command in commands)
    told = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace("$sesion", "${sesion-}")],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Veredicto: válida" in told.stdout
    assert "sesion_terminada" in told.stdout
    assert "SUSPENDIDA" in told.stdout
    assert "todas comprobadas" in told.stdout

    officer = next(person for person in contents["personas"] if person["apodo"] == "funcionaria")
    shown = subprocess.run(
        [sys.executable, "-m", "lme_operator", "codigo", "funcionaria"],
        env={**os.environ, **demonstration.environment}, capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    factor = {"tipo": "totp", "codigo": shown.stdout.strip()}
    entry = {"run": officer["run"], "clave": officer["clave"], "segundo_factor": factor} | INDIVIDUALLY
    assert demonstration.post("/api/v1/sesiones", entry).status == 201, "the initial password was changed already"

    assert demonstration.end(signal.SIGINT) == 0
    assert demonstration.processes() == []
