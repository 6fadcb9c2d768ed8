"""Rows that a recipe of CONTRIBUTING adds, put into the program's tables as long as a test runs."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

import pytest


def add_row(patch: pytest.MonkeyPatch, table: Mapping[Any, Any], key: Any, value: Any) -> None:
    """Let read-only `table` have `value` under `key`, as if it stood in its source."""
    rows = table if isinstance(table, dict) else gc.get_referents(table)[0]
    assert isinstance(rows, dict)
    assert key not in rows
    patch.setitem(rows, key, value)
