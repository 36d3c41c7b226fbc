//! `overspill schema`: print the JSON Schema of scenario files, price books or study files.

use sim_scenarios::schema;

use crate::args::SchemaArgs;
use crate::exit::Outcome;
use crate::output;

/// Runs the command.
pub(crate) fn run(args: &SchemaArgs) -> anyhow::Result<Outcome> {
    let schema = if args.prices {
        schema::prices()
    } else if args.study {
        sim_studies::schema::json_schema()
    } else {
        schema::json_schema()
    };
    output::print(&(serde_json::to_string_pretty(&schema)? + "\n"))?;
    Ok(Outcome::Done)
}
