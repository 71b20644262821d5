"""The RNPI, played: each RUN of its table brings one behaviour about; any other is a sound médico, dentista or matrona.

On its own page, `/interruptor`, a RUN or the whole register can be told to behave otherwise from now on, and what it
holds of somebody can be seen: whoever tries an enrolment needs the same civil data.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape

from lme_operator.core.canonical import Json
from lme_operator.core.run import InvalidRun, Run
from lme_operator.domain.rnpi import WITNESS_MARK
from lme_operator.gateways.rnpi.client import KEY
from lme_operator.gateways.rnpi.records import antecedent, person_of, record_of
from lme_operator.gateways.sandbox import Behaviour, Conduct, SandboxReply, SandboxRequest, page

_PATH = re.compile(r"/api/prestadores/rut/(?P<number>[1-9][0-9]{0,7})(?:\.json)?/", re.ASCII)
_SWITCH = "/interruptor"

OTHER_TITLE, ABSENT, BAD_KEY, FORBIDDEN = Run(22000001), Run(22000002), Run(22000003), Run(22000004)
THROTTLED, BROKEN, SILENT, SLOW = Run(22000005), Run(22000006), Run(22000007), Run(22000008)
PAGE, TRUNCATED, OF_ANOTHER, FLAPPING = Run(22000009), Run(22000010), Run(22000011), Run(22000012)
CUT, ONE_SURNAME, SECOND_TITLE, REMARKED = Run(22000013), Run(22000014), Run(22000015), Run(22000016)
NO_LONGER, LATIN, MOVED, NOT_FOUND_PAGE = Run(22000017), Run(22000018), Run(22000019), Run(22000020)
CHANGED, BARE = Run(22000021), Run(22000022)


@dataclass(frozen=True, slots=True)
class _Way:
    """A behaviour: its words for the page, and the answer about a RUN asked for the nth time."""

    words: str
    answer: Callable[[Run, int], SandboxReply]


class RnpiSandbox:
    """Answers whoever has the key."""

    prefix = "/rnpi"
    title = "RNPI (Superintendencia de Salud)"

    def __init__(self, *, apikey: str) -> None:
        self._apikey = apikey
        self._lock = threading.Lock()
        self._asked: Counter[Run] = Counter()
        self._orders: dict[Run | None, str] = {}

    @property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """What each RUN brings about."""
        words = "cambia desde ahora lo que se responde de un RUN, o de todos, y muestra los datos que figuran de un RUN"
        switch = Behaviour("Interruptor", words, _SWITCH)
        return (switch, *(Behaviour(run.display, way.words) for run, way in _WAYS.items()))

    def order(self, run: Run | None, state: str) -> None:
        """From now on answer about `run` (None: about everybody) as `state` of the switch says; '' as before."""
        if state and state not in _STATES:
            raise ValueError(state)
        with self._lock:
            self._orders.pop(run, None)
            if state:
                self._orders[run] = state

    def answer(self, request: SandboxRequest) -> SandboxReply:
        """Answer one question about a person, or show the switch."""
        if request.path == _SWITCH:
            return self._switch(request)
        found = _PATH.fullmatch(request.path)
        if request.method != "GET":
            return _detail(405, f'Método "{request.method}" no permitido.')
        if found is None:
            return SandboxReply.html("<!doctype html><title>Not Found</title><h1>Not Found</h1>", status=404)
        if request.query.get(KEY) != self._apikey:
            return _detail(401, "Las credenciales de autenticación no se proveyeron o no son válidas.")
        run = Run(int(found["number"]))
        with self._lock:
            self._asked[run] += 1
            times, state = self._asked[run], self._orders.get(run, self._orders.get(None, ""))
        way = _STATES.get(state) or _WAYS.get(run)
        return _sound(run, times) if way is None else way.answer(run, times)

    def _switch(self, request: SandboxRequest) -> SandboxReply:
        if request.method != "POST":
            return SandboxReply.html(_switch_page(dict(self._orders), ""))
        form = request.form()
        try:
            text = form.get("run", "").replace(".", "").strip().upper()
            run = Run.parse(text) if text else None
            if "ver" in form:
                return SandboxReply.html(page("Lo que figura en el RNPI simulado", _held(Run.parse(text))))
            self.order(run, form.get("estado", ""))
        except (InvalidRun, ValueError):
            return SandboxReply.html(_switch_page(dict(self._orders), "Revise el RUN y el estado."), status=400)
        return SandboxReply.see(self.prefix + _SWITCH)


class WitnessSandbox:
    """A control host, played: answers with its mark."""

    prefix = "/testigo"
    title = "Servidor de control propio"
    behaviours: tuple[Behaviour, ...] = ()

    def answer(self, request: SandboxRequest) -> SandboxReply:  # noqa: ARG002 - it answers everybody alike
        """Answer the mark."""
        return SandboxReply(body=WITNESS_MARK + b"\n", headers=(("Content-Type", "text/plain"),))


def _detail(status: int, words: str) -> SandboxReply:
    """An error as the API says it."""
    return SandboxReply.json({"detail": words}, status=status)


def _record(run: Run, **changes: Json) -> dict[str, Json]:
    return {**record_of(person_of(run)), **changes}


def _sound(run: Run, _times: int) -> SandboxReply:
    return SandboxReply.json(_record(run))


def _absent(_run: Run, _times: int) -> SandboxReply:
    return _detail(404, "No encontrado.")


def _with(**changes: Json) -> Callable[[Run, int], SandboxReply]:
    return lambda run, _times: SandboxReply.json(_record(run, **changes))


def _refused(status: int, words: str) -> Callable[[Run, int], SandboxReply]:
    return lambda _run, _times: _detail(status, words)


def _sent(conduct: Conduct) -> Callable[[Run, int], SandboxReply]:
    return lambda run, _times: SandboxReply.json(_record(run), conduct=conduct)


def _html(status: int) -> Callable[[Run, int], SandboxReply]:
    shown = "<!doctype html><html lang='es'><title>Mantención</title><h1>Sitio en mantención</h1></html>"
    return lambda _run, _times: SandboxReply.html(shown, status=status)


def _other_title(run: Run, _times: int) -> SandboxReply:
    nursing = [antecedent("Enfermera", date(2004, 12, 20))]
    return SandboxReply.json(_record(run, codigo_busqueda="Enfermera(o)", antecedentes=nursing))


def _second_title(run: Run, _times: int) -> SandboxReply:
    both = [antecedent("Kinesióloga", date(2001, 3, 9)), antecedent("Médica Cirujana", date(2009, 1, 15))]
    return SandboxReply.json(_record(run, codigo_busqueda="Kinesiólogo(a)", antecedentes=both))


def _of_another(run: Run, times: int) -> SandboxReply:
    return _sound(Run(run.number + 1), times)


def _flapping(run: Run, times: int) -> SandboxReply:
    return _sound(run, times) if times % 2 == 0 else _detail(503, "Servicio no disponible.")


def _no_longer(run: Run, times: int) -> SandboxReply:
    return _sound(run, times) if times == 1 else _absent(run, times)


def _latin(run: Run, _times: int) -> SandboxReply:
    body = json.dumps(_record(run, nombres="Íñigo"), ensure_ascii=False).encode("latin-1")
    return SandboxReply(body=body, headers=(("Content-Type", "application/json"),))


def _bare(run: Run, _times: int) -> SandboxReply:
    unknown = dict.fromkeys(("sexo", "nacionalidad", "fecha_nacimiento", "universidad", "fecha_carga"), "No Informada")
    return SandboxReply.json(_record(run, **unknown))


_WAYS: Mapping[Run, _Way] = {
    OTHER_TITLE: _Way("figura con un título que no habilita: enfermera", _other_title),
    ABSENT: _Way("no figura: 404 del propio servicio", _absent),
    BAD_KEY: _Way("rechaza la clave de acceso: 401", _refused(401, "Token inválido.")),
    FORBIDDEN: _Way("niega el acceso: 403", _refused(403, "No tiene permiso para realizar esta acción.")),
    THROTTLED: _Way("cuota excedida: 429", _refused(429, "Solicitud fue regulada (throttled).")),
    BROKEN: _Way("error interno: 500", _refused(500, "Error interno.")),
    SILENT: _Way("recibe la llamada y no contesta", _sent(Conduct.HANG)),
    SLOW: _Way("contesta de a un byte por segundo", _sent(Conduct.DRIP)),
    PAGE: _Way("contesta una página HTML con 200", _html(200)),
    TRUNCATED: _Way("corta la respuesta por la mitad", _sent(Conduct.TRUNCATE)),
    OF_ANOTHER: _Way("contesta con los datos de otra persona", _of_another),
    FLAPPING: _Way("intermitente: 503 la primera vez, vigente la segunda, y así", _flapping),
    CUT: _Way("corta la conexión al recibir la llamada", _sent(Conduct.RESET)),
    ONE_SURNAME: _Way("vigente, con un solo apellido", _with(apellido_materno="")),
    SECOND_TITLE: _Way("vigente por su segundo título, el que habilita", _second_title),
    REMARKED: _Way("vigente, con observaciones", _with(observaciones="Ver resolución de pruebas N° 1.")),
    NO_LONGER: _Way("vigente la primera vez; después ya no figura", _no_longer),
    LATIN: _Way("contesta en otra codificación de caracteres", _latin),
    MOVED: _Way("redirige a otra dirección", lambda _run, _times: SandboxReply.see("https://otra.example/")),
    NOT_FOUND_PAGE: _Way("404 con la página de un intermediario", _html(404)),
    CHANGED: _Way("contesta con campos de otra versión", _with(nro_registro=None, antecedentes="ninguno")),
    BARE: _Way("vigente, con casi todo «No Informada»", _bare),
}

_STATES: Mapping[str, _Way] = {
    "vigente": _Way("vigente", _sound),
    "no_inscrito": _Way("no figura inscrito", _absent),
    "otro_titulo": _Way("con un título que no habilita", _other_title),
    "error": _Way("error interno, 500", _refused(500, "Error interno.")),
    "mudo": _Way("no contesta", _sent(Conduct.HANG)),
    "corte": _Way("corta la conexión", _sent(Conduct.RESET)),
    "cuota": _Way("cuota excedida, 429", _refused(429, "Solicitud fue regulada (throttled).")),
}


def _switch_page(orders: Mapping[Run | None, str], wrong: str) -> str:
    options = "".join(f'<option value="{code}">{escape(way.words)}</option>' for code, way in _STATES.items())
    set_now = "".join(
        f"<li>{'Todos' if run is None else run.display}: {escape(_STATES[state].words)}</li>"
        for run, state in orders.items()
    )
    return page(
        "Interruptor del RNPI simulado",
        (f'<p role="alert">{escape(wrong)}</p>' if wrong else "")
        + f"<h2>En vigor</h2><ul>{set_now or '<li>nada: cada RUN según su tabla</li>'}</ul>"
        '<h2>Cambiar</h2><form method="post"><p><label for="run">RUN; en blanco, todos</label><br>'
        '<input id="run" name="run" autocomplete="off"></p><p><label for="estado">Desde ahora se responde</label><br>'
        f'<select id="estado" name="estado"><option value="">como antes</option>{options}</select></p>'
        '<p><button type="submit">Cambiar</button> <button name="ver" value="si">Ver lo que figura de ese RUN</button>'
        '</p></form><p><a href="/">Volver a la lista</a></p>',
    )


def _held(run: Run) -> str:
    """The sound record of a person, as a table."""
    record = record_of(person_of(run))
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(str(value))}</td></tr>'
        for name, value in record.items()
        if not isinstance(value, list)
    )
    head = '<thead><tr><th scope="col">Campo</th><th scope="col">Valor</th></tr></thead>'
    return f'<table>{head}<tbody>{rows}</tbody></table><p><a href="{RnpiSandbox.prefix}{_SWITCH}">Volver</a></p>'
