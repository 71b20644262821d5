"""The card's number and its QR: what is claimed, and every way in which it contradicts itself."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lme_operator.core.run import Run
from lme_operator.domain.identity import CardKind, claim_findings, expiry_findings, read_card_qr
from lme_operator.domain.identity.rules import check_digit, document_number_findings

TODAY = date(2026, 4, 20)
RUN = Run(11111111)
OLD = "https://portal.sidiv.registrocivil.cl/docstatus"
NEW = "https://portal.nuevosidiv.registrocivil.cl/document-validity"


def zone(number: str = "512345678", birth: str = "850213", expiry: str = "301231") -> str:
    return "".join(part + check_digit(part) for part in (number, birth, expiry))


def qr(
    address: str = OLD, *, run: str = str(RUN), kind: str = "CEDULA", serial: str = "512345678", mrz: str = ""
) -> str:
    return f"{address}?RUN={run}&type={kind}&serial={serial}&mrz={mrz or zone(serial)}"


def test_check_digits_of_the_standards_own_example() -> None:
    """ICAO 9303 part 3, section 4.9 and part 11, appendix D."""
    assert check_digit("520727") == "3"
    assert check_digit("AB2134<<<") == "5"
    assert check_digit("L898902C<") == "3"


@pytest.mark.norm("N-2.1a")
@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        (qr(), CardKind.CITIZEN, "512345678"),
        (qr(kind="CEDULA_EXT"), CardKind.FOREIGNER, "512345678"),
        (qr(NEW, serial="B12345678"), CardKind.CITIZEN, "B12345678"),
    ],
)
def test_both_generations_are_read(text: str, kind: CardKind, number: str) -> None:
    read = read_card_qr(text, today=TODAY)
    assert read.findings == ()
    assert read.claim is not None
    assert (read.claim.run, read.claim.kind, read.claim.number) == (RUN, kind, number)
    assert (read.claim.birth_date, read.claim.expires_on) == (date(1985, 2, 13), date(2030, 12, 31))
    assert claim_findings(read.claim, run=RUN, number=number.lower()) == ()


def test_a_run_with_k_in_either_case() -> None:
    run = next(Run(number) for number in range(20000000, 20000100) if str(Run(number)).endswith("K"))
    for written in (str(run), str(run).lower()):
        read = read_card_qr(qr(run=written), today=TODAY)
        assert read.claim is not None
        assert read.claim.run == run


@pytest.mark.norm("N-2.1a")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "hola",
        qr().replace("https", "http"),
        qr().replace("https", "HTTPS", 1).replace("HTTPS", "ftp"),
        qr("https://portal.sidiv.registrocivil.cl.estafa.cl/docstatus"),
        qr("https://portal.sidiv.registrocivil.cl@estafa.cl/docstatus"),
        qr("https://usuario@portal.sidiv.registrocivil.cl/docstatus"),
        qr("https://portal.sidiv.registrocivil.cl:8443/docstatus"),
        qr("https://portal.sidiv.registrocivil.cl/docstatus/"),
        qr("https://portal.sidiv.registrocivil.cl/../docstatus"),
        qr("https://portal.sidiv.registrocivil.cl/document-validity"),
        qr("https://portal.sidiv.registrocivil.cl./docstatus"),
        qr("https://169.254.169.254/docstatus"),
        qr("//portal.sidiv.registrocivil.cl/docstatus"),
        qr() + "&RUN=22222222-2",
        qr() + "&otro=1",
        qr() + "#x",
        qr() + "#",
        qr() + "\n",
        qr().replace("docstatus", "doc\tstatus"),
        qr().replace("&serial=512345678", ""),
        qr().replace("&", ";"),
        qr(run="11111111-2"),
        qr(run="11.111.111-1"),
        qr(run=""),
        qr(kind="PASAPORTE_PG"),
        qr(serial="B12345678"),
        qr(NEW),
        qr(serial="51234567", mrz=zone()),
        qr() + "x" * 300,
        qr().replace("RUN", "RÚN"),
    ],
)
def test_what_is_not_the_registrys_address_is_no_card(text: str) -> None:
    read = read_card_qr(text, today=TODAY)
    assert read.claim is None
    assert [finding.code for finding in read.findings] == ["qr_no_es_de_cedula"]


def off(place: int) -> str:
    """The zone with one character changed, its check digit as it was."""
    right = zone()
    return right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]


@pytest.mark.norm("N-2.1a")
@pytest.mark.parametrize(
    "mrz",
    [
        *(off(place) for place in range(24)),
        zone()[:-1],
        zone() + "0",
        zone("512345679"),
        zone(birth="851332"),
        zone(expiry="300230"),
        zone().lower().replace("5", "a"),
    ],
)
def test_a_zone_that_does_not_add_up_is_a_contradiction(mrz: str) -> None:
    read = read_card_qr(qr(mrz=mrz), today=TODAY)
    assert read.claim is None
    assert [finding.code for finding in read.findings] == ["qr_incoherente"]


@pytest.mark.norm("N-2.1a")
@pytest.mark.parametrize(("expiry", "out"), [("260419", True), ("260420", True), ("260421", False), ("200101", True)])
def test_a_card_serves_until_the_day_before_its_date(expiry: str, out: bool) -> None:
    read = read_card_qr(qr(mrz=zone(expiry=expiry)), today=TODAY)
    assert read.claim is not None
    assert [finding.code for finding in read.findings] == (["cedula_vencida"] if out else [])
    assert bool(expiry_findings(read.claim.expires_on, today=TODAY)) is out


@pytest.mark.parametrize(("birth", "year"), [("260420", 2026), ("260421", 1926), ("000229", 2000), ("990101", 1999)])
def test_nobody_is_born_after_today(birth: str, year: int) -> None:
    read = read_card_qr(qr(mrz=zone(birth=birth)), today=TODAY)
    assert read.claim is not None
    assert read.claim.birth_date.year == year


@pytest.mark.norm("N-2.1a")
def test_a_card_of_another_person_or_another_card_is_said() -> None:
    read = read_card_qr(qr(), today=TODAY)
    assert read.claim is not None
    for run, number in ((Run(22222222), "512345678"), (RUN, "512345679"), (RUN, "B12345678")):
        assert [one.code for one in claim_findings(read.claim, run=run, number=number)] == ["qr_de_otro_documento"]


@pytest.mark.parametrize("number", ["512345678", "512.345.678", " b12345678 ", "A012345678", "B 12 345 678"])
def test_numbers_as_people_write_them(number: str) -> None:
    assert document_number_findings(number, run=RUN) == ()


@given(st.text(max_size=400))
def test_any_text_is_judged_and_nothing_raises(text: str) -> None:
    assert read_card_qr(text, today=TODAY).claim is None
    assert isinstance(document_number_findings(text, run=RUN), tuple)


@given(st.text(alphabet="RUNtypeserialmrz=&%3C512345678-CEDULA<", max_size=80))
def test_any_query_is_judged_and_nothing_raises(query: str) -> None:
    assert read_card_qr(f"{OLD}?{query}", today=TODAY).findings
