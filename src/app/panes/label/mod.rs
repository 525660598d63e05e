//! The labelling pane: one item after another, in the task that is chosen.
//!
//! What every task has in common stands here: the choice of the task, how far the queue has come, the foot with the
//! classes. Each kind of task is a part of its own.

mod classes;
mod marking;
mod paint;
mod segments;
mod shapes;
mod spans;
mod whole;

use eframe::egui;

use super::table::nothing_ui;
use crate::app::act::Act;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, icons, space};
use crate::app::widgets::{self, Button, PaneState, PaneStateKind};
use crate::label::{TaskKind, Tasks};

/// The pane's own state: that of its parts.
#[derive(Default)]
pub struct LabelPane {
    new_class: String,
    classes: classes::ClassesPart,
    spans: spans::SpansPart,
    shapes: shapes::ShapesPart,
    segments: segments::SegmentsPart,
    whole: whole::WholePart,
}

impl Pane for LabelPane {
    fn id(&self) -> &'static str {
        "label"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.label
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let nothing_to_choose = cx.task.is_none() && cx.session.classes().is_empty();
        if nothing_to_choose {
            PaneState::new(PaneStateKind::NeedsInput, strings.needs_classes).why(strings.needs_classes_why).show(ui);
            ui.vertical_centered(|ui| {
                new_class_ui(ui, cx, &mut self.new_class);
                ui.add_space(space::L);
                let tokens = Tokens::of(ui);
                ui.label(egui::RichText::new(strings.other_tasks_why).color(tokens.weak));
                kinds_ui(ui, cx);
                tasks_ui(ui, cx);
            });
            return;
        }
        let Some(row) = cx.focus else {
            if cx.live.snapshot().is_some_and(|snapshot| snapshot.rows.is_empty()) {
                nothing_ui(ui, cx);
            }
            return;
        };
        head_ui(ui, cx, row);
        ui.add_space(space::S);
        match cx.task.map(|task| task.kind) {
            None => self.classes.ui(ui, cx, row),
            Some(TaskKind::Spans) => self.spans.ui(ui, cx, row),
            Some(TaskKind::Shapes) => self.shapes.ui(ui, cx, row),
            Some(TaskKind::Segments) => self.segments.ui(ui, cx, row),
            Some(_) => self.whole.ui(ui, cx, row),
        }
    }
}

/// The tasks, which item this is, and how far the queue has come.
fn head_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
    let tokens = Tokens::of(ui);
    let (strings, progress) = (cx.strings, cx.progress);
    ui.horizontal(|ui| {
        tasks_ui(ui, cx);
        add_task_ui(ui, cx);
        let weak = |text: String| egui::RichText::new(text).color(tokens.weak);
        ui.label(weak(strings.row_number(u64::from(row))));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if progress.open() == 0 {
                ui.label(egui::RichText::new(strings.queue_finished).color(tokens.ok).font(theme::strong()));
            }
            ui.label(weak(strings.labelled_of(progress.labelled as u64, progress.total as u64)));
            let share = progress.labelled as f32 / progress.total.max(1) as f32;
            widgets::progress_bar(ui, strings.queue, Some(share), 120.0);
            if progress.skipped > 0 {
                ui.label(weak(strings.skipped_count(progress.skipped as u64)));
            }
        });
    });
}

/// The tasks side by side, the first of them one class an item. Nothing where there is no choice.
fn tasks_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let tasks: &Tasks = cx.session.tasks();
    if tasks.is_empty() {
        return;
    }
    let mut chosen =
        cx.task.and_then(|task| tasks.iter().position(|other| other.name == task.name)).map_or(0, |at| at + 1);
    let first = std::iter::once(cx.strings.one_class);
    let choices: Vec<(usize, &str)> = first.chain(tasks.iter().map(|task| task.name.as_str())).enumerate().collect();
    if widgets::segmented(ui, cx.strings.task, &mut chosen, &choices) {
        let name = chosen.checked_sub(1).and_then(|at| tasks.iter().nth(at)).map(|task| task.name.clone());
        cx.act(Act::SetTask(name));
    }
}

/// A button that offers the kinds of tasks that suit the content.
fn add_task_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let button = widgets::icon_button(ui, icons::PLUS, cx.strings.add_task, None);
    egui::Popup::menu(&button).show(|ui| kinds_ui(ui, cx));
}

fn kinds_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let content = cx.session.content();
    for kind in TaskKind::ALL.into_iter().filter(|kind| kind.suits(content)) {
        if Button::new(cx.strings.task_kind(kind)).show(ui).clicked() {
            cx.act(Act::AddTask(kind));
            ui.close();
        }
    }
}

/// What stands at the foot of the pane, in the same place for every item.
fn foot(ui: &mut egui::Ui, contents: impl FnOnce(&mut egui::Ui)) {
    egui::Panel::bottom("classes")
        .frame(egui::Frame::NONE.inner_margin(egui::Margin { top: space::S as i8, ..egui::Margin::ZERO }))
        .resizable(false)
        .show_separator_line(false)
        .show(ui, contents);
}

fn skip_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    if Button::new(cx.strings.skip).icon(icons::SKIP_FORWARD).key("N").show(ui).clicked() {
        cx.act(Act::Skip);
    }
}

fn undo_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    if Button::new(cx.strings.undo).icon(icons::ARROW_COUNTER_CLOCKWISE).key("Ctrl+Z").show(ui).clicked() {
        cx.act(Act::Command(CommandId::Undo));
    }
}

/// Whether a field was left with Enter. The key is taken: it must not finish the item as well.
fn entered(ui: &egui::Ui, field: &egui::Response) -> bool {
    field.lost_focus() && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Enter))
}

/// A field for a further class of the current task.
fn new_class_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, typed: &mut String) {
    ui.horizontal(|ui| {
        let field = widgets::Field::new(cx.strings.class_name).hint(cx.strings.class_name).hide_label().width(140.0);
        let response = field.show(ui, typed);
        let entered = entered(ui, &response);
        let clicked = Button::new(cx.strings.add_class).icon(icons::PLUS).show(ui).clicked();
        if (clicked || entered) && !typed.trim().is_empty() {
            cx.act(Act::AddClass(std::mem::take(typed)));
        }
    });
}
