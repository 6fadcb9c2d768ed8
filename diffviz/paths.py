from pathlib import Path


def resources() -> Path:
    return Path(__file__).parent.parent / "resources"
