"""Where an act came from. Kept with every act from the first licence on (N-3.0b: access points)."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network


@dataclass(frozen=True, slots=True)
class Origin:
    """IP address as the server saw it, the device's own description (User-Agent), request id, declared place."""

    ip: str
    device: str
    request_id: str
    place: str | None = None

    @property
    def network(self) -> str:
        """What tries are counted by: the address, or the /64 of an IPv6 one, since whoever has one has them all."""
        try:
            address = ip_address(self.ip)
        except ValueError:
            return self.ip
        if isinstance(address, IPv6Address):
            mapped = address.ipv4_mapped
            return str(ip_network((address, 64), strict=False) if mapped is None else mapped)
        return str(address)

    @property
    def roughly(self) -> str:
        """Where from, as a message tells its owner: the beginning of the address, and nothing that the caller chose."""
        try:
            address = ip_address(self.ip)
        except ValueError:
            return "una conexión que no se pudo reconocer"
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        sign, shown = (
            (":", address.exploded.split(":")[:3]) if address.version == 6 else (".", str(address).split(".")[:3])
        )
        return f"una conexión que comienza con {sign.join(shown)}"
