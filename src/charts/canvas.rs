//! The backend that plotters draws on: it writes SVG itself, because plotters' own measures text through the
//! page and paints with fixed colours.

use crate::{glyphs, hue::Role};
use plotters::{
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea},
    style::{Color, IntoFont, TextStyle},
};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    text_anchor::{HPos, Pos, VPos},
};
use std::convert::Infallible;

/// A chart is 10,000 units wide, hundredths of a per cent of its place; its height is in pixels.
pub(crate) const WIDTH: i32 = 10_000;
/// Pixels of the narrowest place that a chart has: a phone of 360 px less the page's margins.
pub(crate) const NARROWEST: u32 = 328;
/// Pixels at which words of a class `roomy` are shown and those of a class `brief` are not; the container query in
/// `style/charts.css` says the same.
pub(crate) const ROOMY: u32 = 640;
/// Pixels from which on a label has more room; the container queries in `style/charts.css` say the same.
pub(crate) const STEPS: [u32; 6] = [NARROWEST, 360, 400, 480, 560, ROOMY];
/// Pixels of a letter: labels and values, and words on axes.
pub(crate) const LETTER: u32 = 13;
pub(crate) const SMALL_LETTER: u32 = 12;

pub(crate) type Area<'a> = DrawingArea<Canvas<'a>, Shift>;
pub(crate) type Failure = DrawingAreaErrorKind<Infallible>;

/// What stands above the marks. `kind` is the chart's class.
pub(crate) struct Head<'a> {
    pub(crate) kind: &'static str,
    /// Whether its margin is the one for long amounts.
    pub(crate) is_deep: bool,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) height: i32,
}

/// A chart, whole: `paint` draws on its area.
pub(crate) fn render(
    head: &Head<'_>,
    paint: impl for<'a> FnOnce(&Area<'a>) -> Result<(), Failure>,
) -> String {
    let mut svg = String::new();
    let area = Canvas::open(&mut svg, head).into_drawing_area();
    paint(&area)
        .and_then(|()| area.present())
        // A string takes every mark, and no area is drawn on while another draws: plotters has no other errors.
        .expect("drawing into a string cannot fail");
    drop(area);
    svg
}

/// The style of a text of that role, standing on its point.
pub(crate) fn text_style(role: Role, anchor: HPos) -> TextStyle<'static> {
    let size = match role {
        Role::Label | Role::LabelAt(_) | Role::LabelFrom(_) | Role::KeyLabel | Role::Value => {
            LETTER
        }
        _ => SMALL_LETTER,
    };
    TextStyle {
        font: ("sans-serif", size).into_font(),
        color: role.to_backend_color(),
        pos: Pos::new(anchor, VPos::Bottom),
    }
}

/// Writes what it is told at once. Rectangles, level lines, circles and texts are elements; anything else
/// plotters would break down to single points, so a chart that needs paths gives them a method here first.
pub(crate) struct Canvas<'a> {
    svg: &'a mut String,
    height: i32,
}

impl<'a> Canvas<'a> {
    fn open(svg: &'a mut String, head: &Head<'_>) -> Self {
        let mut canvas = Self {
            svg,
            height: head.height,
        };
        let mut class = format!("chart {}", head.kind);
        if head.is_deep {
            class.push(' ');
            class.push_str("deep");
        }
        canvas.element(
            "svg",
            &[
                ("xmlns", "http://www.w3.org/2000/svg"),
                ("class", &class),
                ("role", "group"),
                ("aria-label", head.title),
                ("width", "100%"),
                ("height", &head.height.to_string()),
            ],
            Content::Open,
        );
        canvas.element("desc", &[], Content::Text(head.description));
        canvas
    }

    /// Opens what can be pointed at and focused; `name` says what it shows, and with `href` it leads there.
    pub(crate) fn open_mark(&mut self, name: &str, href: Option<&str>) {
        match href {
            Some(href) => self.element(
                "a",
                &[("class", "mark"), ("href", href), ("aria-label", name)],
                Content::Open,
            ),
            None => self.element(
                "g",
                &[
                    ("class", "mark"),
                    ("role", "img"),
                    ("tabindex", "0"),
                    ("aria-label", name),
                ],
                Content::Open,
            ),
        }
        self.element("title", &[], Content::Text(name));
    }

    pub(crate) fn close_mark(&mut self, href: Option<&str>) {
        self.svg
            .push_str(if href.is_some() { "</a>\n" } else { "</g>\n" });
    }

    fn element(&mut self, name: &str, attributes: &[(&str, &str)], content: Content<'_>) {
        self.svg.push('<');
        self.svg.push_str(name);
        for (key, value) in attributes {
            self.svg.push(' ');
            self.svg.push_str(key);
            self.svg.push_str("=\"");
            self.escaped(value);
            self.svg.push('"');
        }
        match content {
            Content::Nothing => self.svg.push_str("/>\n"),
            Content::Open => self.svg.push_str(">\n"),
            Content::Text(text) => {
                self.svg.push('>');
                self.escaped(text);
                self.svg.push_str("</");
                self.svg.push_str(name);
                self.svg.push_str(">\n");
            }
        }
    }

    fn escaped(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '<' => self.svg.push_str("&lt;"),
                '>' => self.svg.push_str("&gt;"),
                '&' => self.svg.push_str("&amp;"),
                '"' => self.svg.push_str("&quot;"),
                // XML has no place for control characters, and a label may hold a file's text.
                it if it.is_control() => self.svg.push(' '),
                it => self.svg.push(it),
            }
        }
    }
}

enum Content<'a> {
    Nothing,
    Open,
    Text(&'a str),
}

/// `1250` units as `12.5%`.
fn across(units: i32) -> String {
    let text = format!("{}.{:02}", units / 100, units % 100);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}%")
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (WIDTH.unsigned_abs(), self.height.unsigned_abs())
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        self.svg.push_str("</svg>\n");
        Ok(())
    }

    fn draw_pixel(
        &mut self,
        (x, y): BackendCoord,
        color: BackendColor,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.draw_rect((x, y), (x + 1, y + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.element(
            "line",
            &[
                ("class", Role::class(style.color())),
                ("x1", &across(from.0)),
                ("y1", &from.1.to_string()),
                ("x2", &across(to.0)),
                ("y2", &to.1.to_string()),
            ],
            Content::Nothing,
        );
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        _fill: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.element(
            "rect",
            &[
                ("class", Role::class(style.color())),
                ("x", &across(upper_left.0)),
                ("y", &upper_left.1.to_string()),
                ("width", &across(bottom_right.0 - upper_left.0)),
                ("height", &(bottom_right.1 - upper_left.1).to_string()),
            ],
            Content::Nothing,
        );
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        _fill: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.element(
            "circle",
            &[
                ("class", Role::class(style.color())),
                ("cx", &across(center.0)),
                ("cy", &center.1.to_string()),
                ("r", &radius.to_string()),
            ],
            Content::Nothing,
        );
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        let drop = match style.anchor().v_pos {
            VPos::Bottom => "0",
            VPos::Center => "0.35em",
            VPos::Top => "0.76em",
        };
        // The marks' names and the table behind the chart say it already.
        self.element(
            "text",
            &[
                ("class", Role::class(style.color())),
                ("x", &across(x)),
                ("y", &y.to_string()),
                ("dy", drop),
                ("text-anchor", anchor),
                ("aria-hidden", "true"),
            ],
            Content::Text(text),
        );
        Ok(())
    }

    /// In units across, where the chart is narrowest: where it is wider a text takes less of it.
    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = if style.size() > f64::from(SMALL_LETTER) {
            LETTER
        } else {
            SMALL_LETTER
        };
        let pixels = glyphs::width(text, size);
        Ok((pixels * WIDTH.unsigned_abs() / NARROWEST, size))
    }
}
