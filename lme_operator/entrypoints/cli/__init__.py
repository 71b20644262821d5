"""The program `lme`."""
