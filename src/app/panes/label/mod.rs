//! The labelling pane: one item after another, in the task that is chosen.
//!
//! What every task has in common stands here: the choice of the task, how far the queue has come, the foot with the
//! classes. Each kind of task is a part of its own.

mod brush;
mod class_editor;
mod classes;
mod keypoints;
mod marking;
mod mask_view;
mod paint;
mod segments;
mod shapes;
mod spans;
mod wand;
mod whole;

use eframe::egui;

pub(super) use marking::color_of;

use super::table::nothing_ui;
use crate::app::act::{Act, Order};
use crate::app::keymap::key_of;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, percent};
use crate::app::theme::{self, Tokens, icons, space};
use crate::app::widgets::{self, Button, PaneState, PaneStateKind};
use crate::data::search::{Search, find};
use crate::label::{BAD, Classes, Doubt, TaskKind, Tasks, UNSURE};

/// The width of the field for a class with its button.
const FIELD_AND_BUTTON: f32 = 140.0;

/// The pane's own state: that of its parts.
#[derive(Default)]
pub struct LabelPane {
    new_class: String,
    annotator: String,
    editor: class_editor::ClassEditor,
    classes: classes::ClassesPart,
    spans: spans::SpansPart,
    shapes: shapes::ShapesPart,
    keypoints: keypoints::KeypointsPart,
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
                ui.horizontal(|ui| {
                    // A row of controls takes the whole width: it is centred by hand.
                    ui.add_space((ui.available_width() - FIELD_AND_BUTTON).max(0.0) / 2.0);
                    find_class_ui(ui, cx, &Classes::default(), &mut self.new_class);
                });
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
        head_ui(ui, cx, row, self);
        ui.add_space(space::S);
        match cx.task.map(|task| task.kind) {
            None => self.classes.ui(ui, cx, row),
            Some(TaskKind::Spans) => self.spans.ui(ui, cx, row),
            Some(TaskKind::Shapes) => self.shapes.ui(ui, cx, row),
            Some(TaskKind::Keypoints) => self.keypoints.ui(ui, cx, row),
            Some(TaskKind::Segments) => self.segments.ui(ui, cx, row),
            Some(_) => self.whole.ui(ui, cx, row),
        }
    }
}

/// The tasks, which item this is, and how far the queue has come.
fn head_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32, pane: &mut LabelPane) {
    let tokens = Tokens::of(ui);
    let (strings, progress) = (cx.strings, cx.progress);
    ui.horizontal(|ui| {
        tasks_ui(ui, cx);
        add_task_ui(ui, cx);
        class_editor::class_editor_ui(ui, cx, &mut pane.editor);
        annotator_ui(ui, cx, &mut pane.annotator);
        order_ui(ui, cx);
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

/// Remarks on the item: unsure, bad item, a comment.
fn remarks_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let Some(row) = cx.focus else { return };
    let (own, strings) = (cx.session.own(), cx.strings);
    let on = |flags: &[bool]| flags.get(row as usize) == Some(&true);
    if Button::new(strings.unsure).key(&key_of(ui, CommandId::Unsure)).selected(on(own.unsure())).show(ui).clicked() {
        cx.act(Act::Flag(UNSURE));
    }
    if on(own.unsure()) {
        doubt_ui(ui, cx, row);
    }
    if Button::new(strings.bad_item).key(&key_of(ui, CommandId::BadItem)).selected(on(own.bad())).show(ui).clicked() {
        cx.act(Act::Flag(BAD));
    }
    let comment = own.comments().get(&row).map(|text| text.to_string()).unwrap_or_default();
    let hint = Some(comment.as_str()).filter(|comment| !comment.is_empty());
    let button = widgets::icon_button(ui, icons::PENCIL_SIMPLE, strings.comment, hint);
    if hint.is_some() {
        let dot = button.rect.right_top() + egui::vec2(-space::XS, space::XS);
        ui.painter().circle_filled(dot, 3.0, Tokens::of(ui).accent);
    }
    egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        let id = egui::Id::unique(("comment", row));
        let mut typed: String = ui.data(|data| data.get_temp(id)).unwrap_or_else(|| comment.clone());
        let field = widgets::Field::new(strings.comment).hint(strings.comment).hide_label().width(280.0);
        let response = field.show(ui, &mut typed);
        if entered(ui, &response) {
            cx.act(Act::Comment(typed.clone()));
            ui.close();
        }
        ui.data_mut(|data| data.insert_temp(id, typed));
    });
}

/// How sure a person is of a label, as it is offered.
const CONFIDENCES: [f64; 5] = [0.5, 0.6, 0.7, 0.8, 0.9];

/// What an uncertain label might be instead, and how sure the person is of it.
fn doubt_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
    let (strings, session) = (cx.strings, cx.session);
    let doubt = session.own().doubts().get(&row).cloned().unwrap_or_default();
    let share = doubt.confidence.map(percent);
    let shown = strings.doubt(doubt.second.as_deref(), share.as_deref());
    let button = Button::new(&shown).kind(widgets::ButtonKind::Quiet).accessible_name(strings.second_choice).show(ui);
    egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_max_width(320.0);
        let tokens = Tokens::of(ui);
        let classes = cx.task.map_or(session.classes(), |task| &task.classes);
        if !classes.is_empty() {
            ui.label(egui::RichText::new(strings.second_choice).font(theme::strong()).color(tokens.text));
            ui.label(egui::RichText::new(strings.second_choice_why).font(theme::caption()).color(tokens.weak));
            ui.horizontal_wrapped(|ui| {
                for class in classes.iter() {
                    let on = doubt.second.as_deref() == Some(class.name.as_str());
                    if widgets::class_button(ui, &class.name, usize::from(class.color), None, on).clicked() {
                        cx.act(Act::SecondChoice(class.name.clone()));
                    }
                }
            });
            ui.add_space(space::S);
        }
        ui.label(egui::RichText::new(strings.how_sure).font(theme::strong()).color(tokens.text));
        ui.horizontal(|ui| {
            for share in CONFIDENCES {
                let on = doubt.confidence == Some(share);
                if Button::new(&percent(share)).selected(on).show(ui).clicked() {
                    let confidence = (!on).then_some(share);
                    cx.act(Act::Doubt(Doubt { confidence, ..doubt.clone() }));
                }
            }
        });
    });
}

/// Who labels: the project, or somebody apart.
fn annotator_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, typed: &mut String) {
    let (strings, session) = (cx.strings, cx.session);
    let tokens = Tokens::of(ui);
    let name = session.voice().annotator();
    let shown = name.unwrap_or(session.project().ledger.annotator());
    let button =
        Button::new(shown).kind(widgets::ButtonKind::Quiet).accessible_name(strings.labels_as).selected(name.is_some());
    let button = button.show(ui).on_hover_text(strings.labels_as);
    egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_max_width(280.0);
        ui.label(egui::RichText::new(strings.apart_why).font(theme::caption()).color(tokens.weak));
        if Button::new(strings.as_project).selected(name.is_none()).show(ui).clicked() {
            cx.act(Act::SpeakAs(None));
            ui.close();
        }
        for other in session.annotators() {
            if Button::new(&other).selected(name == Some(&*other)).show(ui).clicked() {
                cx.act(Act::SpeakAs(Some(other)));
                ui.close();
            }
        }
        let field = widgets::Field::new(strings.annotator_name).hint(strings.annotator_name).hide_label().width(240.0);
        let response = field.show(ui, typed);
        if entered(ui, &response) && !typed.trim().is_empty() {
            cx.act(Act::SpeakAs(Some(std::mem::take(typed).trim().to_owned())));
            ui.close();
        }
    });
}

/// The order of the queue.
fn order_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let strings = cx.strings;
    let button = widgets::icon_button(ui, icons::SLIDERS_HORIZONTAL, strings.queue_order, None);
    egui::Popup::menu(&button).show(|ui| {
        ui.set_max_width(260.0);
        for order in Order::ALL {
            if Button::new(strings.order(order)).show(ui).clicked() {
                cx.act(Act::Order(order));
                ui.close();
            }
        }
        ui.add_space(space::S);
        let tokens = Tokens::of(ui);
        ui.label(egui::RichText::new(strings.mix_in_checks).font(theme::strong()).color(tokens.text));
        ui.label(egui::RichText::new(strings.mix_in_checks_why).font(theme::caption()).color(tokens.weak));
        ui.horizontal(|ui| {
            let now = cx.session.project().config.settings.check_share;
            for share in [0.0, 0.03, 0.05, 0.1] {
                if Button::new(&percent(share)).selected(now == share).show(ui).clicked() {
                    cx.act(Act::SetCheckShare(share));
                }
            }
        });
    });
}

fn skip_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    if Button::new(cx.strings.skip).icon(icons::SKIP_FORWARD).key(&key_of(ui, CommandId::Skip)).show(ui).clicked() {
        cx.act(Act::Skip);
    }
}

fn undo_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    if Button::new(cx.strings.undo)
        .icon(icons::ARROW_COUNTER_CLOCKWISE)
        .key(&key_of(ui, CommandId::Undo))
        .show(ui)
        .clicked()
    {
        cx.act(Act::Command(CommandId::Undo));
    }
}

/// Whether a field was left with Enter. The key is taken: it must not finish the item as well.
fn entered(ui: &egui::Ui, field: &egui::Response) -> bool {
    field.lost_focus() && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Enter))
}

/// Classes up to this number are all shown; of more, two rows, with the rest behind a scroll bar and the field.
const SHOWN: usize = 18;

/// The height of two rows of class buttons.
const TWO_ROWS: f32 = 72.0;

/// The classes as buttons with their keys, those that fit what is typed. The one that was pressed.
fn buttons_ui(ui: &mut egui::Ui, classes: &Classes, typed: &str, on: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut pressed = None;
    let mut buttons = |ui: &mut egui::Ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(space::S, space::S);
            for class in classes.iter().filter(|class| typed.is_empty() || fits(&class.name, typed)) {
                let on = on(&class.name);
                if widgets::class_button(ui, &class.name, usize::from(class.color), class.key, on).clicked() {
                    pressed = Some(class.name.clone());
                }
            }
        });
    };
    if classes.len() > SHOWN {
        egui::ScrollArea::vertical().id_salt("classes").max_height(TWO_ROWS).show(ui, buttons);
    } else {
        buttons(ui);
    }
    pressed
}

/// Whether a class is meant by what is typed: a part of its name, or the initial consonants of Hangul.
fn fits(name: &str, typed: &str) -> bool {
    let search = Search { text: typed.trim().to_owned(), ..Search::default() };
    !find(name, &search).is_empty()
}

/// A field that finds one of many classes, or adds a further one to the current task. The class that was found.
fn find_class_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, classes: &Classes, typed: &mut String) -> Option<String> {
    let hint = if classes.len() > SHOWN { cx.strings.find_or_add_class } else { cx.strings.class_name };
    let field = widgets::Field::new(cx.strings.class_name).hint(hint).hide_label().width(104.0);
    let response = field.show(ui, typed);
    if !response.has_focus() && ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, egui::Key::L)) {
        response.request_focus();
    }
    let entered = entered(ui, &response);
    let name = typed.trim().to_owned();
    let many = classes.len() > SHOWN;
    let meant = classes
        .iter()
        .find(|class| class.name == name)
        .or_else(|| classes.iter().find(|class| many && !name.is_empty() && fits(&class.name, &name)));
    if let Some(class) = meant.filter(|_| entered) {
        typed.clear();
        return Some(class.name.clone());
    }
    let clicked = widgets::icon_button(ui, icons::PLUS, cx.strings.add_class, None).clicked();
    if (clicked || entered) && !name.is_empty() {
        typed.clear();
        cx.act(Act::AddClass(name));
    }
    None
}
