//! How shapes look on an image.

use eframe::egui::{self, Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use crate::app::theme::{self, Tokens, space};
use crate::app::widgets::Canvas;
use crate::data::annotations::Mark;
use crate::data::annotations::model::{Keypoints, Point, Seen};
use crate::label::{Task, shapes};

/// How a shape is drawn.
pub(super) struct Sketch<'a> {
    /// The colour of its class.
    pub color: Color32,
    /// The name that stands at it.
    pub name: Option<&'a str>,
    /// With its grips.
    pub chosen: bool,
    /// With its area tinted.
    pub lit: bool,
}

/// The side of a grip.
const GRIP: f32 = 7.0;

/// The radius of a single point.
const DOT: f32 = 4.0;

/// Draws a shape, unless it lies outside of what is seen.
pub(super) fn paint_shape(painter: &Painter, canvas: &Canvas, mark: &Mark, sketch: Sketch<'_>) {
    let Some(bounds) = shapes::bounds_of(mark) else { return };
    let around = Rect::from_min_max(
        canvas.on_screen(bounds.x, bounds.y),
        canvas.on_screen(bounds.x + bounds.width, bounds.y + bounds.height),
    );
    if !around.expand(DOT + GRIP).intersects(painter.clip_rect()) {
        return;
    }
    let on_screen = |points: &[Point]| points.iter().map(|at| canvas.on_screen(at.x, at.y)).collect::<Vec<Pos2>>();
    // A dark line under the coloured one: one of the two stands out from any picture.
    let shade = Stroke::new(if sketch.chosen { 4.5 } else { 3.0 }, Color32::from_black_alpha(130));
    let stroke = Stroke::new(if sketch.chosen { 2.5 } else { 1.5 }, sketch.color);
    let tint = sketch.color.gamma_multiply(if sketch.lit { 0.25 } else { 0.0 });
    match mark {
        Mark::Box(_) => {
            let corners = on_screen(&shapes::grips(mark));
            painter.add(Shape::closed_line(corners.clone(), shade));
            painter.add(Shape::convex_polygon(corners, tint, stroke));
        }
        Mark::Polygon(parts) => {
            for part in parts {
                for ring in std::iter::once(&part.outline).chain(&part.holes) {
                    painter.add(Shape::closed_line(on_screen(ring), shade));
                    painter.add(Shape::closed_line(on_screen(ring), stroke));
                }
            }
            if sketch.lit {
                painter.rect_filled(around, 0.0, tint.gamma_multiply(0.4));
            }
        }
        Mark::Polyline(points) => {
            painter.add(Shape::line(on_screen(points), shade));
            painter.add(Shape::line(on_screen(points), stroke));
        }
        Mark::Keypoints(points) => {
            for at in shapes::present(points).map(|(_, point)| canvas.on_screen(point.at.x, point.at.y)) {
                painter.circle(at, DOT + 1.5, shade.color, Stroke::NONE);
                painter.circle(at, DOT, sketch.color, Stroke::new(1.0, Color32::WHITE));
            }
        }
        // Pixels are a texture of their own; of the mask that keys speak to, the bounds as well.
        _ => {
            if sketch.chosen {
                painter.rect_stroke(around, 0.0, Stroke::new(1.0, sketch.color), egui::StrokeKind::Outside);
            }
        }
    }
    if sketch.chosen {
        for at in shapes::grips(mark).iter().map(|at| canvas.on_screen(at.x, at.y)) {
            let grip = Rect::from_center_size(at, vec2(GRIP, GRIP));
            painter.rect(grip, 1.0, Color32::WHITE, Stroke::new(1.5, sketch.color), egui::StrokeKind::Inside);
        }
    }
    if let Some(name) = sketch.name.filter(|name| !name.is_empty()) {
        paint_name(painter, around.left_top(), name, sketch.color);
    }
}

/// Draws an object of points: its bones, the points that are visible full and those that are hidden hollow. `named` is the
/// point whose name stands at it.
pub(super) fn paint_object(
    painter: &Painter,
    canvas: &Canvas,
    (points, task): (&Keypoints, &Task),
    (color, lit): (Color32, bool),
    named: Option<usize>,
) {
    let place = |at: usize| {
        let point = points.points.get(at).filter(|point| point.seen != Seen::Absent)?;
        Some(canvas.on_screen(point.at.x, point.at.y))
    };
    let width = if lit { 3.0 } else { 2.0 };
    for (a, b) in task.bones.iter().filter_map(|(a, b)| place(*a).zip(place(*b))) {
        painter.line_segment([a, b], Stroke::new(width + 1.5, Color32::from_black_alpha(130)));
        painter.line_segment([a, b], Stroke::new(width, color));
    }
    let radius = if lit { DOT + 1.0 } else { DOT };
    for (at, point) in shapes::present(points) {
        let pos = canvas.on_screen(point.at.x, point.at.y);
        painter.circle_filled(pos, radius + 1.5, Color32::from_black_alpha(130));
        match point.seen {
            Seen::Visible => painter.circle(pos, radius, color, Stroke::new(1.0, Color32::WHITE)),
            _ => painter.circle(pos, radius, Color32::from_black_alpha(90), Stroke::new(2.0, color)),
        };
        if let Some(name) = task.points.get(at).filter(|_| named == Some(at)) {
            paint_name(painter, pos + vec2(radius + 2.0, 0.0), name, color);
        }
    }
}

/// A name on a ground of its own, above a place, or within where that is outside of what is seen.
pub(super) fn paint_name(painter: &Painter, at: Pos2, name: &str, color: Color32) {
    let ink = Tokens::readable_on(color);
    let galley = painter.layout_no_wrap(name.to_owned(), theme::caption(), ink);
    let size = galley.size() + vec2(space::XS * 2.0, 1.0);
    let above = at.y - size.y >= painter.clip_rect().top();
    let min = pos2(at.x.max(painter.clip_rect().left()), if above { at.y - size.y } else { at.y });
    painter.rect_filled(Rect::from_min_size(min, size), 1.0, color);
    painter.galley(min + vec2(space::XS, 0.5), galley, ink);
}

/// The corners that are set so far, and the line to the pointer.
pub(super) fn paint_sketch(
    painter: &Painter,
    canvas: &Canvas,
    corners: &[Point],
    pointer: Option<Pos2>,
    color: Color32,
) {
    if corners.is_empty() {
        return;
    }
    let mut points: Vec<Pos2> = corners.iter().map(|at| canvas.on_screen(at.x, at.y)).collect();
    for at in &points {
        painter.circle(*at, DOT, color, Stroke::new(1.0, Color32::WHITE));
    }
    points.extend(pointer);
    painter.add(Shape::line(points.clone(), Stroke::new(3.0, Color32::from_black_alpha(130))));
    painter.add(Shape::line(points, Stroke::new(1.5, color)));
}

/// Lines through the pointer, with the pixel that it is on.
pub(super) fn paint_crosshair(painter: &Painter, canvas: &Canvas, pos: Pos2, tokens: &Tokens) {
    let line = Stroke::new(1.0, Color32::from_white_alpha(140));
    let shade = Stroke::new(1.0, Color32::from_black_alpha(110));
    painter.hline(canvas.rect.x_range(), pos.y + 1.0, shade);
    painter.vline(pos.x + 1.0, canvas.rect.y_range(), shade);
    painter.hline(canvas.rect.x_range(), pos.y, line);
    painter.vline(pos.x, canvas.rect.y_range(), line);
    let (x, y) = canvas.in_picture(pos);
    let text = format!("{x:.0}, {y:.0}");
    let galley = painter.layout_no_wrap(text, theme::small_mono(), tokens.text);
    let min = pos2(canvas.rect.left() + space::S, canvas.rect.top() + space::S);
    painter.rect_filled(Rect::from_min_size(min, galley.size()).expand(2.0), 2.0, tokens.panel);
    painter.galley(min, galley, tokens.text);
}
