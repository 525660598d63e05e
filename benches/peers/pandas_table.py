"""pandas on a CSV table: reading it, describing all columns, a filter with the descriptions again, a search.

Usage: pandas_table.py TABLE.csv
"""

import resource
import sys

from common import need, report, timed

pandas = need("pandas")


def describe(table):
    """What a window shows of each column: a summary, and bars of numbers or of the most frequent values."""
    shown = []
    for name in table.columns:
        column = table[name]
        shown.append(column.describe())
        numbers = pandas.api.types.is_numeric_dtype(column) and not pandas.api.types.is_bool_dtype(column)
        shown.append(column.value_counts(bins=20) if numbers else column.value_counts().head(20))
    return shown


# The filters of benches/figures/view.rs.
FILTERS = [
    lambda t: (t.price < 20) & (t.stars >= 4) & (t.category == "book"),
    lambda t: t.score.between(0.4, 0.6),
    lambda t: t.text.str.contains("영화", regex=False) | t.title.str.contains("movie", regex=False),
    lambda t: t.category.isin(["film", "music"]) & t.active & (t.country != "US"),
    lambda t: (t.sent >= "2024-01-01") & t.score.notna(),
    lambda t: (t.text.str.len() > 30) & (t.lang == "en"),
    lambda t: (t.author % 10 == 3) | (t.price > 300),
]

# The words of the searches there.
WORDS = ["감동", "summer", "친구", "letter", "이야기했다", "voices"]


def median(seconds):
    return sorted(seconds)[len(seconds) // 2]


table, read = timed(lambda: pandas.read_csv(sys.argv[1], parse_dates=["sent"]))
_, described = timed(lambda: describe(table))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
filtered = [timed(lambda: describe(table[keep(table)]))[1] for keep in FILTERS]
searched = [timed(lambda: table.text.str.contains(word, case=False, regex=False))[1] for word in WORDS]
report(
    f"pandas {pandas.__version__}",
    seconds=read,
    described_seconds=read + described,
    filter_seconds=median(filtered),
    search_seconds=median(searched),
    peak_mb=peak,
)
