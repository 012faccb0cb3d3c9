//! What holds for every input: however it is cut, merged or broken, there is one verdict, and nothing is lost.
//! The fuzz targets take this same file.

use engine::{
    Moment, Source,
    contract::Contract,
    judge::{self, Partial, Plan},
    judgement::Judgement,
};
use model::{options::Choice, row::KeptRow};

pub(crate) fn moment() -> Moment {
    Moment::parse("2026-02-02T12:00:00Z").unwrap()
}

/// A plan and a partial judgement as they arrive where no memory is shared.
fn elsewhere<'c>(plan: &Plan<'c>, source: &dyn Source, contract: &'c Contract) -> Option<Plan<'c>> {
    let outline = serde_json::to_string(&plan.outline()?).unwrap();
    let outline = serde_json::from_str(&outline).unwrap();
    Some(Plan::resume(source, contract, &Choice::default(), moment(), outline).unwrap())
}

/// Judged in pieces of `piece` bytes, each second one elsewhere, which are merged in an order that `shuffle` draws.
fn in_pieces<'c>(
    source: &dyn Source,
    contract: &'c Contract,
    piece: u64,
    shuffle: &mut dyn FnMut(usize) -> usize,
) -> Judgement<'c> {
    let choice = Choice::default();
    let plan = Plan::in_pieces(source, contract, &choice, moment(), piece, &mut |_| {}).unwrap();
    let other = elsewhere(&plan, source, contract);
    let mut parts: Vec<Partial> = (0..plan.pieces())
        .map(|it| match &other {
            Some(other) if it % 2 == 1 => {
                let bytes = other.judge(source, it).unwrap().to_bytes().unwrap();
                Partial::from_bytes(&bytes).unwrap()
            }
            _ => plan.judge(source, it).unwrap(),
        })
        .collect();
    while parts.len() > 1 {
        let one = parts.swap_remove(shuffle(parts.len()));
        let other = parts.swap_remove(shuffle(parts.len()));
        parts.push(one.merge(other));
    }
    plan.finish(source, parts.pop().unwrap_or_default())
        .unwrap()
}

fn kept(judgement: &Judgement<'_>, source: &dyn Source) -> Vec<KeptRow> {
    (0..judgement.batches())
        .flat_map(|it| judgement.kept(source, it).unwrap())
        .collect()
}

/// Pieces of `piece` bytes, merged as `shuffle` draws them, give the verdict and the rows of the whole.
pub(crate) fn assert_same(
    source: &dyn Source,
    contract: &Contract,
    piece: u64,
    mut shuffle: impl FnMut(usize) -> usize,
) {
    let whole = judge::judge(source, contract, &Choice::default(), moment()).unwrap();
    let cut = in_pieces(source, contract, piece, &mut shuffle);
    assert_eq!(cut.verdict, whole.verdict, "pieces of {piece}");
    assert_eq!(
        kept(&cut, source),
        kept(&whole, source),
        "pieces of {piece}"
    );
}

/// Each row read is accepted or an exception, once, and so is its money.
pub(crate) fn assert_reconciled(source: &dyn Source, contract: &Contract) {
    let judgement = judge::judge(source, contract, &Choice::default(), moment()).unwrap();
    let verdict = &judgement.verdict;
    let rows = verdict.rows;
    assert_eq!(rows.read, rows.accepted + rows.exceptions);
    if let Some(money) = &verdict.money {
        assert_eq!(money.read, money.accepted + money.exceptions);
    }
    let kept = kept(&judgement, source);
    let exceptions = kept.iter().filter(|it| it.category.is_some());
    let structure = verdict.held.as_ref().is_some_and(|it| it.for_structure());
    if structure {
        return;
    }
    assert_eq!(exceptions.clone().count() as u64, rows.exceptions);
    assert!(
        kept.iter()
            .all(|it| it.is_exception() == it.category.is_some())
    );
    assert_eq!(
        verdict
            .categories
            .iter()
            .map(|it| it.exceptions)
            .sum::<u64>(),
        rows.exceptions
    );
    let accepted: Vec<_> = (0..judgement.batches())
        .flat_map(|it| judgement.accepted(source, it).unwrap())
        .collect();
    assert_eq!(accepted.len() as u64, rows.accepted);
    let records: std::collections::BTreeSet<u64> = accepted
        .iter()
        .map(|it| it.record)
        .chain(exceptions.map(|it| it.record))
        .collect();
    assert_eq!(records, (1..=rows.read).collect());
    if let Some(money) = &verdict.money {
        let sum: model::money::Money = accepted.iter().filter_map(|it| it.money).sum();
        assert_eq!(sum, money.accepted);
    }
    for control in &verdict.controls {
        assert!(control.failed <= control.evaluated, "{}", control.code);
        assert_eq!(
            control.reason.is_some(),
            control.evaluated == 0,
            "{}",
            control.code
        );
    }
}
