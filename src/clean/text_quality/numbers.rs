//! Numbers as they stand in text: groups of digits with what separates them, before anybody says what they mean.

/// A run of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The digits as numbers, 0-9; full-width ones are digits as well.
    pub digits: Vec<u8>,
    /// What stands between the group before and this one.
    pub gap: Gap,
    /// A comma, colon or slash alone joins it to the group before: `1,234`, `12:30`, `1/2`.
    pub joined: bool,
    /// The character right before.
    pub before: Option<char>,
    /// The character right after.
    pub after: Option<char>,
}

/// What stands between two groups of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// One hyphen or dash, with or without a space on each side.
    Hyphen,
    /// One space.
    Space,
    /// One full stop.
    Dot,
    /// A closing bracket, perhaps with a space or hyphen after it.
    Bracket,
    /// Anything else, or the start of the text.
    Other,
}

impl Group {
    /// The number of digits.
    pub fn len(&self) -> usize {
        self.digits.len()
    }

    /// The value; `None` beyond 18 digits.
    pub fn value(&self) -> Option<u64> {
        (self.len() <= 18).then(|| self.digits.iter().fold(0, |value, &digit| 10 * value + u64::from(digit)))
    }

    /// True if nothing is joined to its left that would make it part of something longer.
    pub fn is_free_before(&self) -> bool {
        !self.joined && !self.before.is_some_and(|c| c.is_ascii_alphanumeric() || "_#$₩€£/=".contains(c))
    }

    /// True if nothing is joined to its right.
    pub fn is_free_after(&self) -> bool {
        !self.after.is_some_and(|c| c.is_ascii_alphanumeric() || "_%/=".contains(c))
    }
}

/// The value of a digit, plain or full-width.
fn digit(c: char) -> Option<u8> {
    match c {
        '0'..='9' => Some(c as u8 - b'0'),
        '\u{FF10}'..='\u{FF19}' => Some((u32::from(c) - 0xFF10) as u8),
        _ => None,
    }
}

/// True for the hyphen and what stands for it: dashes, the minus sign, the full-width hyphen.
pub(super) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' | '\u{00AD}' | '~')
}

/// All groups of digits of a text.
pub(super) fn groups(text: &str) -> Vec<Group> {
    let mut found: Vec<Group> = Vec::new();
    let mut before = None;
    let mut inside = false;
    for (at, c) in text.char_indices() {
        match digit(c) {
            Some(value) if inside => {
                if let Some(group) = found.last_mut() {
                    group.digits.push(value);
                    group.end = at + c.len_utf8();
                }
            }
            Some(value) => {
                let end_before = found.last().map(|group| group.end);
                let between = end_before.and_then(|end| text.get(end..at));
                let gap = between.map_or(Gap::Other, gap);
                // Before a thousands comma stand three digits at most; after longer ones it separates a list.
                let short = found.last().is_some_and(|group| group.len() <= 3);
                let joined = matches!(between, Some(":" | "/")) || between == Some(",") && short;
                let end = at + c.len_utf8();
                found.push(Group { start: at, end, digits: vec![value], gap, joined, before, after: None });
                inside = true;
            }
            None => {
                if inside && let Some(group) = found.last_mut() {
                    group.after = Some(c);
                }
                inside = false;
            }
        }
        before = Some(c);
    }
    found
}

fn gap(between: &str) -> Gap {
    let mut letters = between.chars();
    match (letters.next(), letters.next(), letters.next(), letters.next()) {
        (Some(c), None, ..) if is_hyphen(c) => Gap::Hyphen,
        (Some(' '), Some(c), Some(' '), None) if is_hyphen(c) => Gap::Hyphen,
        (Some(' ' | '\u{A0}'), None, ..) => Gap::Space,
        (Some('.' | '·'), None, ..) => Gap::Dot,
        (Some(')'), None, ..) => Gap::Bracket,
        (Some(')'), Some(c), None, _) if c == ' ' || is_hyphen(c) => Gap::Bracket,
        _ => Gap::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_know_what_separates_them() {
        let check = |text: &str, expected: &[(usize, Gap)]| {
            let found: Vec<(usize, Gap)> = groups(text).iter().map(|group| (group.len(), group.gap)).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("010-1234-5678", &[(3, Gap::Other), (4, Gap::Hyphen), (4, Gap::Hyphen)]);
        check("(02) 123 4567", &[(2, Gap::Other), (3, Gap::Bracket), (4, Gap::Space)]);
        check("1.2, 3", &[(1, Gap::Other), (1, Gap::Dot), (1, Gap::Other)]);
        check("９００１０１ – １", &[(6, Gap::Other), (1, Gap::Hyphen)]);
        check("no digits", &[]);
        let one = &groups("번호는010입니다")[0];
        assert!(one.is_free_before() && one.is_free_after());
        assert!(!groups("v2")[0].is_free_before() && !groups("30%")[0].is_free_after());
        assert_eq!((groups("007")[0].value(), groups(&"9".repeat(19))[0].value()), (Some(7), None));
    }
}
