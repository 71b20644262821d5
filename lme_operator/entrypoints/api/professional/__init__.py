"""What a professional's own systems call: sessions, licences, keys, own block."""
