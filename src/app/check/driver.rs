//! Does what Check asks: files in by drop and dialogue, the worker, downloads, and the way to the server.

use model::t;
mod asides;
mod contract;
mod queue;
mod remember;

use super::{
    SHOWING, correct,
    desk::{
        BROKEN, Command, Desk, FileInfo, History, Keeping, Making, Outcome, Progress, Proposing,
        Sending, Step, Window,
    },
    submit,
    worker_client::{Heard, WORKER, WorkerClient},
};
use crate::{
    json,
    place::Place,
    web::{
        come, download, evaluated_at,
        follow::Follow,
        http::{get, get_blob, whole},
    },
};
use js_sys::{Array, Uint8Array};
use leptos::{prelude::*, task::spawn_local};
use model::{
    id::{RunId, WorkspaceId},
    message::{Ask, CellPlace, Export, RowFilter, RowsInWindow, Tell},
    options::{Choice, Correction},
    run::{Admission, RunSummary},
    verdict::Verdict,
    workbook::Origin,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use web_sys::{Blob, File, FilePropertyBag, XmlHttpRequest};

/// The sample that everybody gets on one day is the same file.
const SAMPLE_ROWS: u32 = 5_000;
const SAMPLE_SEED: u64 = 7;

/// Bytes that tell a workbook from a text.
const HEAD: i32 = 512;

/// What of a run is wanted beside its summary to read its file again: read apart, since serde's way with `flatten` is long.
#[derive(serde::Deserialize)]
struct KeptChoice {
    choice: Choice,
}

/// Rows of cells.
type Cells = Vec<Vec<String>>;

pub(super) struct Driver {
    pub(super) desk: Desk,
    navigate: Box<dyn Fn(&str)>,
    worker: RefCell<Option<WorkerClient>>,
    /// While it opens a workbook.
    sheets: RefCell<Option<WorkerClient>>,
    /// While it writes one.
    writing: RefCell<Option<WorkerClient>>,
    /// While it draws up a contract.
    proposing: RefCell<Option<WorkerClient>>,
    /// The text of the sheets that were read, where the file on the desk is a workbook.
    text: RefCell<Option<(Blob, Origin)>>,
    /// Counts what was begun to be read: what comes of an earlier one is no longer wanted.
    turn: Cell<u32>,
    /// The number of the ask that judges; answers to another one are no longer wanted.
    judging: Cell<u32>,
    /// Files that came together, in the order of the desk's list, each with what was laid down of it.
    files: RefCell<Vec<(File, Choice)>>,
    /// They are judged in turn, and the reader has opened none of them yet.
    first_round: Cell<bool>,
    /// The file on the desk; the answers of the worker are about it.
    pub(super) file: RefCell<Option<(File, bool)>>,
    /// The number of the last ask for rows of the grid, and through which filter they come: answers to older ones are no
    /// longer wanted.
    window_asked: RefCell<(u32, RowFilter, Option<Arc<Verdict>>)>,
    /// The file was opened and not yet judged.
    fresh: Cell<bool>,
    /// It was judged otherwise since than when it was opened.
    changed: Cell<bool>,
    /// The number of the last ask for how many cells were corrected earlier.
    counting: Cell<u32>,
    /// What is pasted over the rows that this ask gives.
    pasted: RefCell<Option<(u32, CellPlace, Cells)>>,
    /// In their JSON form, once they are known.
    contracts: RefCell<Option<Vec<String>>>,
    /// When the file on the desk was judged, for the server to judge at the same moment.
    pub(super) evaluated_at: RefCell<String>,
    pub(super) upload: RefCell<Option<XmlHttpRequest>>,
    /// Counts what was stopped: who sends goes on only while it stays the same.
    pub(super) sending: Cell<u32>,
    pub(super) follow: RefCell<Option<Follow>>,
}

/// The place that the reader is in.
fn here() -> Place {
    Place::of(&window().location().pathname().unwrap_or_default())
}

/// From here on what was asked is done and shown: what that takes is a part of the program of its own.
#[wasm_split(check, fallible)]
pub(crate) fn start(
    desk: Desk,
    navigate: Box<dyn Fn(&str)>,
    owner: Owner,
) -> Result<(), SplitLoaderError> {
    owner.with(|| begin(desk, navigate));
    desk.showing.set(Some(SHOWING));
    Ok(())
}

fn begin(desk: Desk, navigate: Box<dyn Fn(&str)>) {
    let driver = Rc::new(Driver {
        desk,
        navigate,
        worker: RefCell::new(None),
        sheets: RefCell::new(None),
        writing: RefCell::new(None),
        proposing: RefCell::new(None),
        text: RefCell::new(None),
        turn: Cell::new(0),
        judging: Cell::new(0),
        files: RefCell::default(),
        first_round: Cell::new(false),
        file: RefCell::new(None),
        window_asked: RefCell::default(),
        fresh: Cell::new(false),
        changed: Cell::new(false),
        counting: Cell::new(0),
        pasted: RefCell::new(None),
        contracts: RefCell::new(None),
        evaluated_at: RefCell::new(String::new()),
        upload: RefCell::new(None),
        sending: Cell::new(0),
        follow: RefCell::new(None),
    });
    Effect::new(move |_| {
        for command in desk.asked() {
            driver.obey(command);
        }
    });
}

impl Driver {
    fn obey(self: &Rc<Self>, command: Command) {
        match command {
            Command::Warm => {
                // Where the worker does not start, the first file will say so.
                let _ = self.ready();
            }
            Command::Come => {
                // Of several that came before they were taken, the last ones are there.
                let files = come::taken();
                if !files.is_empty() {
                    self.take_in(files);
                }
            }
            Command::Open(place) => self.open_at(place, false),
            Command::OpenRun { workspace, id } => {
                spawn_local(self.clone().open_run_file(workspace, id));
            }
            Command::Sample => self.make_sample(),
            Command::Stop => self.stop(),
            Command::Again => {
                let file = self.file.borrow().clone();
                if let Some(place) = self.open_place() {
                    self.open_at(place, false);
                } else if let Some((file, sample)) = file {
                    self.open(file, sample);
                }
            }
            Command::Read(choice) => self.read_so(*choice),
            Command::Clear => self.clear(),
            Command::Window {
                filter,
                from,
                count,
            } => {
                let ask = Ask::Window {
                    filter: filter.clone(),
                    from,
                    count,
                };
                if let Some(id) = self.ask(&ask, None) {
                    let verdict = self.desk.verdict.get_untracked();
                    self.window_asked.replace((id, filter, verdict));
                }
            }
            Command::Seek { filter, from, back } => {
                self.ask(&Ask::Seek { filter, from, back }, None);
            }
            Command::Correct(corrections) => {
                let before = self.correct(corrections);
                self.note(before);
            }
            Command::Paste { filter, at, block } => self.paste(filter, at, block),
            Command::TakeUp => self.take_up(),
            Command::Discard => self.discard(),
            Command::Undo => self.step_in_history(true),
            Command::Redo => self.step_in_history(false),
            Command::Export(what) => self.export(what),
            Command::Workbook(what) => self.write_workbook(what),
            Command::Propose => self.propose(),
            Command::StopProposing => {
                self.proposing.replace(None);
                self.desk.proposal.set(Proposing::Not);
            }
            Command::Revise => self.revise(),
            Command::Try(proposed) => {
                self.desk.trying.set(proposed);
                // The columns of the one contract are not those of the other.
                self.read_so(text_alone(&self.desk.choice.get_untracked()));
            }
            Command::SaveContract => self.save_contract(),
            Command::KeepContract => spawn_local(contract::keep(self.clone())),
            Command::Submit { workspace, again } => {
                spawn_local(submit::send(self.clone(), workspace, again));
            }
            Command::StopSending => {
                self.sending.set(self.sending.get() + 1);
                if let Some(request) = self.upload.take() {
                    // A request that has already ended cannot be stopped.
                    let _ = request.abort();
                }
                self.follow.replace(None);
                self.desk.sending.set(Sending::Not);
            }
        }
    }

    /// Check opens in the workspace that the reader is in.
    pub(super) fn open_run(&self, workspace: &WorkspaceId, id: &model::id::RunId) {
        (self.navigate)(&Place::new(workspace.clone()).run(id));
    }

    async fn open_run_file(self: Rc<Self>, workspace: WorkspaceId, id: RunId) {
        let turn = self.make_way(Step::Fetching);
        let address = format!("/api/v1/runs/{id}");
        let run = get(&format!("{address}?workspace={workspace}")).await;
        let run = run.ok().and_then(|it| {
            let kept = json::read::<KeptChoice>(&it.text)?;
            Some((json::read::<RunSummary>(&it.text)?, kept.choice))
        });
        let file = get_blob(&format!("{address}/file?workspace={workspace}")).await;
        if self.turn.get() != turn {
            return;
        }
        let (Some((summary, choice)), Ok(Some(blob))) = (run, file) else {
            let text = t!(
                "The file of this run could not be fetched. See whether the run is there, and try it again."
            );
            // Another one may lie on the desk.
            self.file.replace(None);
            return self.fail(text.to_owned());
        };
        let parts = Array::of1(&blob);
        let Ok(file) = File::new_with_blob_sequence(&parts, &summary.file_name) else {
            return self.broken();
        };
        let sample = workspace == WorkspaceId::sample();
        self.open_as(file, sample, choice, Some(Box::new(summary)));
    }

    fn open(self: &Rc<Self>, file: File, sample: bool) {
        self.open_as(file, sample, Choice::default(), None);
    }

    fn open_as(
        self: &Rc<Self>,
        file: File,
        sample: bool,
        choice: Choice,
        origin: Option<Box<RunSummary>>,
    ) {
        let busy = matches!(
            self.desk.step.get_untracked(),
            Step::Reading { .. } | Step::Making
        );
        if busy && !sample {
            self.worker.replace(None);
        }
        self.put_away();
        self.leave_files();
        self.text.replace(None);
        self.desk.choice.set(choice);
        self.desk.origin.set(origin);
        self.desk.admission.set(Admission::default());
        self.desk.history.set(History::default());
        self.desk.keeping.set(Keeping::Not);
        self.desk.kept.set(None);
        self.fresh.set(true);
        self.desk.sheets.set(Arc::default());
        self.desk.unfolded.set(false);
        self.forget_proposal();
        self.file.replace(Some((file, sample)));
        self.read();
    }

    /// The same file, with what the reader laid down.
    fn read_so(self: &Rc<Self>, choice: Choice) {
        self.put_away();
        let before = self.desk.choice.get_untracked();
        if choice.sheets != before.sheets {
            self.text.replace(None);
        }
        // It was drawn up from the file as that was read.
        if !self.desk.trying.get_untracked() && text_alone(&choice) != text_alone(&before) {
            self.forget_proposal();
        }
        self.desk.choice.set(choice);
        self.read();
    }

    fn read(self: &Rc<Self>) {
        let Some((file, sample)) = self.file.borrow().clone() else {
            return;
        };
        self.desk.step.set(Step::Reading {
            file: FileInfo {
                name: file.name(),
                bytes: whole(file.size()),
                sample,
            },
        });
        self.evaluated_at.replace(evaluated_at());
        self.sheets.replace(None);
        let turn = self.turn.get() + 1;
        self.turn.set(turn);
        if self.text.borrow().is_some() {
            return self.judge();
        }
        let driver = self.clone();
        spawn_local(async move {
            let head = start_of(&file).await;
            driver.learn_contracts().await;
            if driver.turn.get() != turn {
                return;
            }
            // Of a file that cannot be read the worker says why.
            if head.is_ok_and(|it| may_be_workbook(&it)) {
                driver.open_workbook(&file, turn);
            } else {
                driver.judge();
            }
        });
    }

    /// Whose the file on the desk is. What was made here is of no real one.
    fn workspace(&self) -> WorkspaceId {
        match &*self.file.borrow() {
            Some((_, true)) => WorkspaceId::sample(),
            _ => here().workspace,
        }
    }

    /// What the server would judge under now. Where it cannot be asked, the file is judged under what is known, or else
    /// the shipped contract, and the receipts tell whether that was the same.
    async fn learn_contracts(&self) {
        let workspace = self.workspace();
        let address = format!("/api/v1/contracts?workspace={workspace}");
        let Ok(answer) = get(&address).await else {
            return;
        };
        let all: Option<serde_json::Value> = serde_json::from_str(&answer.text).ok();
        let all = all.as_ref().and_then(|it| it.get("contracts")?.as_array());
        if let Some(all) = all {
            let texts = all.iter().filter_map(|it| it.get("contract"));
            let texts = texts.map(ToString::to_string).collect();
            self.contracts.replace(Some(texts));
        }
    }

    /// What is judged under: the contract that was proposed, while it is tried, or else the server's.
    fn contracts(&self) -> Vec<String> {
        match self.desk.proposal.get_untracked() {
            Proposing::Done(proposal) if self.desk.trying.get_untracked() => {
                vec![proposal.contract()]
            }
            _ => self.contracts.borrow().clone().unwrap_or_default(),
        }
    }

    /// Has the worker judge the file on the desk, or its text.
    fn judge(self: &Rc<Self>) {
        let Some((blob, origin)) = self.on_desk() else {
            return;
        };
        let ask = Ask::Judge {
            evaluated_at: self.evaluated_at.borrow().clone(),
            choice: self.desk.choice.get_untracked(),
            origin,
            contracts: self.contracts(),
        };
        if let Some(id) = self.ask(&ask, Some(&blob)) {
            self.judging.set(id);
        }
    }

    /// What is judged: the file, or the text of its sheets.
    fn on_desk(&self) -> Option<(Blob, Option<Box<Origin>>)> {
        match (&*self.text.borrow(), &*self.file.borrow()) {
            (Some((text, origin)), _) => Some((text.clone(), Some(Box::new(origin.clone())))),
            (None, Some((file, _))) => Some((Blob::from(file.clone()), None)),
            (None, None) => None,
        }
    }

    /// Clears the desk for a file that is still to come, and gives its turn.
    fn make_way(&self, step: Step) -> u32 {
        let busy = matches!(
            self.desk.step.get_untracked(),
            Step::Reading { .. } | Step::Making
        );
        if busy {
            self.worker.replace(None);
        }
        self.sheets.replace(None);
        self.put_away();
        self.leave_files();
        self.desk.origin.set(None);
        self.judging.set(0);
        self.desk.step.set(step);
        let turn = self.turn.get() + 1;
        self.turn.set(turn);
        turn
    }

    fn make_sample(self: &Rc<Self>) {
        self.make_way(Step::Making);
        let today = evaluated_at();
        let end = today.split('T').next().unwrap_or(&today).to_owned();
        let ask = Ask::Sample {
            rows: SAMPLE_ROWS,
            seed: SAMPLE_SEED,
            end,
        };
        if let Some(id) = self.ask(&ask, None) {
            self.judging.set(id);
        }
    }

    /// Reading cannot be interrupted from inside; a new worker starts at once.
    fn stop(self: &Rc<Self>) {
        self.worker.replace(None);
        self.sheets.replace(None);
        self.turn.set(self.turn.get() + 1);
        let stopped = match self.desk.step.get_untracked() {
            Step::Reading { file } => Step::Stopped { file },
            _ => Step::Empty,
        };
        self.desk.step.set(stopped);
        // As above: the next file will say so.
        let _ = self.ready();
        self.came_to(Outcome::Stopped);
    }

    fn clear(&self) {
        self.put_away();
        self.leave_files();
        self.desk.files.set(Vec::new());
        self.desk.origin.set(None);
        self.desk.keeping.set(Keeping::Not);
        self.forget_proposal();
        self.file.replace(None);
        self.text.replace(None);
        self.desk.step.set(Step::Empty);
    }

    /// What belongs to the file before this one.
    fn put_away(&self) {
        self.sending.set(self.sending.get() + 1);
        if let Some(request) = self.upload.take() {
            // As above.
            let _ = request.abort();
        }
        self.follow.replace(None);
        self.writing.replace(None);
        self.desk.workbook.set(Making::Not);
        if self.proposing.take().is_some() {
            self.desk.proposal.set(Proposing::Not);
        }
        self.desk.progress.set(None);
        self.desk.verdict.set(None);
        self.desk.window.set(None);
        self.desk.judging.set(false);
        self.desk.seeking.set(false);
        self.desk.sales.set(None);
        self.desk.sending.set(Sending::Not);
    }

    /// Has the file judged with these corrections, and gives those before.
    fn correct(self: &Rc<Self>, corrections: Vec<Correction>) -> Vec<Correction> {
        let mut choice = self.desk.choice.get_untracked();
        let before = std::mem::replace(&mut choice.corrections, corrections.clone());
        self.desk.choice.set(choice);
        self.desk.sending.set(Sending::Not);
        self.desk.judging.set(true);
        if let Some(id) = self.ask(&Ask::Correct { corrections }, None) {
            self.judging.set(id);
        }
        before
    }

    /// What is done next can be taken back to these.
    fn note(&self, before: Vec<Correction>) {
        self.desk.history.update(|it| {
            it.past.push(before);
            it.future.clear();
        });
    }

    fn step_in_history(self: &Rc<Self>, back: bool) {
        let mut history = self.desk.history.get_untracked();
        let (from, to) = if back {
            (&mut history.past, &mut history.future)
        } else {
            (&mut history.future, &mut history.past)
        };
        if let Some(corrections) = from.pop() {
            to.push(self.correct(corrections));
            self.desk.history.set(history);
        }
    }

    /// The rows are looked up first: not all of them need be in view.
    fn paste(self: &Rc<Self>, filter: RowFilter, at: CellPlace, block: Vec<Vec<String>>) {
        let ask = Ask::Window {
            filter,
            from: at.row,
            count: u32::try_from(block.len()).unwrap_or(u32::MAX),
        };
        if let Some(id) = self.ask(&ask, None) {
            self.pasted.replace(Some((id, at, block)));
        }
    }

    fn hear_of_rows(self: &Rc<Self>, id: u32, rows: RowsInWindow) {
        let pasted = self.pasted.borrow_mut().take_if(|it| it.0 == id);
        if let Some((_, at, block)) = pasted {
            let list = self.desk.choice.with_untracked(|it| {
                correct::block(&it.corrections, &rows, at.row, at.column, &block)
            });
            return self.obey(Command::Correct(list));
        }
        let (asked, filter, verdict) = match id == self.judging.get() {
            // The first ones of a file that is still being read.
            true => (id, RowFilter::default(), None),
            false => self.window_asked.borrow().clone(),
        };
        // While it judges, the worker has no rows.
        let none_yet = rows.total == 0 && self.desk.judging.get_untracked();
        if asked == id && !none_yet {
            self.desk.window.set(Some(Window {
                filter,
                rows: Arc::new(rows),
                verdict,
            }));
        }
    }

    fn export(self: &Rc<Self>, what: Export) {
        self.ask(&Ask::Export { what }, None);
    }

    fn forget_proposal(&self) {
        self.proposing.replace(None);
        self.desk.proposal.set(Proposing::Not);
        self.desk.trying.set(false);
        self.desk.revision.set(String::new());
    }

    fn ask(self: &Rc<Self>, ask: &Ask, file: Option<&JsValue>) -> Option<u32> {
        let asked = self.ready().and_then(|()| {
            let worker = self.worker.borrow();
            let worker = worker.as_ref().ok_or(JsValue::NULL)?;
            worker.ask(ask, file)
        });
        match asked {
            Ok(id) => Some(id),
            Err(_) => {
                self.broken();
                None
            }
        }
    }

    fn ready(self: &Rc<Self>) -> Result<(), JsValue> {
        if self.worker.borrow().is_none() {
            let driver = Rc::downgrade(self);
            let worker = WorkerClient::start(WORKER, move |heard| {
                if let Some(driver) = driver.upgrade() {
                    driver.hear(heard);
                }
            })?;
            self.worker.replace(Some(worker));
        }
        Ok(())
    }

    fn broken(self: &Rc<Self>) {
        self.fail(BROKEN.to_owned());
    }

    /// The file can be sent by the form that shows then.
    fn fail(self: &Rc<Self>, text: String) {
        if let Some((file, false)) = self.file.borrow().as_ref() {
            come::give_back(std::slice::from_ref(file));
        }
        self.desk.step.set(Step::Failed { text });
        self.came_to(Outcome::Failed);
    }

    fn hear(self: &Rc<Self>, heard: Heard) {
        let (id, tell, file) = match heard {
            Heard::Said { id, tell, file } => (id, tell, file),
            Heard::Broken => {
                // It answers nothing any more, and goes when it has said this; the next file gets another one.
                let client = self.worker.take();
                spawn_local(async move { drop(client) });
                return self.broken();
            }
        };
        match tell {
            Tell::Ready
            | Tell::Opened { .. }
            | Tell::NoWorkbook
            | Tell::Inferred { .. }
            | Tell::Rows(_)
            | Tell::Verifying(_)
            | Tell::Verified { .. } => {}
            Tell::Revised { contract } => self.judge_revised(&contract),
            Tell::NotRevised { text } => self.desk.revision.set(text),
            Tell::Progress { .. } | Tell::Judged { .. } | Tell::Sales(_) | Tell::Sample { .. }
                if id != self.judging.get() => {}
            Tell::Progress {
                phase,
                bytes,
                total,
                rows,
                failing,
            } => self.desk.progress.set(Some(Progress {
                phase,
                bytes,
                total,
                rows,
                failing,
            })),
            Tell::Judged {
                verdict,
                columns,
                wrong,
                first,
            } => {
                if self.fresh.get() && self.read_as_remembered(&verdict) {
                    return;
                }
                let verdict = Arc::new(*verdict);
                if self.came_to(Outcome::Judged(verdict.clone())) {
                    return;
                }
                self.desk.first.set(Arc::new(first));
                self.desk.columns.set(Arc::new(columns));
                self.desk.wrong.set(Arc::new(wrong));
                self.desk.judging.set(false);
                // Those of the verdict before, where they are added up anew at all.
                self.desk.sales.set(None);
                self.remember(&verdict);
                self.desk.verdict.set(Some(verdict));
                if let Step::Reading { file } = self.desk.step.get_untracked() {
                    self.desk.window.set(None);
                    self.desk.step.set(Step::Judged { file });
                }
            }
            Tell::Sales(sales) => self.desk.sales.set(Some(Arc::new(*sales))),
            Tell::Sample { rows } => match sample_file(&file, rows) {
                Ok(file) => self.open(file, true),
                Err(_) => self.broken(),
            },
            Tell::Window(rows) => self.hear_of_rows(id, rows),
            Tell::Sought { place } => {
                self.desk.sought.set(place);
                self.desk.seeking.set(false);
            }
            Tell::Counted { cells } => {
                if id == self.counting.get() {
                    self.desk.kept_cells.set(cells);
                }
            }
            Tell::Export { name } => {
                if save(&file, &name).is_err() {
                    leptos::logging::error!("the download could not be saved");
                }
            }
            Tell::Failed { text } => self.fail(text),
        }
    }
}

pub(super) fn save(blob: &JsValue, name: &str) -> Result<(), JsValue> {
    download::save(blob.dyn_ref::<Blob>().ok_or(JsValue::NULL)?, name)
}

/// What of a choice says how the file's text is read, whatever its columns are.
fn text_alone(choice: &Choice) -> Choice {
    Choice {
        columns: Default::default(),
        date_forms: Default::default(),
        ..choice.clone()
    }
}

pub(crate) async fn start_of(file: &Blob) -> Result<Vec<u8>, JsValue> {
    let start = file.slice_with_i32_and_i32(0, HEAD)?;
    let buffer = JsFuture::from(start.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Whether its first bytes are those of a zip archive, an old Office document or a web page. The program that opens
/// workbooks knows better, and is not loaded for anything else.
pub(crate) fn may_be_workbook(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    head.starts_with(b"PK\x03\x04")
        || head.starts_with(b"\xd0\xcf\x11\xe0")
        || text.trim_ascii_start().starts_with(b"<")
}

fn sample_file(bytes: &JsValue, rows: u32) -> Result<File, JsValue> {
    let name = format!("sample_{rows}_rows.csv");
    let options = FilePropertyBag::new();
    options.set_type("text/csv");
    // The worker sends bytes; a Blob or a File would do as well.
    let part = if bytes.is_instance_of::<js_sys::ArrayBuffer>() {
        Uint8Array::new(bytes).into()
    } else {
        bytes.clone()
    };
    File::new_with_blob_sequence_and_options(&Array::of1(&part), &name, &options)
}
