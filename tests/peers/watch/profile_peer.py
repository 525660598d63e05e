"""What ydata-profiling tells of a table, as JSON on the last line."""

import json
import sys
import warnings

warnings.filterwarnings("ignore")

import numpy as np
import pandas as pd
from ydata_profiling import ProfileReport

WANTED = [
    "n", "n_missing", "n_distinct", "n_unique", "n_infinite", "n_zeros", "n_negative", "min", "max", "mean", "std",
    "variance", "skewness", "kurtosis", "mad", "sum", "5%", "25%", "50%", "75%", "95%", "range", "iqr", "cv", "min_length",
    "max_length", "mean_length", "median_length", "imbalance", "monotonic_increase_strict", "monotonic_decrease_strict",
    "monotonic_increase", "monotonic_decrease",
]


def plain(value):
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, float, np.integer, np.floating)):
        value = float(value)
        return value if np.isfinite(value) else None
    return None


def main(path):
    frame = pd.read_parquet(path) if path.endswith(".parquet") else pd.read_csv(path, keep_default_na=False, na_values=[""])
    off = {"calculate": False}
    report = ProfileReport(
        frame,
        progress_bar=False,
        interactions={"continuous": False},
        correlations={"auto": off, "pearson": {"calculate": True}, "spearman": off, "kendall": off, "phi_k": off, "cramers": off},
        samples={"head": 0, "tail": 0},
    )
    found = report.get_description()
    columns = {}
    for name, of in found.variables.items():
        column = {"type": str(of["type"]), **{key: plain(of[key]) for key in WANTED if key in of}}
        if "chi_squared" in of:
            column["uniform_p"] = plain(of["chi_squared"].get("pvalue") if isinstance(of["chi_squared"], dict) else of["chi_squared"][1])
        counts = of.get("value_counts_without_nan")
        if counts is not None:
            column["top"] = [int(count) for count in list(counts.iloc[:10])]
        columns[name] = column
    alerts = [[alert.alert_type.name, alert.column_name] for alert in found.alerts]
    pearson = found.correlations.get("pearson")
    pairs = {}
    if pearson is not None:
        names = list(pearson.columns)
        for b in range(len(names)):
            for a in range(b):
                pairs[f"{names[a]}\t{names[b]}"] = plain(pearson.iloc[a, b])
    table = {"n_duplicates": found.table.get("n_duplicates"), "n_cells_missing": found.table.get("n_cells_missing")}
    import ydata_profiling

    print(json.dumps({"version": ydata_profiling.__version__, "columns": columns, "alerts": alerts, "table": table, "pearson": pairs}, default=float))


main(sys.argv[1])
