//! Exit codes: 0 done, 1 failed while running, 2 the input is wrong, 3 an expectation or objective was not met.

use std::io;
use std::process::ExitCode;

/// How a command ended, when it did not fail while running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything went well.
    Done,
    /// The input is wrong and nothing was run; the problems have been shown.
    WrongInput,
    /// An expectation or objective was not met.
    NotMet,
}

/// The exit code of a command.
pub(crate) fn code(result: anyhow::Result<Outcome>) -> ExitCode {
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::WrongInput) => ExitCode::from(2),
        Ok(Outcome::NotMet) => ExitCode::from(3),
        // The reader has seen enough: `overspill run … | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(1)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe))
}
