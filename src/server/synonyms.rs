//! The lists of contracts, and what is proposed for them: what is corrected often by hand to a value is proposed as its
//! synonym.

use engine::{
    apart::Form,
    catalogue,
    contract::{Contract, ControlUse, LedgerRole, List},
    render,
};
use model::{
    control::Severity,
    id::{RunId, WorkspaceId},
    list::{ListedValue, ProposedSynonym, WholeList},
    money::Money,
    sales::{SalesBoard, label},
};
use std::collections::{BTreeMap, BTreeSet};
use store::{CorrectedRun, Store, StoreError};

/// So many times something is corrected before it is proposed.
pub const OFTEN: u64 = 3;

/// What the corrections of a workspace propose for the lists of a contract, the most frequent first.
pub async fn proposed(
    store: &Store,
    workspace: &WorkspaceId,
    contract: &Contract,
) -> Result<Vec<ProposedSynonym>, StoreError> {
    if contract.columns.iter().all(|it| it.list.is_none()) {
        return Ok(Vec::new());
    }
    let runs = store.corrected(workspace, &contract.name).await?;
    Ok(propose(contract, &runs))
}

/// A text as it was written first, and how often it was corrected to a value.
#[derive(Default)]
struct Tally {
    written: String,
    times: u64,
    runs: BTreeSet<RunId>,
    money: Money,
}

/// By list, text in lower case, and value.
type Tallies = BTreeMap<(String, String, String), Tally>;

fn propose(contract: &Contract, runs: &[CorrectedRun]) -> Vec<ProposedSynonym> {
    let mut tallies = Tallies::new();
    for run in runs {
        count(contract, run, &mut tallies);
    }
    let mut all: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for ((list, text, _), tally) in &tallies {
        *all.entry((list, text)).or_default() += tally.times;
    }
    let clear = tallies.iter().filter(|((list, text, _), tally)| {
        let all = all.get(&(list.as_str(), text.as_str()));
        // What is corrected to one value today and to another tomorrow is no synonym of either.
        tally.times >= OFTEN && all.is_some_and(|all| tally.times * 10 >= all * 9)
    });
    let proposed = clear.map(|((list, _, value), tally)| ProposedSynonym {
        contract: contract.name.clone(),
        list: list.clone(),
        value: value.clone(),
        synonym: tally.written.clone(),
        times: tally.times,
        runs: tally.runs.len() as u64,
        money: tally.money,
    });
    let mut res: Vec<_> = proposed.collect();
    res.sort_by_key(|it| std::cmp::Reverse(it.times));
    res
}

fn count(contract: &Contract, run: &CorrectedRun, tallies: &mut Tallies) {
    let form = Form::of(&run.options);
    let lists = contract.columns.iter().filter_map(|column| {
        let list = contract.list(column.list.as_deref()?)?;
        Some((column.name.as_str(), list))
    });
    let lists: Vec<_> = lists.collect();
    for row in &run.rows {
        let before = row.before.clone().or_else(|| {
            let row = render::flagged(row.row.clone(), &run.options, &[]);
            form.cells(&row)
        });
        let Some(before) = before else { continue };
        for (name, list) in &lists {
            let place = form.place(name);
            let cells = place.and_then(|it| Some((before.get(it)?, row.after.get(it)?)));
            if let Some((from, to)) = cells {
                let money = row.row.money.unwrap_or_default();
                add(list, (from, to), &run.run, money, tallies);
            }
        }
    }
    for correction in &run.choice.corrections {
        let place = usize::try_from(correction.column).ok();
        let column = place.and_then(|it| run.options.columns.get(it.checked_sub(1)?));
        let name = column.and_then(|it| it.column.as_deref());
        let list = lists.iter().find(|(it, _)| Some(*it) == name);
        if let Some((_, list)) = list {
            let cells = (&correction.was, &correction.text);
            add(list, cells, &run.run, Money::ZERO, tallies);
        }
    }
}

fn add(
    list: &List,
    (from, to): (&String, &String),
    run: &RunId,
    money: Money,
    tallies: &mut Tallies,
) {
    let text = from.trim();
    if text.is_empty() || from == to || list.find(text).is_some() {
        return;
    }
    let Some((entry, _)) = list.find(to) else {
        return;
    };
    let key = (list.name.clone(), text.to_lowercase(), entry.value.clone());
    let tally = tallies.entry(key).or_default();
    if tally.written.is_empty() {
        text.clone_into(&mut tally.written);
    }
    tally.times += 1;
    tally.runs.insert(run.clone());
    tally.money = [tally.money, money].into_iter().sum();
}

/// A list as its page shows it.
pub fn view(
    contract: &Contract,
    list: &List,
    proposed: Vec<ProposedSynonym>,
    sales: &SalesBoard,
) -> WholeList {
    let columns = || {
        let columns = contract.columns.iter();
        columns.filter(|it| it.list.as_ref() == Some(&list.name))
    };
    // The ledger's sums have the list's own words.
    let groups = columns().find_map(|it| match it.role? {
        LedgerRole::Region => Some(("region", &sales.by_region)),
        LedgerRole::Product => Some(("product", &sales.by_product)),
        LedgerRole::Category => Some(("category", &sales.by_category)),
        _ => None,
    });
    let rows = groups.map(|(_, it)| {
        let rows = it.iter().map(|it| (it.label.as_str(), it.sum.rows));
        rows.collect::<BTreeMap<_, _>>()
    });
    let refuses = |it: &&ControlUse| {
        let own = catalogue::by_code(&it.code).map(|it| it.meta.severity);
        let is_error = it.severity.or(own) == Some(Severity::Error);
        let of_list = it
            .columns()
            .any(|it| columns().any(|column| column.name == it));
        matches!(it.code.as_str(), "VAL05" | "REF01") && is_error && of_list
    };
    let entries = list.entries.iter().map(|it| ListedValue {
        value: it.value.clone(),
        synonyms: it.synonyms.clone(),
        attributes: it.attributes.clone(),
        rows: rows.as_ref().map(|rows| {
            let label = label(&it.value);
            rows.get(label.as_ref()).copied().unwrap_or(0)
        }),
    });
    WholeList {
        contract: contract.reference(),
        name: list.name.clone(),
        columns: columns().map(|it| it.title().to_owned()).collect(),
        refused_by: contract
            .controls
            .iter()
            .find(refuses)
            .map(|it| it.code.clone()),
        attributes: list.attributes().into_iter().map(str::to_owned).collect(),
        counted_by: groups.map(|(name, _)| name.to_owned()),
        entries: entries.collect(),
        proposed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::contract::sales;
    use model::{
        options::{Choice, Correction},
        row::KeptRow,
    };
    use serde_json::json;
    use store::CorrectedRow;

    /// A run in which the regions were corrected so, before and after submit.
    fn run(number: u128, rows: &[(&str, &str)], before_submit: &[(&str, &str)]) -> CorrectedRun {
        let options = json!({
            "encoding": "utf-8", "bom": false, "delimiter": ",", "delimiter_evidence": [], "header_line": 1,
            "columns": [{"header": "No", "column": "order_id"}, {"header": "Area", "column": "region"}]
        });
        let rows = rows.iter().map(|(from, to)| CorrectedRow {
            row: KeptRow {
                record: 1,
                line: 2,
                raw: format!("A-1,{from}").into_bytes(),
                category: None,
                money: Some(Money::from_paise(150)),
                region: None,
                product: None,
                product_category: None,
                key: None,
                findings: Vec::new(),
            },
            before: None,
            after: vec!["A-1".to_owned(), (*to).to_owned()],
        });
        let corrections = before_submit.iter().map(|(from, to)| Correction {
            line: None,
            column: 2,
            was: (*from).to_owned(),
            text: (*to).to_owned(),
        });
        CorrectedRun {
            run: RunId::from_u128(number),
            options: serde_json::from_value(options).unwrap(),
            choice: Choice {
                corrections: corrections.collect(),
                ..Choice::default()
            },
            rows: rows.collect(),
        }
    }

    #[test]
    fn what_is_corrected_three_times_to_one_value_is_proposed() {
        let nort = ("Nort", "North");
        let told = |runs: &[CorrectedRun]| propose(sales(), runs);
        assert_eq!(told(&[run(1, &[nort, nort], &[])]), []);
        let found = told(&[
            run(1, &[nort, nort], &[]),
            run(2, &[], &[(" NORT", "North")]),
        ]);
        let [one] = found.as_slice() else {
            unreachable!()
        };
        assert_eq!(
            (one.list.as_str(), one.value.as_str()),
            ("regions", "North")
        );
        assert_eq!((one.synonym.as_str(), one.times, one.runs), ("Nort", 3, 2));
        assert_eq!(one.money, Money::from_paise(300));
    }

    #[test]
    fn what_is_a_value_or_says_nothing_or_has_several_meanings_is_not() {
        let told = |rows: &[(&str, &str)]| propose(sales(), &[run(1, rows, &[])]);
        let three = |it| [it; 3];
        for pair in [
            ("South", "North"),
            ("", "North"),
            ("Nort", "Nowhere"),
            ("Nort", ""),
            ("north", "North"),
        ] {
            assert_eq!(told(&three(pair)), [], "{pair:?}");
        }
        let mixed = [three(("Nor", "North")), three(("Nor", "South"))].concat();
        assert_eq!(told(&mixed), []);
    }
}
