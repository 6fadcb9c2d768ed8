"""The house as CONTRIBUTING describes it: no import circle, no arrow that runs up, one name for one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
LONGEST = 365
"""Lines that a file may have: one that outgrows them has two subjects."""
FEW = 20 / 270
IMPORTS = 0.07
UPWARD = {  # rooms of the window, and those that they may import
    "widgets": set[str](),
    "plots": {"widgets"},
    "timeline": {"widgets", "plots"},
    "sample_viewer": {"widgets", "plots", "timeline"},
    "forms": {"widgets", "plots"},
    "gallery": {"widgets", "forms"},
    "export_dialog": {"widgets", "forms"},
    "instruments": {"widgets", "plots", "timeline", "forms", "gallery"},
    "labs": {"widgets", "plots", "timeline", "sample_viewer", "forms", "gallery", "instruments"},
}


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the program, parsed, by its dotted name."""
    found = {}
    for path in sorted((ROOT / "diffviz").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imported(body: list[ast.stmt]) -> Iterator[str]:
    """The modules that are imported when `body` is: not those for types alone, nor those within functions."""
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules() else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.If | ast.Try) and "TYPE_CHECKING" not in ast.unparse(node):
            yield from imported(node.body)


@cache
def arrows() -> dict[str, set[str]]:
    """Which module imports which of the program's."""
    return {name: set(imported(tree.body)) & set(modules()) - {name} for name, tree in modules().items()}


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = {name: set(others) for name, others in arrows().items()}
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    assert not left, f"in or above a circle: {sorted(left)}"


def test_no_arrow_of_the_window_runs_up() -> None:
    up = [
        f"{name} → {other}"
        for name, others in arrows().items()
        for other in others
        if (room := _room(name)) in UPWARD and _room(other) not in {None, room, *UPWARD[room]}
    ]
    assert not up


def test_no_class_name_stands_for_two_things() -> None:
    where = defaultdict(list)
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                where[node.name].append(name)
    assert not {name: places for name, places in where.items() if len(places) > 1}


def test_files_hold_one_subject() -> None:
    lines = {name: _lines(name) for name in modules()}
    assert 110 <= median(lines.values()) <= 220
    users = defaultdict(set)
    for name, others in arrows().items():
        for other in others:
            users[other].add(name)
    small = [name for name, count in lines.items() if count < 60 and len(users[name]) == 1]
    assert len(small) < FEW * len(lines), small
    assert not {name: count for name, count in lines.items() if count > LONGEST}


def test_few_lines_are_imports() -> None:
    spans = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert sum(spans) <= IMPORTS * sum(_lines(name) for name in modules())


PAINTED = 14
"""How many files paint by hand; it only falls, as plots come from a library: 15 are enough for what is no plot."""


def test_few_files_paint_by_hand() -> None:
    painting = [name for name, tree in modules().items() if names_painter(tree)]
    assert len(painting) <= PAINTED, f"more than {PAINTED} files with a QPainter: {painting}"


def test_no_item_is_taken_out_of_a_layout() -> None:
    """PySide leaves it alive, and Qt tells it alone of another size: what the widget has next keeps an old one."""
    taking = [name for name, tree in modules().items() if any(_takes(node) for node in ast.walk(tree))]
    assert not taking, f"say removeWidget: {taking}"


def _takes(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "takeAt"


def names_painter(tree: ast.AST) -> bool:
    """Whether `tree` imports or names `QPainter`."""
    return any(
        (isinstance(node, ast.alias) and node.name == "QPainter")
        or (isinstance(node, ast.Attribute) and node.attr == "QPainter")
        for node in ast.walk(tree)
    )


FAMILIAR = ("diffviz.families", "diffviz.engine.families", "diffviz.ui.labs")
"""Rooms that know kinds of runs apart; everywhere else what differs is a column of the table."""


def test_what_differs_between_kinds_of_runs_is_a_column() -> None:
    switches = [
        f"{name}:{line} {kind}"
        for name, tree in modules().items()
        if not name.startswith(FAMILIAR)
        for line, kind in type_switches(tree)
    ]
    assert not switches


def type_switches(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where `tree` asks which kind of request or frame it has; whether something is one at all may be asked."""
    for node in ast.walk(tree):
        asked: list[ast.expr] = []
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass"):
            asked = node.args[1:]
        elif isinstance(node, ast.MatchClass):
            asked = [node.cls]
        elif isinstance(node, ast.Compare) and any(isinstance(op, ast.Is | ast.IsNot | ast.Eq) for op in node.ops):
            asked = [node.left, *node.comparators]
        for part in (part for expression in asked for part in ast.walk(expression)):
            kind = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
            if isinstance(part, ast.expr) and kind in kinds():
                yield part.lineno, kind


@cache
def kinds() -> frozenset[str]:
    """Names of the classes of requests and of frames but for their bases."""
    found = (node.name for tree in modules().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return frozenset(name for name in found if name.endswith(("Request", "Frame"))) - {"Request", "Frame"}


def test_the_rule_sees_every_way_to_ask() -> None:
    ways = (
        "isinstance(r, ForwardRequest)",
        "isinstance(r, A | requests.GanRequest)",
        "issubclass(kind, (PathRequest, A))",
        "type(r) is ReverseRequest",
        "isinstance(f, ForwardFrame | ReverseFrame)",
        "match r:\n case ForwardRequest(model=None): pass",
    )
    assert all(list(type_switches(ast.parse(way))) for way in ways)
    assert not list(type_switches(ast.parse("isinstance(r, Request); ForwardRequest(); x: PathRequest = y")))


BY_CHANCE, OWN = ("setFocus", "activateWindow", "isActiveWindow"), "OtherFocusReason"
"""What tests do not call themselves: on a busy machine it has not come about when they go on. `OWN` is the program."""


def test_tests_wait_until_the_keyboard_is_where_they_press_keys() -> None:
    paths = [path for path in (ROOT / "tests").rglob("*.py") if path.name not in ("waiting.py", "desk.py")]
    calls = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(f".{name}" in line for name in BY_CHANCE) and OWN not in line
    ]
    assert not calls, f"tests.waiting.stand_on and .activate do it: {calls}"


def _room(name: str) -> str | None:
    parts = name.split(".")
    return parts[2] if parts[1:2] == ["ui"] and len(parts) > 3 else None


def _lines(name: str) -> int:
    path = ROOT / name.replace(".", "/")
    file = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
    return len(file.read_text(encoding="utf-8").splitlines())
