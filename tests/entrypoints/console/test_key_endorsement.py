"""Endorsing a key by pages: two steps, what is refused in words, and the bundle that everybody may read."""

import html
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.database import Deadline
from lme_operator.domain.audit import TrustFile
from lme_operator.domain.signing import EndorsementFaultKind
from lme_operator.settings import Settings, SettingsRefused
from lme_operator.wiring import Operator, create_app
from lme_operator.wiring.accredited import read_accredited
from tests.conftest import SettableClock
from tests.entrypoints.console.test_keys import faults, register
from tests.factories.accredited import Provider, person, provider, sign
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.browsing import ADDRESS, Browsing, heading
from tests.factories.web import DOCTOR, OTHER, Web, operator_of, web_settings

pytestmark = pytest.mark.needs("openssl")


@pytest.fixture
def accredited(clock: SettableClock) -> Provider:
    return provider(clock())


@pytest.fixture
def settings(tmp_path: Path, application_url: str, accredited: Provider) -> Settings:
    bundle = tmp_path / "acreditadas.pem"
    bundle.write_bytes(b"Prestador de pruebas\n" + accredited.root.pem)
    plain = web_settings(tmp_path, application_url)
    return plain.model_copy(update={"firma_avanzada": plain.firma_avanzada.model_copy(update={"acreditadas": bundle})})


@pytest.fixture
def operator(settings: Settings, clock: Any) -> Iterator[Operator]:
    with operator_of(settings, clock) as operator:
        yield operator


def with_key(web: Web) -> tuple[Browsing, str]:
    """A doctor inside, and the page of his signing key."""
    doctor, device = Browsing(web).entered(web.enrol()), SoftwareAuthenticator(origin=ADDRESS)
    register(doctor, device)
    doctor.entered(DOCTOR)
    with web.operator.database.reading(deadline=Deadline(5)) as connection:
        (key,) = web.operator.credentials.signing_keys(connection, DOCTOR, "firma")
    return doctor, f"/consola/llaves/{key.id}/aval"


def upload(doctor: Browsing, page: str, content: bytes) -> Any:
    return doctor.act(page, archivo=(BytesIO(content), "aval.p7s"))


@pytest.mark.norm("N-2.6a", "N-2.6c")
def test_download_sign_upload(web: Web, accredited: Provider, tmp_path: Path) -> None:
    doctor, page = with_key(web)
    shown = doctor.get(page)
    assert heading(shown) == "Avalar su llave"
    assert "<script" not in shown.text
    content = doctor.get(f"{page}/contenido")
    assert content.headers["Content-Disposition"].startswith("attachment;")
    assert str(DOCTOR).encode() in content.data
    holder = person(DOCTOR, at=accredited.at, by=accredited.intermediate)
    done = upload(doctor, page, sign(content.data, tmp_path, holder))
    assert (done.status_code, done.headers["Location"]) == (303, page), done.text
    told = html.unescape(doctor.get(page).text)
    assert "Su llave quedó avalada" in told
    assert "Prestador de pruebas: raíz" in told
    assert "no comprobada sin conexión" in told
    again = upload(doctor, page, b"otra")
    assert again.status_code == 409
    assert "ya tiene su aval" in html.unescape(again.text)


@pytest.mark.norm("N-2.6c")
def test_each_fault_is_told_beside_the_file_and_nothing_is_lost(
    web: Web, accredited: Provider, tmp_path: Path, clock: SettableClock
) -> None:
    doctor, page = with_key(web)
    content, by = doctor.get(f"{page}/contenido").data, accredited.intermediate
    other = provider(clock(), "Otro").intermediate
    kinds = EndorsementFaultKind
    cases = {
        kinds.UNREADABLE: b"no es una firma",
        kinds.TOO_LARGE: bytes(70_000),
        kinds.CONTENT: sign(content + b"x", tmp_path, person(DOCTOR, at=accredited.at, by=by)),
        kinds.RUN: sign(content, tmp_path, person(OTHER, at=accredited.at, by=by)),
        kinds.CHAIN: sign(content, tmp_path, person(DOCTOR, at=accredited.at, by=other)),
        kinds.ATTACHED: sign(content, tmp_path, person(DOCTOR, at=accredited.at, by=by), options=["-nodetach"]),
    }
    for kind, cms in cases.items():
        answer = upload(doctor, page, cms)
        assert answer.status_code == 422
        assert kind.words in faults(answer)
        assert "Vuelva a elegirlo" in html.unescape(answer.text)
    assert "Elija el archivo de firma" in faults(doctor.act(page))
    assert upload(doctor, page, bytes(300_000)).status_code == 413


@pytest.mark.norm("N-2.6a")
def test_the_key_of_another_is_not_there(web: Web) -> None:
    _, page = with_key(web)
    web.clock.advance(seconds=60)
    other = Browsing(web).entered(web.enrol(OTHER))
    assert [other.get(page).status_code, other.get(f"{page}/contenido").status_code] == [404, 404]
    assert upload(other, page, b"x").status_code == 404


def test_without_a_bundle_the_page_says_so(tmp_path: Path, application_url: str, clock: Any) -> None:
    with operator_of(web_settings(tmp_path, application_url), clock) as operator:
        doctor, page = with_key(Web(create_app(operator), operator, clock))
        shown = html.unescape(doctor.get(page).text)
        assert "no tiene configurado ningún prestador acreditado" in shown
        assert 'type="file"' not in shown
        assert operator.trust.accredited == ()
        assert "no tiene configurado" in html.unescape(upload(doctor, page, b"x").text)


@pytest.mark.norm("N-2.6c")
def test_the_trust_file_carries_the_bundle(web: Web, accredited: Provider) -> None:
    assert TrustFile.parse(web.get("/confianza.json").data).accredited == (accredited.root.pem,)


def test_a_bundle_that_is_none_refuses_to_start(tmp_path: Path, accredited: Provider) -> None:
    assert read_accredited(None) == ()
    file = tmp_path / "acreditadas.pem"
    for content in (None, b"", b"no es PEM", accredited.root.pem * 2):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(SettingsRefused, match="LME_FIRMA_AVANZADA_ACREDITADAS"):
            read_accredited(file)


def test_the_variable_names_the_file(tmp_path: Path) -> None:
    given = {"LME_ENV": "testing", "LME_HOME": str(tmp_path), "LME_FIRMA_AVANZADA_ACREDITADAS": "/etc/acreditadas.pem"}
    assert Settings.load(given).firma_avanzada.acreditadas == Path("/etc/acreditadas.pem")
