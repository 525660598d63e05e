//! What Python knows of characters beyond what Rust's `char` does: categories, kinds of digits, case folding, titles.

use std::sync::OnceLock;

use regex_syntax::hir::{Class, HirKind};

/// The general categories of Unicode, by their two letters.
const CATEGORIES: [&str; 28] = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
    "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co",
];

/// Ranges of code points with the index of their category, sorted.
fn table() -> &'static [(u32, u32, u8)] {
    static TABLE: OnceLock<Vec<(u32, u32, u8)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut ranges = Vec::with_capacity(3500);
        for (index, name) in CATEGORIES.iter().enumerate() {
            let Ok(hir) = regex_syntax::parse(&format!(r"\p{{{name}}}")) else { continue };
            if let HirKind::Class(Class::Unicode(class)) = hir.kind() {
                ranges.extend(class.ranges().iter().map(|r| (u32::from(r.start()), u32::from(r.end()), index as u8)));
            }
        }
        ranges.sort_unstable();
        ranges
    })
}

/// The general category of a character, as `unicodedata.category` gives it; "Cn" where none is assigned.
pub(crate) fn category(c: char) -> &'static str {
    let code = u32::from(c);
    let table = table();
    let at = table.partition_point(|range| range.1 < code);
    match table.get(at) {
        Some(&(start, _, index)) if start <= code => CATEGORIES.get(usize::from(index)).copied().unwrap_or("Cn"),
        _ => "Cn",
    }
}

/// A letter in the sense of `str.isalpha`.
pub(crate) fn is_alpha(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    matches!(c, '가'..='힣') || category(c).starts_with('L')
}

/// A decimal digit of any script.
pub(crate) fn is_decimal(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { c.is_numeric() && category(c) == "Nd" }
}

/// The digits of Unicode that are no decimals: superscripts, circled numbers and their like (Numeric_Type=Digit).
const DIGITS: [(u32, u32); 20] = [
    (178, 179),
    (185, 185),
    (4969, 4977),
    (6618, 6618),
    (8304, 8304),
    (8308, 8313),
    (8320, 8329),
    (9312, 9320),
    (9332, 9340),
    (9352, 9360),
    (9450, 9450),
    (9461, 9469),
    (9471, 9471),
    (10102, 10110),
    (10112, 10120),
    (10122, 10130),
    (68160, 68163),
    (69216, 69224),
    (69714, 69722),
    (127_232, 127_242),
];

/// A digit in the sense of `str.isdigit`.
pub(crate) fn is_digit(c: char) -> bool {
    is_decimal(c) || !c.is_ascii() && DIGITS.iter().any(|&(from, to)| (from..=to).contains(&u32::from(c)))
}

/// Letters that have a numeric value: Chinese numerals (Numeric_Type of category Lo), sorted.
const NUMERALS: [u32; 81] = [
    0x3405, 0x3483, 0x382a, 0x3b4d, 0x4e00, 0x4e03, 0x4e07, 0x4e09, 0x4e5d, 0x4e8c, 0x4e94, 0x4e96, 0x4ebf, 0x4ec0,
    0x4edf, 0x4ee8, 0x4f0d, 0x4f70, 0x5104, 0x5146, 0x5169, 0x516b, 0x516d, 0x5341, 0x5343, 0x5344, 0x5345, 0x534c,
    0x53c1, 0x53c2, 0x53c3, 0x53c4, 0x56db, 0x58f1, 0x58f9, 0x5e7a, 0x5efe, 0x5eff, 0x5f0c, 0x5f0d, 0x5f0e, 0x5f10,
    0x62fe, 0x634c, 0x67d2, 0x6f06, 0x7396, 0x767e, 0x8086, 0x842c, 0x8cae, 0x8cb3, 0x8d30, 0x9621, 0x9646, 0x964c,
    0x9678, 0x96f6, 0xf96b, 0xf973, 0xf978, 0xf9b2, 0xf9d1, 0xf9d3, 0xf9fd, 0x20001, 0x20064, 0x200e2, 0x20121,
    0x2092a, 0x20983, 0x2098c, 0x2099c, 0x20aea, 0x20afd, 0x20b19, 0x22390, 0x22998, 0x23b1b, 0x2626d, 0x2f890,
];

/// A number in the sense of `str.isnumeric`.
pub(crate) fn is_numeric(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_digit();
    }
    category(c).starts_with('N') || NUMERALS.binary_search(&u32::from(c)).is_ok()
}

/// White space in the sense of `str.isspace`, `strip` and `split`.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// A character that `repr` shows as it is.
pub(crate) fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        c if c.is_ascii() => false,
        c => !matches!(category(c).as_bytes(), [b'C', _] | [b'Z', _]),
    }
}

/// A character that has upper and lower case forms.
pub(crate) fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase() || is_title(c)
}

/// A title-case letter, such as `ǅ`.
pub(crate) fn is_title(c: char) -> bool {
    !c.is_ascii() && category(c) == "Lt"
}

/// Text folded for comparison regardless of case: the full folding of Unicode.
pub(crate) fn casefold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ı' => out.push('ı'),
            'ẞ' => out.push_str("ss"),
            // Cherokee folds to its upper case, which came first.
            '\u{13a0}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}' => out.extend(c.to_uppercase()),
            c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            c => out.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    out
}

/// The title-case form of a character.
pub(crate) fn title(c: char, out: &mut String) {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => out.push('ǅ'),
        'Ǉ' | 'ǈ' | 'ǉ' => out.push('ǈ'),
        'Ǌ' | 'ǋ' | 'ǌ' => out.push('ǋ'),
        'Ǳ' | 'ǲ' | 'ǳ' => out.push('ǲ'),
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => out.push(c),
        // Greek with iota below: the small letter's title form stands eight places on.
        '\u{1f80}'..='\u{1faf}' if u32::from(c) & 8 == 0 => out.extend(char::from_u32(u32::from(c) + 8)),
        '\u{1f80}'..='\u{1faf}' | 'ᾼ' | 'ῌ' | 'ῼ' => out.push(c),
        'ᾳ' => out.push('ᾼ'),
        'ῃ' => out.push('ῌ'),
        'ῳ' => out.push('ῼ'),
        c => {
            let mut upper = c.to_uppercase();
            let Some(first) = upper.next() else { return };
            out.push(first);
            for next in upper {
                match next {
                    'Ι' if ('\u{1f00}'..='\u{1fff}').contains(&c) => out.push('\u{345}'),
                    next if is_cased(first) => out.extend(next.to_lowercase()),
                    next => out.push(next),
                }
            }
        }
    }
}

/// The lower-case form of the character at `at`, with the rule for a sigma at the end of a word (Unicode, Final_Sigma).
pub(crate) fn lower_at(chars: &[char], at: usize, out: &mut String) {
    let Some(&c) = chars.get(at) else { return };
    if c != 'Σ' {
        out.extend(c.to_lowercase());
        return;
    }
    let before = chars.get(..at).unwrap_or_default().iter().rev().find(|&&c| !is_ignorable(c));
    let after = chars.get(at + 1..).unwrap_or_default().iter().find(|&&c| !is_ignorable(c));
    let last = before.is_some_and(|&c| is_cased(c)) && !after.is_some_and(|&c| is_cased(c));
    out.push(if last { 'ς' } else { 'σ' });
}

/// A character that does not count when the end of a word is looked for (Unicode, Case_Ignorable).
fn is_ignorable(c: char) -> bool {
    matches!(c, '\'' | '.' | ':' | '·' | '\u{387}' | '\u{55f}' | '\u{5f4}' | '’' | '‘' | '․' | '‧' | '︓' | '﹒' | '﹕')
        || matches!(c, '＇' | '．' | '：' | '^' | '`' | '¨' | '\u{ad}' | '¯' | '´' | '¸')
        || !c.is_ascii() && matches!(category(c), "Mn" | "Me" | "Cf" | "Lm" | "Sk")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_those_of_unicode() {
        let check = |c: char, expected: &str| assert_eq!(category(c), expected, "{c:?}");
        check('a', "Ll");
        check('A', "Lu");
        check('가', "Lo");
        check('1', "Nd");
        check('½', "No");
        check('\u{301}', "Mn");
        check(' ', "Zs");
        check('\n', "Cc");
        check('😀', "So");
        check('\u{378}', "Cn");
        check('\u{10ffff}', "Cn");
    }

    #[test]
    fn kinds_of_numbers() {
        let kinds = |c| (is_decimal(c), is_digit(c), is_numeric(c), is_alpha(c));
        assert_eq!(kinds('7'), (true, true, true, false));
        assert_eq!(kinds('²'), (false, true, true, false));
        assert_eq!(kinds('½'), (false, false, true, false));
        assert_eq!(kinds('三'), (false, false, true, true));
        assert_eq!(kinds('٣'), (true, true, true, false));
    }
}
