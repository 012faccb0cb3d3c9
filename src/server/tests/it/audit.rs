//! The log after all of it, by the program.

use crate::{
    command::tarazu,
    house::{House, orders, sample},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_busy_day_verifies_and_a_changed_one_does_not() {
    let house = House::with_limit(1 << 20).await;
    house.run("filename=a.csv", sample(500, 1).0).await;
    house.run("filename=b.csv", orders(1..=5)).await;
    house.run("filename=c.csv", "").await;
    house
        .run("filename=d.csv&workspace=sample", orders(1..=5))
        .await;
    house
        .post("filename=big.csv", vec![0; 2 << 20])
        .await
        .problem(413, "too-large");
    let folder = house.folder().to_str().unwrap().to_owned();
    let verify = |more: &[&str]| {
        let args = ["audit", "verify", "--data-dir", &folder];
        tarazu(&[args.as_slice(), more].concat())
    };
    let fine = verify(&[]);
    assert_eq!(fine.code, 0, "{}", fine.all());
    assert!(
        fine.out.contains("main: ")
            && fine.out.contains("sample: ")
            && fine.out.contains("No checkpoint")
    );
    let checkpoint = fine
        .out
        .lines()
        .find_map(|it| it.split("checkpoint: ").nth(1))
        .unwrap();
    let with = verify(&["--workspace", "main", "--checkpoint", checkpoint]);
    assert_eq!(with.code, 0, "{}", with.all());
    assert!(!with.out.contains("No checkpoint"));
    let beyond = verify(&["--checkpoint", &format!("9999:{}", "0".repeat(64))]);
    assert_eq!(beyond.code, 1, "{}", beyond.all());
    assert!(
        beyond.out.contains("BROKEN at entry 9999"),
        "{}",
        beyond.out
    );
}
