"""Mechanics that three rooms or more share. No rule of the norm lives here."""
