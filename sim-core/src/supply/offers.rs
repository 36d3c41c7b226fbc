//! Which specs an instance may get, in order of preference.

use crate::plan::{InstanceSpec, InstanceWish, Provider, SpecChoice, SpecClass};
use crate::units::Resources;

/// The specs that a pod requesting `requests` may get, most preferred first; empty if no instance can hold it.
///
/// A pod that names specs gets one of those that it fits in, and is billed for all of it. Any other is rounded up to the smallest size, which has no
/// extended resources: a GPU needs a machine type.
pub fn offers(provider: &Provider, requests: Resources, wish: &InstanceWish) -> Vec<InstanceSpec> {
    if wish.specs.is_empty() {
        return by_size(provider, requests, wish).into_iter().collect();
    }
    let mut offers = Vec::new();
    for choice in &wish.specs {
        let offer = match choice {
            SpecChoice::Type(place) => {
                let machine = &provider.supply.types[usize::from(*place)].resources;
                let spec = InstanceSpec { cpu: machine.cpu, memory: machine.memory, class: SpecClass::Type(*place) };
                requests.fits_in(*machine).then_some(spec)
            }
            SpecChoice::Size { cpu, memory } => {
                let wanted = Resources::new(*cpu, *memory);
                if requests.fits_in(wanted) { by_size(provider, wanted, wish) } else { None }
            }
        };
        offers.extend(offer.filter(|offer| !offers.contains(offer)));
    }
    offers
}

fn by_size(provider: &Provider, requests: Resources, wish: &InstanceWish) -> Option<InstanceSpec> {
    if requests.extended.iter().any(|amount| *amount > 0) {
        return None;
    }
    let class = if wish.economy { SpecClass::Economy } else { SpecClass::General };
    let supply = &provider.supply;
    let is_offered = |spec: &InstanceSpec| !(wish.economy && spec.cpu > supply.economy_max || wish.spot.is_some() && supply.not_spot.contains(spec));
    let spec = if requests.cpu.0 == 0 && requests.memory.0 == 0 { Some(provider.default_spec) } else { provider.round_up(requests, is_offered) };
    spec.map(|spec| InstanceSpec { class, ..spec })
}
