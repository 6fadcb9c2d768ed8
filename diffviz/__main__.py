import sys

from diffviz.cli import main

sys.exit(main())
