"""The JSON API that other systems build against. Its contract is stable: additions are free, changes are breaks.

A module declares the routes of one subject; each function translates in, calls one use case and translates out.
"""
