"""What an authority's machines call: suspensions and their lifting."""
