//! What is marked on images, as thin lines: over thumbnails, and where there are too many shapes to draw each by itself.

use std::borrow::Cow;

use eframe::egui::{self, Color32, Painter, Pos2, Rect, Shape, vec2};

use super::label::color_of;
use crate::app::theme::{self, Tokens, space};
use crate::app::widgets::Canvas;
use crate::data::annotations::Mark;
use crate::data::annotations::model::Point;
use crate::label::{Task, TaskKind, TaskMarks, shapes};
use crate::session::Session;

/// Shapes of one thumbnail that are drawn; where there are more, it says how many.
const MOST: usize = 300;

/// Where the pixels of a picture lie on the screen.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnScreen {
    /// Where its first pixel begins.
    pub(super) min: Pos2,
    /// Points a pixel.
    pub(super) scale: f32,
}

impl OnScreen {
    /// Of a picture of `full` pixels that fills a place.
    pub(super) fn filling(place: Rect, full: egui::Vec2) -> Self {
        Self { min: place.min, scale: place.width() / full.x.max(1.0) }
    }

    fn at(self, point: &Point) -> Pos2 {
        self.min + vec2(point.x as f32, point.y as f32) * self.scale
    }
}

impl From<&Canvas> for OnScreen {
    fn from(canvas: &Canvas) -> Self {
        Self { min: canvas.place.min, scale: canvas.scale }
    }
}

/// The shapes of all tasks, as the one who is at work said them.
pub(super) struct Outlines<'a>(Vec<(&'a Task, &'a TaskMarks)>);

impl<'a> Outlines<'a> {
    /// Those of a project.
    pub(super) fn of(session: &'a Session) -> Self {
        let is_drawn = |task: &&Task| matches!(task.kind, TaskKind::Shapes | TaskKind::Keypoints);
        let tasks = session.tasks().iter().filter(is_drawn);
        Self(tasks.map(|task| (task, session.placed().of(session.voice(), &task.name))).collect())
    }

    /// True if no task marks places in images.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Draws those of a row over its picture, as far as they lie in `seen`.
    pub(super) fn paint(&self, ui: &egui::Ui, row: u32, seen: Rect, screen: OnScreen) {
        let tokens = Tokens::of(ui);
        let painter = ui.painter().with_clip_rect(seen.intersect(ui.clip_rect()));
        let marked = || self.0.iter().filter_map(|(task, marks)| Some((task, marks.get(row)?)));
        let all: usize = marked().map(|(_, marks)| marks.marks.len()).sum();
        let shapes = marked().flat_map(|(task, marks)| marks.marks.values().map(move |one| (task, one)));
        let color = |task: &Task, label: &str| tokens.category(color_of(task.classes.named(label)));
        let crowd: Vec<(Cow<'_, Mark>, Color32)> =
            shapes.filter_map(|(task, one)| Some((drawn(&one.mark)?, color(task, &one.label)))).take(MOST).collect();
        let shade = Color32::from_black_alpha(110);
        paint_many(&painter, screen, 2.6, crowd.iter().map(|(mark, _)| (&**mark, shade)));
        paint_many(&painter, screen, 1.3, crowd.iter().map(|(mark, color)| (&**mark, *color)));
        if all > MOST {
            let text = format!("{MOST} / {}", crate::data::show_count(all as u64));
            let galley = painter.layout_no_wrap(text, theme::caption(), tokens.text);
            let ground = Rect::from_min_size(seen.min, galley.size() + vec2(space::XS * 2.0, 0.0));
            painter.rect_filled(ground, 0.0, tokens.panel);
            painter.galley(ground.min + vec2(space::XS, 0.0), galley, tokens.text);
        }
    }
}

/// A mark as lines: pixels by their bounds.
fn drawn(mark: &Mark) -> Option<Cow<'_, Mark>> {
    match mark {
        Mark::Mask(_) => shapes::bounds_of(mark).map(|bounds| Cow::Owned(Mark::Box(bounds))),
        Mark::Box(_) | Mark::Polygon(_) | Mark::Polyline(_) | Mark::Keypoints(_) => Some(Cow::Borrowed(mark)),
        _ => None,
    }
}

/// Draws lines of very many shapes in one piece: without names and grips, `width` points wide. Masks are not among them.
pub(super) fn paint_many<'a>(
    painter: &Painter,
    screen: OnScreen,
    width: f32,
    crowd: impl Iterator<Item = (&'a Mark, Color32)>,
) {
    let (mut mesh, half) = (egui::Mesh::default(), width / 2.0);
    let mut line = |a: Pos2, b: Pos2, color: Color32| {
        let along = b - a;
        let side = if along.length() > 0.0 { along.normalized().rot90() * half } else { vec2(half, 0.0) };
        let first = mesh.vertices.len() as u32;
        for at in [a - side, a + side, b + side, b - side] {
            mesh.colored_vertex(at, color);
        }
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first, first + 2, first + 3);
    };
    for (mark, color) in crowd {
        let mut ring = |points: &[Point], closed: bool| {
            let on_screen = |at: &Point| screen.at(at);
            let pairs = points.iter().zip(points.iter().cycle().skip(1));
            let count = if closed { points.len() } else { points.len().saturating_sub(1) };
            pairs.take(count).for_each(|(a, b)| line(on_screen(a), on_screen(b), color));
        };
        match mark {
            Mark::Box(_) => ring(&shapes::grips(mark), true),
            Mark::Polygon(parts) => parts.iter().for_each(|part| {
                ring(&part.outline, true);
                part.holes.iter().for_each(|hole| ring(hole, true));
            }),
            Mark::Polyline(points) => ring(points, false),
            Mark::Keypoints(_) => shapes::grips(mark).iter().for_each(|at| {
                let arm = f64::from(2.0 / screen.scale);
                ring(&[Point::new(at.x - arm, at.y), Point::new(at.x + arm, at.y)], false);
                ring(&[Point::new(at.x, at.y - arm), Point::new(at.x, at.y + arm)], false);
            }),
            _ => {}
        }
    }
    if !mesh.vertices.is_empty() {
        painter.add(Shape::mesh(mesh));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::annotations::model::Rect as Bounds;
    use crate::data::annotations::rle::Mask;

    #[test]
    fn pixels_lie_where_the_picture_is_drawn() {
        let place = Rect::from_min_size(egui::pos2(10.0, 20.0), vec2(64.0, 48.0));
        let screen = OnScreen::filling(place, vec2(640.0, 480.0));
        assert_eq!(screen.at(&Point::new(0.0, 0.0)), place.min);
        assert_eq!(screen.at(&Point::new(640.0, 480.0)), place.max);
    }

    #[test]
    fn masks_are_drawn_by_their_bounds_and_what_has_no_place_is_not() {
        let mask = Mask::from_columns(4, 4, &[5, 2, 2, 2, 5]);
        let drawn_mask = mask.map(Mark::Mask);
        let found = drawn_mask.as_ref().and_then(drawn);
        assert_eq!(found.as_deref(), Some(&Mark::Box(Bounds::new(1.0, 1.0, 2.0, 2.0))));
        assert_eq!(drawn(&Mark::Class), None);
        let line = Mark::Polyline(vec![Point::new(1.0, 2.0), Point::new(3.0, 4.0)]);
        assert_eq!(drawn(&line).as_deref(), Some(&line));
    }
}
