//! Sweeps by engines that people already have: what is generated is run as the engine would run it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::studies::folder;
use crate::support::text;

/// A shell with the program on its path.
fn shell(at: &Path) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_overspill"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.current_dir(at).env("PATH", path);
    command
}

/// The text of the only element of `args`, a JSON string.
fn container_command(manifest: &str) -> String {
    let line = manifest.lines().skip_while(|line| line.trim() != "args:").nth(1).unwrap();
    serde_json::from_str(line.trim().trim_start_matches("- ")).unwrap()
}

#[test]
fn each_index_of_a_kubernetes_job_runs_its_part() {
    let folder = folder();
    assert!(folder.run(&["sweep", "study.yaml", "--out", "whole"]).status.success());
    let results = folder.path().join("shared folder");
    let study = folder.path().join("study.yaml");
    let emitted = folder.run(&["sweep", study.to_str().unwrap(), "--out", results.to_str().unwrap(), "--emit", "kubernetes", "--workers", "3"]);
    let manifest = text(&emitted.stdout);
    assert!(emitted.status.success() && manifest.contains("command: [sh, -c]"), "{manifest}");
    for index in 0..3 {
        let run = shell(folder.path()).args(["-c", &container_command(&manifest)]).env("JOB_COMPLETION_INDEX", index.to_string()).output().unwrap();
        assert!(run.status.success(), "{}", text(&run.stderr));
    }
    assert!(folder.run(&["merge", "shared folder", "--out", "merged"]).status.success());
    let table = |name: &str| fs::read(folder.path().join(name).join("results.csv")).unwrap();
    assert_eq!(table("merged"), table("whole"));
}

#[test]
fn each_task_of_a_slurm_array_runs_its_part() {
    let folder = folder();
    assert!(folder.run(&["sweep", "study.yaml", "--out", "whole"]).status.success());
    let emitted = folder.run(&["sweep", "study.yaml", "--out", "shared", "--emit", "slurm", "--workers", "2"]);
    folder.write("sweep.sbatch", text(&emitted.stdout));
    for task in 0..2 {
        let run = shell(folder.path()).arg("sweep.sbatch").env("SLURM_ARRAY_TASK_ID", task.to_string()).output().unwrap();
        assert!(run.status.success(), "{}", text(&run.stderr));
    }
    assert!(folder.run(&["merge", "shared", "--out", "merged"]).status.success());
    let table = |name: &str| fs::read(folder.path().join(name).join("results.csv")).unwrap();
    assert_eq!(table("merged"), table("whole"));
}
