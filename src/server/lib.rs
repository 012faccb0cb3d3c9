//! The one native program: command line, router, REST, runs.

pub mod api;
pub mod assets;
pub mod backend;
pub mod clock;
pub mod command;
pub mod contracts;
pub mod evidence;
pub mod exception;
pub mod handout;
pub mod lineage;
pub mod once;
pub mod pages;
pub mod panic;
pub mod piecemeal;
pub mod problem;
pub mod replay;
pub mod request;
pub mod router;
pub mod run;
pub mod settings;
pub mod shelf;
pub mod source;
pub mod state;
pub mod table;
pub mod upload;
pub mod workbook;
