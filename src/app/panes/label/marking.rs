//! What tasks that mark something inside an item have in common: the class that is drawn with, the foot, the list of
//! what is there, and the keys that mean the same in all of them.

use std::sync::Arc;

use eframe::egui;

use super::{buttons_ui, find_class_ui, remarks_ui, skip_ui, undo_ui};
use crate::app::act::Act;
use crate::app::pane::PaneCx;
use crate::app::strings::grouped;
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Button};
use crate::data::annotations::Annotation;
use crate::label::{Class, Edit, ItemMarks, Task};

/// The class that is drawn with and the annotation that is chosen.
#[derive(Default)]
pub(super) struct Marking {
    /// The class of what is marked next, by name.
    pub class: Option<String>,
    /// The annotation that keys speak to.
    pub chosen: Option<u32>,
    /// The item and task that this speaks of.
    of: Option<(u32, String)>,
    /// What is typed to find or add a class.
    typed: String,
}

/// The annotations of the item that is shown, as the one who labels made them.
pub(super) fn marks_of(cx: &PaneCx<'_>, task: &Task, row: u32) -> Arc<ItemMarks> {
    cx.session.placed().of(cx.session.voice(), &task.name).get(row).cloned().unwrap_or_else(ItemMarks::nothing)
}

/// Whether single keys speak to the pane: not while something is typed.
pub(super) fn keys_are_free(ui: &egui::Ui) -> bool {
    !ui.ctx().text_edit_focused()
}

/// True if the key was pressed without Ctrl or Alt; the key is then taken.
pub(super) fn pressed(ui: &egui::Ui, modifiers: egui::Modifiers, key: egui::Key) -> bool {
    ui.input_mut(|input| input.consume_key(modifiers, key))
}

impl Marking {
    /// Another item or task: nothing is chosen. True if it is another.
    pub fn take_up(&mut self, task: &Task, row: u32, marks: &ItemMarks) -> bool {
        let other = self.of.as_ref().is_none_or(|(at, name)| *at != row || *name != task.name);
        if other {
            self.of = Some((row, task.name.clone()));
            self.chosen = None;
        }
        if self.chosen.is_some_and(|chosen| !marks.marks.contains_key(&chosen)) {
            self.chosen = None;
        }
        if self.class.as_deref().is_none_or(|class| task.classes.index(class).is_none()) {
            self.class = task.classes.iter().next().map(|class| class.name.clone());
        }
        other
    }

    /// The class that is drawn with; empty in a task without classes.
    pub fn label(&self) -> String {
        self.class.clone().unwrap_or_default()
    }

    /// The class whose key was pressed, if one was.
    pub fn class_pressed(ui: &egui::Ui, task: &Task) -> Option<String> {
        let key = widgets::class_key(ui.ctx())?;
        let index = task.classes.by_key(key)?;
        task.classes.get(index).map(|class| class.name.clone())
    }

    /// Takes a class up: for what is chosen, else for what is marked next.
    pub fn use_class(&mut self, cx: &mut PaneCx<'_>, marks: &ItemMarks, class: String) {
        if let Some((number, annotation)) = self.chosen.and_then(|at| Some((at, marks.marks.get(&at)?))) {
            let changed = Annotation { label: class.as_str().into(), ..Annotation::clone(annotation) };
            cx.act(Act::Mark(vec![Edit::Set(number, changed)], None));
        }
        self.class = Some(class);
    }

    /// Keys that mean the same everywhere: Enter finishes, Delete removes, Escape lets go, Tab goes round.
    pub fn keys(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>, marks: &ItemMarks) {
        if !keys_are_free(ui) {
            return;
        }
        let none = egui::Modifiers::NONE;
        if pressed(ui, none, egui::Key::Enter) {
            cx.act(Act::Mark(Vec::new(), Some(true)));
        }
        if let Some(chosen) = self.chosen
            && (pressed(ui, none, egui::Key::Delete) || pressed(ui, none, egui::Key::Backspace))
        {
            cx.act(Act::Unmark(vec![chosen]));
        }
        if pressed(ui, egui::Modifiers::SHIFT, egui::Key::Tab) {
            self.go_round(marks, false);
        } else if pressed(ui, none, egui::Key::Tab) {
            self.go_round(marks, true);
        }
    }

    fn go_round(&mut self, marks: &ItemMarks, forward: bool) {
        let numbers: Vec<u32> = marks.marks.keys().copied().collect();
        let here = self.chosen.and_then(|chosen| numbers.iter().position(|number| *number == chosen));
        let count = numbers.len();
        self.chosen = match (here, forward) {
            (_, _) if count == 0 => None,
            (Some(at), true) => numbers.get((at + 1) % count).copied(),
            (Some(at), false) => numbers.get((at + count - 1) % count).copied(),
            (None, true) => numbers.first().copied(),
            (None, false) => numbers.last().copied(),
        };
    }

    /// The classes with their keys and counts, then what can be done with the item.
    pub fn foot_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks) {
        let chosen = self.chosen.and_then(|at| marks.marks.get(&at)).map(|annotation| annotation.label.to_string());
        let current = chosen.or_else(|| self.class.clone());
        let on = |name: &str| current.as_deref() == Some(name);
        let mut taken = buttons_ui(ui, &task.classes, &self.typed, &on);
        ui.add_space(space::S);
        ui.horizontal_wrapped(|ui| {
            finish_ui(ui, cx, marks);
            taken = taken.take().or_else(|| find_class_ui(ui, cx, &task.classes, &mut self.typed));
        });
        if let Some(class) = taken {
            self.use_class(cx, marks, class);
        }
    }

    /// A line of the list of annotations. True if it was clicked.
    pub fn entry_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, line: Entry<'_>) -> bool {
        let tokens = Tokens::of(ui);
        let on = self.chosen == Some(line.number);
        let wanted = egui::vec2(ui.available_width(), size::ROW);
        let (rect, response) = ui.allocate_exact_size(wanted, egui::Sense::click());
        let name = format!("{} {}", line.class.map_or("", |class| &class.name), line.text);
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, on, &name));
        if on || response.hovered() {
            ui.painter().rect_filled(rect, 2.0, if on { tokens.selection } else { tokens.hover });
        }
        let mut left = rect.left() + space::XS;
        if let Some(class) = line.class {
            let at = egui::pos2(left, rect.center().y);
            left = widgets::paint_label_chip(ui, at, &class.name, usize::from(class.color), 96.0).right() + space::S;
        }
        let remove = egui::Rect::from_min_max(egui::pos2(rect.right() - size::HIT, rect.top()), rect.max);
        let text = egui::Rect::from_min_max(egui::pos2(left, rect.top()), egui::pos2(remove.left(), rect.bottom()));
        widgets::cell_text(ui, text, line.text, widgets::CellStyle::Text);
        if on || response.hovered() {
            let place = egui::UiBuilder::new().id_salt(("remove", line.number)).max_rect(remove);
            ui.scope_builder(place, |ui| {
                if widgets::icon_button(ui, icons::X, cx.strings.remove, Some("Del")).clicked() {
                    cx.act(Act::Unmark(vec![line.number]));
                }
            });
        }
        let clicked = response.clicked();
        if clicked {
            self.chosen = Some(line.number);
        }
        clicked
    }
}

/// The colour of a class; grey where there is none.
pub(in crate::app::panes) fn color_of(class: Option<&Class>) -> usize {
    class.map_or(theme::CATEGORIES, |class| usize::from(class.color))
}

/// The head of the list of annotations: how many there are.
pub(super) fn list_head_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, marks: &ItemMarks) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(cx.strings.annotations).font(theme::strong()).color(tokens.text));
        ui.label(egui::RichText::new(grouped(marks.marks.len() as u64)).color(tokens.weak));
    });
    ui.add_space(space::XS);
}

/// The path of the image or sound of a row; says so where it is missing.
pub(super) fn path_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, row: u32) -> Option<String> {
    let path = cx.session.content_at(row).map(|path| path.into_owned());
    if path.is_none() {
        ui.label(egui::RichText::new(cx.strings.missing).color(Tokens::of(ui).weak));
    }
    path
}

/// A line of the list of annotations.
pub(super) struct Entry<'a> {
    pub number: u32,
    pub class: Option<&'a Class>,
    pub text: &'a str,
}

/// Finished, skipped, taken back.
pub(super) fn finish_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, marks: &ItemMarks) {
    if marks.done {
        if Button::new(cx.strings.reopen).icon(icons::CHECK_CIRCLE).selected(true).show(ui).clicked() {
            cx.act(Act::Mark(Vec::new(), Some(false)));
        }
    } else {
        let button = Button::new(cx.strings.finish).icon(icons::CHECK).key("Enter");
        if button.kind(widgets::ButtonKind::Primary).show(ui).clicked() {
            cx.act(Act::Mark(Vec::new(), Some(true)));
        }
    }
    skip_ui(ui, cx);
    undo_ui(ui, cx);
    remarks_ui(ui, cx);
}
