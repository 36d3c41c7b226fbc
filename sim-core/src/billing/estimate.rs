//! What a plan costs before it is run: what is paid ahead exactly, what is paid by use between bounds.

use super::{Basis, Hours, Invoice, Line, Missing};
use crate::id::Table;
use crate::ledger::Ledger;
use crate::plan::{NodeKind, Plan, Service};
use crate::units::{Exact, Money};

/// The cost of a plan before its run.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// Currency.
    pub currency: String,
    /// Lines of what does not depend on the load.
    pub lines: Vec<Line>,
    /// Paid ahead.
    pub prepaid: Money,
    /// Paid by use whatever the load is: machines that are there from the start, and items by time.
    pub postpaid: Money,
    /// What instances cost on top if every service ran as many pods as it may, all on instances and all the time. Jobs are not part of it.
    pub instances_at_most: Money,
}

/// Estimates the cost of a plan.
pub fn estimate(plan: &Plan) -> Result<Estimate, Vec<Missing>> {
    let basis = Basis::of(plan);
    let ledger = Ledger::of_run(plan, &Table::new(), |_| unreachable!("there are no pods yet"));
    let invoice = Invoice::of(&ledger, &basis, Hours::Together)?;
    let sum = |prepaid: bool| invoice.lines.iter().filter(|line| line.prepaid == prepaid).map(|line| line.amount).sum();
    let mut providers =
        plan.nodes.values().filter_map(|node| if let NodeKind::Virtual(node) = &node.kind { Some(&plan.providers[node.provider]) } else { None });
    let mut instances = Exact::zero();
    if let Some(provider) = providers.next() {
        let duration = u128::from(plan.duration.as_nanos());
        for service in plan.services.values() {
            if let Some(spec) = provider.spec_for(service.template.requests) {
                instances += provider.price_of(spec).exact(duration * u128::from(most_pods(service)));
            }
        }
    }
    let value = super::value_of(&invoice.currency, &basis)?;
    Ok(Estimate {
        prepaid: sum(true),
        postpaid: sum(false),
        instances_at_most: (&instances / &value).to_money(),
        currency: invoice.currency,
        lines: invoice.lines,
    })
}

/// Most replicas that a service may have.
fn most_pods(service: &Service) -> u32 {
    let steps = service.scale_steps.iter().map(|step| step.1).max().unwrap_or(0);
    let scaled = service.hpa.as_ref().map_or(0, |hpa| hpa.max);
    service.replicas.max(steps).max(scaled)
}
