//! The points that a search may choose from.

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
}

impl Space {
    /// The space of these points.
    pub fn new(sizes: Vec<usize>, categorical: Vec<bool>, places: Vec<Vec<usize>>) -> Self {
        let scaled = |places: &Vec<usize>| places.iter().zip(&sizes).map(|(place, size)| *place as f64 / (size.max(&2) - 1) as f64).collect();
        let coordinates = places.iter().map(scaled).collect();
        Self { categorical, sizes, places, coordinates }
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
        for ((x, y), categorical) in self.places[a].iter().zip(&self.places[b]).zip(&self.categorical) {
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
