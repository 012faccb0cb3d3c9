//! How the file was read, and how else it could be. Whatever is changed here, the file is judged anew at once.

use super::{
    answer::MISSING,
    desk::{Command, Desk},
    press::press,
    propose,
    totals::Totals,
};
use crate::parts::phrase::phrase;
use crate::{
    format,
    icons::{Icon, icon},
    parts::{erase::Erase, fragment::inline, notes, words},
};
use leptos::prelude::*;
use maud::html;
use model::t;
use model::{
    message::ContractColumn,
    options::{Choice, ColumnMapping, DateForm, Options},
    verdict::Verdict,
    workbook::SheetInfo,
};
use std::sync::Arc;

const DELIMITERS: [(&str, &str); 4] = [
    (",", t!("comma")),
    (";", t!("semicolon")),
    ("\t", t!("tab")),
    ("|", t!("pipe")),
];
const ENCODINGS: [(&str, &str); 4] = [
    ("utf-8", "UTF-8"),
    ("windows-1252", "Windows-1252"),
    ("utf-16le", "UTF-16 (little-endian)"),
    ("utf-16be", "UTF-16 (big-endian)"),
];
/// Cells of a sheet's header that are shown.
const CELLS: usize = 6;

#[component]
pub(super) fn HowRead(desk: Desk, verdict: Arc<Verdict>) -> impl IntoView {
    let options = &verdict.options;
    let sheets = desk.sheets.get_untracked();
    let read = options.workbook.clone().map(|it| it.sheets);
    let choice = desk.choice.get_untracked();
    let as_found = Choice {
        corrections: choice.corrections.clone(),
        ..Choice::default()
    };
    let changed = choice != as_found;
    // It is offered below the verdict, then.
    let held = verdict.held.as_ref();
    let fits_none = held.is_some_and(|it| it.reason == MISSING);
    let contract = &verdict.contract;
    let judged_under = html! {
        span {
            (phrase!("Judged under the contract {contract}, version {version}.", contract = html! { code { (contract.name) } }, version = contract.version))
        }
    };
    view! {
        <details class="reading" id="how-read" open=desk.unfolded.get_untracked()>
            // The keyboard clicks it too.
            <summary on:click=move |_| desk.unfolded.update(|it| *it = !*it)>
                {t!("Read as {form}", form = words::reading_words(options))}
                {dates_found(&desk.columns.get_untracked())}
            </summary>
            {read.map(|read| sheet_list(desk, &sheets, &read))}
            <p class="fields">{fields(desk, options)}</p>
            {columns(desk, options)}
            <Totals desk=desk totals=options.totals/>
            {changed
                .then(|| {
                    view! {
                        <p>
                            {press(
                                desk,
                                "button",
                                html! { (t!("Read it as it was found")) },
                                Command::Read(Box::new(as_found)),
                            )}
                        </p>
                    }
                })}
            <p class="choices">
                {inline(judged_under)}
                {(!desk.trying.get_untracked() && !fits_none).then(|| propose::button(desk, "button"))}
            </p>
        </details>
    }
    .erased()
}

/// What is told of the file, and what else to read it as.
#[component]
pub(super) fn Advice(desk: Desk, verdict: Arc<Verdict>) -> impl IntoView {
    if verdict.notes.is_empty() && verdict.proposals.is_empty() {
        return ().erased();
    }
    let told = notes::list(&verdict.notes).into_string();
    let proposals = verdict.proposals.clone().into_iter().map(|proposal| {
        let choice = desk.choice.get_untracked().with(proposal.choice);
        let read = Command::Read(Box::new(choice));
        view! {
            <p class="proposal" data-then="answer">
                {press(desk, "button", html! { (t!("Read it so")) }, read)}
                {inline(words::quoted(&proposal.text))}
            </p>
        }
    });
    view! {
        <section class="advice" aria-labelledby="advice">
            <h2 id="advice">{t!("About this file")}</h2>
            <div class="fragment" inner_html=told></div>
            {proposals.collect_view()}
        </section>
    }
    .erased()
}

/// Lays something down besides what is laid down already.
pub(super) fn lay_down(desk: Desk, change: impl FnOnce(&mut Choice)) {
    let mut choice = desk.choice.get_untracked();
    change(&mut choice);
    desk.ask(Command::Read(Box::new(choice)));
}

fn sheet_list(desk: Desk, sheets: &[SheetInfo], read: &[String]) -> AnyView {
    let lines = sheets.iter().map(|sheet| sheet_line(desk, sheet, read));
    let lines = lines.collect_view();
    view! {
        <table class="figures sheets">
            <caption>{t!("Sheets of the workbook")}</caption>
            <thead>
                <tr>
                    <th scope="col">{t!("Sheet")}</th>
                    <th scope="col" class="number">{t!("Rows")}</th>
                    <th scope="col">{t!("Header")}</th>
                    <th scope="col">{t!("Read")}</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
    }
    .erased()
}

fn sheet_line(desk: Desk, sheet: &SheetInfo, read: &[String]) -> AnyView {
    let mut header = sheet.header.iter().filter(|it| !it.trim().is_empty());
    let mut shown: Vec<&str> = header.by_ref().take(CELLS).map(String::as_str).collect();
    if header.next().is_some() {
        shown.push("…");
    }
    let is_read = read.contains(&sheet.name);
    let button = |word: &'static str, sheets: Vec<String>| {
        let label = format!("{word}: {}", sheet.name);
        let choose = move |_| lay_down(desk, |it| it.sheets.clone_from(&sheets));
        view! {
            <button type="button" class="button small-button" aria-label=label on:click=choose>
                {word}
            </button>
        }
    };
    let others = || read.iter().filter(|it| **it != sheet.name).cloned();
    let alone = (!is_read).then(|| button(t!("Read this one"), vec![sheet.name.clone()]));
    let with = (!is_read && !read.is_empty()).then(|| {
        button(
            t!("Add"),
            read.iter().cloned().chain([sheet.name.clone()]).collect(),
        )
    });
    let without = (is_read && read.len() > 1).then(|| button(t!("Leave out"), others().collect()));
    view! {
        <tr>
            <th scope="row">
                {sheet.name.clone()} {sheet.hidden.then(|| view! { <span class="quiet">" "{t!("(hidden)")}</span> })}
            </th>
            <td class="number">{format::count(sheet.rows)}</td>
            <td class="quiet">{shown.join(", ")}</td>
            <td>
                <div class="choices">
                    {is_read.then(|| view! { <span>{icon(Icon::Met)} " "{t!("Read")}</span> })} {alone} {with} {without}
                </div>
            </td>
        </tr>
    }
    .erased()
}

fn fields(desk: Desk, options: &Options) -> AnyView {
    let text = options.workbook.is_none().then(|| {
        let delimiter = select(
            ("delimiter", t!("Delimiter")),
            &DELIMITERS,
            &options.delimiter,
            move |value| {
                lay_down(desk, |it| it.delimiter = value.chars().next());
            },
        );
        let encoding = select(
            ("encoding", t!("Encoding")),
            &ENCODINGS,
            &options.encoding,
            move |value| {
                lay_down(desk, |it| it.encoding = Some(value));
            },
        );
        view! { {delimiter} {encoding} }
    });
    let header = move |event| {
        if let Ok(line) = event_target_value(&event).trim().parse() {
            lay_down(desk, |it| it.header_line = Some(line));
        }
    };
    let comma = move |event| {
        let checked = event_target_checked(&event);
        lay_down(desk, |it| it.decimal_comma = Some(checked));
    };
    let word = if options.workbook.is_some() {
        t!("Header in row")
    } else {
        t!("Header in line")
    };
    view! {
        {text}
        <label title=t!("0 where the file has no header")>
            {word} " " <input id="header-line" type="number" min="0" value=options.header_line.to_string() on:change=header/>
        </label>
        <label class="tick-line">
            <input id="decimal-comma" type="checkbox" checked=options.decimal_comma on:change=comma/>
            " "{t!("Amounts are written 1.234,56")}
        </label>
    }
    .erased()
}

/// A list to choose from; a value that is not among its lines has one of its own. The file is judged anew with each choice,
/// and by its id the focus finds the list again.
fn select(
    (id, label): (&'static str, &'static str),
    lines: &[(&str, &str)],
    chosen: &str,
    change: impl Fn(String) + 'static,
) -> AnyView {
    let known = lines.iter().any(|(value, _)| *value == chosen);
    let own = (!known).then_some((chosen, chosen));
    let lines = lines.iter().copied().chain(own).map(|(value, word)| {
        let selected = value == chosen;
        view! { <option value=value.to_owned() selected=selected>{word.to_owned()}</option> }
    });
    let lines = lines.collect_view();
    view! {
        <label>
            {label} " " <select id=id on:change=move |event| change(event_target_value(&event))>{lines}</select>
        </label>
    }
    .erased()
}

fn columns(desk: Desk, options: &Options) -> AnyView {
    let known = desk.columns.get_untracked();
    let first = desk.first.get_untracked();
    let lines = options
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let values = first.iter().filter_map(|it| it.get(place));
            let mut values: Vec<&str> = values.map(|it| it.trim()).collect();
            values.retain(|it| !it.is_empty());
            column_line(desk, options, (place, &values.join(", ")), column, &known)
        })
        .collect_view();
    view! {
        <table class="figures">
            <thead>
                <tr>
                    <th scope="col">{t!("Column in the file")}</th>
                    <th scope="col">{t!("First values")}</th>
                    <th scope="col">{t!("Used as")}</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
    }
    .erased()
}

fn column_line(
    desk: Desk,
    options: &Options,
    (place, values): (usize, &str),
    column: &ColumnMapping,
    known: &[ContractColumn],
) -> AnyView {
    // The name tells it, unless another column has the same one.
    let mut alike = options
        .columns
        .iter()
        .filter(|it| it.header == column.header);
    let unique =
        alike.next().is_some() && alike.next().is_none() && !column.header.trim().is_empty();
    let key = if unique {
        column.header.clone()
    } else {
        (place + 1).to_string()
    };
    let chosen = column.column.clone().unwrap_or_default();
    let name = if column.header.trim().is_empty() {
        t!("(column {place})", place = place + 1)
    } else {
        column.header.clone()
    };
    let lines = std::iter::once(("", t!("not used")))
        .chain(known.iter().map(|it| (it.name.as_str(), it.title.as_str())))
        .map(|(value, word)| {
            let selected = value == chosen;
            view! { <option value=value.to_owned() selected=selected>{word.to_owned()}</option> }
        })
        .collect_view();
    let map = move |event| {
        let name = event_target_value(&event);
        lay_down(desk, |it| {
            it.columns
                .retain(|_, other| name.is_empty() || *other != name);
            it.columns.insert(key.clone(), name.clone());
        });
    };
    let dates = known.iter().find(|it| it.name == chosen);
    let dates = dates.and_then(|it| it.date_forms.as_deref());
    let dates = dates.map(|found| date_form(desk, options, chosen, found));
    let label = t!("{name} is used as", name = name);
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="quiet first-values">{values.to_owned()}</td>
            <td>
                <div class="choices">
                    <select aria-label=label on:change=map>
                        {lines}
                    </select>
                    {dates}
                </div>
            </td>
        </tr>
    }
    .erased()
}

/// In which form the dates of the file are written.
fn dates_found(known: &[ContractColumn]) -> Option<String> {
    let found: Vec<&DateForm> = known
        .iter()
        .flat_map(|it| &it.date_forms)
        .flatten()
        .collect();
    let mut forms = DateForm::ALL.to_vec();
    forms.retain(|it| found.contains(&it));
    (!forms.is_empty()).then(|| format!(" · {}", t!("dates {forms}", forms = listed(&forms))))
}

fn listed(forms: &[DateForm]) -> String {
    let forms: Vec<&str> = forms.iter().map(|it| it.as_str()).collect();
    forms.join(", ")
}

/// `found` are those that the dates are written in, as they are read now.
fn date_form(desk: Desk, options: &Options, column: String, found: &[DateForm]) -> AnyView {
    let laid_down = options.date_forms.get(&column).copied();
    let as_found = match laid_down {
        None if !found.is_empty() => t!("as found: {forms}", forms = listed(found)),
        _ => t!("as the contract has them").to_owned(),
    };
    let lines = DateForm::ALL.map(|form| {
        let selected = laid_down == Some(form);
        view! { <option value=form.as_str() selected=selected>{form.as_str()}</option> }
    });
    let label = t!("How the dates of {column} are written", column = column);
    let change = move |event| {
        let form = DateForm::parse(&event_target_value(&event));
        lay_down(desk, |it| match form {
            Some(form) => drop(it.date_forms.insert(column.clone(), form)),
            None => drop(it.date_forms.remove(&column)),
        });
    };
    view! {
        <select aria-label=label on:change=change>
            <option value="">{as_found}</option>
            {lines.collect_view()}
        </select>
    }
    .erased()
}
