//! Price books: prices as data, each with its source, date and status.

mod book;
mod library;
mod tariff;

pub use book::{Basis, Instances, MachineType, PriceBook, Size, SizedPrice, Status, Subscription};
pub use library::{DEFAULT, load, names, open, text};
