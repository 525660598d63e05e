"""CPython: two labelling functions over texts in a plain loop.

Usage: cpython_functions.py TEXTS.txt (one a line)
"""

import platform
import sys

from common import report, timed

# The functions of benches/figures/functions.rs.
KW = ["감동", "summer", "최고였다"]


def lf_words(x):
    return "1" if any(k in x.text.lower() for k in KW) else None


def lf_long(x):
    return "0" if len(x.text.split()) > 5 else None


class Row:
    __slots__ = ("text",)

    def __init__(self, text):
        self.text = text


with open(sys.argv[1], encoding="utf-8") as file:
    rows = [Row(line.rstrip("\n")) for line in file]

_, words = timed(lambda: [lf_words(x) for x in rows])
_, long = timed(lambda: [lf_long(x) for x in rows])
report(f"CPython {platform.python_version()}", words_seconds=words, long_seconds=long)
