//! What is told of a workbook, in the words of a reader.

use super::{
    limit::Refusal,
    sheet::{Sheet, Tally},
};
use crate::{
    judgement::advice::{counted, note},
    reading::header::plain,
};
use model::{
    options::Choice,
    verdict::{Note, Proposal},
    workbook::SheetInfo,
};

/// Of a workbook that cannot be read; the finding says the rest.
pub(super) fn refusal(refusal: &Refusal) -> Option<Note> {
    match refusal {
        Refusal::TooLarge(what) => Some(note(
            "workbook-too-large",
            &[("what", what)],
            format!("The workbook was not read to its end: {what}"),
        )),
        Refusal::NoSuchSheet(name) => Some(note(
            "no-such-sheet",
            &[("sheet", name)],
            format!("There is no sheet `{name}`"),
        )),
        Refusal::OtherHeader(name, first) => Some(note(
            "other-header",
            &[("sheet", name), ("first", first)],
            format!("The header of the sheet `{name}` is not that of `{first}`"),
        )),
        Refusal::Password | Refusal::Damaged => None,
    }
}

/// `read` are the places of the sheets that were read.
pub(super) fn notes(format: &str, sheets: &[Sheet], read: &[usize]) -> Vec<Note> {
    let mut res = Vec::new();
    let chosen: Vec<&Sheet> = read.iter().filter_map(|it| sheets.get(*it)).collect();
    res.extend(places(&chosen));
    let others = (0..)
        .zip(sheets)
        .filter(|(at, it)| it.rows > 0 && !read.contains(at));
    let others: Vec<String> = others.map(|(_, it)| format!("`{}`", it.name)).collect();
    if !others.is_empty() {
        let names = others.join(", ");
        res.push(note(
            "sheets-not-read",
            &[("sheets", &names)],
            format!(
                "{}: {names}",
                counted(
                    others.len() as u64,
                    "other sheet was not read",
                    "other sheets were not read"
                )
            ),
        ));
    }
    for sheet in chosen {
        res.extend(of_sheet(sheet));
    }
    res.extend(stored(format));
    res
}

/// Where each sheet begins, when there are several.
fn places(chosen: &[&Sheet]) -> Option<Note> {
    let mut line = 1;
    let mut words = Vec::new();
    for sheet in chosen {
        words.push(format!("`{}` from line {line}", sheet.name));
        line += u64::from(sheet.lines);
    }
    let words = words.join(", ");
    (chosen.len() > 1).then(|| {
        note(
            "sheets-as-one",
            &[("sheets", &words)],
            format!("{} sheets are read as one file: {words}", chosen.len()),
        )
    })
}

fn of_sheet(sheet: &Sheet) -> Vec<Note> {
    let mut res = Vec::new();
    let name = &sheet.name;
    let remarks = &sheet.remarks;
    if sheet.hidden {
        let text = format!("The sheet `{name}` is hidden in the workbook, and was read");
        res.push(note("hidden-sheet", &[("sheet", name)], text));
    }
    let mut tell = |kind: &str, tally: &Tally, one: &str, many: &str, rest: &str| {
        if tally.count == 0 {
            return;
        }
        let (count, first) = (tally.count.to_string(), &tally.first);
        let text = format!("`{name}`: {}{rest}", counted(tally.count, one, many));
        let text = text
            .replace("{first}", first)
            .replace("{error}", &remarks.error);
        let values = [
            ("sheet", name.as_str()),
            ("count", count.as_str()),
            ("first", first.as_str()),
        ];
        res.push(note(kind, &values, text));
    };
    tell(
        "hidden-rows",
        &remarks.hidden_rows,
        "row is hidden in the workbook, and was read",
        "rows are hidden in the workbook, and were read",
        "; the first is row {first}",
    );
    tell(
        "hidden-columns",
        &remarks.hidden_columns,
        "column is hidden in the workbook, and was read",
        "columns are hidden in the workbook, and were read",
        "; the first is column {first}",
    );
    tell(
        "formula-errors",
        &remarks.errors,
        "cell holds the error of a formula",
        "cells hold the errors of formulas",
        "; the first is {error} in {first}",
    );
    tell(
        "formulas-without-value",
        &remarks.unsaved,
        "formula was saved without its value, and reads as blank",
        "formulas were saved without their values, and read as blank",
        "; the first is {first}. Open the workbook in Excel and save it, to have them worked out",
    );
    tell(
        "merged-cells",
        &remarks.merged,
        "place has merged cells: the value stands in the first cell alone",
        "places have merged cells: the value stands in the first cell alone",
        "; the first is {first}",
    );
    res
}

/// What a format does not tell.
fn stored(format: &str) -> Option<Note> {
    let text = match format {
        "xls" => {
            "Numbers of an .xls are read as they are stored, without the zeros in front that a number format may show"
        }
        "xlsb" => {
            "Numbers of an .xlsb are read as they are stored, without the zeros in front that a number format may show"
        }
        "ods" => "Numbers of an .ods are read as they are stored",
        "html" => {
            "The file is a web page under the name of a workbook; its tables are read as sheets"
        }
        _ => return None,
    };
    let name = if format == "html" {
        "web-page"
    } else {
        "stored-values"
    };
    Some(note(name, &[("format", format)], text.to_owned()))
}

/// As headers are compared.
pub(super) fn header(sheet: &SheetInfo) -> Vec<String> {
    let mut names: Vec<String> = sheet.header.iter().map(|it| plain(it)).collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    names
}

/// That all sheets with the header of the one that was read be read with it.
pub(super) fn proposals(sheets: &[SheetInfo], read: &[usize], choice: &Choice) -> Vec<Proposal> {
    let Some(first) = read.first().and_then(|it| sheets.get(*it)) else {
        return Vec::new();
    };
    let wanted = header(first);
    let same = sheets
        .iter()
        .filter(|it| it.rows > 1 && !it.hidden && header(it) == wanted);
    let names: Vec<String> = same.map(|it| it.name.clone()).collect();
    if names.len() < 2 || names.len() <= read.len() || wanted.len() < 2 || names == choice.sheets {
        return Vec::new();
    }
    let list: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
    vec![Proposal {
        name: "sheets".into(),
        text: format!(
            "Read the sheets {} as one file: they have the same header",
            list.join(", ")
        ),
        choice: Choice {
            sheets: names,
            ..Choice::default()
        },
    }]
}
