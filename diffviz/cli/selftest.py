"""`diffviz selftest`: every lab computes a short run and draws it; exit code 0 when all of it worked."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from typing import Any

from diffviz.cli.streams import print_json
from diffviz.domain.text import tr

DONE, FAILED = 0, 1


def add_parser(subparsers: Any) -> None:
    """Add `selftest`."""
    parser = subparsers.add_parser("selftest", help=tr("check this installation: compute and draw in every lab"))
    parser.add_argument("--json", action="store_true", help=tr("as JSON"))
    parser.add_argument("--quiet", action="store_true", help=tr("say nothing where all is well"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check, print a line for each part, and 0 where all of them passed. A person's settings are not touched."""
    with tempfile.TemporaryDirectory(prefix="diffviz-selftest-", ignore_cleanup_errors=True) as home:
        os.environ["DIFFVIZ_HOME"] = home
        results = _checked(args)
    if args.json:
        print_json(results, indent=None)
    return DONE if all(result["passed"] for result in results) else FAILED


def _checked(args: argparse.Namespace) -> list[dict[str, Any]]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # no window in the way of what a person is doing
    from diffviz.cli.selftest_checks import Check, checks

    results = []

    def tell(check: Check) -> None:
        results.append(
            {"name": check.name, "passed": check.passed, "seconds": round(check.seconds, 3), "text": check.text}
        )
        if not (args.json or (args.quiet and check.passed)):
            mark = tr("ok") if check.passed else tr("FAILED")
            out = sys.stdout if check.passed else sys.stderr
            print(f"{mark:8}{check.name:24}{check.seconds:8.2f} s  {check.text}", file=out, flush=True)

    checks(getattr(args, "device", "") or "auto", tell)
    return results
