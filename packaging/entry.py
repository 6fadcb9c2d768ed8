"""What the standalone executable runs."""

import sys

from diffviz.__main__ import main

sys.exit(main())
