//! `tarazu serve`.

use super::ingest::open;
use crate::{
    assets::Assets,
    clock,
    lineage::send::{FIRST_WAIT, Sender},
    piecemeal,
    reread::reread,
    router::router,
    run::Runs,
    settings::ServeArgs,
    shelf::Shelf,
    state::{AppState, Server},
};
use anyhow::Context;
use std::{
    error::Error,
    io::Write,
    net::SocketAddr,
    process::ExitCode,
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::{net::TcpListener, runtime::Runtime, sync::watch};
use tracing_subscriber::EnvFilter;

/// How long requests that are being answered may take once the server is to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long runs that go on may take to end after that, so that the database is closed and its files are whole.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How often uploads are looked for whose time is over.
const LOOK_AFTER: Duration = Duration::from_secs(600);

/// Serves until it is told to stop.
pub fn serve(args: ServeArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    start_log(&args)?;
    let runtime = Runtime::new().context("the runtime cannot start")?;
    let served = runtime.block_on(serve_until_told(args, out));
    // Runs that are still going on are done again at the next start.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served?;
    Ok(ExitCode::SUCCESS)
}

async fn serve_until_told(args: ServeArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let folder = &args.store.places.data_dir;
    let store = open(&args.store.places).await?;
    let assets = Assets::read(&args.assets)
        .with_context(|| format!("the assets in {} cannot be read", args.assets.display()))?;
    if !assets.has_programs() {
        tracing::warn!(
            folder = %args.assets.display(),
            "no browser programs there: pages work, but without a preview"
        );
    }
    reread(&store)
        .await
        .context("files of an earlier version cannot be read once more")?;
    let shelf = Shelf::new(args.contracts.read()?, args.contract_approval);
    let runs = Runs::new(store.clone(), shelf, args.store.runs, args.store.max_upload);
    runs.work();
    let lineage = Sender::new(store.clone(), args.openlineage_url.clone(), FIRST_WAIT)
        .context("lineage cannot be sent")?;
    let listener = TcpListener::bind(&args.addr)
        .await
        .with_context(|| format!("nobody can listen at {}", args.addr))?;
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    let (close, closing) = watch::channel(false);
    tokio::spawn(lineage.send(runs.bell(), closing.clone()));
    let state = AppState::new(Server {
        store: store.clone(),
        runs: runs.clone(),
        assets,
        display: args.display.into(),
        closing: closing.clone(),
    });
    tokio::spawn(look_after_uploads(Arc::downgrade(&state.server)));
    writeln!(out, "Tarazu is at http://{address}")?;
    out.flush()?;
    tracing::info!(%address, data = %folder.display(), "serving");
    serve_router(listener, state, close, closing).await?;
    let closed = async {
        runs.finish().await;
        store.close().await;
    };
    // What goes on longer is cut, and done again at the next start.
    let _ = tokio::time::timeout(LAST_WORDS, closed).await;
    tracing::info!("stopped");
    Ok(())
}

/// Begins runs that a crash kept from beginning, and from then on removes uploads whose time is over and what was left
/// behind by processes that are gone.
async fn look_after_uploads(server: Weak<Server>) {
    let mut due = tokio::time::interval(LOOK_AFTER);
    let mut first = true;
    loop {
        due.tick().await;
        let Some(server) = server.upgrade() else {
            return;
        };
        let mut looked = piecemeal::expire(&server, clock::now()).await;
        if first && looked.is_ok() {
            looked = piecemeal::resume(&server).await;
        }
        first = false;
        let cleared = server.runs.refuse_left_behind().await;
        if let Err(error) = looked.and(cleared) {
            tracing::error!(
                error = &error as &dyn Error,
                "uploads cannot be looked after now"
            );
        }
    }
}

async fn serve_router(
    listener: TcpListener,
    state: AppState,
    close: watch::Sender<bool>,
    mut closing: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let told = async move {
        told_to_stop().await;
        tracing::info!("told to stop: no new requests");
        close.send_replace(true);
    };
    let serving = axum::serve(listener, service).with_graceful_shutdown(told);
    let patience = async move {
        // An error says that the sender is gone, and with it the server.
        let _ = closing.wait_for(|it| *it).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving => Ok(served?),
        () = patience => {
            tracing::warn!("some requests took too long and are cut");
            Ok(())
        }
    }
}

/// Ends when the process gets ctrl-c or, on Unix, SIGTERM.
async fn told_to_stop() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(error = &error as &dyn Error, "ctrl-c cannot be heard");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut told) => {
                told.recv().await;
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn Error, "SIGTERM cannot be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

fn start_log(args: &ServeArgs) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&args.log)
        .with_context(|| format!("`{}` is no tracing filter", args.log))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if args.log_json {
        log.json().try_init()
    } else {
        log.try_init()
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot start: {error}"))
}
