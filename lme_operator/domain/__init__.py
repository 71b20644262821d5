"""The sub-domains ("rooms"). A room imports only rooms of the floors below it (see the README's map).

Each room publishes in its `__init__` what others may use; `records` and `store` are private to the room. A room with
dependencies from outside publishes one frozen dataclass named after itself, whose methods are its use cases.
"""
