//! One thing that a chart shows: what is drawn, where the pointer finds it, its words.

use crate::{
    canvas::{Canvas, WIDTH, text_style},
    hue::{Hue, Role},
};
use plotters::{
    element::{Drawable, PointCollection},
    style::Color,
};
use plotters_backend::{BackendCoord, DrawingBackend, DrawingErrorKind, text_anchor::HPos};
use std::convert::Infallible;

/// Corners are in the chart's coordinates, words and key in the canvas's.
pub(crate) struct Mark<'a, C> {
    pub(crate) name: &'a str,
    pub(crate) href: Option<&'a str>,
    pub(crate) hue: Hue,
    /// Two opposite corners of where the pointer finds it.
    pub(crate) reach: [C; 2],
    /// Two opposite corners of what is drawn; None where there is nothing to show.
    pub(crate) shape: Option<[C; 2]>,
    /// A point, and as what it is drawn.
    pub(crate) dot: Option<(Role, C)>,
    pub(crate) key: Option<BackendCoord>,
    pub(crate) words: Vec<Words>,
}

pub(crate) struct Words {
    pub(crate) role: Role,
    pub(crate) anchor: HPos,
    pub(crate) at: BackendCoord,
    pub(crate) text: String,
}

/// A mark that is there is seen, however little it stands for.
const LEAST_WIDTH: i32 = 30;
const LEAST_HEIGHT: i32 = 1;
const KEY_RADIUS: u32 = 5;
const DOT_RADIUS: u32 = 4;

impl<'a, C: 'a> PointCollection<'a, C> for &'a Mark<'_, C> {
    type Point = &'a C;
    type IntoIter = Vec<&'a C>;

    fn point_iter(self) -> Self::IntoIter {
        self.reach
            .iter()
            .chain(self.shape.iter().flatten())
            .chain(self.dot.iter().map(|(_, it)| it))
            .collect()
    }
}

impl<C> Drawable<Canvas<'_>> for Mark<'_, C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut corners: I,
        canvas: &mut Canvas<'_>,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        canvas.open_mark(self.name, self.href);
        let shape = (Role::Mark(self.hue), (LEAST_WIDTH, LEAST_HEIGHT));
        let shape = self.shape.as_ref().map(|_| shape);
        for (role, least) in [(Role::Reach, (0, 0))].into_iter().chain(shape) {
            let (Some(one), Some(other)) = (corners.next(), corners.next()) else {
                break;
            };
            let (left, top) = (one.0.min(other.0), one.1.min(other.1));
            let (right, bottom) = (one.0.max(other.0), one.1.max(other.1));
            let left = left.min(WIDTH - least.0);
            let right = right.max(left + least.0);
            let top = top.min(bottom - least.1);
            canvas.draw_rect((left, top), (right, bottom), &role.to_backend_color(), true)?;
        }
        if let (Some((role, _)), Some(at)) = (&self.dot, corners.next()) {
            canvas.draw_circle(at, DOT_RADIUS, &role.to_backend_color(), true)?;
        }
        if let Some(key) = self.key {
            let color = Role::Mark(self.hue).to_backend_color();
            canvas.draw_circle(key, KEY_RADIUS, &color, true)?;
        }
        for words in &self.words {
            canvas.draw_text(&words.text, &text_style(words.role, words.anchor), words.at)?;
        }
        canvas.close_mark(self.href);
        Ok(())
    }
}
