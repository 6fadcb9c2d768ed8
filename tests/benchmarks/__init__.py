"""Measurements: ratios in one run, printed as a table. Run by `make bench`, on an idle machine."""
