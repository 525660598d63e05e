"""Applies the project's labelling functions to a Parquet of any size.

    spark-submit vote.py DATA OUT [--keep COL,COL] [--gold COL]

writes OUT/votes (a Parquet of the kept columns and one column of votes a function; a vote is the position of a class,
-1 abstains) and OUT/patterns (a Parquet of every distinct row of votes with its `count`). Then, where Lapidary is:

    lapidary label-model OUT/patterns --counts count --classes CLASSES -o pattern_labels.parquet

and join.py takes what that gives back to the rows.
"""

import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from pyspark.accumulators import AccumulatorParam
from pyspark.sql import SparkSession, functions as F, types as T

TYPES = {
    "text": (T.StringType,),
    "int": (T.ByteType, T.ShortType, T.IntegerType, T.LongType),
    "float": (T.FloatType, T.DoubleType, T.DecimalType, T.ByteType, T.ShortType, T.IntegerType, T.LongType),
    "bool": (T.BooleanType,),
    "time": (T.TimestampType, T.TimestampNTZType, T.DateType),
}


class Counts(AccumulatorParam):
    """Failures by function, line and message."""

    def zero(self, value):
        return {}

    def addInPlace(self, left, right):
        for key, count in right.items():
            left[key] = left.get(key, 0) + count
        return left


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8", newline="") as file:
        return file.read()


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def voter(plan, sources, conditions, keep, faults):
    """What every worker does with its batches."""

    def values(array, kind):
        import pyarrow as pa

        if kind == "time":
            return array.cast(pa.timestamp("us", array.type.tz if pa.types.is_timestamp(array.type) else None)).cast(
                pa.int64()
            ).to_pylist()
        if kind == "float":
            return array.cast(pa.float64()).to_pylist()
        return array.to_pylist()

    def vote(batches):
        import pyarrow as pa
        from lapidary_lfs import Program

        program = Program(plan, sources, conditions)
        for batch in batches:
            place = {name: at for at, name in enumerate(batch.schema.names)}
            columns = {
                column["name"]: values(batch.column(place[column["name"]]), column["type"])
                for column in plan["columns"]
                if column["name"] in place
            }
            votes = program.apply(columns, batch.num_rows)
            arrays = [batch.column(place[name]) for name in keep]
            arrays += [pa.array(votes[function["name"]], pa.int16()) for function in plan["functions"]]
            names = keep + [function["name"] for function in plan["functions"]]
            yield pa.RecordBatch.from_arrays(arrays, names=names)
        faults.add(program.faults)

    return vote


def check(schema, plan, wanted):
    """Fails early, and with the columns' names, where the data is not what the functions were written for."""
    types = {field.name: field.dataType for field in schema.fields}
    missing = [name for name in wanted if name not in types]
    if missing:
        sys.exit("error: the data has no column %s; it has: %s" % (", ".join(missing), ", ".join(types)))
    for column in plan["columns"]:
        found = types.get(column["name"])
        if found is not None and not isinstance(found, TYPES[column["type"]]):
            sys.exit(
                "error: the column %s is %s here, and %s in the project"
                % (column["name"], found.simpleString(), column["type"])
            )


def main():
    parser = argparse.ArgumentParser(description="Applies the project's labelling functions.")
    parser.add_argument("data", help="a Parquet file or folder")
    parser.add_argument("out", help="the folder to make")
    parser.add_argument("--keep", help="columns to carry along, with commas; the project's id column if not given")
    parser.add_argument("--gold", help="a column of known right labels: the patterns are counted by it, too")
    given = parser.parse_args()

    plan = json.loads(read("plan.json"))
    sources = {name: read("lfs/" + name) for name in plan["files"]}
    conditions = read("conditions.py")
    from lapidary_lfs import Program

    Program(plan, sources, conditions)  # what cannot run is said here, not by a thousand workers

    spark = SparkSession.builder.appName("Lapidary: " + plan["project"]).getOrCreate()
    spark.sparkContext.addPyFile(os.path.join(HERE, "lapidary_lfs.py"))
    data = spark.read.parquet(given.data)
    known = set(data.columns)
    if given.keep is None:
        keep = [plan["id"]] if plan["id"] in known else []
    else:
        keep = [name for name in given.keep.split(",") if name]
    keep += [given.gold] if given.gold and given.gold not in keep else []
    needed = [column["name"] for column in plan["columns"] if column["needed"]]
    check(data.schema, plan, keep + needed)
    names = [function["name"] for function in plan["functions"]]
    clash = [name for name in names if name in keep or name == "count"]
    if clash:
        sys.exit("error: a function has the name of a column: %s" % ", ".join(clash))
    used = [column["name"] for column in plan["columns"] if column["name"] in known]
    data = data.select([F.col(quoted(name)) for name in dict.fromkeys(keep + used)])

    schema = T.StructType(
        [data.schema[name] for name in keep] + [T.StructField(name, T.ShortType(), False) for name in names]
    )
    faults = spark.sparkContext.accumulator({}, Counts())
    votes = data.mapInArrow(voter(plan, sources, conditions, keep, faults), schema)
    votes.write.parquet(given.out + "/votes")
    failed = dict(faults.value)

    # The votes are read back, so that they are computed once.
    votes = spark.read.parquet(given.out + "/votes")
    by = [F.col(quoted(name)) for name in names + ([given.gold] if given.gold else [])]
    patterns = votes.groupBy(by).count().orderBy([F.desc("count")] + by)
    patterns.coalesce(1).write.parquet(given.out + "/patterns")
    patterns = spark.read.parquet(given.out + "/patterns")
    rows, distinct = patterns.agg(F.sum("count"), F.count("*")).first()
    for (name, line, message), count in sorted(failed.items()):
        print("warning: %s failed on %d rows, line %d: %s" % (name, count, line, message), file=sys.stderr)
    errors = [
        {"function": name, "line": line, "message": message, "rows": count}
        for (name, line, message), count in sorted(failed.items())
    ]
    print(json.dumps({"rows": rows or 0, "patterns": distinct, "errors": errors}))
    spark.stop()


if __name__ == "__main__":
    main()
