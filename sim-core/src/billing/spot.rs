//! Spot instances: a price that changes, a time in which it does not matter, and a bid.
//!
//! A spot instance is bought at the price of the moment. For a protection period it keeps that price and cannot be taken away. Afterwards it pays what the
//! market asks, and is released when that is more than its owner bid (Alibaba Cloud's ECS spot instances; their worked example is a test below).

use serde::{Deserialize, Serialize};

use crate::plan::PriceNote;
use crate::units::{Exact, Span, Time, UnitPrice};

/// A price that changes at given times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotSeries {
    /// Price from each instant on, ascending; the first holds before it too.
    pub steps: Vec<(Time, UnitPrice)>,
    /// How long an instance keeps the price that it was bought at, and cannot be taken away.
    pub protection: Span,
    /// Where the prices come from.
    #[serde(default)]
    pub note: PriceNote,
}

impl SpotSeries {
    /// One price for ever.
    pub fn constant(price: UnitPrice, protection: Span, note: PriceNote) -> Self {
        Self { steps: vec![(Time::ZERO, price)], protection, note }
    }

    /// The market price at `at`.
    pub fn at(&self, at: Time) -> UnitPrice {
        let place = self.steps.partition_point(|(from, _)| *from <= at);
        self.steps[place.saturating_sub(1)].1
    }

    /// When an instance that started at `start` is taken away: the first instant out of its protection at which the market asks for more than `bid`.
    pub fn released(&self, start: Time, bid: UnitPrice) -> Option<Time> {
        let free = start.saturating_add(self.protection);
        let limit = bid.hourly();
        let changes = self.steps.iter().map(|(from, _)| *from).filter(|from| *from > free);
        std::iter::once(free).chain(changes).find(|at| self.at(*at).hourly() > limit)
    }

    /// Prices over [`from`, `to`) of an instance that started at `start` and keeps its price until `free`: (from, to, price).
    pub fn segments(&self, start: Time, free: Time, from: Time, to: Time) -> Vec<(Time, Time, UnitPrice)> {
        let mut cuts: Vec<Time> =
            self.steps.iter().map(|(at, _)| *at).filter(|at| *at > free).chain([from, free, to]).filter(|at| from <= *at && *at <= to).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let price = |at: Time| if at < free { self.at(start) } else { self.at(at) };
        cuts.windows(2).map(|pair| (pair[0], pair[1], price(pair[0]))).collect()
    }

    /// What an instance that started at `start` and keeps its price until `free` owes for [`from`, `to`).
    pub fn amount(&self, start: Time, free: Time, from: Time, to: Time) -> Exact {
        self.segments(start, free, from, to).into_iter().map(|(from, to, price)| price.exact(u128::from(to.since(from).as_nanos()))).sum()
    }
}
