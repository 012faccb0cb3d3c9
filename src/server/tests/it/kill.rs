//! The server is killed at random points, again and again, and nothing is lost.
//!
//! What the moments rest on is the server's own log, which tells each stage as it begins. Chance says how far into
//! the stage the kill comes; where it really fell is what the log told last. TARAZU_LONG asks for 100 kills, TARAZU_SEED
//! for those of an earlier time.

#![expect(
    clippy::disallowed_methods,
    reason = "how long to go on, and with which seed, is said from outside"
)]

use crate::{
    command::{tarazu, text},
    house::sample,
    serving::Serving,
    sound::{sound, staged},
};
use oorandom::Rand64;
use serde_json::Value;
use server::clock::Stopwatch;
use std::{collections::BTreeMap, env, fs, path::Path, process, thread, time::Duration};
use tokio::runtime::Runtime;

const ROWS: u64 = 20_000;

/// What a kill can fall into, in order.
const POINTS: [&str; 9] = [
    "upload",
    "piecemeal",
    "waiting",
    "validate",
    "isolate",
    "transform",
    "load",
    "summarise",
    "after",
];
const STAGES: std::ops::Range<usize> = 3..8;

/// One run at a time, so that a second one waits.
const FLAGS: [&str; 2] = ["--runs", "1"];

#[test]
fn nothing_is_lost_when_the_server_is_killed_wherever_it_stands() {
    let long = env::var_os("TARAZU_LONG").is_some();
    let seed = env::var("TARAZU_SEED").map_or(u64::from(process::id()), |it| it.parse().unwrap());
    println!("TARAZU_SEED={seed}");
    let mut random = Rand64::new(seed.into());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut server = Serving::start(folder, &FLAGS);
    let mut files = Files(0);
    let lengths = lengths(&mut server, &mut files);
    // By point: how often the kill fell there, and how often a second one fell there while that run was done again.
    let mut kills = BTreeMap::from(POINTS.map(|it| (it, [0, 0])));
    let mut begun = Vec::new();
    for _ in 0..if long { 100 } else { 10 } {
        let fewest = kills.values().map(|it| it[0]).min().unwrap();
        let rare: Vec<&str> = POINTS
            .into_iter()
            .filter(|it| kills[it][0] == fewest)
            .collect();
        let aim = rare[below(&mut random, rare.len())];
        let (name, file) = files.next();
        let mut at = None;
        let sent = below(&mut random, file.len());
        let (id, fell) = if matches!(aim, "upload" | "piecemeal") {
            at = (aim == "piecemeal").then(|| server.announce(file.len()));
            let cut = match &at {
                Some(at) => server.add(at, &file, 0, sent),
                None => server.upload(&name, &file, sent),
            };
            server.kill("");
            drop(cut);
            (None, aim.to_owned())
        } else {
            let mut id = server.begin(&name, &file);
            let stage = if aim == "waiting" { "validate" } else { aim };
            begun.push(id.clone());
            server.wait(&id, stage);
            if aim == "waiting" {
                let (name, file) = files.next();
                id = server.begin(&name, &file);
                begun.push(id.clone());
            }
            pause(&mut random, lengths[stage]);
            let fell = server.kill(&id).unwrap_or("waiting".to_owned());
            (Some(id), fell)
        };
        kills.get_mut(fell.as_str()).unwrap()[0] += 1;
        server = Serving::start(folder, &FLAGS);
        // A run may have been complete before the log could tell so.
        let again = |id: &&String| {
            let (_, run) = server.get(&format!("/api/v1/runs/{id}"));
            let run: Value = serde_json::from_str(&run).unwrap();
            run["status"] != "complete"
        };
        let second = fell != "after" && random.rand_range(0..3) == 0;
        if let Some(id) = id.as_ref().filter(|_| second).filter(again) {
            let stage = POINTS[STAGES][below(&mut random, STAGES.len())];
            server.wait(id, stage);
            pause(&mut random, lengths[stage]);
            let fell = server.kill(id).unwrap();
            kills.get_mut(fell.as_str()).unwrap()[1] += 1;
            server = Serving::start(folder, &FLAGS);
        }
        if id.is_none() {
            // Who got no answer sends the rest, or the file again.
            begun.push(match &at {
                Some(at) => server.resume(at, &file, sent),
                None => server.begin(&name, &file),
            });
        }
        check(folder, &server, &begun);
    }
    println!("{:12}{:>6}{:>12}", "killed in", "first", "done again");
    for point in POINTS {
        let [first, again] = kills[point];
        println!("{point:12}{first:>6}{again:>12}");
    }
    if long {
        let few = kills.iter().find(|(_, it)| it[0] < 5);
        assert_eq!(few, None, "too few kills to say anything");
    }
}

/// Files of which each has some keys of its own and 999 that the first one holds.
struct Files(u64);

impl Files {
    fn next(&mut self) -> (String, Vec<u8>) {
        self.0 += 1;
        let (bytes, _) = sample(ROWS, self.0);
        let text = String::from_utf8(bytes).unwrap();
        let text = text.replace("ORD0000", "SAME");
        let text = text.replace("ORD", &format!("F{}-", self.0));
        (format!("file-{}.csv", self.0), text.into_bytes())
    }
}

/// How long each stage takes where nobody disturbs it.
fn lengths(server: &mut Serving, files: &mut Files) -> BTreeMap<&'static str, Duration> {
    let (name, file) = files.next();
    let id = server.begin(&name, &file);
    let mut lengths = BTreeMap::from([("after", Duration::from_millis(20))]);
    server.wait(&id, POINTS[STAGES.start]);
    for pair in POINTS[STAGES.start..].windows(2) {
        let watch = Stopwatch::start();
        server.wait(&id, pair[1]);
        lengths.insert(pair[0], watch.elapsed());
    }
    lengths
}

fn below(random: &mut Rand64, end: usize) -> usize {
    usize::try_from(random.rand_range(0..u64::try_from(end).unwrap())).unwrap()
}

/// Lets chance say how far into a stage the kill comes.
fn pause(random: &mut Rand64, length: Duration) {
    thread::sleep(length.mul_f64(random.rand_float()));
}

/// Every run that a sender was told of is complete, everything adds up, and nothing is left over.
fn check(folder: &Path, server: &Serving, begun: &[String]) {
    let runs = server.settled();
    let newest = runs.iter().map(|it| it["id"].as_str().unwrap());
    for (id, run) in newest.zip(&runs) {
        assert_eq!(
            (&run["status"], &run["rows_read"]),
            (&"complete".into(), &ROWS.into()),
            "{id}"
        );
        let digest = run["file_digest"].as_str().unwrap();
        let raw = fs::read(folder.join("raw/main").join(digest)).unwrap();
        assert_eq!(blake3::hash(&raw).to_hex().as_str(), digest);
    }
    for id in begun.iter().rev().take(3) {
        assert!(
            runs.iter().any(|it| it["id"] == id.as_str()),
            "{id} is lost"
        );
    }
    Runtime::new().unwrap().block_on(sound(folder));
    assert_eq!(staged(folder), Vec::<String>::new());
    let verified = tarazu(&["audit", "verify", "--data-dir", text(folder)]);
    assert_eq!(verified.code, 0, "{}", verified.all());
}
