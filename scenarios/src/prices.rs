//! Price books: prices as data, each with its source, date and status.

mod book;
pub mod ladders;
mod library;
mod steps;
mod tariff;

pub use book::{
    Basis, ExchangeRate, Instances, Item, MachineBilling, MachineType, MinimumTime, Names, PriceBook, Savings, Share, SizedPrice, Status, Subscription,
};
pub use library::{DEFAULT, find, load, names, open, text};
