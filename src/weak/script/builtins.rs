//! The names that the language knows: built-in functions, modules and their members, types, methods.

use super::tree::Const;

/// Defines an enum whose variants have Python names.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum $name { $($variant,)* }

        impl $name {
            /// All of them.
            #[allow(dead_code, reason = "one of the three lists is not asked for")]
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in Python.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The one of that name.
            pub fn find(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

named! {
    /// A function that the language brings along; those of modules are named with their module.
    Builtin {
        Abs = "abs", All = "all", Any = "any", Bin = "bin", Callable = "callable", Chr = "chr", Divmod = "divmod",
        Enumerate = "enumerate", Filter = "filter", Format = "format", Getattr = "getattr", Hasattr = "hasattr",
        Hex = "hex", Isinstance = "isinstance", Iter = "iter", Len = "len", Map = "map", Max = "max", Min = "min",
        Next = "next", Oct = "oct", Ord = "ord", Pow = "pow", Print = "print", Range = "range", Repr = "repr",
        Reversed = "reversed", Round = "round", Sorted = "sorted", Sum = "sum", TypeOf = "type", Zip = "zip",
        ReCompile = "re.compile", ReEscape = "re.escape", ReFindall = "re.findall", ReFinditer = "re.finditer",
        ReFullmatch = "re.fullmatch", ReMatch = "re.match", ReSearch = "re.search", ReSplit = "re.split",
        ReSub = "re.sub", ReSubn = "re.subn",
        Acos = "math.acos", Asin = "math.asin", Atan = "math.atan", Atan2 = "math.atan2", Ceil = "math.ceil",
        Comb = "math.comb", Copysign = "math.copysign", Cos = "math.cos", Degrees = "math.degrees", Exp = "math.exp",
        Fabs = "math.fabs", Factorial = "math.factorial", Floor = "math.floor", Fmod = "math.fmod", Gcd = "math.gcd",
        Hypot = "math.hypot", Isclose = "math.isclose", Isfinite = "math.isfinite", Isinf = "math.isinf",
        Isnan = "math.isnan", Log = "math.log", Log10 = "math.log10", Log1p = "math.log1p", Log2 = "math.log2",
        MathPow = "math.pow", Prod = "math.prod", Radians = "math.radians", Sin = "math.sin", Sqrt = "math.sqrt",
        Tan = "math.tan", Tanh = "math.tanh", Trunc = "math.trunc",
        Category = "unicodedata.category", Normalize = "unicodedata.normalize",
        Keywords = "keywords", Regex = "regex", Where = "where", Column = "column", Both = "both", Either = "either",
        Unless = "unless", Near = "near", Model = "model", Not = "not_", LabelingFunction = "LabelingFunction",
        Nfc = "nfc", Jamo = "jamo", Initials = "initials", HasWord = "has_word",
    }
}

named! {
    /// A module that can be imported.
    Module {
        Re = "re", Math = "math", Unicodedata = "unicodedata", String = "string",
    }
}

named! {
    /// A type, which is also a function that converts to it.
    Type {
        Str = "str", Int = "int", Float = "float", Bool = "bool", List = "list", Tuple = "tuple", Dict = "dict",
        Set = "set", Frozenset = "frozenset", None = "NoneType", Range = "range", Function = "function",
        Iterator = "iterator", Match = "re.Match", Pattern = "re.Pattern", Row = "row", Module = "module",
        Class = "type", Declared = "pattern", LabelingFunction = "LabelingFunction",
    }
}

impl Type {
    /// The type that a bare name means.
    pub fn builtin(name: &str) -> Option<Self> {
        matches!(name, "str" | "int" | "float" | "bool" | "list" | "tuple" | "dict" | "set" | "frozenset")
            .then(|| Self::find(name))
            .flatten()
    }
}

named! {
    /// A method of any type.
    Method {
        Lower = "lower", Upper = "upper", Casefold = "casefold", Strip = "strip", Lstrip = "lstrip", Rstrip = "rstrip",
        Split = "split", Rsplit = "rsplit", Splitlines = "splitlines", Startswith = "startswith",
        Endswith = "endswith", Find = "find", Rfind = "rfind", Index = "index", Rindex = "rindex", Count = "count",
        Replace = "replace", Join = "join", Isdigit = "isdigit", Isdecimal = "isdecimal", Isnumeric = "isnumeric",
        Isalpha = "isalpha", Isalnum = "isalnum", Isascii = "isascii", Isupper = "isupper", Islower = "islower",
        Isspace = "isspace", Istitle = "istitle", Isprintable = "isprintable", Title = "title",
        Capitalize = "capitalize", Swapcase = "swapcase", Zfill = "zfill", Format = "format", Partition = "partition",
        Rpartition = "rpartition", Removeprefix = "removeprefix", Removesuffix = "removesuffix", Ljust = "ljust",
        Rjust = "rjust", Center = "center",
        Append = "append", Extend = "extend", Insert = "insert", Pop = "pop", Remove = "remove", Clear = "clear",
        Sort = "sort", Reverse = "reverse", Copy = "copy",
        Get = "get", Keys = "keys", Values = "values", Items = "items", Setdefault = "setdefault", Update = "update",
        Add = "add", Discard = "discard", Union = "union", Intersection = "intersection", Difference = "difference",
        SymmetricDifference = "symmetric_difference", Issubset = "issubset", Issuperset = "issuperset",
        Isdisjoint = "isdisjoint",
        Group = "group", Groups = "groups", Groupdict = "groupdict", Start = "start", End = "end", Span = "span",
        Search = "search", Match = "match", Fullmatch = "fullmatch", Findall = "findall", Finditer = "finditer",
        Sub = "sub", Subn = "subn", IsInteger = "is_integer", BitLength = "bit_length",
    }
}

/// What a member of a module is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Member {
    Function(Builtin),
    Constant(Const),
}

impl Module {
    /// The member of that name.
    pub fn member(self, name: &str) -> Option<Member> {
        if let Some(builtin) = Builtin::find(&format!("{}.{name}", self.name())) {
            return Some(Member::Function(builtin));
        }
        let text = |value: &str| Some(Member::Constant(Const::Str(value.into())));
        let int = |value| Some(Member::Constant(Const::Int(value)));
        let float = |value| Some(Member::Constant(Const::Float(value)));
        match (self, name) {
            (Self::Re, "I" | "IGNORECASE") => int(2),
            (Self::Re, "M" | "MULTILINE") => int(8),
            (Self::Re, "S" | "DOTALL") => int(16),
            (Self::Re, "U" | "UNICODE") => int(32),
            (Self::Re, "X" | "VERBOSE") => int(64),
            (Self::Re, "A" | "ASCII") => int(256),
            (Self::Re, "NOFLAG") => int(0),
            (Self::Math, "pi") => float(std::f64::consts::PI),
            (Self::Math, "e") => float(std::f64::consts::E),
            (Self::Math, "tau") => float(std::f64::consts::TAU),
            (Self::Math, "inf") => float(f64::INFINITY),
            (Self::Math, "nan") => float(f64::NAN),
            (Self::String, "ascii_lowercase") => text("abcdefghijklmnopqrstuvwxyz"),
            (Self::String, "ascii_uppercase") => text("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            (Self::String, "ascii_letters") => text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            (Self::String, "digits") => text("0123456789"),
            (Self::String, "hexdigits") => text("0123456789abcdefABCDEF"),
            (Self::String, "octdigits") => text("01234567"),
            (Self::String, "punctuation") => text("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
            (Self::String, "whitespace") => text(" \t\n\r\u{b}\u{c}"),
            _ => None,
        }
    }

    /// The names of all functions of the module.
    pub fn functions(self) -> impl Iterator<Item = &'static str> {
        Builtin::ALL.iter().filter_map(move |builtin| builtin.name().strip_prefix(self.name())?.strip_prefix('.'))
    }
}

impl Builtin {
    /// True for the functions of `re` whose first argument is a pattern.
    pub fn takes_pattern(self) -> bool {
        self.name().starts_with("re.") && self != Self::ReEscape
    }

    /// True for the helpers that read Korean.
    pub fn reads_korean(self) -> bool {
        matches!(self, Self::Nfc | Self::Jamo | Self::Initials | Self::HasWord)
    }

    /// True for what a file may import from here.
    pub fn is_ours(self) -> bool {
        self.declares() || self.reads_korean() || self == Self::Not
    }

    /// True for the patterns that a file declares at module level.
    pub fn declares(self) -> bool {
        matches!(
            self,
            Self::Keywords
                | Self::Regex
                | Self::Where
                | Self::Column
                | Self::Both
                | Self::Either
                | Self::Unless
                | Self::Near
                | Self::Model
                | Self::LabelingFunction
        )
    }
}

/// The known name most like `name`, if one is like enough to be meant.
pub(crate) fn similar<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let name: Vec<char> = name.to_lowercase().chars().take(40).collect();
    let allowed = (name.len() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let other: Vec<char> = candidate.to_lowercase().chars().take(40).collect();
        let distance = edits(&name, &other);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The Levenshtein distance with swaps of neighbours counted once.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, y) in b.iter().enumerate() {
            row[j + 1] = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_found() {
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(similar(name, ["text", "stars", "author"]), expected, "{name}");
        };
        check("txet", Some("text"));
        check("Text", Some("text"));
        check("star", Some("stars"));
        check("body", None);
        assert_eq!(Builtin::find("re.search"), Some(Builtin::ReSearch));
        assert_eq!(Module::Math.member("sqrt"), Some(Member::Function(Builtin::Sqrt)));
        assert_eq!(Type::builtin("re.Match"), None);
    }
}
