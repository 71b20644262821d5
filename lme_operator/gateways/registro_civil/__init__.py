"""Registro Civil: whether an identity card is in force (`identity.CivilRegistry`).

Access is by agreement, over the State's integration platform; its schema is not public: NOT FOUND in any source read.
What is known is the content (research: RUN, document number and type in; Vigente, No Vigente, No Vigente (No Emitido)
out) and that wrappers of it answer JSON over mutual TLS. So the wire format here is ours, in one place (`client`), and
whoever signs the agreement changes that place and nothing else.
"""

from lme_operator.gateways.registro_civil.client import CivilRegistryClient
from lme_operator.gateways.registro_civil.sandbox import CivilRegistrySandbox

__all__ = ["CivilRegistryClient", "CivilRegistrySandbox"]
