"""The torture campaign from the command line: `python -m tests.torture --seed 1 --count 10000`."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from diffviz import paths
from tests.torture.campaigns import PARTS, WHOLE, Order, run_part
from tests.torture.state import table

MINUTES = 120


def main() -> int:
    """Go on with the campaign, print the table; 1 where it found a fault or is not done."""
    args = _parser().parse_args()
    folder = args.state or paths.cache_home() / "torture" / f"seed-{args.seed}"
    order = Order(args.seed, args.count, args.minutes, folder.absolute())
    names = [name for name in PARTS if not args.only or name in args.only]
    if not args.table:
        with ThreadPoolExecutor(args.jobs) as pool:
            list(pool.map(partial(_announced, order=order), names))
    tallies = [order.tally(name) for name in names]
    print(table(tallies))
    return 0 if all(one.finished and not one.faults for one in tallies) else 1


def _announced(name: str, order: Order) -> None:
    one = run_part(name, order)
    print(f"{name}: {one.done} of {one.goal} {one.unit}, {len(one.faults)} faults", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what is drawn; the same seed draws the same")
    parser.add_argument("--count", type=int, default=WHOLE, help="cases for each reader; other parts do the same share")
    parser.add_argument("--minutes", type=int, default=MINUTES, help="of the soak")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), metavar="NAME", help="these parts only")
    parser.add_argument("--state", type=Path, help="folder that remembers what is done (default: in the cache)")
    parser.add_argument("--jobs", type=int, default=1, help="parts at the same time")
    parser.add_argument("--table", action="store_true", help="print the table and do nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
