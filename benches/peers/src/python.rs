//! Engines in Python, in a virtual environment that is made here, beside the build.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::pool::Answer;

const VERSIONS: [&str; 2] = ["simpy==4.1.2", "ciw==3.2.7"];

/// Each engine: its name, customers, nanoseconds of CPU for each, and the answer. None where there is no Python.
pub fn all(customers: u64) -> Vec<(String, u64, f64, Answer)> {
    let Some(python) = environment() else {
        eprintln!("no Python 3 with venv and pip here: SimPy and Ciw are left out");
        return Vec::new();
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["simpy_pool.py", "ciw_pool.py"].iter().filter_map(|script| measured(&python, &root.join(script), customers)).collect()
}

/// The interpreter of the environment, which is made if it is not there.
fn environment() -> Option<PathBuf> {
    let target = std::env::current_exe().ok()?.parent()?.join("peers-venv");
    let python = target.join("bin/python");
    if !python.exists() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&target).status().ok()?;
        let got = made.success() && Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(VERSIONS).status().ok()?.success();
        if !got {
            return None;
        }
    }
    Some(python)
}

fn measured(python: &Path, script: &Path, customers: u64) -> Option<(String, u64, f64, Answer)> {
    let output = Command::new(python).arg(script).arg(customers.to_string()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let cells: Vec<&str> = text.trim().split('\t').collect();
    let [name, ns, mean, p99] = cells[..] else {
        eprintln!("{} failed: {}", script.display(), String::from_utf8_lossy(&output.stderr));
        return None;
    };
    Some((name.to_owned(), customers, ns.parse().ok()?, Answer { mean: mean.parse().ok()?, p99: p99.parse().ok()? }))
}
