//! The application: context for all pages, and the routes.

use crate::{
    audit::AuditPage,
    check::{CheckPage, Desk},
    controls::{ContractPage, ControlsPage},
    exception::ExceptionPage,
    exceptions::ExceptionsPage,
    frame::Frame,
    list::ListPage,
    parts::{erase::Erase, notice::NoSuchPage},
    place::At,
    quality::QualityPage,
    rows::{OneRowPage, RowsPage},
    run::RunPage,
    runs::RunsPage,
    sales::SalesPage,
    search::SearchPage,
    verify::VerifyPage,
};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
};

/// Every page.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(Desk::empty());
    let whole = SsrMode::Async;
    view! {
        <Title formatter=|text: String| format!("{text} · Tarazu")/>
        <Router>
            <Frame>
                <FlatRoutes fallback=NoSuchPage>
                    <Route path=At("/") view=CheckPage ssr=whole.clone()/>
                    <Route path=At("/runs") view=RunsPage ssr=whole.clone()/>
                    <Route path=At("/runs/:id") view=RunPage ssr=whole.clone()/>
                    <Route
                        path=At("/runs/:id/exceptions/:record")
                        view=ExceptionPage
                        ssr=whole.clone()
                    />
                    <Route path=At("/runs/:id/rows/:record") view=OneRowPage ssr=whole.clone()/>
                    <Route path=At("/rows") view=RowsPage ssr=whole.clone()/>
                    <Route path=At("/search") view=SearchPage ssr=whole.clone()/>
                    <Route path=At("/sales") view=SalesPage ssr=whole.clone()/>
                    <Route path=At("/quality") view=QualityPage ssr=whole.clone()/>
                    <Route path=At("/exceptions") view=ExceptionsPage ssr=whole.clone()/>
                    <Route path=At("/audit") view=AuditPage ssr=whole.clone()/>
                    <Route path=At("/controls") view=ControlsPage ssr=whole.clone()/>
                    <Route
                        path=At("/controls/contracts/:name")
                        view=ContractPage
                        ssr=whole.clone()
                    />
                    <Route
                        path=At("/controls/contracts/:name/lists/:list")
                        view=ListPage
                        ssr=whole.clone()
                    />
                    <Route path=At("/verify") view=VerifyPage ssr=whole/>
                </FlatRoutes>
            </Frame>
        </Router>
    }
    .erased()
}
