//! Which workspace an address belongs to, and the addresses of its pages.

use leptos::prelude::*;
use leptos_router::{
    PartialPathMatch, PathSegment, PossibleRouteMatch, hooks::use_location, location::Url,
};
use model::id::{RunId, WorkspaceId};
use model::t;

/// A workspace as the pages address it: the main one at `/…`, another at `/w/<name>/…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub workspace: WorkspaceId,
}

/// The pages that exist, in the order of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Check,
    Runs,
    Sales,
    Quality,
    Exceptions,
    Rows,
    Audit,
    Controls,
}

impl Page {
    pub const ALL: [Self; 8] = [
        Self::Check,
        Self::Runs,
        Self::Sales,
        Self::Quality,
        Self::Exceptions,
        Self::Rows,
        Self::Audit,
        Self::Controls,
    ];

    /// Whether a phone's bar has room for it; the others stand under "More" there.
    pub const fn is_first(self) -> bool {
        matches!(
            self,
            Self::Check | Self::Runs | Self::Sales | Self::Exceptions
        )
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Check => t!("Check"),
            Self::Runs => t!("Runs"),
            Self::Sales => t!("Sales"),
            Self::Quality => t!("Quality"),
            Self::Exceptions => t!("Exceptions"),
            Self::Rows => t!("Rows"),
            Self::Audit => t!("Audit"),
            Self::Controls => t!("Controls"),
        }
    }

    const fn segment(self) -> &'static str {
        match self {
            Self::Check => "",
            Self::Runs => "runs",
            Self::Sales => "sales",
            Self::Quality => "quality",
            Self::Exceptions => "exceptions",
            Self::Rows => "rows",
            Self::Audit => "audit",
            Self::Controls => "controls",
        }
    }
}

impl Place {
    /// From the path of an address; a name that is none falls back to the main workspace.
    pub fn of(path: &str) -> Self {
        let named = path
            .strip_prefix("/w/")
            .and_then(|rest| rest.split('/').next())
            .and_then(|name| WorkspaceId::try_from(name.to_owned()).ok());
        Self {
            workspace: named.unwrap_or_else(WorkspaceId::main),
        }
    }

    pub fn new(workspace: WorkspaceId) -> Self {
        Self { workspace }
    }

    pub fn href(&self, page: Page) -> String {
        self.path(page.segment())
    }

    fn path(&self, segment: &str) -> String {
        if self.workspace == WorkspaceId::main() {
            format!("/{segment}")
        } else {
            let path = format!("/w/{}/{segment}", self.workspace);
            path.trim_end_matches('/').to_owned()
        }
    }

    /// The exceptions of all runs.
    pub fn exceptions(&self) -> String {
        self.href(Page::Exceptions)
    }

    /// The rows that count, of all runs.
    pub fn rows(&self) -> String {
        self.href(Page::Rows)
    }

    /// Where a text is looked for.
    pub fn search(&self) -> String {
        self.path("search")
    }

    /// One row of a run, with its way from the file.
    pub fn row(&self, run: &RunId, record: u64) -> String {
        format!("{}/rows/{record}", self.run(run))
    }

    pub fn run(&self, id: &RunId) -> String {
        format!("{}/{id}", self.href(Page::Runs))
    }

    pub fn exception(&self, run: &RunId, record: u64) -> String {
        format!("{}/exceptions/{record}", self.run(run))
    }

    /// A contract, with its versions.
    pub fn contract(&self, name: &str) -> String {
        let name = Url::escape(name);
        format!("{}/contracts/{name}", self.href(Page::Controls))
    }

    /// One of its versions.
    pub fn contract_version(&self, name: &str, number: u64) -> String {
        format!("{}?version={number}", self.contract(name))
    }

    /// A list of the contract in force.
    pub fn list(&self, contract: &str, list: &str) -> String {
        format!("{}/lists/{}", self.contract(contract), Url::escape(list))
    }

    pub fn list_csv(&self, contract: &str, list: &str) -> String {
        let (contract, list) = (Url::escape(contract), Url::escape(list));
        let workspace = &self.workspace;
        format!("/api/v1/contracts/{contract}/lists/{list}/entries.csv?workspace={workspace}")
    }

    /// An address of the API about one run, such as `…/exceptions.csv`.
    pub fn api(&self, id: &RunId, what: &str) -> String {
        format!("/api/v1/runs/{id}/{what}?workspace={}", self.workspace)
    }

    /// Where the API gives the whole audit log.
    /// The page Verify, about this workspace's log.
    pub fn verify_log(&self) -> String {
        format!("/verify?log={}", self.workspace)
    }

    pub fn log(&self) -> String {
        format!("/api/v1/audit/export?workspace={}", self.workspace)
    }

    /// The page that a path shows; a run counts as Runs, one of its exceptions as Exceptions, one of its rows as Rows.
    pub fn page(&self, path: &str) -> Option<Page> {
        let rest = match path.strip_prefix("/w/") {
            Some(rest) => rest.split_once('/').map_or("", |(_, rest)| rest),
            None => path.trim_start_matches('/'),
        };
        let mut parts = rest.trim_end_matches('/').split('/');
        let first = parts.next().unwrap_or_default();
        // Behind the run's id.
        let within = parts.nth(1).filter(|_| first == Page::Runs.segment());
        Page::ALL
            .into_iter()
            .find(|it| it.segment() == within.unwrap_or(first))
    }
}

/// The route of a page, of every workspace: the path in the main one, with `:name` for what a page is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At(pub(crate) &'static str);

impl PossibleRouteMatch for At {
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let page = match path.strip_prefix("/w/") {
            Some(named) => named.find('/').map_or("", |at| named.split_at(at).1),
            None => path,
        };
        let mut found = page.trim_end_matches('/').split('/');
        let mut params = Vec::new();
        for wanted in self.0.trim_end_matches('/').split('/') {
            let part = found.next()?;
            match wanted.strip_prefix(':') {
                Some(name) if !part.is_empty() => params.push((name.into(), part.to_owned())),
                None if wanted == part => {}
                _ => return None,
            }
        }
        (found.next().is_none()).then(|| PartialPathMatch::new("", params, path))
    }

    fn generate_path(&self, path: &mut Vec<PathSegment>) {
        let parts = self.0.split('/').filter(|it| !it.is_empty());
        path.extend(parts.map(|it| match it.strip_prefix(':') {
            Some(name) => PathSegment::Param(name.into()),
            None => PathSegment::Static(it.into()),
        }));
    }
}

/// The place that the current address names.
pub fn use_place() -> Memo<Place> {
    let path = use_location().pathname;
    Memo::new(move |_| path.with(|it| Place::of(it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_workspace() {
        let check = |path, name| assert_eq!(Place::of(path).workspace.as_str(), name);
        check("/", "main");
        check("/runs", "main");
        check("/w/sample", "sample");
        check("/w/sample/runs/x", "sample");
        check("/w/No such/runs", "main");
    }

    #[test]
    fn a_route_is_that_of_every_workspace() {
        let check = |route, path, expected: Option<&[(&str, &str)]>| {
            let found = At(route).test(path).map(PartialPathMatch::params);
            let expected = expected.map(|it| {
                let pairs = it
                    .iter()
                    .map(|(name, value)| ((*name).into(), (*value).into()));
                pairs.collect::<Vec<_>>()
            });
            assert_eq!(found, expected, "{route} {path}");
        };
        check("/", "/", Some(&[]));
        check("/", "/w/sample", Some(&[]));
        check("/", "/w/sample/", Some(&[]));
        check("/", "/runs", None);
        check("/runs", "/runs", Some(&[]));
        check("/runs", "/runs/", Some(&[]));
        check("/runs", "/w/sample/runs", Some(&[]));
        check("/runs", "/runs/x", None);
        check("/runs/:id", "/w/sample/runs/x", Some(&[("id", "x")]));
        check("/runs/:id", "/runs", None);
        let row = "/runs/:id/rows/:record";
        check(row, "/runs/x/rows/7", Some(&[("id", "x"), ("record", "7")]));
        check(row, "/runs/x/exceptions/7", None);
    }

    #[test]
    fn every_page_is_found_again_by_its_address() {
        for place in [
            Place::new(WorkspaceId::main()),
            Place::new(WorkspaceId::sample()),
        ] {
            for page in Page::ALL {
                let href = place.href(page);
                assert_eq!(Place::of(&href), place);
                assert_eq!(place.page(&href), Some(page));
            }
            let run = place.run(&RunId::from_u128(1));
            assert_eq!(place.page(&run), Some(Page::Runs));
            assert_eq!(place.page(&format!("{run}/")), Some(Page::Runs));
            let run = RunId::from_u128(1);
            let exception = place.exception(&run, 3);
            assert_eq!(place.page(&exception), Some(Page::Exceptions));
            assert_eq!(place.page(&place.row(&run, 3)), Some(Page::Rows));
            let contract = place.contract("sales");
            assert_eq!(place.page(&contract), Some(Page::Controls));
        }
    }
}
