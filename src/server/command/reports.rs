//! Reports for pipelines: JUnit, SARIF and Frictionless, each of all files that were judged.

mod frictionless;
mod junit;
mod sarif;

use model::{
    control::Severity,
    finding::{Finding, FlaggedRow},
    verdict::Verdict,
};
use std::{
    collections::HashMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The most findings that a report names; whoever shows SARIF takes no more than 25,000. It tells how many there are.
const MOST: usize = 20_000;
/// So many of each control of a file are named all the same.
const OF_EACH: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Junit,
    Sarif,
    Frictionless,
}

/// A report that was asked for: `junit=out.xml`.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    format: Format,
    path: PathBuf,
}

impl Wanted {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// # Errors
    /// In words, for the command line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (format, path) = text.split_once('=').ok_or("write it as FORMAT=OUT")?;
        let format = match format {
            "junit" => Format::Junit,
            "sarif" => Format::Sarif,
            "frictionless" => Format::Frictionless,
            other => {
                return Err(format!(
                    "`{other}` is none of junit, sarif and frictionless"
                ));
            }
        };
        let path = PathBuf::from(path);
        Ok(Self { format, path })
    }
}

/// What is gathered of the files, as long as some report is wanted.
#[derive(Default)]
pub(super) struct Reports {
    files: Vec<FileReport>,
    named: usize,
}

/// One file.
struct FileReport {
    file: String,
    /// None where it could not be judged.
    verdict: Option<Verdict>,
    /// Why it could not.
    trouble: Option<String>,
    named: Vec<Named>,
    /// How many findings of each control are among `named`.
    of_code: HashMap<String, usize>,
    seconds: f64,
}

/// A finding that a report names, with the cells of its row.
struct Named {
    finding: Finding,
    cells: Vec<String>,
}

impl Reports {
    pub(super) fn judged(&mut self, file: &str, verdict: &Verdict, seconds: f64) {
        self.files.push(FileReport {
            file: file.to_owned(),
            verdict: Some(verdict.clone()),
            trouble: None,
            named: Vec::new(),
            of_code: HashMap::new(),
            seconds,
        });
        for finding in &verdict.file_findings {
            self.name(finding, &[]);
        }
    }

    /// A row of the file that was judged last.
    pub(super) fn row(&mut self, row: &FlaggedRow) {
        for finding in &row.findings {
            self.name(finding, &row.cells);
        }
    }

    pub(super) fn not_judged(&mut self, file: &str, trouble: String) {
        self.files.push(FileReport {
            file: file.to_owned(),
            verdict: None,
            trouble: Some(trouble),
            named: Vec::new(),
            of_code: HashMap::new(),
            seconds: 0.0,
        });
    }

    fn name(&mut self, finding: &Finding, cells: &[String]) {
        let Some(file) = self.files.last_mut() else {
            return;
        };
        let of_code = file.of_code.entry(finding.data.code.clone()).or_default();
        if self.named < MOST || *of_code < OF_EACH {
            *of_code += 1;
            self.named += 1;
            let mut finding = finding.clone();
            // Formats for files of lines have no place for a sheet.
            if let Some(at) = &finding.sheet_row {
                finding.text = format!("{at}: {}", finding.text);
            }
            file.named.push(Named {
                finding,
                cells: cells.to_vec(),
            });
        }
    }

    /// # Errors
    /// When one cannot be written, with its path.
    pub(super) fn write(&self, wanted: &[Wanted]) -> Result<(), (PathBuf, io::Error)> {
        for Wanted { format, path } in wanted {
            let text = match format {
                Format::Junit => junit::report(&self.files),
                Format::Sarif => sarif::report(&self.files),
                Format::Frictionless => frictionless::report(&self.files),
            };
            write(path, &text).map_err(|error| (path.clone(), error))?;
        }
        Ok(())
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.flush()
}

impl FileReport {
    fn of<'f>(&'f self, code: &'f str) -> impl Iterator<Item = &'f Finding> {
        let named = self.named.iter().map(|it| &it.finding);
        named.filter(move |it| it.data.code == code)
    }

    /// How many findings there are; more than are named where the report is cut.
    fn findings(&self) -> u64 {
        let counts = self.verdict.as_ref().map(|it| it.findings);
        counts.map_or(0, |it| it.errors + it.warnings)
    }

    /// What a reader has to know where not all findings are named.
    fn cut(&self) -> Option<String> {
        let (named, all) = (self.named.len() as u64, self.findings());
        let file = &self.file;
        (named < all).then(|| {
            format!(
                "{named} of the {all} findings in {file} are named here; --findings writes them all"
            )
        })
    }

    fn is_met(&self) -> bool {
        let verdict = self.verdict.as_ref();
        verdict.is_some_and(|it| it.held.is_none() && it.thresholds.iter().all(|it| it.met))
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
