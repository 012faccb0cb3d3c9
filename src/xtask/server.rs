//! The server as the tasks start it.

use crate::{folders, program, tools};
use anyhow::{Context, Result, bail};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Soon there: for the stories.
    Dev,
    /// For people, and for benchmarks.
    Release,
}

/// Builds `tarazu` and returns it.
pub(crate) fn build(profile: Profile) -> Result<PathBuf> {
    let mut command = tools::cargo();
    command.args(["build", "--package", "server"]);
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => {
            command.arg("--release");
            "release"
        }
    };
    program::run(&mut command).context("building the server")?;
    Ok(tools::native_target()?
        .join(folder)
        .join(tools::program_file("tarazu")))
}

/// A running server; it is stopped when this is dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts `tarazu serve` on the built-in database and waits until it answers.
    pub(crate) fn start(
        program: &Path,
        address: &str,
        data: &Path,
        assets: &Path,
    ) -> Result<Server> {
        Self::start_on(program, address, data, assets, None)
    }

    /// As [`Server::start`], on a PostgreSQL database where one is given.
    pub(crate) fn start_on(
        program: &Path,
        address: &str,
        data: &Path,
        assets: &Path,
        database: Option<&str>,
    ) -> Result<Server> {
        let address: SocketAddr = address
            .parse()
            .with_context(|| format!("{address} is no address such as 127.0.0.1:3000"))?;
        let mut command = Command::new(program);
        command
            .current_dir(folders::root())
            .args(["serve", "--addr", &address.to_string()])
            .env("TARAZU_DATA_DIR", data)
            .env("TARAZU_ASSETS", assets)
            .env("TARAZU_LOG", "warn")
            .env_remove("DATABASE_URL");
        if let Some(url) = database {
            command.env("DATABASE_URL", url);
        }
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let mut server = Server { child, address };
        server.wait_until_healthy()?;
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its number, as the system tells of it.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// What it answers at the path; anything but 200 is an error.
    pub(crate) fn get(&self, path: &str) -> Result<Vec<u8>> {
        self.ask("GET", path, "")
    }

    /// What it answers to a document of JSON; anything but 200 is an error.
    pub(crate) fn post(&self, path: &str, body: &serde_json::Value) -> Result<Vec<u8>> {
        self.ask("POST", path, &body.to_string())
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(600)))?;
        let (address, length) = (self.address, body.len());
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let head = answer.windows(4).position(|it| it == b"\r\n\r\n");
        let Some(head) = head.filter(|_| answer.starts_with(b"HTTP/1.1 200")) else {
            bail!("{path}: {}", String::from_utf8_lossy(&answer));
        };
        Ok(answer.split_off(head + 4))
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(mut self) -> Result<()> {
        let status = self.child.wait().context("the server was lost")?;
        if !status.success() {
            bail!("the server ended ({status})");
        }
        Ok(())
    }

    fn wait_until_healthy(&mut self) -> Result<()> {
        const PAUSE: Duration = Duration::from_millis(50);
        const PATIENCE: u32 = 1_200;
        for _ in 0..PATIENCE {
            if let Some(status) = self.child.try_wait().context("the server was lost")? {
                bail!("the server ended before it answered ({status})");
            }
            if is_healthy(self.address) {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        bail!(
            "the server did not answer on {} within a minute",
            self.address
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// An address on the loopback that nobody listens on at this moment.
pub(crate) fn free_address() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
    Ok(listener.local_addr()?.to_string())
}

fn is_healthy(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut start = vec![0; b"HTTP/1.1 200".len()];
        stream.read_exact(&mut start)?;
        Ok(start)
    };
    ask().is_ok_and(|start| start.ends_with(b" 200"))
}
