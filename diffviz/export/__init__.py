"""Frames as files: PNG, numbered PNGs, GIF. Numpy and Pillow only; one frame at a time is in memory."""
