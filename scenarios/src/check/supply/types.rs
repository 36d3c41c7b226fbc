//! Machine types whose shape an instance can have.

use std::collections::BTreeMap;

use sim_core::plan::InstanceType;
use sim_core::units::Resources;

use super::super::{Context, names, resources};
use crate::issue::Path;
use crate::prices::{MachineType, PriceBook};
use crate::spec::Amounts;
use crate::text::Text;

/// The machine types that a scenario names, by first use: their places are the same for all providers.
pub(super) struct Types<'a> {
    book: Option<&'a PriceBook>,
    found: Vec<(String, &'a MachineType)>,
}

impl<'a> Types<'a> {
    pub(super) fn new(book: Option<&'a PriceBook>) -> Self {
        Self { book, found: Vec::new() }
    }

    /// The place of a type; none, with an issue, if the price book has no such type.
    pub(super) fn place(&mut self, cx: &mut Context<'_>, name: &str, path: &Path) -> Option<u16> {
        if let Some(place) = self.found.iter().position(|(known, _)| known == name) {
            return u16::try_from(place).ok();
        }
        let book = self.book?;
        let Some(machine) = book.machines.get(name) else {
            names::unknown(cx, "machine type", name, book.machines.names(), path);
            return None;
        };
        self.found.push((name.to_owned(), machine));
        u16::try_from(self.found.len() - 1).ok()
    }

    /// All that were named.
    pub(super) fn found(self, cx: &mut Context<'_>) -> Vec<InstanceType> {
        let Some(book) = self.book else { return Vec::new() };
        let of = |(name, machine): (String, &MachineType)| {
            let mut all = Resources::new(machine.cpu.0, machine.memory.0);
            if machine.gpu > 0 {
                let gpus = Amounts(BTreeMap::from([("nvidia.com/gpu".to_owned(), Text(machine.gpu.to_string().parse().unwrap_or_default()))]));
                all.extended = resources::read(cx, &gpus, &Path::root().key("prices")).resources.extended;
            }
            InstanceType { name, resources: all, price: machine.price.0.unit_price(), note: book.note(machine.status, &machine.source) }
        };
        self.found.into_iter().map(of).collect()
    }
}
