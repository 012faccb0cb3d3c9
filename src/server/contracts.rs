//! The contracts that files are judged under: the shipped one, or those that a user names.

use engine::contract::{
    self, Contract, text,
    yaml::{Fault, Mark},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Why a contract cannot be taken.
#[derive(Debug, Error)]
pub enum ContractError {
    #[error("{}: {error}", .path.display())]
    Open { path: PathBuf, error: io::Error },
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
