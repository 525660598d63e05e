"""datasketch: near duplicates of texts by MinHash and LSH, on the sets of their character 3-grams.

Usage: datasketch_texts.py TEXTS.txt PLANTED.txt (one text a line; pairs of line numbers from 0)
"""

import sys

from common import need, report, timed

datasketch = need("datasketch")
from datasketch import MinHash, MinHashLSH  # noqa: E402

THRESHOLD, GRAM, PERMUTATIONS = 0.8, 3, 128

with open(sys.argv[1], encoding="utf-8", newline="\n") as file:
    texts = [" ".join(line.lower().split()) for line in file]
with open(sys.argv[2], encoding="utf-8") as file:
    planted = {tuple(map(int, line.split())) for line in file}


def grams(text):
    return {text[at : at + GRAM] for at in range(max(len(text) - GRAM + 1, 1))} if text else set()


def near_pairs():
    lsh = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    pairs = set()
    for row, text in enumerate(texts):
        found = grams(text)
        if not found:
            continue
        hashes = MinHash(num_perm=PERMUTATIONS)
        hashes.update_batch([gram.encode("utf-8") for gram in found])
        pairs.update((other, row) for other in lsh.query(hashes))
        lsh.insert(row, hashes)
    return pairs


def similarity(pair):
    a, b = (grams(texts[row]) for row in pair)
    return len(a & b) / len(a | b)


pairs, seconds = timed(near_pairs)
right = sum(similarity(pair) >= THRESHOLD - 1e-6 for pair in pairs)
report(
    f"datasketch {datasketch.__version__}",
    seconds=seconds,
    recall=len(planted & pairs) / max(len(planted), 1),
    precision=right / max(len(pairs), 1),
)
