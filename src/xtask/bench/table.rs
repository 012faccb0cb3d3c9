//! The report: seconds and megabytes in groups of what can be compared, each against the first of its group.

use super::megabytes;
use crate::report::say;

/// What is compared with one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Process,
    OneThread,
    AllThreads,
    Records,
    Threads,
    NoFaults,
    AllFaults,
    Faults,
    Targets,
    Browser,
    Memory,
    BrowserMemory,
    Sqlite,
    Postgres,
}

impl Group {
    const ALL: [Group; 14] = [
        Group::Process,
        Group::OneThread,
        Group::AllThreads,
        Group::Records,
        Group::Threads,
        Group::NoFaults,
        Group::AllFaults,
        Group::Faults,
        Group::Targets,
        Group::Browser,
        Group::Memory,
        Group::BrowserMemory,
        Group::Sqlite,
        Group::Postgres,
    ];

    fn title(self) -> &'static str {
        match self {
            Group::Process => "The whole process",
            Group::OneThread => "Inside the process, on one thread",
            Group::AllThreads => "Inside the process, on all cores",
            Group::Records => "Reading records alone, on one thread",
            Group::Threads => "The engine and the cores",
            Group::NoFaults => "No row fails, on one thread",
            Group::AllFaults => "Every row fails, on one thread",
            Group::Faults => "The engine and the faults, on one thread",
            Group::Targets => "The engine and its targets, on one thread",
            Group::Browser => "In Chromium",
            Group::Memory => "The most memory of the process, all cores",
            Group::BrowserMemory => "The most memory in Chromium",
            Group::Sqlite => "Into the ledger, SQLite",
            Group::Postgres => "Into the ledger, PostgreSQL",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Group::Memory | Group::BrowserMemory => "MB",
            _ => "seconds",
        }
    }
}

#[derive(Default)]
pub(super) struct Table(Vec<(Group, String, f64)>);

impl Table {
    /// The first of a group is what the others are compared with.
    pub(super) fn add(&mut self, group: Group, who: impl Into<String>, figure: f64) {
        self.0.push((group, who.into(), figure));
    }

    /// Nothing where the system did not tell.
    pub(super) fn add_memory(&mut self, group: Group, who: &str, bytes: Option<u64>) {
        if let Some(bytes) = bytes {
            self.add(group, who, megabytes(bytes));
        }
    }

    /// The least of what is added under one name.
    pub(super) fn add_best(&mut self, group: Group, who: &str, figure: f64) {
        match self.0.iter_mut().find(|it| it.0 == group && it.1 == who) {
            Some((_, _, best)) => *best = best.min(figure),
            None => self.add(group, who, figure),
        }
    }

    /// The most memory of what is added under one name.
    pub(super) fn add_worst_memory(&mut self, who: &str, bytes: Option<u64>) {
        let Some(figure) = bytes.map(megabytes) else {
            return;
        };
        match self
            .0
            .iter_mut()
            .find(|it| it.0 == Group::Memory && it.1 == who)
        {
            Some((_, _, worst)) => *worst = worst.max(figure),
            None => self.add(Group::Memory, who, figure),
        }
    }

    /// None where it was not added.
    pub(super) fn figure(&self, group: Group, who: &str) -> Option<f64> {
        let found = self.0.iter().find(|it| it.0 == group && it.1 == who);
        found.map(|it| it.2)
    }

    pub(super) fn print(&self) {
        for line in self.lines() {
            say(&line);
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for group in Group::ALL {
            let rows: Vec<_> = self.0.iter().filter(|it| it.0 == group).collect();
            let Some((_, first, base)) = rows.first() else {
                continue;
            };
            lines.push(String::new());
            lines.push(format!(
                "{:<44}{:>10}  against {first}",
                group.title(),
                group.unit()
            ));
            for (_, who, figure) in &rows {
                lines.push(format!("  {who:<42}{figure:>10.3}{:>9.2}", figure / base));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_each_with_the_first_of_its_group() {
        let mut table = Table::default();
        table.add(Group::OneThread, "the engine", 0.2);
        table.add(Group::Process, "tarazu check", 0.5);
        table.add(Group::OneThread, "another", 0.5);
        table.add_memory(Group::Memory, "tarazu check", Some(3_000_000));
        table.add_memory(Group::Memory, "another", None);
        let lines = table.lines();
        let words: Vec<Vec<&str>> = lines
            .iter()
            .map(|it| it.split_whitespace().collect())
            .collect();
        assert_eq!(words[2], ["tarazu", "check", "0.500", "1.00"]);
        assert!(lines[4].ends_with("against the engine"));
        assert_eq!(words[5], ["the", "engine", "0.200", "1.00"]);
        assert_eq!(words[6], ["another", "0.500", "2.50"]);
        assert!(lines[8].contains(" MB "));
        assert_eq!(words[9], ["tarazu", "check", "3.000", "1.00"]);
        assert_eq!(lines.len(), 10);
    }
}
