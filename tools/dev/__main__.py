"""The command line behind the Makefile: ``python3 -m tools.dev <command>``."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - said before anything newer is parsed
    sys.exit("Veloc needs Python 3.11 or newer: run make with PYTHON=python3.11")

from .cli import main

sys.exit(main(sys.argv[1:]))
