"""The Celery application that `lme trabajar` and `lme agenda` start."""

from lme_operator.entrypoints.jobs import create_celery
from lme_operator.settings import Settings
from lme_operator.wiring import build_operator

settings = Settings.load()
app = create_celery(settings, operator=lambda: build_operator(settings, role="worker"))
