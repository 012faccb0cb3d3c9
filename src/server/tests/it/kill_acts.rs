//! The server is killed in the middle of what people do: afterwards a correction, a withdrawal or a replacement is there
//! whole, or not at all, and can be done again. TARAZU_LONG asks for 60 kills, TARAZU_SEED for those of an earlier time.

#![expect(
    clippy::disallowed_methods,
    reason = "how long to go on, and with which seed, is said from outside"
)]

use crate::{
    command::{tarazu, text},
    house::orders,
    places::server,
    serving::{Answer, Serving, answer},
    sound::{number, sound_at, staged, url},
};
use oorandom::Rand64;
use serde_json::json;
use server::clock::Stopwatch;
use std::{
    collections::BTreeMap, env, fs, net::TcpStream, path::Path, process, thread, time::Duration,
};
use tokio::runtime::Runtime;

/// Of a file, and those of them whose region nobody knows until it is corrected.
const ROWS: i64 = 4_000;
const WRONG: i64 = 1_500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Correction,
    Withdrawal,
    Replacement,
}

const ACTS: [Act; 3] = [Act::Correction, Act::Withdrawal, Act::Replacement];

/// How a file stands: its exceptions that are corrected, entries of corrections, entries of withdrawals of it and of its
/// corrections, its rows that count with those that were corrected, and the rows that count of what took its place.
type Standing = [i64; 5];

const BEGUN: Standing = [0, 0, 0, ROWS - WRONG, 0];
const CORRECTED: Standing = [WRONG, 1, 0, ROWS, 0];
const WITHDRAWN: Standing = [WRONG, 1, 2, 0, 0];
const REPLACED: Standing = [WRONG, 1, 2, 0, ROWS];

impl Act {
    /// How the file stands before and after.
    fn stands(self) -> [Standing; 2] {
        match self {
            Self::Correction => [BEGUN, CORRECTED],
            Self::Withdrawal => [CORRECTED, WITHDRAWN],
            Self::Replacement => [CORRECTED, REPLACED],
        }
    }

    /// Asks for it, of the file of this number and run. The answer may never come.
    fn ask(self, server: &Serving, number: u64, run: &str) -> TcpStream {
        match self {
            Self::Correction => {
                let act =
                    json!({ "act": "replace", "column": "region", "from": "Nort", "to": "North" });
                let body = json!({ "filter": { "run": run, "state": "new" }, "act": act });
                server.ask("/api/v1/exceptions/bulk", &body)
            }
            Self::Withdrawal => {
                let body = json!({ "reason": "the wrong month" });
                server.ask(&format!("/api/v1/runs/{run}/withdrawal"), &body)
            }
            Self::Replacement => {
                let mended = file(number).replace(",Nort,", ",South,");
                let name = format!("{number}-mended.csv&replaces={run}");
                server.upload(&name, mended.as_bytes(), mended.len())
            }
        }
    }

    /// Does it, and gives how long that takes.
    fn done(self, server: &Serving, number: u64, run: &str) -> Duration {
        let watch = Stopwatch::start();
        let answer = answer(self.ask(server, number, run));
        assert!(matches!(answer.status, 200 | 202), "{self:?}: {answer:?}");
        server.settled();
        watch.elapsed()
    }
}

#[test]
fn what_people_do_is_there_whole_or_not_at_all_when_the_server_is_killed() {
    let long = env::var_os("TARAZU_LONG").is_some();
    let seed = env::var("TARAZU_SEED").map_or(u64::from(process::id()), |it| it.parse().unwrap());
    println!("TARAZU_SEED={seed}");
    let mut random = Rand64::new(seed.into());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let database = url(folder);
    let mut server = Serving::start(folder, &["--runs", "1"]);
    // What each takes where nobody disturbs it.
    let mut lengths = BTreeMap::new();
    for (number, last) in [(0, Act::Withdrawal), (1, Act::Replacement)] {
        let run = begin(&server, number);
        for act in [Act::Correction, last] {
            lengths.insert(act, act.done(&server, number, &run));
            assert_eq!(standing(&database, &run), act.stands()[1]);
        }
    }
    // By act: kills after which nothing of it was there, after which it was although nobody was told, and after its answer.
    let mut kills = BTreeMap::from(ACTS.map(|it| (it, [0; 3])));
    for number in 2..if long { 62 } else { 8 } {
        let unanswered = |it: &Act| kills[it][0] + kills[it][1];
        let aim = ACTS.into_iter().min_by_key(unanswered).unwrap();
        let run = begin(&server, number);
        if aim != Act::Correction {
            Act::Correction.done(&server, number, &run);
        }
        let asked = aim.ask(&server, number, &run);
        // At times it is over by then.
        thread::sleep(lengths[&aim].mul_f64(2.0 * random.rand_float()));
        server.kill("");
        let told = Answer::read(asked).is_some_and(|it| it.status == 200);
        quiet(&database);
        let [before, after] = aim.stands();
        let stands = standing(&database, &run);
        assert!(stands == before || stands == after, "{aim:?}: {stands:?}");
        assert!(stands == after || !told, "{aim:?} is lost");
        let fell = match (stands == after, told) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 2,
        };
        kills.get_mut(&aim).unwrap()[fell] += 1;

        server = Serving::start(folder, &["--runs", "1"]);
        server.settled();
        check(folder, &database);
        // A run that was cut is done again by itself; who got no answer to anything else asks once more.
        let stands = standing(&database, &run);
        if stands == before {
            aim.done(&server, number, &run);
        }
        assert_eq!(standing(&database, &run), after);
        if aim == Act::Correction {
            Act::Withdrawal.done(&server, number, &run);
        }
        check(folder, &database);
    }
    let head = ["not there", "there", "answered"];
    println!(
        "{:14}{:>10}{:>10}{:>10}",
        "killed in", head[0], head[1], head[2]
    );
    for (act, [none, whole, answered]) in &kills {
        let act = format!("{act:?}").to_lowercase();
        println!("{act:14}{none:>10}{whole:>10}{answered:>10}");
    }
    if long {
        let few = kills.iter().find(|(_, it)| it[0] + it[1] < 5);
        assert_eq!(few, None, "too few kills to say anything");
    }
}

fn file(number: u64) -> String {
    let from = number * ROWS.unsigned_abs();
    let rows = orders(from..from + ROWS.unsigned_abs());
    rows.replacen(",North,", ",Nort,", usize::try_from(WRONG).unwrap())
}

fn begin(server: &Serving, number: u64) -> String {
    let run = server.begin(&format!("{number}.csv"), file(number).as_bytes());
    server.settled();
    run
}

fn standing(database: &str, run: &str) -> Standing {
    let of = format!("SELECT id FROM runs WHERE id = '{run}' OR origin = '{run}'");
    let counting = |ids: &str| {
        format!(
            "SELECT count(*) FROM ledger l JOIN runs r ON r.number = l.run WHERE l.counts AND r.id IN ({ids})"
        )
    };
    let entries = |event: &str| {
        format!("SELECT count(*) FROM entries WHERE event = '{event}' AND run IN ({of})")
    };
    let corrected = format!(
        "SELECT count(*) FROM kept_rows k JOIN runs r ON r.number = k.run WHERE r.id = '{run}' \
         AND k.state = 'corrected'"
    );
    let statements = [
        corrected,
        entries("exception.corrected"),
        entries("run.withdrawn"),
        counting(&of),
        counting(&format!("SELECT id FROM runs WHERE replaces = '{run}'")),
    ];
    let runtime = Runtime::new().unwrap();
    statements.map(|it| runtime.block_on(number(database, &it)))
}

/// Waits until PostgreSQL has done what it was told last by the process that is gone.
fn quiet(database: &str) {
    if server().is_some() {
        let going = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tarazu' \
                     AND datname = current_database()";
        let runtime = Runtime::new().unwrap();
        while runtime.block_on(number(database, going)) > 0 {}
    }
}

/// Everything adds up, and of files nothing is left that no run has.
fn check(folder: &Path, database: &str) {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(sound_at(database));
    assert_eq!(staged(folder), Vec::<String>::new());
    // The file of rows that did not enter goes soon after the start.
    let watch = Stopwatch::start();
    let files = "SELECT count(DISTINCT file_digest) FROM runs";
    while runtime.block_on(number(database, files)) != raw_files(folder) {
        assert!(watch.elapsed() < Duration::from_mins(1), "a file is left");
    }
    let verified = tarazu(&["audit", "verify", "--data-dir", text(folder)]);
    assert_eq!(verified.code, 0, "{}", verified.all());
}

fn raw_files(folder: &Path) -> i64 {
    let files = fs::read_dir(folder.join("raw/main")).unwrap();
    i64::try_from(files.count()).unwrap()
}
