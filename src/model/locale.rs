//! How a reader has numbers and days written: as chosen, else as the server is set, else as the browser's language
//! has it.

use crate::money::Numbers;

/// How days are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Days {
    /// `23 Nov 2026`
    #[default]
    DayFirst,
    /// `Nov 23, 2026`
    MonthFirst,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Locale {
    pub numbers: Numbers,
    pub days: Days,
}

/// Languages of countries that count in lakh and crore, named without the country.
const COUNT_IN_LAKH: [&str; 18] = [
    "as", "bn", "doi", "gu", "hi", "kn", "kok", "mai", "ml", "mr", "ne", "or", "pa", "sa", "sat",
    "ta", "te", "ur",
];

impl Locale {
    /// The cookie in which a reader's choice is kept.
    pub const COOKIE: &str = "tarazu_locale";

    /// What can be chosen, by name.
    pub const ALL: [(&str, Self); 3] = [
        ("en-IN", Self::new(Numbers::Indian, Days::DayFirst)),
        ("en-GB", Self::new(Numbers::International, Days::DayFirst)),
        ("en-US", Self::new(Numbers::International, Days::MonthFirst)),
    ];

    const fn new(numbers: Numbers, days: Days) -> Self {
        Self { numbers, days }
    }

    /// One of those that can be chosen.
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(it, _)| *it == name);
        found.map(|(_, locale)| *locale)
    }

    /// For who sends these headers `Cookie` and `Accept-Language` to a server on which `set` was said of numbers.
    pub fn of(cookies: &str, set: Option<Numbers>, languages: &str) -> Self {
        let chosen = cookies.split(';').find_map(|it| {
            let (name, value) = it.trim().split_once('=')?;
            Self::named(value).filter(|_| name == Self::COOKIE)
        });
        chosen.unwrap_or_else(|| {
            let spoken = Self::spoken(languages);
            Self::new(set.unwrap_or(spoken.numbers), spoken.days)
        })
    }

    /// That of the language which is wanted most, as RFC 9110 writes it: `hi-IN,hi;q=0.9`.
    fn spoken(languages: &str) -> Self {
        let weighed = languages.split(',').filter_map(|it| {
            let (tag, weight) = it.split_once(";q=").unwrap_or((it, "1"));
            let tag = tag.trim();
            let weight: f32 = weight.trim().parse().ok()?;
            (!tag.is_empty() && tag != "*" && weight > 0.0).then_some((tag, weight))
        });
        // The first of those that are wanted as much.
        let most = weighed.reduce(|most, it| if it.1 > most.1 { it } else { most });
        let Some((tag, _)) = most else {
            return Self::default();
        };
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let is = |country: &str| parts.clone().any(|it| it.eq_ignore_ascii_case(country));
        if is("IN") || COUNT_IN_LAKH.contains(&language.as_str()) {
            Self::new(Numbers::Indian, Days::DayFirst)
        } else if is("US") {
            Self::new(Numbers::International, Days::MonthFirst)
        } else {
            Self::new(Numbers::International, Days::DayFirst)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_comes_before_the_server_and_the_server_before_the_language() {
        let check = |cookies: &str, set: Option<Numbers>, languages: &str, expected: &str| {
            let found = Locale::of(cookies, set, languages);
            assert_eq!(
                Some(found),
                Locale::named(expected),
                "{cookies} {languages}"
            );
        };
        let (indian, international) = (Some(Numbers::Indian), Some(Numbers::International));
        check("", None, "", "en-IN");
        check("", None, "*", "en-IN");
        check("", None, "en-IN,en;q=0.9", "en-IN");
        check("", None, "hi", "en-IN");
        check("", None, "ta-Taml-IN", "en-IN");
        check("", None, "en-US,en;q=0.5", "en-US");
        check("", None, "de-DE, en-IN;q=0.8", "en-GB");
        check("", None, "en;q=0.3,de;q=0,hi-IN;q=0.8", "en-IN");
        check("", None, "en", "en-GB");
        check("", international, "en-IN", "en-GB");
        check("", international, "", "en-GB");
        check("", indian, "de", "en-IN");
        check("tarazu_locale=en-US", indian, "de", "en-US");
        check("a=b; tarazu_locale=en-IN", international, "en-US", "en-IN");
        check("tarazu_locale=xx; other=en-IN", None, "en-GB", "en-GB");
    }

    #[test]
    fn a_server_that_counts_in_lakh_leaves_days_to_the_language() {
        let found = Locale::of("", Some(Numbers::Indian), "en-US");
        assert_eq!(found, Locale::new(Numbers::Indian, Days::MonthFirst));
    }
}
