"""A security key for the browser: Chromium's own virtual authenticator, driven by its debugging protocol."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page


@dataclass
class Authenticator:
    """One device, plugged into one page's browser context; it verifies its user unless told otherwise."""

    session: CDPSession
    id: str

    @classmethod
    def plugged_into(cls, page: Page, *, verifies: bool = True, transport: str = "usb") -> "Authenticator":
        """Plug in a device that is always touched at once."""
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": transport,
            "hasUserVerification": True,
            "isUserVerified": verifies,
            "automaticPresenceSimulation": True,
        }
        added: Any = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return cls(session, added["authenticatorId"])

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What it keeps: id, private key, counter of each credential."""
        found: Any = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        kept: list[dict[str, Any]] = found["credentials"]
        return kept

    def put(self, credential: dict[str, Any]) -> None:
        """Give it a credential, as one who copied it would."""
        self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})

    def forget(self) -> None:
        """Take all its credentials away."""
        self.session.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})

    def verify_user(self, *, verified: bool) -> None:
        """Whether it recognises its user from now on."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": verified})
