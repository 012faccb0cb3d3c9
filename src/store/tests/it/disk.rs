//! A full disk, on real file systems of a few megabytes, whichever step it hits.

use crate::{making::*, places::not_run};
use model::{
    id::WorkspaceId,
    row::{KeptRow, LedgerRow},
    run::RunStatus,
};
use std::process::Command;
use store::{Store, StoreError};

#[tokio::test]
async fn a_run_that_the_database_has_no_room_for_still_fails_with_its_entry() {
    for (megabytes, step) in [
        (4, Step::Keep),
        (6, Step::Keep),
        (12, Step::Keep),
        (4, Step::Close),
        (12, Step::Close),
    ] {
        let disk = match SmallDisk::mount(megabytes) {
            Ok(disk) => disk,
            Err(why) => {
                return not_run(&format!("no small file system can be mounted here: {why}"));
            }
        };
        let main = WorkspaceId::main();
        let store = Store::open(disk.0.path().join("data").as_path())
            .await
            .unwrap();
        let run = new_run(&main, 1, 1);
        store.begin_run(&run, false, &mark()).await.unwrap();
        store.claim(&[]).await.unwrap();
        let error = fill(&store, &main, step).await;
        assert!(matches!(error, StoreError::Full(_)), "{error:?}");

        store
            .append(&main, None, "upload.refused", &mark())
            .await
            .unwrap();
        store
            .fail_run(&main, &run.id, "the disk is full", &mark())
            .await
            .unwrap();
        let failed = store.run(&main, &run.id).await.unwrap();
        assert_eq!(failed.summary.status, RunStatus::Failed);
        let page = store.flagged(&main, &run.id, &all()).await.unwrap();
        assert_eq!(page.total, 0);
        let report = store.verify(&main, None).await.unwrap();
        assert_eq!((report.fault, report.entries), (None, 3));
        store.close().await;
    }
}

#[derive(Clone, Copy)]
enum Step {
    Keep,
    Close,
}

/// Goes on until there is no room.
async fn fill(store: &Store, workspace: &WorkspaceId, step: Step) -> StoreError {
    let run = new_run(workspace, 1, 1).id;
    let batches = (0..).map(|batch| batch * 2048 + 1..(batch + 1) * 2048 + 1);
    match step {
        Step::Keep => {
            for records in batches {
                let rows: Vec<KeptRow> = records.map(|it| exception(it, it, Some(1))).collect();
                if let Err(error) = store.keep(workspace, &run, &rows).await {
                    return error;
                }
            }
            unreachable!("the disk has no end")
        }
        Step::Close => {
            let mut closing = store.close_run(workspace, &run).await.unwrap();
            for records in batches.take(100) {
                let rows: Vec<LedgerRow> = records
                    .map(|it| ledger_row(it, &format!("A-{it}"), 1))
                    .collect();
                closing.load(&rows).await.unwrap();
            }
            let judged = verdict(100 * 2048, 0, 100 * 2048, 0);
            closing.finish(&judged, &mark()).await.unwrap_err()
        }
    }
}

/// A file system of its own, unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(megabytes: u32) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|it| it.to_string())?;
        let size = format!("size={megabytes}m");
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path());
        let done = mount.output().map_err(|it| it.to_string())?;
        if done.status.success() {
            Ok(Self(folder))
        } else {
            Err(String::from_utf8_lossy(&done.stderr).trim().to_owned())
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let done = Command::new("umount").arg("-l").arg(self.0.path()).status();
        assert!(
            done.is_ok_and(|it| it.success()),
            "the small disk stays mounted"
        );
    }
}
