//! The page of quality, rendered: scores and rates over runs against their goals, controls and what they bring about
//! (`controls`), and two runs side by side (`compare`).

use super::{
    changes::{changes, points},
    compare::compare,
    controls::{self, Told},
};
use crate::parts::phrase::phrase;
use crate::{
    backend::{Backend, BackendError},
    calendar::{Period, Span},
    clock::time,
    exceptions::address::WorkAddress,
    filters::{Filters, joined, query},
    format,
    icons::Icon,
    parts::{
        chart,
        filter_bar::{self, span as days},
        goals::asked,
        words::{link, run_state, state},
    },
    place::{Page, Place},
};
use charts::{Amount, Limit, Point, line as line_chart};
use maud::{Markup, html};
use model::t;
use model::{
    id::RunId,
    money::Numbers,
    quality::{NewUnknowns, QualityFilter, QualityReport, RunQuality, UnknownValue},
    ratio::Ratio,
    sales::Choices,
    verdict::Threshold,
};

/// Runs that the page rests on.
const RUNS: u32 = 60;

pub(crate) async fn page(
    backend: &dyn Backend,
    place: &Place,
    search: &str,
) -> Result<Markup, BackendError> {
    let query = query(search);
    let all = Filters::parse(search);
    let filters = Filters {
        sku: None,
        step: None,
        ..all
    };
    let calendar = backend.calendar();
    let (from, to) = calendar.days(filters.period);
    let filter = QualityFilter {
        from: from.map(|it| it.to_string()),
        to: to.map(|it| it.to_string()),
        run: filters.run.clone(),
        region: filters.region.clone(),
        product: filters.product.clone(),
        product_category: filters.category.clone(),
    };
    let run = |key: &str| query.get(key).and_then(|it| RunId::try_from(it).ok());
    let before = run("before");
    let workspace = &place.workspace;
    let days = (filter.from.as_deref(), filter.to.as_deref());
    let report = backend
        .quality(workspace, &filter, before.as_ref(), RUNS)
        .await?;
    // Figures of some of the files only are compared with nothing, and lead to the rows of these files.
    let is_all = report.next.is_none() && before.is_none();
    let compared = calendar.compared(filters.period, filters.against);
    let compared = compared.filter(|_| is_all && filters.run.is_none());
    let earlier = match compared {
        Some(span) => {
            let filter = QualityFilter {
                from: Some(span.from.to_string()),
                to: Some(span.to.to_string()),
                ..filter.clone()
            };
            let earlier = backend.quality(workspace, &filter, None, RUNS);
            Some((span, earlier.await?)).filter(|(_, it)| it.next.is_none())
        }
        None => None,
    };
    let page = place.href(Page::Quality);
    if report.runs.is_empty() && !filters.any() && before.is_none() {
        return Ok(empty(place));
    }
    let catalogue = backend.catalogue().await?;
    let choices = Choices {
        products: backend.skus(workspace).await?.into_keys().collect(),
        ..backend.choices(workspace).await?
    };
    let newest = match report.runs.first() {
        Some(it) => Some(backend.run(workspace, &it.id).await?),
        None => None,
    };
    let goals: &[Threshold] = newest
        .as_ref()
        .and_then(|it| it.verdict.as_ref())
        .map_or(&[], |it| &it.thresholds);
    let since = if filter.is_of_files() && filters.run.is_none() {
        let chosen = query.get("contract");
        since(backend, place, days, chosen.as_deref(), &filters).await?
    } else {
        html! {}
    };
    let two = match (run("a"), run("b")) {
        (Some(a), Some(b)) => Some((
            backend.run(workspace, &a).await?,
            backend.run(workspace, &b).await?,
        )),
        _ => None,
    };
    let file_name = match &filters.run {
        Some(run) => Some(backend.run(workspace, run).await?.summary.file_name),
        None => None,
    };
    let told = Told {
        report: &report,
        newest: newest.as_ref(),
        catalogue: &catalogue,
        filters: &filters,
        place,
        between: match (report.runs.last(), report.runs.first()) {
            (Some(oldest), Some(newest)) if !is_all => Some([oldest.id.clone(), newest.id.clone()]),
            _ => None,
        },
    };
    Ok(html! {
        (which(&filters, &choices, &page))
        (narrowed(&filters, file_name.as_deref(), &page))
        @if report.runs.is_empty() {
            section class="notice empty" {
                p {
                    @match filters.said() {
                        Some(what) if filter.is_of_products() => { (phrase!("No file has exceptions that say {what} here.", what = what)) }
                        Some(what) => { (phrase!("No file that was loaded has rows of {region} here.", region = what)) }
                        None => (t!("No file came in these days.")),
                    }
                }
                p { a class="button" href=(page) { (t!("Show all")) } }
            }
        } @else {
            @if let Some(what) = filters.said() {
                p class="quiet shown-days" {
                    @if filter.is_of_products() {
                        (phrase!("Exceptions that say {what}, of files that count. How many rows of a product were read is not known, so that there is neither a rate nor a score.", what = what))
                    } @else {
                        (phrase!("Rows that say {region}, of files that were loaded. A score is known of whole files alone.", region = what))
                    }
                }
            }
            (since)
            (figures(&told, goals, earlier.as_ref(), filter.is_of_files()))
            (over_time(&report, goals, place, format::numbers(), &filters))
            (runs(&told, goals, &page))
            @if filter.is_of_files() {
                (controls::judged(&told))
                div class="columns" {
                    (controls::dimensions(&report))
                    (controls::columns(&told))
                }
                (compare(&told, two.as_ref(), &page))
            } @else {
                (controls::found(&told))
            }
        }
    })
}

fn empty(place: &Place) -> Markup {
    html! {
        section class="notice empty" {
            p { (t!("No file has been judged yet. Submit one; how well it passes is shown here, and compared with the next.")) }
            p { a class="button main" href=(place.href(Page::Check)) { (t!("Check a file")) } }
        }
    }
}

fn which(filters: &Filters, choices: &Choices, page: &str) -> Markup {
    let select = filter_bar::select;
    html! {
        form class="filters" method="get" action=(page) data-filters aria-label=(t!("Which files")) {
            (filter_bar::period(t!("Came"), filters))
            (filter_bar::against(filters.against))
            (select("region", t!("Region"), t!("All regions"), &choices.regions, filters.region.as_deref()))
            (select("category", t!("Category"), t!("All categories"), &choices.categories, filters.category.as_deref()))
            (select("product", t!("Product"), t!("All products"), &choices.products, filters.product.as_deref()))
            (filter_bar::runs(choices, filters.run.as_ref()))
            button type="submit" class="button" { (t!("Apply")) }
        }
    }
}

/// What the page is narrowed to, each with a way back.
fn narrowed(filters: &Filters, file_name: Option<&str>, page: &str) -> Markup {
    let only = |title: Option<String>, take_away: fn(&mut Filters)| {
        let mut without = filters.clone();
        take_away(&mut without);
        Some((title?, without.href(page)))
    };
    let file = file_name.map(|it| t!("File {file_name}", file_name = it));
    let all = [
        only(filter_bar::came_in(filters.period), |it| {
            it.period = Period::AllTime;
        }),
        only(filters.region.clone(), |it| it.region = None),
        only(filters.category.clone(), |it| it.category = None),
        only(filters.product.clone(), |it| it.product = None),
        only(file, |it| it.run = None),
    ];
    let all: Vec<_> = all.into_iter().flatten().collect();
    filter_bar::chips(&all, page)
}

/// What the newest file of a contract changed: of the contract that the address names, or of the newest file's.
async fn since(
    backend: &dyn Backend,
    place: &Place,
    days: (Option<&str>, Option<&str>),
    chosen: Option<&str>,
    filters: &Filters,
) -> Result<Markup, BackendError> {
    let workspace = &place.workspace;
    let pairs = backend.contract_pairs(workspace, days).await?;
    let named = pairs.iter().find(|it| chosen == Some(it.contract.as_str()));
    let Some(pair) = named.or(pairs.first()) else {
        return Ok(html! {});
    };
    let now = backend.run(workspace, &pair.now).await?;
    let before = backend.run(workspace, &pair.before).await?;
    let sentences = changes(&before, &now, place);
    let unknown = backend
        .new_unknowns(workspace, &pair.before, &pair.now)
        .await?;
    let page = place.href(Page::Quality);
    let to = |contract: &str| {
        let mut pairs = filters.pairs();
        pairs.push(("contract", contract.to_owned()));
        joined(&page, &pairs)
    };
    Ok(html! {
        section aria-labelledby="since" {
            h2 id="since" { (t!("What changed since last time")) }
            @if pairs.len() > 1 {
                nav class="choices" aria-label=(t!("Of which contract")) {
                    ul class="switch" {
                        @for it in &pairs {
                            li {
                                a href=(to(&it.contract)) data-noscroll
                                    aria-current=[(it.contract == pair.contract).then_some("true")] { (it.contract) }
                            }
                        }
                    }
                }
            }
            @for (at, it) in sentences.iter().enumerate() {
                p class=[(at == 0).then_some("sentence")] { (it) }
            }
            (unknowns(&unknown, &pair.now, place))
        }
    })
}

/// New values of one file that are shown before the others are folded away.
const SHOWN: usize = 12;

/// Values that no list knows and that the file before did not have, each with its rows.
fn unknowns(new: &NewUnknowns, run: &RunId, place: &Place) -> Markup {
    let (shown, folded) = new.values.split_at(new.values.len().min(SHOWN));
    let line = |it: &UnknownValue| {
        // Only some columns narrow the ledger.
        let column = match it.column.as_str() {
            "region" => Some("region"),
            "category" => Some("category"),
            "product" => Some("product"),
            _ => None,
        };
        let mut pairs = vec![("run", run.to_string())];
        pairs.extend(column.map(|column| (column, it.value.clone())));
        let rows = joined(&place.rows(), &pairs);
        let work = WorkAddress {
            text: Some(it.value.clone()),
            ..WorkAddress::of_run(run.clone())
        };
        html! {
            li {
                (phrase!("{value} in {column}:", value = html! { code { (it.value) } }, column = it.column)) " "
                @if it.exceptions > 0 {
                    a href=(work.href(&place.href(Page::Exceptions))) {
                        (format::counted(it.exceptions, t!("exception"), t!("exceptions")))
                    }
                }
                @if it.exceptions > 0 && it.accepted > 0 { ", " }
                @if it.accepted > 0 { a href=(rows) { (phrase!("{accepted} in the ledger", accepted = format::rows(it.accepted))) } }
            }
        }
    };
    html! {
        @if !new.values.is_empty() {
            p { (t!("Values that no list knows, and that the file before did not have:")) }
            ul class="unknown-values" { @for it in shown { (line(it)) } }
            @if !folded.is_empty() {
                details {
                    summary { (phrase!("and {folded} more", folded = format::count(u64::try_from(folded.len()).unwrap_or(u64::MAX)))) }
                    ul class="unknown-values" { @for it in folded { (line(it)) } }
                }
            }
        }
        @if new.is_part {
            p class="quiet" { (t!("Only the first 20,000 rows of a file that say such values were looked at.")) }
        }
    }
}

/// Whether a value meets the goal of this name, and how the goal reads.
fn goal<'g>(
    goals: &'g [Threshold],
    name: &str,
    value: Option<Ratio>,
) -> Option<(&'g Threshold, bool)> {
    let goal = goals.iter().find(|it| it.name == name)?;
    let met = value.is_some_and(|value| match goal.relation.as_str() {
        ">" => value > goal.bound,
        _ => value < goal.bound,
    });
    Some((goal, met))
}

fn met(is: bool) -> Markup {
    if is {
        state("accepted", Icon::Met, t!("met"))
    } else {
        state("exception", Icon::Error, t!("not met"))
    }
}

/// `earlier` is what they were in the days that they are compared with.
fn figures(
    told: &Told<'_>,
    goals: &[Threshold],
    earlier: Option<&(Span, QualityReport)>,
    of_files: bool,
) -> Markup {
    let report = told.report;
    let figure = |title: &str, name: &str, to: &str, of: fn(&QualityReport) -> Option<Ratio>| {
        let (value, then) = (of(report), earlier.and_then(|(_, it)| of(it)));
        html! {
            div class="goal" {
                dt { (title) }
                dd {
                    strong class="key" {
                        @match value {
                            Some(it) => a href=(to) { (format::percent(it)) },
                            None => "–",
                        }
                    }
                    @if let Some((goal, is_met)) = goal(goals, name, value) {
                        " " span class="quiet" { (asked(goal)) } " "
                        (met(is_met))
                    }
                    @if let Some((now, then)) = value.zip(then) {
                        span class="below" { (phrase!("{now}: {then} before", now = points(then, now), then = format::percent(then))) }
                    }
                }
            }
        }
    };
    let files = |it: &QualityReport| {
        let many = u64::try_from(it.runs.len()).unwrap_or(u64::MAX);
        format::counted(many, t!("file"), t!("files"))
    };
    let uncounted = told.uncounted();
    let exceptions =
        |it: &QualityReport| format::counted(it.exceptions, t!("exception"), t!("exceptions"));
    html! {
        dl class="goals" {
            @if of_files {
                (figure(t!("Quality score"), "quality_score", "#by-control", |it| it.quality_score))
            }
            @if report.rows_read.is_some() {
                (figure(t!("Exception rate"), "exception_rate", "#runs", |it| it.exception_rate))
            }
            div class="goal" {
                dt { (t!("Rests on")) }
                dd {
                    strong class="key" { a href="#runs" { (files(report)) } }
                    " " span class="quiet" {
                        @if let Some(read) = report.rows_read { (format::rows(read)) ", " }
                        (link(told.all_exceptions().as_deref(), &exceptions(report)))
                        @if uncounted > 0 {
                            ", " (phrase!("of them {exceptions} in files that do not count", exceptions = format::count(uncounted)))
                        }
                    }
                    @if let Some((span, it)) = earlier {
                        @let period = Period::Custom(Some(span.from), Some(span.to));
                        @let then = Filters { period, ..told.filters.clone() }.href(&told.place.href(Page::Quality));
                        @let then = (!it.runs.is_empty()).then_some(then.as_str());
                        @let runs = link(then, &files(it));
                        @let span = days(&span.from.to_string(), &span.to.to_string());
                        span class="below" {
                            @match it.rows_read.filter(|_| report.rows_read.is_some()) {
                                Some(read) => (phrase!("{runs}, {rows_read}, {exceptions} in {to}", runs = runs, rows_read = format::rows(read), exceptions = exceptions(it), to = span)),
                                None => (phrase!("{runs}, {exceptions} in {to}", runs = runs, exceptions = exceptions(it), to = span)),
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Score and rate, file by file, against their goals.
fn over_time(
    report: &QualityReport,
    goals: &[Threshold],
    place: &Place,
    numbers: Numbers,
    filters: &Filters,
) -> Markup {
    let figure = |title: &str, name: &str, of: fn(&RunQuality) -> Option<Ratio>| {
        let mut before = String::new();
        let points: Vec<Point> = report
            .runs
            .iter()
            .rev()
            .map(|it| {
                let day = format::day_at(&it.created_at);
                // Files of one day stand above one word.
                let begins = before != day;
                before.clone_from(&day);
                let value = of(it);
                Point {
                    name: format!("{}, {day}", it.file_name),
                    text: value.map_or_else(|| t!("no figure").to_owned(), format::percent),
                    amount: value.map(Amount::Share),
                    part: false,
                    average: None,
                    tick: begins.then_some(day),
                    href: Some(place.run(&it.id)),
                }
            })
            .collect();
        let limit = goals.iter().find(|it| it.name == name);
        let limit = limit.map(|it| Limit {
            amount: Amount::Share(it.bound),
            text: asked(it),
        });
        let lines: Vec<_> = points
            .iter()
            .rev()
            .map(|it| vec![it.name.clone(), it.text.clone()])
            .collect();
        let leads: Vec<_> = points.iter().rev().map(|it| it.href.clone()).collect();
        chart::figure(
            title,
            line_chart(title, &points, limit.as_ref(), numbers),
            &[t!("File"), t!("Value")],
            (&lines, &leads),
        )
    };
    html! {
        @if report.runs.len() > 1 && report.rows_read.is_some() {
            section aria-labelledby="charts" {
                h2 id="charts" { (t!("Over time")) }
                div class="charts" {
                    (figure(t!("Exception rate of each file"), "exception_rate", |it| it.exception_rate))
                    @if filters.said().is_none() {
                        (figure(t!("Quality score of each file"), "quality_score", |it| it.quality_score))
                    }
                }
            }
        }
    }
}

fn runs(told: &Told<'_>, goals: &[Threshold], page: &str) -> Markup {
    let (report, filters) = (told.report, told.filters);
    let whole = filters.said().is_none();
    let has_rate = report.rows_read.is_some();
    html! {
        section aria-labelledby="runs" {
            h2 id="runs" { (t!("Files")) }
            div class="wide" tabindex="0" role="region" aria-label=(t!("Files over time")) {
                table class="quality-runs" {
                    thead {
                        tr {
                            th scope="col" { (t!("File")) }
                            th scope="col" { (t!("Came")) }
                            th scope="col" { (t!("Status")) }
                            @if whole {
                                th scope="col" class="number" { (t!("Score")) }
                                th scope="col" { (t!("Goal")) }
                            } @else if has_rate {
                                th scope="col" class="number" { (t!("Rows")) }
                            }
                            th scope="col" class="number" { (t!("Exceptions")) }
                            @if has_rate {
                                th scope="col" class="number" { (t!("Rate")) }
                                th scope="col" { (t!("Goal")) }
                                th scope="col" { span class="hidden" { (t!("Rate, as a bar")) } }
                            }
                        }
                    }
                    tbody { @for it in &report.runs { (run(it, goals, told)) } }
                }
            }
            @if let Some(next) = &report.next {
                nav class="paging" aria-label=(t!("Older files")) {
                    a class="button" href=(older(filters, page, next)) { (Icon::Next) (t!("Older")) }
                }
            }
        }
    }
}

fn older(filters: &Filters, page: &str, next: &RunId) -> String {
    let here = filters.href(page);
    let sign = if here.contains('?') { '&' } else { '?' };
    format!("{here}{sign}before={next}")
}

fn run(it: &RunQuality, goals: &[Threshold], told: &Told<'_>) -> Markup {
    let work = WorkAddress {
        run: Some(it.id.clone()),
        period: Period::AllTime,
        ..told.filters.exceptions()
    };
    let work = work.href(&told.place.exceptions());
    let page = told.place.run(&it.id);
    let share = |it: Option<Ratio>, to: Option<&str>| match it {
        Some(it) => link(to, &format::percent(it)),
        None => html! { "–" },
    };
    let is_met = |name: &str, value: Option<Ratio>| goal(goals, name, value).map(|it| met(it.1));
    let rate = it.exception_rate.map_or(0, Ratio::millionths);
    html! {
        tr {
            th scope="row" { a href=(page) { (it.file_name) } }
            td class="when" { (time(&it.created_at)) }
            td { (run_state(it.status, it.withdrawn.as_ref())) }
            @if told.filters.said().is_none() {
                td class="number" { (share(it.quality_score, Some(&format!("{page}#all-controls")))) }
                td { @if let Some(it) = is_met("quality_score", it.quality_score) { (it) } }
            } @else if let Some(read) = it.rows_read {
                td class="number" { a href=(page) { (format::count(read)) } }
            }
            td class="number" {
                @if it.exceptions > 0 { a href=(&work) { (format::count(it.exceptions)) } } @else { "0" }
            }
            @if it.rows_read.is_some() {
                td class="number" { (share(it.exception_rate, (it.exceptions > 0).then_some(work.as_str()))) }
                td { @if let Some(it) = is_met("exception_rate", it.exception_rate) { (it) } }
                td class="bar" { (bar(u64::from(rate), 1_000_000, "exception")) }
            }
        }
    }
}

pub(super) fn bar(part: u64, whole: u64, class: &str) -> Markup {
    html! {
        svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
            rect class="all" width="1000" height="10" {}
            rect class=(class) width=(format::per_mille(part, whole)) height="10" {}
        }
    }
}
