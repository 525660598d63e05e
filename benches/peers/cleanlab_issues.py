"""cleanlab's find_label_issues on given probabilities of 10 classes.

Usage: cleanlab_issues.py PROBABILITIES.bin LABELS.bin (32-bit floats, rows x 10; bytes)
"""

import sys

from common import need, report, timed

numpy, cleanlab = need("numpy", "cleanlab")
from cleanlab.filter import find_label_issues  # noqa: E402

labels = numpy.fromfile(sys.argv[2], dtype=numpy.uint8).astype(int)
probabilities = numpy.fromfile(sys.argv[1], dtype=numpy.float32).reshape(len(labels), 10)

if __name__ == "__main__":
    issues, seconds = timed(lambda: find_label_issues(labels=labels, pred_probs=probabilities))
    report(f"cleanlab {cleanlab.__version__}", seconds=seconds, issues=int(issues.sum()))
