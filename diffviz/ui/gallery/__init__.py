"""Choosing pictures: sample data and a person's own."""
