//! Rows that are made when somebody looks at them.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};

/// A list of rows. Those of a run are made from something smaller at the first look: a search over a thousand plans looks at totals only, and a hundred
/// thousand pods are ten times as large in words as they are in numbers.
#[derive(Clone)]
pub struct Rows<T> {
    made: OnceLock<Vec<T>>,
    make: Option<Arc<dyn Fn() -> Vec<T> + Send + Sync>>,
}

impl<T> Rows<T> {
    /// The rows that `make` returns.
    pub fn later(make: impl Fn() -> Vec<T> + Send + Sync + 'static) -> Self {
        Self { made: OnceLock::new(), make: Some(Arc::new(make)) }
    }
}

impl<T> Deref for Rows<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.made.get_or_init(|| self.make.as_ref().map_or_else(Vec::new, |make| make()))
    }
}

impl<T> DerefMut for Rows<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        let made = std::mem::take(&mut self.made).into_inner();
        let rows = made.unwrap_or_else(|| self.make.as_ref().map_or_else(Vec::new, |make| make()));
        self.made = OnceLock::from(rows);
        self.made.get_mut().map_or(&mut [], |rows| rows)
    }
}

impl<T> From<Vec<T>> for Rows<T> {
    fn from(rows: Vec<T>) -> Self {
        Self { made: OnceLock::from(rows), make: None }
    }
}

impl<T> FromIterator<T> for Rows<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        rows.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<'a, T> IntoIterator for &'a Rows<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: PartialEq> PartialEq for Rows<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Rows<T> {}

impl<T: fmt::Debug> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::Rows;

    #[test]
    fn rows_are_made_once_and_only_if_somebody_looks() {
        let made = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&made);
        let rows = Rows::later(move || vec![counted.fetch_add(1, Ordering::Relaxed); 3]);
        assert_eq!(made.load(Ordering::Relaxed), 0);
        assert_eq!((rows.len(), rows[2], &rows), (3, 0, &Rows::from(vec![0; 3])));
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }
}
