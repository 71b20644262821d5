"""Outside parties, each behind the `ports` of one room: keepers of keys, and later registries and messengers."""
