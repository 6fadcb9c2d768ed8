"""Extracts every text a person reads, brings the Korean catalogue up to date and compiles it (`make translations`)."""

from __future__ import annotations

import io
import json
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from diffviz import paths
from diffviz.domain.text import DOMAIN, LANGUAGES

ROOT = Path(__file__).parent.parent
KEYWORDS: dict[str, tuple[int, ...] | None] = {"tr": None, "mark": None, "_": None, "trn": (1, 2)}
TRANSLATED = tuple(code for code in LANGUAGES if code != "en")


def extracted() -> Catalog:
    """All literal texts of the program, and the names of the classes of its data sets."""
    catalog = Catalog(project="diffviz", charset="utf-8")
    found = extract_from_dir(str(ROOT / "diffviz"), method_map=[("**.py", "python")], keywords=KEYWORDS)
    for _file, _line, message, _comments, _context in found:
        if message:
            catalog.add(message)
    for path in sorted((paths.resources() / "samples").glob("*/dataset.json")):
        for name in json.loads(path.read_text(encoding="utf-8"))["classes"]:
            catalog.add(str(name))
    return catalog


def folder(code: str) -> Path:
    """Where the catalogue of language `code` is."""
    return paths.resources() / "translations" / code / "LC_MESSAGES"


def catalogue(code: str) -> Catalog:
    """The catalogue of language `code` as it stands."""
    path = folder(code) / f"{DOMAIN}.po"
    if not path.exists():
        return Catalog(locale=code, project="diffviz")
    with path.open("rb") as file:
        return read_po(file, locale=code)


def compiled(catalog: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def main() -> None:
    """Update and compile every catalogue; say what is not translated yet."""
    template = extracted()
    for code in TRANSLATED:
        catalog = catalogue(code)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        folder(code).mkdir(parents=True, exist_ok=True)
        with (folder(code) / f"{DOMAIN}.po").open("wb") as file:
            write_po(file, catalog, width=110, no_location=True, omit_header=False, sort_output=True)
        (folder(code) / f"{DOMAIN}.mo").write_bytes(compiled(catalogue(code)))
        missing = [str(message.id) for message in catalog if message.id and not message.string]
        print(f"{code}: {len(catalog)} texts, {len(missing)} not translated")
        for text in missing:
            print(f"  {text}")


if __name__ == "__main__":
    main()
