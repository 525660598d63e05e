"""Compares what Lapidary tells of tables with ydata-profiling, Great Expectations and Evidently. See README.md."""

import argparse
import csv
import json
import math
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
TABLES = [
    "titanic/titanic.csv", "adult/adult.csv", "diamonds/diamonds.csv", "elec2/elec2.csv", "nyc_taxi/taxi_2018_2019.parquet",
]

# Our name of a statistic, and ydata-profiling's.
STATISTICS = {
    "distinct": "n_distinct", "singles": "n_unique", "infinite": "n_infinite", "zeros": "n_zeros", "negative": "n_negative",
    "min": "min", "max": "max", "mean": "mean", "std": "std", "variance": "variance", "skewness": "skewness",
    "kurtosis": "kurtosis", "mad": "mad", "sum": "sum", "q05": "5%", "q25": "25%", "median": "50%", "q75": "75%", "q95": "95%",
    "range": "range", "iqr": "iqr", "variation": "cv", "min_length": "min_length", "max_length": "max_length",
    "mean_length": "mean_length", "imbalance": "imbalance", "uniform_p": "uniform_p",
}
ALERTS = {
    "constant": "CONSTANT", "unique": "UNIQUE", "missing": "MISSING", "zeros": "ZEROS", "skewed": "SKEWED",
    "uniform": "UNIFORM", "imbalance": "IMBALANCE", "high-cardinality": "HIGH_CARDINALITY", "constant-length": "CONSTANT_LENGTH",
    "duplicate-rows": "DUPLICATES",
}


class Tally:
    def __init__(self):
        self.same, self.named, self.other = 0, {}, []

    def add(self, same, what, name=None):
        if same:
            self.same += 1
        elif name:
            self.named.setdefault(name, []).append(what)
        else:
            self.other.append(what)

    def show(self, title):
        print(f"{title}: {self.same} equal, {sum(map(len, self.named.values()))} differ as named, {len(self.other)} differ")
        for name, all_of in sorted(self.named.items()):
            print(f"  {name}: {len(all_of)}, such as {all_of[0]}")
        for what in self.other[:40]:
            print(f"  DIFFERS {what}")


def near(a, b, within=1e-6):
    if a is None or b is None:
        return a is None and b is None
    return math.isclose(float(a), float(b), rel_tol=within, abs_tol=1e-9)


class Desk:
    def __init__(self, lapidary, peers):
        self.lapidary, self.peers = lapidary, pathlib.Path(peers)

    def ours(self, *arguments):
        ran = subprocess.run([self.lapidary, *map(str, arguments), "--json", "--quiet"], capture_output=True, text=True)
        if ran.returncode not in (0, 1):
            sys.exit(f"lapidary {' '.join(map(str, arguments))}: {ran.stderr}")
        return json.loads(ran.stdout)

    def theirs(self, peer, script, *arguments):
        python = self.peers / peer / "bin" / "python"
        ran = subprocess.run([python, HERE / script, *map(str, arguments)], capture_output=True, text=True)
        if ran.returncode != 0:
            sys.exit(f"{script}: {ran.stderr[-3000:]}")
        return json.loads(ran.stdout.strip().splitlines()[-1])


def compare_profile(desk, path, tally):
    ours, theirs = desk.ours("profile", path), desk.theirs("ydata-profiling", "profile_peer.py", path)
    for column in ours["columns"]:
        name = column["name"]
        there = theirs["columns"].get(name)
        if there is None:
            tally.add(False, f"{name}: not there")
            continue
        missing = column["missing"] + column.get("nan", 0)
        tally.add(missing == there["n_missing"], f"{name} missing: {missing}, {there['n_missing']}")
        kinds = column["type"], there["type"]
        numbers = column["type"] in ("int", "float")
        for our_name, their_name in STATISTICS.items():
            if column.get(our_name) is None or there.get(their_name) is None:
                continue
            mine, other = column[our_name], there[their_name]
            if column.get("nan") and our_name in ("distinct", "singles"):
                mine = mine - 1 if our_name == "distinct" else mine
            if isinstance(mine, str) or isinstance(other, bool):
                continue
            named = None
            if our_name in ("imbalance", "uniform_p") and kinds[1] in ("Text", "Categorical", "Boolean") and numbers:
                named = "few-numbers"
            elif our_name in ("imbalance", "uniform_p") and column["distinct"] == 1:
                named = "constant-imbalance"
            # The bins of the two differ in the last bit of their edges.
            within = 0.02 if our_name == "uniform_p" else 1e-6
            tally.add(near(mine, other, within), f"{path.name} {name} {our_name}: {mine}, {other} ({kinds})", named)
        if "top" in there and "top" in column:
            mine = [entry["count"] for entry in column["top"]][: len(there["top"])]
            tally.add(mine == there["top"], f"{path.name} {name} top: {mine}, {there['top']}")
    table = theirs["table"]
    if table["n_duplicates"] is not None:
        # They count groups of equal rows, ours every row that repeats an earlier one; both are told.
        groups = ours["duplicate_rows"]
        tally.add((groups > 0) == (table["n_duplicates"] > 0), f"{path.name} duplicates: {groups}, {table['n_duplicates']}")
    pairs = {(of["a"], of["b"]): of["value"] for of in ours["correlations"] if of["measure"] == "pearson"}
    sampled = ours["correlation_rows"] < ours["rows"]
    for (a, b), value in pairs.items():
        other = theirs["pearson"].get(f"{a}\t{b}", theirs["pearson"].get(f"{b}\t{a}"))
        if other is not None and value is not None:
            same = abs(value - other) < 0.02 if sampled else near(value, other)
            tally.add(same, f"{path.name} pearson {a}, {b}: {value}, {other}")
    compare_alerts(path, ours, theirs, tally)
    return ours


def compare_alerts(path, ours, theirs, tally):
    kinds = {column["name"]: column["type"] for column in ours["columns"]}
    mine = {(ALERTS[of["kind"]], of["column"]) for of in ours["alerts"] if of["kind"] in ALERTS}
    there = {(kind, column) for kind, column in theirs["alerts"] if kind in ALERTS.values()}
    there = {(kind, None if kind == "DUPLICATES" else column) for kind, column in there}
    for alert in sorted(mine | there, key=str):
        kind, column = alert
        their_kind = theirs["columns"].get(column, {}).get("type")
        named = None
        if kind == "UNIQUE" and kinds.get(column) in ("float", "time"):
            named = "real-key"
        elif kinds.get(column) in ("int", "float") and their_kind in ("Categorical", "Boolean", "Text"):
            named = "few-numbers"
        elif kinds.get(column) == "time" or their_kind == "DateTime":
            named = "text-or-category"
        elif {kinds.get(column), their_kind} & {"category", "Text", "Categorical", "text"} and (
            (kinds.get(column) == "category") != (their_kind in ("Categorical", "Boolean"))
        ):
            named = "text-or-category"
        elif kind == "CONSTANT_LENGTH" and kinds.get(column) == "category":
            named = "text-or-category"
        elif kind in ("IMBALANCE", "UNIFORM") and (("CONSTANT", column) in mine):
            named = "constant-imbalance"
        side = "ours" if alert in mine else "theirs"
        tally.add(alert in mine and alert in there, f"{path.name} {alert} only in {side} ({kinds.get(column)}, {their_kind})", named)


def suite_of(profile):
    """Expectations around what a profile found: some that hold, some that just do not."""
    suite = [
        {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1, "max_value": profile["rows"]}},
        {"type": "expect_table_column_count_to_equal", "kwargs": {"value": len(profile["columns"])}},
        {"type": "expect_table_columns_to_match_ordered_list", "kwargs": {"column_list": [of["name"] for of in profile["columns"]]}},
        {"type": "expect_table_columns_to_match_set", "kwargs": {"column_set": [of["name"] for of in profile["columns"]][:-1]}},
    ]
    add = lambda kind, **kwargs: suite.append({"type": kind, "kwargs": kwargs})  # noqa: E731
    for column in profile["columns"]:
        name = column["name"]
        add("expect_column_to_exist", column=name)
        for mostly in (1.0, 0.8):
            add("expect_column_values_to_not_be_null", column=name, mostly=mostly)
        add("expect_column_values_to_be_null", column=name, mostly=0.1)
        add("expect_column_values_to_be_unique", column=name)
        add("expect_column_unique_value_count_to_be_between", column=name, min_value=2, max_value=50)
        add("expect_column_proportion_of_unique_values_to_be_between", column=name, min_value=0.5)
        if column["type"] in ("int", "float") and column.get("mean") is not None:
            mean, std = column["mean"], column["std"] or 0.0
            for mostly in (1.0, 0.9, 0.5):
                add("expect_column_values_to_be_between", column=name, min_value=column["q05"], max_value=column["q95"], mostly=mostly)
            add("expect_column_values_to_be_between", column=name, min_value=column["min"], strict_min=True)
            add("expect_column_mean_to_be_between", column=name, min_value=mean - 0.1 * std - 1e-9, max_value=mean + 0.1 * std + 1e-9)
            add("expect_column_mean_to_be_between", column=name, min_value=mean + 0.1 * std + 1e-9)
            add("expect_column_median_to_be_between", column=name, min_value=column["q25"], max_value=column["median"])
            add("expect_column_stdev_to_be_between", column=name, min_value=std * 0.99, max_value=std * 1.01)
            add("expect_column_sum_to_be_between", column=name, min_value=column["sum"] - 1, max_value=column["sum"] + 1)
            add("expect_column_min_to_be_between", column=name, min_value=column["min"], max_value=column["min"])
            add("expect_column_max_to_be_between", column=name, max_value=column["q95"])
            add("expect_column_value_z_scores_to_be_less_than", column=name, threshold=3, double_sided=True, mostly=0.99)
            add(
                "expect_column_quantile_values_to_be_between", column=name,
                quantile_ranges={"quantiles": [0.05, 0.5, 0.95], "value_ranges": [[column["q05"], column["q05"]], [None, column["median"]], [column["q75"], None]]},
            )
            if column["type"] == "int":
                tops = [int(entry["value"]) for entry in column["top"][:3]]
                add("expect_column_values_to_be_in_set", column=name, value_set=tops, mostly=0.5)
                add("expect_column_distinct_values_to_contain_set", column=name, value_set=tops)
            add("expect_column_values_to_be_increasing", column=name)
        if column["type"] in ("category", "text"):
            tops = [entry["value"] for entry in column["top"][:5]]
            for mostly in (1.0, 0.5):
                add("expect_column_values_to_be_in_set", column=name, value_set=tops, mostly=mostly)
            add("expect_column_values_to_not_be_in_set", column=name, value_set=tops[:1])
            add("expect_column_distinct_values_to_be_in_set", column=name, value_set=tops)
            add("expect_column_distinct_values_to_contain_set", column=name, value_set=tops)
            add("expect_column_distinct_values_to_equal_set", column=name, value_set=tops)
            add("expect_column_most_common_value_to_be_in_set", column=name, value_set=tops[:2])
            add("expect_column_value_lengths_to_be_between", column=name, min_value=2, max_value=10, mostly=0.7)
            add("expect_column_value_lengths_to_equal", column=name, value=5)
            add("expect_column_values_to_match_regex", column=name, regex="^[A-Za-z ]+$", mostly=0.9)
            add("expect_column_values_to_not_match_regex", column=name, regex="[0-9]")
            add("expect_column_values_to_match_regex_list", column=name, regex_list=["^[A-Z]", "[a-z]$"], match_on="all", mostly=0.5)
    numbers = [of["name"] for of in profile["columns"] if of["type"] in ("int", "float")]
    for a, b in zip(numbers, numbers[1:]):
        add("expect_column_pair_values_a_to_be_greater_than_b", column_A=a, column_B=b, or_equal=True, mostly=0.5)
        add("expect_column_pair_values_to_be_equal", column_A=a, column_B=b, mostly=0.1)
    if len(numbers) > 1:
        add("expect_compound_columns_to_be_unique", column_list=numbers[:2])
        add("expect_select_column_values_to_be_unique_within_record", column_list=numbers[:2], mostly=0.5)
        add("expect_multicolumn_sum_to_equal", column_list=numbers[:2], sum_total=10)
    return suite


def compare_expectations(desk, path, profile, tally, folder):
    suite = suite_of(profile)
    file = folder / "suite.json"
    file.write_text(json.dumps(suite))
    ours = desk.ours("expect", path, "--suite", file)["results"]
    theirs = desk.theirs("great-expectations", "expect_peer.py", path, file)["results"]
    nan = {of["name"] for of in profile["columns"] if of.get("nan")}
    for entry, mine, other in zip(suite, ours, theirs):
        what = f"{path.name} {entry['type']} {entry['kwargs']}"[:220]
        if other.get("error") or mine.get("error"):
            tally.add(bool(other.get("error")) and bool(mine.get("error")), f"{what}: ours {mine.get('error')}, theirs {other.get('error')}")
            continue
        same = mine["success"] == other["success"]
        if mine["unexpected_count"] is not None and other.get("unexpected_count") is not None:
            same &= mine["unexpected_count"] == other["unexpected_count"]
        elif isinstance(mine["observed"], (int, float)) and isinstance(other.get("observed"), (int, float)):
            same &= near(mine["observed"], other["observed"])
        named = "nan-is-a-value" if entry["kwargs"].get("column") in nan else None
        tally.add(
            same,
            f"{what}: ours {mine['success']} {mine['unexpected_count']} {str(mine['observed'])[:60]}, "
            f"theirs {other['success']} {other.get('unexpected_count')} {str(other.get('observed'))[:60]}",
            named,
        )


def halves(path, folder):
    """The first and the second half of a table, in files of its kind."""
    if path.suffix == ".parquet":
        return None
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    parts = []
    middle = (len(rows) - 1) // 2 + 1
    for name, part in (("reference", rows[1:middle]), ("current", rows[middle:])):
        target = folder / f"{path.stem}_{name}.csv"
        with open(target, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([rows[0], *part])
        parts.append(target)
    return parts


def parquet_halves(desk, path, folder):
    parts = [folder / f"{path.stem}_{name}.parquet" for name in ("reference", "current")]
    script = (
        "import sys, pandas as pd; f = pd.read_parquet(sys.argv[1]); m = len(f) // 2; "
        "f.iloc[:m].to_parquet(sys.argv[2]); f.iloc[m:].to_parquet(sys.argv[3])"
    )
    subprocess.run([desk.peers / "evidently/bin/python", "-c", script, path, *parts], check=True)
    return parts


def compare_drift(desk, path, tally, folder):
    reference, current = halves(path, folder) or parquet_halves(desk, path, folder)
    ours, wanted = {}, []
    tests = {"wasserstein": "wasserstein", "kolmogorov-smirnov": "ks", "psi": "psi"}
    for method, test in tests.items():
        for column in desk.ours("drift", reference, current, "--numeric", method)["columns"]:
            name, found = column["name"], column["method"]
            if column["distance"] is None or found not in (method, "jensen-shannon") or column["detail"]["reference_range"]:
                continue
            if found == "jensen-shannon":
                if method == "wasserstein":
                    ours[name, "jensenshannon"] = column
                    wanted.append([name, "cat", "jensenshannon"])
            else:
                ours[name, test] = column
                wanted.append([name, "num", test])
    file = folder / "wanted.json"
    file.write_text(json.dumps(wanted))
    theirs = desk.theirs("evidently", "drift_peer.py", reference, current, file)["found"]
    for name, test, score, drifted in theirs:
        mine = ours[name, test]
        if score is None:
            tally.add(False, f"{path.name} {name} {test}: {drifted}")
        elif test == "ks":
            # Theirs is the probability, ours the distance: both are small together, so the verdict is not compared here.
            continue
        else:
            # Theirs is ours times the deviation of the reference by 0.001, so it is less where it differs so.
            named = "tiny-deviation" if test == "wasserstein" and mine["distance"] > score else None
            tally.add(near(mine["distance"], score, 1e-4), f"{path.name} {name} {test}: {mine['distance']}, {score}", named)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", required=True)
    parser.add_argument("--lapidary", required=True)
    parser.add_argument("--data", default=".")
    parser.add_argument("--only", choices=["profile", "expect", "drift"])
    parser.add_argument("tables", nargs="*")
    given = parser.parse_args()
    desk = Desk(given.lapidary, given.peers)
    paths = [pathlib.Path(table) for table in given.tables] or [pathlib.Path(given.data) / table for table in TABLES]
    tallies = {name: Tally() for name in ("profile", "expect", "drift")}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for path in paths:
            if not path.exists():
                print(f"left out: there is no {path}")
                continue
            profile = None
            if given.only in (None, "profile"):
                profile = compare_profile(desk, path, tallies["profile"])
            if given.only in (None, "expect"):
                compare_expectations(desk, path, profile or desk.ours("profile", path), tallies["expect"], folder)
            if given.only in (None, "drift"):
                compare_drift(desk, path, tallies["drift"], folder)
    titles = {"profile": "profile, beside ydata-profiling", "expect": "expectations, beside Great Expectations", "drift": "drift, beside Evidently"}
    for name, tally in tallies.items():
        if tally.same or tally.named or tally.other:
            tally.show(titles[name])
    sys.exit(1 if any(tally.other for tally in tallies.values()) else 0)


main()
