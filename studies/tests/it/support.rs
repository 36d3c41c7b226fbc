//! A folder with a small study.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use sim_core::record::Record;
use sim_scenarios::LoadOptions;
use sim_studies::check::{self, Study};
use sim_studies::design::Point;
use sim_studies::sweep::Observer;

/// Two replicas and an HPA for a load that varies, one minute long.
pub(crate) const SCENARIO: &str = "\
name: shop
duration: 1m
nodes: [{name: idc, tier: idc, capacity: {cpu: 16, memory: 32Gi}, price: 1/h}]
services: {web: {requests: {cpu: 1}, replicas: 2, serviceTime: {exponential: {mean: 50ms}}}}
load: {web: [{constant: 20/s}]}
";

/// Twelve points.
pub(crate) const STUDY: &str = "\
scenario: shop.yaml
replications: 2
axes:
  replicas: {path: services.web.replicas, values: [2, 3, 4]}
  rate: {path: 'load.web[0].constant', range: {from: 10/s, to: 25/s, step: 5/s}}
";

/// A folder that is removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let path = std::env::temp_dir().join(format!("overspill-studies-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("shop.yaml"), SCENARIO).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn study(&self, text: &str) -> Study {
        fs::write(self.path("study.yaml"), text).unwrap();
        load(&self.path("study.yaml"))
    }
}

pub(crate) fn load(path: &Path) -> Study {
    let loaded = check::load(path, &LoadOptions::default());
    let report = loaded.report(false);
    loaded.study.unwrap_or_else(|| panic!("{report}"))
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Counts runs, and fails after so many.
pub(crate) struct Counting {
    pub(crate) runs: AtomicU64,
    pub(crate) most: u64,
}

impl Counting {
    pub(crate) const fn new(most: u64) -> Self {
        Self { runs: AtomicU64::new(0), most }
    }
}

impl Observer for Counting {
    fn record(&self, _: &Point, _: u32, _: &Record) -> io::Result<()> {
        if self.runs.fetch_add(1, Ordering::Relaxed) >= self.most { Err(io::Error::other("interrupted")) } else { Ok(()) }
    }

    fn done(&self, done: u64, total: u64, kept: u64) {
        assert!(kept <= done && done <= total);
    }
}
