"""Instruments: the theory of the run that is on the screen, a panel each."""
