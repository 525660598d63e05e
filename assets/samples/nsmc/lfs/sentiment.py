"""영화평의 감성을 판단하는 규칙들.

규칙은 긍정이나 부정에 투표하거나 기권합니다. 하나하나는 틀릴 수 있지만, 라벨 모델이 무게를 달아 합치면 대부분의
리뷰에 라벨이 붙습니다. 규칙을 고치면서 적용 범위와 충돌이 어떻게 바뀌는지 살펴보세요.
"""

import re

from snorkel.labeling import labeling_function

POSITIVE, NEGATIVE, ABSTAIN = "긍정", "부정", None

# 낱말: 어느 하나라도 들어 있으면 투표합니다.
lf_fun = keywords(POSITIVE, ["재밌", "재밋", "재미있", "잼있", "잼나", "꿀잼", "흥미진진"])
lf_best = keywords(POSITIVE, ["최고", "명작", "걸작", "완벽", "대박", "강추", "추천"])
lf_moving = keywords(POSITIVE, ["감동", "눈물", "여운", "아름다", "따뜻", "사랑스", "뭉클"])
lf_boring = keywords(NEGATIVE, ["지루", "재미없", "노잼", "졸리", "졸려", "하품", "따분"])
lf_waste = keywords(NEGATIVE, ["아깝", "아까운", "아까워", "돈 주고", "시간 낭비", "환불"])
lf_bad = keywords(NEGATIVE, ["최악", "별로", "실망", "짜증", "유치", "허접", "억지", "답답", "엉성"])

# 정규식: 점수를 글로 적은 경우와 웃음, 한숨.
lf_ten = regex(POSITIVE, r"(10|십|만)\s*점")
lf_one = regex(NEGATIVE, r"(^|[^0-9])[01]\s*점|빵점|영점|ㅡㅡ")
lf_smile = regex(POSITIVE, r"\^\^|ㅎㅎ|♥|♡")

# 조건: 열의 값으로 판단합니다.
lf_short_question = where(NEGATIVE, "length(document) < 40 AND document LIKE '%?'")


@labeling_function()
def lf_ending(x):
    """공손한 맺음말로 끝나는 짧지 않은 글은 칭찬이 많습니다."""
    text = re.sub(r"[\s.!~^ㅎㅋㅠ]+$", "", x.document)
    if len(text) < 10:
        return ABSTAIN
    return POSITIVE if text.endswith(("습니다", "어요", "아요", "네요", "했어요")) else ABSTAIN


@labeling_function()
def lf_negated(x):
    """'없다'가 재미, 내용, 감동 같은 말 뒤에 오면 부정입니다."""
    wanted = ["재미", "내용", "감동", "스토리", "개연성", "이유", "의미"]
    lacking = ["없", "모르겠", "떨어"]
    words = x.document.split()
    for first, second in zip(words, words[1:]):
        if any(first.startswith(w) for w in wanted) and any(second.startswith(w) for w in lacking):
            return NEGATIVE
    return ABSTAIN
