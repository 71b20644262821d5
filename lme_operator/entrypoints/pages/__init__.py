"""The kit that every page for people is made of; it knows no audience.

Declared pages and forms, guards, what a page carries, and the templates and static files that all share.
"""
