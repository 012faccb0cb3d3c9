//! What can be taken along.

use crate::{
    icons::{Icon, icon},
    place::Place,
};
use leptos::prelude::*;
use model::run::Run;

pub(super) fn downloads(run: &Run, place: &Place) -> AnyView {
    let link = |what: &str, word: &'static str, excel: bool| {
        let mut href = place.api(&run.summary.id, what);
        if excel {
            href.push_str("&bom=1");
        }
        view! {
            <li>
                <a class="button" href=href download="">
                    {icon(Icon::Download)}
                    {word}
                </a>
            </li>
        }
    };
    let verdict = run.verdict.as_ref();
    let exceptions = verdict.is_some_and(|it| it.rows.exceptions > 0);
    let accepted = verdict.is_some_and(|it| it.rows.accepted > 0);
    view! {
        <section aria-labelledby="downloads">
            <h2 id="downloads">"Downloads"</h2>
            <ul class="downloads">
                {exceptions.then(|| link("exceptions.csv", "Exceptions (CSV)", true))}
                {accepted.then(|| link("accepted.csv", "Accepted rows (CSV)", true))}
                {verdict.is_some().then(|| link("summary.csv", "Summary (CSV)", true))}
                {verdict.is_some().then(|| link("summary.json", "Summary (JSON)", false))}
                {link("file", "The file as it came", false)}
            </ul>
        </section>
    }
    .into_any()
}
