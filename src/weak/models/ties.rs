//! What becomes of a row on which several classes are equally likely.

use std::str::FromStr;

use crate::engine::{Error, Random, Result};

/// Classes whose probability is this close to the highest count as tied (Snorkel's tolerance).
const TOLERANCE: f64 = 1e-5;

/// The policy for ties, as Snorkel names them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Ties {
    /// The row gets no label.
    #[default]
    Abstain,
    /// One of the tied classes by a hash of the row's number: the same whatever the seed, and the same as Snorkel's.
    Random,
    /// One of the tied classes by the seed.
    TrueRandom,
}

impl FromStr for Ties {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "abstain" => Ok(Self::Abstain),
            "random" => Ok(Self::Random),
            "true-random" => Ok(Self::TrueRandom),
            _ => Err(Error::input("there is no such policy for ties").at(name).help("abstain, random or true-random")),
        }
    }
}

impl Ties {
    /// The name by which it is chosen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Abstain => "abstain",
            Self::Random => "random",
            Self::TrueRandom => "true-random",
        }
    }

    /// The class that a row gets, of at least one that are tied.
    pub(super) fn choose(self, tied: &[u16], row: usize, seed: u64) -> Option<u16> {
        let place = match (self, tied.len()) {
            (_, 0) => return None,
            (_, 1) => 0,
            (Self::Abstain, _) => return None,
            (Self::Random, count) => {
                let digest = sha1(row.to_string().as_bytes());
                digest.iter().fold(0, |rest, &byte| (rest * 256 + usize::from(byte)) % count)
            }
            (Self::TrueRandom, count) => Random::new(seed ^ Random::new(row as u64).bits()).below(count),
        };
        tied.get(place).copied()
    }
}

/// The classes of the highest probability.
pub(super) fn tied(probabilities: &[f64]) -> impl Iterator<Item = u16> + '_ {
    let best = probabilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let near = move |(_, share): &(usize, &f64)| best - **share < TOLERANCE;
    probabilities.iter().enumerate().filter(near).map(|(class, _)| class as u16)
}

/// The one class of the highest probability, if it is one.
pub(super) fn decided(probabilities: &[f64]) -> Option<u16> {
    let mut tied = tied(probabilities);
    let first = tied.next()?;
    tied.next().is_none().then_some(first)
}

/// SHA-1 (FIPS 180-4) of a message of at most 55 bytes, which fit into one block. Used because Snorkel's tie breaking
/// is defined by it, not for safety.
fn sha1(message: &[u8]) -> [u8; 20] {
    debug_assert!(message.len() <= 55, "one block only");
    let mut block = [0u8; 64];
    block.iter_mut().zip(message.iter().take(55)).for_each(|(out, &byte)| *out = byte);
    let length = message.len().min(55);
    block[length] = 0x80;
    block[56..].copy_from_slice(&(8 * length as u64).to_be_bytes());
    let mut words = [0u32; 80];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
    }
    for index in 16..80 {
        words[index] = (words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]).rotate_left(1);
    }
    let start = [0x6745_2301u32, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
    let [mut a, mut b, mut c, mut d, mut e] = start;
    for (round, word) in words.into_iter().enumerate() {
        let (mixed, constant) = match round {
            0..20 => ((b & c) | (!b & d), 0x5A82_7999),
            20..40 => (b ^ c ^ d, 0x6ED9_EBA1),
            40..60 => ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC),
            _ => (b ^ c ^ d, 0xCA62_C1D6u32),
        };
        let next = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e).wrapping_add(constant).wrapping_add(word);
        (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
    }
    let mut digest = [0; 20];
    for ((out, start), end) in digest.chunks_exact_mut(4).zip(start).zip([a, b, c, d, e]) {
        out.copy_from_slice(&start.wrapping_add(end).to_be_bytes());
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha1_has_its_known_values() {
        let check = |message: &str, expected: &str| {
            let hex: String = sha1(message.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, expected, "{message:?}");
        };
        check("", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        check("abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
        check("0", "b6589fc6ab0dc82cf12099d1c2d40ab994e8410c");
        check("1", "356a192b7913b04c54574d18c28d46e6395428ab");
    }

    #[test]
    fn rows_are_broken_as_snorkel_does() {
        // int(sha1(str(row)), 16) % 2 and % 3, computed with Python.
        let check = |count: u16, expected: [u16; 8]| {
            let tied: Vec<u16> = (0..count).collect();
            let found: Vec<u16> = (0..8).filter_map(|row| Ties::Random.choose(&tied, row, 99)).collect();
            assert_eq!(found, expected);
        };
        check(2, [0, 1, 0, 1, 0, 0, 0, 0]);
        check(3, [0, 0, 0, 1, 0, 0, 1, 2]);
    }

    #[test]
    fn policies_do_as_they_say() {
        assert_eq!(tied(&[0.4, 0.2, 0.4 - 1e-6]).collect::<Vec<_>>(), [0, 2]);
        assert_eq!((decided(&[0.4, 0.6]), decided(&[0.5, 0.5]), decided(&[])), (Some(1), None, None));
        assert_eq!(Ties::Abstain.choose(&[3, 4], 0, 0), None);
        assert_eq!(Ties::Abstain.choose(&[3], 0, 0), Some(3));
        let broken = |seed| (0..64).map(|row| Ties::TrueRandom.choose(&[3, 4], row, seed)).collect::<Vec<_>>();
        assert_eq!(broken(1), broken(1));
        assert_ne!(broken(1), broken(2));
        assert!(broken(1).contains(&Some(3)) && broken(1).contains(&Some(4)));
        for policy in [Ties::Abstain, Ties::Random, Ties::TrueRandom] {
            assert_eq!(policy.name().parse::<Ties>().unwrap(), policy);
        }
        assert!("sometimes".parse::<Ties>().is_err());
    }
}
