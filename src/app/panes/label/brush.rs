//! Brush and eraser: a mask that grows and shrinks under the hand, each stroke kept when it is let go.

use std::sync::Arc;

use eframe::egui::{self, Color32, Painter, Pos2, Stroke};

use super::mask_view::MaskViews;
use crate::app::act::Act;
use crate::app::keymap::key_pressed;
use crate::app::keys::CommandId;
use crate::app::pane::PaneCx;
use crate::app::widgets::Canvas;
use crate::data::annotations::model::{Point, Rect};
use crate::data::annotations::rle::Mask;
use crate::data::annotations::{Annotation, Mark};
use crate::engine::Error;
use crate::label::{Edit, ItemMarks, brush};

/// What the part keeps between frames.
pub(super) struct Brush {
    /// Half of its width, in pixels of the image.
    radius: f64,
    stroke: Option<StrokeUnderWay>,
    pub views: MaskViews,
}

/// A stroke that is not let go yet.
struct StrokeUnderWay {
    /// The mask that it changes, or the number that the new one will get.
    number: u32,
    is_new: bool,
    erases: bool,
    mask: Mask,
    /// Where the brush is.
    at: Point,
    /// What has changed since it was last drawn.
    changed: Option<Rect>,
}

impl Default for Brush {
    fn default() -> Self {
        Self { radius: 8.0, stroke: None, views: MaskViews::default() }
    }
}

impl Brush {
    /// Nothing is under way any more.
    pub(super) fn reset(&mut self) {
        (self.stroke, self.views) = (None, MaskViews::default());
    }

    /// `[` and `]` change its size.
    pub(super) fn keys(&mut self, ui: &egui::Ui) {
        for (id, larger) in [(CommandId::BrushSmaller, false), (CommandId::BrushLarger, true)] {
            if key_pressed(ui, id) {
                self.radius = brush::resized(self.radius, larger);
            }
        }
    }

    /// How wide it is, in pixels of the image.
    pub(super) fn width(&self) -> f64 {
        self.radius * 2.0
    }

    /// True while a stroke is under way.
    pub(super) fn is_painting(&self) -> bool {
        self.stroke.is_some()
    }

    /// The number of the mask that a stroke is changing.
    pub(super) fn painted(&self) -> Option<u32> {
        self.stroke.as_ref().map(|stroke| stroke.number)
    }

    /// Begins a stroke: on the mask that is chosen, else on a new one. Without a mask there is nothing to erase.
    ///
    /// # Errors
    /// If the image is too large for a mask.
    pub(super) fn begin(
        &mut self,
        marks: &ItemMarks,
        chosen: Option<u32>,
        (width, height): (f64, f64),
        at: Point,
        erases: bool,
    ) -> Result<(), Error> {
        let known = chosen.and_then(|number| Some((number, mask_of(marks.marks.get(&number)?)?)));
        let (number, mask, is_new) = match known {
            Some((number, mask)) => (number, mask.clone(), false),
            None if erases => return Ok(()),
            None => {
                let empty = Mask::from_stretches(width as u32, height as u32, []).ok_or_else(too_large)?;
                (marks.free_number(), empty, true)
            }
        };
        let mut stroke = StrokeUnderWay { number, is_new, erases, mask, at, changed: None };
        stroke.go_to(at, self.radius);
        self.stroke = Some(stroke);
        Ok(())
    }

    /// The brush moves on.
    pub(super) fn go_on(&mut self, at: Point) {
        if let Some(stroke) = self.stroke.as_mut().filter(|stroke| stroke.at != at) {
            stroke.go_to(at, self.radius);
        }
    }

    /// The stroke is kept. The number of the mask, if there still is one.
    pub(super) fn let_go(&mut self, cx: &mut PaneCx<'_>, marks: &ItemMarks, label: &str) -> Option<u32> {
        let stroke = self.stroke.take()?;
        let before = marks.marks.get(&stroke.number);
        if stroke.mask.area() == 0 {
            if !stroke.is_new {
                cx.act(Act::Unmark(vec![stroke.number]));
            }
            return None;
        }
        let edit = match before {
            _ if stroke.is_new => Edit::Add(Annotation::new(label, Mark::Mask(stroke.mask))),
            Some(before) if mask_of(before) == Some(&stroke.mask) => return Some(stroke.number),
            Some(before) => {
                Edit::Set(stroke.number, Annotation { mark: Mark::Mask(stroke.mask), ..Annotation::clone(before) })
            }
            None => return None,
        };
        cx.act(Act::Mark(vec![edit], None));
        Some(stroke.number)
    }

    /// The stroke is forgotten.
    pub(super) fn drop_stroke(&mut self) {
        if self.stroke.take().is_some() {
            self.views = MaskViews::default();
        }
    }

    /// Draws the mask of an annotation: as it is kept, or as the stroke has it now.
    pub(super) fn paint_mask(
        &mut self,
        painter: &Painter,
        canvas: &Canvas,
        (number, annotation): (u32, &Arc<Annotation>),
        (color, lit): (Color32, bool),
    ) {
        if self.painted() != Some(number) {
            self.views.paint(painter, canvas, (number, annotation), (color, lit));
        }
    }

    /// Draws the mask of the stroke that is under way.
    pub(super) fn paint_stroke(&mut self, painter: &Painter, canvas: &Canvas, color: Color32) {
        if let Some(stroke) = &mut self.stroke {
            let changed = stroke.changed.take();
            self.views.paint_live(painter, canvas, (stroke.number, &stroke.mask, changed), color);
        }
    }

    /// The brush itself, under the pointer.
    pub(super) fn paint_tip(&self, painter: &Painter, canvas: &Canvas, pos: Pos2, color: Color32) {
        let radius = (self.radius as f32 * canvas.scale).max(1.5);
        painter.circle_stroke(pos, radius, Stroke::new(3.0, Color32::from_black_alpha(130)));
        painter.circle_stroke(pos, radius, Stroke::new(1.5, color));
    }
}

impl StrokeUnderWay {
    fn go_to(&mut self, to: Point, radius: f64) {
        let covered = brush::swept(self.at, to, radius, self.mask.width(), self.mask.height());
        self.mask = if self.erases { self.mask.without(&covered) } else { self.mask.united(&covered) };
        let touched = brush::touched(self.at, to, radius);
        self.changed = Some(self.changed.map_or(touched, |before| around(before, touched)));
        self.at = to;
    }
}

/// The mask of an annotation, if it is one.
pub(super) fn mask_of(annotation: &Annotation) -> Option<&Mask> {
    match &annotation.mark {
        Mark::Mask(mask) => Some(mask),
        _ => None,
    }
}

pub(super) fn too_large() -> Error {
    Error::input("the image is too large for a mask")
        .help("masks hold up to 268 million pixels; draw an outline instead")
}

/// The box around two.
fn around(a: Rect, b: Rect) -> Rect {
    let (left, top) = (a.x.min(b.x), a.y.min(b.y));
    let (right, bottom) = ((a.x + a.width).max(b.x + b.width), (a.y + a.height).max(b.y + b.height));
    Rect::new(left, top, right - left, bottom - top)
}
