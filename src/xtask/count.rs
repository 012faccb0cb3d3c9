//! How many tests passed and failed, taken from the lines by which the test runners close, and how many were not run.

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Those that found that they cannot be done here, which their runner takes for passed.
    pub(crate) not_run: u64,
    /// Of those that passed, the ones that failed first.
    pub(crate) again: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.not_run += other.not_run;
        self.again += other.again;
    }

    /// So many of those that passed did nothing.
    pub(crate) fn leave_out(&mut self, tests: u64) {
        self.passed = self.passed.saturating_sub(tests);
        self.not_run += tests;
    }
}

/// The tests that one printed line reports; most lines report none.
pub(crate) fn in_line(line: &str) -> Counts {
    let plain = without_colours(line);
    let plain = plain.trim_end();
    // cargo test, and wasm-bindgen-test under Node. nextest quotes such lines, indented, and counts for itself.
    if let Some(rest) = plain.strip_prefix("test result: ") {
        return figures(rest.split(['.', ';']));
    }
    let plain = plain.trim_start();
    // nextest: `Summary [ 0.5s] 12 tests run: 11 passed (1 slow), 1 failed, 0 skipped`.
    if plain.starts_with("Summary [")
        && let Some((_, rest)) = plain.split_once("run: ")
    {
        return figures(rest.split(','));
    }
    // Playwright: `3 passed (5.2s)`, `1 failed` and `1 flaky`, each on a line of its own.
    let mut words = plain.split(' ');
    if let (Some(_), Some("passed" | "failed" | "flaky"), None | Some(_), None) =
        (words.next(), words.next(), words.next(), words.next())
    {
        return figures(std::iter::once(plain));
    }
    Counts::default()
}

/// Reads parts such as `11 passed (1 slow)`. Tests that timed out count as failed; nextest lists them apart.
fn figures<'a>(parts: impl Iterator<Item = &'a str>) -> Counts {
    let mut counts = Counts::default();
    for part in parts {
        let mut words = part.split_whitespace();
        let Some(Ok(number)) = words.next().map(str::parse::<u64>) else {
            continue;
        };
        match words.next() {
            Some("passed") => counts.passed += number,
            Some("failed" | "timed") => counts.failed += number,
            Some("flaky") => {
                counts.passed += number;
                counts.again += number;
            }
            _ => {}
        }
    }
    counts
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            letters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, passed: u64, failed: u64) {
        let expected = Counts {
            passed,
            failed,
            ..Counts::default()
        };
        assert_eq!(in_line(line), expected, "{line}");
    }

    #[test]
    fn reads_the_closing_lines_of_the_runners() {
        check(
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            3,
            0,
        );
        check("test result: FAILED. 3 passed; 2 failed; 0 ignored", 3, 2);
        check(
            "test result: ok. 4 passed; 0 failed; 0 ignored; 0 filtered out\n",
            4,
            0,
        );
        check(
            "     Summary [   0.512s] 12 tests run: 11 passed (1 slow), 1 failed, 0 skipped",
            11,
            1,
        );
        check(
            "     Summary [  10.512s] 1/12 tests run: 0 passed, 1 timed out, 0 skipped",
            0,
            1,
        );
        check("  3 passed (5.2s)", 3, 0);
        check("  1 failed", 0, 1);
        check(
            "\u{1b}[32m  3 passed\u{1b}[39m\u{1b}[2m (5.2s)\u{1b}[22m",
            3,
            0,
        );
    }

    #[test]
    fn tests_that_did_nothing_have_not_passed() {
        let mut counts = in_line("test result: ok. 3 passed; 0 failed");
        counts.leave_out(2);
        let expected = Counts {
            passed: 1,
            not_run: 2,
            ..Counts::default()
        };
        assert_eq!(counts, expected);
    }

    #[test]
    fn a_test_that_passes_at_its_second_try_is_told_apart() {
        let expected = Counts {
            passed: 1,
            again: 1,
            ..Counts::default()
        };
        assert_eq!(in_line("  1 flaky"), expected);
    }

    #[test]
    fn leaves_other_lines_alone() {
        check("test engine::reads ... ok", 0, 0);
        check("5 passed the examination this year", 0, 0);
        check("    test result: FAILED. 0 passed; 1 failed", 0, 0);
        check("        PASS [   0.010s] engine reads", 0, 0);
        check("", 0, 0);
    }
}
