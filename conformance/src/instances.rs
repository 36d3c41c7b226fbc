//! Instances: the size that a request is rounded up to.

use serde::Deserialize;
use sim_core::plan::{
    BillingStart, BillingStop, CreateLimit, InstanceBilling, InstancePrice, InstanceSpec, InstanceWish, PriceNote, Provider, ProviderSupply, Rounding,
};
use sim_core::supply::offers;
use sim_core::units::{Bytes, MilliCpu, Resources, Span, UnitPrice};
use sim_scenarios::prices::ladders;

use crate::report::{Difference, same};

#[derive(Deserialize)]
pub(crate) struct Request {
    /// One of the ladders that come with the program.
    ladder: String,
    #[serde(default)]
    rounding: RoundingJson,
    #[serde(default)]
    cpu: String,
    #[serde(default)]
    memory: String,
    /// Prices of a vCPU and a GiB, which decide what is cheapest.
    #[serde(default = "eci_prices")]
    prices: [String; 2],
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum RoundingJson {
    #[default]
    CpuFirst,
    Cheapest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rounded {
    /// The size as it is printed; none if no size is large enough.
    spec: Option<String>,
}

fn eci_prices() -> [String; 2] {
    ["0.000049".to_owned(), "0.00000613".to_owned()]
}

/// Rounds a request up.
pub(crate) fn round(input: &Request, expect: &Rounded) -> Result<(), Difference> {
    let unreadable = |what: &str, text: &str| Difference::new("input", what.to_owned(), text.to_owned());
    let (specs, steps) = ladders::sizes(&input.ladder).ok_or_else(|| unreadable("a ladder", &input.ladder))?;
    let cpu = if input.cpu.is_empty() { MilliCpu(0) } else { input.cpu.parse().map_err(|_| unreadable("an amount of CPU", &input.cpu))? };
    let memory = if input.memory.is_empty() { Bytes(0) } else { input.memory.parse().map_err(|_| unreadable("an amount of memory", &input.memory))? };
    let price = |text: &String| text.parse().map(|price| UnitPrice::new(price, Span::from_secs(1))).map_err(|_| unreadable("a price", text));
    let rounding = match input.rounding {
        RoundingJson::CpuFirst => Rounding::CpuFirst,
        RoundingJson::Cheapest => Rounding::Cheapest,
    };
    let provider = Provider {
        name: input.ladder.clone(),
        specs,
        steps,
        rounding,
        default_spec: InstanceSpec::general(MilliCpu(2000), Bytes::from_gib(4)),
        create_limit: CreateLimit::Unlimited,
        price: InstancePrice { vcpu: price(&input.prices[0])?, gib: price(&input.prices[1])?, note: PriceNote::default() },
        billing: InstanceBilling {
            start: BillingStart::Created,
            granularity: Span::from_secs(1),
            minimum: Span::ZERO,
            sub_cent: false,
            stop: BillingStop::Stopped,
            settled_places: None,
        },
        supply: ProviderSupply::default(),
    };
    let found = offers(&provider, Resources::new(cpu, memory), &InstanceWish::default()).first().map(ToString::to_string);
    same("spec", &found, &expect.spec)
}
