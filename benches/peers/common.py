"""What all scripts share: modules that may be missing, and the one line that is printed at the end."""

import importlib
import json
import resource
import sys
import time


def need(*names):
    """Imports modules. If one is not installed, says so as the script's only line and ends."""
    found = []
    for name in names:
        try:
            found.append(importlib.import_module(name))
        except ImportError:
            print(json.dumps({"missing": name.split(".")[0]}))
            sys.exit(0)
    return found if len(found) > 1 else found[0]


def timed(work):
    """What `work` gives, and the seconds it took."""
    start = time.perf_counter()
    made = work()
    return made, time.perf_counter() - start


def report(peer, **figures):
    """Prints the figures, with the most memory this process has held, in millions of bytes."""
    # Linux gives kilobytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    figures.setdefault("peak_mb", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)
    print(json.dumps({"peer": peer, **figures}))
