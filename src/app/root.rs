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
    path,
};

/// Every page, first without the name of a workspace (the main one), then with it.
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
                    <Route path=path!("/") view=CheckPage ssr=whole.clone()/>
                    <Route path=path!("/runs") view=RunsPage ssr=whole.clone()/>
                    <Route path=path!("/runs/:id") view=RunPage ssr=whole.clone()/>
                    <Route
                        path=path!("/runs/:id/exceptions/:record")
                        view=ExceptionPage
                        ssr=whole.clone()
                    />
                    <Route
                        path=path!("/runs/:id/rows/:record")
                        view=OneRowPage
                        ssr=whole.clone()
                    />
                    <Route path=path!("/rows") view=RowsPage ssr=whole.clone()/>
                    <Route path=path!("/search") view=SearchPage ssr=whole.clone()/>
                    <Route path=path!("/sales") view=SalesPage ssr=whole.clone()/>
                    <Route path=path!("/quality") view=QualityPage ssr=whole.clone()/>
                    <Route path=path!("/exceptions") view=ExceptionsPage ssr=whole.clone()/>
                    <Route path=path!("/audit") view=AuditPage ssr=whole.clone()/>
                    <Route path=path!("/controls") view=ControlsPage ssr=whole.clone()/>
                    <Route
                        path=path!("/controls/contracts/:name")
                        view=ContractPage
                        ssr=whole.clone()
                    />
                    <Route
                        path=path!("/controls/contracts/:name/lists/:list")
                        view=ListPage
                        ssr=whole.clone()
                    />
                    <Route path=path!("/verify") view=VerifyPage ssr=whole.clone()/>
                    <Route path=path!("/w/:workspace") view=CheckPage ssr=whole.clone()/>
                    <Route path=path!("/w/:workspace/runs") view=RunsPage ssr=whole.clone()/>
                    <Route path=path!("/w/:workspace/runs/:id") view=RunPage ssr=whole.clone()/>
                    <Route
                        path=path!("/w/:workspace/runs/:id/exceptions/:record")
                        view=ExceptionPage
                        ssr=whole.clone()
                    />
                    <Route
                        path=path!("/w/:workspace/runs/:id/rows/:record")
                        view=OneRowPage
                        ssr=whole.clone()
                    />
                    <Route path=path!("/w/:workspace/rows") view=RowsPage ssr=whole.clone()/>
                    <Route path=path!("/w/:workspace/search") view=SearchPage ssr=whole.clone()/>
                    <Route path=path!("/w/:workspace/sales") view=SalesPage ssr=whole.clone()/>
                    <Route
                        path=path!("/w/:workspace/quality")
                        view=QualityPage
                        ssr=whole.clone()
                    />
                    <Route
                        path=path!("/w/:workspace/exceptions")
                        view=ExceptionsPage
                        ssr=whole.clone()
                    />
                    <Route path=path!("/w/:workspace/audit") view=AuditPage ssr=whole.clone()/>
                    <Route
                        path=path!("/w/:workspace/controls/contracts/:name/lists/:list")
                        view=ListPage
                        ssr=whole.clone()
                    />
                    <Route
                        path=path!("/w/:workspace/controls")
                        view=ControlsPage
                        ssr=whole.clone()
                    />
                    <Route
                        path=path!("/w/:workspace/controls/contracts/:name")
                        view=ContractPage
                        ssr=whole
                    />
                </FlatRoutes>
            </Frame>
        </Router>
    }
    .erased()
}
