//! `cargo xtask bench history`: how quickly lists, aggregates and pages answer when a thousand runs lie behind them.

use super::{
    file::{Faults, File},
    process,
};
use crate::{
    folders,
    postgres::{Durability, Postgres},
    report::say,
    server::{self, Profile, Server},
    stopwatch::Stopwatch,
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// How often each address is asked.
const TIMES: usize = 100;

/// What 95 of 100 answers are to stay within.
const GOAL_MILLISECONDS: f64 = 50.0;

/// Files that one process takes in: some, so that starting it does not count, and few enough to lie on the disk.
const FILES: usize = 50;

/// Ingests `runs` files of `rows` rows each into a new ledger, has people do this and that with them, then asks for
/// everything that grows with them. With `keep` the ledger stays, and one that stayed is asked again; on PostgreSQL none
/// does.
///
/// # Errors
/// When something cannot be built or started, a file does not get in, or an address does not answer.
pub fn history(runs: u32, rows: u32, postgres: bool, keep: bool) -> Result<()> {
    let tarazu = server::build(Profile::Release)?;
    let file = File::generate(&tarazu, rows, Faults::Usual)?;
    let text = fs::read_to_string(&file.path)?;
    let folder = folders::target().join("bench").join("history");
    let there = keep && !postgres && folder.join("whole").exists();
    if !there {
        fs::remove_dir_all(&folder).ok();
    }
    let database = postgres
        .then(|| Postgres::start(Durability::AsInstalled))
        .transpose()?;
    let url = database.as_ref().map(Postgres::url);
    let watch = Stopwatch::start();
    let numbers: Vec<u32> = (0..runs).collect();
    for numbers in numbers.chunks(FILES).filter(|_| !there) {
        let files = write(&folder.join("files"), numbers, &text)?;
        let mut command = Command::new(&tarazu);
        command
            .arg("ingest")
            .args(&files)
            .arg("--data-dir")
            .arg(folder.join("data"));
        command.env_remove("DATABASE_URL");
        if let Some(url) = &url {
            command.env("DATABASE_URL", url);
        }
        let ended = process::time(&mut command)?;
        ensure!(ended.code == Some(0), "tarazu ingest: {}", ended.output);
        fs::remove_dir_all(folder.join("files"))?;
    }
    if !there {
        fs::write(folder.join("whole"), "")?;
        say(&format!(
            "{runs} runs of {rows} rows taken in within {:.0} s",
            watch.read().as_secs_f64()
        ));
    }
    let address = server::free_address()?;
    let started = Server::start_on(
        &tarazu,
        &address,
        &folder.join("data"),
        &folders::site(),
        url.as_deref(),
    )?;
    let values = Values::of(&started, runs)?;
    act(&started, &values)?;
    ask(&started, &values)?;
    drop(started);
    if !keep {
        fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

/// The same rows under keys of each run's own.
fn write(folder: &Path, numbers: &[u32], text: &str) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let write = |number: &u32| {
        let path = folder.join(format!("sales-{number:04}.csv"));
        fs::write(&path, text.replace("\nORD", &format!("\nR{number:04}-ORD")))?;
        Ok(path)
    };
    numbers.iter().map(write).collect()
}

/// Everything that grows with the history. A name in braces is another value each time, as long as there are others.
const ADDRESSES: [&str; 70] = [
    "/api/v1/runs",
    "/api/v1/runs?before={run}",
    "/api/v1/runs/{run}",
    "/api/v1/runs/{run}/findings?severity=error",
    "/api/v1/runs/{run}/findings?code=UNQ01",
    "/api/v1/runs/{run}/lineage",
    "/api/v1/runs/{run}/rows/{record}/lineage",
    "/api/v1/sales",
    "/api/v1/sales?by=day&sku={sku}",
    "/api/v1/sales?by=week&from={day}",
    "/api/v1/sales?by=month&region={region}",
    "/api/v1/sales?by=product&category={category}",
    "/api/v1/sales?by=sku&region={region}&from={day}",
    "/api/v1/sales?by=region&run={run}",
    "/api/v1/sales/basis",
    "/api/v1/sales/basis?product={product}",
    "/api/v1/sales/choices",
    "/api/v1/quality",
    "/api/v1/quality?region={region}",
    "/api/v1/quality?product={product}",
    "/api/v1/quality?from={day}",
    "/api/v1/quality/pairs",
    "/api/v1/quality/unknowns?before={run}&now={newest}",
    "/api/v1/rows",
    "/api/v1/rows?region={region}&sort=revenue",
    "/api/v1/rows?sort=revenue&direction=ascending&product={product}",
    "/api/v1/rows?from={day}&category={category}",
    "/api/v1/rows?sku={sku}&sort=day",
    "/api/v1/rows?key={key}",
    "/api/v1/rows?run={run}&sort=revenue",
    "/api/v1/rows?state=withdrawn",
    "/api/v1/search?q={key}",
    "/api/v1/search?q={key-begin}",
    "/api/v1/search?q={file}",
    "/api/v1/search?q={run}",
    "/api/v1/search?q={digest}",
    "/api/v1/exceptions",
    "/api/v1/exceptions?code={code}",
    "/api/v1/exceptions?state=new&product={product}",
    "/api/v1/exceptions?standing=open&stage=validate",
    "/api/v1/exceptions?assignee=meena",
    "/api/v1/exceptions?from={today}&region={region}",
    "/api/v1/exceptions?column=order_date",
    "/api/v1/exceptions?column=order_date&sort=money",
    "/api/v1/exceptions?sort=money&region={region}",
    "/api/v1/exceptions?sort=category",
    "/api/v1/exceptions?run={run}&sort=money",
    "/api/v1/exceptions?q={key-begin}",
    "/api/v1/exceptions/overview",
    "/api/v1/exceptions/overview?code={code}&by=control&step=week",
    "/api/v1/exceptions/overview?region={region}&by=category&step=day",
    "/api/v1/audit/entries",
    "/api/v1/audit/entries?run={run}",
    "/api/v1/audit/entries?event=run.completed&from={today}",
    "/api/v1/audit/coverage",
    "/api/v1/contracts",
    "/api/v1/contracts/sales/lists/products",
    "/",
    "/runs",
    "/runs/{run}",
    "/sales?region={region}",
    "/sales?from={day}&against=year-ago",
    "/sales?by=week&product={product}",
    "/quality",
    "/exceptions",
    "/exceptions?code={code}",
    "/exceptions?who=meena",
    "/rows?region={region}",
    "/search?q={key}",
    "/audit",
];

/// What the names in `ADDRESSES` stand for.
struct Values(Vec<(&'static str, Vec<String>)>);

impl Values {
    fn of(server: &Server, runs: u32) -> Result<Self> {
        let get = |path: &str| -> Result<Value> { Ok(serde_json::from_slice(&server.get(path)?)?) };
        let listed = get("/api/v1/runs?kind=file")?;
        let newest = listed["runs"].as_array().context("there is no run")?;
        let mut of_runs: Vec<String> = texts(newest, "id");
        let digests = texts(newest, "file_digest");
        let mut next = listed["next"].as_str().map(str::to_owned);
        while let Some(before) = next {
            let page = get(&format!("/api/v1/runs?kind=file&before={before}"))?;
            of_runs.extend(texts(
                page["runs"].as_array().context("no page of runs")?,
                "id",
            ));
            next = page["next"].as_str().map(str::to_owned);
        }
        let first = of_runs.first().context("there is no run")?.clone();
        let choices = get("/api/v1/sales/choices")?;
        let known = |name: &str| -> Vec<String> {
            let all = choices[name].as_array().into_iter().flatten();
            all.filter_map(Value::as_str).map(urlencoded).collect()
        };
        let some = |it: &dyn Fn(u32) -> String| (0..97).map(it).collect::<Vec<_>>();
        let day = |back: u32| {
            let months = 1 + back % 12;
            format!(
                "{}-{months:02}-{:02}",
                if months > 11 { 2025 } else { 2026 },
                1 + back % 28
            )
        };
        let entries = get("/api/v1/audit/entries?limit=1")?;
        let today = entries["entries"][0]["time"]
            .as_str()
            .and_then(|it| it.get(..10));
        let codes = [
            "VAL02", "VAL03", "VAL05", "VAL06", "UNQ01", "REF01", "CMP01", "SCH04",
        ];
        Ok(Self(vec![
            ("run", of_runs),
            ("newest", vec![first]),
            ("digest", digests),
            ("region", known("regions")),
            ("category", known("categories")),
            ("product", known("products")),
            ("sku", known("skus")),
            ("code", codes.map(str::to_owned).to_vec()),
            ("day", some(&day)),
            (
                "today",
                vec![today.context("there is no entry")?.to_owned()],
            ),
            ("record", some(&|it| (1 + 37 * it).to_string())),
            (
                "key",
                some(&|it| format!("R{:04}-ORD{:07}", (it * 7) % runs, 1 + it * 31)),
            ),
            (
                "key-begin",
                some(&|it| format!("r{:04}-ord", (it * 7) % runs)),
            ),
            ("file", some(&|it| format!("sales-{:04}", (it * 7) % runs))),
        ]))
    }

    fn runs(&self) -> &[String] {
        let runs = self.0.iter().find(|(name, _)| *name == "run");
        runs.map_or(&[], |(_, it)| it)
    }

    fn fill(&self, address: &str, time: usize) -> String {
        let mut filled = address.to_owned();
        for (name, values) in &self.0 {
            if let Some(value) = values.get(time % values.len().max(1)) {
                filled = filled.replace(&format!("{{{name}}}"), value);
            }
        }
        filled
    }
}

fn texts(runs: &[Value], name: &str) -> Vec<String> {
    let texts = runs.iter().filter_map(|it| it[name].as_str());
    texts.map(str::to_owned).collect()
}

fn urlencoded(text: &str) -> String {
    text.replace('%', "%25")
        .replace('&', "%26")
        .replace(' ', "%20")
}

/// Of every hundredth run somebody assigns, leaves out and lets in some exceptions, and the run after it is withdrawn; in
/// a ledger that stayed it was done before.
fn act(server: &Server, values: &Values) -> Result<()> {
    let withdrawn = server.get("/api/v1/rows?state=withdrawn")?;
    let withdrawn: Value = serde_json::from_slice(&withdrawn)?;
    if withdrawn["rows"]
        .as_array()
        .is_some_and(|it| !it.is_empty())
    {
        return Ok(());
    }
    for pair in values.runs().chunks(100) {
        let [one, other, ..] = pair else { continue };
        for (code, act) in [
            ("VAL02", json!({"act": "assign", "assignee": "meena"})),
            ("UNQ01", json!({"act": "reject", "reason": "for the bench"})),
            ("VAL06", json!({"act": "waive", "reason": "for the bench"})),
        ] {
            let body = json!({"filter": {"run": one, "code": code}, "act": act});
            server.post("/api/v1/exceptions/bulk", &body)?;
        }
        let body = json!({"reason": "for the bench"});
        server.post(&format!("/api/v1/runs/{other}/withdrawal"), &body)?;
    }
    Ok(())
}

fn ask(server: &Server, values: &Values) -> Result<()> {
    let sales: Value = serde_json::from_slice(&server.get("/api/v1/sales")?)?;
    let rows = sales["total"]["rows"].as_u64().unwrap_or_default();
    say(&format!(
        "{} runs, {rows} rows count in the ledger",
        values.runs().len()
    ));
    say(&format!(
        "{:<66}{:>8}{:>8}{:>8}",
        "milliseconds, of 100 answers each", "median", "95 %", "KB"
    ));
    let mut slow = 0;
    for address in ADDRESSES {
        let mut times = Vec::with_capacity(TIMES);
        let mut bytes = 0;
        for time in 0..TIMES {
            let path = values.fill(address, time);
            let watch = Stopwatch::start();
            bytes = server.get(&path)?.len();
            times.push(watch.read().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times.get(TIMES * share / 100).copied().unwrap_or_default();
        slow += usize::from(at(95) > GOAL_MILLISECONDS);
        say(&format!(
            "{address:<66}{:>8.1}{:>8.1}{:>8}",
            at(50),
            at(95),
            bytes / 1000
        ));
    }
    say(&format!(
        "{slow} of {} addresses take longer than {GOAL_MILLISECONDS} ms",
        ADDRESSES.len()
    ));
    Ok(())
}
