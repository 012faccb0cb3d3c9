//! The page of a list, rendered: what is proposed for it, its values, and how both are changed.

use crate::parts::phrase::phrase;
use crate::{
    exceptions::address::WorkAddress, filters::query, format, icons::Icon, parts::words::link,
    place::Place, refused::Refused,
};
use leptos_router::location::Url;
use maud::{Markup, html};
use model::list::{ListedValue, ProposedSynonym, WholeList};
use model::t;

/// Values of one page. Whoever has more of them looks for what he wants.
const VALUES: usize = 200;

/// Proposals that are shown.
const PROPOSED: usize = 20;

pub(crate) fn page(
    list: &WholeList,
    search: &str,
    refused: Option<&Refused>,
    place: &Place,
) -> Markup {
    let sought = query(search)
        .get_str("q")
        .unwrap_or_default()
        .trim()
        .to_owned();
    let form = Form {
        list,
        refused,
        place,
    };
    html! {
        (told(list, search, place))
        p class="lead" { (about(list, place)) }
        @if !list.proposed.is_empty() { (proposed(&form)) }
        section aria-labelledby="values" {
            h2 id="values" { (t!("Values")) }
            div class="rows-head" {
                form class="filters" method="get" action=(form.page()) role="search" aria-label=(t!("Values")) {
                    label {
                        span { (t!("Value, synonym or attribute")) }
                        input type="search" name="q" value=(sought) autocomplete="off";
                    }
                    button type="submit" class="button" { (t!("Find")) }
                    @if !sought.is_empty() { a class="clear" href=(form.page()) { (t!("Clear")) } }
                }
                p class="choices" {
                    a class="button" href=(form.csv()) download { (Icon::Download) "CSV" }
                }
            }
            (values(&form, &sought))
        }
        (more(&form))
    }
}

struct Form<'a> {
    list: &'a WholeList,
    refused: Option<&'a Refused>,
    place: &'a Place,
}

impl Form<'_> {
    /// What was typed into one of the forms, where it comes back.
    fn said(&self, edit: &str, name: &str) -> Option<&str> {
        let sent = self.refused?.of(edit)?;
        sent.get(name).map(String::as_str)
    }

    fn page(&self) -> String {
        self.place.list(&self.list.contract.name, &self.list.name)
    }

    fn csv(&self) -> String {
        self.place
            .list_csv(&self.list.contract.name, &self.list.name)
    }

    /// What each form says besides its own fields.
    fn hidden(&self) -> Markup {
        html! {
            input type="hidden" name="workspace" value=(self.place.workspace);
            input type="hidden" name="contract" value=(self.list.contract.name);
            input type="hidden" name="list" value=(self.list.name);
        }
    }

    fn edit(&self, edit: &str, fields: &Markup) -> Markup {
        html! {
            form class="list-form" method="post" action="/lists" {
                (self.hidden())
                input type="hidden" name="edit" value=(edit);
                (fields)
            }
        }
    }
}

fn about(list: &WholeList, place: &Place) -> Markup {
    let entries = u64::try_from(list.entries.len()).unwrap_or(u64::MAX);
    let synonyms: usize = list.entries.iter().map(|it| it.synonyms.len()).sum();
    let synonyms = u64::try_from(synonyms).unwrap_or(u64::MAX);
    html! {
        (format::counted(entries, t!("value"), t!("values"))) ", "
        (format::counted(synonyms, t!("synonym"), t!("synonyms")))
        @if !list.columns.is_empty() { (phrase!(", of {columns}", columns = list.columns.join(&format!(" {} ", t!("and"))))) }
        (phrase!(". Part of the contract {contract} {version}, which is in force: every change makes its next version.", contract = html! { a href=(place.contract(&list.contract.name)) { (list.contract.name) } }, version = list.contract.version))
    }
}

fn proposed(form: &Form<'_>) -> Markup {
    let proposed = &form.list.proposed;
    html! {
        section aria-labelledby="proposed" class="proposals" {
            h2 id="proposed" { (t!("Corrected again and again")) }
            p {
                (t!("Each of these was corrected by hand to the same value, several times. As a synonym, it is read as that \
                value from the next file on, with a warning that says so."))
            }
            div class="wide" tabindex="0" role="region" aria-label=(t!("Proposed synonyms")) {
                table class="figures" {
                    thead {
                        tr {
                            th scope="col" { (t!("The files say")) }
                            th scope="col" { (t!("Corrected to")) }
                            th scope="col" { span class="hidden" { (t!("Accept")) } }
                            th scope="col" class="number" { (t!("Times")) }
                            th scope="col" class="number" { (t!("Runs")) }
                            th scope="col" class="number" { (t!("Money")) }
                        }
                    }
                    tbody { @for it in proposed.iter().take(PROPOSED) { (proposal(form, it)) } }
                }
            }
        }
    }
}

fn proposal(form: &Form<'_>, it: &ProposedSynonym) -> Markup {
    let label = t!(
        "Accept as synonym: {synonym} for {value}",
        synonym = it.synonym,
        value = it.value
    );
    let fields = html! {
        input type="hidden" name="value" value=(it.value);
        input type="hidden" name="synonym" value=(it.synonym);
        input type="hidden" name="reason" value=(t!("corrected {times} by hand", times = times(it.times)));
        button type="submit" class="button small-button" aria-label=(label) { (t!("Accept as synonym")) }
    };
    html! {
        tr {
            th scope="row" { code { (it.synonym) } }
            td { (it.value) }
            td { (form.edit("add-synonym", &fields)) }
            td class="number" { (format::count(it.times)) }
            td class="number" { (format::count(it.runs)) }
            td class="number" { (format::money(it.money)) }
        }
    }
}

fn times(number: u64) -> String {
    format::counted(number, t!("time"), t!("times"))
}

fn answers(entry: &ListedValue, sought: &str) -> bool {
    let sought = sought.to_lowercase();
    let own = std::iter::once(&entry.value);
    let mut texts = own.chain(&entry.synonyms).chain(entry.attributes.values());
    texts.any(|it| it.to_lowercase().contains(&sought))
}

fn values(form: &Form<'_>, sought: &str) -> Markup {
    let list = form.list;
    let found: Vec<&ListedValue> = list
        .entries
        .iter()
        .filter(|it| answers(it, sought))
        .collect();
    let more = u64::try_from(found.len().saturating_sub(VALUES)).unwrap_or(u64::MAX);
    let counted = list.entries.iter().any(|it| it.rows.is_some());
    html! {
        @if found.is_empty() {
            section class="notice empty" {
                @if sought.is_empty() {
                    p { (t!("This list has no values yet. Add one below, or upload a file of them.")) }
                } @else {
                    p { (phrase!("Nothing in this list says {sought}.", sought = html! { strong { (sought) } })) }
                    p { a class="button" href=(form.page()) { (t!("Show all values")) } }
                }
            }
        } @else {
            div class="wide" tabindex="0" role="region" aria-label=(t!("Values of the list")) {
                table class="figures list-values" {
                    thead {
                        tr {
                            th scope="col" { (t!("Value")) }
                            th scope="col" { span class="hidden" { (t!("Change")) } }
                            th scope="col" { (t!("Read as the same")) }
                            @for name in &list.attributes { th scope="col" { (name) } }
                            @if counted { th scope="col" class="number" { (t!("Rows in the ledger")) } }
                        }
                    }
                    tbody {
                        @for entry in found.iter().take(VALUES) { (value(form, entry, counted)) }
                    }
                }
            }
            @if more > 0 {
                p class="quiet" { (phrase!("And {more} more: look for those that you want.", more = format::count(more))) }
            }
        }
    }
}

fn value(form: &Form<'_>, entry: &ListedValue, counted: bool) -> Markup {
    html! {
        tr {
            th scope="row" { (entry.value) }
            // Where a phone shows it without going sideways.
            td { (change(form, entry)) }
            td {
                @for (at, synonym) in entry.synonyms.iter().enumerate() {
                    @if at > 0 { ", " }
                    (synonym)
                }
            }
            @for name in &form.list.attributes {
                td { (entry.attributes.get(name).map_or("", String::as_str)) }
            }
            @if counted {
                td class="number" {
                    @if let Some(rows) = entry.rows {
                        (link(behind(form, entry).as_deref(), &format::count(rows)))
                    }
                }
            }
        }
    }
}

/// Where the rows of the ledger are that say a value, if there are any.
fn behind(form: &Form<'_>, entry: &ListedValue) -> Option<String> {
    let by = form
        .list
        .counted_by
        .as_ref()
        .filter(|_| entry.rows > Some(0))?;
    let rows = form.place.rows();
    Some(format!("{rows}?{by}={}", Url::escape(&entry.value)))
}

fn change(form: &Form<'_>, entry: &ListedValue) -> Markup {
    let value = html! { input type="hidden" name="value" value=(entry.value); };
    let comes_back = |edit: &str| form.said(edit, "value") == Some(&entry.value);
    let another = form.said("add-synonym", "synonym");
    let another = another.filter(|_| comes_back("add-synonym"));
    let mut edits = ["add-synonym", "remove-synonym", "remove-value"].into_iter();
    let add = html! {
        (value)
        label {
            span { (t!("Another synonym")) }
            input name="synonym" value=(another.unwrap_or_default()) required maxlength="500" autocomplete="off";
        }
        button type="submit" class="button" aria-label={ (phrase!("Add to {value}", value = entry.value)) } { (t!("Add")) }
    };
    let remove = html! {
        (value)
        label {
            span { (t!("Synonym")) }
            select name="synonym" { @for it in &entry.synonyms { option { (it) } } }
        }
        button type="submit" class="button" aria-label={ (phrase!("Remove from {value}", value = entry.value)) } { (t!("Remove")) }
    };
    let gone = html! {
        (value)
        button type="submit" class="button" aria-label={ (phrase!("Remove this value: {value}", value = entry.value)) } {
            (t!("Remove this value"))
        }
    };
    html! {
        details class="list-change" open[edits.any(comes_back)] {
            summary aria-label={ (phrase!("Change {value}", value = entry.value)) } { (t!("Change")) }
            (form.edit("add-synonym", &add))
            @if !entry.synonyms.is_empty() { (form.edit("remove-synonym", &remove)) }
            (form.edit("remove-value", &gone))
        }
    }
}

fn more(form: &Form<'_>) -> Markup {
    let added = |name: &str| form.said("add-value", name).unwrap_or_default();
    let add = html! {
        label {
            span { (t!("New value")) }
            input name="value" value=(added("value")) required maxlength="500" autocomplete="off";
        }
        label {
            span { (t!("Why (may stay empty)")) }
            input name="reason" value=(added("reason")) maxlength="500" autocomplete="off";
        }
        button type="submit" class="button" { (t!("Add the value")) }
    };
    // As the file names them, in every language.
    let columns = html! {
        code { "value" } ", " code { "synonyms" }
        @for name in &form.list.attributes { ", " code { (name) } }
    };
    html! {
        section aria-labelledby="add" {
            h2 id="add" { (t!("Add")) }
            (form.edit("add-value", &add))
            h3 { (t!("The whole list, from a file")) }
            p class="quiet" {
                (phrase!("A CSV or a workbook with the columns {columns}; several synonyms have {mark} between them. It takes the place of the list: download it, change it in Excel, upload it. What is different is shown before anything is put in force.", columns = columns, mark = html! { code { "|" } }))
            }
            form class="list-form" method="post" action="/lists/file" enctype="multipart/form-data" {
                (form.hidden())
                label {
                    span { (t!("File")) }
                    input type="file" name="file" accept=".csv,text/csv,.xlsx,.xls,.ods,.xlsb" required;
                }
                button type="submit" class="button" { (t!("Upload and compare")) }
            }
        }
    }
}

/// What came of a form, which travels in the address as fixed words.
fn told(list: &WholeList, search: &str, place: &Place) -> Markup {
    let query = query(search);
    let done = match query.get_str("did") {
        Some("add-synonym") => t!("The synonym was added"),
        Some("remove-synonym") => t!("The synonym was removed"),
        Some("add-value") => t!("The value was added"),
        Some("remove-value") => t!("The value was removed"),
        _ => return html! {},
    };
    let version = query
        .get_str("version")
        .and_then(|it| it.parse::<u64>().ok());
    let Some(version) = version else {
        return html! {};
    };
    let page = place.contract_version(&list.contract.name, version);
    let waits = query.get_str("state") == Some("draft");
    html! {
        div class={ "told " @if waits { "warning" } @else { "accepted" } } role="status" {
            p {
                @if waits {
                    (Icon::Warning) " " (phrase!("{done}On this server a second person puts it in force: {version}.", done = html! { strong { (phrase!("{done} in a draft.", done = done)) " " } }, version = html! { a href=(page) { (phrase!("version {version} of the contract", version = version)) } }))
                } @else {
                    (Icon::Met) " " (phrase!("{done}In force from now on, as {version}.", done = html! { strong { (done) ". " } }, version = html! { a href=(page) { (phrase!("version {version} of the contract", version = version)) } }))
                }
            }
            @if let Some(code) = list.refused_by.as_ref().filter(|_| !waits) {
                (replay(code, place))
            }
        }
    }
}

/// Rows that the list refused before may pass now.
fn replay(code: &str, place: &Place) -> Markup {
    let refused = WorkAddress {
        code: Some(code.to_owned()),
        ..WorkAddress::default()
    };
    html! {
        form class="list-form" method="post" action="/exceptions" {
            input type="hidden" name="workspace" value=(place.workspace);
            input type="hidden" name="list" value=(refused.search());
            input type="hidden" name="all" value="on";
            input type="hidden" name="act" value="replay";
            span { (t!("Rows that it refused before may pass now.")) }
            button type="submit" class="button" { (phrase!("Judge the open exceptions of {code} again", code = code)) }
        }
    }
}
