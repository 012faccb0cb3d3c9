//! The report: seconds in groups of what can be compared, each against the first of its group.

use crate::report::say;

/// What is compared with one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Process,
    OneThread,
    AllThreads,
    Records,
    Threads,
    Faults,
    Targets,
}

impl Group {
    const ALL: [Group; 7] = [
        Group::Process,
        Group::OneThread,
        Group::AllThreads,
        Group::Records,
        Group::Threads,
        Group::Faults,
        Group::Targets,
    ];

    fn title(self) -> &'static str {
        match self {
            Group::Process => "The whole process",
            Group::OneThread => "Inside the process, on one thread",
            Group::AllThreads => "Inside the process, on all cores",
            Group::Records => "Reading records alone, on one thread",
            Group::Threads => "The engine and the cores",
            Group::Faults => "The engine and the faults, on one thread",
            Group::Targets => "The engine and its targets, on one thread",
        }
    }
}

#[derive(Default)]
pub(super) struct Table(Vec<(Group, String, f64)>);

impl Table {
    /// The first of a group is what the others are compared with.
    pub(super) fn add(&mut self, group: Group, who: impl Into<String>, seconds: f64) {
        self.0.push((group, who.into(), seconds));
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
                "seconds"
            ));
            for (_, who, seconds) in &rows {
                lines.push(format!("  {who:<42}{seconds:>10.3}{:>9.2}", seconds / base));
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
        let lines = table.lines();
        let words: Vec<Vec<&str>> = lines
            .iter()
            .map(|it| it.split_whitespace().collect())
            .collect();
        assert_eq!(words[2], ["tarazu", "check", "0.500", "1.00"]);
        assert!(lines[4].ends_with("against the engine"));
        assert_eq!(words[5], ["the", "engine", "0.200", "1.00"]);
        assert_eq!(words[6], ["another", "0.500", "2.50"]);
        assert_eq!(lines.len(), 7);
    }
}
