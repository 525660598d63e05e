//! Shapes on an image: drawn, gripped, moved; the class comes first, so that many are drawn in a row.

use std::sync::Arc;

use eframe::egui::{self, Key, Modifiers, PointerButton, Pos2};

use super::super::outlines::paint_many;
use super::super::picture::{over_picture_ui, paint_picture, pictured_ui};
use super::brush::{Brush, mask_of};
use super::foot;
use super::marking::{Entry, Marking, color_of, keys_are_free, list_head_ui, marks_of, path_ui, pressed};
use super::paint::{Sketch, paint_crosshair, paint_shape, paint_sketch};
use super::wand::{Gives, Touch, touch};
use crate::app::act::Act;
use crate::app::keymap::{key_of, key_pressed};
use crate::app::keys::CommandId;
use crate::app::pane::PaneCx;
use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, radius, size, space};
use crate::app::widgets::{self, Button, Canvas, Look, canvas};
use crate::data::annotations::model::{Keypoint, Keypoints, Part, Point, Rect};
use crate::data::annotations::rle::Mask;
use crate::data::annotations::{Annotation, Mark};
use crate::engine::Job;
use crate::label::{Edit, ItemMarks, Scene, Task, shapes};

/// The width of the list of annotations.
const LIST: f32 = 210.0;

/// How near the pointer must come to a grip, in points.
const GRIP: f32 = 7.0;

/// Names of more shapes than this in view would hide the picture.
const NAMED: usize = 200;

/// More shapes than this in view are drawn in one piece, without what makes single ones clear.
const MANY: usize = 600;

/// How wide the lines of very many shapes are.
const THIN: f32 = 1.2;

/// Degrees by which a key turns a box.
const TURN: f64 = 5.0;

/// What the pointer does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Tool {
    /// Chooses, moves and reshapes.
    Select,
    /// Draws boxes.
    #[default]
    Box,
    /// Draws outlines, corner by corner.
    Polygon,
    /// Draws open lines.
    Line,
    /// Sets points.
    Point,
    /// Finds what a click or a box means.
    Wand,
    /// Paints a mask.
    Brush,
    /// Takes pixels off a mask.
    Eraser,
}

impl Tool {
    /// All tools in the order of the strip, which is that of [`CommandId::Tool`].
    const ALL: [Self; 8] =
        [Self::Select, Self::Box, Self::Polygon, Self::Line, Self::Point, Self::Wand, Self::Brush, Self::Eraser];

    fn paints(self) -> bool {
        matches!(self, Self::Brush | Self::Eraser)
    }

    fn name(self, strings: &Strings) -> &'static str {
        match self {
            Self::Select => strings.tool_select,
            Self::Box => strings.tool_box,
            Self::Polygon => strings.tool_polygon,
            Self::Line => strings.tool_line,
            Self::Point => strings.tool_point,
            Self::Wand => strings.tool_wand,
            Self::Brush => strings.tool_brush,
            Self::Eraser => strings.tool_eraser,
        }
    }
}

/// What a drag does until it is let go.
#[derive(Debug, Clone, PartialEq)]
enum Drag {
    /// A new box from here.
    Draw(Point),
    /// A grip of a shape follows the pointer.
    Grip(u32, usize),
    /// A shape moves, from here.
    Move(u32, Point),
}

/// What the part keeps between frames.
#[derive(Default)]
pub(super) struct ShapesPart {
    marking: Marking,
    tool: Tool,
    look: Look,
    /// The corners that are set so far.
    corners: Vec<Point>,
    drag: Option<Drag>,
    /// The shape as it is drawn while it is being changed.
    changed: Option<(u32, Mark)>,
    /// What the wand looks for.
    looking: Option<Job<Mark>>,
    /// Whether the wand gives a mask, not an outline.
    wand_paints: bool,
    brush: Brush,
    /// Where the shapes lie.
    scene: Option<Scene>,
}

/// What is shown and worked on in this frame.
struct Desk<'a> {
    task: &'a Task,
    marks: &'a Arc<ItemMarks>,
    /// The size of the image in pixels.
    size: (f64, f64),
    scene: &'a Scene,
}

impl ShapesPart {
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
        let Some(task) = cx.task.cloned() else { return };
        let marks = marks_of(cx, &task, row);
        if self.marking.take_up(&task, row, &marks) {
            (self.look, self.drag, self.changed) = (Look::default(), None, None);
            (self.looking, self.scene) = (None, None);
            self.corners.clear();
            self.brush.reset();
        }
        foot(ui, |ui| {
            self.tools_ui(ui, cx, &task, row);
            self.marking.foot_ui(ui, cx, &task, &marks);
        });
        egui::Panel::right("shapes").default_size(LIST).frame(egui::Frame::NONE.inner_margin(space::S)).show(
            ui,
            |ui| {
                self.list_ui(ui, cx, &task, &marks);
            },
        );
        egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| self.image_ui(ui, cx, &task, &marks, row));
    }

    fn image_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &Arc<ItemMarks>, row: u32) {
        let Some(path) = path_ui(ui, cx, row) else { return };
        let frame = egui::Frame::NONE.fill(Tokens::of(ui).sunken).corner_radius(radius::CARD);
        frame.show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            let Some(pictured) = pictured_ui(ui, cx, &path) else { return };
            let full = pictured.size;
            let size = (f64::from(full.x), f64::from(full.y));
            let scene = self.scene.take().filter(|scene| scene.is_of(marks));
            let scene = scene.unwrap_or_else(|| Scene::new(marks, size.0, size.1));
            let desk = Desk { task, marks, size, scene: &scene };
            let id = egui::Id::unique("annotated image");
            let canvas = canvas(ui, id, cx.strings.image_to_mark, full, false, &mut self.look);
            self.keys(ui, cx, &desk, row);
            self.pointer(ui, cx, &desk, &canvas);
            self.wand(ui, cx, &desk);
            paint_picture(ui, cx, &path, pictured, &canvas);
            // Held, it shows the image alone.
            if !(keys_are_free(ui) && ui.input(|input| input.key_down(Key::H))) {
                self.paint(ui, &desk, &canvas);
            }
            over_picture_ui(ui, cx, &path, pictured, &canvas);
            self.scene = Some(scene);
        });
    }

    /// What a shape looks like now: as it is kept, or as the hand holds it.
    fn mark_now<'a>(&'a self, number: u32, annotation: &'a Annotation) -> &'a Mark {
        match &self.changed {
            Some((changed, mark)) if *changed == number => mark,
            _ => &annotation.mark,
        }
    }

    fn paint(&mut self, ui: &egui::Ui, desk: &Desk<'_>, canvas: &Canvas) {
        let painter = ui.painter().with_clip_rect(canvas.rect.intersect(ui.clip_rect()));
        let tokens = Tokens::of(ui);
        let hovered = canvas.response.hover_pos().and_then(|pos| self.shape_at(desk, canvas, pos));
        let seen = desk.scene.within(seen(&painter, canvas));
        let color = |label: &str| tokens.category(color_of(desk.task.classes.named(label)));
        self.brush.views.begin_frame();
        // Masks lie under lines, or they would cover them.
        let shown = || seen.iter().filter_map(|number| Some((*number, desk.marks.marks.get(number)?)));
        for (number, annotation) in shown().filter(|(_, annotation)| mask_of(annotation).is_some()) {
            let lit = self.marking.chosen == Some(number) || hovered == Some(number);
            self.brush.paint_mask(&painter, canvas, (number, annotation), (color(&annotation.label), lit));
        }
        let painted = self.brush.painted().and_then(|number| desk.marks.marks.get(&number));
        let class = painted.map_or_else(|| self.marking.label(), |annotation| annotation.label.to_string());
        self.brush.paint_stroke(&painter, canvas, color(&class));
        let single = |number: u32| seen.len() <= MANY || self.marking.chosen == Some(number) || hovered == Some(number);
        let crowd = shown().filter(|(number, _)| !single(*number));
        paint_many(
            &painter,
            canvas.into(),
            THIN,
            crowd.map(|(_, annotation)| (&annotation.mark, color(&annotation.label))),
        );
        for (number, annotation) in shown().filter(|(number, _)| single(*number)) {
            let chosen = self.marking.chosen == Some(number);
            let lit = chosen || hovered == Some(number);
            let name = Some(&*annotation.label).filter(|_| seen.len() <= NAMED || lit);
            let color = color(&annotation.label);
            paint_shape(&painter, canvas, self.mark_now(number, annotation), Sketch { color, name, chosen, lit });
        }
        let class = desk.task.classes.named(&self.marking.label());
        let color = tokens.category(color_of(class));
        let pointer = canvas.response.hover_pos();
        if let (Some(Drag::Draw(from)), Some(pos)) = (&self.drag, canvas.response.interact_pointer_pos()) {
            let to = canvas.in_picture(pos);
            if let Some(rect) = shapes::box_between(*from, Point::new(to.0, to.1), desk.size.0, desk.size.1) {
                let sketch = Sketch { color, name: None, chosen: false, lit: true };
                paint_shape(&painter, canvas, &Mark::Box(rect), sketch);
            }
        }
        paint_sketch(&painter, canvas, &self.corners, pointer, color);
        match (pointer, self.tool) {
            (None, _) | (_, Tool::Select) => {}
            (Some(pos), Tool::Brush | Tool::Eraser) => self.brush.paint_tip(&painter, canvas, pos, color),
            (Some(pos), _) => paint_crosshair(&painter, canvas, pos, tokens),
        }
    }

    /// The smallest shape under the pointer.
    fn shape_at(&self, desk: &Desk<'_>, canvas: &Canvas, pos: Pos2) -> Option<u32> {
        let (x, y) = canvas.in_picture(pos);
        // A brush speaks to masks alone.
        let fits = |mark: &Mark| !self.tool.paints() || matches!(mark, Mark::Mask(_));
        desk.scene.at(Point::new(x, y), f64::from(GRIP / canvas.scale), fits)
    }

    /// The grip of the chosen shape under the pointer.
    fn grip_at(&self, desk: &Desk<'_>, canvas: &Canvas, pos: Pos2) -> Option<(u32, usize)> {
        let number = self.marking.chosen?;
        let grips = shapes::grips(&desk.marks.marks.get(&number)?.mark);
        let near = |at: &Point| canvas.on_screen(at.x, at.y).distance(pos);
        let nearest = grips.iter().enumerate().min_by(|a, b| near(a.1).total_cmp(&near(b.1)))?;
        (near(nearest.1) <= GRIP).then_some((number, nearest.0))
    }

    fn pointer(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>, desk: &Desk<'_>, canvas: &Canvas) {
        let response = &canvas.response;
        let moving_view = ui.input(|input| input.key_down(Key::Space));
        let at = |pos: Pos2| {
            let (x, y) = canvas.in_picture(pos);
            shapes::inside(Point::new(x, y), desk.size.0, desk.size.1)
        };
        if self.tool.paints() {
            return self.paint_with(ui, cx, desk, canvas, moving_view);
        }
        if response.drag_started_by(PointerButton::Primary) && !moving_view {
            let origin = ui.input(|input| input.pointer.press_origin()).or(response.interact_pointer_pos());
            self.drag = origin.and_then(|pos| self.begin(desk, canvas, pos, at(pos)));
        }
        if let (Some(drag), Some(pos)) = (self.drag.clone(), response.interact_pointer_pos()) {
            self.changed = self.changed_by(desk, &drag, at(pos));
            if response.drag_stopped() {
                self.let_go(cx, desk, &drag, at(pos));
            }
        }
        if response.clicked()
            && let Some(pos) = response.interact_pointer_pos()
        {
            self.click(cx, desk, canvas, pos, at(pos));
        }
    }

    /// The brush paints and erases while a button is down; the right one erases with every tool of the two.
    fn paint_with(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>, desk: &Desk<'_>, canvas: &Canvas, moving_view: bool) {
        let response = &canvas.response;
        let (paints, erases) = ui.input(|input| (input.pointer.primary_down(), input.pointer.secondary_down()));
        let held = response.is_pointer_button_down_on() && (paints || erases) && !moving_view;
        if let Some(pos) = response.interact_pointer_pos().filter(|_| held) {
            let (x, y) = canvas.in_picture(pos);
            let at = Point::new(x, y);
            if self.brush.is_painting() {
                self.brush.go_on(at);
            } else if !desk.task.classes.is_empty() {
                let erases = erases || self.tool == Tool::Eraser;
                // An eraser that is on a mask means that one.
                let under =
                    self.marking.chosen.filter(|at| desk.marks.marks.get(at).is_some_and(|a| mask_of(a).is_some()));
                let chosen = under.or_else(|| self.shape_at(desk, canvas, pos).filter(|_| erases));
                let begun = self.brush.begin(desk.marks, chosen, desk.size, at, erases);
                begun.unwrap_or_else(|error| cx.act(Act::Fail(error)));
            }
        } else if self.brush.is_painting() {
            let label = self.marking.label();
            self.marking.chosen = self.brush.let_go(cx, desk.marks, &label);
        }
    }

    /// What a drag that begins here does: grips come first, then what the tool does.
    fn begin(&mut self, desk: &Desk<'_>, canvas: &Canvas, pos: Pos2, at: Point) -> Option<Drag> {
        if let Some((number, grip)) = self.grip_at(desk, canvas, pos) {
            return Some(Drag::Grip(number, grip));
        }
        match self.tool {
            Tool::Box | Tool::Wand => Some(Drag::Draw(at)),
            Tool::Select => {
                self.marking.chosen = self.shape_at(desk, canvas, pos);
                self.marking.chosen.map(|number| Drag::Move(number, at))
            }
            _ => None,
        }
    }

    fn changed_by(&self, desk: &Desk<'_>, drag: &Drag, at: Point) -> Option<(u32, Mark)> {
        let mark = |number: &u32| desk.marks.marks.get(number).map(|annotation| &annotation.mark);
        match drag {
            Drag::Draw(_) => None,
            Drag::Grip(number, grip) => Some((*number, shapes::with_grip(mark(number)?, *grip, at))),
            Drag::Move(number, from) => {
                let mark = mark(number)?;
                let (dx, dy) = shapes::held_within(mark, at.x - from.x, at.y - from.y, desk.size.0, desk.size.1);
                Some((*number, shapes::moved(mark, dx, dy)))
            }
        }
    }

    fn let_go(&mut self, cx: &mut PaneCx<'_>, desk: &Desk<'_>, drag: &Drag, at: Point) {
        self.drag = None;
        if let Drag::Draw(from) = drag
            && let Some(rect) = shapes::box_between(*from, at, desk.size.0, desk.size.1)
        {
            if self.tool == Tool::Wand {
                self.touch(cx, Touch::In(rect));
            } else {
                self.add(cx, desk, Mark::Box(rect));
            }
        }
        if let Some((number, mark)) = self.changed.take() {
            set(cx, desk, number, mark);
        }
    }

    fn click(&mut self, cx: &mut PaneCx<'_>, desk: &Desk<'_>, canvas: &Canvas, pos: Pos2, at: Point) {
        match self.tool {
            Tool::Select | Tool::Box => {
                self.marking.chosen = self.shape_at(desk, canvas, pos);
                if let Some(annotation) = self.marking.chosen.and_then(|chosen| desk.marks.marks.get(&chosen)) {
                    self.marking.class = Some(annotation.label.to_string());
                }
            }
            Tool::Point => {
                let point = Keypoint { at, ..Keypoint::default() };
                self.add(cx, desk, Mark::Keypoints(Keypoints { points: vec![point], bounds: None }));
            }
            Tool::Wand => self.touch(cx, Touch::At(at)),
            Tool::Brush | Tool::Eraser => {}
            Tool::Polygon | Tool::Line => {
                let first = self.corners.first().map(|first| canvas.on_screen(first.x, first.y));
                let closes = self.corners.len() >= 3 && first.is_some_and(|first| first.distance(pos) <= GRIP);
                if closes && self.tool == Tool::Polygon {
                    self.close(cx, desk);
                } else {
                    self.corners.push(at);
                }
            }
        }
    }

    fn touch(&mut self, cx: &PaneCx<'_>, what: Touch) {
        let path = cx.focus.and_then(|row| cx.session.content_at(row)).map(|path| path.into_owned());
        let root = cx.session.dataset().root.clone();
        let gives = if self.wand_paints { Gives::Mask } else { Gives::Outline };
        self.looking = path.map(|path| touch(root, path, what, gives, cx.live.waker().clone()));
    }

    /// Takes in what the wand has found.
    fn wand(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, desk: &Desk<'_>) {
        let Some(job) = &self.looking else { return };
        *cx.busy = true;
        match job.take() {
            None => ui.ctx().request_repaint_after(std::time::Duration::from_millis(50)),
            Some(found) => {
                self.looking = None;
                match found {
                    Ok(Mark::Mask(mask)) => self.add_mask(cx, desk, mask),
                    Ok(mark) => self.add(cx, desk, mark),
                    Err(error) => cx.act(Act::Fail(error)),
                }
            }
        }
    }

    /// What the wand found goes to the mask that is chosen, else it is a new one.
    fn add_mask(&mut self, cx: &mut PaneCx<'_>, desk: &Desk<'_>, found: Mask) {
        let chosen = self.marking.chosen.and_then(|number| Some((number, mask_of(desk.marks.marks.get(&number)?)?)));
        match chosen {
            Some((number, mask)) if (mask.width(), mask.height()) == (found.width(), found.height()) => {
                let stretches: Vec<(u64, u64)> = found.stretches().collect();
                set(cx, desk, number, Mark::Mask(mask.united(&stretches)));
            }
            _ => self.add(cx, desk, Mark::Mask(found)),
        }
    }

    /// Makes an outline or a line of the corners that are set. True if there were enough.
    fn close(&mut self, cx: &mut PaneCx<'_>, desk: &Desk<'_>) -> bool {
        let least = if self.tool == Tool::Polygon { 3 } else { 2 };
        if self.corners.len() < least {
            return false;
        }
        let corners = std::mem::take(&mut self.corners);
        let mark = match self.tool {
            Tool::Polygon => Mark::Polygon(vec![Part { outline: corners, holes: Vec::new() }]),
            _ => Mark::Polyline(corners),
        };
        self.add(cx, desk, mark);
        true
    }

    fn add(&mut self, cx: &mut PaneCx<'_>, desk: &Desk<'_>, mark: Mark) {
        if desk.task.classes.is_empty() {
            return;
        }
        cx.act(Act::Mark(vec![Edit::Add(Annotation::new(self.marking.label(), mark))], None));
        self.marking.chosen = Some(desk.marks.free_number());
    }

    fn keys(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>, desk: &Desk<'_>, row: u32) {
        if !keys_are_free(ui) {
            return;
        }
        let none = Modifiers::NONE;
        for (at, tool) in Tool::ALL.into_iter().enumerate() {
            if key_pressed(ui, CommandId::Tool(at as u8)) {
                self.take_tool(tool);
            }
        }
        if key_pressed(ui, CommandId::CopyPrevious) {
            copy_previous(cx, desk.task, row);
        }
        if !self.corners.is_empty() {
            self.corner_keys(ui, cx, desk);
        }
        if pressed(ui, none, Key::Escape) {
            (self.marking.chosen, self.drag, self.changed) = (None, None, None);
            self.brush.drop_stroke();
        }
        self.brush.keys(ui);
        if pressed(ui, none, Key::Period) {
            self.look = Look::default();
        }
        self.move_keys(ui, cx, desk);
        if let Some(class) = Marking::class_pressed(ui, desk.task) {
            self.marking.use_class(cx, desk.marks, class);
        }
        self.marking.keys(ui, cx, desk.marks);
    }

    /// Keys while corners are being set.
    fn corner_keys(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>, desk: &Desk<'_>) {
        let none = Modifiers::NONE;
        if pressed(ui, none, Key::Enter) {
            self.close(cx, desk);
        }
        if pressed(ui, none, Key::Backspace) || pressed(ui, none, Key::Delete) {
            self.corners.pop();
        }
        if pressed(ui, none, Key::Escape) {
            self.corners.clear();
        }
    }

    /// Arrows move the chosen shape by a pixel, with Shift by ten; Z and X turn a box.
    fn move_keys(&self, ui: &egui::Ui, cx: &mut PaneCx<'_>, desk: &Desk<'_>) {
        let Some(number) = self.marking.chosen else { return };
        let Some(mark) = desk.marks.marks.get(&number).map(|annotation| &annotation.mark) else { return };
        let steps = [
            (Key::ArrowLeft, -1.0, 0.0),
            (Key::ArrowRight, 1.0, 0.0),
            (Key::ArrowUp, 0.0, -1.0),
            (Key::ArrowDown, 0.0, 1.0),
        ];
        for (key, dx, dy) in steps {
            for (modifiers, by) in [(Modifiers::SHIFT, 10.0), (Modifiers::NONE, 1.0)] {
                if pressed(ui, modifiers, key) {
                    let (dx, dy) = shapes::held_within(mark, dx * by, dy * by, desk.size.0, desk.size.1);
                    return set(cx, desk, number, shapes::moved(mark, dx, dy));
                }
            }
        }
        for (key, by) in [(Key::Z, -TURN), (Key::X, TURN)] {
            if pressed(ui, Modifiers::NONE, key) {
                return set(cx, desk, number, shapes::rotated(mark, by));
            }
        }
    }

    fn take_tool(&mut self, tool: Tool) {
        self.tool = tool;
        self.corners.clear();
    }

    fn tools_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, row: u32) {
        let tokens = Tokens::of(ui);
        ui.horizontal_wrapped(|ui| {
            for (at, tool) in Tool::ALL.into_iter().enumerate() {
                let on = self.tool == tool;
                if Button::new(tool.name(cx.strings))
                    .key(&key_of(ui, CommandId::Tool(at as u8)))
                    .selected(on)
                    .show(ui)
                    .clicked()
                {
                    self.take_tool(tool);
                }
            }
            if Button::new(cx.strings.copy_previous).key(&key_of(ui, CommandId::CopyPrevious)).show(ui).clicked() {
                copy_previous(cx, task, row);
            }
            if self.tool == Tool::Wand {
                widgets::toggle(ui, &mut self.wand_paints, cx.strings.wand_paints);
            }
            let hint = if task.classes.is_empty() {
                egui::RichText::new(cx.strings.needs_task_classes).color(tokens.warning)
            } else if !self.corners.is_empty() {
                egui::RichText::new(cx.strings.corners_how).color(tokens.accent)
            } else if self.tool.paints() {
                let key = |id| key_of(ui, id);
                let sizes = (key(CommandId::BrushSmaller), key(CommandId::BrushLarger));
                let how = cx.strings.brush_how(self.brush.width(), &sizes.0, &sizes.1);
                egui::RichText::new(how).font(theme::caption()).color(tokens.weak)
            } else {
                egui::RichText::new(cx.strings.shapes_how).font(theme::caption()).color(tokens.weak)
            };
            ui.label(hint);
        });
        ui.add_space(space::S);
    }

    fn list_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks) {
        list_head_ui(ui, cx, marks);
        let numbers: Vec<u32> = marks.marks.keys().copied().collect();
        let area = egui::ScrollArea::vertical().auto_shrink([false, false]);
        area.show_rows(ui, size::ROW, numbers.len(), |ui, range| {
            for &number in &numbers[range] {
                let Some(annotation) = marks.marks.get(&number) else { continue };
                let class = task.classes.named(&annotation.label);
                let text = measure(&annotation.mark);
                self.marking.entry_ui(ui, cx, Entry { number, class, text: &text });
            }
        });
    }
}

fn set(cx: &mut PaneCx<'_>, desk: &Desk<'_>, number: u32, mark: Mark) {
    if let Some(annotation) = desk.marks.marks.get(&number)
        && annotation.mark != mark
    {
        let changed = Annotation { mark, ..Annotation::clone(annotation) };
        cx.act(Act::Mark(vec![Edit::Set(number, changed)], None));
    }
}

/// The shapes of the item before this one in the queue, taken over.
fn copy_previous(cx: &mut PaneCx<'_>, task: &Task, row: u32) {
    let before = cx.queue.iter().position(|other| *other == row).and_then(|at| at.checked_sub(1));
    let Some(before) = before.and_then(|at| cx.queue.get(at)).copied() else { return };
    let edits: Vec<Edit> = marks_of(cx, task, before).listed().into_iter().map(Edit::Add).collect();
    if !edits.is_empty() {
        cx.act(Act::Mark(edits, None));
    }
}

/// The part of the image that is seen, in pixels, with what reaches into it.
fn seen(painter: &egui::Painter, canvas: &Canvas) -> Rect {
    let shown = painter.clip_rect().expand(GRIP);
    let (left, top) = canvas.in_picture(shown.min);
    let (right, bottom) = canvas.in_picture(shown.max);
    Rect::new(left, top, right - left, bottom - top)
}

/// The size of a shape in pixels, in a few signs.
fn measure(mark: &Mark) -> String {
    let size =
        shapes::bounds_of(mark).map_or_else(String::new, |rect| format!("{:.0} × {:.0}", rect.width, rect.height));
    match mark {
        Mark::Box(rect) if rect.angle != 0.0 => format!("{:.0} × {:.0}, {:.0}°", rect.width, rect.height, rect.angle),
        Mark::Keypoints(points) if points.points.len() == 1 => {
            points.points.first().map_or_else(String::new, |point| format!("{:.0}, {:.0}", point.at.x, point.at.y))
        }
        _ => size,
    }
}
