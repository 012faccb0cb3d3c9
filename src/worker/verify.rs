//! Checks an evidence file or an exported log, with the code that the command line checks it with, once it is seen to be one.

use crate::blob::BlobSource;
use audit::evidence;
use engine::{Source, SourceError, again};
use model::{
    proof::{Check, Progress},
    verdict::Verdict,
};

/// `progress` hears how far it is.
pub(crate) fn verify(
    file: &BlobSource,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Check>, SourceError> {
    let size = usize::try_from(file.size()).map_err(|_| SourceError {
        offset: 0,
        reason: "too long for memory".into(),
    })?;
    let mut bytes = vec![0; size];
    file.read_at(0, &mut bytes)?;
    Ok(evidence::check_bytes(&bytes, &mut judge, progress))
}

fn judge(ask: evidence::Ask<'_>) -> Result<(String, Verdict, String), String> {
    let before = again::Before {
        contract: ask.contract,
        choice: &ask.run.choice,
        evaluated_at: &ask.run.evaluated_at,
        refused: ask.refused,
    };
    let judged = again::judge(ask.file, &before, &mut |row| (ask.row)(&row), ask.accepted);
    let (contract, verdict) = judged.map_err(|error| error.to_string())?;
    Ok((contract, verdict, engine::VERSION.to_owned()))
}
