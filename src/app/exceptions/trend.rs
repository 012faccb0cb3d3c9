//! How many exceptions came, step by step: as rows, as their share of the rows that were read, or as money.

use super::address::{Measure, STEPS, Show, WorkAddress};
use crate::parts::phrase::phrase;
use crate::{calendar::Period, format, parts::chart::noted};
use charts::{Amount, Hue, Part, Span, Stack, stacks};
use chrono::NaiveDate;
use maud::{Markup, html};
use model::t;
use model::{
    control::Category,
    exception::{ExceptionStep, ExceptionSum, TrendBy, TrendStep},
    money::Money,
    ratio::Ratio,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// The first and the last day of a period, where it has them.
pub(super) type Ends = (Option<NaiveDate>, Option<NaiveDate>);

/// More columns than this are too narrow.
const COLUMNS: usize = 62;

/// What is told apart in a trend: each category, or the controls that find most.
fn hues(steps: &[ExceptionStep], by: TrendBy) -> Vec<(String, Hue)> {
    const SERIES: [Hue; 5] = [
        Hue::Series1,
        Hue::Series2,
        Hue::Series3,
        Hue::Series4,
        Hue::Series5,
    ];
    let labels: Vec<String> = match by {
        TrendBy::Category => Category::ALL.map(|it| it.as_str().to_owned()).into(),
        TrendBy::Control => {
            let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
            for it in steps.iter().flat_map(|it| &it.groups) {
                *sums.entry(&it.label).or_default() += it.sum.rows;
            }
            let mut sums: Vec<_> = sums.into_iter().collect();
            sums.sort_by_key(|(_, rows)| Reverse(*rows));
            sums.into_iter()
                .map(|(label, _)| label.to_owned())
                .collect()
        }
    };
    labels.into_iter().zip(SERIES).collect()
}

fn added(one: ExceptionSum, other: ExceptionSum) -> ExceptionSum {
    ExceptionSum {
        rows: one.rows + other.rows,
        unreadable_rows: one.unreadable_rows + other.unreadable_rows,
        money: one.money + other.money,
    }
}

/// `ends` are those of the period of the address.
pub(super) fn trend(
    steps: &[ExceptionStep],
    summary: &dyn Fn(&str) -> String,
    address: &WorkAddress,
    (page, ends): (&str, Ends),
) -> Markup {
    let Some(step) = steps.first().map(|it| step_of(&it.label)) else {
        return html! {};
    };
    let numbers = format::numbers();
    let has_rate = steps.iter().all(|it| it.rows_read.is_some());
    let measure = match address.measure {
        Measure::Rate if !has_rate => Measure::Rows,
        it => it,
    };
    let per = match step {
        TrendStep::Day => t!("day"),
        TrendStep::Week => t!("week"),
        TrendStep::Month => t!("month"),
    };
    let what = match address.by {
        TrendBy::Category => t!("category"),
        TrendBy::Control => t!("control"),
    };
    let title = match measure {
        Measure::Rows => t!(
            "Exceptions found per {per}, by {what}",
            per = per,
            what = what
        ),
        Measure::Rate => t!(
            "Share of rows that failed per {per}, by {what}",
            per = per,
            what = what
        ),
        Measure::Money => t!(
            "Money in exceptions per {per}, by {what}",
            per = per,
            what = what
        ),
    };
    let labels: BTreeSet<&str> = steps
        .iter()
        .flat_map(|it| it.groups.iter().map(|it| it.label.as_str()))
        .collect();
    let named = |label: &str| match address.by {
        TrendBy::Category => {
            let found = Category::ALL.into_iter().find(|it| it.as_str() == label);
            found.map_or_else(|| label.to_owned(), |it| it.title().to_owned())
        }
        TrendBy::Control => format!("{label} {}", summary(label)),
    };
    let value = |sum: ExceptionSum, read: u64| match measure {
        Measure::Rows => format::count(sum.rows),
        Measure::Rate => Ratio::of(sum.rows.min(read), read).map_or("–".into(), format::percent),
        Measure::Money => numbers.full(sum.money),
    };
    // Money below zero has no height; the table tells it.
    let amount = |sum: ExceptionSum, read: u64| match measure {
        Measure::Rows => Amount::Count(sum.rows),
        Measure::Rate => {
            let share = Ratio::of(sum.rows.min(read), read);
            Amount::Share(share.unwrap_or(Ratio::from_millionths(0)))
        }
        Measure::Money => Amount::from(sum.money.max(Money::ZERO)),
    };
    let span = span_of(step);
    let days = format::locale().days;
    // Where no rows were read there is no share, which is not a share of nothing.
    let is_gap = |it: &ExceptionStep| measure == Measure::Rate && it.rows_read == Some(0);
    let hues = hues(steps, address.by);
    let shown: Vec<&ExceptionStep> = steps
        .iter()
        .skip(steps.len().saturating_sub(COLUMNS))
        .collect();
    // What came in these days; where a label is given, that alone.
    let leads_to = |step: &ExceptionStep, label: Option<&str>| {
        let (first, last) = step_days(&step.label)?;
        let to = WorkAddress {
            period: within((Some(first), Some(last)), ends),
            show: Show::All,
            ..narrowed(address.first(), address.by, label)
        };
        Some(to.href(page))
    };
    let columns: Vec<Stack> = shown
        .iter()
        .map(|it| {
            let of_step = step_days(&it.label);
            let href = |label: Option<&str>| leads_to(it, label);
            let mut others = ExceptionSum::default();
            let mut parts = Vec::new();
            let read = it.rows_read.unwrap_or(0);
            for (label, hue) in &hues {
                let sum = it.groups.iter().find(|it| it.label == *label);
                let sum = sum.map_or_else(ExceptionSum::default, |it| it.sum);
                parts.push(Part {
                    label: named(label),
                    amount: amount(sum, read),
                    text: value(sum, read),
                    hue: *hue,
                    href: href(Some(label)),
                });
            }
            for group in it
                .groups
                .iter()
                .filter(|it| hues.iter().all(|(label, _)| *label != it.label))
            {
                others = added(others, group.sum);
            }
            if labels.len() > hues.len() {
                parts.push(Part {
                    label: t!("Other controls").to_owned(),
                    amount: amount(others, read),
                    text: value(others, read),
                    hue: Hue::SeriesOther,
                    href: href(None),
                });
            }
            if is_gap(it) {
                parts.clear();
            }
            Stack {
                name: step_title(&it.label),
                parts,
                tick: of_step.and_then(|(first, _)| span.tick(first, shown.len(), days)),
            }
        })
        .collect();
    let mut heads = vec![capital(per)];
    heads.extend(has_rate.then(|| t!("Rows read").to_owned()));
    heads.extend(labels.iter().map(|it| named(it)));
    // Whoever looks at it has chosen how.
    let asked = address.step.is_some()
        || address.by == TrendBy::Control
        || address.measure != Measure::Rows;
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let lines: Vec<Vec<String>> = steps
        .iter()
        .rev()
        .map(|it| {
            let groups: BTreeMap<&str, ExceptionSum> = it
                .groups
                .iter()
                .map(|it| (it.label.as_str(), it.sum))
                .collect();
            let mut line = vec![step_title(&it.label)];
            line.extend(it.rows_read.map(format::count));
            line.extend(labels.iter().map(|label| {
                let sum = groups.get(label).copied().unwrap_or_default();
                value(sum, it.rows_read.unwrap_or(0))
            }));
            line
        })
        .collect();
    let leads: Vec<_> = steps
        .iter()
        .rev()
        .map(|it| it.groups.first().and_then(|_| leads_to(it, None)))
        .collect();
    let measures = Measure::ALL
        .into_iter()
        .filter(|it| has_rate || *it != Measure::Rate);
    let measures: Vec<_> = measures
        .map(|it| {
            let to = WorkAddress {
                measure: it,
                ..address.first()
            };
            (it.title(), it == measure, to)
        })
        .collect();
    let all = u64::try_from(steps.len()).unwrap_or(u64::MAX);
    let many = match step {
        TrendStep::Day => format::counted(all, t!("day"), t!("days")),
        TrendStep::Week => format::counted(all, t!("week"), t!("weeks")),
        TrendStep::Month => format::counted(all, t!("month"), t!("months")),
    };
    let note = html! {
        @if measure != address.measure {
            p class="quiet" { (t!("How many rows of a product were read is not known, so that there is no rate here: these are rows.")) }
        }
        @if shown.iter().any(|it| is_gap(it)) {
            p class="quiet" { (t!("Where the line under the columns is broken, no rows were read.")) }
        }
        @if shown.len() < steps.len() {
            p class="quiet" {
                (phrase!("Only the last {drawn} of {steps} are drawn; the table has them all.", drawn = shown.len(), steps = many))
            }
        }
    };
    html! {
        details class="trend" open[asked] {
            summary { h2 { (t!("Over time")) } }
            nav class="choices" aria-label=(t!("What the trend shows")) {
                (choices(&measures, page))
                (choices(&[(TrendBy::Category, t!("By category")), (TrendBy::Control, t!("By control"))].map(|(by, title)| {
                    let to = WorkAddress { by, ..address.first() };
                    (title, by == address.by, to)
                }), page))
                (choices(&STEPS.map(|(each, _, title)| {
                    let to = WorkAddress { step: Some(each), ..address.first() };
                    (title, each == step, to)
                }), page))
            }
            (noted(&title, note, stacks(&title, &columns, numbers), &heads, (&lines, &leads)))
            @if address.by == TrendBy::Control {
                p class="quiet" { (t!("A row counts for each control that it fails.")) }
            }
        }
    }
}

fn choices(all: &[(&str, bool, WorkAddress)], page: &str) -> Markup {
    html! {
        ul class="switch" {
            @for (title, chosen, to) in all {
                li { a href=(to.href(page)) data-noscroll aria-current=[chosen.then_some("true")] { (title) } }
            }
        }
    }
}

fn step_of(label: &str) -> TrendStep {
    match (label.len(), label.contains('W')) {
        (_, true) => TrendStep::Week,
        (7, _) => TrendStep::Month,
        _ => TrendStep::Day,
    }
}

const fn span_of(step: TrendStep) -> Span {
    match step {
        TrendStep::Day => Span::Day,
        TrendStep::Week => Span::Week,
        TrendStep::Month => Span::Month,
    }
}

/// The first and the last day of a step.
fn step_days(label: &str) -> Option<(NaiveDate, NaiveDate)> {
    Some(match step_of(label) {
        TrendStep::Day => (label.parse().ok()?, label.parse().ok()?),
        TrendStep::Week => {
            let (year, week) = label.split_once("-W")?;
            let (year, week) = (year.parse().ok()?, week.parse().ok()?);
            let day = |it| NaiveDate::from_isoywd_opt(year, week, it);
            (day(chrono::Weekday::Mon)?, day(chrono::Weekday::Sun)?)
        }
        TrendStep::Month => {
            let first: NaiveDate = format!("{label}-01").parse().ok()?;
            let next = first.checked_add_months(chrono::Months::new(1))?;
            (first, next.pred_opt()?)
        }
    })
}

/// The exceptions of one category or control, as they are told apart.
fn narrowed(address: WorkAddress, by: TrendBy, label: Option<&str>) -> WorkAddress {
    match by {
        TrendBy::Category => WorkAddress {
            category: label
                .and_then(|label| Category::ALL.into_iter().find(|it| it.as_str() == label))
                .or(address.category),
            ..address
        },
        TrendBy::Control => WorkAddress {
            code: label.map(str::to_owned).or_else(|| address.code.clone()),
            ..address
        },
    }
}

/// These days, as far as they are days of the period, too: only those are counted.
pub(super) fn within((first, last): Ends, (from, to): Ends) -> Period {
    // None is before every day, and behind none of them.
    let last = [last, to].into_iter().flatten().min();
    Period::Custom(first.max(from), last)
}

fn step_title(label: &str) -> String {
    let span = span_of(step_of(label));
    step_days(label).map_or_else(
        || label.to_owned(),
        |(first, _)| span.name(first, format::locale().days),
    )
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::exception::ExceptionGroup;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A step with so many rows read, one in ten of which fails.
    fn step(label: &str, rows_read: Option<u64>) -> ExceptionStep {
        let rows = rows_read.unwrap_or(50) / 10;
        let group = ExceptionGroup {
            label: Category::DataFormatError.as_str().to_owned(),
            sum: ExceptionSum {
                rows,
                ..ExceptionSum::default()
            },
        };
        ExceptionStep {
            label: label.to_owned(),
            rows_read,
            groups: (rows > 0).then_some(group).into_iter().collect(),
        }
    }

    fn shown(steps: &[ExceptionStep], search: &str, ends: Ends) -> String {
        let address = WorkAddress::parse(search);
        trend(steps, &|_| String::new(), &address, ("/e", ends)).into_string()
    }

    #[test]
    fn a_step_knows_its_days() {
        let check = |label: &str, from: &str, to: &str| {
            assert_eq!(step_days(label), Some((day(from), day(to))), "{label}");
        };
        check("2026-02-03", "2026-02-03", "2026-02-03");
        check("2026-W53", "2026-12-28", "2027-01-03");
        check("2028-02", "2028-02-01", "2028-02-29");
        assert_eq!(step_title("2026-02"), "Feb 2026");
    }

    #[test]
    fn a_column_leads_to_no_day_beyond_the_period() {
        let steps = ["2026-W09", "2026-W10", "2026-W11"].map(|it| step(it, Some(100)));
        let check = |ends: Ends, expected: [(&str, &str); 3]| {
            let text = shown(&steps, "step=week", ends);
            for (from, to) in expected {
                let [from, to] = [from, to].map(|it| it.replace('-', "%2D"));
                let href = format!("?period=custom&amp;from={from}&amp;to={to}&amp;show=all");
                assert!(text.contains(&href), "{href}: {text}");
            }
        };
        check(
            (Some(day("2026-02-25")), Some(day("2026-03-11"))),
            [
                ("2026-02-25", "2026-03-01"),
                ("2026-03-02", "2026-03-08"),
                ("2026-03-09", "2026-03-11"),
            ],
        );
        check(
            (None, Some(day("2026-03-12"))),
            [
                ("2026-02-23", "2026-03-01"),
                ("2026-03-02", "2026-03-08"),
                ("2026-03-09", "2026-03-12"),
            ],
        );
    }

    #[test]
    fn of_rows_that_nobody_read_there_is_a_gap_and_no_rate() {
        let steps = [
            step("2026-01", Some(100)),
            step("2026-02", Some(0)),
            step("2026-03", Some(100)),
            step("2026-04", Some(9)),
        ];
        let broken = "line under the columns is broken";
        let text = shown(&steps, "measure=rate", (None, None));
        assert!(text.contains(broken), "{text}");
        assert_eq!(text.matches("class=\"zero\"").count(), 2, "{text}");
        assert!(
            text.contains(">Rate<")
                && text.contains(">10.00 %<")
                && text.contains(">0.00 %<")
                && text.contains(">–<")
        );
        let text = shown(&steps, "measure=rows", (None, None));
        assert!(!text.contains(broken), "{text}");
        assert_eq!(text.matches("class=\"zero\"").count(), 1, "{text}");
    }

    #[test]
    fn columns_that_are_not_drawn_are_told_of() {
        let days = day("2026-01-01").iter_days().take(70);
        let steps: Vec<_> = days.map(|it| step(&it.to_string(), Some(10))).collect();
        let told = "Only the last 62 of 70 days are drawn; the table has them all.";
        assert!(shown(&steps, "", (None, None)).contains(told));
        let text = shown(&steps[8..], "", (None, None));
        assert!(!text.contains("are drawn"), "{text}");
    }

    #[test]
    fn without_rows_read_no_rate_is_offered() {
        let steps = [step("2026-01", None), step("2026-02", None)];
        let text = shown(&steps, "measure=rate", (None, None));
        for part in [
            "Exceptions found per month",
            "so that there is no rate here",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        for part in ["Rows read", ">Rate<", "Share of rows"] {
            assert!(!text.contains(part), "{part}: {text}");
        }
        let text = shown(&steps, "measure=money", (None, None));
        assert!(!text.contains("so that there is no rate here"), "{text}");
    }
}
