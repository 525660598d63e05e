"""Labelling functions for comments under music videos.

Each votes SPAM or HAM, or abstains. None is right every time; together, weighed by a label model, they label most
comments. Change one and watch its coverage and conflicts, or write your own below.
"""

import re

from snorkel.labeling import labeling_function

SPAM, HAM, ABSTAIN = "spam", "ham", None

# Words and phrases. Case does not matter.
lf_subscribe = keywords(SPAM, ["subscribe", "subscriber", "sub to", "sub me", "my channel", "our channel"])
lf_check_out = keywords(SPAM, ["check out", "check my", "check it out", "take a look", "visit my"])
lf_begging = keywords(SPAM, ["please help", "help me", "give me a chance", "please like", "thumbs up", "like this comment"])
lf_money = keywords(SPAM, ["make money", "earn money", "gift card", "for free", "giveaway", "work from home", "$"])
lf_praise = keywords(HAM, ["love this song", "best song", "great song", "nice song", "good song", "love it", "amazing", "awesome"])
lf_music = keywords(HAM, ["song", "beat", "lyrics", "voice", "dance", "remix", "listening", "sing"])

# Patterns.
lf_link = regex(SPAM, r"https?://|www\.|\.(com|net|org)\b|watch\?v=|href=")
lf_views = regex(HAM, r"\b(million|billion) (views|people)\b|\bviews\b.*\?")

# Conditions over columns.
lf_short = where(HAM, "length(text) < 25")


@labeling_function()
def lf_shouts(x):
    """Long comments mostly in capitals are advertisements."""
    letters = [c for c in x.text if c.isalpha()]
    if len(letters) < 40:
        return ABSTAIN
    capitals = sum(1 for c in letters if c.isupper())
    return SPAM if capitals / len(letters) > 0.7 else ABSTAIN


@labeling_function()
def lf_talks_of_itself(x):
    """Says "my" or "our" of something that can be watched, heard or followed."""
    text = x.text.lower()
    own = re.search(r"\b(my|our)\b", text)
    thing = any(word in text for word in ["channel", "video", "music", "cover", "page", "website", "blog"])
    return SPAM if own and thing else ABSTAIN
