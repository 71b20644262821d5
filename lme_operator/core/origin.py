"""Where an act came from. Kept with every act from the first licence on (N-3.0b: access points)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """IP address as the server saw it, the device's own description (User-Agent), request id, declared place."""

    ip: str
    device: str
    request_id: str
    place: str | None = None
