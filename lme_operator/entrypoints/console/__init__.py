"""Pages for people: the operator's console, rendered on the server, whole without scripts.

Invariants
- Nothing is decided here: each form is one call to a room, and what the room refuses is said where it can be mended.
- No page holds a personal datum in its address; none is kept by the browser; forms prove that they come from ours.
- The page of one's own block never queues, and is open in every stage of a session (N-2.7a).
"""
