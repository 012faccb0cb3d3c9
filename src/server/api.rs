//! The handlers: extract, one call, respond.

pub mod audit;
pub mod contracts;
pub mod download;
pub mod events;
pub mod exception_list;
pub mod exceptions;
pub mod figures;
pub mod file;
pub mod form;
pub mod health;
pub mod known;
pub mod ledger;
pub mod lineage;
pub mod lists;
pub mod openapi;
pub mod proof;
pub mod rows;
pub mod runs;
pub mod search;
pub mod shelf;
pub mod tables;
pub mod upload;
pub mod uploads;
pub mod withdrawals;

pub mod extract;
