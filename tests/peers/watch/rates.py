"""How often `drift` and `watch` raise an alarm, with and without a planted change, over many seeds. See README.md."""

import argparse
import concurrent.futures
import json
import pathlib
import random
import subprocess
import tempfile


def run(lapidary, *arguments):
    found = subprocess.run([lapidary, *map(str, arguments), "--json", "--quiet"], capture_output=True, text=True)
    if found.returncode != 0:
        raise SystemExit(f"{arguments}: {found.stderr}")
    return json.loads(found.stdout)


def table(path, names, rows):
    path.write_text("\n".join([",".join(names), *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return path


def number(rng, moved):
    return f"{rng.gauss(moved, 1):.6f}"


def category(rng, moved):
    return rng.choices("abcd", [4 - 3 * moved, 3, 2, 1 + 3 * moved])[0]


WORDS = ["배송이", "빨라요", "가격이", "좋은", "상품", "good", "price", "quick", "shop", "포장"]
OTHERS = ["느려요", "환불", "나쁜", "bad", "broken"]


def text(rng, moved):
    return " ".join(rng.choice(OTHERS if rng.random() < moved else WORDS) for _ in range(8))


def drifted(lapidary, folder, kind, rows, moved, seed):
    rng = random.Random(seed * 7919 + rows)
    sides = [
        table(folder / f"{side}-{seed}.csv", ["x"], [[kind(rng, by)] for _ in range(rows)])
        for side, by in [("reference", 0), ("current", moved)]
    ]
    as_text = ["--text", "x"] if kind is text else []
    found = run(lapidary, "drift", *sides, *as_text, "--seed", seed)["columns"][0]["drifted"]
    for side in sides:
        side.unlink()
    return found


def followed(lapidary, folder, shape, rows, seed):
    """A figure over 24 days: unchanged, a step of one deviation of a day's mean times four on the 15th, or a slope."""
    rng = random.Random(seed * 104729 + rows)
    each = rows // 24
    step = 4 / each**0.5
    by = {"none": lambda day: 0, "step": lambda day: step if day >= 15 else 0, "slope": lambda day: 2 * step * day / 23}[shape]
    lines = [[f"2024-03-{day + 1:02}", f"{rng.gauss(by(day), 1):.6f}"] for day in range(24) for _ in range(each)]
    path = table(folder / f"{shape}-{seed}.csv", ["day", "x"], lines)
    found = run(lapidary, "watch", path, "--by", "day", "--seed", seed)["series"]
    path.unlink()
    change = next((series["change"] for series in found if series["name"] == "x"), None)
    if change is None:
        return None
    return abs(int(change["since"][8:10]) - 16), change["sudden"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lapidary", required=True)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(asked.workers) as pool:
        folder = pathlib.Path(folder)
        share = lambda found: sum(map(bool, found)) / asked.seeds
        # Above this share of alarms, 5 % are hardly what they come from: once in a hundred times.
        most = 0.05 + 2.33 * (0.05 * 0.95 / asked.seeds) ** 0.5
        print(f"{asked.seeds} seeds; no more than {most:.1%} false alarms can come from 5 %\n")
        print("| column | rows a side | without drift | with drift |\n| --- | --- | --- | --- |")
        for kind, moved, sizes in [(number, 0.5, [40, 200, 2000]), (category, 0.5, [40, 200, 2000]), (text, 0.3, [200, 1000])]:
            for rows in sizes:
                rate = lambda by: share(
                    pool.map(lambda seed: drifted(asked.lapidary, folder, kind, rows, by, seed), range(asked.seeds))
                )
                without, planted = rate(0), rate(moved)
                bad += without > most
                print(f"| {kind.__name__} | {rows} | {without:.1%} | {planted:.1%} |", flush=True)
        print("\n| over 24 days | rows | told | on the day, or one off | called sudden |\n| --- | --- | --- | --- | --- |")
        for shape in ["none", "step", "slope"]:
            for rows in [240, 2400]:
                found = list(
                    pool.map(lambda seed: followed(asked.lapidary, folder, shape, rows, seed), range(asked.seeds))
                )
                told = [one for one in found if one]
                bad += shape == "none" and len(told) / asked.seeds > most
                of = lambda some: f"{len(some) / max(len(told), 1):.1%}" if shape != "none" else ""
                near, sudden = [one for one in told if one[0] <= 1], [one for one in told if one[1]]
                day = of(near) if shape == "step" else ""
                print(f"| {shape} | {rows} | {len(told) / asked.seeds:.1%} | {day} | {of(sudden)} |", flush=True)
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
