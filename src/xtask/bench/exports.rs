//! How much memory a server takes while it sends all rows out, of a run or of all runs, in each form: few rows and many.

use super::{megabytes, process};
use crate::{
    folders,
    report::say,
    server::{self, Server},
};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

const FORMS: [&str; 10] = [
    "runs/RUN/accepted.csv",
    "runs/RUN/accepted.parquet",
    "runs/RUN/accepted.xlsx",
    "runs/RUN/exceptions.csv",
    "runs/RUN/exceptions.parquet",
    "runs/RUN/exceptions.xlsx",
    "rows.csv",
    "rows.parquet",
    "exceptions.csv",
    "exceptions.parquet",
];

/// The most memory of a server that has sent the newest run out in one form, and in no other, by form.
pub(super) fn measure(
    tarazu: &Path,
    data: &Path,
    database: Option<&str>,
) -> Result<Vec<Option<u64>>> {
    let measure = |form: &&str| {
        let address = server::free_address()?;
        let server = Server::start_on(tarazu, &address, data, &folders::site(), database)?;
        let runs: Value = serde_json::from_slice(&server.get("/api/v1/runs")?)?;
        let run = runs["runs"][0]["id"].as_str().context("there is no run")?;
        server.get(&format!("/api/v1/{}", form.replace("RUN", run)))?;
        Ok(process::peak(server.process()))
    };
    FORMS.iter().map(measure).collect()
}

/// Of a file with few rows and of one with many.
pub(super) fn print(
    database: &str,
    (few, with_few): (u32, &[Option<u64>]),
    (many, with_many): (u32, &[Option<u64>]),
) {
    let shown = |it: &Option<u64>| it.map_or("-".to_owned(), |it| format!("{:.0}", megabytes(it)));
    say("");
    say(&format!(
        "{:<44}{:>10}{:>12}",
        format!("MB at most while sent out, {database}"),
        format!("{few} rows"),
        format!("{many} rows")
    ));
    for ((form, few), many) in FORMS.iter().zip(with_few).zip(with_many) {
        say(&format!(
            "  {form:<42}{:>10}{:>12}",
            shown(few),
            shown(many)
        ));
    }
}
