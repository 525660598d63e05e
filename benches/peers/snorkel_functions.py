"""Snorkel's PandasLFApplier and LFAnalysis: ten functions over reviews, with the statistics of all of them.

Usage: snorkel_functions.py REVIEWS.parquet
"""

import re
import sys

from common import need, report, timed

pandas, _, snorkel = need("pandas", "pyarrow", "snorkel")
from snorkel.labeling import LabelingFunction, LFAnalysis, PandasLFApplier  # noqa: E402

POS, NEG, ABSTAIN = 1, 0, -1


def keywords(name, label, words):
    def vote(x):
        text = x.document.lower()
        return label if any(word in text for word in words) else ABSTAIN

    return LabelingFunction(name=name, f=vote)


def regex(name, label, pattern):
    compiled = re.compile(pattern)
    return LabelingFunction(name=name, f=lambda x: label if compiled.search(x.document) else ABSTAIN)


# The functions of benches/figures/functions.rs.
FUNCTIONS = [
    keywords("lf_good", POS, ["최고", "감동", "재밌", "재미있"]),
    keywords("lf_bad", NEG, ["쓰레기", "최악", "노잼", "지루"]),
    keywords("lf_love", POS, ["사랑", "명작", "굿"]),
    keywords("lf_waste", NEG, ["아깝", "돈", "시간낭비"]),
    keywords("lf_again", POS, ["또 보", "다시 봐", "두번"]),
    regex("lf_bored", NEG, r"지루|졸[리려]|하품"),
    regex("lf_tears", POS, r"눈물|울[었컥]|펑펑"),
    regex("lf_stars", NEG, r"[0-3]점|별\s*(하나|반)"),
    regex("lf_laugh", POS, r"ㅋ{4,}|ㅎ{3,}"),
    regex("lf_sigh", NEG, r"에휴|하아|\.{4,}"),
]

reviews = pandas.read_parquet(sys.argv[1])


def statistics():
    votes = PandasLFApplier(FUNCTIONS).apply(reviews, progress_bar=False)
    analysis = LFAnalysis(votes, FUNCTIONS)
    return votes, analysis.lf_summary(reviews.label.to_numpy())


(votes, _), seconds = timed(statistics)
version = getattr(snorkel, "__version__", "")
report(f"Snorkel {version}", seconds=seconds, covered=float((votes != ABSTAIN).any(axis=1).mean()))
