//! Sweeps run by engines that people already have: each of n workers runs its part into one shared place, and `merge` makes the tables.

use std::fmt::Write;

/// What a worker is told.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// Name of the study, for the job's own.
    pub name: &'a str,
    /// The study file, as the workers see it.
    pub study: &'a str,
    /// Where results go, as the workers see it: a folder, or the URL of an object store.
    pub results: &'a str,
    /// Whether that is an object store.
    pub is_url: bool,
    /// Number of workers.
    pub workers: u32,
    /// Container image that holds the tool and the study.
    pub image: &'a str,
    /// Cores of a worker.
    pub cores: u32,
    /// Further options of the sweep, each a word: what changes its points must be the same in every part.
    pub options: &'a [String],
}

/// The arguments of the tool in the worker whose part the variable `index` counts from 0.
fn arguments(job: &Job<'_>, index: &str) -> String {
    let place =
        if job.is_url { format!("--out \"${{TMPDIR:-/tmp}}/overspill\" --store {}", quoted(job.results)) } else { format!("--out {}", quoted(job.results)) };
    let mut text = format!("sweep {} {place} --shard \"$((${index} + 1))/{}\" --resume --jobs {} --quiet", quoted(job.study), job.workers, job.cores);
    for option in job.options {
        let _ = write!(text, " {}", quoted(option));
    }
    text
}

/// A Kubernetes Indexed Job: a completion a part. Pods tolerate virtual nodes, so that a sweep that the cluster has no room for bursts to instances; a part
/// whose instance is lost is tried again and goes on where it was.
pub fn kubernetes(job: &Job<'_>) -> String {
    let mut out = String::new();
    let workers = job.workers;
    let volume = !job.is_url;
    let _ = write!(
        out,
        "# Parts of a sweep as an Indexed Job: kubectl apply -f this file, then `overspill merge` on the results.
# Pods may go to virtual nodes (ECI): they tolerate their taints, and prefer machines that are there anyway.
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
  labels: {{app.kubernetes.io/name: overspill, app.kubernetes.io/component: sweep}}
spec:
  completionMode: Indexed
  completions: {workers}
  parallelism: {workers}
  backoffLimitPerIndex: 3
  maxFailedIndexes: 0
  template:
    metadata:
      labels: {{app.kubernetes.io/name: overspill, app.kubernetes.io/component: sweep}}
    spec:
      restartPolicy: Never
      tolerations:
        - {{key: virtual-kubelet.io/provider, operator: Exists}}
      affinity:
        nodeAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              preference:
                matchExpressions:
                  - {{key: type, operator: NotIn, values: [virtual-kubelet]}}
      containers:
        - name: sweep
          image: {image}
          command: [sh, -c]
          args:
            - {command}
          resources:
            requests: {{cpu: \"{cores}\", memory: 1Gi}}
            limits: {{memory: 2Gi}}
",
        name = object_name(job.name),
        image = yaml(job.image),
        command = yaml(&format!("exec overspill {}", arguments(job, "JOB_COMPLETION_INDEX"))),
        cores = job.cores,
    );
    if volume {
        let _ = write!(
            out,
            "          volumeMounts:
            - {{name: results, mountPath: {path}}}
      volumes:
        - name: results
          persistentVolumeClaim: {{claimName: {name}}}
",
            path = yaml(job.results),
            name = object_name(job.name),
        );
    } else {
        let _ = write!(
            out,
            "          envFrom:
            - secretRef: {{name: {name}-store}}
",
            name = object_name(job.name),
        );
    }
    out
}

/// A Slurm array: a task a part.
pub fn slurm(job: &Job<'_>) -> String {
    format!(
        "#!/bin/sh
# Parts of a sweep as a Slurm array: sbatch this file, then `overspill merge` on the results.
#SBATCH --job-name={name}
#SBATCH --array=0-{last}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={cores}
#SBATCH --requeue
set -eu
exec \"${{OVERSPILL:-overspill}}\" {arguments}
",
        name = object_name(job.name),
        last = job.workers - 1,
        cores = job.cores,
        arguments = arguments(job, "SLURM_ARRAY_TASK_ID"),
    )
}

/// A name that Kubernetes takes: RFC 1123, at most 52 characters, so that pods' names fit too.
fn object_name(name: &str) -> String {
    let name: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name: String = name.trim_matches('-').chars().take(52).collect();
    let name = name.trim_end_matches('-');
    if name.is_empty() { "sweep".to_owned() } else { name.to_owned() }
}

/// A word for a shell, whatever is in it.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':' | '=' | '@' | '%' | '+' | ',');
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A text as a YAML scalar in quotes.
fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
