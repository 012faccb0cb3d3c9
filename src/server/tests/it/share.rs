//! Several servers on one store: they share the runs, and what one leaves behind another finishes.

use crate::{
    command::command,
    house::sample,
    places::places,
    serving::{Serving, first_to_say},
    sound::{sound, staged},
};
use std::path::Path;

const NAMES: [&str; 3] = ["one", "two", "three"];
const FLAGS: [&str; 2] = ["--runs", "1"];

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_was_doing_when_it_was_killed_another_finishes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut servers = start(folder).await;
    let (file, _) = sample(20_000, 1);
    let id = servers[0].begin("shared.csv", &file);
    let doer = first_to_say(&mut servers, &id, "isolate");
    let killed = servers.remove(doer).kill(&id);
    assert_ne!(killed.as_deref(), Some("after"));
    first_to_say(&mut servers, &id, "after");
    for server in &servers {
        let runs = server.settled();
        assert_eq!(
            (runs.len(), &runs[0]["status"]),
            (1, &"complete".into()),
            "{runs:?}"
        );
        // The raw file is at hand wherever it came in.
        let (status, raw) = server.get(&format!("/api/v1/runs/{id}/file"));
        assert_eq!((status, raw.as_bytes()), (200, file.as_slice()));
    }
    sound(folder).await;

    // One takes the files in, and all of them do the runs, each once.
    let mut ids = Vec::new();
    for seed in 2..14 {
        let (file, _) = sample(20_000, seed);
        ids.push(servers[0].begin(&format!("{seed}.csv"), &file));
    }
    let doers = ids.iter().map(|id| first_to_say(&mut servers, id, "after"));
    let mut doers: Vec<usize> = doers.collect();
    println!("by server: {doers:?}");
    doers.sort_unstable();
    doers.dedup();
    assert_eq!(doers.len(), servers.len(), "one of them does nothing");
    servers[0].settled();
    sound(folder).await;
    assert_eq!(staged(folder), Vec::<String>::new());
}

/// On PostgreSQL with folders of their own and one for the raw files, on SQLite with the same folder.
async fn start(folder: &Path) -> Vec<Serving> {
    let Some(database) = places(folder).await.database else {
        return NAMES.map(|_| Serving::start(folder, &FLAGS)).into();
    };
    let shared = format!("file://{}", folder.join("shared").display());
    let start = |name: &str| {
        let mut command = command(&["serve"]);
        command.args(FLAGS).env("DATABASE_URL", &database);
        command.args(["--raw-store", &shared]);
        Serving::of(command.arg("--data-dir").arg(folder.join(name)))
    };
    NAMES.map(start).into()
}
