//! A verdict in words, for a terminal: the answer first, then how much, then why.

use model::{
    control::{ControlResult, Severity, Status},
    money::grouped,
    ratio::Ratio,
    verdict::{Held, Threshold, Verdict},
};
use std::io::{self, Write};

pub fn verdict(file: &str, verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{file}")?;
    writeln!(out, "  {}", answer(verdict))?;
    writeln!(out)?;
    let judged = !verdict.held.as_ref().is_some_and(Held::for_structure);
    if judged {
        figures(verdict, out)?;
        for threshold in &verdict.thresholds {
            writeln!(out, "  {}", goal(threshold))?;
        }
    }
    for finding in &verdict.file_findings {
        let line = if finding.line > 0 {
            format!("line {}: ", verdict.options.line_text(finding.line))
        } else {
            String::new()
        };
        writeln!(out, "  {line}{} ({})", finding.text, finding.data.code)?;
    }
    if judged {
        controls(verdict, out)?;
    }
    for note in &verdict.notes {
        writeln!(out, "\n  Note: {}", note.text)?;
    }
    for proposal in &verdict.proposals {
        writeln!(out, "\n  Proposed: {}", proposal.text)?;
        if let Ok(choice) = serde_json::to_string(&proposal.choice) {
            writeln!(out, "    {choice}")?;
        }
    }
    writeln!(out)
}

fn answer(verdict: &Verdict) -> String {
    if let Some(held) = &verdict.held {
        let records = count(held.records);
        return if held.for_structure() {
            format!(
                "HELD. The file is not in the form of the contract, so no row was judged (records: {records})."
            )
        } else {
            format!("HELD. Too many of its {records} rows are exceptions; nothing would be loaded.")
        };
    }
    let share = Ratio::of(verdict.rows.accepted, verdict.rows.read);
    let share = share.map_or("There are no rows".to_owned(), |it| {
        format!("{} % of rows can be loaded", it.percent())
    });
    if verdict.thresholds.iter().all(|it| it.met) {
        format!("READY. {share}.")
    } else {
        format!("NOT READY. {share}.")
    }
}

fn figures(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let rows = &verdict.rows;
    let money = verdict.money.as_ref();
    let mut lines = vec![
        ("read", rows.read, money.map(|it| it.read)),
        ("accepted", rows.accepted, money.map(|it| it.accepted)),
        ("exceptions", rows.exceptions, money.map(|it| it.exceptions)),
    ];
    if rows.layout > 0 {
        lines.push(("layout, no rows", rows.layout, None));
    }
    for (name, rows, money) in lines {
        let money = money.map_or(String::new(), |it| it.indian());
        writeln!(out, "  {name:<16}{:>14}  {money:>20}", count(rows))?;
    }
    if let Some(unreadable) = money.map(|it| it.unreadable_rows).filter(|it| *it > 0) {
        writeln!(
            out,
            "  {} of the exceptions have an amount that cannot be read",
            count(unreadable)
        )?;
    }
    writeln!(out)
}

fn goal(threshold: &Threshold) -> String {
    let name = match threshold.name.as_str() {
        "quality_score" => "Quality score",
        "exception_rate" => "Exception rate",
        other => other,
    };
    let value = threshold
        .value
        .map_or("none".to_owned(), |it| format!("{} %", it.percent()));
    let met = if threshold.met { "met" } else { "NOT met" };
    format!(
        "{name} {value} (goal {} {} %): {met}",
        threshold.relation,
        threshold.bound.percent()
    )
}

fn controls(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let of = |severity| {
        let all = verdict.controls.iter();
        all.filter(move |it| it.severity == severity && it.failed > 0)
    };
    for (title, severity) in [("Errors", Severity::Error), ("Warnings", Severity::Warning)] {
        let mut failed: Vec<&ControlResult> = of(severity).collect();
        failed.sort_by_key(|it| std::cmp::Reverse(it.failed));
        if failed.is_empty() {
            continue;
        }
        writeln!(out, "\n  {title}")?;
        for control in failed {
            writeln!(
                out,
                "  {:>12}  {} ({})",
                count(control.failed),
                control.summary,
                control.code
            )?;
        }
    }
    let not_run: Vec<&str> = verdict
        .controls
        .iter()
        .filter(|it| it.status == Status::NotRun)
        .map(|it| it.code.as_str())
        .collect();
    if !not_run.is_empty() {
        writeln!(out, "\n  Not run here: {}", not_run.join(", "))?;
    }
    Ok(())
}

pub fn count(number: u64) -> String {
    grouped(number.into())
}
