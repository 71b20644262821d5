"""Judge what others answered about who a person is, as the pieces of a dossier hold it, once they say 'complete'.

What the bodies of the Registro Civil and of the biometric provider mean is known to their gateways alone, and their
digests are in no log of theirs: here only what must hold of any such answer is judged, and the rest is declared.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from lme_operator.core.canonical import Json, encode, sha256, to_base64url
from lme_operator.core.outside import OutsideExchange
from lme_operator.core.periods import local_day
from lme_operator.domain.enrolment.in_person.pieces import Piece, Task
from lme_operator.domain.exports.register import Registered

_CIVIL_REGISTRY, _BIOMETRICS = "registro_civil", "biometria"
_PRESENTATIONS = ("aprobada", "no_realizada")
_LARGEST_SCORE = 1000


class DossierFault(ValueError):
    """The dossier does not hold; the text says where, in Spanish."""


def judge_answers(pieces: Sequence[Piece], *, opened_at: datetime, superseded: Iterable[Json]) -> None:
    """Raise `DossierFault` unless the answers on which document, identity and terms rest can be what they say."""
    by_task = {piece.task: piece for piece in pieces}
    document, identity, terms = (by_task[task] for task in (Task.DOCUMENT, Task.IDENTITY, Task.TERMS))
    if document.content["clase"] != "rut_provisorio":
        _judge_exchange(document, _CIVIL_REGISTRY, opened_at)
    if identity.content["medio"] == "biometria":
        _judge_exchange(identity, _BIOMETRICS, opened_at)
        _judge_match(identity.content)
    else:
        _judge_officer(identity.content, superseded)
    if to_base64url(sha256(terms.content["texto"].encode())) != terms.content["digesto"]:
        raise DossierFault("Las condiciones aceptadas no son el texto que se muestra.")


def judge_register_piece(piece: Piece, answered: Registered, *, enabled_at: datetime) -> None:
    """Raise `DossierFault` unless the piece `rnpi` says what the evidence of its consultation says (N-2.1b).

    The register answered 'in force' on the local day of the enabling, before the piece was made.
    """
    if answered.says("resultado") != "vigente" or piece.content["resultado"] != "vigente":
        raise DossierFault("la consulta no respondió «vigente»")
    if local_day(answered.entry.at) != local_day(enabled_at) or answered.entry.at > piece.at:
        raise DossierFault("la consulta no es del día en que se habilitó")
    shown = answered.said["inscripcion"]
    told: dict[str, Json] = {
        **{name: answered.said[name] for name in ("consulta", "resultado", "causa", "motivo", "instante")},
        "entrada": str(answered.entry.id),
        "registro": shown,
        "observaciones": "" if shown is None else shown["observaciones"],
    }
    if encode({name: piece.content.get(name) for name in told}) != encode(told):
        raise DossierFault("la pieza no dice lo que dice la consulta")


def _judge_exchange(piece: Piece, party: str, opened_at: datetime) -> None:
    """The answer came whole, from that party, while the case was open and before its piece."""
    try:
        exchange = OutsideExchange.parse(piece.content["consulta"])
    except (ValueError, KeyError) as error:
        raise DossierFault(f"La pieza «{piece.task.value}» no muestra la consulta en que se apoya.") from error
    if exchange.party != party or exchange.failure is not None or exchange.status != 200 or not exchange.body:
        raise DossierFault(f"La consulta de la pieza «{piece.task.value}» no tuvo respuesta de quien correspondía.")
    if not opened_at <= exchange.started_at <= piece.at:
        raise DossierFault(f"La consulta de la pieza «{piece.task.value}» es de otro momento.")


def _judge_match(content: Mapping[str, Json]) -> None:
    """A match reaches the provider's own threshold, and no check of a living face was failed (N-2.2a)."""
    score, threshold = content["puntaje"], content["umbral"]
    in_range = all(type(one) is int and 0 <= one <= _LARGEST_SCORE for one in (score, threshold))
    if not in_range or score < threshold or content["presentacion"] not in _PRESENTATIONS:
        raise DossierFault("El puntaje o la prueba de vida no permiten decir que las caras coinciden.")
    if not content["proveedor"] or not content["referencia"]:
        raise DossierFault("No se dice qué proveedor comparó las caras, o bajo qué referencia.")


def _judge_officer(content: Mapping[str, Json], superseded: Iterable[Json]) -> None:
    """The officer's own word comes after a provider's answer that is among what was superseded (N-2.2b)."""
    if content["medio"] != "funcionario":
        raise DossierFault("No se dice por qué medio se verificó la identidad.")
    earlier = {piece["id"] for piece in superseded if piece["tarea"] == Task.IDENTITY.value}
    if content["biometria"]["pieza"] not in earlier:
        raise DossierFault("La respuesta del proveedor que nombra el funcionario no está en el expediente.")
