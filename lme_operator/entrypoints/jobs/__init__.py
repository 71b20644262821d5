"""Jobs: each named, with its queue a constant, one use-case call, safe to run twice and to be skipped.

The broker is only the messenger: what must happen stands in a table, and a broker that forgets everything loses
nothing. A tick that no worker fetched in time expires; the next one does its work. Effects promised by acts are in
`core.outbox`; `subscriptions.py` says who does each.
"""

from lme_operator.entrypoints.jobs.application import create_celery
from lme_operator.entrypoints.jobs.effects import JobsOperator
from lme_operator.entrypoints.jobs.schedule import QUEUES

__all__ = ["QUEUES", "JobsOperator", "create_celery"]
