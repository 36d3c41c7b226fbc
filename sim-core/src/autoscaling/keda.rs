//! KEDA's own part of scaling: between no replica and one. From one replica on, the HPA that it creates decides.

use crate::plan::Keda;
use crate::units::Time;

/// What a look at the triggers leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Keep,
    /// A trigger is active and there is no replica, or only idle ones.
    Activate(u32),
    /// No trigger has been active for the cooldown period.
    Deactivate(u32),
    /// There are fewer replicas than the minimum.
    Raise(u32),
}

/// One look at the triggers: `active` if one of them is, `current` replicas, and when a trigger was last seen active, which is updated.
pub fn poll(keda: &Keda, active: bool, current: u32, last_active: &mut Option<Time>, now: Time) -> Step {
    let idle = keda.idle.unwrap_or(0);
    if active {
        *last_active = Some(now);
        return if current <= idle && current < keda.min.max(1) { Step::Activate(keda.min.max(1)) } else { Step::Keep };
    }
    let may_sleep = keda.min == 0 || keda.idle.is_some();
    if may_sleep && current > idle {
        let is_cool = last_active.is_none_or(|last| last + keda.cooldown < now);
        return if is_cool { Step::Deactivate(idle) } else { Step::Keep };
    }
    if current < keda.min && keda.idle.is_none() { Step::Raise(keda.min) } else { Step::Keep }
}

#[cfg(test)]
mod tests {
    use super::{Step, poll};
    use crate::plan::Keda;
    use crate::units::{Span, Time};

    fn keda(min: u32, idle: Option<u32>) -> Keda {
        Keda { polling_interval: Span::from_secs(30), cooldown: Span::from_secs(300), min, idle, triggers: Vec::new() }
    }

    #[test]
    fn the_first_replica_comes_at_once_and_goes_after_the_cooldown() {
        let (keda, mut last) = (keda(0, None), None);
        assert_eq!(poll(&keda, false, 0, &mut last, Time::from_secs(30)), Step::Keep);
        assert_eq!(poll(&keda, true, 0, &mut last, Time::from_secs(60)), Step::Activate(1));
        assert_eq!(poll(&keda, true, 7, &mut last, Time::from_secs(90)), Step::Keep, "the HPA decides");
        assert_eq!(poll(&keda, false, 7, &mut last, Time::from_secs(390)), Step::Keep, "not longer than 300 s");
        assert_eq!(poll(&keda, false, 7, &mut last, Time::from_secs(420)), Step::Deactivate(0), "from any number");
    }

    #[test]
    fn without_any_activity_it_sleeps_at_once() {
        assert_eq!(poll(&keda(0, None), false, 3, &mut None, Time::from_secs(30)), Step::Deactivate(0));
    }

    #[test]
    fn a_minimum_is_kept_and_idle_replicas_stand_in_for_none() {
        assert_eq!(poll(&keda(2, None), false, 5, &mut None, Time::from_secs(30)), Step::Keep);
        assert_eq!(poll(&keda(2, None), false, 1, &mut None, Time::from_secs(30)), Step::Raise(2));
        assert_eq!(poll(&keda(2, None), true, 0, &mut None, Time::from_secs(30)), Step::Activate(2));
        assert_eq!(poll(&keda(3, Some(1)), false, 3, &mut None, Time::from_secs(30)), Step::Deactivate(1));
        assert_eq!(poll(&keda(3, Some(1)), true, 1, &mut None, Time::from_secs(30)), Step::Activate(3));
    }
}
