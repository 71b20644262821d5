"""The HTTP process: its front, bodies, headers, logs, problem documents, and routes that declare their guard.

Nothing here knows a rule of the norm. A route is declared once (`routes.Route`) and everything else follows from the
declaration: who may pass, whether an Idempotency-Key is demanded, what is parsed, what OpenAPI says, which tests bind.
"""
