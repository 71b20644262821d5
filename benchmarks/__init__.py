"""`make bench`: figures, never assertions. Each is printed beside its floor or its peer, measured in the same run."""
