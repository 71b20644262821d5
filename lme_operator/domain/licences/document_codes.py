"""Codes of the official document (LME 1.6.3) that stand for words of the order; writer and reader share them."""

SHIFTS = {"manana": "A", "tarde": "B", "noche": "C"}
PLACES = {"domicilio": "1", "hospital": "2", "otro_domicilio": "3"}
REST = {"total": "1", "parcial": "2"}
