//! Objects of named points: set one after another, a click or a key each, with the bones between them.

use std::sync::Arc;

use eframe::egui::{self, Key, Modifiers, PointerButton, Pos2};

use super::super::picture::{over_picture_ui, paint_picture, pictured_ui};
use super::foot;
use super::marking::{Entry, Marking, color_of, keys_are_free, list_head_ui, marks_of, path_ui, pressed};
use super::paint::{paint_crosshair, paint_name, paint_object};
use crate::app::act::Act;
use crate::app::keymap::{key_of, key_pressed};
use crate::app::keys::CommandId;
use crate::app::pane::PaneCx;
use crate::app::theme::{self, Tokens, icons, radius, size, space};
use crate::app::widgets::{self, Button, ButtonKind, Canvas, Look, canvas};
use crate::data::annotations::model::{Keypoint, Keypoints, Point, Seen};
use crate::data::annotations::{Annotation, Mark};
use crate::label::{Edit, ItemMarks, PERSON, Task, shapes};

/// The width of the list of annotations.
const LIST: f32 = 210.0;

/// How near the pointer must come to a point, in points of the screen.
const GRIP: f32 = 8.0;

/// What the part keeps between frames.
#[derive(Default)]
pub(super) struct KeypointsPart {
    marking: Marking,
    look: Look,
    /// The object whose points are being set.
    object: Option<u32>,
    /// The point that is set next.
    next: usize,
    /// The points that were set or left out, in order: Backspace and undo go back along them.
    steps: Vec<(usize, bool)>,
    /// The point that the hand holds, and where it is.
    held: Option<(u32, usize, Point)>,
    /// What is typed of a skeleton: names and bones.
    typed: Option<(String, String)>,
}

/// What is shown and worked on in this frame.
struct Desk<'a> {
    task: &'a Task,
    marks: &'a Arc<ItemMarks>,
    /// The size of the image in pixels.
    size: (f64, f64),
}

impl KeypointsPart {
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
        let Some(task) = cx.task.cloned() else { return };
        let marks = marks_of(cx, &task, row);
        if self.marking.take_up(&task, row, &marks) {
            (self.look, self.held, self.typed) = (Look::default(), None, None);
            self.begin_anew();
        }
        self.follow(&marks);
        foot(ui, |ui| {
            self.hint_ui(ui, cx, &task);
            self.marking.foot_ui(ui, cx, &task, &marks);
        });
        egui::Panel::right("keypoints")
            .default_size(LIST)
            .frame(egui::Frame::NONE.inner_margin(space::S))
            .show(ui, |ui| self.list_ui(ui, cx, &task, &marks));
        egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| {
            if task.points.is_empty() || self.typed.is_some() {
                self.skeleton_ui(ui, cx, &task);
            } else {
                self.image_ui(ui, cx, &task, &marks, row);
            }
        });
    }

    fn begin_anew(&mut self) {
        (self.object, self.next) = (None, 0);
        self.steps.clear();
    }

    /// Undo takes a point back: it is then set again next.
    fn follow(&mut self, marks: &ItemMarks) {
        let Some(number) = self.object else { return };
        let Some(points) = marks.marks.get(&number).and_then(|annotation| points_of(annotation)) else {
            return self.begin_anew();
        };
        let there = |at: usize| points.points.get(at).is_some_and(|point| point.seen != Seen::Absent);
        while let Some(&(at, set)) = self.steps.last()
            && set
            && !there(at)
        {
            self.steps.pop();
            self.next = at;
        }
    }

    fn image_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &Arc<ItemMarks>, row: u32) {
        let Some(path) = path_ui(ui, cx, row) else { return };
        let frame = egui::Frame::NONE.fill(Tokens::of(ui).sunken).corner_radius(radius::CARD);
        frame.show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            let Some(pictured) = pictured_ui(ui, cx, &path) else { return };
            let full = pictured.size;
            let desk = Desk { task, marks, size: (f64::from(full.x), f64::from(full.y)) };
            let id = egui::Id::unique("annotated image");
            let canvas = canvas(ui, id, cx.strings.image_to_mark, full, false, &mut self.look);
            self.keys(ui, cx, &desk);
            self.pointer(ui, cx, &desk, &canvas);
            paint_picture(ui, cx, &path, pictured, &canvas);
            // Held, it shows the image alone.
            if !(keys_are_free(ui) && ui.input(|input| input.key_down(Key::H))) {
                self.paint(ui, &desk, &canvas);
            }
            over_picture_ui(ui, cx, &path, pictured, &canvas);
        });
    }

    fn paint(&self, ui: &egui::Ui, desk: &Desk<'_>, canvas: &Canvas) {
        let painter = ui.painter().with_clip_rect(canvas.rect.intersect(ui.clip_rect()));
        let tokens = Tokens::of(ui);
        let pointer = canvas.response.hover_pos();
        let near = pointer.and_then(|pos| nearest(desk, canvas, pos));
        for (&number, annotation) in &desk.marks.marks {
            let Some(points) = points_of(annotation) else { continue };
            let mut shown = points.clone();
            if let Some((_, at, to)) = self.held.filter(|held| held.0 == number)
                && let Some(point) = shown.points.get_mut(at)
            {
                point.at = to;
            }
            let color = tokens.category(color_of(desk.task.classes.named(&annotation.label)));
            let lit = self.marking.chosen == Some(number);
            let named = near.filter(|near| near.0 == number).map(|near| near.1);
            paint_object(&painter, canvas, (&shown, desk.task), (color, lit), named);
        }
        if let Some(pos) = pointer.filter(|_| near.is_none() && self.held.is_none()) {
            paint_crosshair(&painter, canvas, pos, tokens);
            if let Some(name) = desk.task.points.get(self.next) {
                let color = tokens.category(color_of(desk.task.classes.named(&self.marking.label())));
                paint_name(&painter, pos + egui::vec2(space::M, space::M), name, color);
            }
        }
    }

    fn pointer(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>, desk: &Desk<'_>, canvas: &Canvas) {
        let response = &canvas.response;
        let at = |pos: Pos2| {
            let (x, y) = canvas.in_picture(pos);
            shapes::inside(Point::new(x, y), desk.size.0, desk.size.1)
        };
        let moving_view = ui.input(|input| input.key_down(Key::Space));
        if response.drag_started_by(PointerButton::Primary) && !moving_view {
            let origin = ui.input(|input| input.pointer.press_origin()).or(response.interact_pointer_pos());
            self.held =
                origin.and_then(|pos| Some((nearest(desk, canvas, pos)?, at(pos)))).map(|((n, p), at)| (n, p, at));
        }
        if let (Some(held), Some(pos)) = (&mut self.held, response.interact_pointer_pos()) {
            held.2 = at(pos);
            if response.drag_stopped() {
                let (number, point, to) = *held;
                self.held = None;
                self.marking.chosen = Some(number);
                change(cx, desk, number, point, |point| point.at = to);
            }
        }
        let Some(pos) = response.interact_pointer_pos() else { return };
        if response.clicked() {
            match nearest(desk, canvas, pos).filter(|_| self.steps.is_empty()) {
                Some((number, _)) => {
                    self.marking.chosen = Some(number);
                    self.begin_anew();
                }
                None => self.set(cx, desk, at(pos), Seen::Visible),
            }
        } else if response.secondary_clicked() {
            self.set(cx, desk, at(pos), Seen::Hidden);
        }
    }

    /// Sets the next point: of the object under way, or the first of a new one.
    fn set(&mut self, cx: &mut PaneCx<'_>, desk: &Desk<'_>, at: Point, seen: Seen) {
        if desk.task.classes.is_empty() {
            return;
        }
        let (place, count) = (self.next, desk.task.points.len());
        match self.object {
            Some(number) => change(cx, desk, number, place, |point| (point.at, point.seen) = (at, seen)),
            None => {
                let absent = Keypoint { seen: Seen::Absent, ..Keypoint::default() };
                let mut points = vec![absent; count];
                if let Some(point) = points.get_mut(place) {
                    (point.at, point.seen) = (at, seen);
                }
                let mark = Mark::Keypoints(Keypoints { points, bounds: None });
                cx.act(Act::Mark(vec![Edit::Add(Annotation::new(self.marking.label(), mark))], None));
                self.object = Some(desk.marks.free_number());
                self.marking.chosen = self.object;
            }
        }
        self.step(true, desk);
    }

    /// One point further; after the last one a new object begins.
    fn step(&mut self, set: bool, desk: &Desk<'_>) {
        self.steps.push((self.next, set));
        let object = self.object.and_then(|number| points_of(desk.marks.marks.get(&number)?));
        let there = |at: usize| object.is_some_and(|points| shapes::present(points).any(|(other, _)| other == at));
        // Points that are there already are passed by: one that was left out can be set later.
        let count = desk.task.points.len();
        self.next = (self.next + 1..count).find(|at| !there(*at)).unwrap_or(count);
        if self.next >= count {
            self.begin_anew();
        }
    }

    /// The last point is taken back.
    fn step_back(&mut self, cx: &mut PaneCx<'_>, desk: &Desk<'_>) {
        let Some((at, set)) = self.steps.pop() else { return };
        self.next = at;
        let Some(number) = self.object.filter(|_| set) else { return };
        if self.steps.iter().any(|(_, set)| *set) {
            let absent = Keypoint { seen: Seen::Absent, ..Keypoint::default() };
            change(cx, desk, number, at, |point| *point = Keypoint { name: std::mem::take(&mut point.name), ..absent });
        } else {
            // The only point of the object.
            cx.act(Act::Unmark(vec![number]));
            self.object = None;
        }
    }

    fn keys(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>, desk: &Desk<'_>) {
        if !keys_are_free(ui) {
            return;
        }
        let none = Modifiers::NONE;
        if key_pressed(ui, CommandId::PointAbsent) {
            self.step(false, desk);
        }
        if !self.steps.is_empty() && pressed(ui, none, Key::Backspace) {
            self.step_back(cx, desk);
        }
        if pressed(ui, none, Key::Escape) {
            self.begin_anew();
            self.marking.chosen = None;
        }
        if pressed(ui, none, Key::Period) {
            self.look = Look::default();
        }
        if key_pressed(ui, CommandId::PointHidden)
            && let Some((number, place)) = self.last_point(desk)
        {
            change(cx, desk, number, place, |point| {
                point.seen = if point.seen == Seen::Hidden { Seen::Visible } else { Seen::Hidden };
            });
        }
        if let Some(class) = Marking::class_pressed(ui, desk.task) {
            self.marking.use_class(cx, desk.marks, class);
        }
        self.marking.keys(ui, cx, desk.marks);
    }

    /// The point that was set last, else the last one of the chosen object.
    fn last_point(&self, desk: &Desk<'_>) -> Option<(u32, usize)> {
        let number = self.object.or(self.marking.chosen)?;
        let last = self.steps.iter().rev().find(|(_, set)| *set).map(|(at, _)| *at);
        let points = points_of(desk.marks.marks.get(&number)?)?;
        let place = last.or_else(|| shapes::present(points).last().map(|(at, _)| at))?;
        Some((number, place))
    }

    fn hint_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task) {
        let tokens = Tokens::of(ui);
        ui.horizontal_wrapped(|ui| {
            ui.set_min_height(size::CONTROL);
            if widgets::icon_button(ui, icons::PENCIL_SIMPLE, cx.strings.skeleton, None).clicked() {
                self.typed = self.typed.is_none().then(|| typed_of(task));
            }
            if task.classes.is_empty() {
                ui.label(egui::RichText::new(cx.strings.needs_task_classes).color(tokens.warning));
            } else if let Some(name) = task.points.get(self.next) {
                let text = cx.strings.next_point(name, self.next as u64 + 1, task.points.len() as u64);
                let color = if self.steps.is_empty() { tokens.weak } else { tokens.accent };
                ui.label(egui::RichText::new(text).color(color));
                let how = if self.steps.is_empty() && self.marking.chosen.is_some() {
                    cx.strings.point_keys(&key_of(ui, CommandId::PointHidden))
                } else {
                    cx.strings.keypoints_how(&key_of(ui, CommandId::PointAbsent))
                };
                ui.label(egui::RichText::new(how).font(theme::caption()).color(tokens.weak));
            }
        });
        ui.add_space(space::XS);
    }

    /// The objects, and below the chosen one its points.
    fn list_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks) {
        list_head_ui(ui, cx, marks);
        let tokens = Tokens::of(ui);
        let area = egui::ScrollArea::vertical().auto_shrink([false, false]);
        area.show(ui, |ui| {
            for (&number, annotation) in &marks.marks {
                let Some(points) = points_of(annotation) else { continue };
                let text =
                    format!("{} / {}", shapes::present(points).count(), task.points.len().max(points.points.len()));
                let class = task.classes.named(&annotation.label);
                self.marking.entry_ui(ui, cx, Entry { number, class, text: &text });
                if self.marking.chosen != Some(number) {
                    continue;
                }
                for (at, name) in task.points.iter().enumerate() {
                    let seen = points.points.get(at).map_or(Seen::Absent, |point| point.seen);
                    let (text, color) = match seen {
                        Seen::Visible => (name.clone(), tokens.text),
                        Seen::Hidden => (format!("{name} ({})", cx.strings.point_hidden), tokens.weak),
                        Seen::Absent => (format!("{name} ({})", cx.strings.point_absent), tokens.weak),
                    };
                    let on = self.object == Some(number) && self.next == at;
                    let label = egui::RichText::new(text).font(theme::caption()).color(color);
                    let inset =
                        egui::Frame::NONE.inner_margin(egui::Margin { left: space::L as i8, ..Default::default() });
                    // A point that was left out is set by choosing it here.
                    if inset.show(ui, |ui| ui.selectable_label(on, label)).inner.clicked() {
                        (self.object, self.next) = (Some(number), at);
                        self.steps.clear();
                    }
                }
            }
        });
    }

    /// The points of the task's objects: typed, or those of a person.
    fn skeleton_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task) {
        let tokens = Tokens::of(ui);
        let (names, bones) = self.typed.get_or_insert_with(|| typed_of(task));
        ui.add_space(space::L);
        ui.label(egui::RichText::new(cx.strings.skeleton).font(theme::section()).color(tokens.text));
        ui.label(egui::RichText::new(cx.strings.skeleton_why).color(tokens.weak));
        ui.add_space(space::M);
        let width = ui.available_width().min(560.0);
        widgets::Field::new(cx.strings.point_names).width(width).show(ui, names);
        ui.add_space(space::S);
        widgets::Field::new(cx.strings.bones).width(width).show(ui, bones);
        ui.add_space(space::M);
        let (names, bones) = (names.clone(), bones.clone());
        ui.horizontal(|ui| {
            if Button::new(cx.strings.person_17).show(ui).clicked() {
                let person = PERSON.1.iter().map(|(a, b)| format!("{}-{}", a + 1, b + 1)).collect::<Vec<_>>();
                self.typed = Some((PERSON.0.join(", "), person.join(", ")));
            }
            let ready = !names.trim().is_empty();
            let keep = Button::new(cx.strings.save).kind(ButtonKind::Primary).icon(icons::CHECK).enabled(ready);
            if keep.show(ui).clicked() {
                let points = names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
                cx.act(Act::SetSkeleton(points.collect(), bones_of(&bones)));
                self.typed = None;
                self.begin_anew();
            }
            if !task.points.is_empty() && Button::new(cx.strings.cancel).show(ui).clicked() {
                self.typed = None;
            }
        });
    }
}

/// A task's skeleton as it is typed; bones count from 1.
fn typed_of(task: &Task) -> (String, String) {
    let bones = task.bones.iter().map(|(a, b)| format!("{}-{}", a + 1, b + 1)).collect::<Vec<_>>();
    (task.points.join(", "), bones.join(", "))
}

/// Bones as they are typed. One that cannot be read leads nowhere, and is refused with the rest.
fn bones_of(text: &str) -> Vec<(usize, usize)> {
    let place = |text: &str| text.trim().parse::<usize>().ok().and_then(|at| at.checked_sub(1)).unwrap_or(usize::MAX);
    let bone = |text: &str| text.split_once('-').map_or((usize::MAX, usize::MAX), |(a, b)| (place(a), place(b)));
    text.split(',').filter(|text| !text.trim().is_empty()).map(bone).collect()
}

fn points_of(annotation: &Annotation) -> Option<&Keypoints> {
    match &annotation.mark {
        Mark::Keypoints(points) => Some(points),
        _ => None,
    }
}

/// The object and point under the pointer.
fn nearest(desk: &Desk<'_>, canvas: &Canvas, pos: Pos2) -> Option<(u32, usize)> {
    let objects = desk.marks.marks.iter().filter_map(|(number, annotation)| Some((*number, points_of(annotation)?)));
    let points =
        objects.flat_map(|(number, points)| shapes::present(points).map(move |(at, point)| (number, at, point)));
    let far = |point: &Keypoint| canvas.on_screen(point.at.x, point.at.y).distance(pos);
    let near = points.filter(|(.., point)| far(point) <= GRIP);
    near.min_by(|a, b| far(a.2).total_cmp(&far(b.2))).map(|(number, at, _)| (number, at))
}

/// Changes a point of an object. One of fewer points than the task has now gets the others as absent.
fn change(cx: &mut PaneCx<'_>, desk: &Desk<'_>, number: u32, at: usize, change: impl FnOnce(&mut Keypoint)) {
    let Some(annotation) = desk.marks.marks.get(&number) else { return };
    let Some(mut points) = points_of(annotation).cloned() else { return };
    while points.points.len() <= at.max(desk.task.points.len().saturating_sub(1)) {
        points.points.push(Keypoint { seen: Seen::Absent, ..Keypoint::default() });
    }
    if let Some(point) = points.points.get_mut(at) {
        change(point);
    }
    // The box that came with the object no longer fits.
    points.bounds = None;
    let changed = Annotation { mark: Mark::Keypoints(points), ..Annotation::clone(annotation) };
    if changed != **annotation {
        cx.act(Act::Mark(vec![Edit::Set(number, changed)], None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bones_are_read_as_they_are_typed() {
        let check = |text: &str, expected: &[(usize, usize)]| assert_eq!(bones_of(text), expected);
        check("1-2, 2 - 3", &[(0, 1), (1, 2)]);
        check("", &[]);
        check("0-1", &[(usize::MAX, 0)]);
        check("head", &[(usize::MAX, usize::MAX)]);
        let mut task = crate::label::Task::new("k", crate::label::TaskKind::Keypoints);
        assert!(task.set_skeleton(vec!["a".into(), "b".into()], bones_of("1-2, x")).is_err());
        task.set_skeleton(vec!["a".into(), "b".into()], bones_of("1-2")).unwrap();
        assert_eq!(typed_of(&task), ("a, b".to_owned(), "1-2".to_owned()));
    }
}
