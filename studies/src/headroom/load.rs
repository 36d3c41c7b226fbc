//! More load, or less, on a plan.

use sim_core::plan::{Plan, Traffic};
use sim_core::units::Time;

/// The plan with its load, or that of one service, times a factor.
#[must_use]
pub fn scaled(plan: &Plan, of: Option<&str>, factor: f64) -> Plan {
    let mut plan = plan.clone();
    for service in plan.services.values_mut().filter(|service| of.is_none_or(|name| service.name == name)) {
        match &mut service.traffic {
            Traffic::None => {}
            Traffic::CpuDemand { demand, .. } => *demand = demand.scaled(factor),
            Traffic::Requests(requests) => {
                requests.rate = requests.rate.scaled(factor);
                for modulated in &mut requests.modulated {
                    modulated.states.iter_mut().for_each(|(rate, _)| *rate *= factor);
                }
                requests.recorded = repeated(&requests.recorded, factor);
                if let Some(users) = &mut requests.users {
                    users.count.iter_mut().for_each(|(_, count)| *count = (f64::from(*count) * factor).round() as u32);
                }
            }
        }
    }
    plan
}

/// Recorded arrivals `factor` times as often: each is there as often as the running total asks for.
fn repeated(recorded: &[Time], factor: f64) -> Vec<Time> {
    let total = |count: usize| (count as f64 * factor).floor() as usize;
    recorded.iter().enumerate().flat_map(|(at, time)| std::iter::repeat_n(*time, total(at + 1) - total(at))).collect()
}

#[cfg(test)]
mod tests {
    use sim_core::units::Time;

    use super::repeated;

    #[test]
    fn recorded_arrivals_are_repeated_evenly() {
        let recorded: Vec<Time> = (0..4).map(Time::from_secs).collect();
        assert_eq!(repeated(&recorded, 1.0), recorded);
        assert_eq!(repeated(&recorded, 0.5), [Time::from_secs(1), Time::from_secs(3)]);
        assert_eq!(repeated(&recorded, 2.5).len(), 10);
    }
}
