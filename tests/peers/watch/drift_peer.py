"""Evidently's distances between two tables, as JSON on the last line. Each column by the tests that are asked for."""

import json
import sys
import warnings

warnings.filterwarnings("ignore")

import pandas as pd
from evidently.legacy.calculations.stattests import get_stattest
from evidently.legacy.core import ColumnType


def read(path):
    return pd.read_parquet(path) if path.endswith(".parquet") else pd.read_csv(path, keep_default_na=False, na_values=[""])


def main(reference, current, wanted):
    reference, current = read(reference), read(current)
    with open(wanted, encoding="utf-8") as file:
        wanted = json.load(file)
    found = []
    for name, kind, test in wanted:
        column_type = ColumnType.Numerical if kind == "num" else ColumnType.Categorical
        a, b = reference[name].dropna(), current[name].dropna()
        if kind != "num":
            a, b = a.astype(str), b.astype(str)
        try:
            result = get_stattest(a, b, column_type, test)(a, b, column_type, None)
            found.append([name, test, float(result.drift_score), bool(result.drifted)])
        except Exception as error:  # noqa: BLE001
            found.append([name, test, None, f"{type(error).__name__}: {error}"[:200]])
    import evidently

    print(json.dumps({"version": evidently.__version__, "found": found}))


main(*sys.argv[1:4])
