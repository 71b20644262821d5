"""The folder and its files: names, and who may read them."""

import os
import stat
from pathlib import Path

LOG_KEY = "registro.pem"
SEAL_KEY = "sello.pem"
SEAL_CERTIFICATE = "sello.crt.pem"
AUTHORITY_KEY = "ca.pem"
AUTHORITY_CERTIFICATE = "ca.crt.pem"
DATA_KEY = "datos.key"

TEST_MARK = "PRUEBAS"
"""Organisational unit of every certificate made outside production."""

_OTHERS = 0o077


class KeysUnusable(Exception):
    """The keys cannot be used or made; the message says why, in Spanish, and never shows a key."""


def read_private(folder: Path, name: str) -> bytes:
    """Read a file that is a regular one, ours, and closed to everybody else; raise `KeysUnusable`."""
    path = folder / name
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise KeysUnusable(f"Falta el archivo de llaves {path}.") from error
    except OSError as error:
        raise KeysUnusable(f"No se puede leer {path}: {error.strerror}.") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise KeysUnusable(f"{path} no es un archivo corriente.")
        _demand_closed(path, status, "0600")
        return file.read()


def demand_private_folder(folder: Path) -> None:
    """Refuse a folder that is not one, is a link, belongs to another, or is open to others."""
    try:
        status = folder.lstat()
    except OSError as error:
        raise KeysUnusable(f"No existe la carpeta de llaves {folder}; créela con «lme inicializar».") from error
    if not stat.S_ISDIR(status.st_mode):
        raise KeysUnusable(f"{folder} no es una carpeta.")
    _demand_closed(folder, status, "0700")


def _demand_closed(path: Path, status: os.stat_result, mode: str) -> None:
    if status.st_uid != os.geteuid():
        raise KeysUnusable(f"{path} pertenece a otro usuario del sistema; debe ser de quien ejecuta el programa.")
    if status.st_mode & _OTHERS:
        raise KeysUnusable(
            f"{path} tiene permisos {stat.S_IMODE(status.st_mode):04o} y otros usuarios podrían leerlo; use {mode}."
        )


def write_private(folder: Path, name: str, data: bytes) -> None:
    """Write a new file 0600 and make it durable; never over another."""
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
