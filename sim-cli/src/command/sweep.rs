//! `overspill sweep`: every point of a study.

mod charts;
mod finish;
pub(crate) mod progress;

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use anyhow::Context;
use sim_core::record::Record;
use sim_reports::record_dir::{self, Provenance};
use sim_studies::check;
use sim_studies::design::Point;
use sim_studies::emit::{self, Job};
use sim_studies::runner::Runner;
use sim_studies::store;
use sim_studies::sweep::{self, Observer};

pub(crate) use finish::finish;

use crate::args::{Engine, Global, SweepArgs};
use crate::exit::Outcome;
use crate::output;
use progress::Progress;

/// Runs the command.
pub(crate) fn run(args: &SweepArgs, global: &Global) -> anyhow::Result<Outcome> {
    if let Some(engine) = args.emit {
        return emit(args, engine);
    }
    let loaded = check::load(&args.study, &args.runs.load(global));
    let color = global.colors(io::stderr().is_terminal());
    if loaded.issues.has_errors() || !global.quiet {
        eprint!("{}", loaded.report(color));
    }
    let Some(study) = &loaded.study else { return Ok(Outcome::WrongInput) };
    let Some(out) = &args.out else { return Ok(output::wrong("give a folder for the results: `--out DIR`")) };
    let runner = Runner::new(args.runs.jobs)?;
    let prepared = match sweep::prepare(study, &runner) {
        Ok(prepared) => prepared,
        Err(problems) => {
            for problem in problems {
                eprint!("at {}:\n{}\n", problem.point, problem.loaded.report(color));
            }
            return Ok(Outcome::WrongInput);
        }
    };
    let manifest = prepared.manifest();
    let place = args.store.clone().unwrap_or_else(|| out.display().to_string());
    let store = store::open(&place).with_context(|| format!("cannot write to `{place}`"))?;
    let observer = Watching { progress: Progress::new(global.quiet), records: args.records.then(|| out.join("records")), study };
    match prepared.run(store.as_ref(), &runner, args.shard, args.resume, &observer) {
        Ok(()) => {}
        Err(refused @ (sweep::SweepError::NotEmpty(_) | sweep::SweepError::OtherStudy { .. })) => {
            eprintln!("error: {refused}");
            return Ok(Outcome::WrongInput);
        }
        Err(error) => return Err(error.into()),
    }
    observer.progress.end();
    if args.shard.is_all() {
        finish(store.as_ref(), manifest, out, global)?;
    } else {
        output::print(&format!(
            "part {}: {} of {} points in {}; put all parts together with `overspill merge`\n",
            args.shard,
            args.shard.count(manifest.points),
            manifest.points,
            store.place()
        ))?;
    }
    Ok(Outcome::Done)
}

/// Prints what makes an engine run the parts.
fn emit(args: &SweepArgs, engine: Engine) -> anyhow::Result<Outcome> {
    let study = args.study.display().to_string();
    let results = args.store.clone().or_else(|| args.out.as_ref().map(|out| out.display().to_string()));
    let Some(results) = results else {
        return Ok(output::wrong("give the place for the results as the workers see it: `--out DIR` or `--store s3://bucket/prefix`"));
    };
    let name = args.study.file_stem().map_or_else(|| "sweep".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let job = Job {
        name: &name,
        study: &study,
        results: &results,
        is_url: results.contains("://"),
        workers: args.workers.get(),
        image: &args.image,
        cores: args.runs.jobs.map_or(1, |jobs| jobs.get() as u32),
        options: &args.runs.words(),
    };
    output::print(&match engine {
        Engine::Kubernetes => emit::kubernetes(&job),
        Engine::Slurm => emit::slurm(&job),
    })?;
    Ok(Outcome::Done)
}

struct Watching<'a> {
    progress: Progress,
    /// Where whole records go.
    records: Option<PathBuf>,
    study: &'a check::Study,
}

impl Observer for Watching<'_> {
    fn record(&self, point: &Point, replication: u32, record: &Record) -> io::Result<()> {
        let Some(folder) = &self.records else { return Ok(()) };
        let dir = folder.join(format!("{:07}-{replication}", point.index));
        let provenance = Provenance {
            tool_version: env!("CARGO_PKG_VERSION"),
            scenario_yaml: self.study.template.text(),
            inputs: &[],
            overrides: &sweep::labels(self.study, point),
            lang: None,
        };
        record_dir::write(record, &dir, &provenance, &[]).map_err(io::Error::other)
    }

    fn done(&self, done: u64, total: u64, kept: u64) {
        self.progress.show(done, total, kept);
    }
}
