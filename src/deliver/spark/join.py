"""Takes the labels of vote patterns back to the rows that show them.

    spark-submit join.py OUT/votes pattern_labels.parquet LABELLED [--with-votes]

`pattern_labels` is what `lapidary label-model OUT/patterns --counts count -o …` wrote: the votes of every pattern with
its probabilities `p_CLASS` and its `label`. LABELLED gets the kept columns of the rows with these.
"""

import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

from pyspark.sql import SparkSession, functions as F


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def main():
    parser = argparse.ArgumentParser(description="Joins the labels of vote patterns to their rows.")
    parser.add_argument("votes", help="the votes that vote.py wrote")
    parser.add_argument("patterns", help="the labelled patterns, Parquet or CSV")
    parser.add_argument("labelled", help="the folder to make")
    parser.add_argument("--with-votes", action="store_true", help="keep the votes beside the labels")
    given = parser.parse_args()

    with open(os.path.join(HERE, "plan.json"), encoding="utf-8") as file:
        plan = json.load(file)
    names = [function["name"] for function in plan["functions"]]
    spark = SparkSession.builder.appName("Lapidary: " + plan["project"]).getOrCreate()
    votes = spark.read.parquet(given.votes)
    if given.patterns.endswith(".csv"):
        patterns = spark.read.csv(given.patterns, header=True, inferSchema=True)
    else:
        patterns = spark.read.parquet(given.patterns)
    for where, found in ((given.votes, votes.columns), (given.patterns, patterns.columns)):
        missing = [name for name in names if name not in found]
        if missing:
            sys.exit("error: %s has no column %s" % (where, ", ".join(missing)))
    results = [name for name in patterns.columns if name == "label" or name.startswith("p_") and name not in names]
    if "label" not in results:
        sys.exit("error: %s holds no labels; fit them with lapidary label-model --counts" % given.patterns)
    kept = [name for name in votes.columns if name not in names]
    clash = [name for name in results if name in kept]
    if clash:
        sys.exit("error: the rows have a column %s already; leave it out with --keep of vote.py" % ", ".join(clash))
    # Patterns that differ in the known label alone have the same probabilities.
    known = [F.col(quoted(name)).cast("smallint").alias(name) for name in names]
    patterns = patterns.select(known + [F.col(quoted(name)) for name in results]).dropDuplicates(names)
    joined = votes.join(patterns, on=names, how="left")
    shown = kept + (names if given.with_votes else []) + results
    joined.select([F.col(quoted(name)) for name in shown]).write.parquet(given.labelled)
    labelled = spark.read.parquet(given.labelled)
    probability = F.col(quoted(results[0]))
    rows, found, unknown = labelled.agg(
        F.count("*"), F.count("label"), F.count(F.when(probability.isNull(), 1))
    ).first()
    if unknown:
        print("warning: %d rows show a pattern that was not fitted" % unknown, file=sys.stderr)
    print(json.dumps({"rows": rows, "labelled": found, "unknown": unknown}))
    spark.stop()


if __name__ == "__main__":
    main()
