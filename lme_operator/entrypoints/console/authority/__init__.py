"""The pages of an authority's people: orders about a person, and their proof."""
