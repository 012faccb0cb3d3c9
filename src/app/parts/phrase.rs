//! A sentence with links, figures or emphasis in it, whole for whoever translates it.

use maud::{Markup, PreEscaped, Render};
use model::texts::{Piece, pieces};

/// As `t!`, as HTML: values are what `html!` takes, templates among them.
macro_rules! phrase {
    ($text:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::parts::phrase::phrased(
            const { model::texts::text($text, &[$(stringify!($name)),+]) },
            &[$((stringify!($name), &$value)),+],
        )
    };
}
pub(crate) use phrase;

pub(crate) fn phrased(text: &str, values: &[(&str, &dyn Render)]) -> Markup {
    let mut all = String::with_capacity(2 * text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(text) => text.render_to(&mut all),
            Piece::Place(name) => {
                if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                    value.render_to(&mut all);
                }
            }
        }
    }
    PreEscaped(all)
}

#[cfg(test)]
mod tests {
    use maud::html;

    #[test]
    fn templates_stand_in_a_text_and_values_are_escaped() {
        let strong = html! { strong { "₹5" } };
        let text = phrase!(
            "{rows} & {money}, {name}",
            rows = 3,
            money = strong,
            name = "a<b"
        );
        assert_eq!(text.into_string(), "3 &amp; <strong>₹5</strong>, a&lt;b");
    }
}
