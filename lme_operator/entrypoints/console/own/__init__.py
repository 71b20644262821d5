"""Everyone's own affairs: entry, password, keys, block, and the first page."""
