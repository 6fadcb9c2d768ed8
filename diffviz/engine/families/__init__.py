"""Families: each turns one kind of request into frames."""
