//! What a plan costs before it is run: what is paid ahead exactly, what is paid by use between bounds.

use super::{Basis, Hours, Invoice, Line, Missing};
use crate::cluster::NodeLife;
use crate::id::Table;
use crate::ledger::Ledger;
use crate::plan::{InstanceWish, Job, JobArrivals, NodeKind, Plan, PodTemplate, Service};
use crate::supply::offers;
use crate::units::{Exact, Money, Span};

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
    /// What instances cost on top if every service ran as many pods as it may, all on the dearest instances that they may get and all the time.
    pub instances_at_most: Money,
    /// What the jobs' instances cost on top if all that are expected in the run ran there, each pod once for its mean time: without start-up and retries.
    pub jobs_on_instances: Money,
}

/// Estimates the cost of a plan.
pub fn estimate(plan: &Plan) -> Result<Estimate, Vec<Missing>> {
    let basis = Basis::of(plan);
    let ledger = Ledger::of_things(plan, &NodeLife::at_start(plan), &Table::new(), |_| unreachable!("there are no pods yet")).since(plan.measured_from());
    let invoice = Invoice::of(&ledger, &basis, Hours::Together)?;
    let sum = |prepaid: bool| invoice.lines.iter().filter(|line| line.prepaid == prepaid).map(|line| line.amount).sum();
    let (mut services, mut jobs) = (Exact::zero(), Exact::zero());
    let hours = Exact::ratio(i128::from(basis.terms.calendar.billed_ns()), 3_600_000_000_000);
    for service in plan.services.values() {
        let hourly = dearest(plan, &basis, &service.template)?;
        services += &(&hourly * &hours) * &Exact::whole(i128::from(most_pods(service)));
    }
    for job in plan.jobs.values() {
        jobs += mean_cost(plan, &basis, job)?;
    }
    let value = super::value_of(&invoice.currency, &basis)?;
    Ok(Estimate {
        prepaid: sum(true),
        postpaid: sum(false),
        instances_at_most: (&services / &value).to_money(),
        jobs_on_instances: (&jobs / &value).to_money(),
        currency: invoice.currency,
        lines: invoice.lines,
    })
}

/// The hourly price, in the book's own currency, of the dearest instance that a pod may get; nothing if it can get none.
fn dearest(plan: &Plan, basis: &Basis, template: &PodTemplate) -> Result<Exact, Vec<Missing>> {
    let mut dearest = Exact::zero();
    for node in plan.nodes.values() {
        let NodeKind::Virtual(node) = &node.kind else { continue };
        let provider = &plan.providers[node.provider];
        let currency = basis.tariff.providers.get(&provider.name).map_or("", |rate| rate.currency.as_str());
        let value = super::value_of(currency, basis)?;
        let usual = InstanceWish::default();
        let wishes: Vec<&InstanceWish> = template.supply.wishes.iter().map(|(_, wish)| wish).collect();
        for wish in if wishes.is_empty() { vec![&usual] } else { wishes } {
            for spec in offers(provider, template.requests, wish) {
                dearest = dearest.max(&provider.price_of(spec).hourly() * &value);
            }
        }
    }
    Ok(dearest)
}

/// What all submissions of a job that are expected in the run cost on instances, on average.
fn mean_cost(plan: &Plan, basis: &Basis, job: &Job) -> Result<Exact, Vec<Missing>> {
    if job.suspended {
        return Ok(Exact::zero());
    }
    let (from, to) = (plan.measured_from(), plan.end());
    let submitted = match &job.arrivals {
        JobArrivals::At(times) => Exact::whole(times.iter().filter(|at| from <= **at && **at < to).count() as i128),
        JobArrivals::Poisson(rate) => seconds(rate.integral(from, to)),
    };
    let mut cost = Exact::zero();
    for step in &job.steps {
        let pods = step.rules.completions.unwrap_or(step.rules.parallelism);
        let hours = &seconds(step.run_time.mean()) / &Exact::whole(3600);
        cost += &(&dearest(plan, basis, plan.template(step.class))? * &hours) * &Exact::whole(i128::from(pods));
    }
    Ok(&cost * &submitted)
}

/// A number of seconds, to the nanosecond.
fn seconds(number: f64) -> Exact {
    Exact::ratio(i128::from(Span::from_secs_f64(number.max(0.0)).as_nanos()), 1_000_000_000)
}

/// Most replicas that a service may have.
fn most_pods(service: &Service) -> u32 {
    let steps = service.scale_steps.iter().map(|step| step.1);
    let cron = service.scaling.cron.iter().flat_map(|cron| &cron.jobs).map(|job| job.target_size);
    let scaled = service.hpa.as_ref().map_or(0, |hpa| hpa.max);
    steps.chain(cron).fold(service.replicas.max(scaled), u32::max)
}
