"""A suite of Great Expectations on a table.

Usage: great_expectations_suite.py TABLE.csv SUITE.json
"""

import json
import os
import sys
import warnings

from common import need, report, timed

warnings.filterwarnings("ignore")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
pandas, gx = need("pandas", "great_expectations")

from great_expectations.expectations.registry import get_expectation_impl  # noqa: E402

table = pandas.read_csv(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as file:
    entries = json.load(file)
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("table")
batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": table})
suite = gx.ExpectationSuite(name="ten")
for entry in entries:
    suite.add_expectation(get_expectation_impl(entry["type"])(**entry["kwargs"]))

found, seconds = timed(lambda: batch.validate(suite))
held = sum(result.success for result in found.results)
report(f"Great Expectations {gx.__version__}", seconds=seconds, held=held / len(entries))
