//! The points that a search may choose from.

use std::collections::BTreeMap;

/// Points of a grid, or those of them that are allowed.
#[derive(Clone, Debug)]
pub struct Space {
    /// Which dimensions have values without an order.
    pub categorical: Vec<bool>,
    /// Number of values of each dimension.
    pub sizes: Vec<usize>,
    /// Place of each dimension's value, for each point.
    pub places: Vec<Vec<usize>>,
    /// The same, scaled to 0..1.
    pub coordinates: Vec<Vec<f64>>,
    /// How many of the last dimensions follow from the others: they tell models what points have in common, and are nothing to choose.
    pub derived: usize,
    /// Which dimensions these follow from: all that matters of them may be what follows.
    pub explained: Vec<bool>,
}

impl Space {
    /// The space of these points.
    pub fn new(sizes: Vec<usize>, categorical: Vec<bool>, places: Vec<Vec<usize>>) -> Self {
        let scaled = |places: &Vec<usize>| places.iter().zip(&sizes).map(|(place, size)| *place as f64 / (size.max(&2) - 1) as f64).collect();
        let coordinates = places.iter().map(scaled).collect();
        Self { explained: vec![false; sizes.len()], categorical, sizes, places, coordinates, derived: 0 }
    }

    /// The same with further dimensions that follow from the others, each with a level for every point. One that follows from a single dimension says no
    /// more than that: so nothing changes unless two of the dimensions matter.
    #[must_use]
    pub fn with(&self, levels: &[Vec<usize>]) -> Self {
        let free = self.sizes.len();
        let followed = |point: usize| -> Vec<usize> { levels.iter().map(|levels| levels[point]).collect() };
        let explained: Vec<bool> = (0..free).map(|dimension| self.decides(dimension, followed)).collect();
        if explained.iter().filter(|explained| **explained).count() < 2 {
            return self.clone();
        }
        let sizes = self.sizes.iter().copied().chain(levels.iter().map(|levels| levels.iter().max().map_or(1, |most| most + 1))).collect();
        let categorical = self.categorical.iter().copied().chain(levels.iter().map(|_| false)).collect();
        let places = self.places.iter().enumerate().map(|(point, place)| place.iter().copied().chain(followed(point)).collect()).collect();
        let explained = explained.into_iter().chain(levels.iter().map(|_| false)).collect();
        Self { derived: levels.len(), explained, ..Self::new(sizes, categorical, places) }
    }

    /// Whether points that differ in this dimension only differ in what follows.
    fn decides(&self, dimension: usize, followed: impl Fn(usize) -> Vec<usize>) -> bool {
        let mut known: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        self.places.iter().enumerate().any(|(point, place)| {
            let mut others = place.clone();
            others.remove(dimension);
            let follows = followed(point);
            known.insert(others, follows.clone()).is_some_and(|before| before != follows)
        })
    }

    /// Every combination; the last dimension varies fastest.
    pub fn grid(sizes: &[usize], categorical: &[bool]) -> Self {
        let total: usize = sizes.iter().product();
        let place = |mut raw: usize| {
            let mut places = vec![0; sizes.len()];
            for (place, size) in places.iter_mut().zip(sizes).rev() {
                (*place, raw) = (raw % size, raw / size);
            }
            places
        };
        Self::new(sizes.to_vec(), categorical.to_vec(), (0..total).map(place).collect())
    }

    /// Number of dimensions that there is a choice in.
    pub fn free(&self) -> usize {
        self.sizes.len() - self.derived
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is nothing to choose from.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether one step in one dimension, or in each of two, leads from one point to the other; between categories any change is a step.
    pub fn neighbours(&self, a: usize, b: usize) -> bool {
        let mut moved = 0;
        for ((x, y), categorical) in self.places[a].iter().zip(&self.places[b]).zip(&self.categorical).take(self.free()) {
            match x.abs_diff(*y) {
                0 => {}
                1 => moved += 1,
                _ if *categorical => moved += 1,
                _ => return false,
            }
        }
        (1..=2).contains(&moved)
    }
}
