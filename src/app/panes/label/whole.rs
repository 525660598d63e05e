//! Tasks about an item as a whole: several classes, another text, the better of two, the order of several.

use eframe::egui::{self, Key, Modifiers};

use super::super::content::content_ui;
use super::marking::{Marking, finish_ui, keys_are_free, marks_of, pressed};
use super::{buttons_ui, find_class_ui, foot, remarks_ui, skip_ui, undo_ui};
use crate::app::act::Act;
use crate::app::pane::PaneCx;
use crate::app::strings::percent;
use crate::app::theme::{self, Tokens, icons, radius, space};
use crate::app::widgets::{self, Button, ButtonKind};
use crate::data::Kind;
use crate::data::annotations::{Annotation, Mark};
use crate::label::edits::{Piece, PieceKind, cer, ter, word_diff};
use crate::label::{Edit, ItemMarks, Task, TaskKind};

/// Texts up to this many letters are compared word by word while they are typed.
const COMPARED: usize = 20_000;

/// Texts up to this many words are searched for moved blocks while they are typed.
const MOVED: usize = 80;

/// What the part keeps between frames.
#[derive(Default)]
pub(super) struct WholePart {
    /// What is typed to find or add a class.
    typed: String,
    /// The text that is being written: of which item, as it stands, and the text it began as.
    draft: Option<Draft>,
    /// The candidates that were put in order so far: of which item and task, and their places among the columns.
    ranked: Option<(u32, String, Vec<usize>)>,
}

struct Draft {
    row: u32,
    task: String,
    text: String,
    before: String,
    /// The state of the annotations that it was taken from: undo brings another.
    kept: Option<String>,
    compared: Option<Compared>,
}

/// What was changed in a draft, for the text that it was when that was looked at.
struct Compared {
    text: String,
    letters: f64,
    /// The translation edit rate, of texts of few words.
    words: Option<f64>,
    pieces: Vec<Piece>,
}

impl Draft {
    /// The text before, and what was changed in it; looked at once for every text. `None` where there is nothing to tell.
    fn compared(&mut self) -> Option<(&str, &Compared)> {
        if self.text == self.before || self.before.is_empty() || self.text.len() > COMPARED {
            return None;
        }
        if self.compared.as_ref().is_none_or(|compared| compared.text != self.text) {
            // Moved blocks are looked for as well, which long texts would wait for.
            let few = self.text.split_whitespace().count() <= MOVED;
            self.compared = Some(Compared {
                text: self.text.clone(),
                letters: cer(&self.before, &self.text),
                words: few.then(|| ter(&self.before, &self.text).rate),
                pieces: word_diff(&self.before, &self.text),
            });
        }
        self.compared.as_ref().map(|compared| (self.before.as_str(), compared))
    }
}

impl WholePart {
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
        let Some(task) = cx.task.cloned() else { return };
        let marks = marks_of(cx, &task, row);
        match task.kind {
            TaskKind::Rewrite => self.rewrite_ui(ui, cx, &task, &marks, row),
            TaskKind::Choice => choice_ui(ui, cx, &task, &marks, row),
            TaskKind::Ranking => self.ranking_ui(ui, cx, &task, &marks, row),
            _ => self.tags_ui(ui, cx, &task, &marks, row),
        }
    }

    fn tags_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks, row: u32) {
        let number_of = |class: &str| marks.marks.iter().find(|(_, mark)| &*mark.label == class).map(|(at, _)| *at);
        let toggle = |cx: &mut PaneCx<'_>, class: &str| match number_of(class) {
            Some(number) => cx.act(Act::Unmark(vec![number])),
            None => cx.act(Act::Mark(vec![Edit::Add(Annotation::new(class, Mark::Class))], None)),
        };
        foot(ui, |ui| {
            if task.classes.is_empty() {
                ui.label(egui::RichText::new(cx.strings.needs_task_classes).color(Tokens::of(ui).warning));
            }
            let mut taken = buttons_ui(ui, &task.classes, &self.typed, &|class| number_of(class).is_some());
            ui.add_space(space::S);
            ui.horizontal_wrapped(|ui| {
                finish_ui(ui, cx, marks);
                taken = taken.take().or_else(|| find_class_ui(ui, cx, &task.classes, &mut self.typed));
            });
            if let Some(class) = taken {
                toggle(cx, &class);
            }
        });
        if keys_are_free(ui) {
            if let Some(class) = Marking::class_pressed(ui, task) {
                toggle(cx, &class);
            }
            if pressed(ui, Modifiers::NONE, Key::Enter) {
                cx.act(Act::Mark(Vec::new(), Some(true)));
            }
        }
        item_ui(ui, cx, row);
    }

    /// Several texts; their numbers are pressed in order, and the last one follows by itself.
    fn ranking_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks, row: u32) {
        let columns: Vec<&String> = task.columns.iter().filter(|name| !name.is_empty()).collect();
        let same = self.ranked.as_ref().is_some_and(|(of, name, _)| *of == row && *name == task.name);
        if !same {
            self.ranked = Some((row, task.name.clone(), Vec::new()));
        }
        let kept: Vec<usize> = marks
            .marks
            .values()
            .find_map(|annotation| match &annotation.mark {
                Mark::Ranking(order) => Some(order.iter().filter_map(|name| columns.iter().position(|c| *c == name))),
                _ => None,
            })
            .into_iter()
            .flatten()
            .collect();
        let mut pressed_at = None;
        if keys_are_free(ui) {
            let number = widgets::class_key(ui.ctx()).and_then(|key| key.to_digit(10));
            pressed_at = number.and_then(|number| (number as usize).checked_sub(1)).filter(|at| *at < columns.len());
            if pressed(ui, Modifiers::NONE, Key::Backspace)
                && let Some((.., order)) = &mut self.ranked
            {
                order.pop();
            }
        }
        foot(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                skip_ui(ui, cx);
                undo_ui(ui, cx);
                remarks_ui(ui, cx);
                let tokens = Tokens::of(ui);
                let (hint, color) = if columns.len() < 2 {
                    (cx.strings.needs_candidates, tokens.warning)
                } else {
                    (cx.strings.ranking_how, tokens.weak)
                };
                ui.label(egui::RichText::new(hint).font(theme::caption()).color(color));
            });
            columns_ui(ui, cx, task, (columns.len() + 1).clamp(3, 9));
        });
        let under_way = self.ranked.as_ref().map(|(.., order)| order.clone()).unwrap_or_default();
        let shown = if under_way.is_empty() { &kept } else { &under_way };
        egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| {
            let area = egui::ScrollArea::vertical().id_salt(("ranking", row)).auto_shrink(false);
            area.show(ui, |ui| {
                for (at, name) in columns.iter().enumerate() {
                    let rank = shown.iter().position(|other| *other == at).map(|rank| rank + 1);
                    if candidate_ui(ui, &column_text(cx, Some(name), row), at + 1, rank) {
                        pressed_at = Some(at);
                    }
                    ui.add_space(space::S);
                }
            });
        });
        let Some((.., order)) = &mut self.ranked else { return };
        if let Some(at) = pressed_at.filter(|at| !order.contains(at)) {
            order.push(at);
        }
        // Of all but one the last is known.
        if columns.len() > 1 && order.len() + 1 >= columns.len() {
            order.extend((0..columns.len()).find(|at| !order.contains(at)));
            let names = order.iter().filter_map(|at| columns.get(*at)).map(|name| (*name).clone()).collect();
            order.clear();
            let annotation = Annotation::new("", Mark::Ranking(names));
            let edit = match marks.marks.keys().next() {
                Some(number) => Edit::Set(*number, annotation),
                None => Edit::Add(annotation),
            };
            cx.act(Act::Mark(vec![edit], Some(true)));
        }
    }

    fn rewrite_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks, row: u32) {
        self.take_up(cx, task, marks, row);
        // Written text is kept when it is left as well as when it is finished: nothing typed is lost.
        let save = |cx: &mut PaneCx<'_>, draft: &Draft, done: Option<bool>| {
            let answer = Annotation::new("", Mark::Answer(draft.text.clone()));
            let changed = draft.kept.as_deref() != Some(draft.text.as_str());
            let edit = match marks.marks.keys().next() {
                _ if !changed => None,
                Some(number) => Some(Edit::Set(*number, answer)),
                None => Some(Edit::Add(answer)),
            };
            if edit.is_some() || done.is_some() {
                cx.act(Act::Mark(edit.into_iter().collect(), done));
            }
        };
        foot(ui, |ui| {
            ui.horizontal(|ui| {
                let finish = Button::new(cx.strings.finish).icon(icons::CHECK).key("Ctrl+Enter");
                let clicked = finish.kind(ButtonKind::Primary).show(ui).clicked();
                let by_key = ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
                if let Some(draft) = self.draft.as_ref().filter(|_| clicked || by_key) {
                    save(cx, draft, Some(true));
                }
                skip_ui(ui, cx);
                undo_ui(ui, cx);
                remarks_ui(ui, cx);
                if marks.done {
                    let tokens = Tokens::of(ui);
                    ui.label(egui::RichText::new(cx.strings.finished).color(tokens.ok));
                }
            });
            columns_ui(ui, cx, task, 1);
        });
        egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| {
            let height = ui.available_height();
            ui.columns(2, |columns| {
                let [left, right] = columns else { return };
                item_in(left, cx, row, height);
                let Some(draft) = &mut self.draft else { return };
                let left_field = draft_ui(right, cx, draft);
                if left_field {
                    save(cx, draft, None);
                }
            });
        });
    }

    /// The text of another item, or of the same after undo.
    fn take_up(&mut self, cx: &PaneCx<'_>, task: &Task, marks: &ItemMarks, row: u32) {
        let kept = marks.marks.values().find_map(|annotation| match &annotation.mark {
            Mark::Answer(text) => Some(text.clone()),
            _ => None,
        });
        let same = |draft: &Draft| draft.row == row && draft.task == task.name && draft.kept == kept;
        if self.draft.as_ref().is_some_and(same) {
            return;
        }
        let before = column_text(cx, task.columns.first(), row);
        let text = kept.clone().unwrap_or_else(|| before.clone());
        self.draft = Some(Draft { row, task: task.name.clone(), text, before, kept, compared: None });
    }
}

/// The field with the text, and what was changed in it. True when the field was left.
fn draft_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, draft: &mut Draft) -> bool {
    let tokens = Tokens::of(ui);
    let id = egui::Id::unique(("rewrite", draft.row));
    let field = egui::TextEdit::multiline(&mut draft.text)
        .id(id)
        .font(theme::reading())
        .desired_width(f32::INFINITY)
        .desired_rows(4);
    let response = ui.add(field);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::MultilineTextInput, true, cx.strings.new_text));
    if let Some((before, compared)) = draft.compared() {
        ui.add_space(space::M);
        let words = compared.words.map(|rate| format!("{rate:.2}"));
        let changed = cx.strings.changed_letters(&percent(compared.letters), words.as_deref());
        ui.label(egui::RichText::new(changed).font(theme::caption()).color(tokens.weak));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for piece in &compared.pieces {
                let text = egui::RichText::new(piece.text(before, &compared.text)).font(theme::body());
                ui.label(match piece.kind {
                    PieceKind::Same => text.color(tokens.weak),
                    PieceKind::Removed => text.color(tokens.error).strikethrough(),
                    PieceKind::Added => text.color(tokens.ok).strong().underline(),
                });
            }
        });
    }
    response.lost_focus()
}

/// Two texts beside each other; one key chooses and goes on.
fn choice_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks, row: u32) {
    let chosen = marks.marks.values().next().map(|annotation| annotation.label.to_string());
    let choose = |cx: &mut PaneCx<'_>, class: &str| {
        let annotation = Annotation::new(class, Mark::Class);
        let edit = match marks.marks.keys().next() {
            Some(number) => Edit::Set(*number, annotation),
            None => Edit::Add(annotation),
        };
        cx.act(Act::Mark(vec![edit], Some(true)));
    };
    foot(ui, |ui| {
        if let Some(class) = buttons_ui(ui, &task.classes, "", &|class| chosen.as_deref() == Some(class)) {
            choose(cx, &class);
        }
        ui.add_space(space::S);
        ui.horizontal(|ui| {
            skip_ui(ui, cx);
            undo_ui(ui, cx);
            remarks_ui(ui, cx);
        });
        columns_ui(ui, cx, task, 2);
    });
    if keys_are_free(ui)
        && let Some(class) = Marking::class_pressed(ui, task)
    {
        choose(cx, &class);
    }
    egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| {
        ui.columns(2, |columns| {
            for (at, ui) in columns.iter_mut().enumerate() {
                let text = column_text(cx, task.columns.get(at), row);
                card(ui, |ui| {
                    let area = egui::ScrollArea::vertical().id_salt(("choice", at, row)).auto_shrink(false);
                    area.show(ui, |ui| widgets::reading_text(ui, &text));
                });
            }
        });
    });
}

/// A candidate with its key, and its rank where it has one. True if it was clicked.
fn candidate_ui(ui: &mut egui::Ui, text: &str, number: usize, rank: Option<usize>) -> bool {
    let tokens = Tokens::of(ui);
    let fill = if rank.is_some() { tokens.selection } else { tokens.sunken };
    let frame = egui::Frame::NONE.fill(fill).corner_radius(radius::CARD).inner_margin(space::M);
    let shown = frame.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal(|ui| {
            widgets::key_cap(ui, &number.to_string());
            if let Some(rank) = rank {
                ui.label(egui::RichText::new(format!("#{rank}")).font(theme::section()).color(tokens.accent));
            }
        });
        widgets::reading_text(ui, text);
    });
    let name = format!("{number}: {text}");
    let id = ui.scope_id().with(("candidate", number));
    let response = ui.interact(shown.response.rect, id, egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, rank.is_some(), &name));
    response.clicked()
}

/// Which columns the task works on; nothing where that is plain.
fn columns_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, count: usize) {
    let frame = &cx.session.dataset().frame;
    // Any column can be corrected; compared are texts.
    let fits = |kind: Kind| task.kind == TaskKind::Rewrite || matches!(kind, Kind::Text | Kind::Category);
    let texts = frame.columns().iter().filter(|column| fits(column.kind()));
    let mut choices: Vec<(String, &str)> = vec![(String::new(), cx.strings.none)];
    choices.extend(texts.map(|column| (column.name().to_owned(), column.name())));
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        for at in 0..count {
            let name = match (task.kind, at) {
                (TaskKind::Ranking, _) => cx.strings.candidate,
                (TaskKind::Rewrite, _) => cx.strings.draft_column,
                (_, 0) => cx.strings.left_column,
                _ => cx.strings.right_column,
            };
            ui.label(egui::RichText::new(name).font(theme::caption()).color(Tokens::of(ui).weak));
            let mut value = task.columns.get(at).cloned().unwrap_or_default();
            if widgets::select(ui, egui::Id::unique(("task column", at)), name, &mut value, &choices, 160.0) {
                let mut columns = task.columns.clone();
                columns.resize(count, String::new());
                columns[at] = value;
                cx.act(Act::SetTaskColumns(columns));
            }
        }
    });
}

fn column_text(cx: &PaneCx<'_>, name: Option<&String>, row: u32) -> String {
    let column = name.and_then(|name| cx.session.dataset().frame.get(name));
    column.and_then(|column| column.show(row as usize)).map(|text| text.into_owned()).unwrap_or_default()
}

fn card(ui: &mut egui::Ui, contents: impl FnOnce(&mut egui::Ui)) {
    let frame = egui::Frame::NONE.fill(Tokens::of(ui).sunken).corner_radius(radius::CARD).inner_margin(space::L);
    frame.show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        // Columns stretch their contents; a text must not be.
        ui.with_layout(egui::Layout::top_down(egui::Align::LEFT), contents);
    });
}

/// The item in the room that is left.
pub(super) fn item_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
    egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| {
        let height = ui.available_height();
        item_in(ui, cx, row, height);
    });
}

fn item_in(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32, height: f32) {
    card(ui, |ui| {
        let area = egui::ScrollArea::vertical().id_salt(("whole", row)).auto_shrink(false);
        area.show(ui, |ui| content_ui(ui, cx, "label", row, height - space::XXL * 2.0));
    });
}
