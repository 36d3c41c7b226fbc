//! `overspill schema`: print the JSON Schema of scenario files.

use crate::exit::Outcome;
use crate::output;

/// Runs the command.
pub(crate) fn run() -> anyhow::Result<Outcome> {
    output::print(&(serde_json::to_string_pretty(&sim_scenarios::schema::json_schema())? + "\n"))?;
    Ok(Outcome::Done)
}
