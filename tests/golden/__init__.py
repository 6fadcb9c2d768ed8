"""Golden images: the program's screens as they are meant to look, compared with what they look like now."""

from pathlib import Path

KEPT = Path(__file__).parent / "images"
"""Where the pictures are kept."""
