//! What a result depends on, as a hash: the plan, the seed and the simulator itself.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};
use sim_core::plan::Plan;

/// Version of the simulator: its release and a hash of its sources.
pub const MODEL: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("OVERSPILL_MODEL"));

/// A SHA-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Hash of a plan and of the simulator that runs it. Everything that a scenario says ends up in its plan, recordings and prices included; two texts
    /// that mean the same have the same hash.
    pub fn of_plan(plan: &Plan) -> Self {
        let mut hasher = Hasher::new();
        hasher.text(MODEL);
        hasher.text(&format_args!("{plan:?}"));
        hasher.finish()
    }

    /// The first 16 hexadecimal digits, for names that people read.
    pub fn short(&self) -> String {
        self.to_string()[..16].to_owned()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Hashes several things one after the other, each kept apart from the next.
#[derive(Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Nothing hashed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what something shows.
    pub fn text(&mut self, shown: &(impl fmt::Display + ?Sized)) {
        write!(self, "{shown}").expect("hashing cannot fail");
        self.0.update([0]);
    }

    /// Takes in a hash.
    pub fn hash(&mut self, hash: &Hash) {
        self.0.update(hash.0);
    }

    /// The hash of all of it.
    pub fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

impl Write for Hasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Hash, Hasher};

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(Hash::of(b"abc").to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Hash::of(b"abc").short(), "ba7816bf8f01cfea");
    }

    #[test]
    fn parts_are_kept_apart() {
        let of = |parts: &[&str]| {
            let mut hasher = Hasher::new();
            for part in parts {
                hasher.text(*part);
            }
            hasher.finish()
        };
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
    }
}
