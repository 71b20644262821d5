"""The enrolling officer's pages: cases, and the people enrolled."""
