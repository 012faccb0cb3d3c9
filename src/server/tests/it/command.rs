//! The program as it is started.

use crate::{
    house::{END, House, orders, sample},
    places::places,
};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
    thread,
};
use tokio::runtime::Runtime;

pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

/// The address of the folder's database, for who starts the program; None where that is in the folder.
fn database(folder: &Path) -> Option<String> {
    let folder = folder.to_owned();
    let found = thread::spawn(move || Runtime::new().unwrap().block_on(places(&folder)).database);
    found.join().unwrap()
}

/// The program, with the database that belongs to the data folder it is given.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tarazu"));
    command.args(args).env_remove("DATABASE_URL");
    let folder = args.iter().skip_while(|it| **it != "--data-dir").nth(1);
    if let Some(database) = folder.and_then(|it| database(Path::new(it))) {
        command.env("DATABASE_URL", database);
    }
    command
}

pub(crate) fn tarazu(args: &[&str]) -> Ended {
    let Output {
        status,
        stdout,
        stderr,
    } = command(args).output().unwrap();
    Ended {
        code: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn check_writes_over_nothing_that_it_reads_or_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let rows = orders(1..=20);
    fs::write(&path, &rows).unwrap();
    let file = text(&path);
    let around = format!("{}/./a.csv", text(folder.path()));
    let report = format!("junit={file}");
    let new = format!("{}/new.csv", text(folder.path()));
    for flags in [
        &["--findings", file][..],
        &["--exceptions", &around],
        &["--report", &report],
        &["--accepted", &new, "--exceptions", &new],
    ] {
        let ended = tarazu(&[&["check", file], flags].concat());
        assert_eq!(ended.code, 2, "{flags:?}: {}", ended.all());
        assert!(ended.err.contains("written over"), "{}", ended.err);
        assert_eq!(fs::read_to_string(&path).unwrap(), rows, "{flags:?}");
        assert!(!Path::new(&new).exists());
    }
}

#[test]
fn check_names_the_line_of_a_total_that_differs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("totals.csv");
    fs::write(&path, orders(1..=3) + "North Total,,,,3,1.00\n").unwrap();
    let ended = tarazu(&["check", text(&path)]);
    let told = "Note: The total in line 5 is ₹1.00, and the rows above it add up to ₹";
    assert!(ended.out.contains(told), "{}", ended.out);
}

#[test]
fn check_tells_by_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        text(&path).to_owned()
    };
    let good = file("good.csv", &orders(1..=20));
    let poor = file("poor.csv", &orders(1..=20).replacen("North", "Atlantis", 3));
    let held = file("held.csv", "no,such,columns\n1,2,3\n");
    let check = |files: &[&str]| {
        tarazu(&[&["check", "--evaluated-at", "2026-02-02T00:00:00Z"], files].concat())
    };
    for (path, code, says) in [
        (&good, 0, "READY. 100.00 % of rows can be loaded."),
        (&poor, 1, "NOT READY. 85.00 % of rows can be loaded."),
        (&held, 2, "HELD."),
    ] {
        let ended = check(&[path]);
        assert_eq!(ended.code, code, "{}", ended.all());
        assert!(ended.out.contains(says), "{}", ended.out);
    }
    let all = check(&[&good, "no such file.csv", &poor, "--format", "json"]);
    assert_eq!(all.code, 2);
    assert!(all.err.contains("no such file.csv"), "{}", all.err);
    let documents: Vec<Value> = all
        .out
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    assert_eq!(documents.len(), 2);
    assert_eq!(
        (&documents[0]["file"], &documents[0]["rows"]["read"]),
        (&good.into(), &20.into())
    );
    assert_eq!(documents[1]["exception_rate"], "0.150000");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_and_the_server_give_the_same_verdict() {
    let house = House::new().await;
    let (bytes, planted) = sample(2000, 9);
    let path = house.folder().join("a.csv");
    fs::write(&path, &bytes).unwrap();
    let run = house.run("filename=a.csv", bytes).await;
    let at = run["evaluated_at"].as_str().unwrap();
    let out = |name: &str| text(&house.folder().join(name)).to_owned();
    let ended = tarazu(&[
        "check",
        text(&path),
        "--format",
        "json",
        "--evaluated-at",
        at,
        "--findings",
        &out("f.ndjson"),
        "--exceptions",
        &out("e.csv"),
        "--accepted",
        &out("k.csv"),
    ]);
    assert_eq!(ended.code, 1, "{}", ended.all());
    let verdict: Value = serde_json::from_str(&ended.out).unwrap();
    for field in [
        "receipt",
        "rows",
        "money",
        "categories",
        "quality_score",
        "options",
        "contract",
    ] {
        if field != "quality_score" {
            assert_eq!(verdict[field], run["verdict"][field], "{field}");
        }
    }
    let findings = fs::read_to_string(out("f.ndjson")).unwrap();
    let errors = findings
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).unwrap());
    assert_eq!(
        errors.filter(|it| it["severity"] == "error").count(),
        planted.len()
    );
    let id = run["id"].as_str().unwrap();
    let by_server = house
        .get(&format!("/api/v1/runs/{id}/exceptions.csv"))
        .await
        .text();
    let by_check = fs::read_to_string(out("e.csv")).unwrap();
    assert_eq!(by_server.replace(id, "").replace(",new,", ",,"), by_check);
    let by_server = house
        .get(&format!("/api/v1/runs/{id}/accepted.csv"))
        .await
        .text();
    assert_eq!(by_server, fs::read_to_string(out("k.csv")).unwrap());
}

#[test]
fn generate_is_the_same_everywhere_and_says_what_it_planted() {
    let folder = tempfile::tempdir().unwrap();
    let (file, list) = (folder.path().join("a.csv"), folder.path().join("a.json"));
    let ended = tarazu(&[
        "generate",
        "--rows",
        "1000",
        "--seed",
        "5",
        "--end",
        &engine::day::iso(END),
        "--out",
        text(&file),
        "--planted",
        text(&list),
    ]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    let (bytes, planted) = sample(1000, 5);
    assert_eq!(fs::read(file).unwrap(), bytes);
    let listed: Vec<Value> = serde_json::from_slice(&fs::read(list).unwrap()).unwrap();
    assert_eq!(listed.len(), planted.len());
    assert_eq!(listed[0]["code"], planted[0].code);
}

#[tokio::test(flavor = "multi_thread")]
async fn ingest_works_beside_a_server_that_has_the_folder_open() {
    let house = House::new().await;
    let path = house.folder().join("till.csv");
    fs::write(&path, orders(1..=30)).unwrap();
    let ingest = |files: &[&str]| {
        let args = [
            "ingest",
            "--data-dir",
            text(house.folder()),
            "--note",
            "nightly",
        ];
        tarazu(&[args.as_slice(), files].concat())
    };
    let ended = ingest(&[text(&path)]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    let run = house.runs("main").await.remove(0);
    let id = run["id"].as_str().unwrap();
    assert!(
        ended.out.contains(id)
            && ended
                .out
                .contains("30 rows read, 30 accepted, 0 exceptions"),
        "{}",
        ended.out
    );
    assert_eq!(
        (&run["way"], &run["actor"]),
        (&"command-line".into(), &"command-line".into())
    );
    // The same file is the same run, and a missing one stops nothing.
    let again = ingest(&["no such.csv", text(&path)]);
    assert_eq!(again.code, 2);
    assert!(again.out.contains(id) && again.err.contains("no such.csv"));
    assert_eq!(house.runs("main").await.len(), 1);
    house.verify("main").await;
}

#[test]
fn check_reads_a_file_as_its_flags_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.csv");
    let rows = "7/4/2025|O-1|North|Milk 1L|2|100\n7/5/2025|O-2|North|Milk 1L|2|50,5\n";
    fs::write(&path, rows).unwrap();
    let flags = [
        "check",
        "--format",
        "json",
        "--header-line",
        "0",
        "--delimiter",
        "|",
        "--decimal-comma",
        "--map",
        "1=order_date",
        "--map",
        "2=order_id",
        "--map",
        "3=region",
        "--map",
        "4=product",
        "--map",
        "5=quantity",
        "--map",
        "6=revenue",
        "--date-form",
        "order_date=MM-DD-YYYY",
        "--evaluated-at",
        "2026-02-02T00:00:00Z",
    ];
    let ended = tarazu(&[&flags[..], &[text(&path)]].concat());
    assert_eq!(ended.code, 0, "{}", ended.all());
    let verdict: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(verdict["money"]["accepted"], "150.50");
    let wrong = tarazu(&["check", "--map", "1=nothing", text(&path)]);
    assert!(wrong.err.contains("`nothing`"), "{}", wrong.all());
    assert_ne!(wrong.code, 0);
}
