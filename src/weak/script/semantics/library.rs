//! Sources and what CPython 3.11 gave for them: `repr` of the value, or `!` and the exception.

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
