"""The licence on paper: the official form in four copies, made from the signed document alone (M-7).

Invariants: a copy holds nothing that its reader may not know, neither in its text nor in the data that it carries:
section A.6 is not left blank in it, it is never put in (N-2.6b); the same licence in the same state gives the
same bytes; each field is one text, so that people, search and screen readers find whole words.
"""

from lme_operator.domain.licences.form.copies import Copy, file_name
from lme_operator.domain.licences.form.render import render_form
from lme_operator.domain.licences.form.said import Printed
from lme_operator.domain.licences.form.words import KINDS, SEXES

__all__ = ["KINDS", "SEXES", "Copy", "Printed", "file_name", "render_form"]
