//! What was done is told once. It comes in the address, since the server keeps nothing of a browser between a form and the
//! page that follows it; once it is shown it leaves the address, so that neither a reload nor Back nor anybody who is sent
//! that is told it again. Without scripts it stays there: nothing but a program changes an address.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
    location::Location,
};

/// What tells of something done, and what says more of that.
const TOLD: [(&str, &[&str]); 3] = [
    (
        "did",
        &[
            "changed", "entered", "left", "stale", "at", "version", "state",
        ],
    ),
    ("done", &[]),
    ("replayed", &[]),
];

/// The query of the page's address, with what was done as long as the page stays.
pub(crate) fn use_search() -> Signal<String> {
    let Location {
        pathname,
        search,
        hash,
        ..
    } = use_location();
    let navigate = use_navigate();
    let shown = Memo::new(move |before: Option<&(String, String)>| {
        let now = (pathname.get(), search.get());
        match before {
            Some((path, told)) if *path == now.0 && without(told) == now.1 => {
                (path.clone(), told.clone())
            }
            _ => now,
        }
    });
    Effect::new(move |_| {
        let (path, told) = shown.get();
        let rest = without(&told);
        if rest != told {
            let question = if rest.is_empty() { "" } else { "?" };
            let options = NavigateOptions {
                scroll: false,
                replace: true,
                ..NavigateOptions::default()
            };
            navigate(
                &format!("{path}{question}{rest}{}", hash.get_untracked()),
                options,
            );
        }
    });
    Signal::derive(move || shown.get().1)
}

/// A query without what was done.
fn without(search: &str) -> String {
    let key = |pair: &str| pair.split_once('=').map_or(pair, |it| it.0).to_owned();
    let is_told = |name: &str| search.split('&').any(|it| key(it) == name);
    let told: Vec<_> = TOLD.into_iter().filter(|it| is_told(it.0)).collect();
    let goes = |key: &str| {
        let mut told = told.iter();
        told.any(|(name, more)| key == *name || more.contains(&key))
    };
    let rest: Vec<&str> = search.split('&').filter(|it| !goes(&key(it))).collect();
    rest.join("&")
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn what_was_done_leaves_the_address_and_nothing_else_does() {
        for (search, rest) in [
            ("", ""),
            ("code=VAL05&sort=money", "code=VAL05&sort=money"),
            (
                "show=all&did=correct&changed=2&entered=1&left=stale_1&stale=run_7.5&at=2026-01-15T00%3A00%3A00Z",
                "show=all",
            ),
            ("did=add-synonym&version=2&state=in-force", ""),
            ("version=2&done=drafted", "version=2"),
            ("run=run_7&replayed=agrees", "run=run_7"),
            // Of the ledger, where nothing was done.
            ("state=withdrawn&version=2", "state=withdrawn&version=2"),
        ] {
            assert_eq!(without(search), rest, "{search}");
        }
    }
}
