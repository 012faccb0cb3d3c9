//! What every handler can reach.

use crate::{assets::Assets, run::Runs, settings::Display};
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use std::sync::Arc;
use store::Store;
use tokio::sync::watch;

pub struct Server {
    pub store: Store,
    pub runs: Runs,
    pub assets: Assets,
    pub display: Display,
    /// Becomes true when the server is to stop: answers without an end, such as live events, end then.
    pub closing: watch::Receiver<bool>,
}

/// The router's state; clones share the server.
#[derive(Clone)]
pub struct AppState {
    pub server: Arc<Server>,
    leptos: LeptosOptions,
}

impl AppState {
    pub fn new(server: Server) -> Self {
        // The names that xtask gives: `/pkg/browser.js` and `/pkg/browser_bg.wasm`.
        let leptos = LeptosOptions::builder()
            .output_name("browser")
            .site_pkg_dir("pkg")
            .build();
        Self {
            server: Arc::new(server),
            leptos,
        }
    }

    pub fn leptos(&self) -> &LeptosOptions {
        &self.leptos
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
