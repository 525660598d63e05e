"""pycocotools' loader on a COCO file: reading it and building its indexes.

Usage: pycocotools_load.py INSTANCES.json
"""

import contextlib
import io
import sys
from importlib.metadata import version

from common import need, report, timed

coco = need("pycocotools.coco")

# It prints what it does.
with contextlib.redirect_stdout(io.StringIO()):
    loaded, seconds = timed(lambda: coco.COCO(sys.argv[1]))
report(f"pycocotools {version('pycocotools')}", seconds=seconds, annotations=len(loaded.anns))
