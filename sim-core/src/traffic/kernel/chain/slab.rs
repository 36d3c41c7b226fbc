//! Things with a number that is used again when they are gone.

/// A list with free places. Each place has a version, by which an old number is told from a new one.
#[derive(Clone, Debug)]
pub(super) struct Slab<T> {
    places: Vec<(u32, Option<T>)>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T: Copy> Slab<T> {
    /// Puts a thing into a free place.
    pub(super) fn insert(&mut self, thing: T) -> u32 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.places.push((0, None));
            (self.places.len() - 1) as u32
        });
        self.places[index as usize].1 = Some(thing);
        index
    }

    /// Takes a thing out, which must be there.
    pub(super) fn remove(&mut self, index: u32) -> T {
        let (version, thing) = &mut self.places[index as usize];
        *version = version.wrapping_add(1);
        self.free.push(index);
        thing.take().expect("only what is there is removed")
    }

    /// The version of a place, which changes when its thing goes.
    pub(super) fn version(&self, index: u32) -> u32 {
        self.places[index as usize].0
    }

    /// The thing at a place, which must be there.
    pub(super) fn get(&mut self, index: u32) -> &mut T {
        self.places[index as usize].1.as_mut().expect("only what is there is asked for")
    }

    /// The same to read.
    pub(super) fn peek(&self, index: u32) -> &T {
        self.places[index as usize].1.as_ref().expect("only what is there is asked for")
    }

    /// All things with their places.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.places.iter().enumerate().filter_map(|(index, (_, thing))| Some((index as u32, thing.as_ref()?)))
    }
}
