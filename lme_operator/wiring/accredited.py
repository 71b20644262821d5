"""Reads the bundle of accredited providers that the settings name."""

from pathlib import Path

from cryptography import x509

from lme_operator.domain.audit.trust import MAX_ACCREDITED
from lme_operator.settings import SettingsRefused

_VARIABLE = "LME_FIRMA_AVANZADA_ACREDITADAS"


def read_accredited(file: Path | None) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM file, none without a file; raise `SettingsRefused` for any other."""
    if file is None:
        return ()
    try:
        found = x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        raise SettingsRefused((f"{_VARIABLE}: no se puede leer ese archivo.",)) from error
    except (ValueError, x509.InvalidVersion) as error:
        raise SettingsRefused((f"{_VARIABLE}: no es un archivo PEM de certificados.",)) from error
    if len(set(found)) != len(found) or len(found) > MAX_ACCREDITED:
        raise SettingsRefused((f"{_VARIABLE}: hasta {MAX_ACCREDITED} certificados, sin repetir.",))
    return tuple(found)
