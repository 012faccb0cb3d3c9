//! The instant at which a file is judged: the asking side's, where its clock can be believed.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use thiserror::Error;

/// How far the asking side's clock may run ahead of the server's, and how far behind it.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
const BEHIND: TimeDelta = TimeDelta::hours(24);

/// Whole seconds, Z.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedAt {
    pub text: String,
    /// True where another instant was asked for and not taken.
    pub replaced: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("evaluated_at is not a time such as 2026-02-02T12:00:00Z")]
pub struct NotATime;

/// Takes the instant asked for when it is at most five minutes ahead of and at most 24 hours behind `now`,
/// else `now`.
///
/// # Errors
/// When what is asked for is no RFC 3339 time.
pub fn judged_at(asked: Option<&str>, now: DateTime<Utc>) -> Result<JudgedAt, NotATime> {
    let Some(asked) = asked else {
        return Ok(JudgedAt {
            text: seconds(now),
            replaced: false,
        });
    };
    let asked = read(asked)?;
    let believed = asked - now <= AHEAD && now - asked <= BEHIND;
    Ok(JudgedAt {
        text: seconds(if believed { asked } else { now }),
        replaced: !believed,
    })
}

/// Reads an RFC 3339 time.
///
/// # Errors
/// When it is none.
pub fn read(text: &str) -> Result<DateTime<Utc>, NotATime> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| NotATime)?;
    Ok(time.to_utc())
}

/// Whole seconds, Z: `2026-02-02T12:00:00Z`.
pub fn seconds(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_believed_within_bounds() {
        let now = read("2026-02-02T12:00:00Z").unwrap();
        for (asked, text, replaced) in [
            (None, "2026-02-02T12:00:00Z", false),
            (Some("2026-02-02T12:05:00Z"), "2026-02-02T12:05:00Z", false),
            (Some("2026-02-02T12:05:01Z"), "2026-02-02T12:00:00Z", true),
            (Some("2026-02-01T12:00:00Z"), "2026-02-01T12:00:00Z", false),
            (Some("2026-02-01T11:59:59Z"), "2026-02-02T12:00:00Z", true),
            (
                Some("2026-02-02T17:00:00.9+05:30"),
                "2026-02-02T11:30:00Z",
                false,
            ),
        ] {
            let expected = JudgedAt {
                text: text.to_owned(),
                replaced,
            };
            assert_eq!(judged_at(asked, now), Ok(expected), "{asked:?}");
        }
        assert_eq!(judged_at(Some("yesterday"), now), Err(NotATime));
    }
}
