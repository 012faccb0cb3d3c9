//! Rows that the ledger refused because another row holds their key: whole, with the finding UNQ02.

use engine::{
    contract::Contract,
    judgement::Judgement,
    source::{Source, SourceError},
    verdict::key_column,
};
use model::{
    control::{Category, Severity},
    finding::{FindingData, FoundBy},
    row::{KeptRow, Refused},
    verdict,
};
use std::collections::{BTreeMap, BTreeSet};

/// The refused rows of one batch, and what each of them changes in the verdict.
pub(super) fn whole(
    judgement: &Judgement<'_>,
    contract: &Contract,
    source: &dyn Source,
    batch: usize,
    refused: &[Refused],
) -> Result<(Vec<KeptRow>, Vec<verdict::Refused>), SourceError> {
    if refused.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let warned = judgement.kept(source, batch)?;
    let warned: BTreeSet<u64> = warned.iter().map(|it| it.record).collect();
    let changes = refused.iter().map(|it| verdict::Refused {
        money: it.row.money,
        flagged: warned.contains(&it.row.record),
    });
    let column = key_column(contract, &judgement.verdict.options);
    let records = refused.iter().map(|it| it.row.record).collect();
    let mut said = judgement.sayings(source, batch, &records)?;
    let wanted: BTreeMap<u64, &Refused> = refused.iter().map(|it| (it.row.record, it)).collect();
    let mut rows = Vec::with_capacity(refused.len());
    judgement.accepted_raw(source, batch, &mut |place, raw| {
        if let Some(refused) = wanted.get(&place.record) {
            let said = said.remove(&place.record).unwrap_or_default();
            rows.push(KeptRow {
                record: place.record,
                line: place.line,
                raw: raw.to_vec(),
                category: Some(Category::DataQualityIssue),
                money: refused.row.money,
                region: said.region,
                product: said.product,
                product_category: said.product_category,
                key: refused.row.key.clone(),
                findings: vec![finding(refused, column)],
            });
        }
    })?;
    Ok((rows, changes.collect()))
}

/// UNQ02 in the words of its control: `value`, `line`, `file` and `run` fill its message.
pub(crate) fn finding(refused: &Refused, column: Option<u32>) -> FindingData {
    let holder = &refused.holder;
    let key = refused.row.key.as_deref().unwrap_or_default();
    let values = [
        // The engine joins the parts of a key by this character.
        ("value", key.replace('\u{1f}', ", ")),
        ("line", holder.line.to_string()),
        ("file", holder.file_name.clone()),
        ("run", holder.run.to_string()),
    ];
    FindingData {
        code: "UNQ02".to_owned(),
        message: "held".to_owned(),
        severity: Severity::Error,
        stage: FoundBy::Load,
        column,
        values: values.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}
