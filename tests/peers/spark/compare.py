"""Compares votes and labels of the PySpark jobs with those of the program; see README.md."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import pyarrow.parquet as pq

HERE = os.path.dirname(os.path.abspath(__file__))


def run(arguments, **more):
    """Runs something, and returns what it printed and how long it took."""
    started = time.time()
    done = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, **more)
    if done.returncode:
        sys.exit("failed: " + " ".join(arguments))
    return done.stdout, time.time() - started


def spark(script, *arguments):
    env = dict(os.environ, PYSPARK_PYTHON=sys.executable, PYSPARK_DRIVER_PYTHON=sys.executable)
    env.update(PYSPARK_SUBMIT_ARGS="--master local[2] --driver-memory 2g --conf spark.ui.enabled=false pyspark-shell")
    out, seconds = run([sys.executable, script, *arguments], env=env, stderr=None)
    return json.loads(out.strip().splitlines()[-1]), seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lapidary")
    parser.add_argument("data")
    parser.add_argument("--text", required=True)
    parser.add_argument("--id", required=True)
    parser.add_argument("--classes", default="neg,pos")
    parser.add_argument("--lfs", default=os.path.join(HERE, "lfs.py"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(given, folder)


def compare(given, folder):
    program, data = os.path.abspath(given.lapidary), os.path.abspath(given.data)
    at = lambda *names: os.path.join(folder, *names)
    quiet = ["--quiet", "--json"]
    project = ["--text", given.text, "--id", given.id, "--classes", given.classes]
    run([program, "new", at("project"), "--data", data, *project, *quiet])
    os.makedirs(at("project", "lfs"), exist_ok=True)
    with open(given.lfs, encoding="utf-8") as file, open(at("project", "lfs", "reviews.py"), "w", encoding="utf-8") as copy:
        copy.write(file.read())
    out, native = run([program, "lf-stats", at("project"), "-o", at("native.parquet"), "--id", given.id, *quiet])
    stats = json.loads(out)
    out, _ = run([program, "spark", at("project"), "-o", at("jobs"), "--json"])
    names = json.loads(out)["functions"]
    voted, seconds = spark(at("jobs", "vote.py"), data, at("out"))
    print("rows %d, functions %d, patterns %d" % (voted["rows"], len(names), voted["patterns"]))
    print("votes: here %.1f s, Spark local[2] %.1f s (start included)" % (native, seconds))

    ours = pq.read_table(at("native.parquet")).to_pydict()
    theirs = pq.read_table(at("out", "votes")).to_pydict()
    assert len(set(ours["id"])) == len(ours["id"]), "the ids are not unique"
    place = {key: row for row, key in enumerate(theirs[given.id])}
    assert len(place) == len(ours["id"]), "%d rows here, %d there" % (len(ours["id"]), len(place))
    order = [place[key] for key in ours["id"]]
    different = {}
    for name in names:
        other = theirs[name]
        wrong = sum(mine != other[there] for mine, there in zip(ours[name], order))
        if wrong:
            different[name] = wrong
    print("votes that differ: %s" % (different or "none of %d" % (len(names) * len(order))))
    here, there = {}, {}
    for error in stats["errors"]:
        here[error["function"]] = here.get(error["function"], 0) + error["rows"]
    for error in voted["errors"]:
        there[error["function"]] = there.get(error["function"], 0) + error["rows"]
    print("failures by function: here %s, Spark %s" % (here, there))

    model = ["--classes", given.classes, *quiet]
    out, took = run(
        [program, "label-model", at("out", "patterns"), "--counts", "count", "-o", at("patterns.parquet"), *model]
    )
    counted = json.loads(out)
    print("label model on the counts: %s, %.2f s" % (counted["model"], took))
    rows = [program, "label-model", at("native.parquet"), "-o", at("rows.parquet"), "--skip", "id", *model]
    whole = json.loads(run(rows)[0])
    pairs = zip(counted["weights"], whole["weights"])
    weights = max(abs(a["weight"] - b["weight"]) for a, b in pairs)
    print("largest difference of a weight from a fit on all rows: %.2g" % weights)
    joined, _ = spark(at("jobs", "join.py"), at("out", "votes"), at("patterns.parquet"), at("labelled"))
    print("joined: %s" % joined)
    labels = pq.read_table(at("rows.parquet")).to_pydict()["label"]
    found = pq.read_table(at("labelled")).to_pydict()
    found = dict(zip(found[given.id], found["label"]))
    wrong = sum(label != found[key] for key, label in zip(ours["id"], labels))
    print("labels that differ: %d of %d" % (wrong, len(labels)))

    print("\nrows      patterns")
    columns = [theirs[name] for name in names]
    seen, steps = set(), {int(10 ** (power / 2)) for power in range(4, 24)} | {len(order)}
    for row, place in enumerate(order, 1):
        seen.add(tuple(column[place] for column in columns))
        if row in steps:
            print("%-9d %d" % (row, len(seen)))
    if different or here != there or weights > 1e-9 or wrong or joined["unknown"]:
        sys.exit("they differ")
    print("\nequal")


if __name__ == "__main__":
    main()
