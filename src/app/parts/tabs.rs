//! The choice between exceptions, warnings and all, above the rows.

use crate::{
    parts::erase::Erase,
    window::{RowWindow, Show as Shown},
};
use leptos::prelude::*;
use model::t;

#[component]
pub(crate) fn ShowTabs(window: Memo<RowWindow>, page: Signal<String>) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=t!("Which rows")>
            <ul>
                {Shown::ALL
                    .map(|show| {
                        let current = move || {
                            window
                                .with(|it| it.show == show && it.code.is_none() && it.category.is_none())
                                .then_some("true")
                        };
                        view! {
                            <li>
                                <a
                                    href=move || RowWindow::showing(show).href(&page.get())
                                    aria-current=current
                                    data-noscroll=""
                                >
                                    {show.title()}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
    .erased()
}
