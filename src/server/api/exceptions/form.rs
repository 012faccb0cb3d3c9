//! `POST /exceptions`: the plain forms of the pages about exceptions, which need no scripts. They are about one, or about
//! those that were chosen or answer the list's filter.

use crate::{
    api::extract::workspace,
    backend::Pages,
    exception::{Act, Corrected, Done, Edit, Exceptions, MOST_OF_FILTER, Picked, Settlement, Who},
    problem::Problem,
};
use app::{
    backend::Backend,
    exceptions::address::{WorkAddress, place, place_text},
    place::{Page, Place},
    refused::Back,
};
use axum::{Form, http::StatusCode, response::Redirect};
use model::{
    exception::{ExceptionState, RowPlace, Standing},
    id::{RunId, WorkspaceId},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;

/// The most rows that an address names.
const NAMED: usize = 20;

/// Does what a form says, and sends the browser on: to the next exception of the list that it came from, or back.
pub async fn submit(
    pages: Pages,
    who: Who,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Redirect, Problem> {
    let picks: Vec<&str> = fields
        .iter()
        .filter_map(|(name, it)| (name == "pick").then_some(it.as_str()))
        .collect();
    let fields: BTreeMap<&str, &str> = fields
        .iter()
        .map(|(name, it)| (name.as_str(), it.as_str()))
        .collect();
    let field = |name: &str| fields.get(name).copied();
    let workspace = workspace(field("workspace").map(str::to_owned))?;
    let list = field("list").map(WorkAddress::parse);
    let run = field("run").and_then(|it| RunId::try_from(it.to_owned()).ok());
    let record = field("record").and_then(|it| it.parse().ok());
    let at = run
        .zip(record)
        .map(|(run, record)| RowPlace { run, record });
    let done = if field("act") == Some("correct-each") {
        grid(&pages, &workspace, list.as_ref(), &fields, &who).await
    } else {
        let about = (at.as_ref(), list.as_ref());
        acted(&pages, &workspace, about, &picks, &fields, &who).await
    };
    done.map_err(|problem| {
        if problem.leads_back() {
            return problem;
        }
        let here = Place::new(workspace);
        let list_page = here.href(Page::Exceptions);
        let reason = fields.get("reason").filter(|it| !it.trim().is_empty());
        problem.leading_back(Back {
            href: match (&at, &list) {
                (Some(at), list) => own_page(&here, at, list.as_ref()),
                (None, Some(list)) => list.href(&list_page),
                (None, None) => list_page,
            },
            typed: reason
                .map(|it| ("Reason".to_owned(), (*it).to_owned()))
                .into_iter()
                .collect(),
            ..Back::default()
        })
    })
}

/// The page of an exception, opened from a list or from elsewhere.
fn own_page(here: &Place, at: &RowPlace, list: Option<&WorkAddress>) -> String {
    let own = here.exception(&at.run, at.record);
    match list {
        Some(list) => joined(&own, &[("list", list.search())]),
        None => own,
    }
}

/// One act, on one exception or on many.
async fn acted(
    pages: &Pages,
    workspace: &WorkspaceId,
    (at, list): (Option<&RowPlace>, Option<&WorkAddress>),
    picks: &[&str],
    fields: &BTreeMap<&str, &str>,
    who: &Who,
) -> Result<Redirect, Problem> {
    let field = |name: &str| fields.get(name).copied();
    let number = |name: &str| field(name)?.parse::<u64>().ok();
    let act = act(fields)?;
    super::said(&act)?;
    let form = Sent {
        pages,
        workspace,
        act: &act,
        who,
        word: match &act {
            Act::Assign { assignee: None } => "unassign",
            _ => field("act").unwrap_or_default(),
        },
    };
    match (at, number("version"), list) {
        (Some(at), Some(version), list) => {
            let stays = field("stay") == Some("list");
            form.one(at, version, list, stays).await
        }
        (None, None, Some(list)) if field("all").is_some() => form.all(number("shown"), list).await,
        (None, None, Some(list)) => form.many(seen(picks)?, list).await,
        _ => Err(Problem::invalid(
            "The form does not say which exceptions it is about.",
        )),
    }
}

/// All cells of the list as a grid; those that say what they said are left as they are.
async fn grid(
    pages: &Pages,
    workspace: &WorkspaceId,
    list: Option<&WorkAddress>,
    fields: &BTreeMap<&str, &str>,
    who: &Who,
) -> Result<Redirect, Problem> {
    let wrong = || Problem::invalid("The form names a cell that does not exist.");
    let mut rows: BTreeMap<RowPlace, (u64, Edit)> = BTreeMap::new();
    for (name, text) in fields {
        let Some(cell) = name.strip_prefix("cell.") else {
            continue;
        };
        let mut parts = cell.splitn(4, '.');
        let mut part = || parts.next().ok_or_else(wrong);
        let at = place(&format!("{}.{}", part()?, part()?)).ok_or_else(wrong)?;
        let version = part()?.parse().map_err(|_| wrong())?;
        let (_, edit) = rows.entry(at).or_insert((version, Edit::default()));
        let text = (*text).to_owned();
        edit.cells.insert(part()?.to_owned(), text);
    }
    let rows = rows.into_iter();
    let rows = rows.map(|(at, (version, edit))| Corrected { at, version, edit });
    let reason = fields.get("reason").map(|it| it.trim().to_owned());
    let reason = reason.filter(|it| !it.is_empty());
    super::short(reason.as_deref().unwrap_or_default())?;
    let mut done = super::corrected(pages, workspace, rows.collect(), reason, who).await?;
    done.left.remove("unchanged");
    let page = Place::new(workspace.clone()).href(Page::Exceptions);
    let list = list.map_or_else(|| page.clone(), |it| it.href(&page));
    let to = joined(&list, &outcome("correct", &done));
    Ok(Redirect::to(&to))
}

struct Sent<'a> {
    pages: &'a Pages,
    workspace: &'a WorkspaceId,
    act: &'a Act,
    who: &'a Who,
    /// The act, as the form names it.
    word: &'a str,
}

impl Sent<'_> {
    fn exceptions(&self) -> Exceptions<'_> {
        super::exceptions(self.pages)
    }

    async fn one(
        &self,
        at: &RowPlace,
        version: u64,
        list: Option<&WorkAddress>,
        stays: bool,
    ) -> Result<Redirect, Problem> {
        let picked = Picked::One {
            record: at.record,
            version,
        };
        let done = self
            .exceptions()
            .act(self.workspace, &at.run, &picked, self.act, self.who)
            .await;
        let here = Place::new(self.workspace.clone());
        let own = |at: &RowPlace| own_page(&here, at, list);
        let done = match done {
            Ok(done) => done,
            Err(error) => return Err(self.refused(at, error.into(), own(at)).await),
        };
        self.pages.server().runs.ring();
        let Some(list) = list else {
            return Ok(Redirect::to(&own(at)));
        };
        let outcome = self.outcome(&done);
        let page = here.href(Page::Exceptions);
        if stays {
            let to = joined(&list.href(&page), &outcome);
            return Ok(Redirect::to(&format!("{to}#row-{}", place_text(at))));
        }
        // Who is not done with a row sees it again.
        let stays_open = match self.act {
            Act::Comment { .. } | Act::Reopen { .. } => true,
            Act::Assign { .. } => false,
            _ => self.state(at).await?.standing() == Standing::Open,
        };
        if stays_open {
            return Ok(Redirect::to(&joined(&own(at), &outcome)));
        }
        let store = &self.pages.server().store;
        let after = (at.run.clone(), at.record);
        let (filter, order) = (list.filter(&self.pages.calendar()), list.order());
        let next = store.find_exceptions(self.workspace, &filter, order, Some(&after), 1);
        let to = match next.await?.rows.first() {
            Some(it) => own(&RowPlace {
                run: it.run.clone(),
                record: it.row.row.record,
            }),
            None => list.clone().after(Some(at.clone())).href(&page),
        };
        Ok(Redirect::to(&joined(&to, &outcome)))
    }

    /// An act that was not done leads back to its row as it stands now, and gives back what was typed.
    async fn refused(&self, at: &RowPlace, problem: Problem, own: String) -> Problem {
        let exceptions = self.exceptions();
        let now = exceptions.view(self.workspace, &at.run, at.record).await;
        let Ok(now) = now else {
            return problem;
        };
        let cells = match self.act {
            Act::Correct { edit, .. } => edit.row.as_deref().unwrap_or_default(),
            _ => &[],
        };
        let typed = now.header.into_iter().zip(cells).enumerate();
        let typed = typed.filter(|(place, (_, text))| now.cells.get(*place) != Some(text));
        let reason = self
            .act
            .reason()
            .map(|it| ("Reason".to_owned(), it.to_owned()));
        problem.leading_back(Back {
            href: own,
            typed: typed
                .map(|(_, (name, text))| (name, text.clone()))
                .chain(reason)
                .collect(),
            ..Back::default()
        })
    }

    async fn state(&self, at: &RowPlace) -> Result<ExceptionState, Problem> {
        let store = &self.pages.server().store;
        let rows = store
            .exceptions_at(self.workspace, &at.run, &[at.record])
            .await?;
        let row = rows.first();
        row.map(|it| it.state)
            .ok_or_else(|| Problem::not_found("exception"))
    }

    /// All that answer the list's filter, where they are as many as were shown: nobody decides on rows unseen.
    async fn all(&self, shown: Option<u64>, list: &WorkAddress) -> Result<Redirect, Problem> {
        let filter = list.filter(&self.pages.calendar());
        let found = self.exceptions().matching(self.workspace, &filter).await?;
        let picked = found.ok_or_else(|| {
            Problem::invalid(format!(
                "More than {MOST_OF_FILTER} exceptions answer this filter. Nothing was changed: narrow it, and do the act \
                 several times."
            ))
        })?;
        let rows = picked.iter().map(|(_, it)| it.rows()).sum();
        if let Some(shown) = shown.filter(|it| *it != rows) {
            return Err(other_number(shown, rows));
        }
        self.many(picked, list).await
    }

    async fn many(
        &self,
        picked: Vec<(RunId, Picked)>,
        list: &WorkAddress,
    ) -> Result<Redirect, Problem> {
        let exceptions = self.exceptions();
        let done = exceptions.act_on_runs(self.workspace, picked, self.act, self.who);
        let done = done.await?;
        self.pages.server().runs.ring();
        let page = Place::new(self.workspace.clone()).href(Page::Exceptions);
        Ok(Redirect::to(&joined(
            &list.href(&page),
            &self.outcome(&done),
        )))
    }

    fn outcome(&self, done: &Done) -> Vec<(&'static str, String)> {
        outcome(self.word, done)
    }
}

fn other_number(shown: u64, rows: u64) -> Problem {
    let since = if rows > shown {
        format!("{} more came since", rows - shown)
    } else {
        format!("{} fewer answer it now", shown - rows)
    };
    Problem::new(
        StatusCode::CONFLICT,
        "other-number",
        "This filter has other rows by now",
        format!(
            "{shown} rows of this filter were shown, and {since}. Nothing was changed: look at the list as it is now, and choose again."
        ),
    )
}

/// What came of an act, as the next page tells it.
fn outcome(word: &str, done: &Done) -> Vec<(&'static str, String)> {
    let left = done.left.iter().map(|(why, rows)| format!("{why}_{rows}"));
    let left: Vec<String> = left.collect();
    let stale: Vec<String> = done.stale.iter().take(NAMED).map(place_text).collect();
    let all = [
        ("did", word.to_owned()),
        ("changed", done.changed.to_string()),
        ("entered", done.entered.to_string()),
        ("left", left.join(".")),
        ("stale", stale.join(",")),
    ];
    all.into_iter().filter(|(_, it)| !it.is_empty()).collect()
}

/// Adds pairs to the query of an address.
fn joined(to: &str, pairs: &[(&'static str, String)]) -> String {
    let query = pairs
        .iter()
        .map(|(name, it)| format!("{name}={}", utf8_percent_encode(it, NON_ALPHANUMERIC)));
    let query: Vec<String> = query.collect();
    let sign = if to.contains('?') { '&' } else { '?' };
    format!("{to}{sign}{}", query.join("&"))
}

/// Rows as they were seen: `run_….17.2` is the second version of a run's record 17.
fn seen(picks: &[&str]) -> Result<Vec<(RunId, Picked)>, Problem> {
    let wrong = || Problem::invalid("The form names a row that does not exist.");
    let mut runs: BTreeMap<RunId, Vec<(u64, u64)>> = BTreeMap::new();
    for it in picks {
        let (row, version) = it.rsplit_once('.').ok_or_else(wrong)?;
        let row = place(row).ok_or_else(wrong)?;
        let version = version.parse().map_err(|_| wrong())?;
        runs.entry(row.run).or_default().push((row.record, version));
    }
    if runs.is_empty() {
        return Err(Problem::invalid(
            "No row is chosen. Nothing was changed: choose some, then say what to do with them.",
        ));
    }
    let picked = runs.into_iter().map(|(run, it)| (run, Picked::Seen(it)));
    Ok(picked.collect())
}

fn act(fields: &BTreeMap<&str, &str>) -> Result<Act, Problem> {
    let whole = |name: &str| fields.get(name).copied().unwrap_or_default().to_owned();
    let text = |name: &str| whole(name).trim().to_owned();
    let reason = text("reason");
    let some = |it: String| (!it.is_empty()).then_some(it);
    Ok(match text("act").as_str() {
        "correct" => {
            let cells = (0..).map_while(|at| fields.get(format!("cell-{at}").as_str()));
            let edit = Edit {
                row: Some(cells.map(|&it| it.to_owned()).collect()),
                ..Edit::default()
            };
            let reason = some(reason);
            Act::Correct { edit, reason }
        }
        "replace" => Act::Replace {
            column: whole("column"),
            from: whole("find"),
            to: whole("with"),
            reason: some(reason),
        },
        "waive" => Act::Waive { reason },
        "reject" => Act::Reject { reason },
        "assign" => Act::Assign {
            assignee: some(reason),
        },
        "comment" => Act::Comment { text: reason },
        "reopen" => Act::Reopen { reason },
        "replay" => Act::Replay,
        "settle" => Act::Settle {
            settlement: match text("settlement").as_str() {
                "take-place" => Settlement::TakePlace,
                _ => Settlement::KeepHolder,
            },
            reason,
            edit: Edit::default(),
        },
        _ => {
            return Err(Problem::invalid(
                "The form asks for something that nobody knows.",
            ));
        }
    })
}
