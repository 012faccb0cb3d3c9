//! `tarazu contract` as it is started, and files judged under contracts of their users' own.

use crate::{
    command::{Ended, tarazu},
    exceptions::with_all_that_is_waivable,
    house::{Form, House, orders},
    sound::{number, url},
};
use axum::http::StatusCode;
use serde_json::{Value, json};
use server::contracts::Contracts;
use std::{fs, path::Path};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        text(&path)
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn contract(args: &[&str]) -> Ended {
    tarazu(&[&["contract"], args].concat())
}

const STALLS: &str = "apiVersion: v3.1.0
kind: DataContract
id: stalls
version: 1.0.0
status: active
schema:
  - name: stalls
    properties:
      - {name: stall, required: true, primaryKey: true}
      - {name: guests, logicalType: integer, logicalTypeOptions: {minimum: 0}}
";

#[test]
fn validate_tells_every_error_by_line_and_column() {
    let folder = Folder::new();
    let good = folder.write("good.yaml", STALLS);
    let ended = contract(&["validate", &good]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert!(
        ended.out.contains("stalls 1.0.0 is whole, fingerprint "),
        "{}",
        ended.out
    );

    let bad = STALLS
        .replace("integer", "whole")
        .replace("required", "requird");
    let bad = folder.write("bad.yaml", &bad);
    let ended = contract(&["validate", &good, &bad]);
    assert_eq!(ended.code, 1);
    for says in [
        "bad.yaml:9:23: error: `requird` is no word for this place; did you mean `required`?",
        "bad.yaml:10:37: error: `whole` is not known here",
        "bad.yaml: 3 errors",
    ] {
        assert!(ended.out.contains(says), "{says}: {}", ended.out);
    }
    assert_eq!(contract(&["validate", &bad, "no such file.yaml"]).code, 2);
    let never = STALLS.replace("minimum: 0", "minimum: 0, maximum: -1");
    let ended = contract(&["validate", &folder.write("never.yaml", &never)]);
    assert_eq!(ended.code, 1, "{}", ended.all());
    let says = "error: no number passes in `guests`: the most, -1, is below the least, 0";
    assert!(ended.out.contains(says), "{}", ended.all());
}

#[test]
fn show_and_export_give_forms_that_read_back_with_one_fingerprint() {
    let folder = Folder::new();
    let fingerprint = |file: &str| {
        let ended = contract(&["show", file]);
        assert_eq!(ended.code, 0, "{}", ended.all());
        let line = ended.out.lines().find(|it| it.starts_with("fingerprint"));
        line.unwrap().to_owned()
    };
    let sales = fingerprint("sales");
    for args in [
        ["show", "sales", "--format", "yaml"],
        ["show", "sales", "--format", "json"],
        ["export", "sales", "--to", "odcs"],
    ] {
        let written = contract(&args);
        let file = folder.write("sales.txt", &written.out);
        assert_eq!(fingerprint(&file), sales, "{args:?}");
    }
    for (to, place) in [("json-schema", "properties"), ("table-schema", "fields")] {
        let written = contract(&["export", "sales", "--to", to]);
        let schema: Value = serde_json::from_str(&written.out).unwrap();
        assert!(!schema[place].is_null(), "{}", written.out);
    }
    let unknown = contract(&["show", "no-such-contract"]);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.err.contains("neither a file nor the name"),
        "{}",
        unknown.err
    );
}

#[test]
fn diff_says_in_words_what_changed_and_ends_by_it() {
    let folder = Folder::new();
    let old = folder.write("old.yaml", STALLS);
    let looser = folder.write("looser.yaml", &STALLS.replace("minimum: 0", "minimum: -1"));
    let other = STALLS
        .replace("guests", "visitors")
        .replace("1.0.0", "2.0.0");
    let other = folder.write("other.yaml", &other);

    let same = contract(&["diff", &old, &old]);
    assert_eq!(
        (same.code, same.out.lines().count()),
        (0, 1),
        "{}",
        same.out
    );
    let ended = contract(&["diff", &old, &looser]);
    assert_eq!(ended.code, 1);
    let says = "VAL06 below-minimum for `guests` asks for minimum -1 instead of minimum 0";
    assert!(ended.out.contains(says), "{}", ended.out);
    assert_eq!(contract(&["diff", "--breaking", &old, &looser]).code, 0);
    let ended = contract(&["diff", "--breaking", &old, &other]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.out.contains("breaking  the column `guests` is gone"),
        "{}",
        ended.out
    );
}

#[test]
fn check_takes_the_contract_that_fits_the_header_and_says_so() {
    let folder = Folder::new();
    let contracts = folder.0.path().join("contracts");
    fs::create_dir(&contracts).unwrap();
    fs::write(contracts.join("stalls.yaml"), STALLS).unwrap();
    fs::write(contracts.join("notes.txt"), "no contract").unwrap();
    let stalls = folder.write("stalls.csv", "Stall,Guests\nA,12\nB,-1\n");
    let sales = folder.write("sales.csv", &orders(1..=20));
    let other = folder.write("other.csv", "a,b\n1,2\n");
    let contracts = text(&contracts);
    let check = |flags: &[&str], files: &[&str]| {
        let all = [
            "check",
            "--evaluated-at",
            "2026-02-02T00:00:00Z",
            "--format",
            "json",
        ];
        tarazu(&[&all[..], flags, files].concat())
    };

    let one = check(&["--contract", &contracts], &[&stalls]);
    assert_eq!((one.code, one.err.as_str()), (1, ""), "{}", one.all());
    let verdict: Value = serde_json::from_str(&one.out).unwrap();
    assert_eq!(verdict["contract"]["name"], "stalls");
    assert_eq!(verdict["rows"]["exceptions"], 1);

    let both = ["--contract", &contracts, "--contract", "sales"];
    let chosen = check(&both, &[&stalls, &sales]);
    let names: Vec<Value> = chosen
        .out
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).unwrap()["contract"]["name"].clone())
        .collect();
    assert_eq!(names, ["stalls", "sales"], "{}", chosen.all());
    for says in ["judged under stalls 1.0.0", "judged under sales 1.0.0"] {
        assert!(chosen.err.contains(says), "{}", chosen.err);
    }

    let none = check(&both, &[&other]);
    assert_eq!((none.code, none.out.as_str()), (2, ""));
    for says in [
        "none of the contracts fits its header: stalls, the nearest, needs stall",
        "tarazu contract infer",
    ] {
        assert!(none.err.contains(says), "{}", none.err);
    }
    let broken = folder.write("broken.yaml", "apiVersion: v3.1.0\n");
    let refused = check(&["--contract", &broken], &[&stalls]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.err.contains("broken.yaml:1:1: `kind` is missing"),
        "{}",
        refused.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_judged_under_the_contract_that_fits_and_keeps_it_whole() {
    let folder = Folder::new();
    let path = folder.write("stalls.yaml", STALLS);
    let contracts = Contracts::read(&["sales".into(), path.into()]).unwrap();
    let data = tempfile::tempdir().unwrap();
    let house = House::under(data.path(), 1 << 20, contracts).await;

    let stalls = house
        .run("filename=stalls.csv", "stall,guests\nA,3\nB,-1\n")
        .await;
    assert_eq!(stalls["verdict"]["contract"]["name"], "stalls", "{stalls}");
    assert_eq!(stalls["rows_accepted"], 1);
    let sales = house.run("filename=sales.csv", orders(1..=5)).await;
    assert_eq!(sales["verdict"]["contract"]["name"], "sales");

    // Named, it is taken whatever the header says; what it lacks holds the run.
    let named = house
        .run("filename=s.csv&contract=sales", "stall,guests\nA,3\n")
        .await;
    assert_eq!(named["status"], "held", "{named}");
    let unknown = house.post("contract=nothing", "stall\n").await;
    unknown.problem(400, "invalid-request");
    let form = Form::default()
        .field("contract", "stalls")
        .file("a.csv", b"stall,guests\nZ,1\n");
    let answer = house.post_form("/api/v1/runs", &form).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());

    let all = house.get("/api/v1/contracts").await.json();
    let names: Vec<&Value> = all["contracts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["sales", "stalls"]);
    let address = format!("/api/v1/runs/{}", stalls["id"].as_str().unwrap());
    let yaml = house.get(&format!("{address}/contract.yaml")).await;
    assert_eq!(yaml.header("content-type"), "application/yaml");
    let kept = engine::contract::odcs::read(&yaml.text()).unwrap().contract;
    assert_eq!(
        kept.fingerprint(),
        stalls["verdict"]["contract"]["fingerprint"]
    );
    let json = house.get(&format!("{address}/contract.json")).await.text();
    assert_eq!(engine::contract::Contract::from_json(&json).unwrap(), kept);

    // The same server with other contracts still draws the run up under its own.
    drop(house);
    let house = House::at(data.path(), 1 << 20).await;
    let accepted = house.get(&format!("{address}/accepted.csv")).await;
    let accepted = accepted.text();
    let rows: Vec<&str> = accepted.lines().skip(1).collect();
    assert!(accepted.starts_with("stall,guests,"), "{accepted}");
    assert!(rows.len() == 1 && rows[0].starts_with("A,3,"), "{accepted}");
}

#[test]
fn infer_proposes_a_contract_that_the_sample_meets() {
    let folder = Folder::new();
    let mut sample = String::from("Visits of May\n\nStall No;Day;Guests;Bill\n");
    for it in 1..=60 {
        let (stall, day) = (it % 4, it % 28 + 1);
        sample.push_str(&format!("S-{it};{day:02}-05-2026;{stall};{it},50\n"));
    }
    let sample = folder.write("visits.csv", &sample);
    let ended = contract(&["infer", &sample, "--name", "visits"]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert!(
        ended.out.starts_with("# Proposed from all 60 rows of "),
        "{}",
        ended.out
    );
    let proposed = folder.write("visits.yaml", &ended.out);
    let shown = contract(&["show", &proposed]).out;
    for says in [
        "visits 1.0.0",
        "key         stall_no",
        "money       bill",
        "written DD-MM-YYYY",
    ] {
        assert!(shown.contains(says), "{says}: {shown}");
    }
    let check = tarazu(&["check", "--contract", &proposed, &sample]);
    assert_eq!(check.code, 0, "{}", check.all());
    let nothing = folder.write("nothing.csv", "");
    assert_eq!(contract(&["infer", &nothing]).code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn quality_tells_what_changed_of_each_contract_and_which_values_are_new() {
    let folder = Folder::new();
    let path = folder.write("stalls.yaml", STALLS);
    let contracts = Contracts::read(&["sales".into(), path.into()]).unwrap();
    let data = tempfile::tempdir().unwrap();
    let house = House::under(data.path(), 1 << 20, contracts).await;
    let header = "order_id,order_date,region,product,quantity,revenue";
    let row = |key: u32, region: &str, product: &str| {
        format!("K{key},2026-01-15,{region},{product},1,10.00\n")
    };
    let file = |first: u32, odd: &[(&str, &str)]| {
        let plain = (0..10).map(|it| row(first + it, "North", "Milk 1L"));
        let odd = (10..)
            .zip(odd)
            .map(|(at, (region, product))| row(first + at, region, product));
        format!("{header}\n{}", plain.chain(odd).collect::<String>())
    };
    let old = [("Nort", "Milk 1L"), ("North", "Moon Cheese")];
    let new = [
        ("Nort", "Milk 1L"),
        ("Sout", "Milk 1L"),
        ("Sout", "Sun Butter"),
        ("North", "Sun Butter"),
        ("North", "Moon Cheese"),
    ];
    house.run("filename=old.csv", file(100, &old)).await;
    let now = house.run("filename=new.csv", file(200, &new)).await;
    for (name, rows) in [("one.csv", "A,3\nB,-1\n"), ("two.csv", "C,3\nD,4\n")] {
        let query = format!("filename={name}");
        house.run(&query, format!("stall,guests\n{rows}")).await;
    }
    let page = house.page("/quality").await.text();
    for part in [
        "In two.csv",
        "href=\"/quality?contract=sales\"",
        "href=\"/quality?contract=stalls\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("no list knows"));
    let page = house.page("/quality?contract=sales").await.text();
    let id = now["id"].as_str().unwrap();
    let run = id.replace('_', "%5F");
    for part in [
        "In new.csv",
        &format!(
            "<code>Sout</code> in region: <a href=\"/exceptions?show=all&amp;run={run}&amp;q=Sout\">2 exceptions</a>"
        ),
        &format!(
            "<code>Sun Butter</code> in product: <a href=\"/exceptions?show=all&amp;run={run}&amp;q=Sun%20Butter\">1 exception</a>, "
        ),
        "1 row in the ledger</a>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for known in ["<code>Nort</code>", "<code>Moon Cheese</code>"] {
        assert!(!page.contains(known), "{known}: {page}");
    }
    // Each as many as the rows behind the link.
    for (value, category, rows) in [
        ("Sout", "IS NOT NULL", 2),
        ("Sun Butter", "IS NOT NULL", 1),
        ("Sun Butter", "IS NULL", 1),
    ] {
        let sql = format!(
            "SELECT count(*) FROM kept_rows k JOIN runs r ON r.number = k.run WHERE r.id = '{id}' \
             AND k.category {category} AND k.findings LIKE '%\"{value}\"%'"
        );
        assert_eq!(
            number(&url(house.folder()), &sql).await,
            rows,
            "{value} {category}"
        );
    }
    let rows = format!("/api/v1/rows?run={id}&product=Sun%20Butter");
    let rows = house.get(&rows).await.json();
    assert_eq!(rows["rows"].as_array().unwrap().len(), 1, "{rows}");
    let work = format!("/api/v1/exceptions?run={id}&q=Sout");
    let work = house.get(&work).await.json();
    assert_eq!(work["exceptions"].as_array().unwrap().len(), 2, "{work}");
}

#[test]
fn no_contract_lets_people_waive_a_cell_that_has_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sales.json");
    for code in [
        "CMP01", "VAL01", "VAL02", "VAL03", "VAL05", "UNQ01", "UNQ02",
    ] {
        let mut contract = with_all_that_is_waivable();
        contract["waivers"]["controls"] = json!(["VAL06", code]);
        fs::write(&path, contract.to_string()).unwrap();
        let refused = Contracts::read(std::slice::from_ref(&path)).unwrap_err();
        let says = format!("{refused:?}");
        assert!(says.contains(&format!("{code} cannot be waived")), "{says}");
    }
}
