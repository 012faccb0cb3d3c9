//! Draws the pieces together: keys settled, figures added up, the verdict and its receipt.

use crate::{
    VERSION,
    catalogue::CATALOGUE,
    contract::Contract,
    judge::{Fault, Flag, NotRun, Piece, Plan, Tally},
    keys::{self, Repeat},
    receipt, render,
    source::{Source, SourceError},
    verdict as figures,
};
use model::{
    control::{Category, ControlResult, Severity, Status},
    finding::{FindingData, FoundBy},
    money::Money,
    ratio::Ratio,
    receipt::{Counts, Receipt},
    verdict::{
        CategoryFigures, FindingCounts, Held, LayoutFigures, LayoutKind, MoneyFigures, Rows,
        TotalRow, Verdict,
    },
};
use xxhash_rust::xxh3::xxh3_64;

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
    let mut failed = 0;
    for (piece, repeats) in pieces.iter_mut().zip(&repeats) {
        // The keys have told all they know.
        piece.keys = Vec::new();
        failed += repeats.len() as u64;
        if !repeats.is_empty() {
            let fault = |it: &Repeat| Fault {
                used: u16::try_from(used).unwrap_or(u16::MAX),
                message: u8::from(!it.identical),
                column,
                extra: it.holder_line,
                hash: it.hash,
            };
            add(plan, piece, repeats, &fault);
        }
    }
    Ok(Tally { evaluated, failed })
}

/// Merges repeats into a piece's flags, both being in file order.
fn add(plan: &Plan<'_>, piece: &mut Piece, repeats: &[Repeat], fault: &dyn Fn(&Repeat) -> Fault) {
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
            piece.failing += 1;
            piece.money_failing += i128::from(repeat.money.unwrap_or(0));
        }
        let own = piece.faults.get_mut(start..).unwrap_or_default();
        own.sort_by_key(|it| (it.column, code(plan, it)));
        let place = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let category = repeat.map(|_| Category::DataQualityIssue);
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

fn code(plan: &Plan<'_>, fault: &Fault) -> &'static str {
    plan.compiled
        .uses
        .get(usize::from(fault.used))
        .map_or("", |it| it.meta.code)
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
    let held = plan.compiled.held;
    let (layout, total_rows, layout_money) = layout(plan, pieces, first_lines);
    let mut rows = Rows {
        read,
        accepted: read - failing,
        exceptions: failing,
        layout: layout.iter().map(|it| it.lines).sum(),
    };
    let mut money = contract.money.as_ref().map(|_| money(pieces, layout_money));
    if held.is_some() {
        rows = Rows {
            layout: rows.layout,
            ..Rows::default()
        };
        money = None;
    }
    let controls = controls(plan, pieces, read, key_tally);
    let by_rate = rate_holds(contract, &rows);
    let held = match held {
        Some(reason) => Some(Held {
            reason: reason.to_owned(),
            records: read,
        }),
        None => by_rate.then(|| Held {
            reason: Held::BY_RATE.to_owned(),
            records: read,
        }),
    };
    let (categories, findings) = categories(plan, pieces);
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
        file_findings: file_findings(plan),
        findings,
        layout,
        total_rows,
        options: plan.options(),
        receipt: empty_receipt(plan),
    };
    figures::rate(&mut verdict, &contract.thresholds);
    verdict.receipt = receipt(plan, pieces, first_lines, &verdict);
    verdict
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
    let mut sum = 0;
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
                if totals.len() < NAMED {
                    let amount = Money::from_paise(amount);
                    totals.push(TotalRow {
                        line,
                        amount,
                        sum_above: Money(sum + above),
                    });
                }
                sum = 0;
            }
        }
        sum += piece.money_since_total;
    }
    let found = figures.into_iter().filter(|it| it.lines > 0);
    (found.collect(), totals, money)
}

/// Every control of the contract, by code, with the figures of all its uses.
fn controls(plan: &Plan<'_>, pieces: &[Piece], read: u64, key_tally: Tally) -> Vec<ControlResult> {
    let compiled = &plan.compiled;
    let mut tallies = vec![Tally::default(); compiled.uses.len()];
    for piece in pieces {
        for (sum, it) in tallies.iter_mut().zip(&piece.tallies) {
            sum.evaluated += it.evaluated;
            sum.failed += it.failed;
        }
    }
    let mut results = Vec::new();
    for entry in CATALOGUE {
        let meta = entry.meta;
        let mut sum = Tally::default();
        let mut reasons: Vec<&NotRun> = Vec::new();
        let mut worst: Option<Severity> = None;
        let mut severity = None;
        for (place, used) in compiled
            .uses
            .iter()
            .enumerate()
            .filter(|(_, it)| it.meta.code == meta.code)
        {
            severity = severity.min(Some(used.severity)).or(Some(used.severity));
            let tally = if let Some(reason) = &used.not_run {
                reasons.push(reason);
                Tally::default()
            } else if used.is_header {
                let faults = compiled.header_faults.iter().filter(|(it, _)| *it == place);
                worst = faults.clone().map(|(_, it)| it.severity).min().or(worst);
                Tally {
                    evaluated: 1,
                    failed: u64::from(faults.count() > 0),
                }
            } else if compiled.key_use == Some(place) {
                key_tally
            } else {
                tallies.get(place).copied().unwrap_or_default()
            };
            if tally.failed > 0 && !used.is_header {
                worst = worst.min(Some(used.severity)).or(Some(used.severity));
            }
            sum.evaluated += tally.evaluated;
            sum.failed += tally.failed;
        }
        let Some(severity) = severity else { continue };
        let (status, reason) = match (sum.evaluated, worst) {
            (0, _) => (
                Status::NotRun,
                Some(not_run(reasons.first().copied(), read)),
            ),
            (_, None) => (Status::Passed, None),
            (_, Some(Severity::Error)) => (Status::Failed, None),
            (_, Some(Severity::Warning)) => (Status::Warned, None),
        };
        results.push(ControlResult {
            code: meta.code.to_owned(),
            name: meta.name.to_owned(),
            category: meta.category,
            severity,
            scope: meta.scope,
            dimension: meta.dimension,
            status,
            reason,
            evaluated: sum.evaluated,
            failed: sum.failed,
            summary: meta.summary.to_owned(),
        });
    }
    results
}

fn not_run(reason: Option<&NotRun>, read: u64) -> String {
    match reason {
        Some(NotRun::Held(name)) => format!("the file is held: {name}"),
        Some(NotRun::NoTable) => "the file is no table".into(),
        Some(NotRun::NoColumn(names)) => format!("the file has no column {names}"),
        Some(NotRun::NoKey) => "the contract or the file has no key".into(),
        Some(NotRun::NeedsLedger) => "needs the ledger: runs on the server, on submit".into(),
        None if read == 0 => "the file has no rows".into(),
        None => "no cell or row for it to judge".into(),
    }
}

fn categories(plan: &Plan<'_>, pieces: &[Piece]) -> (Vec<CategoryFigures>, FindingCounts) {
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
    for (_, fault) in &plan.compiled.header_faults {
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

fn file_findings(plan: &Plan<'_>) -> Vec<model::finding::Finding> {
    let header = plan.header();
    let faults = plan.compiled.header_faults.iter();
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
            Some(render::finding(data, None, plan.frame.line.max(1), &header))
        })
        .collect()
}

fn empty_receipt(plan: &Plan<'_>) -> Receipt {
    Receipt {
        file_digest: plan.survey.digest.clone(),
        contract: String::new(),
        options: plan.options(),
        corrections_digest: String::new(),
        counts: Counts {
            read: 0,
            accepted: 0,
            exceptions: 0,
            layout: 0,
            findings: 0,
            money_read: None,
            money_accepted: None,
            money_exceptions: None,
        },
        findings_digest: String::new(),
        digest: String::new(),
        engine: VERSION.to_owned(),
        evaluated_at: plan.evaluated_at.to_string(),
    }
}

fn receipt(plan: &Plan<'_>, pieces: &[Piece], first_lines: &[u64], verdict: &Verdict) -> Receipt {
    let money = verdict.money.as_ref();
    let mut res = Receipt {
        contract: verdict.contract.fingerprint.clone(),
        corrections_digest: receipt::corrections_digest(&[]),
        counts: Counts {
            read: verdict.rows.read,
            accepted: verdict.rows.accepted,
            exceptions: verdict.rows.exceptions,
            layout: verdict.rows.layout,
            findings: verdict.findings.errors + verdict.findings.warnings,
            money_read: money.map(|it| it.read),
            money_accepted: money.map(|it| it.accepted),
            money_exceptions: money.map(|it| it.exceptions),
        },
        findings_digest: findings_digest(plan, pieces, first_lines),
        ..empty_receipt(plan)
    };
    res.digest = receipt::digest(&res);
    res
}

/// BLAKE3 over the findings in order of record, column and code, then over the layout in order of line: each
/// as fixed binary fields, with a hash of its values and without text.
fn findings_digest(plan: &Plan<'_>, pieces: &[Piece], first_lines: &[u64]) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut feed = |record: u64, column: u32, code: &str, message: u8, extra: u64, hash: u64| {
        let mut bytes = [0; 40];
        let parts: [&[u8]; 6] = [
            &record.to_le_bytes(),
            &column.to_le_bytes(),
            code.as_bytes(),
            &[message],
            &extra.to_le_bytes(),
            &hash.to_le_bytes(),
        ];
        let mut at = 0;
        for part in parts {
            if let Some(room) = bytes.get_mut(at..at + part.len()) {
                room.copy_from_slice(part);
            }
            at += part.len();
        }
        hasher.update(&bytes);
    };
    let mut header: Vec<(u32, &str, u8, u64)> = plan
        .compiled
        .header_faults
        .iter()
        .map(|(place, it)| {
            let code = plan.compiled.uses.get(*place).map_or("", |it| it.meta.code);
            let values: Vec<&str> = it.values.iter().map(|(_, value)| value.as_str()).collect();
            (
                it.column.unwrap_or(0),
                code,
                it.message,
                xxh3_64(values.join("\u{1f}").as_bytes()),
            )
        })
        .collect();
    header.sort_unstable();
    for (column, code, message, hash) in header {
        feed(0, column, code, message, 0, hash);
    }
    let mut rows = 0;
    for piece in pieces {
        let mut start = 0;
        for flag in &piece.flags {
            let end = flag.faults_end as usize;
            for it in piece.faults.get(start..end).unwrap_or_default() {
                let record = rows + u64::from(flag.record) + 1;
                feed(
                    record,
                    it.column,
                    code(plan, it),
                    it.message,
                    it.extra,
                    it.hash,
                );
            }
            start = end;
        }
        rows += piece.rows;
    }
    let above = plan.frame.above.iter().map(|(kind, line)| (*kind, *line));
    let below = pieces.iter().zip(first_lines).flat_map(|(piece, first)| {
        piece
            .layout
            .iter()
            .map(move |it| (it.kind, first + u64::from(it.line)))
    });
    for (kind, line) in above.chain(below) {
        feed(0, 0, layout_code(kind), 0, line, 0);
    }
    hasher.finalize().to_hex().to_string()
}

const fn layout_code(kind: LayoutKind) -> &'static str {
    match kind {
        LayoutKind::Title => "title",
        LayoutKind::Blank => "blank",
        LayoutKind::RepeatedHeader => "again",
        LayoutKind::Total => "total",
    }
}
