//! What a pod requests: the rule of kube-scheduler over its containers.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::units::Quantity;

use crate::spec::Amounts;
use crate::text::{Amount, Text};

/// A container of a pod.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Container {
    #[serde(default)]
    pub(super) resources: Resources,
    pub(super) restart_policy: Option<String>,
}

/// Requests and limits.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Resources {
    #[serde(default)]
    pub(super) requests: Amounts,
    #[serde(default)]
    pub(super) limits: Amounts,
}

impl Resources {
    /// What is requested of a resource, in 10^-9: the limit stands in for a missing request.
    fn request(&self, name: &str) -> i128 {
        self.requests.0.get(name).or_else(|| self.limits.0.get(name)).map_or(0, |amount| amount.0.as_nano())
    }
}

/// What the scheduler counts for a pod.
///
/// The sum over containers and restartable init containers, or, if that is more, the most that is needed while init containers run one after the other.
/// An entry for the pod as a whole replaces it, and the overhead comes on top.
pub(super) fn requests(containers: &[Container], init: &[Container], pod: Option<&Resources>, overhead: &Amounts) -> Amounts {
    let parts = containers.iter().chain(init).map(|container| &container.resources).chain(pod);
    let mut names: Vec<&String> = parts.flat_map(|resources| resources.requests.0.keys().chain(resources.limits.0.keys())).chain(overhead.0.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let total = |name: &str| {
        let (mut running, mut peak) = (0, 0);
        for container in init {
            let request = container.resources.request(name);
            if container.restart_policy.as_deref() == Some("Always") {
                running += request;
                peak = peak.max(running);
            } else {
                peak = peak.max(running + request);
            }
        }
        let together = running + containers.iter().map(|container| container.resources.request(name)).sum::<i128>();
        let whole = pod.filter(|pod| pod.requests.0.contains_key(name) || pod.limits.0.contains_key(name)).map(|pod| pod.request(name));
        whole.unwrap_or(together.max(peak)) + overhead.0.get(name).map_or(0, |amount| amount.0.as_nano())
    };
    collect(names.into_iter().map(|name| (name.clone(), total(name))))
}

/// The limits of a pod: a resource is limited if every container limits it.
pub(super) fn limits(containers: &[Container], init: &[Container], pod: Option<&Resources>) -> Amounts {
    let all: Vec<&Container> = containers.iter().chain(init.iter().filter(|container| container.restart_policy.as_deref() == Some("Always"))).collect();
    let Some(first) = all.first() else { return Amounts::default() };
    let shared = first.resources.limits.0.keys().filter(|name| all.iter().all(|container| container.resources.limits.0.contains_key(*name)));
    let sums =
        shared.map(|name| (name.clone(), all.iter().filter_map(|container| container.resources.limits.0.get(name)).map(|amount| amount.0.as_nano()).sum()));
    let mut limits = collect(sums);
    if let Some(pod) = pod {
        limits.0.extend(pod.limits.0.clone());
    }
    limits
}

fn collect(sums: impl Iterator<Item = (String, i128)>) -> Amounts {
    let amount = |nano: i128| -> Option<Amount> { format!("{nano}n").parse::<Quantity>().ok().map(Text) };
    Amounts(sums.filter_map(|(name, nano)| Some((name, amount(nano)?))).collect::<BTreeMap<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::{Container, limits, requests};
    use crate::spec::Amounts;

    fn container(json: &str) -> Container {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn init_containers_count_at_their_peak() {
        let app = [container(r#"{"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}"#), container(r#"{"resources": {"limits": {"cpu": "1"}}}"#)];
        let init = [
            container(r#"{"restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}}"#),
            container(r#"{"resources": {"requests": {"cpu": "2", "memory": "512Mi"}}}"#),
        ];
        let milli = |amounts: &Amounts, name: &str| amounts.0[name].0.as_milli();
        let total = requests(&app, &init, None, &Amounts::default());
        // Together: 500 + 1000 + 100. While the second one runs: 100 + 2000.
        assert_eq!(milli(&total, "cpu"), 2100);
        assert_eq!(total.0["memory"].0.as_units(), 1 << 30);
        assert_eq!(milli(&requests(&app, &[], None, &Amounts::default()), "cpu"), 1500);
        assert!(limits(&app, &[], None).0.is_empty(), "one container has no limit");
        assert_eq!(milli(&limits(&app[1..], &[], None), "cpu"), 1000);
    }
}
