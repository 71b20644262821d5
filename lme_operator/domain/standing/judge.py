"""Gather every room's causes and facts, and decide."""

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json
from lme_operator.core.decision import Decision
