//! What a provider still has for an account: quotas and stocks.

use crate::plan::{InstanceSpec, Market, Provider, SpecClass, Stock, StockUnit};
use crate::units::{MilliCpu, Time};

/// Why there is no instance to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// The account uses as many vCPUs as it may.
    QuotaFull,
    /// The subnets asked for have no address left.
    IpNotEnough,
    /// There is none left of any spec asked for, in any zone asked for.
    NoStock,
}

impl Lack {
    /// The event, as the provider names it.
    pub const fn event(self) -> &'static str {
        match self {
            Self::QuotaFull => "QuotaFull",
            Self::IpNotEnough => "IpNotEnough",
            Self::NoStock => "NoStock",
        }
    }
}

/// One instance that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need<'a> {
    /// Spec.
    pub spec: InstanceSpec,
    /// Zone.
    pub zone: &'a str,
    /// Market.
    pub market: Market,
}

/// What an account uses of a provider.
#[derive(Clone, Debug)]
pub struct Account {
    /// vCPUs by market.
    used: [MilliCpu; 2],
    /// By stock of the provider.
    taken: Vec<u64>,
    /// Pods bound to its virtual nodes.
    pub pods: u32,
}

impl Account {
    /// An account that uses nothing.
    pub fn new(provider: &Provider) -> Self {
        Self { used: [MilliCpu(0); 2], taken: vec![0; provider.supply.stock.len()], pods: 0 }
    }

    /// vCPUs in use at the full price and on the spot market.
    pub const fn used(&self, market: Market) -> MilliCpu {
        self.used[market as usize]
    }

    /// Takes an instance, if there is one.
    pub fn take(&mut self, provider: &Provider, need: Need<'_>, now: Time) -> Result<(), Lack> {
        let quota = match need.market {
            Market::OnDemand => provider.supply.quota,
            Market::Spot => provider.supply.spot_quota,
        };
        let used = self.used[need.market as usize] + need.spec.cpu;
        if quota.is_some_and(|quota| used > quota) {
            return Err(Lack::QuotaFull);
        }
        let of_need = |(_, stock): &(usize, &Stock)| is_about(stock, need);
        let stocks = || provider.supply.stock.iter().enumerate().filter(of_need);
        let is_short = |(place, stock): (usize, &Stock)| level(stock, now).is_some_and(|level| self.taken[place] + amount(stock, need.spec) > level);
        if stocks().any(is_short) {
            return Err(Lack::NoStock);
        }
        for (place, stock) in stocks() {
            self.taken[place] += amount(stock, need.spec);
        }
        self.used[need.market as usize] = used;
        Ok(())
    }

    /// Gives an instance back.
    pub fn give_back(&mut self, provider: &Provider, need: Need<'_>) {
        self.used[need.market as usize] -= need.spec.cpu;
        for (place, stock) in provider.supply.stock.iter().enumerate().filter(|(_, stock)| is_about(stock, need)) {
            self.taken[place] = self.taken[place].checked_sub(amount(stock, need.spec)).expect("an instance was given back twice");
        }
    }

    /// Whether a stock that the need is about holds less than is taken from it.
    pub fn is_overdrawn(&self, provider: &Provider, need: Need<'_>, now: Time) -> bool {
        let of_need = |(_, stock): &(usize, &Stock)| is_about(stock, need);
        provider.supply.stock.iter().enumerate().filter(of_need).any(|(place, stock)| level(stock, now).is_some_and(|level| self.taken[place] > level))
    }
}

fn is_about(stock: &Stock, need: Need<'_>) -> bool {
    stock.zone.as_deref().is_none_or(|zone| zone == need.zone)
        && stock.of.is_none_or(|of| need.spec.class == SpecClass::Type(of))
        && stock.market.is_none_or(|market| market == need.market)
}

const fn amount(stock: &Stock, spec: InstanceSpec) -> u64 {
    match stock.unit {
        StockUnit::Instances => 1,
        StockUnit::MilliCpu => spec.cpu.0,
    }
}

fn level(stock: &Stock, now: Time) -> Option<u64> {
    let place = stock.levels.partition_point(|(at, _)| *at <= now);
    place.checked_sub(1).and_then(|place| stock.levels[place].1)
}
