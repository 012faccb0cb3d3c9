//! A PostgreSQL server for tests and benchmarks: made for the occasion, gone afterwards.

use crate::{apt, environment, program, server, tools};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A running server with a folder of its own; it is stopped and removed when this is dropped.
pub(crate) struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    /// The server refuses to run as root.
    user: Option<&'static str>,
}

/// Whether what is written has to survive a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As PostgreSQL is when nobody changed anything.
    AsInstalled,
    /// Enough for tests, and quicker.
    None,
}

impl Postgres {
    /// Starts one, installing it first where it is missing and can be had.
    ///
    /// # Errors
    /// Where there is none and none can be installed, with what to do.
    pub(crate) fn start(durability: Durability) -> Result<Self> {
        let programs = find()?;
        let user = match apt::is_root() {
            false => None,
            true if program::works(Command::new("id").arg("postgres")) => Some("postgres"),
            true => Some("nobody"),
        };
        let folder =
            environment::temporary().join(format!("tarazu-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let address: std::net::SocketAddr = server::free_address()?.parse()?;
        let server = Self {
            programs,
            folder,
            port: address.port(),
            user,
        };
        if let Some(user) = server.user {
            program::run(Command::new("chown").arg(user).arg(&server.folder))?;
        }
        program::read(
            server
                .program("initdb")
                .arg("--pgdata")
                .arg(server.data())
                .args([
                    "--username=postgres",
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--no-sync",
                ]),
        )?;
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c max_connections=300{}",
            server.port,
            server.folder.display(),
            match durability {
                Durability::AsInstalled => "",
                Durability::None => " -c fsync=off",
            }
        );
        // Its output goes to a file: a pipe that the server holds open would never end.
        program::works(
            server
                .control()
                .arg("--log")
                .arg(server.folder.join("log"))
                .args(["--options", &options, "start"]),
        );
        if !program::works(server.control().arg("status")) {
            let log = fs::read_to_string(server.folder.join("log")).unwrap_or_default();
            bail!("PostgreSQL did not start: {log}");
        }
        Ok(server)
    }

    /// Of its first database.
    pub(crate) fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Makes a database and gives its address.
    pub(crate) fn create(&self, name: &str) -> Result<String> {
        let create = format!("CREATE DATABASE {name}");
        let mut command = self.client("psql");
        program::read(command.args(["--quiet", "--no-psqlrc", "--command", &create, &self.url()]))?;
        Ok(self.url_of(name))
    }

    /// A client program, run as we are: from the server's folder, or else from PATH.
    pub(crate) fn client(&self, name: &str) -> Command {
        let name = tools::program_file(name);
        let beside = self.programs.join(&name);
        Command::new(if beside.is_file() {
            beside
        } else {
            name.into()
        })
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn control(&self) -> Command {
        let mut command = self.program("pg_ctl");
        command.arg("--pgdata").arg(self.data()).arg("--wait");
        command
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(tools::program_file(name));
        let mut command = match self.user {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
        };
        command.current_dir(&self.folder);
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        program::works(self.control().args(["--mode=immediate", "stop"]));
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// The folder of the server's programs: in PATH, or where Debian and its like keep them.
fn find() -> Result<PathBuf> {
    if let Some(folder) = environment::folder_of(&tools::program_file("initdb")) {
        return Ok(folder);
    }
    if let Some(folder) = newest() {
        return Ok(folder);
    }
    if apt::possible() {
        apt::install(&["postgresql"])?;
    }
    newest().context(
        "PostgreSQL's initdb is neither in PATH nor in /usr/lib/postgresql, and the store is tested on it: install \
         PostgreSQL 12 or later",
    )
}

fn newest() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|it| {
            let folder = it.ok()?.path();
            let version = folder.file_name()?.to_str()?.parse().ok()?;
            let programs = folder.join("bin");
            has_initdb(&programs).then_some((version, programs))
        })
        .collect();
    found.sort();
    Some(found.pop()?.1)
}

fn has_initdb(folder: &Path) -> bool {
    folder.join("initdb").is_file()
}
