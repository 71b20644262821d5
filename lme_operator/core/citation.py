"""Citations: where a refusal, a fact or a test gets its authority.

Three forms: a duty of the matrix (`N-2.3b`), a step of a protocol (`emision@v1#firmar`), a standard
(`RFC 9457`, `OWASP ASVS 6.2.1`). A house test proves that each duty and each step cited exists.
"""

import re

DUTY = re.compile(r"(?:N-[0-7](?:\.[0-9]+)?[a-l]|M-[1-8])")
STEP = re.compile(r"(?P<protocol>[a-z0-9-]+)@(?P<version>v[0-9]+)#(?P<step>[a-z0-9.-]+)")
STANDARD = re.compile(r"(?:RFC|OWASP ASVS|NIST SP|ETSI EN|W3C|LEY|DS|DFL) [A-Za-z0-9 .§-]+")


def is_citation(text: str) -> bool:
    """Whether `text` has one of the three forms."""
    return any(form.fullmatch(text) for form in (DUTY, STEP, STANDARD))
