"""The export dialog: what to write, where to, how it will look, how far it is."""
