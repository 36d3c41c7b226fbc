//! `overspill merge`: the parts of a sweep become one.

use anyhow::Context;
use sim_studies::merge::{self, MergeError};
use sim_studies::store::{self, Store};

use super::sweep::finish;
use crate::args::{Global, MergeArgs};
use crate::exit::Outcome;

/// Runs the command.
pub(crate) fn run(args: &MergeArgs, global: &Global) -> anyhow::Result<Outcome> {
    let mut parts: Vec<Box<dyn Store>> = Vec::new();
    for part in &args.parts {
        parts.push(store::existing(part).with_context(|| format!("cannot read `{part}`"))?);
    }
    let into = store::open(&args.out.display().to_string()).with_context(|| format!("cannot write to `{}`", args.out.display()))?;
    match merge::merge(&parts, into.as_ref()) {
        Ok(manifest) => finish(into.as_ref(), &manifest, &args.out, global)?,
        Err(MergeError::Io(error)) => return Err(error.into()),
        Err(refused) => {
            eprintln!("error: {refused}");
            return Ok(Outcome::WrongInput);
        }
    }
    Ok(Outcome::Done)
}
