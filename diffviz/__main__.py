"""Entry point of `diffviz` and `python -m diffviz`."""

import gc
import sys

from diffviz import ENGINE_HOST

INTERRUPTED = 130


def main() -> int:
    """Run the command line in `sys.argv`; its exit code."""
    if sys.argv[1:2] == [ENGINE_HOST]:
        from diffviz.engine import host

        host.main(sys.argv[2:])
    try:
        gc.disable()  # modules stay: to look for garbage among them takes a twentieth of the start
        from diffviz.cli.main import main as run

        gc.enable()
        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while modules were being imported: no language is set yet
        print("Interrupted.", file=sys.stderr)
        code = INTERRUPTED
    if code == INTERRUPTED:
        # Python remembers an interrupt inside an exec'd text (importing a dataclass has one), though it was caught, and
        # would end by the signal instead of with this code; the next text makes it forget.
        exec("")
    return code


if __name__ == "__main__":
    sys.exit(main())
