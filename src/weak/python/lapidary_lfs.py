"""What a file of Lapidary's labelling functions means under CPython.

A file of functions is run as it is. This module gives `keywords`, `regex`, `where`, `column`, `both`, `either`, `unless`,
`not_`, `labeling_function` and `LabelingFunction` their meaning, finds the functions that the file declares, and turns
what they return into votes: the position of a class, or -1 to abstain. A vote with a confidence is one for its class here,
and a vote that names several classes abstains. It needs nothing but the standard library.

    program = Program(plan, sources, conditions)
    votes = program.apply(columns, rows)

`plan` is the dict that stands in plan.json; `columns` has one list of values a column, `None` where one is missing:
str, int, float, bool, and for times the microseconds since 1970 (UTC).
"""

import __future__

import ast
import builtins
import decimal
import math
import re
import traceback
import types
import unicodedata

ABSTAIN = -1
# Something is said, and it names several classes: it counts where functions are put together, and as a vote it abstains.
OPEN = -2


# ---- texts -----------------------------------------------------------------------------------------------------------


def lower(text):
    """Lower case letter by letter: the capital sigma does not look at its neighbours, as `str.lower` lets it."""
    if "\u03a3" in text:
        return "".join([letter.lower() for letter in text])
    return text.lower()


def upper(text):
    """Upper case."""
    return text.upper()


def fold(text):
    """NFC and lower case: the form in which texts are compared without regard to case."""
    if text.isascii():
        return text.lower()
    return lower(unicodedata.normalize("NFC", text))


def _is_word(letter):
    return letter.isalpha() or letter.isnumeric() or letter == "_"


# ---- Korean ----------------------------------------------------------------------------------------------------------

_PARTICLES = [
    "에게서", "으로부터", "으로서", "으로써", "이라고", "이라는", "에서는", "에서도", "에게는", "까지는", "으로는", "께서", "에서",
    "에게", "한테", "으로", "로서", "로써", "로부터", "부터", "까지", "보다", "처럼", "같이", "마다", "조차", "마저", "밖에",
    "이라", "라고", "라는", "이랑", "이나", "이며", "하고", "에는", "에도", "와는", "과는", "은", "는", "이", "가", "을",
    "를", "에", "의", "와", "과", "도", "만", "로", "랑", "나", "며", "야", "여",
]
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FINALS = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]


def _syllable(letter):
    """The number of a syllable among those of Unicode."""
    return ord(letter) - 0xAC00 if "가" <= letter <= "힣" else None


def _nfc(text):
    return unicodedata.normalize("NFC", text)


def _jamo(text):
    """A text with its syllables taken apart into letters."""

    def letters(letter):
        at = _syllable(letter)
        return letter if at is None else _INITIALS[at // 588] + chr(ord("ㅏ") + at % 588 // 28) + _FINALS[at % 28]

    return "".join(letters(letter) for letter in _nfc(text))


def _initials(text):
    """A text with the initial consonant in place of each syllable."""
    return "".join(letter if (at := _syllable(letter)) is None else _INITIALS[at // 588] for letter in _nfc(text))


def _has_word(text, word):
    """Whether a word stands in a text by itself or with a particle behind it."""
    text, word = fold(text), fold(word)
    takes_particle = bool(word) and _syllable(word[-1]) is not None

    def touches(letter):
        return letter.isalpha() or letter.isnumeric()

    def ends(rest):
        return not (rest and touches(rest[0]))

    at = text.find(word) if word else -1
    while at >= 0:
        rest = text[at + len(word) :]
        particle = takes_particle and any(rest.startswith(one) and ends(rest[len(one) :]) for one in _PARTICLES)
        if not (at > 0 and touches(text[at - 1])) and (ends(rest) or particle):
            return True
        at = text.find(word, at + len(word))
    return False


# ---- declared patterns -----------------------------------------------------------------------------------------------


class Refused(Exception):
    """Something in a file of functions that cannot be applied."""


class Declared:
    """A pattern, or a function with its resources, as a file declares it."""

    def __init__(self, label=None, column=None, case=True, test=None, condition=None):
        self.label, self.column, self.case, self.test, self.condition = label, column, case, test, condition
        self.f, self.name, self.resources, self.pre = None, None, {}, []
        # What is put together from others: how, and these; and what the values of a column mean.
        self.how, self.parts, self.values = None, (), None

    @classmethod
    def of(cls, f, name=None, resources=None, pre=None):
        declared = cls()
        declared.f, declared.name, declared.resources, declared.pre = f, name, dict(resources or {}), list(pre or [])
        return declared

    def __call__(self, x):
        if self.f is None:
            raise TypeError("a declared pattern cannot be called")
        return self.f(x, **self.resources)


class Against(tuple):
    """A vote against classes."""


def _not(*classes):
    if not classes:
        raise Refused("not_() takes the classes that the row is not of")
    return Against(classes)


def _column(name, classes=None):
    declared = Declared(column=name)
    declared.values = "classes" if classes is None else {_shown(value): vote for value, vote in dict(classes).items()}
    return declared


def _shown(value):
    """A value of a column as a text."""
    kind = type(value)
    return str(value).lower() if kind is bool else show_float(value) if kind is float else str(value)


def _combined(how):
    def combined(label, *parts):
        if len(parts) < 2:
            raise Refused("%s() needs two functions or more behind the class" % how)
        declared = Declared(label)
        parts = (part if isinstance(part, Declared) else Declared.of(part) for part in parts)
        declared.how, declared.parts = how, tuple(parts)
        return declared

    return combined


def _keywords(label, words, column=None, case=False, whole_words=False):
    words = [words] if isinstance(words, str) else list(words)
    if not words or not all(isinstance(word, str) and word for word in words):
        raise Refused("keywords() needs a list of texts, none of them empty")
    if not case:
        words = [fold(word) for word in words]
    if whole_words:
        return Declared(label, column, case, lambda text: any(_whole(text, word) for word in words))
    if len(words) < 8:
        return Declared(label, column, case, lambda text: any(word in text for word in words))
    # One pass of the pattern engine for many words; only whether one is there matters.
    search = re.compile("|".join(re.escape(word) for word in sorted(set(words)))).search
    return Declared(label, column, case, lambda text: search(text) is not None)


def _whole(text, word):
    """Whether a word is in a text such that no letter or number touches it."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not (at > 0 and _is_word(text[at - 1])) and not (end < len(text) and _is_word(text[end])):
            return True
        at = text.find(word, at + 1)
    return False


def _regex(label, pattern, column=None, case=False):
    source, flags = (pattern.pattern, pattern.flags) if isinstance(pattern, re.Pattern) else (pattern, 0)
    if not case:
        source, flags = unicodedata.normalize("NFC", source), flags | re.IGNORECASE
    search = re.compile(source, flags).search
    return Declared(label, column, case, lambda text: search(text) is not None)


def _where(label, condition):
    return Declared(label, condition=condition)


# ---- files of functions ----------------------------------------------------------------------------------------------


class _Missing:
    """Stands for a package, or something in one, that is not here: using it is the error, not importing it."""

    def __init__(self, name):
        self.__dict__["_name"] = name

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _Missing(self.__dict__["_name"] + "." + name)

    def __call__(self, *args, **kwargs):
        raise ImportError("%s is not available here" % self.__dict__["_name"])


class _File:
    """One file while its statements run."""

    def __init__(self, name, source, lists=()):
        self.lists = dict(lists)
        self.name, self.made, self.found, self.errors = name, [], {}, []
        self.globals = {"__name__": "lfs", "__builtins__": self._builtins()}
        tree = ast.parse(source, name)
        future = __future__.annotations.compiler_flag
        for statement in tree.body:
            if _is_main_guard(statement):
                continue
            made = len(self.made)
            try:
                module = ast.Module([statement], [])
                exec(compile(module, name, "exec", flags=future, dont_inherit=True), self.globals)
            except Exception as error:  # the other functions of the file go on
                self.errors.append((statement.lineno, "%s: %s" % (type(error).__name__, error)))
            self._collect(statement, made)

    def _collect(self, statement, made):
        for declared in self.made[made:]:
            name = declared.name if isinstance(declared.name, str) else None
            if name is None:
                names = (name for name, value in self.globals.items() if value is declared)
                name = next(names, None)
            if name is not None:
                self.found.setdefault(name, declared)
        if isinstance(statement, ast.FunctionDef) and statement.name.startswith("lf_"):
            function = self.globals.get(statement.name)
            if isinstance(function, types.FunctionType):
                self.found.setdefault(statement.name, Declared.of(function))

    def _declare(self, make):
        def declaring(*args, **kwargs):
            declared = make(*args, **kwargs)
            self.made.append(declared)
            return declared

        return declaring

    def _labeling_function(self, name=None, resources=None, pre=None):
        if callable(name):
            return self._declare(Declared.of)(name)
        return self._declare(lambda f: Declared.of(f, name, resources, pre))

    def _builtins(self):
        def labelling_function_object(name=None, f=None, resources=None, pre=None):
            return Declared.of(f, name, resources, pre)

        def preprocessor(pre=None, memoize=False, memoize_key=None):
            return lambda f: f

        def keywords(label, words=None, column=None, case=False, whole_words=False, file=None):
            if file is not None:
                name = file[2:] if file.startswith("./") else file
                if name not in self.lists:
                    raise Refused("there is no list `%s`" % name)
                words = self.lists[name]
            return _keywords(label, words, column, case, whole_words)

        given = {
            "keywords": self._declare(keywords),
            "column": self._declare(_column),
            "both": self._declare(_combined("both")),
            "either": self._declare(_combined("either")),
            "unless": self._declare(_combined("unless")),
            "not_": _not,
            "regex": self._declare(_regex),
            "where": self._declare(_where),
            "labeling_function": self._labeling_function,
            "LabelingFunction": self._declare(labelling_function_object),
        }
        ours = types.SimpleNamespace(lf=self._labeling_function, preprocessor=preprocessor, **given)

        def load(name, globals=None, locals=None, fromlist=(), level=0):
            root = name.split(".")[0]
            if root in ("snorkel", "lapidary"):
                return _Package(name, ours)
            try:
                return builtins.__import__(name, globals, locals, fromlist, level)
            except ImportError:
                return _Missing(name if fromlist else root)

        known = dict(vars(builtins))
        known.update(given, nfc=_nfc, jamo=_jamo, initials=_initials, has_word=_has_word)
        known["print"] = lambda *args, **kwargs: None
        known["__import__"] = load
        return known


class _Package(_Missing):
    """`snorkel` and `lapidary`, of which a file may import anything; what declares functions is ours."""

    def __init__(self, name, ours):
        super().__init__(name)
        self.__dict__["_ours"] = ours

    def __getattr__(self, name):
        ours = self.__dict__["_ours"]
        if hasattr(ours, name):
            return getattr(ours, name)
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _Package(self.__dict__["_name"] + "." + name, ours)


def _is_main_guard(statement):
    test = getattr(statement, "test", None)
    return (
        isinstance(statement, ast.If)
        and isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
    )


class Row:
    """The item that a function looks at: `x.column`, `x["column"]`, `x.get("column")`."""

    __slots__ = ("_columns", "_at")

    def __init__(self, columns):
        object.__setattr__(self, "_columns", columns)
        object.__setattr__(self, "_at", 0)

    def __getattr__(self, name):
        column = self._columns.get(name)
        if column is None:
            raise AttributeError("there is no column `%s`" % name)
        return column[self._at]

    def __getitem__(self, name):
        column = self._columns.get(name)
        if column is None:
            raise KeyError("there is no column `%s`" % name)
        return column[self._at]

    def __setattr__(self, name, value):
        raise TypeError("the fields of a row cannot be changed")

    def get(self, name, default=None):
        column = self._columns.get(name)
        return default if column is None else column[self._at]


class Program:
    """The functions of a project, ready to be applied to rows."""

    def __init__(self, plan, sources, conditions=""):
        self.plan, self.classes = plan, list(plan["classes"])
        self._place = {name: at for at, name in reversed(list(enumerate(self.classes)))}
        self.faults = {}
        scope = {name: value for name, value in globals().items() if not name.startswith("__")}
        scope["CONDITIONS"] = {}
        exec(compile(conditions, "conditions.py", "exec"), scope)
        self._conditions = scope["CONDITIONS"]
        lists = plan.get("lists") or {}
        files = {name: _File(name, source, lists) for name, source in sources.items()}
        self.errors = [(name, line, message) for name, file in files.items() for line, message in file.errors]
        self.functions = []
        for wanted in plan["functions"]:
            found = files[wanted["file"]].found.get(wanted["name"])
            if found is None:
                lines = ["%s:%d: %s" % error for error in self.errors]
                raise Refused("\n".join(["%s: there is no function %s" % (wanted["file"], wanted["name"])] + lines))
            self.functions.append((wanted["name"], found, self._label(found)))

    def _label(self, declared):
        """What a declaration says where it fires; `None` where that depends on the row."""
        if declared.f is not None:
            return None
        if declared.condition is not None and declared.condition not in self._conditions:
            raise Refused("the condition was not translated: %s" % declared.condition)
        if declared.values is not None:
            if declared.values == "classes":
                declared.values = {name: name for name in self.classes}
            declared.votes = {value: self._said(label) for value, label in declared.values.items()}
            if None in declared.votes.values():
                raise Refused("a value of the column `%s` stands for no class" % declared.column)
            return None
        for part in declared.parts:
            part.label_code = self._label(part)
        said = self._said(declared.label)
        if said is None:
            raise Refused("%r is no class" % (declared.label,))
        return said

    def vote(self, value):
        """The vote of what a function returned; `None` if that is no class."""
        said = self._said(value)
        return ABSTAIN if said == OPEN else said

    def _said(self, value):
        """A vote, or `OPEN` where several classes are named."""
        one = self._one(value)
        if one is not None:
            return one
        if type(value) is not tuple:
            several = self._several(value)
            return None if several is None else self._amounts_to(several)
        if len(value) != 2 or type(value[1]) not in (int, float) or not 0 <= value[1] <= 1:
            return None
        one = self._one(value[0])
        several = self._several(value[0]) if one is None else [] if one == ABSTAIN else [one]
        if several is None:
            return None
        return ABSTAIN if math.floor(value[1] * 20 + 0.5) == 0 else self._amounts_to(several)

    def _several(self, value):
        """The places of the classes that a list or set names, or that are left by `not_`."""
        if type(value) not in (list, set, frozenset, Against):
            return None
        places = [self._one(part) for part in value]
        if None in places or ABSTAIN in places:
            return None
        return [at for at in range(len(self.classes)) if at not in places] if type(value) is Against else places

    def _amounts_to(self, places):
        places = set(places)
        if not places or len(places) >= len(self.classes) > 1:
            return ABSTAIN
        return places.pop() if len(places) == 1 else OPEN

    def _one(self, value):
        """The vote of a value that names one class, or none; `None` if it does not."""
        kind = type(value)
        if value is None:
            return ABSTAIN
        if kind is str:
            return self._place.get(value)
        if kind is bool:
            found = self._place.get(str(value))
            return self._place.get(str(value).lower()) if found is None else found
        if kind is int:
            if value == -1:
                return ABSTAIN
            found = self._place.get(str(value))
            return value if found is None and 0 <= value < len(self.classes) else found
        return None

    def apply(self, columns, rows):
        """The votes on some rows: a list a function, by its name. What fails abstains and is counted in `faults`."""
        text = self.plan.get("text") or "text"
        if text in columns:
            columns = dict(columns, text=columns[text])
        times = {column["name"] for column in self.plan["columns"] if column["type"] == "time"}
        shown = {
            name: [None if value is None else show_time(value) for value in values] if name in times else values
            for name, values in columns.items()
        }
        folded = {}
        votes = {}
        for name, declared, label in self.functions:
            said = self._apply(name, declared, label, (columns, shown, folded), rows)
            votes[name] = [ABSTAIN if vote == OPEN else vote for vote in said] if OPEN in said else said
        return votes

    def _apply(self, name, declared, label, frames, rows):
        """What a function or declaration says of some rows: votes, and `OPEN`."""
        columns, shown, folded = frames
        if declared.f is not None:
            return self._run(name, declared, shown, rows)
        if declared.parts:
            return self._combine(name, declared, label, frames, rows)
        if declared.condition is not None:
            test = self._conditions[declared.condition]
            return [label if test(columns, at) is True else ABSTAIN for at in range(rows)]
        column = declared.column or "text"
        if column not in columns:
            raise Refused("%s: there is no column `%s`" % (name, column))
        if declared.values is not None:
            votes = declared.votes
            values = shown[column]
            return [ABSTAIN if value is None else votes.get(_shown(value), ABSTAIN) for value in values]
        texts = columns[column]
        if not declared.case:
            if column not in folded:
                folded[column] = [None if text is None else fold(text) for text in texts]
            texts = folded[column]
        test = declared.test
        return [label if text is not None and test(text) else ABSTAIN for text in texts]

    def _combine(self, name, declared, label, frames, rows):
        hits = None
        for part in declared.parts:
            said = self._apply(name, part, part.label_code, frames, rows)
            fires = [vote != ABSTAIN for vote in said]
            if hits is None:
                hits = fires
            elif declared.how == "either":
                hits = [a or b for a, b in zip(hits, fires)]
            elif declared.how == "unless":
                hits = [a and not b for a, b in zip(hits, fires)]
            else:
                hits = [a and b for a, b in zip(hits, fires)]
        return [label if hit else ABSTAIN for hit in hits]

    def _run(self, name, declared, columns, rows):
        row, votes = Row(columns), [ABSTAIN] * rows
        move, function, resources = object.__setattr__, declared.f, declared.resources
        for at in range(rows):
            move(row, "_at", at)
            try:
                value = function(row, **resources)
            except Exception as error:
                self._fault(name, error, None)
                continue
            vote = self._said(value)
            if vote is None:
                self._fault(name, None, "it returned %s, which is no class" % type(value).__name__, function)
            else:
                votes[at] = vote
        return votes

    def _fault(self, name, error, message, function=None):
        if error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            files = {wanted["file"] for wanted in self.plan["functions"]}
            line = next((frame.lineno for frame in reversed(frames) if frame.filename in files), 0)
            message = "%s: %s" % (type(error).__name__, error)
        else:
            line = function.__code__.co_firstlineno if hasattr(function, "__code__") else 0
        key = (name, line, message[:300])
        if key in self.faults or len(self.faults) < 1000:
            self.faults[key] = self.faults.get(key, 0) + 1


# ---- the filter language: conditions are translated to calls of these --------------------------------------------------
#
# `None` is NULL. A truth value is True, False or None (unknown). Whole numbers have 64 bits, times are microseconds.

_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SPACES = re.compile("[%s]+" % _SPACE)
_ENDS = re.compile("\\A[%s]+|[%s]+\\Z" % (_SPACE, _SPACE))
_DAY = 86_400_000_000


def not_(a):
    return None if a is None else not a


def all_of(*parts):
    return False if False in parts else None if None in parts else True


def any_of(*parts):
    return True if True in parts else None if None in parts else False


def compare(op, a, b):
    if a is None or b is None:
        return None
    if op == "=":
        return a == b
    if op == "<>":
        return a != b
    if op == "<":
        return a < b
    if op == "<=":
        return a <= b
    return a > b if op == ">" else a >= b


def same(a, b):
    if a is None or b is None:
        return a is None and b is None
    return a == b or (a != a and b != b)


def within(value, values, null):
    if value is None:
        return None
    return True if value in values else None if null else False


def case(*parts):
    """Conditions and values by turns, and the value of the rest."""
    for at in range(0, len(parts) - 1, 2):
        if parts[at] is True:
            return parts[at + 1]
    return parts[-1]


def coalesce(*parts):
    return next((part for part in parts if part is not None), None)


def extreme(greatest, *parts):
    best = None
    for part in parts:
        if part is not None and (best is None or (part > best if greatest else part < best)):
            best = part
    return best


def concat(skip_null, *parts):
    if not skip_null and None in parts:
        return None
    return "".join([part for part in parts if part is not None])


def real(a):
    return None if a is None else float(a)


def negate(a):
    return None if a is None or a == _LEAST and type(a) is int else -a


def whole_arithmetic(op, a, b):
    if a is None or b is None:
        return None
    if op == "%":
        if b == 0:
            return None
        left = abs(a) % abs(b)
        return -left if a < 0 else left
    result = a + b if op == "+" else a - b if op == "-" else a * b
    return result if _LEAST <= result <= _MOST else None


def real_arithmetic(op, a, b):
    if a is None or b is None:
        return None
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    if b == 0.0:
        return None
    if op == "/":
        return a / b
    return math.nan if math.isinf(a) or a != a or b != b else math.fmod(a, b)


def strict(function, *parts):
    """A function that is NULL if any of its arguments is."""
    return None if None in parts else function(*parts)


def matches(kind, value, text):
    if text is None:
        return None
    if kind == "anything":
        return True
    if kind == "equals":
        return text == value
    if kind == "starts":
        return text.startswith(value)
    if kind == "ends":
        return text.endswith(value)
    if kind == "contains":
        return value in text
    return value.search(text) is not None


def trim_space(text):
    return _ENDS.sub("", text)


def whole_of_text(text):
    text = trim_space(text)
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        return None
    digits = text.lstrip("+-").lstrip("0") or "0"
    if len(digits) > 19:
        return None
    number = -int(digits) if text[0] == "-" else int(digits)
    return number if _LEAST <= number <= _MOST else None


def real_of_text(text):
    text = trim_space(text)
    if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return float(text)
    return float(text) if re.fullmatch(r"[+-]?(inf|infinity|nan)", text, re.IGNORECASE | re.ASCII) else None


def truth_of_text(text):
    text = "".join([letter.lower() if letter.isascii() else letter for letter in trim_space(text)])
    return True if text in ("true", "t", "yes", "y", "1") else False if text in ("false", "f", "no", "n", "0") else None


def whole_of_real(value):
    return int(value) if -9223372036854775808.0 <= value < 9223372036854775808.0 else None


def show_float(value):
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    size = abs(value)
    if size < 1e15 and value == math.trunc(value):
        return "%.1f" % value
    shortest = decimal.Decimal(repr(value))
    if 1e-5 <= size < 1e15:
        return format(shortest, "f")
    sign, figures, exponent = shortest.as_tuple()
    power = len(figures) - 1 + exponent
    figures = "".join(map(str, figures)).rstrip("0")
    return ("-" if sign else "") + figures[0] + ("." + figures[1:] if len(figures) > 1 else "") + "e%d" % power


def words(text):
    return sum(1 for part in _SPACES.split(text) if part)


def trim(left, right, text, letters=None):
    if letters is None:
        if left and right:
            return _ENDS.sub("", text)
        return re.sub(("\\A[%s]+" if left else "[%s]+\\Z") % _SPACE, "", text)
    if not letters:
        return text
    return text.strip(letters) if left and right else text.lstrip(letters) if left else text.rstrip(letters)


def substr(text, start, count=None):
    end = _MOST if count is None else min(start + max(count, 0), _MOST)
    start = max(start, 1)
    return text[start - 1 : start - 1 + max(end - start, 0)]


def left(text, count):
    return text[: max(len(text) + count, 0) if count < 0 else count]


def right(text, count):
    return text[-count if count < 0 else max(len(text) - count, 0) :]


def replace(text, old, new):
    return text.replace(old, new) if old else text


def sign_of(value):
    if value == 0 or value != value:
        return value
    return type(value)(1 if value > 0 else -1)


def absolute(value):
    return None if value == _LEAST and type(value) is int else abs(value)


def _round(value):
    if value != value or math.isinf(value) or abs(value) >= 4503599627370496.0:
        return value
    whole = math.trunc(value)
    if abs(value - whole) >= 0.5:
        whole += 1 if value > 0 else -1
    return math.copysign(float(abs(whole)), value)


def round_real(value, digits=None):
    if digits is None:
        return _round(value)
    digits = int(min(max(digits, -400), 400))
    try:
        scale = 10.0 ** abs(digits)
    except OverflowError:
        scale = math.inf
    if digits >= 0:
        rounded = _divide(_round(value * scale), scale)
    else:
        rounded = _round(_divide(value, scale)) * scale
    if math.isfinite(rounded):
        return rounded
    return 0.0 if digits < 0 else value


def _divide(a, b):
    return math.nan if math.isinf(a) and math.isinf(b) else a / b


def floor_real(value):
    return value if not math.isfinite(value) else math.copysign(float(abs(math.floor(value))), value)


def ceil_real(value):
    return value if not math.isfinite(value) else math.copysign(float(abs(math.ceil(value))), value)


def exp(value):
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def sqrt(value):
    return math.sqrt(value) if value >= 0.0 else value if value != value else None


def ln(value):
    return value if value != value else math.log(value) if value > 0.0 else None


def log10(value):
    return value if value != value else math.log10(value) if value > 0.0 else None


def power(value, exponent):
    try:
        return math.pow(value, exponent)
    except OverflowError:
        odd = value < 0 and exponent % 2 == 1
        return -math.inf if odd else math.inf
    except ValueError:
        if value == 0.0 and exponent < 0:
            odd = math.copysign(1.0, value) < 0 and exponent % 2 == 1
            return -math.inf if odd else math.inf
        return None


def date(micros):
    midnight = micros - micros % _DAY
    return midnight if midnight >= _LEAST else None


def _civil(days):
    """Year, month and day of days since 1970 in the proleptic Gregorian calendar."""
    days += 719468
    era, of_era = divmod(days, 146097)
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return era * 400 + year + (1 if month <= 2 else 0), month, day


def _days(year, month, day):
    year -= 1 if month <= 2 else 0
    era, of_era = divmod(year, 400)
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def field(part, micros):
    days, of_day = divmod(micros, _DAY)
    if part == "hour":
        return of_day // 3_600_000_000
    if part == "minute":
        return of_day // 60_000_000 % 60
    if part == "second":
        return of_day // 1_000_000 % 60
    if part == "epoch":
        return micros // 1_000_000
    if part == "weekday":
        return (days + 3) % 7 + 1
    year, month, day = _civil(days)
    if not -262143 <= year <= 262142:
        return None
    if part == "year":
        return year
    if part == "quarter":
        return (month - 1) // 3 + 1
    if part == "month":
        return month
    if part == "day":
        return day
    if part == "dayofyear":
        return days - _days(year, 1, 1) + 1
    # The ISO week belongs to the year of its Thursday.
    thursday = days - (days + 3) % 7 + 3
    return (thursday - _days(_civil(thursday)[0], 1, 1)) // 7 + 1


def show_time(micros):
    """A time as functions see it: a date, a date and time, or with microseconds."""
    days, of_day = divmod(micros, _DAY)
    year, month, day = _civil(days)
    if not -262143 <= year <= 262142:
        return "%d \u00b5s" % micros
    years = "%04d" % year if 0 <= year <= 9999 else "%+05d" % year
    text = "%s-%02d-%02d" % (years, month, day)
    if of_day == 0:
        return text
    seconds, fraction = divmod(of_day, 1_000_000)
    text += "T%02d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return text + ".%06d" % fraction if fraction else text
