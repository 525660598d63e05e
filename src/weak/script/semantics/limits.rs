//! Limits: whatever a function does, it ends, stays small, and says why.

use super::evaluate;

#[test]
fn what_would_never_end_or_grow_without_bound_is_stopped() {
    let check = |source: &str, part: &str| {
        let found = evaluate(source);
        assert!(found.contains(part), "{source}: {found}");
    };
    let (steps, memory) = ("steps", "!limit");
    check("while True:\n    pass", steps);
    check("R = sum(range(10 ** 12))", steps);
    check("R = 'a' * 10 ** 9", memory);
    check("R = [0] * 10 ** 9", memory);
    check("R = 'a'.ljust(10 ** 9)", memory);
    check("R = 'a'.zfill(10 ** 9)", memory);
    check("R = list(range(10 ** 9))", "!limit");
    check("s = 'ab'\nwhile True:\n    s += s", memory);
    check("l = [1]\nwhile True:\n    l += l", "!limit");
    check("R = 'a' * 1000000\nR = R.replace('a', R)", memory);
    check("R = ('a' * 1000000).join('b' * 1000)", memory);
    check("import re\nR = re.sub('a', r'\\g<0>' * 1000, 'a' * 100000)", memory);
    check("R = f\"{'a':>1000000000}\"", "ValueError");
    check("R = '%1000000000d' % 1", "ValueError");
    check("R = '{:1000000000}'.format(1)", "ValueError");
    check("R = 10 ** 100", "OverflowError");
    check("R = 1 << 1000000000000", "OverflowError");
    check("R = 9223372036854775807 + 1", "OverflowError");
    check("R = -9223372036854775807 - 2", "OverflowError");
    check("R = (-9223372036854775807 - 1) // -1", "OverflowError");
    check("R = abs(-9223372036854775807 - 1)", "OverflowError");
    check("R = (-9223372036854775807 - 1) % -1", "0");
    check("R = int('9' * 30)", "OverflowError");
    check("R = int(1e300)", "OverflowError");
    check("def f(n):\n    return f(n + 1)\nR = f(0)", "!limit");
    check("f = lambda g: g(g)\nR = f(f)", "!limit");
    check("it = iter([1])\nfor i in range(100000):\n    it = map(str, it)\nR = list(it)", "!limit");
    check("x = []\nfor i in range(100000):\n    x = [x]\nR = x == [x]", "!limit");
    check("x = ()\nfor i in range(100000):\n    x = (x,)\nR = str(x)", "!limit");
    check("x = ()\nfor i in range(1000):\n    x = (x,)\nR = {x: 1}", "!limit");
    check("x = []\ny = []\nfor i in range(1000):\n    x = [x]\n    y = [y]\nR = x == y", "!limit");
    check("l = []\nl.append(l)\nR = str(l)", "!limit");
    check("import re\nR = re.search('(a+)+\\\\1b', 'a' * 5000)", "!limit");
    check("import re\nR = re.search('(' * 5000, 'a')", "ValueError");
    check("import re\nR = re.compile('(?:a{1000}){1000}')", "ValueError");
    check("try:\n    while True:\n        pass\nexcept:\n    R = 1", steps);
}

/// The deepest evaluation that is allowed must fit the stack of a worker thread in a debug build.
#[test]
fn the_deepest_evaluation_fits_two_megabytes_of_stack() {
    let deep = |body: &str| format!("def f(n):\n{body}\nR = f(0)");
    let sources = [
        deep("    return [x for x in [f(n + 1)]]"),
        deep(
            "    if n >= 0:\n        for i in [1]:\n            while True:\n                return sorted([n], key=lambda k: f(k + 1))",
        ),
        deep("    try:\n        return max([f(n + 1)], key=str)\n    finally:\n        pass"),
        deep("    return re.sub('a', lambda m: f(n + 1), 'a')").replace("def f", "import re\ndef f"),
        deep("    return list(map(f, [n]))"),
        deep("    return next(f(k) for k in iter([n]))"),
        format!("R = {}1{}", "[".repeat(90), "]".repeat(90)),
        format!("R = {}1{}", "(1 + ".repeat(90), ")".repeat(90)),
        format!("R = {}1{}", "len([".repeat(40), "])".repeat(40)),
    ];
    for source in sources {
        let run = source.clone();
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || evaluate(&run));
        let found = thread.unwrap().join().unwrap();
        assert!(found.starts_with("!limit") || !found.starts_with('!') || found.contains("Type"), "{source}: {found}");
    }
}

/// Nesting that the parser is still given must fit the stack too, although compiling refuses it.
#[test]
fn nesting_is_refused_before_it_exhausts_the_stack() {
    let nested = |open: &str, inside: &str, close: &str, times: usize| {
        format!("R = {}{inside}{}", open.repeat(times), close.repeat(times))
    };
    let mut sources = Vec::new();
    for times in [99, 240, 450, 499] {
        sources.extend([
            nested("-", "1", "", times),
            nested("[", "1", "]", times),
            nested("{1: ", "1", "}", times),
            nested("lambda: ", "1", "", times),
            nested("not ", "1", "", times),
            nested("[x for x in ", "[1]", "]", times),
            nested("(x for x in ", "[1]", ")", times),
            nested("f'{", "1", "}'", times),
            nested("", "x", ".y", times),
            nested("", "x", "()", times),
            nested("", "1", " + 1", times),
            nested("", "1", " if 1 else 1", times),
        ]);
        let blocks: String = (0..times).map(|depth| format!("{}if 1:\n", " ".repeat(depth))).collect();
        sources.push(format!("{blocks}{}R = 1", " ".repeat(times)));
    }
    for times in [200, 3000] {
        for group in ["(", "(?:", "(?=", "(?<=", "(?>"] {
            sources.push(format!("import re\nR = re.search('{}a{}', 'a')", group.repeat(times), ")".repeat(times)));
        }
    }
    for source in sources {
        let shown: String = source.chars().take(60).collect();
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || evaluate(&source));
        assert!(thread.unwrap().join().is_ok(), "{shown}");
    }
}

#[test]
fn what_lies_outside_the_language_is_refused_with_what_to_write_instead() {
    let check = |source: &str, part: &str| {
        let found = evaluate(source);
        assert!(found.starts_with("!compile") && found.contains(part), "{source}: {found}");
    };
    check("class A:\n    pass", "classes");
    check("with a as b:\n    pass", "`with`");
    check("match 1:\n    case 1:\n        pass", "`match`");
    check("raise ValueError", "`raise`");
    check("assert True", "`assert`");
    check("def f():\n    global x", "cannot change names outside");
    check("def f(*a):\n    pass", "star parameters");
    check("f = lambda **k: 1", "star parameters");
    check("a = [1]\nprint(*a)", "star arguments");
    check("R = [*[1], 2]", "`*`");
    check("R = {**{}}", "`**`");
    check("def f():\n    yield 1", "not available");
    check("async def f():\n    pass", "`async`");
    check("R = b'a'", "bytes");
    check("R = 1j", "complex");
    check("R = 10000000000000000000000", "64 bits");
    check("R = undefined", "`undefined` is not defined");
    check("open('/etc/passwd')", "`open` is not available");
    check("R = __import__('os')", "not available");

    check("def f(x):\n    return x.encode()", "`encode`");
    check("R = 1 is 1", "same object");
    check("return 1", "outside a function");
    check("break", "outside a loop");
    check("def f():\n    continue", "outside a loop");
    check("import re\nR = re.serch('a', 'b')", "`re.serch`");
    check("try:\n    pass\nexcept ValueError as e:\n    pass", "no value here");
    check("R = f'{1=}'", "this form");
}
