"""What arrives of a request: nothing that a sender names so that it passes for another's word."""

import pytest

from lme_operator.entrypoints.http.wsgi import Request


def environment(*headers: tuple[bytes, bytes]) -> dict[str, object]:
    """The environment of a request with these headers."""
    return Request(
        scope={
            "type": "http", "method": "GET", "path": "/", "query_string": b"", "http_version": "1.1",
            "scheme": "http", "headers": list(headers), "server": ("localhost", 80), "client": ("192.0.2.1", 1),
        },
        body=b"",
    ).environment()  # fmt: skip


@pytest.mark.norm("N-2.6b")
@pytest.mark.parametrize(
    "name",
    [b"x_forwarded_for", b"x-forwarded_for", b"x_forwarded-for", b"X_Forwarded_For", b"x.forwarded.for"],
)
def test_header_that_would_pass_for_the_proxys_does_not_arrive(name: bytes) -> None:
    """With `_` and with `-` the variable is the same: a sender would say where he comes from."""
    proxy = (b"x-forwarded-for", b"198.51.100.9")
    for headers in ([(name, b"10.0.0.1"), proxy], [proxy, (name, b"10.0.0.1")]):
        assert environment(*headers)["HTTP_X_FORWARDED_FOR"] == "198.51.100.9"
    assert not [key for key in environment((name, b"10.0.0.1")) if key.startswith("HTTP_")]


def test_lengths_and_types_come_only_by_their_own_names() -> None:
    environ = environment((b"content_length", b"9"), (b"Content-Type", b"text/plain"), (b"accept", b"*/*"))
    assert "CONTENT_LENGTH" not in environ
    assert (environ["CONTENT_TYPE"], environ["HTTP_ACCEPT"]) == ("text/plain", "*/*")
