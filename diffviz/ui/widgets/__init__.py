"""Widgets and looks that every room of the window uses. Imports no other room of it."""
