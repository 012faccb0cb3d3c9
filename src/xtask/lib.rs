//! The tasks behind `cargo xtask`: set-up, serving, testing, fuzzing, mutations, new controls, texts, benchmarks. They start other programs
//! directly and never a shell, so that they are the same on Linux, macOS and Windows.

pub mod bench;
pub mod fuzz;
pub mod mutants;
pub mod new;
pub mod serve;
pub mod setup;
pub mod test;
pub mod texts;

mod apt;
mod chromium;
mod count;
mod environment;
mod folders;
mod node;
mod postgres;
mod program;
mod python;
mod report;
mod server;
mod site;
mod stopwatch;
mod tools;
mod wasm;
