//! The state of Check, kept above the pages so that a verdict outlives a look at another page, and what a page
//! may ask for. What is asked is done by `driver`, in the browser alone.

use super::proposal::Proposal;
use crate::format;
use leptos::prelude::*;
use model::{
    id::{RunId, WorkspaceId},
    locale::Locale,
    message::{CellPlace, ContractColumn, Export, Phase, RowFilter, RowsInWindow, WrongValue},
    options::{Choice, Correction},
    run::{Admission, RunStatus, RunSummary, StageRecord},
    sales::SalesFigures,
    scheme::Scheme,
    verdict::Verdict,
    workbook::SheetInfo,
};
use std::{mem, sync::Arc};

#[cfg(target_arch = "wasm32")]
pub(super) const BROKEN: &str = model::t!(
    "The checker could not start in this browser. Nothing was sent. Reload the page; if it stays \
                      like this, send the file without a preview, with the form above."
);

#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// True once the page is hydrated; until then Check is a plain form.
    pub(crate) awake: RwSignal<bool>,
    /// What shows a file that was opened, once that part of the program has come.
    pub(crate) showing: RwSignal<Option<Showing>>,
    /// How numbers and days are written, for what has to be written anew when that changes.
    pub(crate) locale: RwSignal<Locale>,
    pub(crate) scheme: RwSignal<Scheme>,
    /// A file is held over the window.
    pub(crate) dragging: RwSignal<bool>,
    pub(crate) step: RwSignal<Step>,
    pub(crate) progress: RwSignal<Option<Progress>>,
    /// Of the file on the desk, once it was judged; corrections change it.
    pub(crate) verdict: RwSignal<Option<Arc<Verdict>>>,
    /// Corrections are on their way to the worker.
    pub(crate) judging: RwSignal<bool>,
    pub(crate) sales: RwSignal<Option<Arc<SalesFigures>>>,
    pub(crate) window: RwSignal<Option<Window>>,
    /// A failing cell is being looked for.
    pub(crate) seeking: RwSignal<bool>,
    /// The one that was found, until the grid has gone there; None where there is none.
    pub(crate) sought: RwSignal<Option<CellPlace>>,
    pub(crate) wrong: RwSignal<Arc<Vec<WrongValue>>>,
    pub(crate) history: RwSignal<History>,
    /// What was laid down of this file earlier, kept in this browser, and not yet taken up.
    pub(crate) kept: RwSignal<Option<Box<Choice>>>,
    /// How many cells that corrects; none while it is not known.
    pub(crate) kept_cells: RwSignal<u64>,
    pub(crate) admission: RwSignal<Admission>,
    /// The run whose file lies on the desk, to be read otherwise.
    pub(crate) origin: RwSignal<Option<Box<RunSummary>>>,
    /// Files that came together.
    pub(crate) files: RwSignal<Vec<Queued>>,
    /// The cells of the first records, to show what the columns hold.
    pub(crate) first: RwSignal<Arc<Vec<Vec<String>>>>,
    pub(crate) sending: RwSignal<Sending>,
    /// What the reader laid down of how the file on the desk is read.
    pub(crate) choice: RwSignal<Choice>,
    /// Of a workbook, what can be chosen.
    pub(crate) sheets: RwSignal<Arc<Vec<SheetInfo>>>,
    pub(crate) columns: RwSignal<Arc<Vec<ContractColumn>>>,
    /// Whether the reader has unfolded how the file is read; a new verdict leaves it so.
    pub(crate) unfolded: RwSignal<bool>,
    pub(crate) workbook: RwSignal<Making>,
    pub(crate) proposal: RwSignal<Proposing>,
    /// Whether the file is judged under the proposed contract, in place of the server's.
    pub(crate) trying: RwSignal<bool>,
    /// Why what was last said of it makes no contract, in words.
    pub(crate) revision: RwSignal<String>,
    pub(crate) keeping: RwSignal<Keeping>,
    asked: RwSignal<Vec<Command>>,
}

/// The rows that the grid shows, the filter that they came through, and the verdict that they were asked of.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) filter: RowFilter,
    pub(crate) rows: Arc<RowsInWindow>,
    pub(crate) verdict: Option<Arc<Verdict>>,
}

/// One of several files that came together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Queued {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) outcome: Outcome,
    /// It lies on the desk.
    pub(crate) open: bool,
}

/// What one of several files came to when it was on the desk last.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser reads files")
)]
pub(crate) enum Outcome {
    /// It was not there yet.
    Waits,
    /// Cancelled by the user.
    Stopped,
    Failed,
    Judged(Arc<Verdict>),
}

/// The corrections before and behind those that stand in the choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct History {
    pub(crate) past: Vec<Vec<Correction>>,
    pub(crate) future: Vec<Vec<Correction>>,
}

/// A workbook of the file's rows, for download.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser gets past the first")
)]
pub(crate) enum Making {
    #[default]
    Not,
    Going,
    /// In words, with what to do instead.
    Failed(String),
}

/// A contract for the file, drawn up from the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser gets past the first")
)]
pub(crate) enum Proposing {
    #[default]
    Not,
    Going,
    /// In words, with what to do instead.
    Failed(String),
    Done(Arc<Proposal>),
}

/// The way of a proposed contract to the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser gets past the first")
)]
pub(crate) enum Keeping {
    #[default]
    Not,
    Going,
    /// In words, with what to do instead.
    Failed(String),
    /// A second person puts the contract of this name in force.
    Waits(String),
    /// The contract of this name is in force.
    Done(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileInfo {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    /// Made here: it goes to the sample workspace, never to the real one.
    pub(crate) sample: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser gets past the first")
)]
pub(crate) enum Step {
    Empty,
    /// The worker makes a sample file.
    Making,
    /// The file of a run is on its way from the server.
    Fetching,
    Reading {
        file: FileInfo,
    },
    /// Cancelled by the user, before the end.
    Stopped {
        file: FileInfo,
    },
    /// Could not be read; `text` says why and what to do.
    Failed {
        text: String,
    },
    Judged {
        file: FileInfo,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) phase: Phase,
    pub(crate) bytes: u64,
    pub(crate) total: u64,
    pub(crate) rows: u64,
    pub(crate) failing: u64,
}

/// The way from Submit to the run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(dead_code, reason = "only a browser gets past the first")
)]
pub(crate) enum Sending {
    Not,
    /// The digest alone was sent, to see whether the file was judged before.
    Asking,
    /// It was; nothing is sent.
    Known(Box<RunSummary>),
    Uploading {
        sent: u64,
        total: u64,
        /// Bytes in a second, once that is known.
        rate: Option<u64>,
    },
    /// The connection was cut; what arrived is kept, and the rest is sent as soon as the server answers.
    Waiting {
        sent: u64,
        total: u64,
    },
    Following {
        run: Box<RunSummary>,
        status: RunStatus,
        stages: Vec<StageRecord>,
    },
    Done(Box<RunSummary>),
    Failed(Trouble),
}

/// What happened, what was kept, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) kept: String,
    pub(crate) next: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// Start the worker, so that it is ready when a file comes.
    Warm,
    /// Take the files that came.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        expect(dead_code, reason = "they come in a browser alone")
    )]
    Come,
    /// Of several files, the one at this place.
    Open(usize),
    /// The file of a run that was submitted, read as it was.
    OpenRun {
        workspace: WorkspaceId,
        id: RunId,
    },
    Sample,
    Stop,
    /// Read the same file again, from the start.
    Again,
    /// Read the same file so.
    Read(Box<Choice>),
    /// Put everything away for another file.
    Clear,
    Window {
        filter: RowFilter,
        from: u64,
        count: u32,
    },
    Seek {
        filter: RowFilter,
        from: Option<CellPlace>,
        back: bool,
    },
    /// These are all corrections from now on.
    Correct(Vec<Correction>),
    /// Lines of cells, for the rows from `at` on.
    Paste {
        filter: RowFilter,
        at: CellPlace,
        block: Vec<Vec<String>>,
    },
    Undo,
    Redo,
    /// Read the file as it was laid down earlier.
    TakeUp,
    /// Forget that.
    Discard,
    Export(Export),
    Workbook(Export),
    /// Draw up a contract from the file.
    Propose,
    StopProposing,
    /// Take what the form says of the proposed contract, and judge under that.
    Revise,
    /// Judge the file under the contract that was proposed, or else under the server's.
    Try(bool),
    SaveContract,
    /// Have the server judge under the proposed contract from now on.
    KeepContract,
    Submit {
        workspace: WorkspaceId,
        again: bool,
    },
    StopSending,
}

/// The part of Check that comes when it is wanted: what it shows stands beside the empty drop zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Showing {
    /// Several files that came together.
    pub(crate) files: fn(Desk) -> AnyView,
    pub(crate) step: fn(Desk) -> AnyView,
    /// For those who do not see the page.
    pub(crate) announcement: fn(Desk) -> String,
}

impl Desk {
    /// The id of the file input, which `driver` reads.
    pub(crate) const INPUT: &'static str = "file";
    /// The id of what is focused when a contract was proposed.
    pub(crate) const PROPOSAL: &'static str = "proposal";
    /// The id of the form that changes it, which `driver` reads.
    pub(crate) const REVISION: &'static str = "revision";

    pub(crate) fn empty() -> Self {
        Self {
            awake: RwSignal::new(false),
            // On the server nothing comes later.
            #[cfg(not(target_arch = "wasm32"))]
            showing: RwSignal::new(Some(super::SHOWING)),
            #[cfg(target_arch = "wasm32")]
            showing: RwSignal::new(None),
            locale: RwSignal::new(format::locale()),
            scheme: RwSignal::new(format::scheme()),
            dragging: RwSignal::new(false),
            step: RwSignal::new(Step::Empty),
            progress: RwSignal::new(None),
            verdict: RwSignal::new(None),
            judging: RwSignal::new(false),
            sales: RwSignal::new(None),
            window: RwSignal::new(None),
            seeking: RwSignal::new(false),
            sought: RwSignal::new(None),
            wrong: RwSignal::default(),
            history: RwSignal::default(),
            kept: RwSignal::new(None),
            kept_cells: RwSignal::new(0),
            admission: RwSignal::default(),
            origin: RwSignal::new(None),
            files: RwSignal::default(),
            first: RwSignal::default(),
            sending: RwSignal::new(Sending::Not),
            choice: RwSignal::new(Choice::default()),
            sheets: RwSignal::default(),
            columns: RwSignal::default(),
            unfolded: RwSignal::new(false),
            workbook: RwSignal::default(),
            proposal: RwSignal::default(),
            trying: RwSignal::new(false),
            revision: RwSignal::default(),
            keeping: RwSignal::default(),
            asked: RwSignal::new(Vec::new()),
        }
    }

    pub(crate) fn ask(&self, command: Command) {
        self.asked.update(|it| it.push(command));
    }

    /// Whether anything was asked that the reader waits for.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked
            .with(|it| it.iter().any(|it| *it != Command::Warm))
    }

    #[cfg(target_arch = "wasm32")]
    pub(crate) fn has_asked(&self) -> bool {
        self.asked.with(|it| !it.is_empty())
    }

    /// The part that does what is asked did not come. What was asked stays, for the next try.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn could_not_start(&self) {
        if untrack(|| self.is_asked()) {
            self.step.set(Step::Failed {
                text: BROKEN.to_owned(),
            });
        }
    }

    /// Has it come once more.
    pub(crate) fn try_again(&self) {
        self.step.set(Step::Empty);
        self.asked.notify();
    }

    /// What was asked since the last time; notices when there is more.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        expect(dead_code, reason = "only a browser has a driver")
    )]
    pub(crate) fn asked(&self) -> Vec<Command> {
        self.asked.track();
        self.asked
            .try_update_untracked(mem::take)
            .unwrap_or_default()
    }
}
