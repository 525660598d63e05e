"""Evidently's report of drift between two tables, as a page.

Usage: evidently_drift.py REFERENCE.parquet CURRENT.parquet
"""

import sys
import warnings

from common import need, report, timed

warnings.filterwarnings("ignore")
pandas, evidently = need("pandas", "evidently")

from evidently import Report  # noqa: E402
from evidently.presets import DataDriftPreset  # noqa: E402

reference, current = (pandas.read_parquet(path) for path in sys.argv[1:3])


def work():
    made = Report([DataDriftPreset()]).run(current, reference)
    made.get_html_str(as_iframe=False)
    return made.dict()


found, seconds = timed(work)
drifted = next((metric["value"] for metric in found["metrics"] if "DriftedColumnsCount" in str(metric.get("metric_id", metric.get("metric_name")))), {})
report(f"Evidently {evidently.__version__}", seconds=seconds, drifted=drifted.get("share"))
