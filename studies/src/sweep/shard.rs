//! Parts of a study for several machines: every n-th point.

use std::fmt;
use std::str::FromStr;

/// The k-th of n parts, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    k: u64,
    n: u64,
}

impl Shard {
    /// The whole.
    pub const ALL: Self = Self { k: 1, n: 1 };

    /// Whether the point of this number belongs to the part.
    pub const fn has(self, point: u64) -> bool {
        point % self.n == self.k - 1
    }

    /// How many of so many points belong to the part.
    pub const fn count(self, points: u64) -> u64 {
        (points + self.n - self.k) / self.n
    }

    /// Whether this is the whole.
    pub const fn is_all(self) -> bool {
        self.n == 1
    }

    /// The part that holds a point, of as many parts.
    #[must_use]
    pub const fn of(self, point: u64) -> Self {
        Self { k: point % self.n + 1, n: self.n }
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(k, n)| Some(Self { k: k.trim().parse().ok()?, n: n.trim().parse().ok()? }));
        parsed.filter(|shard| (1..=shard.n).contains(&shard.k)).ok_or_else(|| format!("`{text}` is not a part such as `1/4`, from `1/4` to `4/4`"))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.k, self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::Shard;

    #[test]
    fn parts_share_all_points_among_them() {
        for (n, points) in [(1, 10), (7, 2000), (7, 3), (3, 9)] {
            let parts: Vec<Shard> = (1..=n).map(|k| format!("{k}/{n}").parse().unwrap()).collect();
            assert!((0..points).all(|point| parts.iter().filter(|part| part.has(point)).count() == 1));
            for part in parts {
                assert_eq!(part.count(points), (0..points).filter(|point| part.has(*point)).count() as u64, "{part} of {points}");
            }
        }
        for text in ["", "1", "0/4", "5/4", "1/0", "a/b", "1/2/3"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
