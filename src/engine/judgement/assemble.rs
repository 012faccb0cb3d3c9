//! Draws the pieces together: keys settled, figures added up, the verdict and its receipt.

use super::{
    advice,
    controls::controls,
    proof,
    whole::{self, Whole},
};
use crate::{
    contract::Contract,
    control::Totals,
    judge::{Fault, Flag, Piece, Plan, Tally, put_in_order},
    keys::{self, Repeat},
    reading::returned::Returned,
    render,
    source::{Source, SourceError},
    verdict as figures,
};
use model::{
    control::{Category, Severity},
    finding::{FindingData, FoundBy},
    money::Money,
    ratio::Ratio,
    verdict::{
        CategoryFigures, FindingCounts, Held, LayoutFigures, LayoutKind, MoneyFigures, Rows,
        TotalRow, Verdict,
    },
};

/// How many places of layout and of total rows a verdict names; it counts them all.
const NAMED: usize = 100;

/// Turns rows that repeat a key into exceptions, and gives the tally of the control that says so.
pub(super) fn settle_keys(
    plan: &Plan<'_>,
    source: &dyn Source,
    pieces: &mut [Piece],
    first_lines: &[u64],
) -> Result<Tally, SourceError> {
    let Some(used) = plan
        .compiled
        .key_use
        .filter(|_| plan.compiled.held.is_none())
    else {
        return Ok(Tally::default());
    };
    let evaluated = pieces.iter().map(|it| it.keys.len() as u64).sum();
    let repeats = keys::repeats(plan, source, pieces, first_lines)?;
    let key_field = plan
        .compiled
        .key
        .first()
        .and_then(|it| plan.compiled.columns.get(*it));
    let column = key_field.map_or(0, |it| it.field as u64 + 1);
    let column = u32::try_from(column).unwrap_or(0);
    let refused = plan
        .compiled
        .uses
        .get(used)
        .filter(|it| it.severity == Severity::Error);
    let category = refused.map(|it| it.meta.category.unwrap_or(Category::DataQualityIssue));
    let mut failed = 0;
    for (piece, repeats) in pieces.iter_mut().zip(&repeats) {
        // The keys have told all they know.
        piece.keys = Default::default();
        failed += repeats.len() as u64;
        if !repeats.is_empty() {
            let fault = |it: &Repeat| Fault {
                used: u16::try_from(used).unwrap_or(u16::MAX),
                message: match plan.compiled.key.is_empty() {
                    true => 0,
                    false => u8::from(!it.identical) + 2 * u8::from(plan.compiled.hold_all),
                },
                column,
                extra: it.holder_line,
                hash: it.hash,
            };
            add(plan, piece, repeats, &fault, category);
        }
    }
    Ok(Tally { evaluated, failed })
}

/// Merges repeats into a piece's flags, both being in file order. `category` is None where a repeat is told
/// and the row accepted all the same.
fn add(
    plan: &Plan<'_>,
    piece: &mut Piece,
    repeats: &[Repeat],
    fault: &dyn Fn(&Repeat) -> Fault,
    category: Option<Category>,
) {
    let flags = std::mem::take(&mut piece.flags);
    let faults = std::mem::take(&mut piece.faults);
    let mut flags = flags.into_iter().peekable();
    let mut repeats = repeats.iter().peekable();
    let mut taken = 0;
    loop {
        let offset = match (flags.peek(), repeats.peek()) {
            (Some(flag), Some(repeat)) => u64::from(flag.offset).min(repeat.offset),
            (Some(flag), None) => u64::from(flag.offset),
            (None, Some(repeat)) => repeat.offset,
            (None, None) => break,
        };
        let start = piece.faults.len();
        let flag = flags.next_if(|it| u64::from(it.offset) == offset);
        if let Some(flag) = &flag {
            let end = flag.faults_end as usize;
            piece
                .faults
                .extend_from_slice(faults.get(taken..end).unwrap_or_default());
            taken = end;
        }
        let repeat = repeats.next_if(|it| it.offset == offset);
        if let Some(repeat) = repeat {
            piece.faults.push(fault(repeat));
            if category.is_some() {
                piece.failing += 1;
                piece.money_failing += i128::from(repeat.money.unwrap_or(0));
            }
        }
        let own = piece.faults.get_mut(start..).unwrap_or_default();
        put_in_order(plan, own);
        let place = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let category = repeat.and(category);
        let faults_end = place(piece.faults.len() as u64);
        piece.flags.push(match (flag, repeat) {
            // A row that holds or repeats a key has no other error, so that this one is its headline.
            (Some(flag), _) => Flag {
                faults_end,
                category: category.or(flag.category),
                ..flag
            },
            (None, Some(it)) => Flag {
                offset: place(it.offset),
                line: place(it.line),
                record: place(it.record),
                faults_end,
                money: it.money,
                category,
            },
            (None, None) => break,
        });
    }
}

pub(super) fn verdict(
    plan: &Plan<'_>,
    pieces: &[Piece],
    first_lines: &[u64],
    key_tally: Tally,
) -> Verdict {
    let contract = plan.contract;
    let read: u64 = pieces.iter().map(|it| it.rows).sum();
    let failing: u64 = pieces.iter().map(|it| it.failing).sum();
    let (layout, total_rows, layout_money) = layout(plan, pieces, first_lines);
    let mut money = contract.money.as_ref().map(|_| money(pieces, layout_money));
    let whole = whole::judge(
        plan,
        &Totals {
            rows: read,
            money: money.as_ref().map(|it| it.read),
            unreadable: money.as_ref().map_or(0, |it| it.unreadable_rows),
            declared: plan.choice.totals,
        },
    );
    let mut rows = Rows {
        read,
        accepted: read - failing,
        exceptions: failing,
        layout: layout.iter().map(|it| it.lines).sum(),
    };
    if whole.held.is_some() {
        rows = Rows {
            layout: rows.layout,
            ..Rows::default()
        };
        money = None;
    }
    let controls = controls(plan, pieces, read, key_tally, &whole);
    let by_rate = plan.choice.apart.is_none() && !comes_back(plan) && rate_holds(contract, &rows);
    let held = match whole.held {
        Some(reason) => Some(Held {
            reason: reason.to_owned(),
            records: read,
        }),
        None => by_rate.then(|| Held {
            reason: Held::BY_RATE.to_owned(),
            records: read,
        }),
    };
    let (categories, findings) = categories(plan, pieces, &whole);
    let mut verdict = Verdict {
        contract: contract.reference(),
        rows,
        money,
        held,
        quality_score: None,
        exception_rate: None,
        thresholds: Vec::new(),
        controls,
        categories,
        file_findings: file_findings(plan, &whole),
        findings,
        layout,
        total_rows,
        options: plan.options(),
        notes: Vec::new(),
        proposals: Vec::new(),
        receipt: proof::empty(plan),
    };
    figures::rate(&mut verdict, &contract.thresholds);
    (verdict.notes, verdict.proposals) = advice::advice(plan, pieces, first_lines, &verdict);
    verdict.receipt = proof::receipt(plan, pieces, first_lines, &whole, &verdict);
    verdict
}

/// Whether the file is an export of exceptions. One that fails still was held apart before, and tells nothing of the rest.
fn comes_back(plan: &Plan<'_>) -> bool {
    let returned = plan.frame.returned.as_ref();
    returned.is_some_and(Returned::names_exceptions)
}

fn rate_holds(contract: &Contract, rows: &Rows) -> bool {
    Ratio::of(rows.exceptions, rows.read).is_some_and(|it| it > contract.thresholds.hold_above)
}

fn money(pieces: &[Piece], layout: i128) -> MoneyFigures {
    let read: i128 = pieces.iter().map(|it| it.money_read).sum();
    let failing: i128 = pieces.iter().map(|it| it.money_failing).sum();
    MoneyFigures {
        read: Money(read),
        accepted: Money(read - failing),
        exceptions: Money(failing),
        layout: Money(layout),
        unreadable_rows: pieces.iter().map(|it| it.unreadable).sum(),
    }
}

fn layout(
    plan: &Plan<'_>,
    pieces: &[Piece],
    first_lines: &[u64],
) -> (Vec<LayoutFigures>, Vec<TotalRow>, i128) {
    let kinds = [
        LayoutKind::Title,
        LayoutKind::Blank,
        LayoutKind::RepeatedHeader,
        LayoutKind::Total,
        LayoutKind::Footer,
    ];
    let mut figures = kinds.map(|kind| LayoutFigures {
        kind,
        lines: 0,
        first: Vec::new(),
    });
    let mut count = |kind: LayoutKind, line: u64| {
        if let Some(figure) = figures.iter_mut().find(|it| it.kind == kind) {
            figure.lines += 1;
            if figure.first.len() < NAMED {
                figure.first.push(line);
            }
        }
    };
    let mut totals = Vec::new();
    let mut ranks = Ranks::default();
    let mut rows = 0;
    let mut money = 0;
    for (kind, line) in &plan.frame.above {
        count(*kind, *line);
    }
    for (piece, first_line) in pieces.iter().zip(first_lines) {
        for it in &piece.layout {
            let line = first_line + u64::from(it.line);
            count(it.kind, line);
            if let Some((amount, above)) = it.total {
                money += i128::from(amount);
                ranks.sum += above;
                totals.push(TotalRow {
                    line,
                    amount: Money::from_paise(amount),
                    sum_above: Money(ranks.total(rows + u64::from(it.rows))),
                });
            }
        }
        rows += piece.rows;
        ranks.sum += piece.money_since_total;
    }
    if totals.len() > NAMED {
        // A stable sort: those that differ, each kind in its order.
        totals.sort_by_key(|it| it.amount == it.sum_above);
        totals.truncate(NAMED);
        totals.sort_by_key(|it| it.line);
    }
    let found = figures.into_iter().filter(|it| it.lines > 0);
    (found.collect(), totals, money)
}

/// Groups of groups are told apart this far, so that a file of total rows alone takes no longer than any other.
const RANKS: usize = 15;

/// Which rows a total row sums up: those since the last total, or, right below another total, those since the last
/// one that sums up totals likewise. So a grand total below the subtotals of groups is held against all rows.
#[derive(Default)]
struct Ranks {
    /// Of all rows so far.
    sum: i128,
    /// That sum at the last total of each rank or a higher one.
    at: Vec<i128>,
    /// Rows above the last total, and its rank.
    last: Option<(u64, usize)>,
}

impl Ranks {
    /// What the total below the first `rows` rows sums up.
    fn total(&mut self, rows: u64) -> i128 {
        let rank = match self.last {
            Some((above, rank)) if above == rows => (rank + 1).min(RANKS),
            _ => 0,
        };
        self.last = Some((rows, rank));
        let before = self.at.get(rank).copied().unwrap_or(0);
        self.at.resize(self.at.len().max(rank + 1), 0);
        self.at
            .iter_mut()
            .take(rank + 1)
            .for_each(|it| *it = self.sum);
        self.sum - before
    }
}

fn categories(
    plan: &Plan<'_>,
    pieces: &[Piece],
    whole: &Whole,
) -> (Vec<CategoryFigures>, FindingCounts) {
    let has_money = plan.contract.money.is_some();
    let mut res = Category::ALL.map(|category| CategoryFigures {
        category,
        exceptions: 0,
        findings: 0,
        warnings: 0,
        money: has_money.then_some(Money::ZERO),
    });
    let mut counts = FindingCounts::default();
    let mut count =
        |severity: Severity, category: Option<Category>, res: &mut [CategoryFigures]| {
            let warning = severity == Severity::Warning;
            counts.errors += u64::from(!warning);
            counts.warnings += u64::from(warning);
            if let Some(figures) = res.iter_mut().find(|it| Some(it.category) == category) {
                figures.findings += 1;
                figures.warnings += u64::from(warning);
            }
        };
    for (_, fault) in &whole.faults {
        count(fault.severity, None, &mut res);
    }
    for fault in pieces.iter().flat_map(|it| &it.faults) {
        if let Some(used) = plan.compiled.uses.get(usize::from(fault.used)) {
            count(used.severity, used.meta.category, &mut res);
        }
    }
    for flag in pieces.iter().flat_map(|it| &it.flags) {
        counts.flagged_rows += 1;
        if let Some(figures) = res.iter_mut().find(|it| Some(it.category) == flag.category) {
            figures.exceptions += 1;
            if let (Some(sum), Some(money)) = (&mut figures.money, flag.money) {
                *sum += Money::from_paise(money);
            }
        }
    }
    (res.to_vec(), counts)
}

fn file_findings(plan: &Plan<'_>, whole: &Whole) -> Vec<model::finding::Finding> {
    let (header, options) = (plan.header(), plan.options());
    let faults = whole.faults.iter();
    faults
        .filter_map(|(place, fault)| {
            let used = plan.compiled.uses.get(*place)?;
            let message = used.meta.messages.get(usize::from(fault.message))?;
            let data = FindingData {
                code: used.meta.code.to_owned(),
                message: message.0.to_owned(),
                severity: fault.severity,
                stage: FoundBy::Validate,
                column: fault.column,
                values: fault
                    .values
                    .iter()
                    .map(|(name, it)| ((*name).to_owned(), it.clone()))
                    .collect(),
            };
            let line = plan.frame.line.max(1);
            Some(render::finding(data, None, line, &header, &options))
        })
        .collect()
}
