//! Whether pages are light or dark: as chosen, else as the reader's system has it.

/// What can be chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scheme {
    #[default]
    System,
    Light,
    Dark,
}

impl Scheme {
    /// The cookie in which a reader's choice is kept.
    pub const COOKIE: &str = "tarazu_scheme";

    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// As CSS has it in `color-scheme`.
    pub const fn css(self) -> &'static str {
        match self {
            Self::System => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// One of those that can be chosen.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// For who sends this header `Cookie`.
    pub fn of(cookies: &str) -> Self {
        let chosen = cookies.split(';').find_map(|it| {
            let (name, value) = it.trim().split_once('=')?;
            Self::named(value).filter(|_| name == Self::COOKIE)
        });
        chosen.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_found_among_other_cookies() {
        for (cookies, scheme) in [
            ("", Scheme::System),
            ("tarazu_scheme=dark", Scheme::Dark),
            ("a=dark; tarazu_scheme=light; b=1", Scheme::Light),
            ("tarazu_scheme=purple", Scheme::System),
        ] {
            assert_eq!(Scheme::of(cookies), scheme, "{cookies}");
        }
    }
}
