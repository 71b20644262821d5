"""Keeper of the operator's keys: a folder of files that only its owner can read.

Implements `signing.SigningKeys` and `audit.LogSigner`. Keys are loaded once and act here; only public parts and the
data key (which the sealer needs) come out. An HSM would be another keeper behind the same ports.
"""

from lme_operator.gateways.key_store.ceremony import create_keys
from lme_operator.gateways.key_store.files import KeysUnusable
from lme_operator.gateways.key_store.store import FileKeyStore, FileLogSigner

__all__ = ["FileKeyStore", "FileLogSigner", "KeysUnusable", "create_keys"]
