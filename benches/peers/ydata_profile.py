"""ydata-profiling's minimal report of a table.

Usage: ydata_profile.py TABLE.csv
"""

import sys
import warnings

from common import need, report, timed

warnings.filterwarnings("ignore")
pandas, profiling = need("pandas", "ydata_profiling")

table = pandas.read_csv(sys.argv[1])


def work():
    return profiling.ProfileReport(table, minimal=True, progress_bar=False).to_html()


html, seconds = timed(work)
report(f"ydata-profiling {profiling.__version__} minimal", seconds=seconds, html_mb=len(html.encode()) / 1e6)
