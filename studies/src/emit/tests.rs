use serde_json::{Value, json};
use sim_scenarios::tree::{Kind, Node};

use super::{Job, kubernetes, object_name, quoted, slurm};

fn job(results: &str) -> Job<'_> {
    Job {
        name: "Floor & Co",
        study: "/study/my study.yaml",
        results,
        is_url: results.contains("://"),
        workers: 7,
        image: "registry/overspill:1",
        cores: 2,
        options: &[],
    }
}

#[test]
fn an_indexed_job_runs_each_part_once_and_may_burst() {
    let manifest = kubernetes(&job("/results"));
    let mut sources = sim_scenarios::source::Sources::new();
    let id = sources.add("job.yaml", manifest.as_str());
    let mut issues = sim_scenarios::issue::Issues::default();
    let root = sim_scenarios::tree::parse(&sources, id, &mut issues).unwrap_or_else(|| panic!("{manifest}"));
    let text = |path: &[&str]| path.iter().try_fold(&root, |node, key| node.get(key)).and_then(sim_scenarios::tree::Node::text).map(str::to_owned);
    assert_eq!(text(&["spec", "completionMode"]).as_deref(), Some("Indexed"));
    assert_eq!(text(&["spec", "completions"]).as_deref(), Some("7"));
    assert_eq!(text(&["metadata", "name"]).as_deref(), Some("floor---co"));
    for part in ["virtual-kubelet.io/provider", "--shard \\\"$(($JOB_COMPLETION_INDEX + 1))/7\\\" --resume", "'/study/my study.yaml'", "claimName: floor---co"]
    {
        assert!(manifest.contains(part), "{part} is missing in\n{manifest}");
    }
    let manifest = kubernetes(&job("s3://bucket/floor"));
    assert!(manifest.contains("--store s3://bucket/floor") && manifest.contains("secretRef") && !manifest.contains("volumes:"), "{manifest}");
}

#[test]
fn a_slurm_array_has_a_task_a_part() {
    let script = slurm(&job("/shared/floor"));
    assert!(script.starts_with("#!/bin/sh\n") && script.contains("#SBATCH --array=0-6\n"), "{script}");
    assert!(script.contains("--shard \"$(($SLURM_ARRAY_TASK_ID + 1))/7\" --resume"), "{script}");
}

#[test]
fn what_changes_the_points_is_told_to_every_worker() {
    let options = ["--set=services.web.autoscaler.hpa.cpu=50".to_owned(), "--set=name=a b".to_owned(), "--seed=7".to_owned()];
    let script = slurm(&Job { options: &options, ..job("/shared/floor") });
    assert!(script.ends_with(" --quiet --set=services.web.autoscaler.hpa.cpu=50 '--set=name=a b' --seed=7\n"), "{script}");
}

#[test]
fn words_and_names_are_safe() {
    assert_eq!([quoted("a/b.yaml"), quoted("it's"), quoted("")], ["a/b.yaml", "'it'\\''s'", "''"]);
    assert_eq!([object_name("--"), object_name("A b"), object_name(&"x".repeat(90))], ["sweep".to_owned(), "a-b".to_owned(), "x".repeat(52)]);
}

/// The fields of a Job that a sweep may use, with their types, as in the `OpenAPI` document of Kubernetes 1.33 (`io.k8s.api.batch.v1.JobSpec`,
/// `io.k8s.api.core.v1.PodSpec`, `Container` and what they refer to). Lists are `[type]`, maps `{"*": type}`.
fn fields() -> Value {
    let labels = json!({ "*": "label" });
    let requirement = json!({ "key": "string", "operator": "In|NotIn|Exists|DoesNotExist|Gt|Lt", "values": ["string"] });
    let container = json!({
        "name": "name", "image": "string", "command": ["string"], "args": ["string"],
        "resources": { "requests": { "*": "quantity" }, "limits": { "*": "quantity" } },
        "volumeMounts": [{ "name": "name", "mountPath": "string", "readOnly": "boolean", "subPath": "string" }],
        "envFrom": [{ "secretRef": { "name": "name", "optional": "boolean" } }],
    });
    let pod = json!({
        "restartPolicy": "Never|OnFailure",
        "tolerations": [{ "key": "string", "operator": "Exists|Equal", "value": "string", "effect": "NoSchedule|PreferNoSchedule|NoExecute", "tolerationSeconds": "integer" }],
        "affinity": { "nodeAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [{ "weight": "integer", "preference": { "matchExpressions": [requirement] } }] } },
        "containers": [container],
        "volumes": [{ "name": "name", "persistentVolumeClaim": { "claimName": "name", "readOnly": "boolean" } }],
    });
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "name", "namespace": "name", "labels": labels },
        "spec": {
            "completionMode": "Indexed|NonIndexed", "completions": "integer", "parallelism": "integer", "backoffLimit": "integer",
            "backoffLimitPerIndex": "integer", "maxFailedIndexes": "integer", "activeDeadlineSeconds": "integer", "ttlSecondsAfterFinished": "integer",
            "suspend": "boolean", "template": { "metadata": { "labels": labels }, "spec": pod },
        },
    })
}

/// Everything in a document that its fields do not allow.
fn wrong(node: &Node, fields: &Value, path: &str, found: &mut Vec<String>) {
    match (&node.kind, fields) {
        (Kind::Mapping(entries), Value::Object(known)) => {
            for (key, value) in entries {
                let key = key.text().unwrap_or_default();
                match known.get(key).or_else(|| known.get("*")) {
                    Some(fields) => wrong(value, fields, &format!("{path}.{key}"), found),
                    None => found.push(format!("{path}.{key} is no field")),
                }
            }
        }
        (Kind::Sequence(elements), Value::Array(of)) => elements.iter().for_each(|element| wrong(element, &of[0], &format!("{path}[]"), found)),
        (Kind::Scalar { text, plain }, Value::String(kind)) => {
            let name = |text: &str| {
                text.len() <= 63
                    && !text.starts_with('-')
                    && !text.ends_with('-')
                    && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            };
            // What YAML would take for a number or a truth is quoted where text is wanted.
            let word = !plain || (text.parse::<f64>().is_err() && !["true", "false", "null", "yes", "no", "on", "off"].contains(&text.as_str()));
            let right = match kind.as_str() {
                "integer" => *plain && text.parse::<u32>().is_ok(),
                "boolean" => *plain && ["true", "false"].contains(&text.as_str()),
                "string" => word,
                "name" => word && !text.is_empty() && name(text),
                "label" => word && text.len() <= 63 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)),
                "quantity" => text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<f64>().is_ok(),
                words => words.split('|').any(|known| known == text),
            };
            if !right {
                found.push(format!("{path}: `{text}` is no {kind}"));
            }
        }
        _ => found.push(format!("{path} is of another kind than {fields}")),
    }
}

#[test]
fn the_manifest_is_one_that_kubernetes_takes() {
    let at = |root: &Node, path: &[&str]| path.iter().try_fold(root, |node, key| node.get(key)).and_then(Node::text).map(str::to_owned);
    for results in ["/results", "s3://bucket/floor"] {
        let manifest = kubernetes(&job(results));
        let mut sources = sim_scenarios::source::Sources::new();
        let id = sources.add("job.yaml", manifest.as_str());
        let mut issues = sim_scenarios::issue::Issues::default();
        let root = sim_scenarios::tree::parse(&sources, id, &mut issues).unwrap_or_else(|| panic!("{manifest}"));
        assert!(!issues.has_errors());
        let mut found = Vec::new();
        wrong(&root, &fields(), "", &mut found);
        assert!(found.is_empty(), "{found:?} in\n{manifest}");
        // What the API server checks besides types: a limit for each index needs indexes and pods that are not restarted in place, and labels that agree.
        assert_eq!(at(&root, &["spec", "completionMode"]).as_deref(), Some("Indexed"));
        assert_eq!(at(&root, &["spec", "template", "spec", "restartPolicy"]).as_deref(), Some("Never"));
        let parallelism: u32 = at(&root, &["spec", "parallelism"]).unwrap().parse().unwrap();
        let failed: u32 = at(&root, &["spec", "maxFailedIndexes"]).unwrap().parse().unwrap();
        assert!(parallelism <= 100_000 && failed <= 7);
    }
    // The check itself can fail.
    let mut found = Vec::new();
    let mut sources = sim_scenarios::source::Sources::new();
    let id = sources.add("job.yaml", "{apiVersion: batch/v1, kind: Job, spec: {completion: 7, parallelism: '7'}}");
    let root = sim_scenarios::tree::parse(&sources, id, &mut sim_scenarios::issue::Issues::default()).unwrap();
    wrong(&root, &fields(), "", &mut found);
    assert_eq!(found.len(), 2, "{found:?}");
}
