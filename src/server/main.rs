//! The program `tarazu`.

use clap::Parser;
use server::command::Cli;
use std::{
    io::{self, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = io::BufWriter::new(io::stdout());
    let mut err = io::stderr();
    let result = cli.run(&mut out, &mut err).and_then(|code| {
        out.flush()?;
        Ok(code)
    });
    result.unwrap_or_else(|error| {
        let closed = |it: &io::Error| it.kind() == io::ErrorKind::BrokenPipe;
        if error.downcast_ref().is_some_and(closed) {
            return ExitCode::SUCCESS;
        }
        // Nothing is left to say it to, where even this fails.
        let _ = writeln!(err, "tarazu: {error:#}");
        ExitCode::from(2)
    })
}
