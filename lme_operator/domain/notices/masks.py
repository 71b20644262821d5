"""How an address is shown to who need not know it: enough to recognise one's own, too little to write to (N-2.6b)."""

from lme_operator.domain.notices.messages import Channel

_HIDDEN = "•••"
_SHOWN_DIGITS = 4


def masked(channel: Channel, address: str) -> str:
    """Write `antonia@example.cl` as `a•••a@example.cl`, and `+56912345678` as `+56 ••• 5678`."""
    if channel is Channel.SMS:
        return f"{address[:3]} {_HIDDEN} {address[-_SHOWN_DIGITS:]}"
    local, _, domain = address.rpartition("@")
    last = local[-1] if len(local) > _SHOWN_DIGITS else ""
    return f"{local[:1]}{_HIDDEN}{last}@{domain}"
