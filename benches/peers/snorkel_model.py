"""Snorkel's LabelModel: fit and predict on votes of 50 functions for 3 classes.

Usage: snorkel_model.py VOTES.bin TRUTH.bin (bytes; the votes function by function, 255 for an abstention)
"""

import sys

from common import need, report, timed

numpy, snorkel, _ = need("numpy", "snorkel", "torch")
from snorkel.labeling.model import LabelModel  # noqa: E402

FUNCTIONS, CLASSES = 50, 3

truth = numpy.fromfile(sys.argv[2], dtype=numpy.uint8)
votes = numpy.fromfile(sys.argv[1], dtype=numpy.int8).reshape(FUNCTIONS, len(truth)).T
votes = numpy.ascontiguousarray(votes, dtype=numpy.int64)


def fit_and_predict():
    model = LabelModel(cardinality=CLASSES, verbose=False)
    model.fit(votes, seed=0, progress_bar=False)
    return model.predict(votes, tie_break_policy="abstain")


labels, seconds = timed(fit_and_predict)
version = getattr(snorkel, "__version__", "")
report(f"Snorkel {version}", seconds=seconds, accuracy=float((labels == truth).mean()))
