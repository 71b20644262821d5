"""Who hears what: the one map from a promised effect to the use case that does it (house rule 4).

An effect that a room defines with `core.outbox.effect` has its line here, and no other; a test says so.
"""

from collections.abc import Mapping

from lme_operator.core.database import Deadline
from lme_operator.domain.notices import SEND_NOTICE
from lme_operator.domain.rnpi import RECHECK
from lme_operator.entrypoints.jobs.effects import JOB_SECONDS, Outside, Subscription

SUBSCRIPTIONS: Mapping[str, Subscription] = {
    SEND_NOTICE: Outside(
        begin=lambda operator, work, promise: operator.notices.begin(work, promise),
        call=lambda operator, sending: operator.notices.deliver(sending),
        finish=lambda operator, work, _promise, sending, delivery: operator.notices.finish(work, sending, delivery),
    ),
    # In transactions of its own, one a licence, each safe to repeat: nothing is left to finish.
    RECHECK: Outside(
        begin=lambda _operator, _work, promise: promise.subject,
        call=lambda operator, answer: operator.issuance.recheck(consultation_id=answer, deadline=Deadline(JOB_SECONDS)),
        finish=lambda _operator, _work, _promise, _answer, _looked: None,
    ),
}
