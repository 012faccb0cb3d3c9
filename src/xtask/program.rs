//! Starting other programs: to see whether they succeed, to read what they print, or to count the tests they ran.

use crate::count::{self, Counts};
use anyhow::{Context, Result, bail};
use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Command, Stdio},
    thread,
};

/// Runs it with our own standard streams.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("{} cannot be started", name(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", name(command));
    }
    Ok(())
}

/// Runs it in silence and returns its standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} cannot be started", name(command)))?;
    if !output.status.success() {
        bail!(
            "{} failed ({}): {}",
            name(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} printed something that is no UTF-8", name(command)))
}

/// Whether it can be started and succeeds.
pub(crate) fn works(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs it, passes on what it prints, and adds the tests that it reports to `counts`, also when it fails.
pub(crate) fn count(command: &mut Command, counts: &mut Counts) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} cannot be started", name(command)))?;
    let errors = child.stderr.take();
    let aside = thread::spawn(move || errors.map(|errors| pass_on(errors, std::io::stderr())));
    if let Some(output) = child.stdout.take() {
        counts.add(pass_on(output, std::io::stdout()));
    }
    if let Ok(Some(counted)) = aside.join() {
        counts.add(counted);
    }
    let status = child
        .wait()
        .with_context(|| format!("{} was lost", name(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", name(command));
    }
    Ok(())
}

/// Copies every line and returns the tests that the lines report. A closed output does not stop the counting.
fn pass_on(from: impl Read, mut to: impl Write) -> Counts {
    let mut from = BufReader::new(from);
    let mut counts = Counts::default();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        to.write_all(&line).and_then(|()| to.flush()).ok();
        counts.add(count::in_line(&String::from_utf8_lossy(&line)));
        line.clear();
    }
    counts
}

fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut name = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned();
    for argument in command.get_args().take(3) {
        name.push(' ');
        name.push_str(&argument.to_string_lossy());
    }
    name
}
