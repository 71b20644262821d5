"""The other side's program: how an authority's machine signs and sends its orders."""
