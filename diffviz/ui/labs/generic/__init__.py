"""The generic lab: built from a family's row alone, for every family that names no lab of its own."""
