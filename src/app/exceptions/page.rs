//! The page of all exceptions, rendered: filter, figures, list and what is done with it.

use super::{
    address::{LONGEST, ROWS, Show, WorkAddress, said},
    bulk, grid,
    list::{self, TABLE},
    overview::{self, region_title, sold_title},
    told::{stale, told},
};
use crate::parts::phrase::phrase;
use crate::{
    backend::{Backend, BackendError},
    calendar::{Period, Span},
    filters::Filters,
    format,
    icons::Icon,
    parts::{
        filter_bar::{self, span as days},
        key_figure::{Change, KeyFigure, key_figures},
    },
    place::{Page, Place},
};
use chrono::NaiveDate;
use maud::{Markup, html};
use model::t;
use model::{
    exception::{
        ExceptionFilter, ExceptionGroup, ExceptionOverview, RowPlace, TrendStep, WorkList,
    },
    finding::FoundBy,
    id::{RunId, WorkspaceId},
    list::ProposedSynonym,
    money::Money,
    ratio::Ratio,
    sales::Choices,
};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) async fn page(
    backend: &dyn Backend,
    place: &Place,
    search: &str,
) -> Result<Markup, BackendError> {
    let workspace = &place.workspace;
    let skus = backend.skus(workspace).await?;
    let address = of_sku(WorkAddress::parse(search), &skus);
    let calendar = backend.calendar();
    let filter = address.filter(&calendar);
    let step = address.step.unwrap_or_else(|| usual_step(&filter));
    let overview = backend
        .exception_overview(workspace, &filter, address.by, step)
        .await?;
    let work = backend
        .exceptions(
            workspace,
            &filter,
            address.sort,
            address.after.as_ref(),
            ROWS,
        )
        .await?;
    // How many rows say a text, or fail in a column, is not known before all were looked at; of those that somebody has
    // they are.
    let is_summed = filter.text.is_none() && (filter.column.is_none() || filter.assignee.is_some());
    let total = is_summed.then_some(overview.total);
    let preview = match &address.replacement {
        Some(replacement) => match backend.preview(workspace, &filter, replacement).await {
            Ok(preview) => Some(Ok(preview)),
            Err(BackendError::Invalid { text }) => Some(Err(text)),
            Err(error) => return Err(error),
        },
        None => None,
    };
    let name = async |run: &RunId| {
        let run = backend.run(workspace, run).await?;
        Ok::<_, BackendError>(run.summary.file_name)
    };
    let files = Files {
        one: match &address.run {
            Some(run) => Some(name(run).await?),
            None => None,
        },
        between: match &address.between {
            Some([first, last]) => Some([name(first).await?, name(last).await?]),
            None => None,
        },
    };
    let named = named(backend, workspace, search).await;
    let choices = backend.choices(workspace).await?;
    let compared = calendar.compared(address.period, address.against);
    // The sums over days know no runs, and not who has a row.
    let is_summed_by_day = is_summed && !filter.names_runs() && filter.assignee.is_none();
    let before = match compared.filter(|_| is_summed_by_day) {
        Some(span) => {
            let filter = ExceptionFilter {
                from: Some(span.from.to_string()),
                to: Some(span.to.to_string()),
                ..filter.clone()
            };
            let before = backend.exception_overview(workspace, &filter, address.by, step);
            Some((span, before.await?))
        }
        None => None,
    };
    let catalogue = backend.catalogue().await?;
    let synonyms = backend.proposed_synonyms(workspace).await?;
    let page = place.href(Page::Exceptions);
    // Controls that the filter does not ask for stand there too.
    let is_asked =
        |it: &&ExceptionGroup| address.code.as_ref().is_none_or(|code| *code == it.label);
    let mut parts = overview.by_control.iter().filter(is_asked);
    let is_net = is_summed && parts.any(|it| it.sum.money < Money::ZERO);
    let rows = total.map(|it| it.rows);
    let is_empty = overview.by_state.is_empty() && !address.narrows();
    Ok(html! {
        (told(search, place, &named))
        @if is_empty {
            (empty(place))
        } @else {
            (filters(&overview, is_summed, &address, &files, (&choices, &skus), &page))
            @if let Some((span, before)) = &before {
                (came(&overview, before, *span, (&address, &page)))
            }
            @match total {
                Some(total) => (overview::total(total, is_net, address.show)),
                None => (looked(&work, &address, &page)),
            }
            (proposed(&synonyms, place))
            @if is_summed { (overview::overview(&overview, &catalogue, &address, (&page, &calendar))) }
            section class="rows work" id="list" aria-labelledby="list-title" data-then=(TABLE) {
                h2 id="list-title" class="hidden" { (t!("The list")) }
                @if address.grid { (grid::left(place)) }
                @if work.items.is_empty() && work.stopped {
                } @else if work.items.is_empty() {
                    (nothing(&address, &page))
                } @else {
                    (bulk::replace(&work, preview.as_ref(), &address, place, &page))
                    @if address.grid {
                        (grid::grid(&work, rows, &address, place, &page))
                    } @else {
                        (list::list(&work, rows, &address, place, &page))
                        (bulk::bar(rows, &address, place))
                    }
                }
            }
        }
    })
}

/// Rows that an act left as they are, by what their files call them.
async fn named(
    backend: &dyn Backend,
    workspace: &WorkspaceId,
    search: &str,
) -> BTreeMap<RowPlace, String> {
    let mut res = BTreeMap::new();
    for at in stale(search) {
        let row = backend.exception(workspace, &at.run, at.record).await;
        let run = backend.run(workspace, &at.run).await;
        // Without a name it is named by its number.
        if let (Ok(row), Ok(run)) = (row, run) {
            let line = format::line_named(row.found.line, row.found.sheet_row.as_ref());
            let file = run.summary.file_name;
            res.insert(at, t!("{line} of {file}", line = line, file = file));
        }
    }
    res
}

/// Names of the files that the address names.
struct Files {
    one: Option<String>,
    between: Option<[String; 2]>,
}

/// Leads to the list for which the most is proposed.
fn proposed(synonyms: &[ProposedSynonym], place: &Place) -> Markup {
    let Some(first) = synonyms.first() else {
        return html! {};
    };
    let more = u64::try_from(synonyms.len() - 1).unwrap_or(u64::MAX);
    html! {
        p class="synonym-hint" {
            (Icon::Sample) " " (phrase!("{was} was corrected to {text} {times}", was = html! { code { (first.synonym) } }, text = html! { strong { (first.value) } }, times = format::counted(first.times, t!("time"), t!("times"))))
            @if more > 0 { (phrase!(", and {more} as often", more = format::counted(more, t!("other text"), t!("other texts")))) }
            ". " (phrase!("{link}, and it is read right by itself.", link = html! { a href={ (place.list(&first.contract, &first.list)) "#proposed" } {
                (t!("Make it a synonym"))
            } }))
        }
    }
}

/// A product may be named by its SKU.
fn of_sku(address: WorkAddress, skus: &BTreeMap<String, String>) -> WorkAddress {
    let named = address.product.as_ref();
    let product = named.and_then(|named| {
        let found = skus.iter().find(|(_, sku)| *sku == named);
        found.map(|(product, _)| product.clone())
    });
    WorkAddress {
        product: product.or(address.product),
        ..address
    }
}

/// Of the form; what else stands in the address goes along with it.
const FIELDS: [&str; 10] = [
    "period",
    "against",
    "from",
    "to",
    "region",
    "product_category",
    "product",
    "run",
    "who",
    "q",
];

/// What came of looking for a text, or for rows that fail in a column.
fn looked(work: &WorkList, address: &WorkAddress, page: &str) -> Markup {
    let found = u64::try_from(work.items.len()).unwrap_or(u64::MAX);
    let on = address.first().after(work.next.clone());
    let (one, many, text) = match (&address.text, &address.column) {
        (None, Some(column)) => (
            t!("exception fails in"),
            t!("exceptions fail in"),
            column.as_str(),
        ),
        (text, _) => {
            let text = text.as_deref().unwrap_or_default();
            (t!("exception says"), t!("exceptions say"), text)
        }
    };
    let say = format::counted(found, one, many);
    let text = html! { strong { (text) } };
    let more = found > 0 && work.next.is_some() && !work.stopped;
    html! {
        p class="sentence" id="comes-to" {
            @match (more, address.after.is_some()) {
                (false, false) => (phrase!("{say} {text}.", say = say, text = text)),
                (false, true) => (phrase!("{say} {text}, further on.", say = say, text = text)),
                (true, false) => (phrase!("More than {say} {text}.", say = say, text = text)),
                (true, true) => (phrase!("More than {say} {text}, further on.", say = say, text = text)),
            }
        }
        @if work.stopped {
            p class="quiet" {
                (phrase!("Not all exceptions were looked at for this page. {link}, or narrow the filter.", link = html! { a href=(on.href(page)) data-noscroll { (t!("Go on looking")) } }))
            }
        }
    }
}

/// What came in the period, whatever became of it since, beside what came before it.
fn came(
    now: &ExceptionOverview,
    before: &ExceptionOverview,
    span: Span,
    (address, page): (&WorkAddress, &str),
) -> Markup {
    let numbers = format::numbers();
    let all = |it: &ExceptionOverview| {
        let sums = it.by_state.iter().map(|it| it.sum);
        let read: Option<u64> = it.trend.iter().map(|it| it.rows_read).sum();
        let rows: u64 = sums.clone().map(|it| it.rows).sum();
        let money: i128 = sums.map(|it| it.money.0).sum();
        (rows, Money(money), read)
    };
    let ((rows, money, read), (rows_then, money_then, read_then)) = (all(now), all(before));
    let share = |it: Option<Ratio>| it.map_or_else(|| "–".to_owned(), format::percent);
    let parts = |it: Ratio| i128::from(it.millionths());
    let changed = |change: Change| Some(change.of_ills());
    let them = WorkAddress {
        show: Show::All,
        ..address.first()
    };
    let before = WorkAddress {
        period: Period::Custom(Some(span.from), Some(span.to)),
        ..them.clone()
    };
    let [them, before] = [them, before].map(|it| format!("{}#list", it.href(page)));
    let mut figures = vec![
        KeyFigure {
            name: t!("Exceptions that came"),
            value: format::count(rows),
            exact: None,
            href: Some(them.clone()),
            change: changed(Change::new(
                rows.into(),
                rows_then.into(),
                format::count(rows_then),
            )),
            before: Some(before.clone()),
        },
        KeyFigure {
            name: t!("Their money"),
            value: numbers.short(money),
            exact: Some(numbers.full(money)),
            href: Some(them.clone()),
            change: changed(Change::of_money(money, money_then, numbers)),
            before: Some(before.clone()),
        },
    ];
    // How many rows of a product were read is not known.
    if let Some((read, read_then)) = read.zip(read_then) {
        let (rate, rate_then) = (Ratio::of(rows, read), Ratio::of(rows_then, read_then));
        figures.push(KeyFigure {
            name: t!("Of the rows read"),
            value: share(rate),
            exact: None,
            href: Some(them),
            change: rate.zip(rate_then).and_then(|(now, then)| {
                changed(Change::new(parts(now), parts(then), format::percent(then)))
            }),
            before: Some(before),
        });
    }
    html! {
        (key_figures(&figures))
        p class="quiet shown-days" {
            (phrase!("Whatever became of them since; compared with {to}.", to = days(&span.from.to_string(), &span.to.to_string())))
        }
    }
}

/// Beside the page's name in the rail.
pub(crate) fn open(rows: u64) -> Markup {
    html! {
        @if rows > 0 {
            span class="open-count" {
                span class="whole" { (format::count(rows)) }
                // Where there is no room for more.
                span class="brief" aria-hidden="true" { @if rows > 999 { "999+" } @else { (rows) } }
                span class="hidden" { " " (t!("open")) }
            }
        }
    }
}

/// So many steps that they can be told apart.
fn usual_step(filter: &ExceptionFilter) -> TrendStep {
    let day = |it: &Option<String>| it.as_ref()?.parse::<NaiveDate>().ok();
    match (day(&filter.from), day(&filter.to)) {
        (Some(from), Some(to)) if (to - from).num_days() <= 31 => TrendStep::Day,
        (Some(from), Some(to)) if (to - from).num_days() <= 180 => TrendStep::Week,
        _ => TrendStep::Month,
    }
}

fn empty(place: &Place) -> Markup {
    html! {
        section class="notice empty" {
            p { (t!("There are no exceptions. Rows that fail a control come here, whole and explained.")) }
            p { a class="button main" href=(place.href(Page::Check)) { (t!("Check a file")) } }
        }
    }
}

fn nothing(address: &WorkAddress, page: &str) -> Markup {
    let all = WorkAddress {
        show: Show::All,
        ..WorkAddress::default()
    };
    html! {
        section class="notice empty" {
            @if address.after.is_some() {
                p { (Icon::Met) " " (t!("That was the last one.")) }
                p { a class="button main" href=(address.first().href(page)) { (t!("To the beginning of the list")) } }
            } @else if address.show == Show::Open && !address.narrows() {
                p { (Icon::Met) " " (t!("Nothing is open: every exception has been dealt with.")) }
                p { a class="button" href=(all.href(page)) { (t!("Show all exceptions")) } }
            } @else {
                p { (t!("No exception answers this filter.")) }
                p { a class="button" href=(WorkAddress::default().href(page)) { (t!("Clear the filter")) } }
            }
        }
    }
}

/// `is_summed` is whether the overview's sums are those of the filter.
fn filters(
    overview: &ExceptionOverview,
    is_summed: bool,
    address: &WorkAddress,
    files: &Files,
    (choices, skus): (&Choices, &BTreeMap<String, String>),
    page: &str,
) -> Markup {
    let of = |groups: &[ExceptionGroup], sold: &[String]| {
        let labels = groups.iter().map(|it| it.label.clone());
        let all: BTreeSet<String> = labels.chain(sold.iter().cloned()).collect();
        // What rows do not say comes last.
        let known = all.into_iter().filter(|it| !it.is_empty());
        known.chain([String::new()]).collect::<Vec<_>>()
    };
    let categories = of(&overview.by_product_category, &choices.categories);
    let categories: Vec<_> = categories
        .iter()
        .map(|it| (said(it), sold_title(it).to_owned()))
        .collect();
    let regions = choices.regions.iter().map(String::as_str).chain([""]);
    let regions: Vec<_> = regions
        .map(|it| (said(it), region_title(it).to_owned()))
        .collect();
    let products = of(&overview.by_product, &[]);
    let products: Vec<_> = products
        .iter()
        .map(|it| {
            let title = match skus.get(it) {
                Some(sku) => format!("{it} ({sku})"),
                None => sold_title(it).to_owned(),
            };
            (said(it), title)
        })
        .collect();
    let chosen = |it: &Option<String>| it.as_deref().map(said);
    let rows = |show: Show| {
        let states = show.states();
        let wanted =
            |label: &str| states.is_empty() || states.iter().any(|it| it.as_str() == label);
        let groups = overview.by_state.iter().filter(|it| wanted(&it.label));
        groups.map(|it| it.sum.rows).sum::<u64>()
    };
    html! {
        nav class="standing" aria-label=(t!("Where they stand")) {
            ul class="switch" {
                @for show in address.show.offered() {
                    @let to = WorkAddress { show, ..address.first() };
                    li {
                        a href=(to.href(page)) data-noscroll aria-current=[(show == address.show).then_some("true")] {
                            (show.title())
                            @if is_summed { " " span class="quiet" { (format::count(rows(show))) } }
                        }
                    }
                }
            }
        }
        (narrowed(address, files, page))
        form class="filters narrowing" method="get" action=(page) data-filters aria-label=(t!("Narrow the list")) {
            @for (key, value) in address.first().pairs() {
                @if !FIELDS.contains(&key) { input type="hidden" name=(key) value=(value); }
            }
            (filter_bar::period(t!("Came"), &Filters::of_days(address.period, address.against)))
            (filter_bar::against(address.against))
            (select("region", t!("Region"), t!("All regions"), &regions, chosen(&address.region)))
            (select("product_category", t!("Product category"), t!("All product categories"), &categories,
                chosen(&address.product_category)))
            (select("product", t!("Product"), t!("All products"), &products, chosen(&address.product)))
            (filter_bar::runs(choices, address.run.as_ref()))
            label {
                span { (t!("Assigned to")) }
                input type="text" name="who" autocomplete="off" placeholder=(t!("anybody")) value=[address.assignee.as_ref()];
            }
            label {
                span { (t!("Search")) }
                input type="search" name="q" autocomplete="off" maxlength=(LONGEST)
                    placeholder=(t!("in the row, its key, its file")) value=[address.text.as_ref()];
            }
            button type="submit" class="button" { (t!("Apply")) }
        }
    }
}

fn select(
    name: &str,
    title: &str,
    all: &str,
    list: &[(String, String)],
    chosen: Option<String>,
) -> Markup {
    let list: Vec<_> = list
        .iter()
        .map(|(it, title)| (it.as_str(), title.as_str()))
        .collect();
    filter_bar::select_named(name, title, all, &list, chosen.as_deref())
}

/// What the list is narrowed to, each with a way back.
fn narrowed(address: &WorkAddress, files: &Files, page: &str) -> Markup {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut only = |title: String, take_away: fn(&mut WorkAddress)| {
        let mut without = address.first();
        take_away(&mut without);
        all.push((title, without.href(page)));
    };
    if let Some(title) = filter_bar::came_in(address.period) {
        only(title, |it| it.period = Period::AllTime);
    }
    if let Some(category) = address.category {
        only(category.title().to_owned(), |it| it.category = None);
    }
    if let Some(code) = &address.code {
        only(t!("Control {code}", code = code), |it| it.code = None);
    }
    if let Some(column) = &address.column {
        only(t!("Fails in {column}", column = column), |it| {
            it.column = None;
        });
    }
    if let Some(region) = &address.region {
        only(region_title(region).to_owned(), |it| it.region = None);
    }
    if let Some(category) = &address.product_category {
        let title = match category.as_str() {
            "" => t!("Product category not known"),
            known => known,
        };
        only(title.to_owned(), |it| it.product_category = None);
    }
    if let Some(product) = &address.product {
        let title = match product.as_str() {
            "" => t!("Product not known"),
            known => known,
        };
        only(title.to_owned(), |it| it.product = None);
    }
    if let Some(stage) = address.stage {
        let title = match stage {
            FoundBy::Validate => t!("From the file alone"),
            FoundBy::Load => t!("Key held by the ledger"),
        };
        only(title.to_owned(), |it| it.stage = None);
    }
    if let Some(assignee) = &address.assignee {
        only(t!("Assigned to {assignee}", assignee = assignee), |it| {
            it.assignee = None;
        });
    }
    if let Some(text) = &address.text {
        only(t!("Says \"{text}\"", text = text), |it| it.text = None);
    }
    if let Some(file_name) = &files.one {
        only(t!("File {file_name}", file_name = file_name), |it| {
            it.run = None;
        });
    }
    if let Some([first, last]) = &files.between {
        only(
            t!("Files {first} to {last}", first = first, last = last),
            |it| {
                it.between = None;
            },
        );
    }
    let clear = WorkAddress {
        show: address.show,
        sort: address.sort,
        grid: address.grid,
        ..WorkAddress::default()
    };
    filter_bar::chips(&all, &clear.href(page))
}
