"""How machines of authorities prove who they are: signed requests (RFC 9421) and the guard that admits them."""
