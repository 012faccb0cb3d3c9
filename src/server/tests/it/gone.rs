//! The database goes away in the middle of things, as in a loss of power, and comes back.

use crate::{
    cluster::Cluster,
    command::{command, text},
    house::{orders, sample},
    serving::{Answer, Serving},
    sound::sound_at,
};
use serde_json::Value;
use std::path::Path;
use tokio::runtime::Runtime;

#[test]
fn what_the_database_went_away_from_ends_once_it_is_back() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(why) => return println!("not run: no PostgreSQL can be started here: {why}"),
    };
    let folder = tempfile::tempdir().unwrap();
    let mut server = start(&cluster, folder.path());
    server.begin("before.csv", orders(1..=10).as_bytes());
    server.settled();
    for (seed, stage) in (1..).zip(["validate", "isolate", "load", "summarise"]) {
        let (file, _) = sample(20_000, seed);
        let id = server.begin(&format!("{stage}.csv"), &file);
        server.wait(&id, stage);
        cluster.stop();

        // Whoever comes meanwhile learns that it is worth coming again, and then is taken.
        let other = orders([1000 + seed]);
        let refused = server.post("meanwhile.csv", other.as_bytes());
        unavailable(&refused);
        let (status, _) = server.get("/readyz");
        assert_eq!(status, 503);

        cluster.begin(&[]);
        let taken = server.begin("meanwhile.csv", other.as_bytes());
        let runs = server.settled();
        let run = |id: &str| runs.iter().find(|it| it["id"] == id).unwrap();
        assert_eq!(run(&taken)["status"], "complete", "{stage}");
        let cut = run(&id);
        println!("{stage}: {} {}", cut["status"], cut["reason"]);
        if cut["status"] != "complete" {
            assert_eq!(cut["status"], "failed");
            let reason = cut["reason"].as_str().unwrap();
            assert!(reason.contains("Hand the file in again"), "{reason}");
            // Nothing of it holds a key.
            server.begin(&format!("{stage}.csv"), &file);
            assert_eq!(server.settled()[0]["status"], "complete");
        }
        Runtime::new()
            .unwrap()
            .block_on(sound_at(&cluster.url("postgres")));
    }
    let mut verify = command(&["audit", "verify", "--data-dir", text(folder.path())]);
    let verify = verify.env("DATABASE_URL", cluster.url("postgres"));
    let verified = verify.output().unwrap();
    assert!(verified.status.success(), "{verified:?}");
}

fn start(cluster: &Cluster, folder: &Path) -> Serving {
    let mut serve = command(&["serve", "--runs", "1"]);
    serve.arg("--data-dir").arg(folder);
    Serving::of(serve.env("DATABASE_URL", cluster.url("postgres")))
}

fn unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.head.contains("\r\nretry-after: "), "{answer:?}");
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["type"], "urn:tarazu:problem:unavailable");
}
