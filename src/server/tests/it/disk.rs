//! A full disk, on a real file system of a few megabytes.

use crate::house::{House, orders};
use axum::http::StatusCode;
use std::{path::Path, process::Command};

/// A small file system of its own, unmounted at the end.
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

    /// Somebody makes room.
    fn grow(&self, megabytes: u32) {
        let size = format!("remount,size={megabytes}m");
        let mut mount = Command::new("mount");
        let grown = mount.args(["-o", &size]).arg(self.path()).status();
        assert!(
            grown.is_ok_and(|it| it.success()),
            "the small disk stays small"
        );
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.path()).status();
        assert!(
            unmounted.is_ok_and(|it| it.success()),
            "the small disk stays mounted"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_disk_has_no_room_for_leaves_nothing_but_an_entry() {
    let disk = match SmallDisk::mount(8) {
        Ok(disk) => disk,
        Err(why) => return println!("not run: no small file system can be mounted here: {why}"),
    };
    let house = House::at(&disk.path().join("data"), 1 << 30).await;
    assert_eq!(
        house.run("filename=small.csv", orders(1..=10)).await["status"],
        "complete"
    );
    let kept = house.raw_files();
    house
        .post("filename=big.csv", vec![b'x'; 16 << 20])
        .await
        .problem(507, "disk-full");
    assert_eq!(house.raw_files(), kept);
    assert_eq!(house.runs("main").await.len(), 1);
    assert_eq!(house.events("main").await.last().unwrap(), "upload.refused");
    // Where there is room again, everything goes on.
    assert_eq!(
        house.run("filename=next.csv", orders(11..=20)).await["status"],
        "complete"
    );
    house.verify("main").await;
    house.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_database_has_no_room_for_fails_and_loads_nothing() {
    let disk = match SmallDisk::mount(12) {
        Ok(disk) => disk,
        Err(why) => return println!("not run: no small file system can be mounted here: {why}"),
    };
    let house = House::at(&disk.path().join("data"), 1 << 30).await;
    assert_eq!(
        house.run("filename=small.csv", orders(1..=10)).await["status"],
        "complete"
    );
    // The file itself fits; its rows in ledger and log do not.
    let answer = house.post("filename=big.csv", orders(100..=90_000)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let run = house.settled(&answer.json()).await;
    assert_eq!(run["status"], "failed", "{run}");
    assert!(
        run["reason"].as_str().unwrap().contains("disk is full"),
        "{run}"
    );
    // Nothing of it holds a key; and where there is room again, everything goes on.
    disk.grow(64);
    let last = house.run("filename=next.csv", orders(100..=105)).await;
    assert_eq!(
        (&last["status"], &last["found_by_server"]),
        (&"complete".into(), &0.into())
    );
    house.verify("main").await;
    house.store.close().await;
}
