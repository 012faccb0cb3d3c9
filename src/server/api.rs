//! The handlers: extract, one call, respond.

pub mod audit;
pub mod contracts;
pub mod download;
pub mod events;
pub mod exceptions;
pub mod file;
pub mod form;
pub mod health;
pub mod lineage;
pub mod openapi;
pub mod proof;
pub mod rows;
pub mod runs;
pub mod upload;
pub mod uploads;

pub mod extract;
