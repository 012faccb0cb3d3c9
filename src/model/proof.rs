//! What comes of checking a proof: a line for each thing that was compared.

use crate::id::RunId;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Passed,
    Failed,
    /// There was nothing to compare with, or it cannot be decided here.
    NotRun,
    /// What was to be compared is gone: nothing speaks against it, and nothing for it.
    Missing,
}

/// One thing that was compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Check {
    /// Permanent, in kebab-case: `log`, `file`, `receipt`, `verdict`.
    pub name: String,
    pub outcome: Outcome,
    /// In plain words; of what failed, where.
    pub text: String,
}

impl Check {
    pub fn new(name: &str, outcome: Outcome, text: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            outcome,
            text: text.into(),
        }
    }
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Entries that hold, of those that the log says it has; of 0 where it does not say.
    Entries { checked: u64, total: u64 },
    /// Runs whose files were judged again.
    Runs { checked: u64, total: u64 },
}

/// How a file that was judged again compares with what is kept of its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Agrees {
    Agrees,
    Differs,
    /// The file could not be judged: it is gone, or there is nothing to compare with.
    CouldNot,
}

impl Agrees {
    pub fn of(checks: &[Check]) -> Self {
        let has = |outcome| checks.iter().any(|it| it.outcome == outcome);
        if has(Outcome::Failed) {
            Self::Differs
        } else if has(Outcome::Missing) {
            Self::CouldNot
        } else {
            Self::Agrees
        }
    }

    /// By its word.
    pub fn named(word: &str) -> Option<Self> {
        let all = [Self::Agrees, Self::Differs, Self::CouldNot];
        all.into_iter().find(|it| it.as_str() == word)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::CouldNot => "could_not",
        }
    }
}

/// A run whose raw file was judged once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(utoipa::ToSchema))]
pub struct Replay {
    pub run: RunId,
    pub outcome: Agrees,
    /// The engine's versions. Another one is no difference by itself.
    pub engine_then: Option<String>,
    pub engine_now: String,
    pub checks: Vec<Check>,
}
