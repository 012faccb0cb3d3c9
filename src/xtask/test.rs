//! `cargo xtask test`: every check of the repository, in the order in which a failure is found soonest.

mod api;
mod foreign;
mod in_worker;
mod raw_stores;

use crate::{
    apt,
    count::Counts,
    environment, folders, node,
    postgres::{Durability, Postgres},
    program,
    report::{duration, say},
    server::{self, Profile, Server},
    setup::{self, Builders},
    site,
    stopwatch::Stopwatch,
    tools,
    wasm::TARGET,
};
use anyhow::{Context, Result};
use clap::ValueEnum;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The members that are compiled for the browser.
const WASM_MEMBERS: [&str; 7] = [
    "model", "engine", "audit", "charts", "app", "browser", "worker",
];

/// The members with tests that run in WASM too.
const TESTED_IN_WASM: [&str; 2] = ["engine", "charts"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Step {
    Format,
    Clippy,
    WasmClippy,
    Native,
    Postgres,
    Wasm,
    Worker,
    Foreign,
    /// Only with `--long`, or where it is named.
    Api,
    RawStores,
    Site,
    Stories,
}

impl Step {
    fn title(self) -> &'static str {
        match self {
            Step::Format => "formatting",
            Step::Clippy => "clippy, native",
            Step::WasmClippy => "clippy, WASM members",
            Step::Native => "native tests",
            Step::Postgres => "the store on PostgreSQL",
            Step::Wasm => "tests in WASM",
            Step::Worker => "tests in a Web Worker",
            Step::Foreign => "foreign readers",
            Step::Api => "the API against its document",
            Step::RawStores => "raw files in object stores",
            Step::Site => "the site",
            Step::Stories => "stories in Chromium",
        }
    }

    fn run(self, machine: &Machine, counts: &mut Counts) -> Result<()> {
        match self {
            Step::Format => program::run(tools::cargo().args(["fmt", "--all", "--check"])),
            Step::Clippy => program::run(
                tools::cargo()
                    .args(["clippy", "--workspace", "--all-targets", "--quiet"])
                    .args(["--", "--deny", "warnings"]),
            ),
            Step::WasmClippy => wasm_clippy(machine),
            Step::Native => native(machine, counts),
            Step::Postgres => postgres(machine, counts),
            Step::Wasm => wasm(machine, counts),
            Step::Worker => in_worker::run(machine, counts),
            Step::Foreign => foreign::run(counts),
            Step::Api => api::run(machine, counts),
            Step::RawStores => raw_stores::run(counts),
            Step::Site => site::build(&machine.builders).map(drop),
            Step::Stories => stories(machine, counts),
        }
    }
}

struct Machine {
    builders: Builders,
    browser: Option<PathBuf>,
    long: bool,
    seed: u32,
}

/// Sets up and runs every step, or those in `only`.
///
/// # Errors
/// The first step that fails, by its name.
pub fn run(long: bool, only: &[Step]) -> Result<()> {
    let whole = Stopwatch::start();
    let machine = Machine {
        builders: Builders::set_up()?,
        browser: setup::for_tests()?,
        long,
        seed: std::process::id(),
    };
    say(&format!("set up in {}", duration(whole.read())));
    let mut counts = Counts::default();
    let mut times = Vec::new();
    for step in Step::value_variants() {
        let wanted = match only {
            [] => long || *step != Step::Api,
            only => only.contains(step),
        };
        if !wanted {
            continue;
        }
        say(&format!("\n== {}", step.title()));
        let watch = Stopwatch::start();
        let result = step.run(&machine, &mut counts);
        times.push((step.title(), watch.read()));
        if let Err(failure) = result {
            close(&times, whole.read(), counts);
            return Err(failure.context(format!("{} failed", step.title())));
        }
    }
    close(&times, whole.read(), counts);
    Ok(())
}

fn close(times: &[(&str, Duration)], whole: Duration, counts: Counts) {
    say("");
    for (title, time) in times {
        say(&format!("{title:<24}{:>14}", duration(*time)));
    }
    say(&format!("{:<24}{:>14}", "altogether", duration(whole)));
    let Counts {
        passed,
        failed,
        not_run,
        again,
    } = counts;
    say(&format!(
        "{passed} passed, {failed} failed, {not_run} not run"
    ));
    if again > 0 {
        say(&format!("{again} of those that passed failed first"));
    }
}

fn wasm_clippy(machine: &Machine) -> Result<()> {
    let mut command = machine.builders.wasm.cargo()?;
    command.args(["clippy", "--target", TARGET, "--quiet"]);
    for member in WASM_MEMBERS {
        command.args(["--package", member]);
    }
    program::run(command.args(["--", "--deny", "warnings"]))
}

fn native(machine: &Machine, counts: &mut Counts) -> Result<()> {
    let mut command = tools::cargo();
    if environment::finds(&tools::program_file("cargo-nextest")) {
        command.args(["nextest", "run", "--workspace"]);
    } else {
        command.args(["test", "--workspace", "--quiet"]);
    }
    if machine.long {
        command.env("TARAZU_LONG", "1");
    }
    receipts(&mut command, Some(machine.seed));
    if cfg!(windows) {
        // The running xtask.exe lies in the usual folder, and Windows does not let it be replaced.
        command.env("CARGO_TARGET_DIR", folders::target().join("native"));
    }
    count(&mut command, counts)
}

/// As `program::count`, of tests some of which may say that they cannot be done here.
fn count(command: &mut Command, counts: &mut Counts) -> Result<()> {
    let file = folders::target().join("not-run.txt");
    // What an earlier run left there.
    fs::remove_file(&file).ok();
    let ended = program::count(command.env("TARAZU_NOT_RUN", &file), counts);
    let told = fs::read_to_string(&file).unwrap_or_default();
    for line in told.lines() {
        say(&format!("not run: {line}"));
        counts.leave_out(1);
    }
    ended
}

/// The tests of store and server once more, on the other database.
fn postgres(machine: &Machine, counts: &mut Counts) -> Result<()> {
    if cfg!(windows) {
        say("not on Windows: there the store is tested on SQLite alone");
        return Ok(());
    }
    let server = Postgres::start(Durability::None)?;
    let pooler = tools::program_file("pgbouncer");
    if !environment::finds(&pooler) && apt::possible() && apt::install(&["pgbouncer"]).is_err() {
        say("pgbouncer cannot be installed: runs through a pooler are not tested");
    }
    let mut command = tools::cargo();
    // What a full disk does to the built-in database has no meaning on this one.
    let skipped = "the_database_has_no_room";
    if environment::finds(&tools::program_file("cargo-nextest")) {
        command.args([
            "nextest",
            "run",
            "--package",
            "store",
            "--package",
            "server",
        ]);
        command.args(["-E", &format!("not test({skipped})")]);
    } else {
        command.args([
            "test",
            "--quiet",
            "--package",
            "store",
            "--package",
            "server",
        ]);
        command.args(["--", "--skip", skipped]);
    }
    if machine.long {
        command.env("TARAZU_LONG", "1");
    }
    command.env("TARAZU_TEST_POSTGRES", server.url());
    count(&mut command, counts)
}

fn wasm(machine: &Machine, counts: &mut Counts) -> Result<()> {
    let mut command = machine.builders.wasm.cargo()?;
    command.args(["test", "--target", TARGET]).env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        machine.builders.tools.test_runner(),
    );
    if machine.long {
        command.env("TARAZU_LONG", "1");
    }
    for member in TESTED_IN_WASM {
        command.args(["--package", member]);
    }
    receipts(&mut command, None);
    program::count(&mut command, counts)
}

/// The engine's native tests write the receipts of generated files, and its tests in WASM compare theirs with
/// them. Each run draws other files; `seed` makes the same ones again.
fn receipts(command: &mut Command, seed: Option<u32>) {
    command.env("TARAZU_RECEIPTS", receipts_file());
    if let Some(seed) = seed {
        say(&format!("TARAZU_SEED={seed}"));
        command.env("TARAZU_SEED", seed.to_string());
    }
}

fn receipts_file() -> PathBuf {
    folders::target().join("receipts.txt")
}

fn stories(machine: &Machine, counts: &mut Counts) -> Result<()> {
    with_server("stories", |server, _, program| {
        let mut command = node::playwright();
        command
            .arg("test")
            .env("BASE_URL", server.url())
            .env("TARAZU", program)
            .env_remove("CHROMIUM");
        if let Some(browser) = &machine.browser {
            command.env("CHROMIUM", browser);
        }
        if machine.long {
            command.env("TARAZU_LONG", "1");
        }
        program::count(&mut command, counts)
    })
}

/// Does `work` beside a server of its own with an empty ledger, its data folder and its program.
fn with_server(name: &str, work: impl FnOnce(&Server, &Path, &Path) -> Result<()>) -> Result<()> {
    let program = server::build(Profile::Dev)?;
    let data = folders::target().join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&data).with_context(|| format!("{} cannot be made", data.display()))?;
    let server = Server::start(&program, &server::free_address()?, &data, &folders::site())?;
    let result = work(&server, &data, &program);
    drop(server);
    // Whatever was done to it, the log that is left holds.
    let mut verify = Command::new(&program);
    verify.args(["audit", "verify", "--data-dir"]).arg(&data);
    verify.env_remove("DATABASE_URL");
    // In few words, so that what failed stays in sight; the log tells itself where it does not hold.
    let holds = match program::read(&mut verify) {
        Ok(told) => {
            let logs = told.lines().filter(|it| !it.starts_with(' ')).count();
            say(&format!(
                "of what is left, the logs of {logs} workspaces verify"
            ));
            Ok(())
        }
        Err(_) => program::run(&mut verify),
    };
    let result = result.and(holds);
    let removed = fs::remove_dir_all(&data);
    result.and(removed.with_context(|| format!("{} cannot be removed", data.display())))
}
