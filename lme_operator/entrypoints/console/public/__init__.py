"""Pages open to anybody: the check of a paper."""
