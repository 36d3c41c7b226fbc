//! Memory does not grow with the number of requests.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use sim_core::plan::{Curve, Requests, Retries};
use sim_core::random::{Distribution, Streams};
use sim_core::traffic::{Endpoint, RequestKernel};
use sim_core::units::{Span, Time};

/// Most memory that this process has had so far, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn serve(plan: &Requests, seconds: u64) -> u64 {
    let mut kernel = RequestKernel::new(plan, Streams::new(1), "web");
    (0..20).for_each(|_| _ = kernel.add_endpoint(Endpoint::PLAIN));
    for second in 1..=seconds {
        kernel.advance(Time::from_secs(second));
        kernel.take_window();
    }
    kernel.total().offered
}

#[test]
fn fifty_times_as_many_requests_take_no_more_memory() {
    let plain = Requests { rate: Curve::constant(1000.0), ..Requests::new(Distribution::Exponential { mean: 0.064 }, 4) };
    let retries = Retries { attempts: 3, initial: Span::from_millis(50), max: Span::from_secs(1), jitter: 0.5, budget: Some(0.1), anew: false };
    let retried = Requests { timeout: Some(Span::from_millis(400)), retries: Some(retries), ..plain.clone() };
    for plan in [plain, retried] {
        assert!(serve(&plan, 40) > 35_000);
        let before = peak();
        assert!(serve(&plan, 2000) > 1_900_000);
        let grown = peak() - before;
        assert!(grown <= 1024 + before / 20, "{grown} KiB more than {before}");
    }
}
