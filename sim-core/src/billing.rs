//! Price book x ledger = invoice: a pure function.
//!
//! Every line is `exact price x quantity`, rounded once, so that splitting an interval never changes a line.

use crate::id::Id;
use crate::ledger::{Ledger, Usage, Used};
use crate::plan::{InstanceSpec, NodeKind, Plan, PriceNote, Provider, Purchase, Tier};
use crate::units::{Money, Time, UnitPrice, apportion};

/// The bill of a run.
#[derive(Clone, Debug)]
pub struct Invoice {
    /// Lines, by tier in the plan's order, then by first use.
    pub lines: Vec<Line>,
}

/// One line: things of one kind at one price.
#[derive(Clone, Debug)]
pub struct Line {
    /// Tier.
    pub tier: Id<Tier>,
    /// What was used.
    pub item: String,
    /// How it was bought.
    pub purchase: Purchase,
    /// Exact price of one unit.
    pub price: UnitPrice,
    /// The instance size, for a line of instances.
    pub instance: Option<(Id<Provider>, InstanceSpec)>,
    /// Units times billed time, in unit-nanoseconds.
    pub unit_ns: u128,
    /// Amount due.
    pub amount: Money,
    /// The amount by workload (its place among services, then jobs).
    pub by_workload: Vec<Money>,
    /// The part of the amount that no workload requested.
    pub idle: Money,
    /// Where the price comes from.
    pub note: PriceNote,
}

/// Fees below this are rounded half up to two decimals where a provider's sub-cent rule applies.
const CENT: Money = Money::from_pico(10_000_000_000);

/// Usages of one line.
struct Group<'a> {
    line: Line,
    usages: Vec<&'a Usage>,
}

impl Invoice {
    /// The bill of everything in `ledger`.
    pub fn of(plan: &Plan, ledger: &Ledger) -> Self {
        let workloads = plan.workload_count();
        let lines = group(plan, ledger).into_iter().map(|Group { mut line, usages }| {
            let mut weights = vec![0; workloads + 1];
            let mut fee = Fee::new(plan, &line);
            for usage in &usages {
                fee.add(usage.billed(plan).as_nanos());
                line.unit_ns += u128::from(usage.billed(plan).as_nanos());
                match usage.what {
                    Used::Machine(node) => {
                        let shares = ledger.shares.iter().filter(|share| share.node == node);
                        let mut left = allocatable_cpu(plan, node) * u128::from((usage.to - usage.from).as_nanos());
                        for share in shares {
                            weights[share.workload] += share.cpu_ns;
                            left = left.checked_sub(share.cpu_ns).expect("pods requested more than the machine has");
                        }
                        weights[workloads] += left;
                    }
                    Used::Instance { workload, .. } => weights[workload] += u128::from(usage.billed(plan).as_nanos()),
                }
            }
            line.amount = fee.total();
            // A machine that can hold no pod at all is idle altogether.
            if weights.iter().all(|weight| *weight == 0) {
                weights[workloads] = 1;
            }
            let mut parts = apportion(line.amount, &weights);
            line.idle = parts.pop().expect("one weight more than workloads");
            line.by_workload = parts;
            line
        });
        let invoice = Self { lines: lines.collect() };
        invoice.assert_conserved();
        invoice
    }

    /// Sum of the lines.
    pub fn total(&self) -> Money {
        self.lines.iter().map(|line| line.amount).sum()
    }

    fn assert_conserved(&self) {
        for line in &self.lines {
            let parts = line.by_workload.iter().copied().sum::<Money>() + line.idle;
            assert!(parts == line.amount, "the parts of `{}` do not add up to its amount", line.item);
        }
    }
}

/// The cost of each tier from the start of the run to each of `until` (ascending): `result[i][tier]`.
///
/// At the end of the run it equals the invoice.
pub fn accrue(plan: &Plan, ledger: &Ledger, until: &[Time]) -> Vec<Vec<Money>> {
    let mut result = vec![vec![Money::ZERO; plan.tiers.len()]; until.len()];
    for Group { line, mut usages } in group(plan, ledger) {
        usages.sort_by_key(|usage| usage.from);
        let mut ends = usages.clone();
        ends.sort_by_key(|usage| usage.to);
        let mut fee = Fee::new(plan, &line);
        let (mut started, mut ended, mut running, mut sum_of_starts) = (0, 0, 0u128, 0u128);
        for (at, costs) in until.iter().zip(&mut result) {
            while started < usages.len() && usages[started].from < *at {
                running += 1;
                sum_of_starts += u128::from(usages[started].from.as_nanos());
                started += 1;
            }
            while ended < ends.len() && ends[ended].to <= *at {
                // A usage of no length never counted as running.
                if ends[ended].from < *at {
                    running -= 1;
                    sum_of_starts -= u128::from(ends[ended].from.as_nanos());
                }
                fee.add(ends[ended].billed(plan).as_nanos());
                ended += 1;
            }
            let open_ns = running * u128::from(at.as_nanos()) - sum_of_starts;
            costs[line.tier.index()] += fee.total_with(open_ns);
        }
    }
    result
}

/// Adds up the fees of one line.
struct Fee {
    price: UnitPrice,
    sub_cent: bool,
    unit_ns: u128,
    small: Money,
}

impl Fee {
    fn new(plan: &Plan, line: &Line) -> Self {
        let sub_cent = line.instance.is_some_and(|(provider, _)| plan.providers[provider].billing.sub_cent);
        Self { price: line.price, sub_cent, unit_ns: 0, small: Money::ZERO }
    }

    fn add(&mut self, billed_ns: u64) {
        let ns = u128::from(billed_ns);
        if self.sub_cent && self.price.amount(ns) < CENT {
            self.small += self.price.amount(ns).rounded(2);
        } else {
            self.unit_ns += ns;
        }
    }

    fn total(&self) -> Money {
        self.total_with(0)
    }

    fn total_with(&self, open_ns: u128) -> Money {
        self.price.amount(self.unit_ns + open_ns) + self.small
    }
}

fn group<'a>(plan: &Plan, ledger: &'a Ledger) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for usage in &ledger.usages {
        let found = groups.iter().position(|group| stands_on(plan, usage, &group.line));
        let index = found.unwrap_or_else(|| {
            groups.push(Group { line: new_line(plan, usage), usages: Vec::new() });
            groups.len() - 1
        });
        groups[index].usages.push(usage);
    }
    groups.sort_by_key(|group| group.line.tier);
    groups
}

fn stands_on(plan: &Plan, usage: &Usage, line: &Line) -> bool {
    line.tier == usage.tier
        && match usage.what {
            Used::Machine(node) => {
                let NodeKind::Machine(machine) = &plan.nodes[node].kind else { unreachable!("the ledger lists machines only") };
                line.instance.is_none() && line.item == machine.price.item && line.purchase == machine.price.purchase && line.price == machine.price.price
            }
            Used::Instance { provider, spec, .. } => line.instance == Some((provider, spec)),
        }
}

fn new_line(plan: &Plan, usage: &Usage) -> Line {
    let (item, purchase, price, note, instance) = match usage.what {
        Used::Machine(node) => {
            let NodeKind::Machine(machine) = &plan.nodes[node].kind else { unreachable!("the ledger lists machines only") };
            (machine.price.item.clone(), machine.price.purchase, machine.price.price, machine.price.note.clone(), None)
        }
        Used::Instance { provider, spec, .. } => {
            let seller = &plan.providers[provider];
            (format!("{} {}", seller.name, seller.spec_name(spec)), Purchase::PayAsYouGo, seller.price_of(spec), seller.price_note(spec).clone(), Some((provider, spec)))
        }
    };
    Line { tier: usage.tier, item, purchase, price, instance, unit_ns: 0, amount: Money::ZERO, by_workload: Vec::new(), idle: Money::ZERO, note }
}

fn allocatable_cpu(plan: &Plan, node: Id<crate::plan::Node>) -> u128 {
    match &plan.nodes[node].kind {
        NodeKind::Machine(machine) => u128::from(machine.allocatable().cpu.0),
        NodeKind::Virtual(_) => 0,
    }
}
