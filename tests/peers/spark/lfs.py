import re
import unicodedata

from snorkel.labeling import LabelingFunction, labeling_function

NEG, POS, ABSTAIN = "neg", "pos", None

GOOD = ["재밌", "재미있", "최고", "감동", "명작", "굿", "강추", "사랑", "완벽", "감사"]
BAD = ["최악", "쓰레기", "지루", "재미없", "노잼", "아깝", "실망", "별로", "돈아까", "유치"]

lf_good = keywords(POS, GOOD)
lf_bad = keywords(NEG, BAD)
lf_best = keywords(POS, ["최고", "굿", "good"], whole_words=True)
lf_laughs = regex(POS, r"ㅋ{3,}|ㅎ{3,}")
lf_tears = regex(POS, r"ㅠ+|ㅜ+")
lf_no_fun = regex(NEG, r"재미(도|가|는)?\s*없")
lf_points = regex(NEG, r"(?<!\d)[0-3]점")
lf_long = where(POS, "length(text) > 100 AND words(text) > 15")
lf_short = where(NEG, "length(trim(text)) < 6 AND text NOT LIKE '%굿%' AND NOT text ~ '[ㅋㅎ]'")
lf_rated = where(POS, "rating >= 9 AND year(date) < 2006")


@labeling_function()
def lf_shout(x):
    return NEG if x.text and x.text.count("!") > 4 else ABSTAIN


@labeling_function(resources=dict(words=["연기", "연출", "영상", "음악"]))
def lf_praise(x, words):
    text = unicodedata.normalize("NFC", x.text or "")
    if any(word in text for word in words) and re.search(r"좋|훌륭|뛰어", text):
        return POS
    return ABSTAIN


def lf_dots(x):
    return NEG if re.search(r"\.{4,}$", x.text) else ABSTAIN


def lf_spelled(x):
    # Fails on texts without a letter, which is counted.
    letters = [c for c in x.text if c.isalpha()]
    share = sum(c.isascii() for c in letters) / len(letters)
    return POS if share > 0.8 else ABSTAIN


def make(word, label):
    def check(x):
        return label if x.text and word in x.text.split() else ABSTAIN

    return LabelingFunction(name="word_" + word, f=check)


made = [make(word, label) for word, label in [("정말", POS), ("그냥", NEG), ("왜", NEG)]]
