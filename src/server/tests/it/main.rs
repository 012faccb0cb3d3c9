//! The server through its router on a real temporary database, and the program through its command line.

#![expect(clippy::unwrap_used, reason = "a test may fall over where it stands")]

mod across;
mod acts;
mod audit;
mod bad_input;
mod board;
mod cluster;
mod command;
mod contract;
mod corrections;
mod crash;
mod crowd;
mod dashboard;
mod desk;
mod disk;
mod download;
mod exceptions;
mod exceptions_page;
mod exports;
mod failed;
mod figures;
mod follow;
mod gone;
mod guard;
mod house;
mod kill;
mod kill_acts;
mod ledger;
mod lineage;
mod listed;
mod lists;
mod once;
mod openapi;
mod pages;
mod periods;
#[path = "../../../store/tests/it/places.rs"]
mod places;
mod proof;
mod quality_page;
mod reopened;
mod reports;
mod returned;
mod rows;
mod serving;
mod share;
mod shares;
mod shelf;
mod sound;
mod stewards;
#[path = "../../../store/tests/it/tamper.rs"]
mod tamper;
mod tls;
mod told;
mod told_of_runs;
mod upgrade;
mod upload;
mod uploads;
mod withdrawal;
mod workbook;
mod year;
