//! Korean particles, which change with the sound that the word before them ends in.

/// A pair of particles. The first stands after a consonant, the second after a vowel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Particle {
    /// 은/는, the topic.
    Topic,
    /// 이/가, the subject.
    Subject,
    /// 을/를, the object.
    Object,
    /// 과/와, "and".
    And,
    /// 으로/로, "to", "with"; ㄹ counts as a vowel here.
    To,
}

/// How the sound of a word ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Vowel,
    Rieul,
    Consonant,
}

impl Particle {
    /// The form of the particle that follows `word`.
    pub fn after(self, word: &str) -> &'static str {
        let ending = ending(word);
        let closed = match self {
            Self::To => ending == Ending::Consonant,
            _ => ending != Ending::Vowel,
        };
        match (self, closed) {
            (Self::Topic, true) => "은",
            (Self::Topic, false) => "는",
            (Self::Subject, true) => "이",
            (Self::Subject, false) => "가",
            (Self::Object, true) => "을",
            (Self::Object, false) => "를",
            (Self::And, true) => "과",
            (Self::And, false) => "와",
            (Self::To, true) => "으로",
            (Self::To, false) => "로",
        }
    }
}

/// `word` with the particle that belongs to it: `스팸` and [`Particle::Subject`] make `스팸이`.
pub fn with_particle(word: &str, particle: Particle) -> String {
    format!("{word}{}", particle.after(word))
}

/// How `word` ends when it is read out. Marks at its end (quotes, brackets, dots) are not read.
fn ending(word: &str) -> Ending {
    let mut sounds = word.chars().rev().filter(|c| c.is_alphanumeric());
    let Some(last) = sounds.next() else { return Ending::Vowel };
    match last {
        '가'..='힣' => match (last as u32 - '가' as u32) % 28 {
            0 => Ending::Vowel,
            8 => Ending::Rieul,
            _ => Ending::Consonant,
        },
        // Consonant letters are named 기역, 니은 …, all of which end in a consonant, 리을 in ㄹ.
        'ㄹ' => Ending::Rieul,
        'ㄱ'..='ㅎ' => Ending::Consonant,
        '0'..='9' => digits(last),
        'a'..='z' | 'A'..='Z' => latin(last, sounds.next()),
        _ => Ending::Vowel,
    }
}

/// A number read in Sino-Korean: 영 일 이 삼 사 오 육 칠 팔 구, and 십, 백, 천, 만 … for trailing zeros.
fn digits(last: char) -> Ending {
    match last {
        '1' | '7' | '8' => Ending::Rieul,
        '0' | '3' | '6' => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

/// A word in Latin letters: a single capital or an abbreviation by the name of the letter, a word by its sound.
///
/// English spelling does not tell the sound for certain; these rules follow how loan words are heard in Korean:
/// final m, n, l, ng and the stops p, t, k, b, g, c after a vowel close the syllable, everything else opens one.
fn latin(last: char, before: Option<char>) -> Ending {
    let spelled_out = before.is_none_or(|c| !c.is_ascii_lowercase()) && last.is_ascii_uppercase() || before.is_none();
    if spelled_out {
        return match last.to_ascii_lowercase() {
            'l' | 'r' => Ending::Rieul,
            'm' | 'n' => Ending::Consonant,
            _ => Ending::Vowel,
        };
    }
    let before = before.map_or(' ', |c| c.to_ascii_lowercase());
    let after_vowel = matches!(before, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    match last.to_ascii_lowercase() {
        'l' => Ending::Rieul,
        'm' | 'n' => Ending::Consonant,
        // A silent e: file, name, line.
        'e' if before == 'l' => Ending::Rieul,
        'e' if matches!(before, 'm' | 'n') => Ending::Consonant,
        'g' if before == 'n' => Ending::Consonant,
        'k' if before == 'c' => Ending::Consonant,
        'p' | 't' | 'k' | 'b' | 'c' if after_vowel => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_particle_follows_the_last_sound() {
        let check = |word: &str, expected: [&str; 5]| {
            let found = [Particle::Topic, Particle::Subject, Particle::Object, Particle::And, Particle::To]
                .map(|p| p.after(word));
            assert_eq!(found, expected, "{word}");
        };
        let vowel = ["는", "가", "를", "와", "로"];
        let rieul = ["은", "이", "을", "과", "로"];
        let consonant = ["은", "이", "을", "과", "으로"];
        // Syllables.
        check("데이터", vowel);
        check("스팸", consonant);
        check("서울", rieul);
        check("값", consonant);
        check("규칙 함수", vowel);
        // Numbers, by how they are read: 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구; 십, 백, 천 for trailing zeros.
        check("0", consonant);
        check("1", rieul);
        check("2", vowel);
        check("3", consonant);
        check("4", vowel);
        check("5", vowel);
        check("6", consonant);
        check("7", rieul);
        check("8", rieul);
        check("9", vowel);
        check("10", consonant);
        check("1,000", consonant);
        check("행 12", vowel);
        // Latin words and letters.
        check("spam", consonant);
        check("ham", consonant);
        check("label", rieul);
        check("model", rieul);
        check("text", vowel);
        check("chart", vowel);
        check("set", consonant);
        check("book", consonant);
        check("check", consonant);
        check("training", consonant);
        check("data", vowel);
        check("image", vowel);
        check("file", rieul);
        check("name", consonant);
        check("LF", vowel);
        check("URL", rieul);
        check("CSV", vowel);
        check("LLM", consonant);
        check("x", vowel);
        check("n", consonant);
        // What is not read is passed over; nothing at all counts as a vowel.
        check("\"스팸\"", consonant);
        check("a.csv (2)", vowel);
        check("", vowel);
        check("…", vowel);
        check("ㄱ", consonant);
        check("漢", vowel);
    }

    #[test]
    fn a_word_takes_its_particle_along() {
        assert_eq!(with_particle("스팸", Particle::Object), "스팸을");
        assert_eq!(with_particle("광고", Particle::To), "광고로");
    }
}
