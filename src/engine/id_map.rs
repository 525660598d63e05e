//! Maps keyed by ids that are hashes already.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

/// A map whose keys are ids: hashing a million of them once more would be most of what it costs.
pub type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<AsItIs>>;

/// Takes a 64-bit key for its own hash. Everything else is hashed as usual.
#[derive(Debug, Default, Clone, Copy)]
pub struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes) ^ self.0.rotate_left(5);
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = id;
    }
}
