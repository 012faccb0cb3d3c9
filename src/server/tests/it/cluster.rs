//! A PostgreSQL server of a test's own, that can be stopped, moved to a small disk, and spoken to by TLS.

use crate::places::server;
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

pub(crate) struct Cluster {
    folder: TempDir,
    data: PathBuf,
    port: u16,
    /// PostgreSQL refuses to run as root.
    user: Option<&'static str>,
}

impl Cluster {
    /// Made and started, with its data in a folder of its own.
    ///
    /// # Errors
    /// Why there is none: no programs, or nobody to run them.
    pub(crate) fn start() -> Result<Self, String> {
        let cluster = Self::make(None)?;
        cluster.begin(&[]);
        Ok(cluster)
    }

    /// Made, with its data at this place and its log of changes elsewhere: a database that has no room for the latter
    /// stops altogether.
    ///
    /// # Errors
    /// As of `start`. Where the tests run on PostgreSQL there is one, and this has to work.
    pub(crate) fn make(data: Option<&Path>) -> Result<Self, String> {
        let made = Self::tried(data);
        if let (true, Err(why)) = (server().is_some(), &made) {
            panic!("no PostgreSQL of the test's own: {why}");
        }
        made
    }

    fn tried(data: Option<&Path>) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|it| it.to_string())?;
        let root = done(Command::new("id").arg("-u")).is_ok_and(|it| it.trim() == "0");
        let user = match root {
            false => None,
            true if done(Command::new("id").arg("postgres")).is_ok() => Some("postgres"),
            true => Some("nobody"),
        };
        let free = TcpListener::bind("127.0.0.1:0").map_err(|it| it.to_string())?;
        let cluster = Self {
            data: data.map_or_else(|| folder.path().join("data"), Path::to_owned),
            folder,
            port: free.local_addr().map_err(|it| it.to_string())?.port(),
            user,
        };
        cluster.give(cluster.folder.path())?;
        let mut make = cluster.program("initdb");
        make.arg("--pgdata").arg(&cluster.data);
        make.arg("--waldir").arg(cluster.folder.path().join("wal"));
        done(make.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
        ]))?;
        Ok(cluster)
    }

    /// Another one that follows this one, change by change.
    pub(crate) fn standby(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let standby = Self {
            data: folder.path().join("data"),
            folder,
            port: free.local_addr().unwrap().port(),
            user: self.user,
        };
        drop(free);
        standby.give(standby.folder.path()).unwrap();
        let mut copy = standby.program("pg_basebackup");
        copy.arg("--pgdata").arg(&standby.data);
        copy.args(["--port", &self.port.to_string(), "--host=127.0.0.1"]);
        copy.args([
            "--username=postgres",
            "--checkpoint=fast",
            "--wal-method=stream",
            "--write-recovery-conf",
        ]);
        done(&mut copy).unwrap();
        standby.begin(&[]);
        standby
    }

    /// Goes to another port, such as that of the one it followed.
    pub(crate) fn move_to(&mut self, port: u16) {
        self.stop();
        self.port = port;
        self.begin(&[]);
    }

    /// Follows nobody any more.
    pub(crate) fn promote(&self) {
        done(self.control().arg("promote")).unwrap();
    }

    /// Starts it, with further settings.
    pub(crate) fn begin(&self, settings: &[&str]) {
        let folder = self.folder.path();
        let mut options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c max_connections=100",
            self.port,
            folder.display()
        );
        for setting in settings {
            options.push_str(&format!(" -c {setting}"));
        }
        let mut control = self.control();
        control.arg("--log").arg(folder.join("log"));
        let started = control.args(["--options", &options, "start"]);
        // What it would inherit stays open as long as it runs.
        let started = started.stdout(Stdio::null()).stderr(Stdio::null()).status();
        let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(started.is_ok_and(|it| it.success()), "{}", log());
    }

    /// As in a loss of power.
    pub(crate) fn stop(&self) {
        done(self.control().args(["--mode=immediate", "stop"])).unwrap();
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Makes a file or folder that of whoever runs the server.
    pub(crate) fn give(&self, path: &Path) -> Result<(), String> {
        match self.user {
            Some(user) => done(Command::new("chown").arg(user).arg(path)).map(drop),
            None => Ok(()),
        }
    }

    fn control(&self) -> Command {
        let mut control = self.program("pg_ctl");
        control.arg("--pgdata").arg(&self.data).arg("--wait");
        control
    }

    /// A program, run by whoever runs the server.
    pub(crate) fn program(&self, name: &str) -> Command {
        let name = find(name);
        let mut command = match self.user {
            None => Command::new(name),
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(name);
                command
            }
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It is stopped already where a test stopped it.
        let _ = done(self.control().args(["--mode=immediate", "stop"]));
    }
}

/// In PATH, or where Debian and its like keep the newest one.
fn find(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let newest = versions
        .flatten()
        .map(|it| it.path().join("bin").join(name))
        .filter(|it| it.is_file())
        .max();
    match done(Command::new(name).arg("--version")) {
        Ok(_) => name.into(),
        Err(_) => newest.unwrap_or_else(|| name.into()),
    }
}

/// What a program says, or why it failed.
pub(crate) fn done(command: &mut Command) -> Result<String, String> {
    let output = command.output();
    let output = output.map_err(|it| format!("{}: {it}", command.get_program().display()))?;
    let said = |bytes| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        Ok(said(&output.stdout))
    } else {
        Err(said(&output.stderr))
    }
}
