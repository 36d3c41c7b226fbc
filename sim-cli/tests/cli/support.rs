//! Running the program in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is removed when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let path = std::env::temp_dir().join(format!("overspill-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_overspill")).args(args).current_dir(&self.0).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Four ECS pods that may grow to forty on a virtual node, and a rush.
pub(crate) const SHOP: &str = "\
name: shop
duration: 10m
nodes:
  - {name: ecs, tier: ecs, capacity: {cpu: 4, memory: 16Gi}, price: 1/h}
virtualNodes:
  - {name: vk, startUp: 30s}
services:
  web:
    requests: {cpu: 1, memory: 2Gi}
    serviceTime: {exponential: {mean: 50ms}}
    concurrency: 2
    queueLimit: 60
    timeout: 5s
    autoscaler: {hpa: {min: 4, max: 40, cpu: 60}}
    placement: {prefer: [ecs, eci]}
load:
  web:
    - {constant: 60/s}
    - {flashSale: {at: 2m, peak: 800/s, rampUp: 5s, hold: 3m, decay: 1m}}
objectives:
  - {p99: 500ms, of: web, attain: 90%}
";
