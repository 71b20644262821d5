"""The guard of the own block. The block ends the session that asked for it, so a lost answer is asked for with that.

Who repeats the very request, with the token of the session that made the block, is admitted to its answer and to
nothing else: whatever else comes with a session that is over gets what everybody gets, and leaves no trace.
"""

from flask import request

from lme_operator.core.refusal import Refusal
from lme_operator.domain.access import Access
from lme_operator.domain.credentials import SESSION_OVER, EndedSession, OwnBlock, Session
from lme_operator.entrypoints.http.people import SCHEME, SESSION_MISSING, admit_session, bearer_token, scope_of
from lme_operator.entrypoints.http.routes import Entry, Guard, bind_key

Blocking = Session | OwnBlock
"""Who blocks himself, or the block that he made before with the same request."""


def blocking_guard(access: Access) -> Guard[Blocking]:
    """Admit any live session, and who asks again for the answer to the block that ended his."""

    def admit(entry: Entry) -> Blocking:
        try:
            return admit_session(entry, any_stage=True)
        except Refusal as refused:
            made = _made_before(access, entry) if refused.kind is SESSION_OVER else None
            if made is None:
                raise
            return made

    return Guard(
        name="profesional_que_se_bloquea",
        admit=admit,
        scope=_scope,
        scheme=SCHEME,
        challenge='Bearer realm="lme"',
        problems=(SESSION_MISSING, SESSION_OVER),
    )


def _made_before(access: Access, entry: Entry) -> OwnBlock | None:
    token = bearer_token(request)
    ended = None if token is None else access.find_ended_session(token=token, deadline=entry.deadline)
    if ended is None:
        return None
    try:
        key = bind_key(entry.route, ended)
    except Refusal:
        return None
    return None if key is None else access.find_own_block(ended=ended, idempotency=key, deadline=entry.deadline)


def _scope(who: Blocking | EndedSession) -> str:
    return str(who.run) if isinstance(who, OwnBlock) else scope_of(who)
