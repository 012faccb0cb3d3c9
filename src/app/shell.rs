//! The HTML document around the pages. On the server only.

use crate::{format, root::App};
use leptos::prelude::*;
use leptos_meta::MetaTags;
use model::{locale::Days, money::Numbers, scheme::Scheme};

/// With `scripts` false nothing is hydrated, and the pages say so where it matters: for a server that has no
/// folder of built assets.
pub fn shell(options: LeptosOptions, scripts: bool) -> impl IntoView {
    let class = if scripts { "" } else { "without-scripts" };
    let locale = format::locale();
    let in_threes = locale.numbers == Numbers::International;
    let month_first = locale.days == Days::MonthFirst;
    let scheme = format::scheme();
    let chosen = (scheme != Scheme::System).then(|| scheme.name());
    view! {
        <!DOCTYPE html>
        <html
            lang="en"
            class=class
            data-in-threes=in_threes
            data-month-first=month_first
            data-scheme=chosen
        >
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=scheme.css()/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <link rel="stylesheet" href="/style.css"/>
                {scripts.then(|| view! {
                    <HydrationScripts options/>
                    // The program's script asks for it, and would do so late.
                    <link rel="modulepreload" href="/pkg/browser_parts.js"/>
                })}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
