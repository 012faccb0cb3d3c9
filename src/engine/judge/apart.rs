//! Judging in places that share no memory, such as Web Workers: one surveys the file, all judge pieces of it, and the
//! first one draws up the verdict.

use super::{Partial, Plan, Surveying};
use crate::{
    contract::Contract,
    day::Moment,
    reading::{survey::Survey, text::TextForm},
    source::{Source, SourceError},
};
use model::options::Choice;
use serde::{Deserialize, Serialize};

/// What the survey of a file found, for a plan of it elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outline(Survey);

/// The bytes are no parts of a judgement, or those of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl<'c> Plan<'c> {
    /// None where the file has to be read whole to be read at all: it is UTF-16.
    pub fn outline(&self) -> Option<Outline> {
        matches!(self.form, TextForm::Plain).then(|| Outline(self.survey.clone()))
    }

    /// The same plan as the one that gave the outline, if all else is the same. Reads the ends of the file alone.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn resume(
        source: &dyn Source,
        contract: &'c Contract,
        choice: &Choice,
        evaluated_at: Moment,
        outline: Outline,
    ) -> Result<Self, SourceError> {
        let survey = Surveying::Done(Box::new(outline.0));
        Self::surveyed(source, contract, choice, evaluated_at, survey)
    }
}

impl Partial {
    /// For [`Self::from_bytes`] of the same version elsewhere.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Unreadable> {
        postcard::to_allocvec(&self.pieces).map_err(|_| Unreadable)
    }

    /// # Errors
    /// When `bytes` do not come from [`Self::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let pieces = postcard::from_bytes(bytes).map_err(|_| Unreadable)?;
        Ok(Self { pieces })
    }
}
