//! The command line of Overspill: one small file a command, no logic.

mod args;
mod command;
mod exit;
mod files;
mod output;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::Run(args) => command::run::run(args, &cli.global),
        Command::Report(args) => command::report::run(args, &cli.global),
        Command::Explain(args) => command::explain::run(args, &cli.global),
        Command::Export(args) => command::export::run(args),
        Command::Invoice(args) => command::invoice::run(args, &cli.global),
        Command::Prices(args) => command::prices::run(args),
        Command::Check(args) => command::check::run(args, &cli.global),
        Command::Test(args) => command::test::run(args, &cli.global),
        Command::Conformance(args) => command::conformance::run(args),
        Command::Sweep(args) => command::sweep::run(args, &cli.global),
        Command::Compare(args) => command::compare::run(args, &cli.global),
        Command::Optimize(args) => command::optimize::run(args, &cli.global),
        Command::Headroom(args) => command::headroom::run(args, &cli.global),
        Command::Resilience(args) => command::resilience::run(args, &cli.global),
        Command::Merge(args) => command::merge::run(args, &cli.global),
        Command::New(args) => command::new::run(args),
        Command::Schema(args) => command::schema::run(args),
    };
    exit::code(result)
}
