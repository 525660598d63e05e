//! Tags of tokens: the schemes IOB1, IOB2, IOE2, BILOU and BMES (IOBES), told apart and converted.
//!
//! Source: Ramshaw and Marcus 1995 and the CoNLL shared tasks; the letters as seqeval reads them.

/// A scheme of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `B-` only where an entity follows another of its class (CoNLL-2003 as published).
    Iob1,
    /// `B-` at every beginning (BIO).
    Iob2,
    /// `E-` at every end.
    Ioe2,
    /// `B-`, `I-`, `L-` last, `U-` alone.
    Bilou,
    /// `B-`, `M-` or `I-` inside, `E-` end, `S-` alone (also IOBES).
    Bmes,
}

impl Scheme {
    /// The name in options and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Iob1 => "iob1",
            Self::Iob2 => "iob2",
            Self::Ioe2 => "ioe2",
            Self::Bilou => "bilou",
            Self::Bmes => "bmes",
        }
    }

    /// The scheme of that name; `bio` is IOB2 and `iobes` is BMES.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "iob1" => Self::Iob1,
            "iob2" | "bio" | "iob" => Self::Iob2,
            "ioe2" => Self::Ioe2,
            "bilou" | "bioul" => Self::Bilou,
            "bmes" | "iobes" | "bioes" | "bmeso" => Self::Bmes,
            _ => return None,
        })
    }
}

/// A tag: its letter, and its class if it has one.
fn split(tag: &str) -> (char, &str) {
    let mut chars = tag.chars();
    let letter = chars.next().unwrap_or('O');
    match chars.as_str().strip_prefix(['-', '_']) {
        Some(class) => (letter, class),
        None if chars.as_str().is_empty() => (letter, ""),
        // A word that is no tag: a class without a scheme, every token for itself or joined to its like.
        None if tag != "O" => ('I', tag),
        None => ('O', ""),
    }
}

/// What the tags of a file tell about its scheme.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    last: usize,
    unit: usize,
    end: usize,
    single: usize,
    middle: usize,
    begin: usize,
    /// `I-` after `O`, a sentence's beginning, or another class.
    inside_first: usize,
    /// `B-` that does not follow an entity of its class.
    begin_apart: usize,
}

impl Evidence {
    /// Looks at the tags of a sentence.
    pub fn see<'a>(&mut self, tags: impl Iterator<Item = &'a str>) {
        let mut before = ('O', "");
        for tag in tags {
            let (letter, class) = split(tag);
            let follows = before.0 != 'O' && before.1 == class;
            match letter {
                'L' => self.last += 1,
                'U' => self.unit += 1,
                'E' => self.end += 1,
                'S' => self.single += 1,
                'M' => self.middle += 1,
                'B' => {
                    self.begin += 1;
                    self.begin_apart += usize::from(!follows);
                }
                'I' => self.inside_first += usize::from(!follows),
                _ => {}
            }
            before = (letter, class);
        }
    }

    /// Adds another's.
    pub fn merge(&mut self, other: &Self) {
        self.last += other.last;
        self.unit += other.unit;
        self.end += other.end;
        self.single += other.single;
        self.middle += other.middle;
        self.begin += other.begin;
        self.inside_first += other.inside_first;
        self.begin_apart += other.begin_apart;
    }

    /// The scheme, and why.
    pub fn scheme(&self) -> (Scheme, String) {
        if self.last + self.unit > 0 && self.end + self.single == 0 {
            return (Scheme::Bilou, format!("{} tags L- and U-", self.last + self.unit));
        }
        if self.end + self.single + self.middle > 0 {
            if self.begin + self.single + self.middle == 0 {
                return (Scheme::Ioe2, format!("{} tags E- and none B-", self.end));
            }
            return (Scheme::Bmes, format!("{} tags E-, S- and M-", self.end + self.single + self.middle));
        }
        if self.inside_first > self.begin_apart {
            return (
                Scheme::Iob1,
                format!("{} entities begin with I-, {} with B-", self.inside_first, self.begin_apart),
            );
        }
        let odd = if self.inside_first > 0 { format!(", {} with I-", self.inside_first) } else { String::new() };
        (Scheme::Iob2, format!("{} entities begin with B-{odd}", self.begin))
    }
}

/// An entity: its first token, the token behind its last, and its class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity<'a> {
    /// The first token.
    pub start: usize,
    /// The token behind the last.
    pub end: usize,
    /// The class.
    pub class: &'a str,
}

/// The entities of a sentence, and how many tags do not follow the scheme; those are read as they are meant most likely:
/// what continues nothing begins something.
pub fn entities<'a>(tags: &[&'a str], scheme: Scheme) -> (Vec<Entity<'a>>, usize) {
    let (mut found, mut broken): (Vec<Entity<'a>>, usize) = (Vec::new(), 0);
    let mut open: Option<Entity<'a>> = None;
    for (at, tag) in tags.iter().enumerate() {
        let (letter, class) = split(tag);
        if letter == 'O' || class.is_empty() {
            broken += usize::from(letter != 'O');
            found.extend(open.take());
            continue;
        }
        let continues = open.as_ref().is_some_and(|open| open.class == class);
        let begins = match (scheme, letter) {
            (_, 'B' | 'U' | 'S') => true,
            _ => !continues,
        };
        // An inside or end without a beginning is a fault, except where the scheme has no beginnings.
        let fault = begins && !matches!(letter, 'B' | 'U' | 'S') && !matches!(scheme, Scheme::Iob1 | Scheme::Ioe2);
        broken += usize::from(fault);
        if begins {
            found.extend(open.take());
            open = Some(Entity { start: at, end: at, class });
        }
        if let Some(open) = &mut open {
            open.end = at + 1;
        }
        if matches!(letter, 'L' | 'E' | 'U' | 'S') {
            found.extend(open.take());
        }
    }
    found.extend(open);
    (found, broken)
}

/// The tags of a sentence of `count` tokens; entities do not overlap and are in order.
pub fn tags(count: usize, entities: &[Entity<'_>], scheme: Scheme) -> Vec<String> {
    let mut tags = vec!["O".to_owned(); count];
    let mut before: Option<&Entity<'_>> = None;
    for entity in entities {
        let touches = before.is_some_and(|before| before.end == entity.start && before.class == entity.class);
        let last = entity.end.saturating_sub(1);
        for at in entity.start..entity.end {
            let (first, final_) = (at == entity.start, at == last);
            let letter = match scheme {
                Scheme::Iob1 => {
                    if first && touches {
                        'B'
                    } else {
                        'I'
                    }
                }
                Scheme::Iob2 => {
                    if first {
                        'B'
                    } else {
                        'I'
                    }
                }
                Scheme::Ioe2 => {
                    if final_ {
                        'E'
                    } else {
                        'I'
                    }
                }
                Scheme::Bilou => match (first, final_) {
                    (true, true) => 'U',
                    (true, false) => 'B',
                    (false, true) => 'L',
                    _ => 'I',
                },
                Scheme::Bmes => match (first, final_) {
                    (true, true) => 'S',
                    (true, false) => 'B',
                    (false, true) => 'E',
                    _ => 'M',
                },
            };
            if let Some(tag) = tags.get_mut(at) {
                *tag = format!("{letter}-{}", entity.class);
            }
        }
        before = Some(entity);
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTITIES: [Entity<'static>; 3] = [
        Entity { start: 0, end: 2, class: "PS" },
        Entity { start: 3, end: 4, class: "LC" },
        Entity { start: 4, end: 5, class: "LC" },
    ];

    #[test]
    fn one_sentence_in_every_scheme() {
        let check = |scheme: Scheme, expected: &str| {
            let written = tags(6, &ENTITIES, scheme);
            assert_eq!(written.join(" "), expected, "{scheme:?}");
            let tags: Vec<&str> = written.iter().map(String::as_str).collect();
            assert_eq!(entities(&tags, scheme), (ENTITIES.to_vec(), 0), "{scheme:?}");
            let mut evidence = Evidence::default();
            evidence.see(tags.iter().copied());
            assert_eq!(evidence.scheme().0, scheme);
        };
        check(Scheme::Iob1, "I-PS I-PS O I-LC B-LC O");
        check(Scheme::Iob2, "B-PS I-PS O B-LC B-LC O");
        check(Scheme::Ioe2, "I-PS E-PS O E-LC E-LC O");
        check(Scheme::Bilou, "B-PS L-PS O U-LC U-LC O");
        check(Scheme::Bmes, "B-PS E-PS O S-LC S-LC O");
    }

    #[test]
    fn broken_tags_are_mended_and_counted() {
        let check = |tags: &[&str], expected: &[(usize, usize, &str)], broken: usize| {
            let (found, count) = entities(tags, Scheme::Iob2);
            let found: Vec<_> = found.iter().map(|entity| (entity.start, entity.end, entity.class)).collect();
            assert_eq!((found.as_slice(), count), (expected, broken), "{tags:?}");
        };
        check(&["O", "I-A", "I-A"], &[(1, 3, "A")], 1);
        check(&["B-A", "I-B"], &[(0, 1, "A"), (1, 2, "B")], 1);
        check(&["B-"], &[], 1);
        check(&["PER", "PER", "O"], &[(0, 2, "PER")], 1);
    }

    proptest::proptest! {
        #[test]
        fn any_tags_are_read(tags in proptest::collection::vec("[BIESULMO](-[AB])?", 0..12)) {
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            for scheme in [Scheme::Iob1, Scheme::Iob2, Scheme::Ioe2, Scheme::Bilou, Scheme::Bmes] {
                let (found, _) = entities(&tags, scheme);
                proptest::prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
                proptest::prop_assert!(found.iter().all(|entity| entity.start < entity.end));
                let written = super::tags(tags.len(), &found, scheme);
                let written: Vec<&str> = written.iter().map(String::as_str).collect();
                proptest::prop_assert_eq!(entities(&written, scheme).0, found);
            }
        }
    }
}
