//! Sweeps: every point of a study is run, its result is kept, and all results become one table.
//!
//! A point's result depends on its plan and the study's settings alone: not on the number of threads, the order of points, or on how often the sweep was
//! interrupted. Results are kept as one entry a point ([`entry`]) beside a [`manifest`] that says which study they are of.

pub mod entry;
pub mod manifest;
pub mod shard;

use std::fmt;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use sim_core::plan::Plan;
use sim_core::record::Record;
use sim_scenarios::Loaded;

use crate::case::{Case, Outcome};
use crate::check::Study;
use crate::design::Point;
use crate::identity::{Hash, Hasher};
use crate::runner::Runner;
use crate::spec::WarmUp;
use crate::store::{self, ReadError, Store};
use crate::warm_up;
use entry::Entry;
use manifest::Manifest;
use shard::Shard;

/// Points whose plans are checked together.
const CHUNK: usize = 256;

/// Most points whose problems are shown.
const PROBLEMS: usize = 5;

/// A study whose every point can be run.
#[derive(Debug)]
pub struct Prepared<'s> {
    study: &'s Study,
    manifest: Manifest,
}

/// A point that cannot be run.
#[derive(Debug)]
pub struct Problem {
    /// Its values, for instance `min=20, cpu=60`.
    pub point: String,
    /// What is wrong.
    pub loaded: Loaded,
}

/// Who is told how a sweep goes on.
pub trait Observer: Sync {
    /// A run has ended.
    fn record(&self, point: &Point, replication: u32, record: &Record) -> io::Result<()>;
    /// So many of this part's points are done, of so many; `kept` of them were there before.
    fn done(&self, done: u64, total: u64, kept: u64);
}

/// Why a sweep could not go on.
#[derive(Debug)]
pub enum SweepError {
    /// The store holds results of the same study, and nobody asked to go on with it.
    NotEmpty(String),
    /// The store holds results of another version of the study.
    OtherStudy {
        /// Where.
        place: String,
        /// What differs.
        differences: Vec<String>,
    },
    /// The store said no.
    Io(io::Error),
}

impl fmt::Display for SweepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEmpty(place) => write!(f, "`{place}` holds results of this study already: go on with `--resume`, or choose another place"),
            Self::OtherStudy { place, differences } => {
                write!(f, "`{place}` holds results of another version of this study, and results of two versions are never mixed:")?;
                differences.iter().try_for_each(|difference| write!(f, "\n  - {difference}"))?;
                f.write_str("\nchoose another place, or undo the change")
            }
            Self::Io(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for SweepError {}

impl From<io::Error> for SweepError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Checks every point before any is run, and finds the study's identity.
pub fn prepare<'s>(study: &'s Study, runner: &Runner) -> Result<Prepared<'s>, Vec<Problem>> {
    prepare_with(study, runner, |_| ()).map(|(prepared, _)| prepared)
}

/// The same, with what `look` finds in the plan of each point.
pub fn prepare_with<'s, T: Send>(study: &'s Study, runner: &Runner, look: impl Fn(&Plan) -> T + Sync) -> Result<(Prepared<'s>, Vec<T>), Vec<Problem>> {
    let mut plans = Hasher::new();
    let mut points = study.design.points();
    let mut count = 0;
    let (mut problems, mut looked) = (Vec::new(), Vec::new());
    loop {
        let chunk: Vec<Point> = points.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            break;
        }
        count += chunk.len() as u64;
        let built = runner.map(&chunk, |point| {
            let loaded = study.template.build(&point.changes());
            loaded.plan.as_ref().map(|plan| (Hash::of_plan(plan), look(plan))).ok_or_else(|| Box::new(loaded))
        });
        for (point, built) in chunk.iter().zip(built) {
            match built {
                Ok((hash, found)) => {
                    plans.hash(&hash);
                    looked.push(found);
                    point.texts().iter().for_each(|text| plans.text(text));
                }
                Err(loaded) => problems.push(Problem { point: label(study, point), loaded: *loaded }),
            }
        }
        if problems.len() >= PROBLEMS {
            problems.truncate(PROBLEMS);
            break;
        }
    }
    if problems.is_empty() { Ok((Prepared { study, manifest: Manifest::of(study, count, plans.finish()) }, looked)) } else { Err(problems) }
}

/// The values of a point, for messages: `min=20, cpu=60`.
pub fn label(study: &Study, point: &Point) -> String {
    let parts = labels(study, point);
    if parts.is_empty() { "the scenario as it is".to_owned() } else { parts.join(", ") }
}

/// The values of a point, each with the name of its axis.
pub fn labels(study: &Study, point: &Point) -> Vec<String> {
    let axes = study.design.axes.iter().zip(&point.levels);
    axes.filter_map(|(axis, level)| Some(format!("{}={}", axis.name, level.as_ref()?.text))).collect()
}

impl Prepared<'_> {
    /// What the study is.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Runs the points of a part of the study that the store does not hold yet. With `resume` the store may hold some.
    pub fn run(&self, store: &dyn Store, runner: &Runner, shard: Shard, resume: bool, observer: &dyn Observer) -> Result<(), SweepError> {
        self.claim(store, resume)?;
        let total = shard.count(self.manifest.points);
        let (done, kept) = (AtomicU64::new(0), AtomicU64::new(0));
        // Counting and telling together, so that nobody is told of fewer points than before.
        let telling = Mutex::new(());
        observer.done(0, total, 0);
        runner.each(self.study.design.points().filter(|point| shard.has(point.index)), |point| {
            let known = match store::read::<Entry>(store, &entry::name(point.index)) {
                // A damaged entry is as good as none.
                Ok(None) | Err(ReadError::Damaged(_)) => false,
                Ok(Some(entry)) => entry.study == self.manifest.id,
                Err(ReadError::Io(error)) => return Err(SweepError::Io(error)),
            };
            if known {
                kept.fetch_add(1, Ordering::Relaxed);
            } else {
                let entry = self.point(&point, runner, observer)?;
                store::write(store, &entry::name(point.index), &entry)?;
            }
            let guard = telling.lock();
            observer.done(done.fetch_add(1, Ordering::Relaxed) + 1, total, kept.load(Ordering::Relaxed));
            drop(guard);
            Ok(())
        })
    }

    /// Makes the store this study's, or refuses it.
    fn claim(&self, store: &dyn Store, resume: bool) -> Result<(), SweepError> {
        match store::read::<Manifest>(store, manifest::NAME).map_err(io::Error::from)? {
            Some(found) if found.id != self.manifest.id => Err(SweepError::OtherStudy { place: store.place(), differences: found.differences(&self.manifest) }),
            Some(_) if !resume => Err(SweepError::NotEmpty(store.place())),
            _ => Ok(store::write(store, manifest::NAME, &self.manifest)?),
        }
    }

    /// Runs a point.
    fn point(&self, point: &Point, runner: &Runner, observer: &dyn Observer) -> Result<Entry, SweepError> {
        let loaded = self.study.template.build(&point.changes());
        let Some(plan) = loaded.plan else {
            // All points were built before; only a file that changed since can be the reason.
            return Err(io::Error::other(format!("a file of the scenario changed while the study ran: {}", loaded.report(false))).into());
        };
        let plan = match self.study.warm_up {
            None => plan,
            Some(WarmUp::After(span)) => warm_up::after(plan, span),
            Some(WarmUp::Auto) => warm_up::found(plan, self.study.base_seed, runner),
        };
        let warm_up_s = plan.warm_up.as_secs_f64();
        let case = Case::new(plan, self.study.base_seed);
        let failed = Mutex::new(None);
        let summary = Mutex::new(serde_json::Value::Null);
        let outcomes = self.study.replications.run(runner, |replication| {
            let record = case.record(replication);
            if let Err(error) = observer.record(point, replication, &record) {
                failed.lock().map(|mut failed| failed.get_or_insert(error).kind()).ok();
            }
            if replication == 0
                && let Ok(mut summary) = summary.lock()
            {
                *summary = entry::summary(&record);
            }
            Outcome::of(&record)
        });
        if let Some(error) = failed.into_inner().unwrap_or_default() {
            return Err(error.into());
        }
        Ok(Entry {
            study: self.manifest.id.clone(),
            point: point.index,
            values: point.texts(),
            plan: case.hash.to_string(),
            warm_up_s,
            outcomes,
            summary: summary.into_inner().unwrap_or_default(),
        })
    }
}
