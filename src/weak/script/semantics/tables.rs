//! Sources and what CPython 3.11 gave for them: `repr` of the value, or `!` and the exception.

/// Expressions of the language itself.
pub(super) const EXPRESSIONS: &[(&str, &str)] = &[
    ("1 + 2 * 3 ** 2", "19"),
    ("7 // 2, -7 // 2, 7 // -2, -7 // -2", "(3, -4, -4, 3)"),
    ("7 % 3, -7 % 3, 7 % -3, -7 % -3", "(1, 2, -2, -1)"),
    ("7.5 // 2, -7.5 // 2, 7.5 % -2, -7.5 % 2, 0.0 % -3", "(3.0, -4.0, -0.5, 0.5, -0.0)"),
    ("divmod(-7, 3), divmod(7.5, -2)", "((-3, 2), (-4.0, -0.5))"),
    ("2 ** 10, 2 ** -1, (-2) ** 3, 2.0 ** 0.5", "(1024, 0.5, -8, 1.4142135623730951)"),
    ("0 ** 0, 0.0 ** 0", "(1, 1.0)"),
    ("0 ** -1", "!ZeroDivisionError"),
    ("(-8) ** 0.5 if False else 1", "1"),
    ("1 / 3, 4 / 2, -1 / 3", "(0.3333333333333333, 2.0, -0.3333333333333333)"),
    ("1 / 0", "!ZeroDivisionError"),
    ("1 // 0", "!ZeroDivisionError"),
    ("1 % 0", "!ZeroDivisionError"),
    ("1.0 / 0", "!ZeroDivisionError"),
    ("5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 4, -9 >> 1, 1 >> 100", "(1, 7, 6, -6, 16, -5, 0)"),
    ("True + True, True & False, True | False, True ^ True, -True", "(2, False, True, False, -1)"),
    ("3 < 4 < 5, 3 < 4 > 5, 1 == 1.0 == True", "(True, False, True)"),
    ("1 < 2 == True", "False"),
    (r#""a" < "b", "a" < "B", "가" < "나", "" < "a", "abc" < "abd""#, "(True, False, True, True, True)"),
    ("[1, 2] < [1, 3], (1, 2) < (1, 2, 0), [] < [0]", "(True, True, True)"),
    (r#"[1] < "a""#, "!TypeError"),
    ("1 < None", "!TypeError"),
    (r#""1" + 1"#, "!TypeError"),
    ("None + 1", "!TypeError"),
    (r#"1 == "1", None == 0, None is None, [] == [], [1] == (1,)"#, "(False, False, True, True, False)"),
    (r#"1 in [1, 2], "b" in "abc", 4 not in (1, 2), "x" in {"x": 1}"#, "(True, True, True, True)"),
    (r#"1 in "abc""#, "!TypeError"),
    (r#""a" in None"#, "!TypeError"),
    (
        "0.1 + 0.2, 1e16, 1e15, 123456789012345678.0, 1e-4, 1e-5, 1.5e300, -0.0, 1e22",
        "(0.30000000000000004, 1e+16, 1000000000000000.0, 1.2345678901234568e+17, 0.0001, 1e-05, 1.5e+300, -0.0, 1e+22)",
    ),
    (r#"float("inf"), float("-inf"), float("nan"), -float("nan")"#, "(inf, -inf, nan, nan)"),
    (
        "1.0, 100.0, 1234567.0, 3.14, 5e-324, 1.7976931348623157e308",
        "(1.0, 100.0, 1234567.0, 3.14, 5e-324, 1.7976931348623157e+308)",
    ),
    (
        r#"int("12"), int(" -12 "), int("1_000"), int("+7"), int(3.9), int(-3.9), int(True)"#,
        "(12, -12, 1000, 7, 3, -3, 1)",
    ),
    (r#"int("0x1f", 16), int("1f", 16), int("0b101", 0), int("z", 36), int("٣")"#, "(31, 31, 5, 35, 3)"),
    (r#"int("")"#, "!ValueError"),
    (r#"int("1.5")"#, "!ValueError"),
    (r#"int("1__0")"#, "!ValueError"),
    ("int(None)", "!TypeError"),
    (r#"int("12a")"#, "!ValueError"),
    (r#"int(float("nan"))"#, "!ValueError"),
    (
        r#"float("1e5"), float(" 1.5 "), float("-.5"), float("5."), float("1_0.5"), float("Infinity"), float(3)"#,
        "(100000.0, 1.5, -0.5, 5.0, 10.5, inf, 3.0)",
    ),
    (r#"float("")"#, "!ValueError"),
    (r#"float("abc")"#, "!ValueError"),
    ("float(None)", "!TypeError"),
    (
        r#"str(1), str(1.0), str(None), str(True), str("a"), str([1, "a"]), str((1,)), str({"a": 1})"#,
        r#"('1', '1.0', 'None', 'True', 'a', "[1, 'a']", '(1,)', "{'a': 1}")"#,
    ),
    (
        r#"repr("a'b"), repr('a"b'), repr("a'b\"c"), repr("\n\t\\"), repr("\x00\x7f"), repr("한국"), repr("\u200b"), repr("\u3000")"#,
        r#"('"a\'b"', '\'a"b\'', '\'a\\\'b"c\'', "'\\n\\t\\\\'", "'\\x00\\x7f'", "'한국'", "'\\u200b'", "'\\u3000'")"#,
    ),
    (
        r#"bool(""), bool("a"), bool(0), bool(0.0), bool([]), bool([0]), bool({}), bool(None)"#,
        "(False, True, False, False, False, True, False, False)",
    ),
    (r#"[] or "a", 0 or None, 1 and 2, 0 and 1, "" or [] or 3, 1 and [] and 3"#, "('a', None, 2, 0, 3, [])"),
    (r#"not "", not 1, not not "a""#, "(True, False, True)"),
    (r#"1 if "" else 2"#, "2"),
    (r#"len("한국어"), len(""), len([1, 2]), len({"a": 1}), len((1,)), len(range(10))"#, "(3, 0, 2, 1, 1, 10)"),
    ("len(1)", "!TypeError"),
    (r#""한국어"[0], "한국어"[-1], "abc"[1]"#, "('한', '어', 'b')"),
    (r#""abc"[3]"#, "!IndexError"),
    (r#""abc"[-4]"#, "!IndexError"),
    ("[1, 2, 3][-1], (1, 2)[0]", "(3, 1)"),
    ("[1][1]", "!IndexError"),
    (r#"{"a": 1}["a"], {1: "x"}[True], {1.0: "y"}[1]"#, "(1, 'x', 'y')"),
    (r#"{"a": 1}["b"]"#, "!KeyError"),
    (
        r#""한국어입니다"[1:3], "abcdef"[::2], "abcdef"[::-1], "abcdef"[4:1:-1], "abcdef"[-3:], "abcdef"[:-2], "abc"[5:], "abc"[2:1]"#,
        "('국어', 'ace', 'fedcba', 'edc', 'def', 'abcd', '', '')",
    ),
    (
        "[1, 2, 3, 4][::2], [1, 2, 3, 4][::-1], [1, 2, 3, 4][1:-1], (1, 2, 3)[1:], [1, 2, 3][10:0:-2]",
        "([1, 3], [4, 3, 2, 1], [2, 3], (2, 3), [3])",
    ),
    (r#""abc"[::0]"#, "!ValueError"),
    (
        r#""abc" * 3, "ab" * 0, "ab" * -1, 3 * "x", [1, 2] * 2, (0,) * 3"#,
        "('abcabcabc', '', '', 'xxx', [1, 2, 1, 2], (0, 0, 0))",
    ),
    (
        r#""HELLO".lower(), "Straße".upper(), "ΑΣ".lower(), "ΟΔΥΣΣΕΥΣ ΑΣ.".lower(), "İ".lower(), "ẞ".lower()"#,
        "('hello', 'STRASSE', 'ας', 'οδυσσευς ας.', 'i̇', 'ß')",
    ),
    (
        r#""Straße".casefold(), "ẞ".casefold(), "İ".casefold(), "ſ".casefold(), "ΑΣ".casefold(), "ﬁ".casefold(), "ı".casefold(), "Ꭰꭰ".casefold()"#,
        "('strasse', 'ss', 'i̇', 's', 'ασ', 'fi', 'ı', 'ᎠᎠ')",
    ),
    (
        r#""hello world".title(), "they're".title(), "ǆ".title(), "ﬁne".title(), "ß".title(), "1a b2c".title()"#,
        r#"('Hello World', "They'Re", 'ǅ', 'Fine', 'Ss', '1A B2C')"#,
    ),
    (
        r#""hELLO wORLD".capitalize(), "ßa".capitalize(), "".capitalize(), "ǆX".capitalize()"#,
        "('Hello world', 'Ssa', '', 'ǅx')",
    ),
    (r#""Hello".swapcase(), "ß".swapcase(), "ΑΣ".swapcase()"#, "('hELLO', 'SS', 'ας')"),
    (
        r#""  a b ".strip(), "xxaxx".strip("x"), "\u3000a\u3000".strip(), "\x1ca".strip(), "abcba".strip("ab"), "  a ".lstrip(), " a  ".rstrip()"#,
        "('a b', 'a', 'a', 'a', 'c', 'a ', ' a')",
    ),
    (
        r#"" a  b c ".split(), "a,b,,c".split(","), "".split(), "".split(","), "a b c".split(None, 1), "  a b  c ".split(None, 1), "a,b,c".split(",", 1)"#,
        "(['a', 'b', 'c'], ['a', 'b', '', 'c'], [], [''], ['a', 'b c'], ['a', 'b  c '], ['a', 'b,c'])",
    ),
    (
        r#""a b c d".rsplit(None, 2), "a,b,c".rsplit(",", 1), "  a b c  ".rsplit(None, 1), "a".rsplit(), "a--b--c".rsplit("--", 1)"#,
        "(['a b', 'c', 'd'], ['a,b', 'c'], ['  a b', 'c'], ['a'], ['a--b', 'c'])",
    ),
    (r#""a".split("")"#, "!ValueError"),
    (
        r#""a\nb\r\nc\rd".splitlines(), "a\n\nb\n".splitlines(), "a\nb".splitlines(True), "".splitlines(), "a\u2028b\x0bc".splitlines()"#,
        r#"(['a', 'b', 'c', 'd'], ['a', '', 'b'], ['a\n', 'b'], [], ['a', 'b', 'c'])"#,
    ),
    (
        r#""abc".startswith("a"), "abc".startswith(("x", "ab")), "abc".endswith("bc"), "abc".startswith("b", 1), "abc".endswith("b", 0, 2), "".startswith("")"#,
        "(True, True, True, True, True, True)",
    ),
    (r#""abc".startswith(["a"])"#, "!TypeError"),
    (
        r#""한국한국".find("국"), "한국한국".rfind("국"), "abc".find("x"), "한국한국".find("한", 1), "abc".find(""), "abc".find("", 3), "abc".find("", 4)"#,
        "(1, 3, -1, 2, 0, 3, -1)",
    ),
    (r#""한국".index("국"), "abcabc".rindex("b")"#, "(1, 4)"),
    (r#""abc".index("x")"#, "!ValueError"),
    (
        r#""aaaa".count("aa"), "abc".count(""), "한국한국".count("한"), "abcabc".count("b", 2), "".count("")"#,
        "(2, 4, 2, 1, 1)",
    ),
    (
        r#""aXbX".replace("X", "--"), "aaa".replace("a", "b", 2), "abc".replace("", "-"), "abc".replace("", "-", 2), "한국".replace("국", "글")"#,
        "('a--b--', 'bba', '-a-b-c-', '-a-bc', '한글')",
    ),
    (
        r#"",".join(["a", "b"]), "".join([]), "-".join("한국"), ", ".join(str(i) for i in range(3)), "a".join(("x", "y"))"#,
        "('a,b', '', '한-국', '0, 1, 2', 'xay')",
    ),
    (r#"",".join([1])"#, "!TypeError"),
    (
        r#""12".isdigit(), "²".isdigit(), "½".isdigit(), "".isdigit(), "1a".isdigit(), "٣".isdigit(), "三".isdigit()"#,
        "(True, True, False, False, False, True, False)",
    ),
    (
        r#""12".isdecimal(), "²".isdecimal(), "½".isnumeric(), "三".isnumeric(), "Ⅷ".isnumeric(), "Ⅷ".isalpha(), "Ⅷ".isalnum()"#,
        "(True, False, True, True, True, False, True)",
    ),
    (
        r#""abc".isalpha(), "한국".isalpha(), "a1".isalpha(), "e\u0301".isalpha(), "a1".isalnum(), "a_1".isalnum(), "½".isalnum(), "".isalnum()"#,
        "(True, True, False, False, True, False, True, False)",
    ),
    (
        r#""ABC".isupper(), "ABc".isupper(), "A1".isupper(), "1".isupper(), "한".isupper(), "abc".islower(), "aB".islower(), "ǅ".isupper(), "ª".islower()"#,
        "(True, False, True, False, False, True, False, False, True)",
    ),
    (
        r#"" \t".isspace(), "".isspace(), "\u3000".isspace(), "\x1c".isspace(), "a".isspace(), "\u200b".isspace()"#,
        "(True, False, True, True, False, False)",
    ),
    (
        r#""Hello World".istitle(), "hello".istitle(), "HELLO".istitle(), "H1 W".istitle(), "".istitle(), "They'Re".istitle(), "ǅ".istitle()"#,
        "(True, False, False, True, False, True, True)",
    ),
    (
        r#""abc".isascii(), "한".isascii(), "a b".isprintable(), "a\n".isprintable(), "\u00a0".isprintable(), "".isprintable()"#,
        "(True, False, True, False, False, True)",
    ),
    (
        r#""42".zfill(5), "-42".zfill(5), "+1".zfill(3), "abc".zfill(2), "한".zfill(3)"#,
        "('00042', '-0042', '+01', 'abc', '00한')",
    ),
    (
        r#""a=b=c".partition("="), "abc".partition("="), "a=b=c".rpartition("="), "abc".rpartition("=")"#,
        "(('a', '=', 'b=c'), ('abc', '', ''), ('a=b', '=', 'c'), ('', '', 'abc'))",
    ),
    (
        r#""TestCase".removeprefix("Test"), "TestCase".removesuffix("Case"), "abc".removeprefix("x"), "aa".removesuffix("")"#,
        "('Case', 'Test', 'abc', 'aa')",
    ),
    (
        r#""a".ljust(3), "a".rjust(3, "*"), "a".center(4), "ab".center(5), "abc".center(4, "-"), "한국".center(7, "*"), "abc".ljust(2)"#,
        "('a  ', '**a', ' a  ', '  ab ', 'abc-', '***한국**', 'abc')",
    ),
    (
        r#""{} {}".format(1, "a"), "{1} {0}".format(1, 2), "{a}".format(a=3), "{:>5}|{:<5}|{:^5}".format(1, 2, 3), "{{}}".format(), "{!r}".format("a"), "{:{}}".format("a", 4), "{0:.2f}".format(1.005)"#,
        r#"('1 a', '2 1', '3', '    1|2    |  3  ', '{}', "'a'", 'a   ', '1.00')"#,
    ),
    (r#""{}".format()"#, "!IndexError"),
    (r#""{a}".format(1)"#, "!KeyError"),
    (r#""%s %d %.2f %5s|%-5s|%05d|%x|%%" % ("a", 3, 1.005, "b", "c", 42, 255)"#, "'a 3 1.00     b|c    |00042|ff|%'"),
    (
        r#""%s" % "a", "%r" % "a", "%d" % 3.9, "%(n)s" % {"n": 1}, "%e" % 12345.678, "%g" % 0.00001, "%+d" % 5, "% d" % 5"#,
        r#"('a', "'a'", '3', '1', '1.234568e+04', '1e-05', '+5', ' 5')"#,
    ),
    (r#""%d" % "a""#, "!TypeError"),
    (r#""%s %s" % ("a",)"#, "!TypeError"),
    (r#""%s" % ("a", "b")"#, "!TypeError"),
    (
        r#"f"{1 + 1}", f"{'a'!r}", f"{3.14159:.2f}", f"{42:05d}", f"{'x':>4}|", f"{1234567:,}", f"{0.5:%}", f"{255:x}", f"{255:#x}", f"{-3:+d}", f"{{}}""#,
        r#"('2', "'a'", '3.14', '00042', '   x|', '1,234,567', '50.000000%', 'ff', '0xff', '-3', '{}')"#,
    ),
    (
        r#"f"{1e10}", f"{1e10:g}", f"{123.456:.3}", f"{0.0001:g}", f"{1e-7:g}", f"{100000:g}", f"{1000000:g}", f"{1.0:g}", f"{3:.1f}", f"{1.5:e}""#,
        "('10000000000.0', '1e+10', '1.23e+02', '0.0001', '1e-07', '100000', '1e+06', '1', '3.0', '1.500000e+00')",
    ),
    (
        r#"f"{True}", f"{True:d}", f"{None}", f"{[1]}", f"{'한':*^5}", f"{3:>{2 + 3}}", f"{1_000_000:_}", f"{12345.678:,.1f}", f"{0.00001}", f"{1e100}""#,
        "('True', '1', 'None', '[1]', '**한**', '    3', '1_000_000', '12,345.7', '1e-05', '1e+100')",
    ),
    (
        r#"format(123.0, ".3"), format(1234.0, ".3"), format(0.1, ".3"), format(1.0, ".0f"), format(2.5, ".0f"), format(0.125, ".2f"), format(1e15, ""), format(5, "b"), format(-5, "08b"), format(1234567.891, "012,.2f")"#,
        "('1.23e+02', '1.23e+03', '0.1', '1', '2', '0.12', '1000000000000000.0', '101', '-0000101', '1,234,567.89')",
    ),
    (
        r#"format(65, "c"), format(3, "e"), format(0.0, "g"), format(-0.0, ".1f"), format(float("inf"), "f"), format(float("nan"), "6.1f"), format(1, "=+5d"), format("abc", ".2"), format("abc", "5.1")"#,
        "('A', '3.000000e+00', '0', '-0.0', 'inf', '   nan', '+   1', 'ab', 'a    ')",
    ),
    (r#"format("a", "d")"#, "!ValueError"),
    (r#"format(1.5, "d")"#, "!ValueError"),
    (r#"format(None, "5")"#, "!TypeError"),
    (
        "round(0.5), round(1.5), round(2.5), round(-0.5), round(2.675, 2), round(1.005, 2), round(1234.5, -2), round(1250.0, -2), round(1350.0, -2), round(0.125, 2), round(5, -1), round(15, -1), round(25, -1), round(-15, -1), round(3.7), round(1e20, 2), round(0.1, 20)",
        "(0, 2, 2, 0, 2.67, 1.0, 1200.0, 1200.0, 1400.0, 0.12, 0, 20, 20, -20, 4, 1e+20, 0.1)",
    ),
    ("abs(-3), abs(-3.5), abs(True)", "(3, 3.5, 1)"),
    (
        r#"min(3, 1, 2), max([1, 5, 2]), min("hello"), max(["a", "bb"], key=len), min([], default=0), max((1, "a"), (1, "b")), min(1, 1.0), max(1.0, 1)"#,
        "(1, 5, 'e', 'bb', 0, (1, 'b'), 1, 1.0)",
    ),
    ("min([])", "!ValueError"),
    ("min(1)", "!TypeError"),
    (r#"max(1, "a")"#, "!TypeError"),
    (
        "sum([1, 2, 3]), sum([0.1] * 3), sum([], 5), sum([[1], [2]], []), sum(x * x for x in range(4)), sum([True, True])",
        "(6, 0.30000000000000004, 5, [1, 2], 14, 2)",
    ),
    (r#"sum(["a"])"#, "!TypeError"),
    (
        r#"sorted([3, 1, 2]), sorted("bca"), sorted([3, 1, 2], reverse=True), sorted(["bb", "a", "cc"], key=len), sorted(["bb", "a", "cc"], key=len, reverse=True), sorted({"b": 1, "a": 2})"#,
        "([1, 2, 3], ['a', 'b', 'c'], [3, 2, 1], ['a', 'bb', 'cc'], ['bb', 'cc', 'a'], ['a', 'b'])",
    ),
    (r#"sorted([1, "a"])"#, "!TypeError"),
    (
        r#"list(reversed([1, 2, 3])), "".join(reversed("한국")), list(reversed(range(5))), list(reversed(range(0, 10, 3)))"#,
        "([3, 2, 1], '국한', [4, 3, 2, 1, 0], [9, 6, 3, 0])",
    ),
    (
        r#"list(enumerate("ab")), list(enumerate([5], 1)), list(zip([1, 2], "ab", (True, False, None))), list(zip())"#,
        "([(0, 'a'), (1, 'b')], [(1, 5)], [(1, 'a', True), (2, 'b', False)], [])",
    ),
    (
        r#"list(map(str, [1, 2])), list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(None, [0, 1, "", "a"])), list(filter(lambda x: x > 1, [1, 2, 3])), list(map(str.upper, "ab")), list(map(len, ["a", "bb"]))"#,
        "(['1', '2'], [4, 6], [1, 'a'], [2, 3], ['A', 'B'], [1, 2])",
    ),
    (
        "list(range(5)), list(range(2, 5)), list(range(5, 0, -2)), list(range(0)), 3 in range(5), 5 in range(5), range(10)[2], range(10)[-1], 4 in range(0, 10, 3), range(3), range(0, 6, 2) == range(0, 5, 2)",
        "([0, 1, 2, 3, 4], [2, 3, 4], [5, 3, 1], [], True, False, 2, 9, False, range(0, 3), True)",
    ),
    ("range(1, 2, 0)", "!ValueError"),
    (
        r#"any([]), all([]), any([0, 1]), all([1, 0]), any(x > 2 for x in [1, 2, 3]), all(x for x in "ab"), any("b" == c for c in "abc")"#,
        "(False, True, True, False, True, True, True)",
    ),
    (r#"next(iter([1])), next((x for x in [1, 2, 3] if x > 1), None), next(iter([]), "d")"#, "(1, 2, 'd')"),
    ("next(iter([]))", "!StopIteration"),
    (
        r#"isinstance(1, int), isinstance(True, int), isinstance(1.0, (int, float)), isinstance("a", str), isinstance([], list), isinstance(None, int), isinstance({}, dict), isinstance(set(), set)"#,
        "(True, True, True, True, True, False, True, True)",
    ),
    (r#"ord("a"), ord("한"), chr(97), chr(54620), chr(0x1F600)"#, "(97, 54620, 'a', '한', '😀')"),
    (r#"ord("ab")"#, "!TypeError"),
    ("chr(-1)", "!ValueError"),
    (r#"type(1) == int, type("a").__name__, type(True) is bool, type([]) is list"#, "(True, 'str', True, True)"),
    ("hex(255), bin(5), oct(8), hex(-1), bin(0)", "('0xff', '0b101', '0o10', '-0x1', '0b0')"),
    ("callable(len), callable(1)", "(True, False)"),
    ("pow(2, 3), pow(2.0, 0.5)", "(8, 1.4142135623730951)"),
    (
        r#"[x * 2 for x in range(3)], [x for x in range(6) if x % 2 if x > 1], [(a, b) for a in range(2) for b in "xy"], [[j for j in range(i)] for i in range(3)], [a + b for a, b in [(1, 2), (3, 4)]]"#,
        "([0, 2, 4], [3, 5], [(0, 'x'), (0, 'y'), (1, 'x'), (1, 'y')], [[], [0], [0, 1]], [3, 7])",
    ),
    (
        r#"{k: v for k, v in [("a", 1), ("b", 2)]}, {x: x * x for x in range(3)}, sorted({x % 3 for x in range(10)}), {1, 1.0, True}"#,
        "({'a': 1, 'b': 2}, {0: 0, 1: 1, 2: 4}, [0, 1, 2], {1})",
    ),
    (
        r#"list(x for x in range(3)), tuple(x for x in "ab"), dict((c, ord(c)) for c in "ab"), list((i, j) for i in range(2) for j in range(i + 1) if j < 2)"#,
        "([0, 1, 2], ('a', 'b'), {'a': 97, 'b': 98}, [(0, 0), (1, 0), (1, 1)])",
    ),
    (
        "(lambda x, y=2: x + y)(1), (lambda: 5)(), (lambda *, a: a)(a=3), (lambda x: (lambda y: x + y))(1)(2)",
        "(3, 5, 3, 3)",
    ),
    ("[(y := x + 1) for x in range(3)]", "[1, 2, 3]"),
    (
        r#"{"a": 1, "b": 2} | {"b": 3}, {"a": 1} == {"a": 1.0}, {"a": 1, "b": 2} == {"b": 2, "a": 1}"#,
        "({'a': 1, 'b': 3}, True, True)",
    ),
    (
        r#"{"a": 1}.get("a"), {"a": 1}.get("b"), {"a": 1}.get("b", 0), list({"a": 1, "b": 2}.items()), list({"a": 1}.keys()), list({"a": 1}.values()), {}.get("x", {})"#,
        "(1, None, 0, [('a', 1), ('b', 2)], ['a'], [1], {})",
    ),
    (
        r#"dict(a=1, b=2), dict([("a", 1)]), dict({"a": 1}, b=2), list({"a": 1, "b": 2}), dict()"#,
        "({'a': 1, 'b': 2}, {'a': 1}, {'a': 1, 'b': 2}, ['a', 'b'], {})",
    ),
    (
        "{1, 2} | {3} == {1, 2, 3}, {1, 2} & {2, 3}, {1, 2} - {2}, {1, 2} ^ {2, 3} == {1, 3}, {1} <= {1, 2}, {1, 2} < {1, 2}, {1, 2} > {1}, {1} == {1.0}",
        "(True, {2}, {1}, True, True, False, True, True)",
    ),
    (
        r#"set("aab") == {"a", "b"}, set(), len(set([1, 1.0, True, "1"])), {1}.union([2], (3,)) == {1, 2, 3}, {1, 2}.intersection([2]), {1, 2}.difference([2]), {1}.issubset([1, 2]), {1, 2}.issuperset([1]), {1}.isdisjoint([2]), frozenset([1]) == {1}"#,
        "(True, set(), 2, True, {2}, {1}, True, True, True, True)",
    ),
    ("{[1]: 2}", "!TypeError"),
    (r#"{(1, 2): 3}[(1, 2)], {(1, [2]) if False else 1: 2}, (1, "a") in {(1, "a")}"#, "(3, {1: 2}, True)"),
    (
        r#"tuple("ab"), tuple([1]), list("한국"), list((1, 2)), list({"a": 1}), (), (1,), [(1,), [2]]"#,
        "(('a', 'b'), (1,), ['한', '국'], [1, 2], ['a'], (), (1,), [(1,), [2]])",
    ),
    (
        "(1, 2) + (3,), [1] + [2], [1, 2].index(2), [1, 1, 2].count(1), (1, 2, 1).count(1), (5, 6).index(6)",
        "((1, 2, 3), [1, 2], 1, 2, 2, 1)",
    ),
    ("[1].index(2)", "!ValueError"),
    ("[1] + (2,)", "!TypeError"),
    (r#""abc".foo if False else 1"#, "1"),
    (
        r#""a" "b" 'c', r"\n", "\x41\u00e9\N{BULLET}", """a
b""""#,
        r#"('abc', '\\n', 'Aé•', 'a\nb')"#,
    ),
    ("0x1f, 0b101, 0o17, 1_000, 1e3, .5, 1.", "(31, 5, 15, 1000, 1000.0, 0.5, 1.0)"),
    ("None, True, False", "(None, True, False)"),
    ("3 .bit_length(), (2.0).is_integer(), (2.5).is_integer(), (-8).bit_length()", "(2, True, False, 4)"),
    (r#""ab" == "ab", "a" != "b", "e\u0301" == "é""#, "(True, True, False)"),
    (r#"[1, 2, 3] == [1, 2, 3.0], (1, [2]) == (1, [2]), [float("nan")] == [1]"#, "(True, True, False)"),
    ("9223372036854775807, -9223372036854775807", "(9223372036854775807, -9223372036854775807)"),
];

/// Expressions with `re`, `math`, `unicodedata` and `string`.
pub(super) const LIBRARY: &[(&str, &str)] = &[
    (
        r#"re.search(r"\d+", "ab123c").group(), re.search("x", "abc"), bool(re.search("b", "abc"))"#,
        "('123', None, True)",
    ),
    (
        r#"re.search(r"(\w+) (\w+)", "hello world").groups(), re.search(r"(a)(b)?", "ac").groups(), re.search(r"(?P<y>\d+)-(?P<m>\d+)", "2024-05").group("y", "m"), re.search(r"(?P<y>\d+)", "7").groupdict()"#,
        "(('hello', 'world'), ('a', None), ('2024', '05'), {'y': '7'})",
    ),
    (
        r#"re.search("국", "한국어").start(), re.search("국", "한국어").end(), re.search("국", "한국어").span(), re.search("(b)?a", "xa").span(1)"#,
        "(1, 2, (1, 2), (-1, -1))",
    ),
    (
        r#"re.match("b", "abc"), re.match("a", "abc").group(0), re.fullmatch("a|ab", "ab").group(), re.fullmatch("a", "ab"), re.match("a", "abc")[0]"#,
        "(None, 'a', 'ab', None, 'a')",
    ),
    (
        r#"re.findall(r"\d", "a1b2"), re.findall(r"(\w)(\d)", "a1b2"), re.findall(r"(\d)", "12"), re.findall("", "ab"), re.findall("b|", "abc"), re.findall("가", "가나가"), re.findall(r"\b\w", "hi there 한국")"#,
        "(['1', '2'], [('a', '1'), ('b', '2')], ['1', '2'], ['', '', ''], ['', 'b', '', ''], ['가', '가'], ['h', 't', '한'])",
    ),
    (
        r#"[m.group() for m in re.finditer(r"\w+", "a bc d")], [m.start() for m in re.finditer("국", "한국한국")]"#,
        "(['a', 'bc', 'd'], [1, 3])",
    ),
    (
        r##"re.sub(r"\d", "#", "a1b22"), re.sub(r"(\w)(\d)", r"\2\1", "a1b2"), re.sub("x*", "-", "abxd"), re.sub(r"\d", "", "1a2", 1), re.sub(r"(?P<n>\d)", r"<\g<n>>", "a1"), re.sub("a", lambda m: m.group().upper() + "!", "banana"), re.subn("a", "b", "aa"), re.sub("a", r"\\", "a"), re.sub("(a)|b", r"[\1]", "ab"), re.sub("a", "\\n", "a")"##,
        r#"('a#b##', '1a2b', '-a-b--d-', 'a2', 'a<1>', 'bA!nA!nA!', ('bb', 2), '\\', '[a][]', '\n')"#,
    ),
    (
        r#"re.split(r"[,;]", "a,b;c"), re.split(r"(,)", "a,b"), re.split(r"\s+", " a b "), re.split(",", "a,b,c", 1), re.split("x*", "axbc"), re.split("", "ab")"#,
        "(['a', 'b', 'c'], ['a', ',', 'b'], ['', 'a', 'b', ''], ['a', 'b,c'], ['', 'a', '', 'b', 'c', ''], ['', 'a', 'b', ''])",
    ),
    (r#"re.escape("a.b*c"), re.escape("한 국-1_2"), re.escape("a\nb")"#, r#"('a\\.b\\*c', '한\\ 국\\-1_2', 'a\\\nb')"#),
    (
        r#"re.compile("A", re.I).search("xa").group(), re.compile("^b", re.M).findall("a\nb"), re.compile("a.b", re.S | re.I).match("A\nB").group(), re.search("a b # c", "ab", re.X).group(), re.compile("a").pattern"#,
        r#"('a', ['b'], 'A\nB', 'ab', 'a')"#,
    ),
    (
        r#"re.search("a$", "a\n").span(), re.search(r"a\Z", "a\n"), re.search("a$", "a\nb"), re.findall("$", "a\n"), re.findall("(?m)^.", "a\nb"), re.sub("$", "!", "a\n")"#,
        r#"((0, 1), None, None, ['', ''], ['a', 'b'], 'a!\n!')"#,
    ),
    (
        r#"re.search(r"\w", "\u0301"), re.search(r"\w", "½").group(), re.search(r"\s", "\x1c").group(), re.search(r"\d", "٣").group(), re.search(r"\d", "²"), re.search(r"[^\W\d_]+", "12한국a").group(), re.search(r"[\w.]+@", "a.b@c").group()"#,
        r#"(None, '½', '\x1c', '٣', None, '한국a', 'a.b@')"#,
    ),
    (
        r#"re.search("[]a]", "]").group(), re.search("[a-]", "-").group(), re.search("[[]", "[").group(), re.search("a{,2}b", "aab").group(), re.search("a{x}", "a{x}").group(), re.search("[&&~~--]", "&").group(), re.search("x{2}", "xxx").group()"#,
        "!ValueError",
    ),
    (
        r#"re.search(r"(a)\1", "baa").group(), re.search(r"a(?=b)", "acab").span(), re.search(r"(?<!x)a", "xaya").span(), re.search(r"(?<=한)국", "중국한국").span(), re.search(r"(?:a|b)+?", "abab").group(), re.search(r"(?i:A)b", "ab").group(), re.search("(?i)STRASSE", "strasse").group()"#,
        "('aa', (2, 3), (3, 4), (3, 4), 'a', 'ab', 'strasse')",
    ),
    (r#"re.search(r"(", "a")"#, "!ValueError"),
    (r#"re.search("*", "a")"#, "!ValueError"),
    (r#"re.search("a", None)"#, "!TypeError"),
    (r#"re.search("a", 1)"#, "!TypeError"),
    (r#"re.search("(a)", "a").group(2)"#, "!IndexError"),
    (r#"re.search("(?P<n>a)", "a").group("m")"#, "!IndexError"),
    (r#"re.sub("a", r"\2", "a")"#, "!ValueError"),
    (
        r#"re.findall(r"https?://\S+|www\.\S+", "see http://a.b/c and www.x.kr!"), re.findall(r"[가-힣]+", "a 한국 b 어"), re.findall(r"(?:^|\s)@(\w+)", "@a b @c")"#,
        "(['http://a.b/c', 'www.x.kr!'], ['한국', '어'], ['a', 'c'])",
    ),
    (
        r#"bool(re.search(r"\bfoo\b", "a foo.")), re.search(r"\bfoo\b", "foobar"), bool(re.search(r"요\b", "좋아요!")), bool(re.search(r"요\b", "좋아요들"))"#,
        "(True, None, True, False)",
    ),
    (
        "math.sqrt(16), math.floor(-1.5), math.ceil(1.2), math.log(math.e), math.log(8, 2), math.log2(8), math.log10(1000), math.exp(0), math.pi, math.inf, math.isnan(math.nan), math.trunc(-1.7), math.pow(2, 3), math.fabs(-1), math.gcd(12, 18), math.factorial(5), math.comb(5, 2), math.hypot(3, 4), math.isclose(0.1 + 0.2, 0.3), math.copysign(1, -0.0), math.fmod(-7, 3), math.floor(3), math.prod([2, 3])",
        "(4.0, -2, 2, 1.0, 3.0, 3.0, 3.0, 1.0, 3.141592653589793, inf, True, -1, 8.0, 1.0, 6, 120, 10, 5.0, True, -1.0, -1.0, 3, 6)",
    ),
    ("math.sqrt(-1)", "!ValueError"),
    ("math.log(0)", "!ValueError"),
    ("math.exp(1000)", "!OverflowError"),
    (r#"math.floor(float("inf"))"#, "!OverflowError"),
    (r#"math.sqrt("a")"#, "!TypeError"),
    (
        r#"unicodedata.normalize("NFC", "e\u0301"), unicodedata.normalize("NFD", "한"), unicodedata.normalize("NFKC", "ﬁ①"), unicodedata.category("a"), unicodedata.category("한"), unicodedata.category("!"), unicodedata.category("\u200b"), unicodedata.category(" ")"#,
        "('é', '한', 'fi1', 'Ll', 'Lo', 'Po', 'Cf', 'Zs')",
    ),
    (r#"unicodedata.normalize("X", "a")"#, "!ValueError"),
    (
        "string.punctuation, string.digits, string.ascii_letters, string.whitespace",
        r##"('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', '0123456789', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', ' \t\n\r\x0b\x0c')"##,
    ),
];

/// Programs, which leave their result in `R`.
pub(super) const PROGRAMS: &[(&str, &str)] = &[
    (
        r#"R = 0
for i in range(5):
    if i == 3:
        break
    R += i
else:
    R = -1"#,
        "3",
    ),
    (
        r#"R = 0
for i in range(3):
    R += i
else:
    R += 100"#,
        "103",
    ),
    (
        r#"R = []
i = 0
while True:
    i += 1
    if i % 2:
        continue
    if i > 6:
        break
    R.append(i)"#,
        "[2, 4, 6]",
    ),
    (
        r#"R = []
i = 0
while i < 2:
    i += 1
else:
    R.append('done')"#,
        "['done']",
    ),
    (
        r#"a, b = 1, 2
a, b = b, a
(c, d), e = (3, 4), 5
R = (a, b, c, d, e)"#,
        "(2, 1, 3, 4, 5)",
    ),
    (
        r#"a, *b = [1, 2, 3]
*c, d = 'xyz'
e, *f, g = (1, 2)
R = (a, b, c, d, e, f, g)"#,
        "(1, [2, 3], ['x', 'y'], 'z', 1, [], 2)",
    ),
    (
        r#"a, b = 1, 2, 3
R = 0"#,
        "!ValueError",
    ),
    (
        r#"a, b = 1
R = 0"#,
        "!TypeError",
    ),
    (
        r#"a = b = [1]
a.append(2)
R = (a, b, a is b)"#,
        "([1, 2], [1, 2], True)",
    ),
    (
        r#"x = [1, 2]
y = x
x += [3]
R = (x, y)"#,
        "([1, 2, 3], [1, 2, 3])",
    ),
    (
        r#"x = (1,)
y = x
x += (2,)
R = (x, y)"#,
        "((1, 2), (1,))",
    ),
    (
        r#"d = {}
d['a'] = 1
d['a'] += 5
d.setdefault('b', []).append(2)
del d['a']
R = d"#,
        "{'b': [2]}",
    ),
    (
        r#"l = [3, 1, 2]
l.sort()
l.insert(1, 9)
l.insert(-1, 8)
l.insert(100, 7)
x = l.pop()
y = l.pop(0)
l.remove(9)
l.reverse()
R = (l, x, y)"#,
        "([3, 8, 2], 7, 1)",
    ),
    (
        r#"l = [1, 2, 3]
l[0] = 9
l[-1] += 1
del l[1]
l.extend('ab')
R = l"#,
        "[9, 4, 'a', 'b']",
    ),
    (
        r#"l = []
l.pop()
R = 0"#,
        "!IndexError",
    ),
    (
        r#"s = set()
s.add(1)
s.add(1.0)
s.discard(5)
s.update([2], (3,))
s.remove(2)
R = s"#,
        "{1, 3}",
    ),
    (
        r#"s = {1}
s.remove(2)
R = 0"#,
        "!KeyError",
    ),
    (
        r#"d = {'a': 1, 'b': 2}
R = (d.pop('a'), d.pop('x', None), d, d.copy() is d)"#,
        "(1, None, {'b': 2}, False)",
    ),
    (
        r#"d = {'a': 1}
d.update({'b': 2}, c=3)
R = d"#,
        "{'a': 1, 'b': 2, 'c': 3}",
    ),
    (
        r#"def f(a, b=2, *, c=3):
    return (a, b, c)
R = (f(1), f(1, 5), f(1, c=9), f(b=1, a=0))"#,
        "((1, 2, 3), (1, 5, 3), (1, 2, 9), (0, 1, 3))",
    ),
    (
        r#"def f(a):
    return a
R = f()"#,
        "!TypeError",
    ),
    (
        r#"def f(a):
    return a
R = f(1, 2)"#,
        "!TypeError",
    ),
    (
        r#"def f(a):
    return a
R = f(1, a=2)"#,
        "!TypeError",
    ),
    (
        r#"def f(a):
    return a
R = f(b=2)"#,
        "!TypeError",
    ),
    (
        r#"def f():
    pass
R = f()"#,
        "None",
    ),
    (
        r#"def fact(n):
    return 1 if n < 2 else n * fact(n - 1)
R = fact(15)"#,
        "1307674368000",
    ),
    (
        r#"def outer():
    n = 1
    def inner():
        return n + 1
    n = 10
    return inner()
R = outer()"#,
        "11",
    ),
    (
        r#"def make(n):
    return lambda x: x + n
add = [make(i) for i in range(3)]
R = [f(10) for f in add]"#,
        "[10, 11, 12]",
    ),
    (
        r#"fs = [lambda: i for i in range(3)]
R = [f() for f in fs]"#,
        "[2, 2, 2]",
    ),
    (
        r#"def f():
    fs = []
    for i in range(3):
        fs.append(lambda: i)
    return [g() for g in fs]
R = f()"#,
        "[2, 2, 2]",
    ),
    (
        r#"def f(l=[]):
    l.append(1)
    return l
f()
R = f()"#,
        "[1, 1]",
    ),
    (
        r#"x = 1
def f():
    return x
x = 2
R = f()"#,
        "2",
    ),
    (
        r#"def f():
    y = y + 1
    return y
R = f()"#,
        "!UnboundLocalError",
    ),
    (
        r#"def f(n):
    if n > 5:
        return 'big'
    elif n > 2:
        return 'mid'
    else:
        return 'small'
R = [f(i) for i in (1, 3, 9)]"#,
        "['small', 'mid', 'big']",
    ),
    (
        r#"g = (x * x for x in range(4))
R = (next(g), list(g), list(g))"#,
        "(0, [1, 4, 9], [])",
    ),
    (
        r#"n = 3
g = (x + n for x in range(2))
n = 10
R = list(g)"#,
        "[10, 11]",
    ),
    (
        r#"def f(k):
    g = (x + k for x in range(3) if x != 1)
    k = 100
    return list(g)
R = f(1)"#,
        "[100, 102]",
    ),
    ("R = [x for x in (y for y in range(3))]", "[0, 1, 2]"),
    (
        r#"it = iter([1, 2, 3])
R = (next(it), [x for x in it])"#,
        "(1, [2, 3])",
    ),
    (
        r#"z = zip('ab', [1, 2])
R = (dict(z), list(z))"#,
        "({'a': 1, 'b': 2}, [])",
    ),
    (
        r#"e = enumerate('ab')
R = (next(e), list(e))"#,
        "((0, 'a'), [(1, 'b')])",
    ),
    (
        r#"m = map(lambda x: x * 2, [1, 2])
R = (2 in m, list(m))"#,
        "(True, [4])",
    ),
    (
        r#"if (n := len('abc')) > 2:
    R = n
else:
    R = 0"#,
        "3",
    ),
    (
        r#"x = 5
R = [x for x in range(3)]
R = (R, x)"#,
        "([0, 1, 2], 5)",
    ),
    (
        r#"try:
    R = int('a')
except ValueError:
    R = 'bad'"#,
        "'bad'",
    ),
    (
        r#"try:
    R = 1 / 0
except (ValueError, ZeroDivisionError):
    R = 'zero'
else:
    R = 'else'
finally:
    S = 1
R = (R, S)"#,
        "('zero', 1)",
    ),
    (
        r#"try:
    R = {}['a']
except IndexError:
    R = 1
except KeyError:
    R = 2"#,
        "2",
    ),
    (
        r#"try:
    R = [][0]
except Exception:
    R = 'any'"#,
        "'any'",
    ),
    (
        r#"try:
    x = 1
except:
    R = 0
else:
    R = 'fine'"#,
        "'fine'",
    ),
    (
        r#"def f():
    try:
        return 1
    finally:
        pass
R = f()"#,
        "1",
    ),
    (
        r#"def f():
    for i in range(3):
        try:
            if i == 1:
                continue
            int('x')
        except ValueError:
            pass
        finally:
            L.append(i)
L = []
f()
R = L"#,
        "[0, 1, 2]",
    ),
    (
        r#"s = 'a'
s += 'b'
s *= 3
R = s"#,
        "'ababab'",
    ),
    (
        r#"x = 7
x //= 2
x **= 2
x -= 1
x %= 5
x <<= 2
x |= 1
x &= 13
x ^= 2
x >>= 1
R = x"#,
        "7",
    ),
    (
        r#"R = ''
for a, (b, c) in [(1, (2, 3))]:
    R += f'{a}{b}{c}'"#,
        "'123'",
    ),
    ("R = sum(1 for c in 'a,b!c?' if c in '!?,')", "3"),
    (
        r#"d = {'b': 1, 'a': 2}
R = sorted(d.items(), key=lambda kv: kv[1], reverse=True)"#,
        "[('a', 2), ('b', 1)]",
    ),
    (
        r#"words = 'the cat the dog'.split()
counts = {}
for w in words:
    counts[w] = counts.get(w, 0) + 1
R = max(counts, key=counts.get)"#,
        "'the'",
    ),
    ("R = [w for i, w in enumerate(['a', 'b', 'c']) if i % 2 == 0]", "['a', 'c']"),
    (
        r#"def f(x: int, y: str = 'a') -> str:
    'doc'
    z: int = 3
    return y * x + str(z)
R = f(2)"#,
        "'aa3'",
    ),
    (
        r#"a = [1, 2, 3]
for x in a:
    if x == 1:
        a.append(4)
R = a"#,
        "[1, 2, 3, 4]",
    ),
    (
        r#"d = {1: 2}
for k in d:
    d[k + 1] = 1
R = 0"#,
        "!RuntimeError",
    ),
    (
        r#"x = [[0] * 2] * 2
x[0][0] = 1
R = x"#,
        "[[1, 0], [1, 0]]",
    ),
    (
        r#"l = [1]
l.append(l)
R = len(l[1][1])"#,
        "2",
    ),
    (
        r#"a = (1, 2)
a[0] = 5
R = 0"#,
        "!TypeError",
    ),
    ("R = [i for i in range(10)][2:8:3]", "[2, 5]"),
    (
        r#"import re as r
R = r.sub('a', 'b', 'a')"#,
        "'b'",
    ),
    (
        r#"from re import search as s, I
R = s('A', 'a', I).group()"#,
        "'a'",
    ),
    (
        r#"from math import sqrt, pi
R = sqrt(4) + pi"#,
        "5.141592653589793",
    ),
    (
        r#"def f():
    import re
    from math import floor
    return (re.search('b', 'abc').start(), floor(2.5))
R = f()"#,
        "(1, 2)",
    ),
    (
        r#"P = re.compile(r'(\w+)@')
m = P.search('me@x')
R = m.group(1) if m else None"#,
        "'me'",
    ),
    (
        r#"K = ['a', 'b']
K2 = [k.upper() for k in K] + ['C']
R = any(k in 'xBx' for k in K2)"#,
        "True",
    ),
];

/// Sums of code points below U+3000: of those for which a method holds, or of what a method makes of them.
pub(super) const SUMS: &[(&str, u64)] = &[
    ("isalpha", 27853681),
    ("isdigit", 2048764),
    ("isdecimal", 1226125),
    ("isnumeric", 3274751),
    ("isalnum", 31128432),
    ("isspace", 129416),
    ("isupper", 4772691),
    ("islower", 6655216),
    ("lower", 78664928),
    ("upper", 75711076),
    ("casefold", 75381562),
    ("title", 75570540),
    ("swapcase", 78884143),
    ("capitalize", 75570540),
];
