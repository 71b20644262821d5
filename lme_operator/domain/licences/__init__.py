"""The licence: its order, its checks, the official document, the folio, and what was issued.

Invariants: a licence is one signed document, never edited; its folio is unique and carries its check digit; every
check is a pure rule with its citation (N-2.4a, N-2.4b).
"""
