"""Choose a command, run it, and end a known trouble in one clear sentence."""

import signal
import sys

from . import bench, clean, lint, run, suites
from .progress import Trouble

COMMANDS = {
    "run": run.run,
    "stop": run.stop,
    "demo-reset": run.demo_reset,
    "test": suites.everything,
    "unit": suites.unit_only,
    "lint": lint.lint_only,
    "addon-tests": suites.addons_only,
    "e2e": suites.e2e_only,
    "bench": bench.bench,
    "clean": clean.clean,
}


def main(arguments):
    """Return the exit code of the command named first; 2 for an unknown one."""
    name, *rest = arguments or [""]
    if name not in COMMANDS:
        print(f"Usage: python3 -m tools.dev {{{'|'.join(COMMANDS)}}}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return COMMANDS[name](rest) or 0
    except Trouble as trouble:
        print(f"\nStopped: {trouble}", file=sys.stderr, flush=True)
        return 1
    except PermissionError as error:
        print(
            f"\nStopped: you may not use {error.filename}: run this as the user who"
            " owns it, or remove it first.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\nStopped: interrupted. Run the same command again.", file=sys.stderr)
        return 130
