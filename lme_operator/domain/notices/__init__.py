"""Messages to people by mail and SMS, and the proof of what was sent (N-2.4b, N-2.6e).

Invariants
- A message is promised in the transaction of the act that asks for it; address and content are sealed.
- Neither mail nor SMS can be taken back or asked about. So an attempt is on record before it is made; one that nobody
  finished counts as unknown, is shown as such and is never sent again by itself: a person may order a new message.
- What the other side put off is tried again, with growing pauses, until the message expires.
- Each outcome enters the log with the digest of the content, the channel, and the address as a keyed hash.
"""

from lme_operator.domain.notices.masks import masked
from lme_operator.domain.notices.messages import (
    LONGEST_SMS,
    Channel,
    Delivery,
    Message,
    NoticeState,
    Outgoing,
    Result,
    Sending,
    State,
)
from lme_operator.domain.notices.ports import Messenger
from lme_operator.domain.notices.use_cases import SEND_NOTICE, Notices

__all__ = [
    "LONGEST_SMS",
    "SEND_NOTICE",
    "Channel",
    "Delivery",
    "Message",
    "Messenger",
    "NoticeState",
    "Notices",
    "Outgoing",
    "Result",
    "Sending",
    "State",
    "masked",
]
