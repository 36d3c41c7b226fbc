//! Which services are followed request by request, and which as rates.

use super::{Fidelity, Plan, Requests, Service, Traffic};
use crate::units::Time;

/// A service with at most so many requests in a run is followed request by request in flow fidelity too: that takes about a tenth of a second, as long as
/// rates do, and formulas are about averages, which say little about few requests.
pub const FEW_REQUESTS: f64 = 1e6;

impl Requests {
    /// How many requests of its own load are to be expected until `end`; at most so many of users, who may have to wait.
    pub fn expected(&self, end: Time) -> f64 {
        let modulated = self.modulated.iter().map(|modulated| {
            let (requests, seconds) = modulated.states.iter().fold((0.0, 0.0), |sum, (rate, lasts)| (sum.0 + rate * lasts, sum.1 + lasts));
            let length = modulated.until.min(end).since(modulated.start).as_secs_f64();
            if seconds > 0.0 { requests / seconds * length } else { 0.0 }
        });
        let users = self.users.as_ref().map_or(0.0, |users| {
            let most = users.count.iter().map(|change| change.1).max().unwrap_or(0);
            f64::from(most) * end.as_secs_f64() / (users.think.mean() + self.service_time.mean()).max(1e-9)
        });
        self.rate.integral(Time::ZERO, end) + modulated.sum::<f64>() + self.recorded.len() as f64 + users
    }
}

impl Plan {
    /// How closely the requests of a service are looked at. Services of a chain are always followed request by request.
    pub fn fidelity_of(&self, service: &Service) -> Fidelity {
        match &service.traffic {
            Traffic::Requests(requests) if requests.expected(self.end()) <= FEW_REQUESTS => Fidelity::Request,
            _ => self.fidelity,
        }
    }
}
