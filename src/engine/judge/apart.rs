//! Judging in places that share no memory, such as Web Workers: one surveys the file, all judge pieces of it, and the
//! first one draws up the verdict.

use super::{Partial, Plan, Surveying, corrected::Corrected};
use crate::{
    contract::Contract,
    day::Moment,
    reading::{splice::Splices, survey::Survey},
    source::{Source, SourceError},
};
use model::options::Choice;
use serde::{Deserialize, Serialize};

/// What the survey of a file found, for a plan of it elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outline {
    survey: Survey,
    splices: Splices,
}

/// The bytes are no parts of a judgement, or those of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl<'c> Plan<'c> {
    /// None where the file has to be read whole to be read at all: it is UTF-16.
    pub fn outline(&self) -> Option<Outline> {
        self.form.utf16.is_none().then(|| Outline {
            survey: self.survey.clone(),
            splices: self.form.splices.clone(),
        })
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
        let Outline { survey, splices } = outline;
        let digest = survey.digest.clone();
        let corrected = Corrected {
            splices,
            ..Corrected::default()
        };
        let known = Some((digest.as_str(), corrected));
        let survey = Surveying::Done(Box::new(survey));
        Self::surveyed(source, contract, choice, evaluated_at, survey, known)
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
