//! What speaks for a run, and what tampering with any of it comes to.

use crate::{
    command::{Ended, tarazu},
    house::{Answer, Form, House, orders, sample},
    tamper::{self, copy, drop_trigger, tamper},
};
use audit::evidence;
use axum::{
    body::Body,
    http::{Request, header::CONTENT_TYPE},
};
use engine::again;
use model::proof::{Agrees, Outcome};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read, Write},
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// A data folder with runs, closed, and the ids of some.
struct Kept {
    folder: TempDir,
    complete: String,
    held: String,
    /// The evidence of the first one.
    evidence: Vec<u8>,
}

async fn kept() -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), 1 << 30).await;
    house.run("filename=before.csv", orders(1..=3)).await;
    // Warnings, exceptions of the file, and two keys that the ledger has.
    let (mut file, _) = sample(400, 5);
    file.extend_from_slice(b"ORD-2,2026-01-15,North,Milk 1L,,,2,240.50\n");
    file.extend_from_slice(b"ORD-3,2026-01-15,north,Unknown,,,2,240.50\n");
    let browser = house
        .run("filename=a.csv&workspace=sample", file.clone())
        .await;
    let receipt = browser["verdict"]["receipt"].to_string();
    let form = Form::default()
        .field("receipt", &receipt)
        .field("evaluated_at", browser["evaluated_at"].as_str().unwrap())
        .file("april: 2026.csv", &file);
    let request = Request::post("/api/v1/runs")
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(Body::from(form.body()));
    let begun = house.send(request.unwrap()).await;
    let complete = house.settled(&begun.json()).await;
    assert_eq!(complete["found_by_server"], 2);
    assert!(complete["browser_receipt"].is_object());
    let held = house
        .run("filename=held.csv", "no,such,columns\n1,2,3\n")
        .await;
    let id = |run: &Value| run["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/runs/{}/evidence.zip", id(&complete));
    let answer = house.get(&path).await;
    assert_eq!(answer.header("content-type"), "application/zip");
    house.store.close().await;
    Kept {
        complete: id(&complete),
        held: id(&held),
        evidence: answer.body,
        folder,
    }
}

pub(crate) fn parts(zip: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    let count = archive.len();
    let read = |place| {
        let mut part = archive.by_index(place).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        (part.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(read).collect()
}

pub(crate) fn packed(parts: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name.as_str(), SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// With a manifest that fits the parts again.
pub(crate) fn mended(parts: &mut BTreeMap<String, Vec<u8>>) {
    let mut manifest: Value = serde_json::from_slice(&parts["manifest.json"]).unwrap();
    for part in manifest["parts"].as_array_mut().unwrap() {
        let bytes = &parts[part["name"].as_str().unwrap()];
        let mut measure = evidence::Measure::default();
        measure.write_all(bytes).unwrap();
        part["bytes"] = json!(bytes.len());
        part["sha256"] = json!(measure.sha256());
    }
    parts.insert(
        "manifest.json".into(),
        serde_json::to_vec(&manifest).unwrap(),
    );
}

pub(crate) fn verify(folder: &Path, zip: &[u8]) -> Ended {
    let file = folder.join("evidence.zip");
    fs::write(&file, zip).unwrap();
    tarazu(&["audit", "verify", "--file", file.to_str().unwrap()])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evidence_file_holds_and_is_the_same_each_time() {
    let kept = kept().await;
    let ended = verify(kept.folder.path(), &kept.evidence);
    assert_eq!(ended.code, 0, "{}", ended.all());
    for name in [
        "parts",
        "log",
        "run",
        "receipt",
        "browser-receipt",
        "verdict",
        "file",
        "judged-again",
        "exceptions",
        "history",
        "sample",
    ] {
        assert!(
            ended.out.contains(&format!("passed  {name} ")),
            "{name}\n{}",
            ended.out
        );
    }
    assert!(
        ended.out.contains("The rows that it refused (2)"),
        "{}",
        ended.out
    );
    let before = parts(&kept.evidence);
    let id = &kept.complete;
    assert!(before.contains_key(&format!("runs/{id}/file/april_ 2026.csv")));
    // The entries of other runs are told by their digests alone.
    let entries = String::from_utf8(before["entries.ndjson"].clone()).unwrap();
    assert!(!entries.contains(&kept.held) && entries.contains("evidence.exported"));

    let again = kept.folder.path().join("again.zip");
    let out = again.to_str().unwrap();
    let data = kept.folder.path().to_str().unwrap();
    let args = ["evidence", id, "--data-dir", data, "--out", out];
    assert_eq!(tarazu(&args).code, 0);
    let after = parts(&fs::read(&again).unwrap());
    for (name, bytes) in &before {
        let grows = [
            "entries.ndjson",
            "checkpoint.json",
            "sample.json",
            "manifest.json",
        ];
        let grows = grows.contains(&name.as_str());
        assert_eq!(after[name] == *bytes, !grows, "{name}");
    }
    // The sample is of rows that the ledger took, and not those that it refused.
    let sample: Value = serde_json::from_slice(&before["sample.json"]).unwrap();
    let file = String::from_utf8(before[&format!("runs/{id}/file/april_ 2026.csv")].clone());
    let file = file.unwrap();
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(sample["rows"].as_array().unwrap().len(), 25);
    for row in sample["rows"].as_array().unwrap() {
        assert_eq!(row["run"], id.as_str());
        let line = row["ledger"]["line"].as_u64().unwrap();
        assert_eq!(row["raw"], lines[usize::try_from(line).unwrap() - 1]);
        assert!(
            row["raw"]
                .as_str()
                .unwrap()
                .contains(row["ledger"]["key"].as_str().unwrap())
        );
    }
    let names = |zip: &[u8]| -> Vec<String> {
        let archive = ZipArchive::new(Cursor::new(zip)).unwrap();
        archive
            .file_names()
            .map(|it| it.unwrap().into_owned())
            .collect()
    };
    assert_eq!(names(&kept.evidence), names(&fs::read(&again).unwrap()));

    // A time takes all runs that ended, whatever became of them.
    let args = ["evidence", "2020..2099", "--data-dir", data, "--out", out];
    for (rows, told) in [
        ("0", "not run sample           no row was drawn"),
        ("7", "(7) were traced from the ledger to their lines"),
        ("1000", "passed  sample "),
    ] {
        let ended = tarazu(&[args.as_slice(), &["--sample", rows]].concat());
        assert_eq!(ended.code, 0, "{}", ended.all());
        assert!(ended.out.contains("3 runs"), "{}", ended.out);
        let ended = tarazu(&["audit", "verify", "--file", out]);
        assert_eq!(ended.code, 0, "{}", ended.all());
        assert!(ended.out.contains(told), "{told}\n{}", ended.out);
    }
    // Over HTTP too; a form sends what nobody filled in as nothing.
    let house = House::at(kept.folder.path(), 1 << 30).await;
    let served = house.get("/api/v1/evidence.zip?from=2020-01-01&to=").await;
    assert_eq!(
        parts(&served.body).len(),
        parts(&fs::read(out).unwrap()).len()
    );
    let never = house.get("/api/v1/evidence.zip?to=2020-01-01").await;
    never.problem(404, "no-run");
    house.store.close().await;
    let none = tarazu(&["evidence", "2020", "--data-dir", data, "--out", out]);
    assert_eq!(none.code, 2, "{}", none.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_byte_in_an_evidence_file_is_told_with_its_place() {
    let kept = kept().await;
    let id = &kept.complete;
    let name = |it: &str| format!("runs/{id}/{it}");
    let whole = parts(&kept.evidence);
    // Each with a text that stands in it once, what stands there instead, and what is told although the manifest was
    // made to fit.
    for (part, from, to, told) in [
        (
            name("file/april_ 2026.csv"),
            "ORD-2,2026-01-15",
            "ORD-2,2026-01-16",
            "FAILED  file             april: 2026.csv was changed",
        ),
        (
            name("verdict.json"),
            "\"unreadable_rows\": ",
            "\"unreadable_rows\":  1",
            "FAILED  verdict          the verdict was changed",
        ),
        (
            name("receipt.server.json"),
            "\"findings\": ",
            "\"findings\": 1",
            "FAILED  receipt          the server's receipt was changed",
        ),
        (
            name("receipt.browser.json"),
            "\"findings\": ",
            "\"findings\": 1",
            "FAILED  browser-receipt  the browser's receipt was changed",
        ),
        (
            name("contract.json"),
            "\"version\":\"",
            "\"version\":\"9",
            "FAILED  contract ",
        ),
        (
            name("exceptions.ndjson"),
            "2,240.50",
            "3,240.50",
            "FAILED  exceptions ",
        ),
        (
            "entries.ndjson".to_owned(),
            "\"event\":\"run.completed\"",
            "\"event\":\"run.completes\"",
            "was changed after it was written",
        ),
        (
            name("run.json"),
            "\"file_bytes\": ",
            "\"file_bytes\": 1",
            "FAILED  run ",
        ),
        (
            "sample.json".to_owned(),
            "\"raw\": \"",
            "\"raw\": \"x",
            "FAILED  sample           sample.json, row 1: line ",
        ),
        (
            "sample.json".to_owned(),
            "\"quantity\": ",
            "\"quantity\": 1",
            "in the ledger, and the file gives ",
        ),
        (
            "sample.json".to_owned(),
            "\"record\": ",
            "\"record\": 1",
            "and the seed draws record ",
        ),
    ] {
        let mut changed = whole.clone();
        let text = String::from_utf8(whole[&part].clone()).unwrap();
        let text = if part.ends_with("exceptions.ndjson") {
            text.replacen("\"cells\":[\"", "\"cells\":[\"x", 1)
        } else {
            assert!(text.contains(from), "{part}");
            text.replacen(from, to, 1)
        };
        changed.insert(part.clone(), text.into_bytes());
        let ended = verify(kept.folder.path(), &packed(&changed));
        assert_eq!(ended.code, 1, "{part}\n{}", ended.all());
        assert!(
            ended
                .out
                .contains(&format!("FAILED  parts            {part} was changed")),
            "{}",
            ended.out
        );
        mended(&mut changed);
        let ended = verify(kept.folder.path(), &packed(&changed));
        assert_eq!(ended.code, 1, "{part}\n{}", ended.all());
        assert!(ended.out.contains(told), "{part}: {told}\n{}", ended.out);
    }
    // Other rows may not be drawn than those of the log, or none.
    let manifest = String::from_utf8(whole["manifest.json"].clone()).unwrap();
    for (from, to, told) in [
        ("\"seed\": \"", "\"seed\": \"0", "names the seed that"),
        ("\"sample\": {", "\"other\": {", "the log names a seed"),
    ] {
        assert!(manifest.contains(from));
        let mut changed = whole.clone();
        let other = manifest.replacen(from, to, 1);
        changed.insert("manifest.json".into(), other.into_bytes());
        let ended = verify(kept.folder.path(), &packed(&changed));
        assert_eq!(ended.code, 1, "{from}\n{}", ended.all());
        assert!(ended.out.contains(told), "{told}\n{}", ended.out);
    }
    // Of the packed file, whichever byte of a part.
    let place = kept.evidence.len() / 2;
    let mut changed = kept.evidence.clone();
    changed[place] ^= 1;
    let ended = verify(kept.folder.path(), &changed);
    assert_eq!(ended.code, 1, "{}", ended.all());
    let cut = verify(kept.folder.path(), &kept.evidence[..place]);
    assert!(
        cut.out
            .contains("this is no zip file, or its end is missing"),
        "{}",
        cut.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_without_a_file_that_is_gone_says_so_and_holds_no_more() {
    let kept = kept().await;
    let (folder, id) = (kept.folder.path(), &kept.complete);
    let digest = house_digest(folder, id).await;
    fs::remove_file(folder.join("raw/main").join(digest)).unwrap();
    let house = House::at(folder, 1 << 30).await;
    let of_run = format!("/api/v1/runs/{id}/evidence.zip");
    for (path, runs) in [("/api/v1/evidence.zip", 3), (of_run.as_str(), 1)] {
        let served = house.get(path).await;
        assert_eq!(served.status, 200);
        let whole = parts(&served.body);
        let manifest: Value = serde_json::from_slice(&whole["manifest.json"]).unwrap();
        assert_eq!(manifest["runs"].as_array().unwrap().len(), runs);
        assert_eq!(manifest["missing"], json!([id]));
        let log = house.log("main").await;
        let mut noted = log
            .iter()
            .filter(|it| it.entry.event == "evidence.exported");
        let noted = noted.rfind(|it| it.entry.run.as_ref() == Some(id)).unwrap();
        assert_eq!(&*noted.entry.details["file"], "missing");
        let ended = verify(folder, &served.body);
        assert_eq!(ended.code, 2, "{}", ended.all());
        let told = "MISSING file             april: 2026.csv is missing: it was gone";
        assert!(
            ended.out.contains("INCOMPLETE") && ended.out.contains(told),
            "{}",
            ended.out
        );
        assert!(!ended.out.contains("FAILED"), "{}", ended.out);
    }
    // Whoever takes a file out cannot say that it was gone.
    let mut changed = parts(&kept.evidence);
    let file = format!("runs/{id}/file/april_ 2026.csv");
    changed.remove(&file).unwrap();
    let mut manifest: Value = serde_json::from_slice(&changed["manifest.json"]).unwrap();
    manifest["missing"] = json!([id]);
    let all = manifest["parts"].as_array_mut().unwrap();
    all.retain(|it| it["name"] != file.as_str());
    changed.insert("manifest.json".into(), manifest.to_string().into_bytes());
    let ended = verify(folder, &packed(&changed));
    assert_eq!(ended.code, 1, "{}", ended.all());
    assert!(
        ended.out.contains("no entry says that it was gone"),
        "{}",
        ended.out
    );
    house.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_of_the_engine_is_told_and_is_no_mismatch() {
    let kept = kept().await;
    let mut judge = |ask: evidence::Ask<'_>| {
        let before = again::Before {
            contract: ask.contract,
            choice: &ask.run.choice,
            evaluated_at: &ask.run.evaluated_at,
            refused: ask.refused,
        };
        let judged = again::judge(ask.file, &before, &mut |row| (ask.row)(&row), ask.accepted);
        let (contract, mut verdict) = judged.unwrap();
        verdict.receipt.engine = "0.0.0".to_owned();
        Ok((contract, verdict, "0.0.0".to_owned()))
    };
    let checks = evidence::check_bytes(&kept.evidence, &mut judge, &mut |_| {});
    assert_eq!(Agrees::of(&checks), Agrees::Agrees, "{checks:?}");
    let told = checks.iter().find(|it| it.name == "engine").unwrap();
    assert_eq!(told.outcome, Outcome::NotRun);
    let then = format!("then by engine {}, now by 0.0.0", engine::VERSION);
    assert!(told.text.contains(&then), "{}", told.text);
    let again = checks.iter().find(|it| it.name == "judged-again").unwrap();
    assert_eq!(again.outcome, Outcome::Passed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_agrees_and_is_noted() {
    let kept = kept().await;
    let house = House::at(kept.folder.path(), 1 << 30).await;
    for id in [&kept.complete, &kept.held] {
        let answer = post_to(&house, &format!("/api/v1/runs/{id}/replay-check")).await;
        assert_eq!(answer.status, 200);
        let replay = answer.json();
        assert_eq!(replay["outcome"], "agrees", "{replay}");
        assert_eq!(replay["engine_now"], engine::VERSION);
        let entry = house.log("main").await.pop().unwrap().entry;
        assert_eq!(entry.event, "run.replayed");
        assert_eq!(entry.run.as_ref(), Some(id));
        assert_eq!(&*entry.details["outcome"], "agrees");
        let ended = replay_by_program(kept.folder.path(), id);
        assert_eq!(ended.code, 0, "{}", ended.all());
    }
    // From the page, by a plain form.
    let id = &kept.complete;
    let form = Request::post(format!("/runs/{id}/replay"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("workspace=main"));
    let answer = house.send(form.unwrap()).await;
    let page = format!("/audit?run={id}&replayed=agrees");
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, &*page)
    );
    let page = house.page(&page).await.text();
    for text in [
        "exactly what is kept of this run",
        "run.replayed",
        "Judge this run",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let none = post_to(
        &house,
        &format!("/api/v1/runs/run_{}/replay-check", "0".repeat(32)),
    )
    .await;
    none.problem(404, "not-found");
    house.verify("main").await;
}

async fn post_to(house: &House, path: &str) -> Answer {
    house
        .send(Request::post(path).body(Body::empty()).unwrap())
        .await
}

fn replay_by_program(folder: &Path, id: &str) -> Ended {
    tarazu(&[
        "audit",
        "replay",
        id,
        "--data-dir",
        folder.to_str().unwrap(),
    ])
}

/// A copy of a data folder, with a change that no trigger kept away.
/// A data folder as somebody left it who changed its database.
pub(crate) struct Copy(TempDir);

impl Copy {
    pub(crate) async fn of(folder: &Path, change: &str) -> Self {
        let to = tempfile::tempdir().unwrap();
        copy_all(&folder.join("raw"), &to.path().join("raw"));
        copy(folder, to.path()).await;
        let mut text = match tamper::is_postgres() {
            true => "SET session_replication_role = replica;".to_owned(),
            false => "PRAGMA foreign_keys = off;".to_owned(),
        };
        for (trigger, table) in [
            ("entries_follow", "entries"),
            ("entries_never_change", "entries"),
            ("entries_never_go", "entries"),
            ("runs_stay_as_they_ended", "runs"),
            ("kept_rows_never_change", "kept_rows"),
            ("kept_rows_never_go", "kept_rows"),
            ("contracts_never_change", "contracts"),
            ("exception_changes_never_change", "exception_changes"),
            ("exception_changes_never_go", "exception_changes"),
        ] {
            text += &drop_trigger(trigger, table);
        }
        tamper(to.path(), &(text + change)).await.unwrap();
        Self(to)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for found in fs::read_dir(from).unwrap() {
        let path: PathBuf = found.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() {
            copy_all(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tampering_with_what_is_kept_is_found_by_a_replay_and_told_with_its_place() {
    let kept = kept().await;
    let (folder, id) = (kept.folder.path(), &kept.complete);
    for (change, told) in [
        (
            "UPDATE runs SET verdict = replace(verdict, '\"unreadable_rows\":', '\"unreadable_rows\":1')",
            "FAILED  verdict          the verdict was changed: it is not the one that entry",
        ),
        (
            "UPDATE runs SET verdict = replace(verdict, '\"corrections_digest\":\"4', '\"corrections_digest\":\"5')",
            "FAILED  receipt          the server's receipt was changed",
        ),
        (
            "UPDATE runs SET browser_receipt = replace(browser_receipt, '\"corrections_digest\":\"4', '\"corrections_digest\":\"5')",
            "FAILED  browser-receipt  the browser's receipt was changed",
        ),
        (
            "UPDATE runs SET file_sha256 = replace(file_sha256, 'a', 'b')",
            "FAILED  file ",
        ),
        (
            "UPDATE contracts SET text = replace(text, '\"version\":\"', '\"version\":\"9')",
            "FAILED  contract ",
        ),
        (
            "UPDATE kept_rows SET money = 1 WHERE category IS NOT NULL",
            "FAILED  exceptions       what is kept of line",
        ),
        (
            "DELETE FROM kept_rows WHERE record = (SELECT min(record) FROM kept_rows WHERE category IS NOT NULL)",
            "FAILED  ",
        ),
        (
            "UPDATE runs SET choice = '{\"decimal_comma\":true}', evaluated_at = '2020-01-01T00:00:00Z'",
            "FAILED  judged-again ",
        ),
    ] {
        let copy = Copy::of(folder, change).await;
        let ended = replay_by_program(copy.path(), id);
        assert_eq!(ended.code, 1, "{change}\n{}", ended.all());
        assert!(ended.out.contains(told), "{change}\n{}", ended.out);
    }
    // A byte of the raw file, and no raw file.
    let copy = Copy::of(folder, "").await;
    let digest = house_digest(copy.path(), id).await;
    let raw = copy.path().join("raw/main").join(digest);
    let mut bytes = fs::read(&raw).unwrap();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    fs::write(&raw, bytes).unwrap();
    let ended = replay_by_program(copy.path(), id);
    assert_eq!(ended.code, 1, "{}", ended.all());
    assert!(
        ended.out.contains("april: 2026.csv was changed"),
        "{}",
        ended.out
    );
    fs::remove_file(&raw).unwrap();
    let ended = replay_by_program(copy.path(), id);
    assert_eq!(ended.code, 2, "{}", ended.all());
    assert!(ended.out.contains("the raw file is gone"), "{}", ended.out);
}

async fn house_digest(folder: &Path, id: &str) -> String {
    let house = House::at(folder, 1 << 30).await;
    let run = house.get(&format!("/api/v1/runs/{id}")).await.json();
    house.store.close().await;
    run["file_digest"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn tampering_with_the_log_is_found_and_told_with_its_place() {
    let kept = kept().await;
    let folder = kept.folder.path();
    let verify = |folder: &Path| {
        let data = folder.to_str().unwrap();
        tarazu(&["audit", "verify", "--workspace", "main", "--data-dir", data])
    };
    let whole = verify(folder);
    assert_eq!(whole.code, 0, "{}", whole.all());
    let shift = "UPDATE entries SET sequence = sequence + 1000 WHERE sequence > 3 AND workspace = 'main';
                 UPDATE entries SET sequence = sequence - 999 WHERE sequence > 1000 AND workspace = 'main';";
    let insert = format!(
        "{shift} INSERT INTO entries SELECT workspace, 4, time, actor, 'run.forged', run, details, body_digest, hash \
         FROM entries WHERE sequence = 3 AND workspace = 'main'"
    );
    for (change, told) in [
        ("UPDATE entries SET actor = 'mala' WHERE sequence = 5", "BROKEN at entry 5: its contents were changed"),
        ("UPDATE entries SET time = replace(time, 'Z', 'z') WHERE sequence = 5", "BROKEN at entry 5: its contents were changed"),
        ("DELETE FROM entries WHERE sequence = 4", "BROKEN at entry 4: it is missing; entry 5 stands in its place"),
        ("DELETE FROM entries WHERE sequence > 20", "names it as its last, and the log ends before it"),
        ("UPDATE entries SET sequence = 9000 WHERE sequence = 3; UPDATE entries SET sequence = 3 WHERE sequence = 4;
          UPDATE entries SET sequence = 4 WHERE sequence = 9000", "BROKEN at entry 3: its contents were changed"),
        (insert.as_str(), "BROKEN at entry 4: its contents were changed"),
    ] {
        let copy = Copy::of(folder, change).await;
        let ended = verify(copy.path());
        assert_eq!(ended.code, 1, "{change}\n{}", ended.all());
        assert!(ended.out.contains(told), "{change}\n{}", ended.out);
    }
    // The newest entry of all is of a download, which no run names: a checkpoint tells that it is gone.
    let checkpoint = whole
        .out
        .lines()
        .find_map(|it| it.split("checkpoint: ").nth(1))
        .unwrap();
    let newest = "DELETE FROM entries WHERE workspace = 'main' AND sequence = \
                  (SELECT max(sequence) FROM entries WHERE workspace = 'main')";
    let copy = Copy::of(folder, newest).await;
    assert_eq!(verify(copy.path()).code, 0);
    let data = copy.path().to_str().unwrap();
    let ended = tarazu(&[
        "audit",
        "verify",
        "--data-dir",
        data,
        "--checkpoint",
        checkpoint,
    ]);
    assert_eq!(ended.code, 1, "{}", ended.all());
    assert!(
        ended.out.contains("the newest entries are gone"),
        "{}",
        ended.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_entry_is_counted_and_listed() {
    let kept = kept().await;
    let (folder, id) = (kept.folder.path(), &kept.complete);
    let house = House::at(folder, 1 << 30).await;
    let reject =
        json!({ "filter": { "run": id }, "act": { "act": "reject", "reason": "too old" } });
    let request = Request::post("/api/v1/exceptions/bulk")
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(reject.to_string()));
    assert_eq!(house.send(request.unwrap()).await.status, 200);
    let whole = house.get("/api/v1/audit/coverage").await.json();
    assert_eq!(whole["acts"], json!({"with_entry": 1, "total": 1}));
    // Three runs, of which the held one has two stages.
    assert_eq!(whole["runs"], json!({"with_entry": 3, "total": 3}));
    assert_eq!(whole["stages"], json!({"with_entry": 12, "total": 12}));
    assert_eq!(whole["changes"], json!({"with_entry": 3, "total": 3}));
    assert_eq!(whole["missing"], json!([]));
    let page = house.page("/audit").await.text();
    assert!(page.contains("12 of 12"), "{page}");
    house.store.close().await;
    let gone = format!(
        "DELETE FROM entries WHERE run = '{id}' AND (event = 'run.begun' OR event = 'run.completed' OR \
         event = 'exception.rejected' OR details LIKE '%\"load\"%')"
    );
    let copy = Copy::of(folder, &gone).await;
    let house = House::at(copy.path(), 1 << 30).await;
    let found = house.get("/api/v1/audit/coverage").await.json();
    assert_eq!(found["runs"], json!({"with_entry": 2, "total": 3}));
    assert_eq!(found["stages"], json!({"with_entry": 11, "total": 12}));
    assert_eq!(found["changes"], json!({"with_entry": 2, "total": 3}));
    assert_eq!(found["acts"], json!({"with_entry": 0, "total": 1}));
    let missing = found["missing"].as_array().unwrap().iter();
    let missing: Vec<(&str, &Value)> = missing
        .map(|it| {
            assert_eq!(it["run"], id.as_str());
            (it["event"].as_str().unwrap(), &it["stage"])
        })
        .collect();
    let load = json!("load");
    assert_eq!(
        missing,
        [
            ("run.begun", &Value::Null),
            ("stage.begun", &load),
            ("stage.ended", &load),
            ("run.completed", &Value::Null),
            ("exception.rejected", &Value::Null)
        ]
    );
    let page = house.page("/audit").await.text();
    assert!(
        page.contains("Some of what happened has no entry"),
        "{page}"
    );
    house.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_released_is_proven_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::at(folder.path(), 1 << 30).await;
    let poor = orders(1..=4).replacen("North", "Atlantis", 3);
    let mut released = Vec::new();
    for how in [
        "filename=poor.csv",
        "filename=good.csv&admission=after-confirmation",
    ] {
        let file = if how.contains("poor") {
            poor.clone()
        } else {
            orders(5..=9)
        };
        let held = house.run(how, file).await;
        assert_eq!(held["status"], "held", "{held}");
        let path = format!("/api/v1/runs/{}/release", held["id"].as_str().unwrap());
        let request = Request::post(path).body(Body::from(r#"{"reason":"we know"}"#));
        let run = house.send(request.unwrap()).await.json();
        let run = house.settled(&run).await;
        assert_eq!(run["status"], "complete", "{run}");
        released.push(run["id"].as_str().unwrap().to_owned());
    }
    for id in &released {
        let replay = post_to(&house, &format!("/api/v1/runs/{id}/replay-check")).await;
        assert_eq!(replay.json()["outcome"], "agrees", "{}", replay.text());
        let zip = house.get(&format!("/api/v1/runs/{id}/evidence.zip")).await;
        let ended = verify(folder.path(), &zip.body);
        assert_eq!(ended.code, 0, "{}", ended.all());
    }
}
