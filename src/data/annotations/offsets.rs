//! Text offsets: code points, UTF-16 units, UTF-8 bytes, and positions in other normal forms or with other line ends.
//!
//! A span that comes with its text says which unit its offsets have: the declared unit is tried first, and where the
//! text there is another one, the unit under which it fits is taken. The tally says which fitted how often.

use std::borrow::Cow;
use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization as _;

use super::holds::Report;
use super::model::Span;

/// What an offset counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Unicode code points (Python).
    CodePoint,
    /// UTF-16 units (JavaScript, Java, Windows).
    Utf16,
    /// UTF-8 bytes.
    Utf8,
    /// Code points of the text in NFD, while the text is in NFC.
    Decomposed,
    /// Code points of the text in NFC, while the text is in NFD.
    Composed,
    /// Code points with CR LF at line ends, while the text has LF.
    WithReturns,
    /// Code points with LF at line ends, while the text has CR LF.
    WithoutReturns,
}

impl Unit {
    /// Every unit, in the order in which they are tried.
    pub const ALL: [Self; 7] = [
        Self::CodePoint,
        Self::Utf16,
        Self::Utf8,
        Self::Decomposed,
        Self::Composed,
        Self::WithReturns,
        Self::WithoutReturns,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::CodePoint => "code points",
            Self::Utf16 => "UTF-16 units",
            Self::Utf8 => "UTF-8 bytes",
            Self::Decomposed => "code points of NFD",
            Self::Composed => "code points of NFC",
            Self::WithReturns => "code points with CR LF",
            Self::WithoutReturns => "code points with LF",
        }
    }
}

/// Measures one text. Cheap to make: tables are built when first asked for, and never for ASCII without returns.
#[derive(Debug)]
pub struct Ruler<'a> {
    text: &'a str,
    /// The byte of every code point, and the length; empty if the text is ASCII.
    bytes: Vec<usize>,
    ascii: bool,
    tables: BTreeMap<Unit, Table>,
}

/// Positions in a unit and the code points that they stand for, both ascending.
#[derive(Debug, Default)]
struct Table {
    units: Vec<usize>,
    points: Vec<usize>,
}

impl<'a> Ruler<'a> {
    /// A ruler for a text.
    pub fn new(text: &'a str) -> Self {
        let ascii = text.is_ascii();
        let mut bytes = Vec::new();
        if !ascii {
            bytes.extend(text.char_indices().map(|(at, _)| at));
            bytes.push(text.len());
        }
        Self { text, bytes, ascii, tables: BTreeMap::new() }
    }

    /// The length in code points.
    pub fn len(&self) -> usize {
        if self.ascii { self.text.len() } else { self.bytes.len().saturating_sub(1) }
    }

    /// True for the empty text.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text between two code points; `None` if they are not within it.
    pub fn slice(&self, start: usize, end: usize) -> Option<&'a str> {
        if start > end {
            return None;
        }
        if self.ascii {
            return self.text.get(start..end);
        }
        self.text.get(*self.bytes.get(start)?..*self.bytes.get(end)?)
    }

    /// The code point that begins at a byte.
    pub fn point_of_byte(&self, byte: usize) -> Option<usize> {
        if self.ascii {
            return (byte <= self.text.len()).then_some(byte);
        }
        self.bytes.binary_search(&byte).ok()
    }

    /// A position in a unit as code points; `None` if it is outside or inside a character.
    pub fn point(&mut self, unit: Unit, at: usize) -> Option<usize> {
        let plain = unit == Unit::CodePoint || (self.ascii && matches!(unit, Unit::Utf16 | Unit::Utf8));
        if plain {
            return (at <= self.len()).then_some(at);
        }
        if unit == Unit::Utf8 {
            return self.point_of_byte(at);
        }
        let table = self.tables.entry(unit).or_insert_with(|| table(self.text, unit));
        let place = table.units.binary_search(&at).ok()?;
        table.points.get(place).copied()
    }

    /// A code point's position in a unit.
    pub fn in_unit(&mut self, unit: Unit, point: usize) -> Option<usize> {
        match unit {
            Unit::CodePoint => (point <= self.len()).then_some(point),
            Unit::Utf8 if self.ascii => (point <= self.len()).then_some(point),
            Unit::Utf8 => self.bytes.get(point).copied(),
            _ => {
                let table = self.tables.entry(unit).or_insert_with(|| table(self.text, unit));
                let place = table.points.binary_search(&point).ok()?;
                table.units.get(place).copied()
            }
        }
    }

    /// A span by code points with the text that it covers; `None` if it is not within the text.
    pub fn span(&self, start: usize, end: usize) -> Option<Span> {
        let surface = self.slice(start, end)?.to_owned();
        Some(Span { pieces: vec![(start, end)], surface })
    }
}

/// The boundaries of a text in a unit.
fn table(text: &str, unit: Unit) -> Table {
    let mut table = Table::default();
    let mut push = |unit: usize, point: usize| {
        table.units.push(unit);
        table.points.push(point);
    };
    let (mut at, mut point) = (0, 0);
    match unit {
        Unit::Composed => {
            // The text's own code points, as far as they are those of its decomposition.
            for c in text.nfc() {
                push(at, point);
                at += 1;
                point += std::iter::once(c).nfd().count();
            }
        }
        Unit::WithoutReturns => {
            let mut chars = text.chars().peekable();
            while let Some(c) = chars.next() {
                push(at, point);
                let pair = c == '\r' && chars.peek() == Some(&'\n');
                at += usize::from(!pair);
                point += 1;
            }
        }
        _ => {
            for c in text.chars() {
                push(at, point);
                at += match unit {
                    Unit::Utf16 => c.len_utf16(),
                    Unit::Utf8 => c.len_utf8(),
                    Unit::Decomposed => std::iter::once(c).nfd().count(),
                    Unit::WithReturns => 1 + usize::from(c == '\n'),
                    _ => 1,
                };
                point += 1;
            }
        }
    }
    push(at, point);
    if unit == Unit::WithoutReturns {
        // CR and LF share a position: the one before both is meant.
        let mut kept = Table::default();
        for (unit, point) in table.units.into_iter().zip(table.points) {
            if kept.units.last() != Some(&unit) {
                kept.units.push(unit);
                kept.points.push(point);
            }
        }
        return kept;
    }
    table
}

/// Finds where spans lie, and keeps count of the units that fitted.
#[derive(Debug, Clone)]
pub struct Finder {
    declared: Unit,
    fitted: BTreeMap<Unit, usize>,
    by_surface: usize,
    differing: usize,
    unchecked: usize,
    lost: usize,
}

/// Where a span lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The first code point.
    pub start: usize,
    /// The code point behind the last.
    pub end: usize,
}

impl Finder {
    /// A finder for offsets that are declared to be of a unit.
    pub fn new(declared: Unit) -> Self {
        Self { declared, fitted: BTreeMap::new(), by_surface: 0, differing: 0, unchecked: 0, lost: 0 }
    }

    /// Where a span lies that the file places at `start..end`, and whose text it says is `surface`. `None` if it is not
    /// within the text by any unit.
    pub fn find(&mut self, ruler: &mut Ruler<'_>, start: usize, end: usize, surface: Option<&str>) -> Option<Place> {
        let at = |ruler: &mut Ruler<'_>, unit| {
            let place = Place { start: ruler.point(unit, start)?, end: ruler.point(unit, end)? };
            (place.start <= place.end).then_some(place)
        };
        let declared = at(ruler, self.declared);
        let Some(surface) = surface.filter(|surface| !surface.is_empty()) else {
            self.unchecked += usize::from(declared.is_some());
            self.lost += usize::from(declared.is_none());
            return declared;
        };
        let rest = Unit::ALL.into_iter().filter(|unit| *unit != self.declared);
        for unit in std::iter::once(self.declared).chain(rest) {
            if let Some(place) = at(ruler, unit)
                && ruler.slice(place.start, place.end).is_some_and(|found| same(found, surface))
            {
                *self.fitted.entry(unit).or_default() += 1;
                return Some(place);
            }
        }
        if let Some(place) = only_place(ruler, surface) {
            self.by_surface += 1;
            return Some(place);
        }
        self.differing += usize::from(declared.is_some());
        self.lost += usize::from(declared.is_none());
        declared
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Self) {
        for (unit, count) in &other.fitted {
            *self.fitted.entry(*unit).or_default() += count;
        }
        self.by_surface += other.by_surface;
        self.differing += other.differing;
        self.unchecked += other.unchecked;
        self.lost += other.lost;
    }

    /// Says what fitted.
    pub fn report(&self, report: &mut Report) {
        let checked = self.fitted.values().sum::<usize>() + self.by_surface + self.differing;
        let mut parts: Vec<String> =
            self.fitted.iter().map(|(unit, count)| format!("{} for {count} of {checked} spans", unit.name())).collect();
        if self.by_surface > 0 {
            parts.push(format!("found by their text: {}", self.by_surface));
        }
        if self.unchecked > 0 {
            parts.push(format!("{} as declared, not checked for {}", self.declared.name(), self.unchecked));
        }
        if !parts.is_empty() {
            report.infer("offset unit", parts.join("; "));
        }
        if self.differing > 0 {
            report.notes.push(format!("{} spans have another text in the file than at their offsets", self.differing));
        }
    }
}

/// Whether two texts are the same but for their normal form and line ends.
fn same(found: &str, surface: &str) -> bool {
    if found == surface {
        return true;
    }
    if found.is_ascii() && surface.is_ascii() && !found.contains(['\r', '\n']) && !surface.contains(['\r', '\n']) {
        return false;
    }
    let plain = |text: &str| -> String { plain_ends(text).nfc().collect() };
    plain(found) == plain(surface)
}

/// The text with LF at line ends.
pub fn plain_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

/// Where a text occurs, if that is at one place alone.
fn only_place(ruler: &Ruler<'_>, surface: &str) -> Option<Place> {
    let mut found = ruler.text.match_indices(surface);
    let (byte, _) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    Some(Place { start: ruler.point_of_byte(byte)?, end: ruler.point_of_byte(byte + surface.len())? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "김민수는 🎉 서울에서 삼성전자에 입사했다.";

    #[test]
    fn every_unit_finds_its_span() {
        let check = |text: &str, unit: Unit, at: (usize, usize), surface: &str, expected: (usize, usize)| {
            let mut ruler = Ruler::new(text);
            let place = Finder::new(unit).find(&mut ruler, at.0, at.1, None).unwrap();
            assert_eq!((place.start, place.end), expected, "{unit:?}");
            // The text alone tells the unit, whatever is declared.
            let mut finder = Finder::new(Unit::CodePoint);
            let place = finder.find(&mut ruler, at.0, at.1, Some(surface)).unwrap();
            assert_eq!((place.start, place.end), expected, "{unit:?} by its text");
            assert_eq!(finder.fitted.get(&unit), Some(&1), "{unit:?}");
        };
        check(TEXT, Unit::CodePoint, (7, 9), "서울", (7, 9));
        check(TEXT, Unit::Utf16, (8, 10), "서울", (7, 9));
        check(TEXT, Unit::Utf8, (18, 24), "서울", (7, 9));
        check(TEXT, Unit::Decomposed, (14, 19), "서울", (7, 9));
        check(TEXT, Unit::Utf8, (31, 43), "삼성전자", (12, 16));
        check("a\nbc", Unit::WithReturns, (3, 5), "bc", (2, 4));
        check("a\r\nbc", Unit::WithoutReturns, (2, 4), "bc", (3, 5));
        let apart: String = "김 서울".nfd().collect();
        let surface: String = "서울".nfd().collect();
        check(&apart, Unit::Composed, (2, 4), &surface, (4, 9));
    }

    #[test]
    fn what_lies_outside_is_not_found() {
        let mut ruler = Ruler::new("abc");
        let mut finder = Finder::new(Unit::CodePoint);
        assert_eq!(finder.find(&mut ruler, 1, 9, None), None);
        assert_eq!(finder.find(&mut ruler, 2, 1, None), None);
        assert_eq!(finder.find(&mut ruler, 1, 9, Some("bc")), Some(Place { start: 1, end: 3 }));
        assert_eq!(finder.find(&mut ruler, 0, 2, Some("zz")), Some(Place { start: 0, end: 2 }));
        let mut report = Report::default();
        finder.report(&mut report);
        assert_eq!(report.notes.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn units_go_there_and_back(text in "[a-c가-각🎉\n]{0,20}", point in 0usize..21) {
            let mut ruler = Ruler::new(&text);
            for unit in [Unit::CodePoint, Unit::Utf16, Unit::Utf8, Unit::Decomposed, Unit::WithReturns] {
                if point <= ruler.len() {
                    let there = ruler.in_unit(unit, point).unwrap();
                    proptest::prop_assert_eq!(ruler.point(unit, there), Some(point));
                } else {
                    proptest::prop_assert_eq!(ruler.in_unit(unit, point), None);
                }
            }
        }
    }
}
