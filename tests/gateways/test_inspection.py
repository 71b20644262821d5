"""Uploads looked into by a real process: what is admitted, what is refused and why, and what the process cannot do."""

import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from lme_operator.core import clock
from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Fault
from lme_operator.domain.identity import Defect
from lme_operator.gateways.inspection.process import InspectionLimits, ProcessInspector
from tests.factories.identity import bill_pdf, photo
from tests.factories.uploads import ADMITTED, REFUSED, one_page, picture, with_exif, with_text

LIMITS = InspectionLimits(
    largest=10_000_000, pixels=60_000_000, pages=50, memory=768 << 20, seconds=6, patience=15.0, at_once=2
)
INSPECTOR = ProcessInspector(LIMITS)


def inspect(content: bytes, inspector: ProcessInspector = INSPECTOR) -> tuple[Defect, ...]:
    return inspector.inspect(content, deadline=Deadline(20)).defects


@pytest.mark.norm("N-2.1c")
@pytest.mark.parametrize("name", REFUSED)
def test_what_may_do_harm_is_refused_with_its_reason(name: str) -> None:
    make, expected = REFUSED[name]
    found = INSPECTOR.inspect(make(), deadline=Deadline(20))
    assert set(found.defects) == expected
    assert found.preview is None


def test_every_defect_has_a_file_that_shows_it() -> None:
    assert set(Defect) == {defect for _, defects in REFUSED.values() for defect in defects}


@pytest.mark.norm("N-2.1c")
@pytest.mark.parametrize("name", ADMITTED)
def test_what_people_have_is_admitted(name: str) -> None:
    make, media_type, measures = ADMITTED[name]
    found = INSPECTOR.inspect(make(), deadline=Deadline(20))
    assert found.defects == ()
    assert (found.media_type, (found.width, found.height, found.pages)) == (media_type, measures)
    assert (found.preview is None) == (media_type == "application/pdf")


@pytest.mark.norm("N-2.6b")
@pytest.mark.parametrize("content", [with_exif(), with_text()], ids=["jpeg", "png"])
def test_the_preview_has_the_pixels_and_nothing_else(content: bytes) -> None:
    preview = INSPECTOR.inspect(content, deadline=Deadline(20)).preview
    assert preview is not None
    assert b"SECRETO" not in preview
    with Image.open(BytesIO(preview)) as shown:
        assert (shown.format, shown.mode, dict(shown.getexif())) == ("JPEG", "RGB", {})
        assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_preview_is_upright_small_and_on_white() -> None:
    def shown(content: bytes) -> Image.Image:
        preview = INSPECTOR.inspect(content, deadline=Deadline(20)).preview
        assert preview is not None
        return Image.open(BytesIO(preview))

    assert shown(with_exif()).size == (80, 120)
    assert shown(picture(size=(5000, 400))).size == (1600, 128)
    assert shown(photo()).size == (640, 480)
    assert shown(picture("RGBA")).getpixel((5, 5)) == (255, 255, 255)


def test_the_turn_of_the_camera_turns_the_right_way() -> None:
    held = Image.new("RGB", (120, 80), "white")
    held.paste("black", (0, 0, 60, 80))  # black on the left; turned by a quarter clockwise it comes to the top
    exif, written = Image.Exif(), BytesIO()
    exif[0x0112] = 6
    held.save(written, "JPEG", exif=exif)
    preview = INSPECTOR.inspect(written.getvalue(), deadline=Deadline(20)).preview
    assert preview is not None
    with Image.open(BytesIO(preview)) as shown:
        assert max(shown.getpixel((40, 10))) < 40  # type: ignore[arg-type]
        assert min(shown.getpixel((40, 110))) > 215  # type: ignore[arg-type]


@pytest.mark.norm("N-2.6b")
def test_the_process_can_open_nothing_once_it_looks() -> None:
    program = textwrap.dedent("""
        import json, os, socket, resource
        from lme_operator.gateways.inspection import looking
        looking._bound({"memory": 1 << 29, "seconds": 3})
        looking._close_the_door()
        os.close(0)  # a number that was free again would serve for a new file
        for act in (lambda: open("/etc/passwd"), socket.socket, os.pipe, lambda: os.dup(1),
                    lambda: open("/proc/self/environ")):
            try:
                act()
            except OSError:
                print("refused")
            else:
                print("done")
        try:
            resource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40)) if os.geteuid() else os._exit(0)
        except ValueError:
            os._exit(0)
        os._exit(3)
    """)
    ran = subprocess.run([sys.executable, "-u", "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.split()) == (0, ["refused"] * 5)


@pytest.mark.norm("N-2.6b")
def test_the_process_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LME_DATABASE_URL_APPLICATION", "postgresql://secreto")
    spy = program(tmp_path, f'env > "{tmp_path}/env"')
    with pytest.raises(Fault):
        inspect(photo(), ProcessInspector(LIMITS, interpreter=spy))
    seen = (tmp_path / "env").read_text()
    assert "PYTHONPATH" in seen
    assert "LME_" not in seen


@pytest.mark.parametrize(
    ("what", "limits"),
    [
        (lambda: picture("RGBA", size=(7000, 7000)), replace(LIMITS, memory=256 << 20)),
        (lambda: one_page(more=(b"[%s]" % (b"1 " * 5000),) * 900), replace(LIMITS, seconds=1)),
    ],
    ids=["memory", "processor"],
)
def test_what_takes_more_than_it_may_is_refused(what: object, limits: InspectionLimits) -> None:
    content = what()  # type: ignore[operator]
    assert inspect(content, ProcessInspector(replace(limits, largest=20_000_000))) == (Defect.TOO_COSTLY,)


@pytest.mark.norm("N-2.1c")
@pytest.mark.parametrize(
    "script",
    ["exit 1", "echo hola", "echo '{\"tipo\": \"image/jpeg\", \"defectos\": []}'", "exit 0",
     "echo '{\"tipo\":\"\",\"ancho\":1,\"alto\":1,\"paginas\":1,\"defectos\":[\"otro\"]}'"],
    ids=["ends", "chatters", "forgets", "silent", "invents"],
)  # fmt: skip
def test_a_process_that_does_not_do_its_work_admits_nothing(tmp_path: Path, script: str) -> None:
    with pytest.raises(Fault, match="servicio_no_disponible"):
        inspect(photo(), ProcessInspector(LIMITS, interpreter=program(tmp_path, script)))


@pytest.mark.norm("N-2.1c")
def test_no_process_admits_nothing() -> None:
    with pytest.raises(Fault, match="servicio_no_disponible"):
        inspect(photo(), ProcessInspector(LIMITS, interpreter="/no/existe"))


@pytest.mark.parametrize("signal", ["SEGV", "ABRT", "BUS"])
def test_a_file_that_breaks_the_library_is_damaged(tmp_path: Path, signal: str) -> None:
    breaking = program(tmp_path, f"kill -{signal} $$")
    assert inspect(photo(), ProcessInspector(LIMITS, interpreter=breaking)) == (Defect.DAMAGED,)


def test_waiting_ends_and_the_process_with_it(tmp_path: Path) -> None:
    hanging = program(tmp_path, f'echo $$ > "{tmp_path}/pid"; exec sleep 60')
    inspector = ProcessInspector(replace(LIMITS, patience=0.5), interpreter=hanging)
    started = clock.monotonic()
    with pytest.raises(Fault):
        inspector.inspect(photo(), deadline=Deadline(20))
    with pytest.raises(Fault):
        inspector.inspect(photo(), deadline=Deadline(0.3))
    assert clock.monotonic() - started < 3
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_no_more_at_once_than_allowed(tmp_path: Path) -> None:
    one = ProcessInspector(replace(LIMITS, at_once=1, patience=1.5), interpreter=program(tmp_path, "exec sleep 60"))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(inspect, photo(), one)
        started = clock.monotonic()
        with pytest.raises(Fault):
            one.inspect(photo(), deadline=Deadline(0.5))
        assert clock.monotonic() - started < 1.2
        with pytest.raises(Fault):
            first.result()


def test_many_at_once_each_get_their_own_answer() -> None:
    contents = [photo(f"PERSONA {number}") if number % 2 else bill_pdf(f"CUENTA {number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: INSPECTOR.inspect(one, deadline=Deadline(20)).media_type, contents))
    assert found == ["image/jpeg" if number % 2 else "application/pdf" for number in range(8)]


def program(folder: Path, script: str) -> str:
    """A program that does this instead of looking."""
    file = folder / "interprete"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)
