"""A provider that compares the face of a document with one seen live (`identity.BiometricProvider`).

Companies have no access to the Registro Civil's photographs, by what is known; so the comparison is with the document's
own picture, and its result is one more piece of evidence, with provider, version, request and score. Providers differ:
the wire format here is ours, in one place (`client`), after what their public documents have in common.
"""

from lme_operator.gateways.biometrics.client import BiometricsClient
from lme_operator.gateways.biometrics.sandbox import BiometricsSandbox

__all__ = ["BiometricsClient", "BiometricsSandbox"]
