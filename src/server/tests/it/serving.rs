//! `tarazu serve` as a process of its own, that can be asked, followed and killed.

use crate::command::{command, text};
use serde_json::Value;
use server::clock::Stopwatch;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(120);

const TUS: &str = "Tus-Resumable: 1.0.0\r\n";

pub(crate) struct Serving {
    child: Child,
    address: String,
    /// The process's log, line by line, as far as nobody has looked at it yet.
    log: Receiver<Value>,
    /// The lines that somebody has looked at.
    told: Vec<Value>,
}

impl Serving {
    /// Starts it over a data folder, and with the database that belongs to it.
    pub(crate) fn start(folder: &Path, flags: &[&str]) -> Self {
        let serve = ["serve", "--data-dir", text(folder)];
        Self::of(&mut command(&[&serve, flags].concat()))
    }

    pub(crate) fn of(command: &mut Command) -> Self {
        let started = command
            .args(["--addr", "127.0.0.1:0", "--heartbeat", "0.2"])
            .args(["--log", "info,sqlx=off,server=debug", "--log-json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = started.unwrap();
        let (teller, log) = channel();
        let stderr = child.stderr.take().unwrap();
        thread::spawn(move || read(stderr, &teller));
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let address = first.trim().strip_prefix("Tarazu is at http://");
        let Some(address) = address.map(str::to_owned) else {
            let log: Vec<Value> = log.iter().collect();
            panic!("it does not start: {log:?}")
        };
        Self {
            child,
            address,
            log,
            told: Vec::new(),
        }
    }

    /// Sends the beginning of a request, whose answer ends with its connection.
    fn send(&self, head: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "{head} HTTP/1.0\r\nHost: {}\r\n", self.address).unwrap();
        stream
    }

    /// Status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let mut stream = self.send(&format!("GET {path}"));
        stream.write_all(b"\r\n").unwrap();
        let answer = answer(stream);
        (answer.status, answer.body)
    }

    /// Sends JSON, and leaves it to others to wait for the answer.
    pub(crate) fn ask(&self, path: &str, body: &Value) -> TcpStream {
        self.ask_under("", path, body)
    }

    /// As `ask`, under a key; under none where it is empty.
    pub(crate) fn ask_under(&self, key: &str, path: &str, body: &Value) -> TcpStream {
        let mut stream = self.send(&format!("POST {path}"));
        if !key.is_empty() {
            write!(stream, "Idempotency-Key: {key}\r\n").unwrap();
        }
        let body = body.to_string();
        write!(
            stream,
            "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        stream
    }

    /// An exception of a run as it stands.
    pub(crate) fn exception(&self, run: &str, record: u64) -> Value {
        let (status, body) = self.get(&format!("/api/v1/runs/{run}/exceptions/{record}"));
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Sends as much of a file as is asked for, and leaves the connection open.
    pub(crate) fn upload(&self, name: &str, file: &[u8], bytes: usize) -> TcpStream {
        let mut stream = self.send(&format!("POST /api/v1/runs?filename={name}"));
        write!(stream, "Content-Length: {}\r\n\r\n", file.len()).unwrap();
        stream.write_all(&file[..bytes]).unwrap();
        stream
    }

    /// Announces a file that is to come in piecemeal, and gives the address where it goes.
    pub(crate) fn announce(&self, bytes: usize) -> String {
        let mut stream = self.send("POST /api/v1/uploads");
        write!(stream, "{TUS}Upload-Length: {bytes}\r\n\r\n").unwrap();
        answer(stream).header("location")
    }

    /// Sends a file on from where it stands, as far as is asked for, and leaves the connection open.
    pub(crate) fn add(&self, at: &str, file: &[u8], from: usize, to: usize) -> TcpStream {
        let mut stream = self.send(&format!("PATCH {at}"));
        let left = file.len() - from;
        write!(
            stream,
            "{TUS}Upload-Offset: {from}\r\nContent-Type: application/offset+octet-stream\r\n\
             Content-Length: {left}\r\n\r\n"
        )
        .unwrap();
        stream.write_all(&file[from..to]).unwrap();
        stream
    }

    /// Sends the rest of a file that was cut off after `sent` bytes, and gives its run.
    pub(crate) fn resume(&self, at: &str, file: &[u8], sent: usize) -> String {
        let (_, listed) = self.get("/api/v1/uploads");
        assert!(listed.contains("coming-in"), "{listed}");
        let mut stream = self.send(&format!("HEAD {at}"));
        write!(stream, "{TUS}\r\n").unwrap();
        let arrived = answer(stream).header("upload-offset").parse().unwrap();
        assert!(arrived <= sent);
        let added = answer(self.add(at, file, arrived, file.len()));
        assert_eq!(added.status, 204, "{added:?}");
        added.header("tarazu-run")
    }

    /// Hands a file in.
    pub(crate) fn post(&self, name: &str, file: &[u8]) -> Answer {
        answer(self.upload(name, file, file.len()))
    }

    /// Hands a file in that is taken, and gives its run.
    pub(crate) fn begin(&self, name: &str, file: &[u8]) -> String {
        let answer = self.post(name, file);
        assert!(matches!(answer.status, 200 | 202), "{answer:?}");
        let run: Value = serde_json::from_str(&answer.body).unwrap();
        run["id"].as_str().unwrap().to_owned()
    }

    /// All runs of the main workspace, once none of them goes on. Events that break off are asked for again.
    pub(crate) fn settled(&self) -> Vec<Value> {
        let watch = Stopwatch::start();
        loop {
            assert!(watch.elapsed() < PATIENCE, "the runs do not end");
            let (status, body) = self.get("/api/v1/runs");
            assert_eq!(status, 200, "{body}");
            let list: Value = serde_json::from_str(&body).unwrap();
            let runs = list["runs"].as_array().unwrap().clone();
            let going = runs.iter().find(|it| it["status"] == "running");
            let Some(run) = going else { return runs };
            let id = run["id"].as_str().unwrap();
            self.get(&format!("/api/v1/runs/{id}/events"));
        }
    }

    /// Reads the log on until it says so of the run; of a stage its name is `what`.
    pub(crate) fn wait(&mut self, run: &str, what: &str) {
        loop {
            let line = self.log.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("{run}: no {what} in {:?}", self.told));
            let found = says(&line, run) == Some(what);
            self.told.push(line);
            if found {
                return;
            }
        }
    }

    /// SIGTERM. Waits until the process has ended.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) -> std::process::ExitStatus {
        let process = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &process]).status();
        assert!(told.unwrap().success());
        self.child.wait().unwrap()
    }

    /// SIGKILL. Gives what the log said last of the run: a stage, `after`, or nothing.
    pub(crate) fn kill(mut self, run: &str) -> Option<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.told.extend(self.log.iter());
        let of_run = self.told.iter().rev().find_map(|it| says(it, run));
        of_run.map(str::to_owned)
    }
}

/// Reads the logs on until one of them says so of the run, and gives its place.
pub(crate) fn first_to_say(servers: &mut [Serving], run: &str, what: &str) -> usize {
    let watch = Stopwatch::start();
    while watch.elapsed() < PATIENCE {
        for (place, server) in servers.iter_mut().enumerate() {
            server.told.extend(server.log.try_iter());
            if server.told.iter().any(|it| says(it, run) == Some(what)) {
                return place;
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("{run}: no {what}")
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It is gone already where a test killed it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(stderr: ChildStderr, teller: &Sender<Value>) {
    for line in BufReader::new(stderr).lines() {
        let line = line.unwrap();
        let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
        if teller.send(line).is_err() {
            return;
        }
    }
}

/// What a line of the log says of a run.
fn says<'l>(line: &'l Value, run: &str) -> Option<&'l str> {
    let fields = &line["fields"];
    if fields["run"] != run {
        return None;
    }
    match fields["message"].as_str()? {
        "a stage begins" => fields["stage"].as_str(),
        "a run has ended" | "a run failed" => Some("after"),
        _ => None,
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// None where the server went before it said anything.
    pub(crate) fn read(mut stream: TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        // Cut off, a connection ends in an error; what came before is kept.
        let ended = stream.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").or_else(|| {
            assert!(text.is_empty() || ended.is_err(), "{text}");
            None
        })?;
        Some(Self {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        })
    }

    fn header(&self, name: &str) -> String {
        let mut fields = self.head.lines().filter_map(|it| it.split_once(": "));
        let found = fields.find(|(field, _)| *field == name);
        found
            .unwrap_or_else(|| panic!("no {name}: {self:?}"))
            .1
            .to_owned()
    }
}

pub(crate) fn answer(stream: TcpStream) -> Answer {
    Answer::read(stream).unwrap()
}
