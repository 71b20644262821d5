"""The professional's pages: drafts, signature, and own licences."""
