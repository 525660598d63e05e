//! Sources and what CPython 3.11 gave for them: `repr` of the value, or `!` and the exception.

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
