//! Versions of contracts: what each act makes of them, and what the database itself refuses.

use crate::{
    making::mark,
    places::open,
    tamper::{drop_trigger, tamper},
};
use model::{
    audit::EntryFilter,
    contract::{ContractVersion, VersionState},
    id::WorkspaceId,
    verdict::ContractRef,
};
use store::{Mark, NewDraft, ShelfError, Store, StoreError};

/// A contract `stalls` whose fingerprint is of this digit alone.
fn draft(digit: char, based_on: Option<char>) -> NewDraft {
    let fingerprint = |it: char| it.to_string().repeat(64);
    NewDraft {
        contract: ContractRef {
            name: "stalls".into(),
            version: format!("{digit}.0"),
            fingerprint: fingerprint(digit),
        },
        text: format!("the text of {digit}"),
        based_on: based_on.map(fingerprint),
        note: Some("for the new stall".into()),
    }
}

async fn states(store: &Store, workspace: &WorkspaceId) -> Vec<(u64, VersionState)> {
    let all = store.contract_versions(workspace, None).await.unwrap();
    all.iter().map(|it| (it.number, it.state)).collect()
}

async fn in_force(store: &Store, workspace: &WorkspaceId) -> Vec<(String, u64)> {
    let all = store.contracts_in_force(workspace).await.unwrap();
    let all = all.into_iter();
    all.map(|it| (it.contract.name, it.number)).collect()
}

async fn adopted(store: &Store, number: u64) -> Result<ContractVersion, ShelfError> {
    let main = WorkspaceId::main();
    store
        .adopt_contract(&main, "stalls", number, "agreed", &mark())
        .await
}

async fn drafted(store: &Store, digit: char, based_on: Option<char>) -> ContractVersion {
    let made = draft(digit, based_on);
    let main = WorkspaceId::main();
    store.draft_contract(&main, &made, &mark()).await.unwrap()
}

/// Drafted and put in force at one time.
async fn replaced(store: &Store, digit: char, based_on: Option<char>) -> ContractVersion {
    let made = draft(digit, based_on);
    let main = WorkspaceId::main();
    let mark = mark();
    let done = store.replace_contract(&main, &made, "begin", &mark);
    done.await.unwrap()
}

#[tokio::test]
async fn versions_are_drafted_put_in_force_replaced_and_discarded_each_with_an_entry() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let (main, other) = (WorkspaceId::main(), WorkspaceId::sample());
    let first = drafted(&store, 'a', None).await;
    assert_eq!((first.number, first.state), (1, VersionState::Draft));
    assert_eq!(in_force(&store, &main).await, []);
    let first = adopted(&store, 1).await.unwrap();
    assert_eq!(first.reason.as_deref(), Some("agreed"));
    assert_eq!(first.decided_by.as_deref(), Some("ravi"));
    assert_eq!(in_force(&store, &main).await, [("stalls".to_owned(), 1)]);
    assert_eq!(in_force(&store, &other).await, []);
    let text = store.contract(&main, &first.contract.fingerprint).await;
    assert_eq!(text.unwrap().as_deref(), Some("the text of a"));

    for digit in ['b', 'c', 'd'] {
        drafted(&store, digit, Some('a')).await;
    }
    let thrown = store
        .discard_contract(&main, "stalls", 2, "no", &mark())
        .await;
    assert_eq!(thrown.unwrap().state, VersionState::Discarded);
    adopted(&store, 3).await.unwrap();
    // It was drafted from what is in force no more.
    let late = adopted(&store, 4).await.unwrap_err();
    assert!(matches!(late, ShelfError::Overtaken), "{late}");
    for number in [1, 2, 3] {
        let again = adopted(&store, number).await.unwrap_err();
        assert!(matches!(again, ShelfError::Decided(_)), "{again}");
    }
    let none = adopted(&store, 9).await.unwrap_err();
    assert!(matches!(none, ShelfError::Store(StoreError::NotFound)));
    let back = replaced(&store, 'a', Some('c')).await;
    assert_eq!(back.number, 5);
    assert_eq!(
        states(&store, &main).await,
        [
            (5, VersionState::InForce),
            (4, VersionState::Draft),
            (3, VersionState::Replaced),
            (2, VersionState::Discarded),
            (1, VersionState::Replaced),
        ]
    );
    // What was decided stays with what is replaced.
    let first = store.contract_version(&main, "stalls", 1).await.unwrap();
    assert_eq!(first.reason.as_deref(), Some("agreed"));

    let filter = EntryFilter {
        event: "contract.".into(),
        ..EntryFilter::default()
    };
    let entries = store.entries(&main, &filter, None, 99).await.unwrap();
    let told: Vec<(&str, &str)> = entries
        .entries
        .iter()
        .rev()
        .map(|it| (it.entry.event.as_str(), it.entry.details["number"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("contract.drafted", "1"),
            ("contract.adopted", "1"),
            ("contract.drafted", "2"),
            ("contract.drafted", "3"),
            ("contract.drafted", "4"),
            ("contract.discarded", "2"),
            ("contract.adopted", "3"),
            ("contract.drafted", "5"),
            ("contract.adopted", "5"),
        ]
    );
    assert_eq!(store.verify(&main, None).await.unwrap().fault, None);
    let coverage = store.coverage(&main).await.unwrap();
    assert_eq!(
        (coverage.contracts.with_entry, coverage.contracts.total),
        (9, 9)
    );
    store.close().await;
}

#[tokio::test]
async fn what_is_retired_is_in_force_no_more_until_it_is_brought_back_or_another_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let (main, other) = (WorkspaceId::main(), WorkspaceId::sample());
    let retire = async |number: u64| {
        let mark = mark();
        let done = store.retire_contract(&main, "stalls", number, "the stalls are gone", &mark);
        done.await
    };
    let back = async |number: u64| {
        let mark = mark();
        let done = store.return_contract(&main, "stalls", number, "they are back", &mark);
        done.await
    };
    let retired = async || {
        let all = store.retired_contracts(&main).await.unwrap();
        all.into_iter()
            .map(|(name, it)| (name, it.number))
            .collect::<Vec<_>>()
    };
    let name = || "stalls".to_owned();
    drafted(&store, 'a', None).await;
    assert!(
        matches!(retire(1).await, Err(ShelfError::State)),
        "a draft is in force nowhere"
    );
    adopted(&store, 1).await.unwrap();
    assert!(matches!(back(1).await, Err(ShelfError::State)));
    let done = retire(1).await.unwrap();
    assert_eq!(
        (done.number, done.by.as_str(), done.reason.as_str()),
        (1, "ravi", "the stalls are gone")
    );
    assert_eq!(in_force(&store, &main).await, []);
    assert_eq!(retired().await, [(name(), 1)]);
    assert_eq!(store.retired_contracts(&other).await.unwrap().len(), 0);
    assert!(matches!(retire(1).await, Err(ShelfError::State)));
    back(1).await.unwrap();
    assert_eq!(in_force(&store, &main).await, [(name(), 1)]);
    assert_eq!(retired().await, []);

    // What was drafted before or since takes the place of what is retired.
    retire(1).await.unwrap();
    drafted(&store, 'b', None).await;
    adopted(&store, 2).await.unwrap();
    assert_eq!(in_force(&store, &main).await, [(name(), 2)]);
    assert_eq!(retired().await, []);
    assert!(matches!(back(1).await, Err(ShelfError::State)));
    assert!(matches!(retire(1).await, Err(ShelfError::State)));
    drafted(&store, 'c', Some('b')).await;
    retire(2).await.unwrap();
    adopted(&store, 3).await.unwrap();
    assert_eq!(in_force(&store, &main).await, [(name(), 3)]);
    assert!(matches!(
        retire(9).await,
        Err(ShelfError::Store(StoreError::NotFound))
    ));

    let filter = EntryFilter {
        event: "contract.re".into(),
        ..EntryFilter::default()
    };
    let entries = store
        .entries(&main, &filter, None, 99)
        .await
        .unwrap()
        .entries;
    let told: Vec<(&str, &str)> = entries
        .iter()
        .rev()
        .map(|it| (it.entry.event.as_str(), it.entry.details["number"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("contract.retired", "1"),
            ("contract.returned", "1"),
            ("contract.retired", "1"),
            ("contract.retired", "2"),
        ]
    );
    let coverage = store.coverage(&main).await.unwrap();
    assert_eq!(
        (coverage.contracts.with_entry, coverage.contracts.total),
        (10, 10)
    );
    for sql in [
        "DELETE FROM contract_retirements",
        "UPDATE contract_retirements SET reason = 'another'",
    ] {
        assert!(tamper(folder.path(), sql).await.is_err(), "{sql}");
    }
    assert_eq!(store.verify(&main, None).await.unwrap().fault, None);
    store.close().await;
}

#[tokio::test]
async fn of_two_drafts_from_one_version_one_is_put_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    replaced(&store, 'a', None).await;
    let drafts = ['b', 'c', 'd', 'e'].map(|it| draft(it, Some('a')));
    let by = |who: usize| Mark::new("2026-02-02T11:00:00.000Z", format!("person {who}"));
    let marks = [by(1), by(2), by(3), by(4)];
    let made = drafts.iter().zip(&marks);
    let made = made.map(|(draft, mark)| store.draft_contract(&main, draft, mark));
    let made = futures::future::join_all(made).await;
    let mut numbers: Vec<u64> = made.into_iter().map(|it| it.unwrap().number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3, 4, 5]);
    let done = numbers.iter().map(|it| adopted(&store, *it));
    let done = futures::future::join_all(done).await;
    assert_eq!(done.iter().filter(|it| it.is_ok()).count(), 1);
    let late = done.into_iter().filter_map(Result::err);
    assert!(
        late.into_iter()
            .all(|it| matches!(it, ShelfError::Overtaken))
    );
    assert_eq!(in_force(&store, &main).await.len(), 1);
    store.close().await;
}

#[tokio::test]
async fn a_version_changes_in_its_state_alone_and_never_goes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let main = WorkspaceId::main();
    replaced(&store, 'a', None).await;
    drafted(&store, 'b', Some('a')).await;
    for sql in [
        "DELETE FROM contract_versions",
        "UPDATE contract_versions SET made_by = 'nobody'",
        "UPDATE contract_versions SET fingerprint = (SELECT max(fingerprint) FROM contracts) WHERE number = 1",
        "UPDATE contract_versions SET state = 'draft', decided_at = NULL, decided_by = NULL, reason = NULL, \
         decided_entry = NULL WHERE number = 1",
        "UPDATE contract_versions SET reason = 'another' WHERE number = 1",
        "UPDATE contract_versions SET state = 'replaced', reason = 'another' WHERE number = 1",
        "UPDATE contract_versions SET state = 'in-force' WHERE number = 2",
        "UPDATE contract_versions SET state = 'in-force', decided_at = 'now', decided_by = 'x', reason = 'y', \
         decided_entry = 1 WHERE number = 2",
        "INSERT INTO contract_versions (workspace, name, number, fingerprint, state, made_at, made_by, made_entry) \
         SELECT workspace, name, 9, fingerprint, 'draft', made_at, made_by, made_entry FROM contract_versions \
         WHERE number = 2",
    ] {
        assert!(tamper(folder.path(), sql).await.is_err(), "{sql}");
    }
    // Behind the back of the triggers, what has no entry shows.
    let drop = drop_trigger(
        "contract_versions_change_in_state_alone",
        "contract_versions",
    );
    let sql = format!(
        "{drop} UPDATE contract_versions SET state = 'discarded', decided_at = 'now', decided_by = 'x', reason = 'y', \
         decided_entry = 1 WHERE number = 2"
    );
    tamper(folder.path(), &sql).await.unwrap();
    let coverage = store.coverage(&main).await.unwrap();
    assert_eq!(
        (coverage.contracts.with_entry, coverage.contracts.total),
        (3, 4)
    );
    let missing = &coverage.missing[0];
    assert_eq!(missing.event, "contract.discarded");
    assert_eq!(missing.contract.as_deref(), Some("stalls 2"));
    store.close().await;
}
