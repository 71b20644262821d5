"""`lme demo`: a whole operator on one computer, its people, its story and its mailbox; nothing has legal effect."""
