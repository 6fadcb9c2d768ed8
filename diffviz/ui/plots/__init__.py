"""Plots: charts, planes, densities. Imports widgets, and no other room of the window."""
