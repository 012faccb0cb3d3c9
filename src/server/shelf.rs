//! The contracts in force of a workspace: those that the program was started with, and over them, by name, those that
//! people put in force.

pub mod edit;
pub mod view;

use crate::{
    clock,
    contracts::{self, Contracts},
    exception::Who,
    run::reason_digest,
};
use clap::ValueEnum;
use engine::contract::{Contract, odcs};
use model::{
    contract::{
        ContractCard, ContractPage, ContractVersion, ContractView, Retirement, VersionState,
    },
    id::WorkspaceId,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use store::{Mark, NewDraft, ShelfError, Store, StoreError};
use thiserror::Error;

/// Characters of a contract's name, which stands in addresses.
const NAME_CHARS: usize = 100;

/// Contracts that are read once. More than are in force anywhere are thrown away together.
const KEPT: usize = 256;

/// Files that a draft can be tried on.
const PAST: u32 = 20;

/// Who may put a contract in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Approval {
    /// Whoever drafted it, too
    #[default]
    Anybody,
    /// Somebody else than who drafted it
    SecondPerson,
}

/// Why nothing was changed on the shelf.
#[derive(Debug, Error)]
pub enum ActError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The name is none that an address can hold.
    #[error("the contract's name is no name")]
    Name,
    /// The draft says what is in force already.
    #[error("it is what is in force")]
    Same,
    #[error("it is no draft any more")]
    Decided(VersionState),
    #[error("another version was put in force since it was drafted")]
    Overtaken,
    #[error("who drafted it cannot put it in force here")]
    SamePerson,
    #[error("the server was started with it")]
    Started,
    #[error("it is not in force, or not retired")]
    State,
}

impl From<ShelfError> for ActError {
    fn from(error: ShelfError) -> Self {
        match error {
            ShelfError::Store(error) => Self::Store(error),
            ShelfError::Decided(state) => Self::Decided(state),
            ShelfError::Overtaken => Self::Overtaken,
            ShelfError::State => Self::State,
        }
    }
}

/// Clones share what was read.
#[derive(Debug, Clone)]
pub struct Shelf {
    started: Contracts,
    approval: Approval,
    read: Arc<Mutex<BTreeMap<String, Arc<Contract>>>>,
}

impl From<Contracts> for Shelf {
    fn from(started: Contracts) -> Self {
        Self::new(started, Approval::default())
    }
}

impl Shelf {
    pub fn new(started: Contracts, approval: Approval) -> Self {
        Self {
            started,
            approval,
            read: Arc::default(),
        }
    }

    /// What the program was started with.
    pub fn started(&self) -> &Contracts {
        &self.started
    }

    pub fn approval(&self) -> Approval {
        self.approval
    }

    /// What files of a workspace are judged under now. The database is asked each time, so that all processes that
    /// share it see a change at once.
    ///
    /// # Errors
    /// When the store does not answer, or keeps what is no contract.
    pub async fn in_force(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
    ) -> Result<Contracts, StoreError> {
        let mut own = Vec::new();
        // Apart from the many futures that wait for this one, which would grow by it.
        for version in Box::pin(store.contracts_in_force(workspace)).await? {
            let fingerprint = &version.contract.fingerprint;
            own.push(Box::pin(self.read(store, workspace, fingerprint)).await?);
        }
        Ok(self.started.with(own))
    }

    /// A contract that a workspace keeps, by its fingerprint.
    ///
    /// # Errors
    /// When there is none, or the store does not answer.
    pub async fn read(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
        fingerprint: &str,
    ) -> Result<Arc<Contract>, StoreError> {
        let kept = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        // Workspaces may hold the same contract, and nobody guesses the fingerprint of one that he has not.
        if let Some(contract) = kept().get(fingerprint) {
            return Ok(Arc::clone(contract));
        }
        let text = store.contract(workspace, fingerprint).await?;
        let text = text.ok_or(StoreError::NotFound)?;
        let contract = Contract::from_json(&text);
        let contract = contract.map_err(|error| StoreError::Corrupt(Box::new(error)))?;
        let contract = Arc::new(contract);
        let mut kept = kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(fingerprint.to_owned(), Arc::clone(&contract));
        Ok(contract)
    }

    /// A version of a contract; 0 is the one that the program was started with.
    ///
    /// # Errors
    /// When there is none, or the store does not answer.
    pub async fn version(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
        name: &str,
        number: u64,
    ) -> Result<Arc<Contract>, StoreError> {
        if number == 0 {
            let started = self.started.iter().find(|it| it.name == name);
            return started.map(Arc::clone).ok_or(StoreError::NotFound);
        }
        let version = store.contract_version(workspace, name, number).await?;
        let fingerprint = &version.contract.fingerprint;
        self.read(store, workspace, fingerprint).await
    }

    /// The contracts of a workspace, those in force first, in the order in which a file is held to them.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn cards(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
    ) -> Result<Vec<ContractCard>, StoreError> {
        let versions = store.contract_versions(workspace, None).await?;
        let all = self.in_force(store, workspace).await?;
        let retired = store.retired_contracts(workspace).await?;
        let drafts = |name: &str| {
            let own = versions.iter().filter(|it| it.contract.name == name);
            own.filter(|it| it.state == VersionState::Draft).count() as u64
        };
        let mut cards: Vec<ContractCard> = Vec::new();
        for contract in all.iter().map(|it| it.reference()) {
            let is_it = |it: &&ContractVersion| {
                it.state == VersionState::InForce && it.contract.name == contract.name
            };
            let version = versions.iter().find(is_it);
            cards.push(ContractCard {
                drafts: drafts(&contract.name),
                in_force: Some(version.map_or(0, |it| it.number)),
                since: version.and_then(|it| it.decided_at.clone().zip(it.decided_by.clone())),
                retired: None,
                contract,
            });
        }
        for version in &versions {
            let name = &version.contract.name;
            let retired = retired.get(name).filter(|it| it.number == version.number);
            if retired.is_some() && cards.iter().all(|it| it.contract.name != *name) {
                cards.push(ContractCard {
                    contract: version.contract.clone(),
                    in_force: None,
                    since: None,
                    retired: retired.cloned(),
                    drafts: drafts(name),
                });
            }
        }
        // By name, newest first: of those that are not in force, the newest draft stands for the name.
        for version in &versions {
            let name = &version.contract.name;
            let is_draft = version.state == VersionState::Draft;
            if is_draft && cards.iter().all(|it| it.contract.name != *name) {
                cards.push(ContractCard {
                    contract: version.contract.clone(),
                    in_force: None,
                    since: None,
                    retired: None,
                    drafts: drafts(name),
                });
            }
        }
        Ok(cards)
    }

    /// A contract as its page shows it.
    ///
    /// # Errors
    /// When there is no such contract or version, or the store does not answer.
    pub async fn page(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
        name: &str,
        version: Option<u64>,
        compared: Option<(u64, u64)>,
    ) -> Result<ContractPage, StoreError> {
        let versions = store.contract_versions(workspace, Some(name)).await?;
        let started = self.started.iter().find(|it| it.name == name);
        let on_shelf = versions.iter().find(|it| it.state == VersionState::InForce);
        let on_shelf = on_shelf.map(|it| it.number);
        let mut retired = store.retired_contracts(workspace).await?;
        let retired = retired.remove(name);
        let counts = on_shelf.filter(|_| retired.is_none());
        let in_force = counts.or(started.map(|_| 0));
        let newest = versions.first().map(|it| it.number);
        let number = version.or(in_force).or(on_shelf).or(newest);
        let number = number.ok_or(StoreError::NotFound)?;
        let shown = self.version(store, workspace, name, number).await?;
        let state = versions.iter().find(|it| it.number == number);
        let is_draft = state.is_some_and(|it| it.state == VersionState::Draft);
        let compared = compared.or(in_force.filter(|_| is_draft).map(|it| (it, number)));
        let compared = match compared {
            None => None,
            Some((from, to)) => {
                let before = self.version(store, workspace, name, from).await?;
                let after = self.version(store, workspace, name, to).await?;
                Some((from, to, view::changes(&before, &after)))
            }
        };
        let mut past = Vec::new();
        if is_draft {
            past = store.past_files(workspace, Some(name), PAST).await?;
            if past.is_empty() {
                // For a table that was not taken before there may be files that fitted nothing.
                past = store.past_files(workspace, None, PAST).await?;
            }
        }
        let used = versions.iter().map(|it| it.contract.version.as_str());
        let used = used.chain(started.map(|it| it.version.as_str()));
        let used: Vec<&str> = used.collect();
        Ok(ContractPage {
            name: name.to_owned(),
            number,
            text: odcs::write(&shown),
            next_version: edit::next_version(&shown.version, &used),
            shown: view::view(&shown),
            in_force,
            started: started.map(|it| it.reference()),
            versions,
            compared,
            past,
            retired,
            can_retire: counts.is_some() && started.is_none(),
            needs_another: false,
        })
    }

    /// A contract that a run was judged under, in words, and its newest version where it is one.
    ///
    /// # Errors
    /// When the workspace keeps no such contract, or the store does not answer.
    pub async fn of_run(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
        fingerprint: &str,
    ) -> Result<(ContractView, Option<u64>), StoreError> {
        let text = store.contract(workspace, fingerprint).await?;
        let contract = contracts::of_run(text.as_deref(), fingerprint);
        let contract = contract.ok_or(StoreError::NotFound)?;
        let name = contract.name.as_str();
        let versions = store.contract_versions(workspace, Some(name)).await?;
        let mut versions = versions.iter();
        let version = versions.find(|it| it.contract.fingerprint == fingerprint);
        let started = self.started.iter().find(|it| it.name == name);
        let started = started.filter(|it| it.fingerprint() == fingerprint);
        let number = version.map(|it| it.number).or(started.map(|_| 0));
        Ok((view::view(&contract), number))
    }

    /// Keeps a contract as a draft. `based_on` is the fingerprint of what it was made from, where that is not what is
    /// in force now.
    ///
    /// # Errors
    /// When nothing was kept.
    pub async fn draft(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
        contract: &Contract,
        based_on: Option<String>,
        note: Option<String>,
        who: &Who,
    ) -> Result<ContractVersion, ActError> {
        let draft = self
            .new_draft(store, workspace, contract, based_on, note)
            .await?;
        let mark = mark(who, draft.note.as_deref().map(|it| ("note_digest", it)));
        Ok(store.draft_contract(workspace, &draft, &mark).await?)
    }

    async fn new_draft(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
        contract: &Contract,
        based_on: Option<String>,
        note: Option<String>,
    ) -> Result<NewDraft, ActError> {
        let name = contract.name.as_str();
        let sound = (1..=NAME_CHARS).contains(&name.chars().count())
            && name.trim() == name
            && !name.contains(|it: char| it.is_control() || it == '/')
            && !matches!(name, "." | "..");
        if !sound {
            return Err(ActError::Name);
        }
        let all = self.in_force(store, workspace).await?;
        let in_force = all.iter().find(|it| it.name == name);
        let in_force = in_force.map(|it| it.fingerprint());
        let reference = contract.reference();
        if in_force.as_ref() == Some(&reference.fingerprint) {
            return Err(ActError::Same);
        }
        Ok(NewDraft {
            contract: reference,
            text: contract.canonical(),
            based_on: based_on.or(in_force),
            note,
        })
    }

    /// Puts a draft in force.
    ///
    /// # Errors
    /// When it stays what it is.
    pub async fn adopt(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
        (name, number): (&str, u64),
        reason: &str,
        who: &Who,
    ) -> Result<ContractVersion, ActError> {
        let draft = store.contract_version(workspace, name, number).await?;
        if self.approval == Approval::SecondPerson && draft.made_by == who.actor {
            return Err(ActError::SamePerson);
        }
        let mark = mark(who, Some(("reason_digest", reason)));
        let adopted = store.adopt_contract(workspace, name, number, reason, &mark);
        Ok(adopted.await?)
    }

    /// Ends a draft.
    ///
    /// # Errors
    /// When it stays what it is.
    pub async fn discard(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
        (name, number): (&str, u64),
        reason: &str,
        who: &Who,
    ) -> Result<ContractVersion, ActError> {
        let mark = mark(who, Some(("reason_digest", reason)));
        let discarded = store.discard_contract(workspace, name, number, reason, &mark);
        Ok(discarded.await?)
    }

    /// Retires what is in force under a name that the program was not started with. Runs of the past keep it.
    ///
    /// # Errors
    /// When it stays in force.
    pub async fn retire(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
        (name, number): (&str, u64),
        reason: &str,
        who: &Who,
    ) -> Result<Retirement, ActError> {
        if self.started.iter().any(|it| it.name == name) {
            return Err(ActError::Started);
        }
        let mark = mark(who, Some(("reason_digest", reason)));
        let retired = store.retire_contract(workspace, name, number, reason, &mark);
        Ok(retired.await?)
    }

    /// Brings back what was retired: it is in force again.
    ///
    /// # Errors
    /// When it stays retired.
    pub async fn bring_back(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
        (name, number): (&str, u64),
        reason: &str,
        who: &Who,
    ) -> Result<ContractVersion, ActError> {
        let version = store.contract_version(workspace, name, number).await?;
        if self.approval == Approval::SecondPerson && version.made_by == who.actor {
            return Err(ActError::SamePerson);
        }
        let mark = mark(who, Some(("reason_digest", reason)));
        let returned = store.return_contract(workspace, name, number, reason, &mark);
        Ok(returned.await?)
    }

    /// Goes back to an earlier version, as a new one with its text: put in force at once, or a draft where a second
    /// person is needed.
    ///
    /// # Errors
    /// When nothing was changed.
    pub async fn restore(
        &self,
        store: &Store,
        workspace: &WorkspaceId,
        (name, number): (&str, u64),
        reason: &str,
        who: &Who,
    ) -> Result<ContractVersion, ActError> {
        let contract = self.version(store, workspace, name, number).await?;
        let note = Some(reason.to_owned());
        let draft = self
            .new_draft(store, workspace, &contract, None, note)
            .await?;
        let mark = mark(who, Some(("reason_digest", reason))).with("restores", number);
        Ok(match self.approval {
            Approval::Anybody => {
                let replaced = store.replace_contract(workspace, &draft, reason, &mark);
                replaced.await?
            }
            Approval::SecondPerson => store.draft_contract(workspace, &draft, &mark).await?,
        })
    }
}

/// People's own words stand in the log as digests alone.
fn mark(who: &Who, words: Option<(&str, &str)>) -> Mark {
    let mark = Mark::new(clock::now_text(), who.actor.as_str());
    match words {
        Some((name, words)) => mark.with(name, reason_digest(words)),
        None => mark,
    }
}
