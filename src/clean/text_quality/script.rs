//! Scripts: which letters a text is written in, and whether the others of its set are.

/// A script, or the family it is counted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Script {
    /// Latin letters.
    Latin,
    /// Korean.
    Hangul,
    /// Chinese characters where no Japanese syllables stand beside them.
    Han,
    /// Japanese.
    Kana,
    /// Cyrillic letters.
    Cyrillic,
    /// Greek letters.
    Greek,
    /// Arabic letters.
    Arabic,
    /// Hebrew letters.
    Hebrew,
    /// Devanagari and its relatives of India.
    Indic,
    /// Thai, Lao, Khmer, Burmese.
    SouthEastAsian,
    /// Any other.
    Other,
}

impl Script {
    /// The number of scripts.
    pub(super) const COUNT: usize = Self::Other as usize + 1;

    /// All scripts.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Latin,
        Self::Hangul,
        Self::Han,
        Self::Kana,
        Self::Cyrillic,
        Self::Greek,
        Self::Arabic,
        Self::Hebrew,
        Self::Indic,
        Self::SouthEastAsian,
        Self::Other,
    ];

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Latin => "latin",
            Self::Hangul => "hangul",
            Self::Han => "han",
            Self::Kana => "kana",
            Self::Cyrillic => "cyrillic",
            Self::Greek => "greek",
            Self::Arabic => "arabic",
            Self::Hebrew => "hebrew",
            Self::Indic => "indic",
            Self::SouthEastAsian => "south-east-asian",
            Self::Other => "other",
        }
    }

    /// The script of a letter; `None` for what is no letter.
    pub fn of(c: char) -> Option<Self> {
        if !c.is_alphabetic() {
            return None;
        }
        Some(match u32::from(c) {
            0..=0x24F | 0x1E00..=0x1EFF | 0x2C60..=0x2C7F | 0xA720..=0xA7FF | 0xFB00..=0xFB06 | 0xFF21..=0xFF5A => {
                Self::Latin
            }
            0x370..=0x3FF | 0x1F00..=0x1FFF => Self::Greek,
            0x400..=0x52F | 0x1C80..=0x1C8F | 0x2DE0..=0x2DFF | 0xA640..=0xA69F => Self::Cyrillic,
            0x590..=0x5FF | 0xFB1D..=0xFB4F => Self::Hebrew,
            0x600..=0x6FF | 0x750..=0x77F | 0x8A0..=0x8FF | 0xFB50..=0xFDFF | 0xFE70..=0xFEFF => Self::Arabic,
            0x900..=0xDFF => Self::Indic,
            0xE00..=0xEFF | 0x1000..=0x109F | 0x1780..=0x17FF => Self::SouthEastAsian,
            0x1100..=0x11FF | 0x3130..=0x318F | 0xA960..=0xA97F | 0xAC00..=0xD7FF | 0xFFA0..=0xFFDC => Self::Hangul,
            0x3040..=0x30FF | 0x31F0..=0x31FF | 0xFF66..=0xFF9F => Self::Kana,
            0x3005..=0x3007 | 0x2E80..=0x2FDF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF => Self::Han,
            _ => Self::Other,
        })
    }
}

/// The letters of a text by script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Letters([u32; Script::COUNT]);

impl Letters {
    pub(super) fn of(text: &str) -> Self {
        let mut counts = [0u32; Script::COUNT];
        for script in text.chars().filter_map(Script::of) {
            if let Some(count) = counts.get_mut(script as usize) {
                *count = count.saturating_add(1);
            }
        }
        // Chinese characters beside Japanese syllables are Japanese.
        let (han, kana) = (Script::Han as usize, Script::Kana as usize);
        if counts[kana] > 0 && 10 * counts[kana] >= counts[han] {
            counts[kana] = counts[kana].saturating_add(counts[han]);
            counts[han] = 0;
        }
        Self(counts)
    }

    fn all(&self) -> u64 {
        self.0.iter().map(|&count| u64::from(count)).sum()
    }

    fn count(&self, script: Script) -> u64 {
        self.0.get(script as usize).copied().map_or(0, u64::from)
    }

    /// The script that most letters are of; `None` without letters.
    pub(super) fn main(&self) -> Option<Script> {
        let most = Script::ALL.into_iter().max_by_key(|&script| (self.count(script), std::cmp::Reverse(script)));
        most.filter(|&script| self.count(script) > 0)
    }
}

/// The scripts that a set of texts is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Usual(Vec<Script>);

/// A script is usual if it is the main one of this share of the texts.
const USUAL: f64 = 0.05;

/// Texts with fewer letters are too short to tell: a name, a word of another language.
const LEAST_LETTERS: u64 = 8;

/// A text is foreign if less than this share of its letters is of usual scripts.
const FAMILIAR: f64 = 0.2;

impl Usual {
    /// From how many texts have each script as their main one.
    pub(super) fn of(mains: &[usize; Script::COUNT]) -> Self {
        let all: usize = mains.iter().sum();
        let is_usual = |&(_, &count): &(Script, &usize)| count as f64 >= USUAL * all as f64 && count > 0;
        Self(Script::ALL.into_iter().zip(mains).filter(is_usual).map(|(script, _)| script).collect())
    }

    /// The usual scripts.
    pub(super) fn scripts(&self) -> &[Script] {
        &self.0
    }

    /// True if the text is in another script than the others.
    pub(super) fn is_foreign(&self, letters: &Letters) -> bool {
        let familiar: u64 = self.0.iter().map(|&script| letters.count(script)).sum();
        let all = letters.all();
        !self.0.is_empty() && all >= LEAST_LETTERS && (familiar as f64) < FAMILIAR * all as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn main_scripts() {
        let check = |text: &str, expected: Option<Script>| assert_eq!(Letters::of(text).main(), expected, "{text}");
        check("hello 안녕", Some(Script::Latin));
        check("안녕하세요 hi", Some(Script::Hangul));
        check("日本語のテキスト", Some(Script::Kana));
        check("中文文本", Some(Script::Han));
        check("Привет", Some(Script::Cyrillic));
        check("ㅋㅋㅋ ok", Some(Script::Hangul));
        check("नमस्ते", Some(Script::Indic));
        check("123 !?", None);
        check("é ß Ａ", Some(Script::Latin));
    }

    #[test]
    fn a_text_is_foreign_beside_the_others() {
        let mut mains = [0; Script::COUNT];
        mains[Script::Hangul as usize] = 95;
        mains[Script::Latin as usize] = 3;
        let usual = Usual::of(&mains);
        assert_eq!(usual.scripts(), [Script::Hangul]);
        let foreign = |text: &str| usual.is_foreign(&Letters::of(text));
        assert!(foreign("a sentence in English") && foreign("предложение"));
        assert!(!foreign("English") && !foreign("OST 는 정말 좋다 masterpiece") && !foreign("12345678"));
        assert!(!Usual::of(&[0; Script::COUNT]).is_foreign(&Letters::of("a sentence in English")));
    }
}
