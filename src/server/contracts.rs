//! The contracts that files are judged under: the shipped one, or those that a user names.

use crate::{
    run::judge::{self, JudgeError},
    source::FileSource,
};
use engine::{
    choice::{self, ChoiceError},
    contract::{
        self, Contract,
        fit::{self, Fit},
        text,
        yaml::{Fault, Mark},
    },
    source::SourceError,
};
use model::options::Choice;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use thiserror::Error;

/// Why a contract cannot be taken.
#[derive(Debug, Error)]
pub enum ContractError {
    #[error("{}: {error}", .path.display())]
    Open { path: PathBuf, error: io::Error },
    #[error("{} holds no contract: a file ending in .yaml, .yml or .json", .0.display())]
    Empty(PathBuf),
    #[error("{} is neither a file nor the name of a contract", .0.display())]
    Unknown(PathBuf),
    #[error("{}", by_line(.path, .faults))]
    Faults { path: PathBuf, faults: Vec<Fault> },
}

fn by_line(path: &Path, faults: &[Fault]) -> String {
    let path = path.display();
    let lines = faults
        .iter()
        .map(|it| format!("{path}:{}: {}", place(it.mark), it.text));
    lines.collect::<Vec<_>>().join("\n")
}

/// The contracts that a file may be judged under, of which the one is taken that fits its header. Clones share
/// them; there is always one.
#[derive(Debug, Clone)]
pub struct Contracts {
    first: Arc<Contract>,
    others: Arc<[Arc<Contract>]>,
}

/// Why it cannot be told which contract fits a file.
#[derive(Debug, Error)]
pub enum FittingError {
    #[error("cannot be opened: {0}")]
    Open(#[from] io::Error),
    #[error(transparent)]
    Judge(#[from] JudgeError),
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// The contract that fits a file best.
#[derive(Debug, Clone)]
pub struct Fitting {
    pub contract: Arc<Contract>,
    /// Required columns that the file's header does not name.
    pub missing: Vec<String>,
}

/// The file is for none of the contracts.
#[derive(Debug, Error)]
#[error(
    "none of the contracts fits its header: {name}, the nearest, needs {}, which is not there. \
     `tarazu contract infer {file}` proposes a contract for it",
    .missing.join(", ")
)]
pub struct NoneFits {
    name: String,
    missing: Vec<String>,
    file: String,
}

impl Fitting {
    /// The contract, where the file has all its required columns.
    ///
    /// # Errors
    /// Where it has not.
    pub fn whole(&self, path: &Path) -> Result<&Contract, NoneFits> {
        if self.missing.is_empty() {
            return Ok(&self.contract);
        }
        Err(NoneFits {
            name: self.contract.name.clone(),
            missing: self.missing.clone(),
            file: path.display().to_string(),
        })
    }
}

impl Contracts {
    /// The shipped one alone.
    pub fn shipped() -> Self {
        Self {
            first: Arc::new(contract::sales().clone()),
            others: Arc::new([]),
        }
    }

    /// Those in the files, in the folders' files, or of the name; the shipped one where nothing is named.
    ///
    /// # Errors
    /// When one of them is none.
    pub fn read(paths: &[PathBuf]) -> Result<Self, ContractError> {
        let mut all = Vec::new();
        for path in paths {
            if path.is_dir() {
                let inside = files(path).map_err(|error| ContractError::Open {
                    path: path.clone(),
                    error,
                })?;
                if inside.is_empty() {
                    return Err(ContractError::Empty(path.clone()));
                }
                for path in inside {
                    all.push(Arc::new(read(&path)?));
                }
            } else {
                all.push(Arc::new(read(path)?));
            }
        }
        let mut all = all.into_iter();
        let Some(first) = all.next() else {
            return Ok(Self::shipped());
        };
        Ok(Self {
            first,
            others: all.collect(),
        })
    }

    /// With others in the place of those of their names; the ones of further names come last.
    #[must_use]
    pub fn with(&self, others: Vec<Arc<Contract>>) -> Self {
        if others.is_empty() {
            return self.clone();
        }
        let own = |it: &Arc<Contract>| {
            let other = others.iter().find(|other| other.name == it.name);
            Arc::clone(other.unwrap_or(it))
        };
        let rest = self.others.iter().map(own);
        let new = others.iter().filter(|it| self.called(&it.name).is_none());
        Self {
            first: own(&self.first),
            others: rest.chain(new.map(Arc::clone)).collect(),
        }
    }

    pub fn first(&self) -> &Arc<Contract> {
        &self.first
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Contract>> {
        std::iter::once(&self.first).chain(self.others.iter())
    }

    /// The one with this name or fingerprint.
    pub fn called(&self, name: &str) -> Option<&Arc<Contract>> {
        self.iter()
            .find(|it| it.name == name || it.fingerprint() == name)
    }

    /// Whether a choice can be made under one of them.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(&self, choice: &Choice) -> Result<(), ChoiceError> {
        let mut all = self.iter().map(|it| choice::check(choice, it));
        let first = all.next().unwrap_or(Ok(()));
        if first.is_ok() || all.any(|it| it.is_ok()) {
            return Ok(());
        }
        first
    }

    /// The one that fits a file's header best among those under which the choice can be made; of equals the
    /// earlier one. Where there is only one, the file is not looked at.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn fitting(&self, path: &Path, choice: &Choice) -> Result<Fitting, FittingError> {
        let several = self.iter().filter(|_| !self.is_one());
        let best = fit::best(several, choice, |contract| {
            let source = judge::unpack(FileSource::open(path)?, contract, choice)?;
            Ok::<_, FittingError>(Fit::of(&source, contract, choice)?)
        })?;
        Ok(match best {
            Some((contract, fit)) => Fitting {
                contract: Arc::clone(contract),
                missing: fit.missing,
            },
            None => Fitting {
                contract: Arc::clone(&self.first),
                missing: Vec::new(),
            },
        })
    }

    /// Whether there is a choice at all.
    pub fn is_one(&self) -> bool {
        self.others.is_empty()
    }
}

/// A folder's contracts, by name.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut res = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|it| it.to_str());
        if matches!(extension, Some("yaml" | "yml" | "json")) {
            res.push(path);
        }
    }
    res.sort();
    Ok(res)
}

/// The contract of a run, from what was kept with it. Runs that are older than that were judged under the
/// shipped one; None where it has changed since.
pub fn of_run(text: Option<&str>, fingerprint: &str) -> Option<Contract> {
    kept(text).filter(|it| it.fingerprint() == fingerprint)
}

/// As [`of_run`], whatever its fingerprint is now.
pub fn kept(text: Option<&str>) -> Option<Contract> {
    match text {
        Some(text) => Contract::from_json(text).ok(),
        None => Some(contract::sales().clone()),
    }
}

/// As compilers write it.
pub fn place(mark: Mark) -> String {
    format!("{}:{}", mark.line, mark.column)
}

/// The contract in a file, or the shipped one by its name.
///
/// # Errors
/// When there is no such file, or no contract in it.
pub fn read(path: &Path) -> Result<Contract, ContractError> {
    let shipped = contract::sales();
    match fs::read_to_string(path) {
        Ok(content) => match text::read(&content) {
            Ok(reading) => Ok(reading.contract),
            Err(faults) => Err(ContractError::Faults {
                path: path.to_owned(),
                faults,
            }),
        },
        Err(_) if path.as_os_str() == shipped.name.as_str() => Ok(shipped.clone()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(ContractError::Unknown(path.to_owned()))
        }
        Err(error) => Err(ContractError::Open {
            path: path.to_owned(),
            error,
        }),
    }
}
