//! Entries of the log as a table. On the server only: the browser gets it rendered.

use crate::{
    calendar::{Against, Calendar, Period},
    clock::precise_time,
    filters::{Filters, joined, query},
    format,
    icons::Icon,
    parts::filter_bar,
    place::{Page, Place},
    run::stages::stages,
};
use chrono::NaiveDate;
use maud::{Markup, html};
use model::t;
use model::{
    audit::{ChainedEntry, Coverage, EntryFilter, EntryList},
    id::RunId,
    proof::Agrees,
    run::Run,
};

/// What of the log is asked for.
pub(crate) struct Asked {
    pub(crate) filter: EntryFilter,
    /// Of which the days of the filter are, today.
    period: Period,
    /// The sequence below which a page begins.
    pub(crate) before: Option<u64>,
    /// What stands for a run and is none.
    misread: Option<String>,
    /// What just came of judging the run's file again.
    replayed: Option<Agrees>,
}

impl Asked {
    /// From an address's query. What makes no sense is left out.
    pub(crate) fn parse(search: &str, calendar: &Calendar) -> Self {
        let query = query(search);
        let text = |key| query.get(key).unwrap_or_default().trim().to_owned();
        let run = text("run");
        let period = Filters::parse(search).period;
        let (from, to) = calendar.days(period);
        let day = |it: Option<NaiveDate>| it.map_or_else(String::new, |it| it.to_string());
        let filter = EntryFilter {
            run: RunId::try_from(run.clone()).ok(),
            event: text("event"),
            actor: text("actor"),
            from: day(from),
            to: day(to),
        };
        Self {
            misread: Some(run).filter(|it| !it.is_empty() && filter.run.is_none()),
            before: text("before").parse().ok(),
            replayed: Agrees::named(&text("replayed")),
            filter,
            period,
        }
    }

    fn narrows(&self) -> bool {
        self.filter != EntryFilter::default() || self.misread.is_some()
    }

    fn run(&self) -> String {
        let run = self.filter.run.as_ref().map(ToString::to_string);
        run.or_else(|| self.misread.clone()).unwrap_or_default()
    }

    fn href(&self, page: &str, before: Option<u64>) -> String {
        let EntryFilter { event, actor, .. } = &self.filter;
        let before = before.map(|it| it.to_string()).unwrap_or_default();
        let pairs = [
            ("run", self.run()),
            ("event", event.clone()),
            ("actor", actor.clone()),
            ("before", before),
        ];
        let days = Filters::of_days(self.period, Against::Before).pairs();
        let pairs = days.into_iter().chain(pairs);
        let said: Vec<_> = pairs.filter(|(_, it)| !it.is_empty()).collect();
        joined(page, &said)
    }
}

/// What the page shows.
pub(crate) struct Found<'a> {
    pub(crate) entries: &'a EntryList,
    pub(crate) coverage: Option<&'a Coverage>,
    /// The run that is asked for, where there is one of that id.
    pub(crate) run: Option<&'a Run>,
}

pub(crate) fn page(found: &Found<'_>, asked: &Asked, place: &Place) -> Markup {
    let list = found.entries;
    let nothing_ever = list.entries.is_empty() && !asked.narrows();
    html! {
        @if let Some(it) = found.coverage { (super::coverage::coverage(it, place)) }
        @if !nothing_ever { (form(asked, &place.href(Page::Audit))) }
        @if asked.misread.is_some() {
            p class="exception" role="alert" {
                (t!("This is no run's id, so it does not narrow what is shown. An id is run_ and 32 letters and digits; it \
                 stands on the run's page."))
            }
        }
        @if let Some(run) = &asked.filter.run { (replay(run, asked.replayed, place)) }
        @if let Some(run) = found.run { (stages(&run.stages, run.summary.status)) }
        (entries(list, asked, place))
    }
}

/// The file of a run judged again, by a plain form, and what came of it.
fn replay(run: &RunId, replayed: Option<Agrees>, place: &Place) -> Markup {
    html! {
        @match replayed {
            Some(Agrees::Agrees) => {
                p role="status" {
                    span class="state accepted" { (Icon::Met) }
                    " " (t!("Judged again just now, the file gives exactly what is kept of this run."))
                }
            },
            Some(Agrees::Differs) => {
                p class="exception" role="alert" {
                    (t!("Judged again just now, the file does not give what is kept of this run. The newest entry says what differs."))
                }
            },
            Some(Agrees::CouldNot) => {
                p class="exception" role="alert" {
                    (t!("The file could not be judged again: it is gone, or was never judged to its end."))
                }
            },
            None => {},
        }
        form class="choices" method="post" action={ "/runs/" (run) "/replay" } {
            input type="hidden" name="workspace" value=(place.workspace);
            button type="submit" class="button" { (Icon::Scales) (t!("Judge this run's file again")) }
            a class="button" href=(place.run(run)) { (t!("To the run")) }
        }
    }
}

fn form(asked: &Asked, page: &str) -> Markup {
    let field = |id: &str, label: &str, kind: &str, holder: &str, value: &str| {
        html! {
            label {
                span { (label) }
                input id=(id) name=(id) type=(kind) placeholder=(holder) value=(value) spellcheck="false" autocomplete="off";
            }
        }
    };
    let filter = &asked.filter;
    html! {
        form class="filters" method="get" action=(page) aria-label=(t!("Filters")) {
            (field("run", t!("Run"), "text", "run_…", &asked.run()))
            (field("event", t!("Event"), "text", "run.completed", &filter.event))
            (field("actor", t!("By"), "text", t!("anybody"), &filter.actor))
            (filter_bar::period(t!("Period"), &Filters::of_days(asked.period, Against::Before)))
            button type="submit" class="button" { (t!("Show")) }
            @if asked.narrows() { a class="clear" href=(page) { (t!("All entries")) } }
        }
    }
}

fn entries(list: &EntryList, asked: &Asked, place: &Place) -> Markup {
    if list.entries.is_empty() {
        return html! {
            section class="notice empty" {
                @if asked.narrows() {
                    p { (t!("No entry answers this filter.")) }
                    p { a class="button" href=(place.href(Page::Audit)) { (t!("All entries")) } }
                } @else {
                    p { (t!("No entries. What happens in this workspace will stand here.")) }
                }
            }
        };
    }
    let page = place.href(Page::Audit);
    html! {
        div class="wide" id="entries" tabindex="0" role="region" aria-label=(t!("Entries")) {
            table class="entries" {
                thead {
                    tr {
                        th scope="col" class="number" { (t!("No.")) }
                        th scope="col" { (t!("Time")) }
                        th scope="col" { (t!("Event")) }
                        th scope="col" { (t!("Run")) }
                        th scope="col" { (t!("Details")) }
                        th scope="col" { (t!("By")) }
                        th scope="col" { (t!("Hash")) }
                    }
                }
                tbody {
                    @for entry in &list.entries { (line(entry, place)) }
                }
            }
        }
        nav class="paging" aria-label=(t!("Pages of entries")) data-then="entries" {
            @if asked.before.is_some() { a class="button" href=(asked.href(&page, None)) { (t!("Newest")) } }
            @if list.next.is_some() { a class="button" href=(asked.href(&page, list.next)) { (t!("Older")) } }
        }
    }
}

fn line(ChainedEntry { entry, hash, .. }: &ChainedEntry, place: &Place) -> Markup {
    let run = entry.run.clone().and_then(|it| RunId::try_from(it).ok());
    html! {
        tr id={ "entry-" (entry.sequence) } {
            th scope="row" class="number" { (format::count(entry.sequence)) }
            td class="when" { (precise_time(&entry.time)) }
            td class="event" { (entry.event) }
            td {
                @if let Some(run) = run {
                    a class="digest" href=(place.run(&run)) title=(run.as_str()) { (ending(&run)) }
                }
            }
            td class="details" {
                @for (key, value) in &entry.details {
                    span class="detail" { span class="quiet" { (key.replace('_', " ")) } " " (shown(key, value)) }
                }
            }
            td { (entry.actor) }
            td class="digest" title=(hash) { (format::short_digest(hash)) }
        }
    }
}

/// The end of an id tells runs apart; its start is the time.
fn ending(run: &RunId) -> String {
    let text = run.as_str();
    let end = text.get(text.len().saturating_sub(8)..).unwrap_or(text);
    format!("…{end}")
}

fn shown(key: &str, value: &str) -> Markup {
    let digest = value.len() == 64 && value.bytes().all(|it| it.is_ascii_hexdigit());
    let number = value.parse::<u64>().ok();
    let number = number.filter(|it| it.to_string() == value);
    let money = value.parse().ok().filter(|_| key.starts_with("money"));
    html! {
        @if digest {
            span class="digest" title=(value) { (format::short_digest(value)) "…" }
        } @else if let Some(money) = money {
            (format::money(money))
        } @else if let Some(number) = number {
            (format::count(number))
        } @else {
            (value)
        }
    }
}
