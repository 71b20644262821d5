"""The founders' pages: who acts for the operator."""
