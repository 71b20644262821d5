"""RNPI, of the Superintendencia de Salud: who is inscribed, and with which titles (`rnpi.Registry`); our own witnesses.

Its API is documented by the Superintendencia itself (one record by RUT without check digit, `apikey` in the query,
dates in three forms, 'No Informada' for what is not known); limits and the exact wording of titles are not.
"""

from lme_operator.gateways.rnpi.building import build_rnpi
from lme_operator.gateways.rnpi.client import RnpiClient
from lme_operator.gateways.rnpi.controls import ControlHost, ControlHosts
from lme_operator.gateways.rnpi.sandbox import RnpiSandbox, WitnessSandbox

__all__ = ["ControlHost", "ControlHosts", "RnpiClient", "RnpiSandbox", "WitnessSandbox", "build_rnpi"]
