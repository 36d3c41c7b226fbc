//! The tables, column by column.

use super::{Column, Table};

const fn column(name: &'static str, unit: &'static str, meaning: &'static str) -> Column {
    Column { name, unit, meaning }
}

/// `series_workloads.csv`.
pub const WORKLOADS: Table = Table {
    file: "series_workloads.csv",
    row: "A window of a service or job. Counts are of the window; pods, capacity and requests in flight are as at its end.",
    columns: &[
        column("t", "s", "Start of the window."),
        column("workload", "", "Service or job."),
        column("offered", "requests", "Requests that arrived."),
        column("completed", "requests", "Requests answered in time."),
        column("timed_out", "requests", "Requests that the client gave up."),
        column("rejected", "requests", "Requests refused: no ready pod, or a full queue."),
        column("failed", "requests", "Requests lost with their pod, or because a call failed."),
        column("success_rate", "share", "Completed over all that ended; empty if none ended."),
        column("throughput_per_s", "requests/s", "Requests completed in a second."),
        column("concurrency", "requests", "Mean number of requests in the system, by Little's law over completed requests."),
        column("in_flight", "requests", "Requests neither answered nor given up."),
        column("latency_mean_ms", "ms", "Mean latency of completed requests; empty, like the others, if none completed."),
        column("latency_p50_ms", "ms", "Median latency."),
        column("latency_p90_ms", "ms", "90th percentile."),
        column("latency_p95_ms", "ms", "95th percentile."),
        column("latency_p99_ms", "ms", "99th percentile."),
        column("latency_max_ms", "ms", "Largest latency."),
        column("cpu_used_cores", "cores", "CPU used, mean of the window."),
        column("cpu_demand_cores", "cores", "CPU demanded with `cpuDemand`, else what was used."),
        column("cpu_requested_cores", "cores", "CPU requested by ready pods."),
        column(
            "capacity_per_s",
            "requests/s",
            "Requests a second that the ready pods could serve, and no more than the services and backends that they call could; 0 if unknown.",
        ),
        column("replicas_desired", "pods", "Replicas asked for."),
        column("pods_ready", "pods", "Pods that serve, or run in the case of a job."),
        column("pods_starting", "pods", "Pods with a node that are not ready yet."),
        column("pods_pending", "pods", "Pods without a node."),
        column("retried", "requests", "Attempts after the first, on top of `offered`."),
        column("latency_p999_ms", "ms", "99.9th percentile of the latency."),
        column("latency_p9999_ms", "ms", "99.99th percentile of the latency."),
        column("waiting_mean_ms", "ms", "Mean time that completed requests waited for a worker; it and the following means add up to that of the latency."),
        column("waiting_p99_ms", "ms", "99th percentile of that."),
        column("service_mean_ms", "ms", "Mean time that pods worked on completed requests."),
        column("service_p99_ms", "ms", "99th percentile of that."),
        column("retry_mean_ms", "ms", "Mean time from the first to the last attempt; empty, like the others, in services without retries and calls."),
        column("retry_p99_ms", "ms", "99th percentile of that."),
        column("calls_mean_ms", "ms", "Mean time that completed requests waited for other services."),
        column("calls_p99_ms", "ms", "99th percentile of that."),
    ],
};

/// `series_tiers.csv`.
pub const TIERS: Table = Table {
    file: "series_tiers.csv",
    row: "A window of a tier. Pods, CPU and cost are as at the end of the window, requests are those of the window.",
    columns: &[
        column("t", "s", "Start of the window."),
        column("tier", "", "Tier."),
        column("pods", "pods", "Pods bound to its nodes."),
        column("pods_ready", "pods", "Pods that are ready."),
        column("cpu_requested_cores", "cores", "CPU requested by the bound pods."),
        column("cpu_allocatable_cores", "cores", "Allocatable CPU of its machines; 0 for virtual nodes."),
        column("cost", "currency", "Cost since the start of the run."),
        column("completed", "requests", "Requests that its pods answered in time in the window."),
        column("latency_mean_ms", "ms", "Their mean latency; empty, like the others, if there are none."),
        column("latency_p50_ms", "ms", "Their median latency."),
        column("latency_p99_ms", "ms", "99th percentile."),
        column("latency_p999_ms", "ms", "99.9th percentile."),
        column("latency_p9999_ms", "ms", "99.99th percentile."),
        column("latency_max_ms", "ms", "Largest latency."),
    ],
};

/// `series_pools.csv`.
pub const POOLS: Table = Table {
    file: "series_pools.csv",
    row: "A window of a node pool. Everything is as at the end of the window.",
    columns: &[
        column("t", "s", "Start of the window."),
        column("pool", "", "Node pool."),
        column("tier", "", "Tier of its nodes."),
        column("nodes_ready", "nodes", "Ready nodes."),
        column("nodes_starting", "nodes", "Machines asked for that are no ready nodes yet."),
        column("nodes_down", "nodes", "Nodes that do not answer."),
        column("nodes_leaving", "nodes", "Nodes that are emptied before they are released."),
        column("pods", "pods", "Pods bound to its nodes, those of DaemonSets not counted."),
        column("cpu_requested_cores", "cores", "CPU requested of its nodes."),
        column("cpu_allocatable_cores", "cores", "Allocatable CPU of its nodes."),
    ],
};

/// `pods.csv`.
pub const PODS: Table = Table {
    file: "pods.csv",
    row: "A pod's life, in the order of creation.",
    columns: &[
        column("pod", "", "Name."),
        column("workload", "", "Service or job."),
        column("namespace", "", "Namespace."),
        column("node", "", "Node; empty if never bound."),
        column("tier", "", "Tier of the node."),
        column("zone", "", "Zone of its instance, or of the node."),
        column("spec", "", "Instance size on a virtual node."),
        column("phase", "", "Phase at the end: Pending, Scheduled, Starting, Ready, Terminating, Succeeded or Terminated."),
        column("created", "s", "Created."),
        column("scheduled", "s", "Bound to a node."),
        column("starting", "s", "Creation of its containers began."),
        column("ready", "s", "Ready."),
        column("terminating", "s", "Asked to terminate."),
        column("ended", "s", "Gone, or succeeded."),
        column("reason", "", "Why it is Pending or was removed."),
        column(
            "scheduling_s",
            "s",
            "Until the kubelet acted on it; on a virtual node, until the creation call. The stages are empty on nodes with a single `startUp`.",
        ),
        column("sandbox_s", "s", "Its sandbox."),
        column("pull_s", "s", "Its image."),
        column("application_s", "s", "Its application."),
        column("readiness_s", "s", "Until the readiness probe found out."),
        column("load_balancer_s", "s", "Until the load balancer knew."),
        column("provisioning_s", "s", "Until a node was found, while its machine was being provisioned; empty on nodes that are always there."),
        column("stopped", "s", "When the machine or instance under it stopped, if it did not go on afterwards."),
    ],
};

/// `nodes.csv`.
pub const NODES: Table = Table {
    file: "nodes.csv",
    row: "A node at the end of the run, or a place of a pool that had a machine.",
    columns: &[
        column("node", "", "Name."),
        column("tier", "", "Tier."),
        column("zone", "", "Zone."),
        column("pods", "pods", "Pods bound."),
        column("peak_pods", "pods", "Most pods at once."),
        column("cpu_requested_milli", "milliCPU", "Requested CPU."),
        column("cpu_allocatable_milli", "milliCPU", "Allocatable CPU; 0 for a virtual node."),
        column("cpu_requested_percent", "%", "Requested over allocatable CPU, rounded half up to two decimals; empty for a virtual node."),
        column("memory_requested", "bytes", "Requested memory."),
        column("memory_allocatable", "bytes", "Allocatable memory; 0 for a virtual node."),
        column("memory_requested_percent", "%", "Requested over allocatable memory, likewise."),
        column("status", "", "Its condition as `kubectl get nodes` shows it; `Absent` or `Provisioning` for a place of a pool."),
        column("pool", "", "Its pool; empty for a node that is always there."),
        column("machines", "machines", "Machines that it was one after the other: 1 unless it is a place of a pool."),
    ],
};

/// `ledger.csv`.
pub const LEDGER: Table = Table {
    file: "ledger.csv",
    row: "Something in use for one stretch of time: machines and virtual nodes, then pods in the order of creation. With the price book it makes the bill: \
          what has the kind `machine` or `instance` is billed, from its start (see the book's rules) to `stopped`, or to the end of the run.",
    columns: &[
        column("resource", "", "Name of the node or pod."),
        column("kind", "", "`machine`; `instance`: a pod on a virtual node; `pod`: one on a machine, which costs nothing itself; `virtual-node`."),
        column("tier", "", "Tier."),
        column("zone", "", "Zone; empty if none was given."),
        column("node", "", "The node that it is, or is on."),
        column("workload", "", "Service or job that owns it; empty for nodes."),
        column("provider", "", "Provider of an instance, in the price book's `instances`."),
        column("item", "", "What the invoice calls it."),
        column("instance_type", "", "Machine type in the price book's `machines`; empty for what is billed by size."),
        column("category", "", "Compute category of an instance; empty for the usual one."),
        column("purchase", "", "`owned`, `subscription`, `subscription-1y`, `subscription-3y`, `pay-as-you-go` or `spot`."),
        column("cpu_milli", "milliCPU", "CPU of the machine, or of the instance's size, which is what is billed."),
        column("memory_bytes", "bytes", "Memory, likewise."),
        column("request_cpu_milli", "milliCPU", "What pods can request of a machine; what a pod requests."),
        column("request_memory_bytes", "bytes", "Memory, likewise."),
        column("max_pods", "pods", "Most pods that a machine takes; 0 for others."),
        column("used_milli_ns", "milliCPU ns", "CPU that a pod used: milliCPU times nanoseconds."),
        column("price", "currency/time", "Price that the scenario gives, such as `2/h`; wins over the price book. Empty without."),
        column("bid", "currency/time", "The most that a spot instance may cost; empty without a limit."),
        column("protected", "s", "Until when a spot instance keeps the price that it was bought at."),
        column("requested", "s", "A node was asked for; a pod was bound. Exact decimals, like the following."),
        column("started", "s", "A machine started; a provider accepted the creation call and began to pull the image."),
        column("ready", "s", "Ready."),
        column("stopped", "s", "Released; succeeded, failed or terminated. Empty for what was in use at the end of the run."),
        column("deleted", "s", "The pod's object was deleted."),
        column("start_reason", "", "Why it started."),
        column("stop_reason", "", "Why it stopped."),
        column("pool", "", "The pool of a machine; empty for what is in none."),
    ],
};

/// `decisions.jsonl`.
pub const DECISIONS: Table = Table {
    file: "decisions.jsonl",
    row: "Something that a controller chose, one JSON object a line, in the order of time.",
    columns: &[
        column("t", "s", "When."),
        column("controller", "", "Who: scheduler, hpa, scale, replicaset, job or provider."),
        column("action", "", "What: created, placed, refused, scaled, kept, evicted, started, waited or completed."),
        column("subject", "", "About what: a pod or a workload."),
        column("object", "", "Where to, or by how much: a node's name, or `22 -> 44`."),
        column("reason", "", "Why."),
    ],
};
