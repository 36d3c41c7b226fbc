//! What the system keeps of a node.

use sim_core::units::{Bytes, MilliCpu, Resources};

use crate::spec::{Reservation, ReservationPolicy};

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;

/// What the system keeps of a node of this capacity.
pub(super) fn reserved(reservation: &Reservation, capacity: Resources, max_pods: u32) -> Resources {
    let (cpu, memory) = match reservation.policy {
        ReservationPolicy::None => (0, 0),
        ReservationPolicy::Ack128 => (cpu_128(capacity.cpu), memory_128(capacity.memory, max_pods)),
        ReservationPolicy::Ack120 => (cpu_120(capacity.cpu), memory_120(capacity.memory)),
    };
    let more_cpu = reservation.cpu.map_or(0, |cpu| cpu.0.0);
    let more_memory = reservation.memory.map_or(0, |memory| memory.0.0);
    Resources::new(MilliCpu(cpu + more_cpu), Bytes(memory + more_memory))
}

/// The sum of shares of bands: each band has an upper end and a share in 1/10000; rounded up as Kubernetes rounds quantities.
fn by_bands(amount: u64, bands: &[(u64, u64)]) -> u64 {
    let (mut from, mut sum) = (0, 0u128);
    for &(to, share) in bands {
        sum += u128::from(amount.min(to).saturating_sub(from)) * u128::from(share);
        from = to;
    }
    sum.div_ceil(10_000) as u64
}

/// 6 % of the first core, 1 % of the second, 0.5 % of the third and fourth, 0.25 % of the rest.
fn cpu_128(cpu: MilliCpu) -> u64 {
    by_bands(cpu.0, &[(1_000, 600), (2_000, 100), (4_000, 50), (u64::MAX, 25)])
}

/// 100m up to 4 cores, then 2.5 % of each core up to 64, 1.25 % up to 128, 0.5 % above.
fn cpu_120(cpu: MilliCpu) -> u64 {
    100 + by_bands(cpu.0, &[(4_000, 0), (64_000, 250), (128_000, 125), (u64::MAX, 50)])
}

/// 255 MiB and 11 MiB a pod, at most a quarter.
fn memory_128(memory: Bytes, max_pods: u32) -> u64 {
    (255 * MIB + 11 * MIB * u64::from(max_pods)).min(memory.0 / 4)
}

/// 25 % of the first 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % of the next 112, 2 % of the rest.
fn memory_120(memory: Bytes) -> u64 {
    by_bands(memory.0, &[(4 * GIB, 2500), (8 * GIB, 2000), (16 * GIB, 1000), (128 * GIB, 600), (u64::MAX, 200)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_follows_the_published_examples() {
        let cores = |cores: u64| MilliCpu(cores * 1000);
        for (n, reserved) in [(1, 60), (2, 70), (4, 80), (5, 83), (6, 85), (8, 90), (32, 150)] {
            assert_eq!(cpu_128(cores(n)), reserved, "{n} cores from 1.28 on");
        }
        for (n, reserved) in [(1, 100), (4, 100), (6, 150), (32, 800), (64, 1600), (128, 2400), (256, 3040)] {
            assert_eq!(cpu_120(cores(n)), reserved, "{n} cores until 1.27");
        }
    }

    #[test]
    fn memory_has_a_floor_a_cap_and_bands() {
        assert_eq!(memory_128(Bytes::from_gib(64), 64), (255 + 11 * 64) * MIB);
        assert_eq!(memory_128(Bytes::from_gib(2), 110), GIB / 2);
        for (gib, reserved) in [(4, 1 << 30), (8, 1_932_735_284), (64, 5_884_105_196), (256, 12_756_052_870)] {
            assert_eq!(memory_120(Bytes::from_gib(gib)), reserved, "{gib} GiB until 1.27");
        }
    }

    #[test]
    fn what_is_given_comes_on_top() {
        let capacity = Resources::new(MilliCpu(6000), Bytes::from_gib(8));
        let with = |policy, cpu: &str| Reservation { policy, cpu: Some(crate::text::Text(cpu.parse().unwrap())), memory: None };
        // Golden case G01: a control plane keeps 850m.
        assert_eq!(reserved(&with(ReservationPolicy::None, "850m"), capacity, 110).cpu, MilliCpu(850));
        assert_eq!(reserved(&with(ReservationPolicy::Ack128, "850m"), capacity, 110).cpu, MilliCpu(935));
    }
}
