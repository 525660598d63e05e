"""scikit-learn: TF-IDF of word and character n-grams with logistic regression, out of sample in 5 folds.

Usage: sklearn_text.py REVIEWS.parquet

The n-grams, the weighting and the penalty are those of ours (learn::features::TextOptions, learn::logistic::Options).
The weighting is fitted once on all texts, as ours is: it sees no labels.
"""

import sys

from common import need, report, timed

numpy, pandas, _, sklearn, sparse = need("numpy", "pandas", "pyarrow", "sklearn", "scipy.sparse")
from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.model_selection import StratifiedKFold, cross_val_predict  # noqa: E402

reviews = pandas.read_parquet(sys.argv[1])
labels = reviews.label.to_numpy()


def out_of_sample():
    common = {"sublinear_tf": True, "min_df": 2, "dtype": numpy.float32}
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\w+", **common)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), **common)
    features = sparse.hstack([words.fit_transform(reviews.document), letters.fit_transform(reviews.document)]).tocsr()
    model = LogisticRegression(C=1.0, max_iter=100)
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
    return cross_val_predict(model, features, labels, cv=folds, method="predict_proba", n_jobs=2)


probabilities, seconds = timed(out_of_sample)
accuracy = float((probabilities.argmax(axis=1) == labels).mean())
# The folds run in processes of their own, whose memory is not in this one's peak.
report(f"scikit-learn {sklearn.__version__}", seconds=seconds, accuracy=accuracy, peak_mb=None)
