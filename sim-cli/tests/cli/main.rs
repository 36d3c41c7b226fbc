//! The program as a stranger uses it.

mod bad_input;
mod results;
mod support;
