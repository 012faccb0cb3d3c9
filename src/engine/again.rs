//! Judging a file once more as it was judged before, with nothing but what is kept of it.

use crate::{
    contract::{Contract, ContractError},
    day::Moment,
    export,
    judgement::Typed,
    source::{Memory, Source, SourceError},
    verdict, workbook,
};
use model::{
    finding::FlaggedRow,
    message::Export,
    options::Choice,
    verdict::{Refused, Verdict},
};

/// How it was judged.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// In its JSON form.
    pub contract: &'a str,
    pub choice: &'a Choice,
    pub evaluated_at: &'a str,
    /// The rows that the ledger refused; None where it was not asked.
    pub refused: Option<&'a [Refused]>,
}

/// Why it cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    #[error("the contract cannot be read: {0}")]
    Contract(#[from] ContractError),
    #[error("the moment of judging cannot be read")]
    Moment,
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Gives the contract's fingerprint and the verdict, and to `row` each exception of file scope, in order of record; to
/// `accepted`, where somebody asks, the other rows.
///
/// # Errors
/// When contract or moment are none.
pub fn judge(
    file: &[u8],
    before: &Before<'_>,
    row: &mut dyn FnMut(FlaggedRow),
    accepted: Option<&mut Typed<'_>>,
) -> Result<(String, Verdict), AgainError> {
    let contract = Contract::from_json(before.contract)?;
    let at = Moment::parse(before.evaluated_at).ok_or(AgainError::Moment)?;
    let memory = Memory(file);
    let workbook = workbook::open(&memory, &contract, before.choice)?;
    let source: &dyn Source = match &workbook {
        Some(workbook) => workbook,
        None => &memory,
    };
    let judgement = crate::judge(source, &contract, before.choice, at)?;
    export::rows::<SourceError>(&judgement, source, Export::Exceptions, &mut |it| {
        row(it);
        Ok(())
    })?;
    if let Some(take) = accepted {
        for batch in 0..judgement.batches() {
            judgement.each_typed(source, batch, take)?;
        }
    }
    let mut verdict = judgement.verdict;
    if let Some(refused) = before.refused {
        verdict::apply_ledger(&mut verdict, refused, &contract);
    }
    Ok((contract.fingerprint(), verdict))
}
