//! What a verdict says besides its findings: what was seen of the file, and other readings that fit it better.

use crate::{
    contract::{Column, Contract, Kind},
    judge::{Piece, Plan},
    reading::{
        encoding::Encoding,
        header::{enough, named_columns, place_of, plain},
    },
    value::{
        amount,
        date::{ALL_FORMS, FormSet, form_set, forms_of},
        number, trim, whole,
    },
};
use model::{
    options::{Choice, DateForm, Options},
    verdict::{LayoutKind, Note, Proposal, Verdict},
};
use std::collections::BTreeMap;

/// Names that are at least so alike are proposed for each other.
const ALIKE: f64 = 0.8;

/// Notes and proposals, in the order in which a reader wants them. `verdict` is the one that they are to stand in.
pub(super) fn advice(
    plan: &Plan<'_>,
    pieces: &[Piece],
    first_lines: &[u64],
    verdict: &Verdict,
) -> (Vec<Note>, Vec<Proposal>) {
    let (mut notes, mut proposals) = (Vec::new(), Vec::new());
    if let Some(origin) = &plan.origin {
        notes.extend(origin.notes.iter().cloned());
        proposals.extend(origin.proposals.iter().cloned());
    }
    notes.extend(corrected(plan));
    if plan.survey.not_a_table.is_some() {
        return (notes, proposals);
    }
    notes.extend(returned(plan, pieces));
    notes.extend(totals(verdict));
    proposals.extend(encoding(plan, pieces, &verdict.options));
    if is_headless(plan) {
        let line = plan.frame.line.to_string();
        notes.push(note(
            "no-header",
            &[("line", &line)],
            format!(
                "No line names the columns: line {line} looks like a row. Put a line with the columns' names above it, or say that the file has no header"
            ),
        ));
        proposals.extend(by_place(plan));
    } else {
        proposals.extend(near_misses(plan));
    }
    if let Some(line) = other_header(pieces, first_lines) {
        let told = verdict.options.line_text(line);
        let line = line.to_string();
        notes.push(note(
            "second-table",
            &[("line", &line)],
            format!(
                "A second table with other columns seems to begin in line {told}. Its rows are exceptions; put it into a file of its own"
            ),
        ));
    }
    proposals.extend(date_forms(plan, pieces));
    (notes, proposals)
}

/// Whether corrections were made before submit, and whether each of them found its cell.
fn corrected(plan: &Plan<'_>) -> Vec<Note> {
    let corrected = &plan.corrected;
    let rows = u64::try_from(corrected.records.len()).unwrap_or(u64::MAX);
    let missed = corrected.missed;
    let mut notes = Vec::new();
    if corrected.cells > 0 {
        notes.push(note(
            "corrected",
            &[
                ("cells", &corrected.cells.to_string()),
                ("rows", &rows.to_string()),
            ],
            format!(
                "Corrected before submit: {} in {}. The file is kept as it came, and the corrections beside it",
                counted(corrected.cells, "cell", "cells"),
                counted(rows, "row", "rows"),
            ),
        ));
    }
    if corrected.missed > 0 {
        notes.push(note(
            "correction-without-cell",
            &[("corrections", &missed.to_string())],
            format!(
                "{} left out: as the file is read now, no cell says what is corrected, or its encoding has no such character",
                counted(missed, "correction was", "corrections were"),
            ),
        ));
    }
    notes
}

/// What was taken off an export of ours.
fn returned(plan: &Plan<'_>, pieces: &[Piece]) -> Option<Note> {
    let columns = plan.frame.returned.as_ref()?.appended();
    let columns = u64::try_from(columns).unwrap_or(u64::MAX);
    let guarded: u64 = pieces.iter().map(|it| it.guarded).sum();
    let raw: u64 = pieces.iter().map(|it| it.raw).sum();
    let values = [
        ("columns", columns.to_string()),
        ("guarded", guarded.to_string()),
        ("raw", raw.to_string()),
    ];
    let values: Vec<_> = values
        .iter()
        .map(|(name, it)| (*name, it.as_str()))
        .collect();
    let mut text = format!(
        "An export of Tarazu that came back: {} no part of its rows",
        counted(columns, "appended column is", "appended columns are"),
    );
    if guarded > 0 {
        let cells = counted(guarded, "cell lost", "cells lost");
        text.push_str(&format!(", {cells} the apostrophe in front of a formula"));
    }
    if raw > 0 {
        let rows = counted(raw, "row was", "rows were");
        text.push_str(&format!(", {rows} read from tarazu_raw"));
    }
    text.push_str(". Lines are those of this file; tarazu_line has those of the file before");
    Some(note("returned-export", &values, text))
}

/// Total rows that say something else than the rows above them; the first one is told whole.
fn totals(verdict: &Verdict) -> Option<Note> {
    let differ = || {
        verdict
            .total_rows
            .iter()
            .filter(|it| it.amount != it.sum_above)
    };
    let first = differ().next()?;
    let line = first.line.to_string();
    let (written, above) = (first.amount.indian(), first.sum_above.indian());
    let mut text = format!(
        "The total in line {} is {written}, and the rows above it add up to {above}",
        verdict.options.line_text(first.line)
    );
    let others = differ().count() as u64 - 1;
    if others > 0 {
        let others = counted(others, "other total differs", "other totals differ");
        text.push_str(&format!("; {others} likewise"));
    }
    let values = [("line", &*line), ("written", &written), ("above", &above)];
    Some(note("total-differs", &values, text))
}

/// Where more lines hold bytes that are no UTF-8 than characters that are, those few came about by accident.
fn encoding(plan: &Plan<'_>, pieces: &[Piece], options: &Options) -> Option<Proposal> {
    let damaged: u64 = pieces.iter().map(|it| it.undecodable).sum();
    let sound: u64 = pieces.iter().map(|it| it.multibyte).sum();
    let is_guess = !options.bom && plan.choice.encoding.is_none();
    if !is_guess || options.encoding != Encoding::Utf8.label() || damaged <= sound {
        return None;
    }
    let lines = counted(damaged, "line is", "lines are");
    Some(Proposal {
        name: "encoding".into(),
        text: format!(
            "Read the file as Windows-1252: {lines} no UTF-8, and {} characters of it",
            counted(sound, "has", "have"),
        ),
        choice: Choice {
            encoding: Some(Encoding::Windows1252.label().to_owned()),
            ..Choice::default()
        },
    })
}

/// A number and its noun.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A note in the form that every part of the engine gives.
pub(crate) fn note(name: &str, values: &[(&str, &str)], text: String) -> Note {
    let values = values.iter();
    Note {
        name: name.to_owned(),
        values: values
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        text,
    }
}

/// The line taken for the header names too few columns, and holds numbers or dates.
fn is_headless(plan: &Plan<'_>) -> bool {
    let cells = &plan.frame.cells;
    plan.choice.header_line.is_none()
        && named_columns(cells) < enough(plan.contract)
        && cells.iter().any(|it| is_value(it.text.trim().as_bytes()))
}

fn is_value(text: &[u8]) -> bool {
    !text.is_empty()
        && (amount::parse(text, amount::Writing::default()).is_some() || forms_of(text) != 0)
}

/// The contract's columns in their order, where the cells of the first row fit them.
fn by_place(plan: &Plan<'_>) -> Option<Proposal> {
    let cells: Vec<&str> = plan.frame.cells.iter().map(|it| it.text.trim()).collect();
    let contract = plan.contract;
    let required: Vec<&Column> = contract.columns.iter().filter(|it| it.required).collect();
    let all: Vec<&Column> = contract.columns.iter().collect();
    let columns = [required, all].into_iter().find(|columns| {
        columns.len() == cells.len()
            && columns
                .iter()
                .zip(&cells)
                .all(|(column, text)| fits(column, text))
    })?;
    let names: Vec<&str> = columns.iter().map(|it| it.title()).collect();
    Some(Proposal {
        name: "no-header".into(),
        text: format!(
            "Read the file as one without a header, with the columns {}",
            names.join(", ")
        ),
        choice: Choice {
            header_line: Some(0),
            columns: (1..)
                .zip(&columns)
                .map(|(place, it): (usize, _)| (place.to_string(), it.name.clone()))
                .collect(),
            ..Choice::default()
        },
    })
}

fn fits(column: &Column, text: &str) -> bool {
    let text = trim(text.as_bytes());
    match column.kind {
        Kind::Identifier | Kind::Text => true,
        Kind::Whole => whole::parse(text, false).is_some(),
        Kind::Amount => amount::parse(text, amount::Writing::default()).is_some(),
        Kind::Number => number::parse(text, amount::Writing::default()).is_some(),
        Kind::Date => forms_of(text) != 0,
    }
}

/// Columns that the file lacks, each with the unknown column whose name is most like one of its own.
fn near_misses(plan: &Plan<'_>) -> Vec<Proposal> {
    let frame = &plan.frame;
    let mut free: Vec<usize> = (0..frame.cells.len())
        .filter(|it| {
            let cell = frame.cells.get(*it);
            cell.is_some_and(|it| it.column.is_none() && !it.ours && !it.text.trim().is_empty())
                && !laid_down(plan, *it)
        })
        .collect();
    let mut res = Vec::new();
    for (column, at) in plan.contract.columns.iter().zip(&frame.at) {
        if at.is_some() {
            continue;
        }
        let likeness = |place: &usize| {
            let text = frame.plain.get(*place).map_or("", String::as_str);
            // In thousandths, so that the order is exact.
            (alike(column, text) * 1000.0).round() as u32 // from 0 to 1000
        };
        let best = free.iter().copied().max_by_key(|it| {
            let earlier_first = std::cmp::Reverse(*it);
            (likeness(it), earlier_first)
        });
        let Some(place) = best.filter(|it| f64::from(likeness(it)) >= ALIKE * 1000.0) else {
            continue;
        };
        free.retain(|it| *it != place);
        let Some(cell) = frame.cells.get(place) else {
            continue;
        };
        let text = cell.text.trim().to_owned();
        // Two columns of one name are told apart by their places.
        let key = if place_of(&text, &frame.cells) == Some(place) {
            text
        } else {
            (place + 1).to_string()
        };
        res.push(Proposal {
            name: "column".into(),
            text: format!(
                "Read the column `{}` as {}",
                cell.text.trim(),
                column.title()
            ),
            choice: Choice {
                columns: BTreeMap::from([(key, column.name.clone())]),
                ..Choice::default()
            },
        });
    }
    res
}

fn laid_down(plan: &Plan<'_>, place: usize) -> bool {
    let mut keys = plan.choice.columns.keys();
    keys.any(|it| place_of(it, &plan.frame.cells) == Some(place))
}

/// From 0 to 1: how much `text` is like the column's name or one of its aliases. A name within the other counts
/// as much as the letters that they share.
fn alike(column: &Column, text: &str) -> f64 {
    let names = std::iter::once(&column.name).chain(&column.aliases);
    names
        .map(|name| {
            let name = plain(name);
            let short = name.len().min(text.len());
            let within = short >= 4 && (name.contains(text) || text.contains(&name));
            let contained = if within { ALIKE } else { 0.0 };
            contained.max(strsim::normalized_damerau_levenshtein(&name, text))
        })
        .fold(0.0, f64::max)
}

fn other_header(pieces: &[Piece], first_lines: &[u64]) -> Option<u64> {
    let mut blank_above = false;
    for (piece, first) in pieces.iter().zip(first_lines) {
        let mut found = piece.other_headers.iter();
        if let Some(line) = found.find(|it| **it > 0 || blank_above) {
            return Some(first + u64::from(*line));
        }
        let last = piece.layout.last();
        blank_above = last.is_some_and(|it| {
            it.kind == LayoutKind::Blank && u64::from(it.line) + 1 == piece.lines
        });
    }
    None
}

/// For a column with dates that its forms do not read: the form that reads them all.
fn date_forms(plan: &Plan<'_>, pieces: &[Piece]) -> Vec<Proposal> {
    let mut res = Vec::new();
    for (place, column) in plan.compiled.columns.iter().enumerate() {
        let Some(declared) = date_column(plan.contract, column.column) else {
            continue;
        };
        let failing = pieces.iter().any(|piece| {
            piece.faults.iter().any(|fault| {
                let code = crate::judge::fault_code(plan, fault);
                matches!(code, "VAL03" | "VAL04")
                    && usize::try_from(fault.column).is_ok_and(|it| it == column.field + 1)
            })
        });
        if !failing {
            continue;
        }
        let reading = pieces.iter().fold(ALL_FORMS, |all, it| {
            all & it.forms.get(place).copied().unwrap_or(0)
        });
        for form in forms_in(reading) {
            if column.forms == [form] {
                continue;
            }
            res.push(Proposal {
                name: "date-form".into(),
                text: format!(
                    "Read every date of {} as {}",
                    declared.title(),
                    form.as_str()
                ),
                choice: Choice {
                    date_forms: BTreeMap::from([(declared.name.clone(), form)]),
                    ..Choice::default()
                },
            });
        }
    }
    res
}

fn forms_in(set: FormSet) -> impl Iterator<Item = DateForm> {
    DateForm::ALL
        .into_iter()
        .filter(move |it| set & form_set(*it) != 0)
}

fn date_column(contract: &Contract, place: usize) -> Option<&Column> {
    contract
        .columns
        .get(place)
        .filter(|it| it.kind == Kind::Date)
}
