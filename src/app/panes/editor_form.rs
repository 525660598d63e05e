//! The form beside the editor: the declaration in the line of the cursor, field by field. Form and text are two faces of
//! one line.

use std::sync::Arc;

use eframe::egui;

use crate::app::pane::PaneCx;
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, Tokens, radius, space};
use crate::app::widgets::{self, Field, FieldError};
use crate::data::filter::{self, quote_name};
use crate::data::{Column, Frame, Kind};
use crate::engine::Fingerprint;
use crate::weak::functions::{FormKind, FormLine, form_at};
use crate::weak::suggest::python_text;

/// What is typed in the form and may not stand in the text yet, as an empty line behind the last word.
#[derive(Default)]
pub(super) struct Form {
    /// The declaration as the form left it; another one in the text is taken up anew.
    written: Option<FormLine>,
    words: String,
    range: RangeDraft,
    found: Option<(Fingerprint, usize, Option<FormLine>)>,
}

/// A range of a number that is being put together.
#[derive(Default)]
struct RangeDraft {
    of: Option<String>,
    from: String,
    to: String,
}

const LABELS: f32 = 110.0;

impl Form {
    /// The declaration in a line of a text; read once for each of both.
    pub fn find(&mut self, text: &str, print: Fingerprint, line: usize) -> Option<FormLine> {
        if self.found.as_ref().is_none_or(|(of, at, _)| (*of, *at) != (print, line)) {
            self.found = Some((print, line, form_at(text, line)));
        }
        self.found.as_ref().and_then(|(.., found)| found.clone())
    }

    /// Draws the form of a declaration of the text; the text that a change asks for.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, text: &str, found: FormLine) -> Option<String> {
        let same = |written: &FormLine| (&written.name, &written.kind) == (&found.name, &found.kind);
        if !self.written.as_ref().is_some_and(same) {
            self.take_up(&found);
        }
        let mut form = found.clone();
        let tokens = Tokens::of(ui);
        egui::Frame::new().fill(tokens.sunken).corner_radius(radius::CARD).inner_margin(space::S).show(ui, |ui| {
            ui.set_width(ui.available_width());
            egui::ScrollArea::vertical().id_salt("function form").auto_shrink([false, true]).show(ui, |ui| {
                self.head_ui(ui, cx, text, &mut form);
                match &mut form.kind {
                    FormKind::Keywords { words, file, column, case, whole_words } => {
                        self.words_ui(ui, cx, words, file);
                        ui.horizontal_wrapped(|ui| {
                            column_ui(ui, cx, column);
                            widgets::toggle(ui, whole_words, cx.strings.whole_words);
                            widgets::toggle(ui, case, cx.strings.match_case);
                        });
                    }
                    FormKind::Regex { pattern, column, case } => {
                        let error = regex::Regex::new(pattern)
                            .is_err()
                            .then(|| FieldError { message: cx.strings.pattern_unread.to_owned(), range: None });
                        let width = ui.available_width();
                        let field = Field::new(cx.strings.pattern).mono().width(width);
                        // Look-around is read by another engine, so a pattern that this one cannot read is only looked
                        // at where the compiler says so too.
                        let wrong = error.as_ref().filter(|_| says_wrong(cx, &form.name));
                        field.error(wrong).show(ui, pattern);
                        ui.horizontal_wrapped(|ui| {
                            column_ui(ui, cx, column);
                            widgets::toggle(ui, case, cx.strings.match_case);
                        });
                    }
                    FormKind::Where { condition } => self.condition_ui(ui, cx, condition),
                }
                counts_ui(ui, cx, &form.name);
            });
        });
        if form == found {
            return None;
        }
        self.written = Some(form.clone());
        Some(form.put_into(text))
    }

    fn take_up(&mut self, form: &FormLine) {
        if let FormKind::Keywords { words, .. } = &form.kind {
            self.words = words.join("\n");
        }
        self.range = RangeDraft::default();
        self.written = Some(form.clone());
    }

    /// The name and the class.
    fn head_ui(&self, ui: &mut egui::Ui, cx: &PaneCx<'_>, text: &str, form: &mut FormLine) {
        let strings = cx.strings;
        ui.horizontal_wrapped(|ui| {
            ui.label(egui::RichText::new(strings.form).font(theme::strong())).on_hover_text(strings.form_help);
            let mut name = form.name.clone();
            Field::new(strings.name).hide_label().mono().width(170.0).show(ui, &mut name);
            let plain = |letter: char| letter.is_alphanumeric() || letter == '_';
            if !name.is_empty() && name.chars().all(plain) && !name.starts_with(|letter: char| letter.is_numeric()) {
                form.name = name;
            }
            let names = class_names(text, cx.session.class_names(), &form.class);
            let choices: Vec<(String, &str)> =
                names.iter().map(|(written, shown)| (written.clone(), shown.as_str())).collect();
            let id = egui::Id::unique("class of function");
            widgets::select(ui, id, strings.class_of_function, &mut form.class, &choices, 120.0);
        });
    }

    /// The words, or the list that has them.
    fn words_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, words: &mut Vec<String>, file: &mut Option<String>) {
        let strings = cx.strings;
        let lists = cx.session.functions.lists();
        if !lists.is_empty() || file.is_some() {
            let mut choices: Vec<(Option<String>, &str)> = vec![(None, strings.own_words)];
            choices.extend(lists.iter().map(|(name, _)| (Some(name.clone()), name.as_str())));
            ui.horizontal(|ui| {
                ui.label(egui::RichText::new(strings.list_file).color(Tokens::of(ui).weak));
                let id = egui::Id::unique("list of function");
                if widgets::select(ui, id, strings.list_file, file, &choices, 180.0)
                    && file.is_none()
                    && words.is_empty()
                {
                    *words = vec!["…".to_owned()];
                    self.words = words.join("\n");
                }
            });
        }
        if file.is_some() {
            words.clear();
            return;
        }
        ui.label(egui::RichText::new(strings.keywords_hint).font(theme::caption()).color(Tokens::of(ui).weak));
        let rows = self.words.lines().count().clamp(2, 6);
        let field = egui::TextEdit::multiline(&mut self.words)
            .id(egui::Id::unique("words of function"))
            .font(theme::mono())
            .desired_rows(rows)
            .desired_width(f32::INFINITY);
        let response = ui.add(field).accessible_name(strings.keywords);
        if response.changed() {
            let typed: Vec<String> =
                self.words.lines().map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
            // An empty list is an error; the last word stays until there is another.
            if !typed.is_empty() {
                *words = typed;
            }
        }
    }

    /// The condition, with the range of a number as a way to write one.
    fn condition_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, condition: &mut String) {
        let strings = cx.strings;
        let frame = cx.live.layers().map(|layers| &layers.frame);
        let own = own_frame(cx);
        let error = filter::parse(condition, &own).err().map(|error| FieldError {
            message: match &error.help {
                Some(help) => format!("{}. {help}", error.message),
                None => error.message.clone(),
            },
            range: Some(error.start..error.end),
        });
        let width = ui.available_width();
        let id = egui::Id::unique("condition of function");
        Field::new(strings.condition).mono().width(width).error(error.as_ref()).id(id).show(ui, condition);
        if ui.memory(|memory| memory.has_focus(id)) {
            ui.horizontal_wrapped(|ui| {
                for offer in filter::complete(condition, &own).into_iter().take(6) {
                    if widgets::quiet_button(ui, offer.text.trim()).on_hover_text(&offer.detail).clicked() {
                        let kept = condition.get(..offer.start).unwrap_or(condition);
                        *condition = format!("{kept}{} ", offer.text);
                        ui.memory_mut(|memory| memory.request_focus(id));
                    }
                }
            });
        }
        let numbers = numbers_of(&own);
        if numbers.is_empty() || frame.is_none() {
            return;
        }
        ui.horizontal_wrapped(|ui| {
            let choices: Vec<(Option<String>, &str)> =
                numbers.iter().map(|(sql, shown)| (Some(sql.clone()), shown.as_str())).collect();
            ui.label(egui::RichText::new(strings.range_of_number).color(Tokens::of(ui).weak));
            let id = egui::Id::unique("number of function");
            let mut changed = widgets::select(ui, id, strings.range_of_number, &mut self.range.of, &choices, 150.0);
            for (label, value) in [(strings.from_value, &mut self.range.from), (strings.to_value, &mut self.range.to)] {
                let field = Field::new(label).hide_label().hint(label).mono().width(LABELS * 0.7);
                changed |= field.show(ui, value).changed();
            }
            if let Some(sql) = self.range.sql().filter(|_| changed) {
                *condition = sql;
            }
        });
    }
}

impl RangeDraft {
    /// The condition that it stands for; `None` while there is no column or no bound.
    fn sql(&self) -> Option<String> {
        let of = self.of.as_ref()?;
        let number = |text: &str| {
            text.trim().parse::<f64>().ok().filter(|value| value.is_finite()).map(|_| text.trim().to_owned())
        };
        match (number(&self.from), number(&self.to)) {
            (Some(from), Some(to)) => Some(format!("{of} >= {from} AND {of} < {to}")),
            (Some(from), None) => Some(format!("{of} >= {from}")),
            (None, Some(to)) => Some(format!("{of} < {to}")),
            (None, None) => None,
        }
    }
}

/// The columns as functions see them: the data's, what is known of the images, and the text under its second name.
pub(super) fn own_frame(cx: &PaneCx<'_>) -> Frame {
    let mut more = cx.live.properties.value().map(|columns| columns.to_vec()).unwrap_or_default();
    let frame = &cx.session.dataset().frame;
    let text = cx.session.project().config.data.text.as_deref().and_then(|name| frame.get(name));
    if let Some(strings) = text.filter(|column| column.name() != "text").and_then(|column| column.strings()) {
        more.push(Arc::new(Column::text("text", Kind::Text, strings.clone())));
    }
    frame.with(more)
}

/// What has a range: numbers, and the lengths of texts.
fn numbers_of(frame: &Frame) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for column in frame.columns() {
        let sql = quote_name(column.name());
        match column.kind() {
            Kind::Int | Kind::Float => found.push((sql, column.name().to_owned())),
            Kind::Text => found.extend(["length", "words"].map(|name| {
                let call = format!("{name}({sql})");
                (call.clone(), call)
            })),
            _ => {}
        }
    }
    found
}

/// True if the compiler found fault with a function.
fn says_wrong(cx: &PaneCx<'_>, name: &str) -> bool {
    let problems = cx.live.votes.value().map(|votes| votes.problems.as_slice()).unwrap_or_default();
    problems.iter().any(|(_, problem)| problem.function.as_deref() == Some(name))
}

fn column_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, column: &mut Option<String>) {
    let texts = cx.session.dataset().frame.columns().iter().filter(|column| column.strings().is_some());
    let mut choices: Vec<(Option<String>, &str)> = vec![(None, cx.strings.any_column)];
    choices.extend(texts.map(|column| (Some(column.name().to_owned()), column.name())));
    let id = egui::Id::unique("column of function");
    widgets::select(ui, id, cx.strings.column, column, &choices, 120.0);
}

/// How the classes may be written in a file, each with what it is called: by the file's own names where it has them, and
/// the way it is written now.
fn class_names(text: &str, classes: &[String], written: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = classes
        .iter()
        .map(|class| {
            let literal = python_text(class);
            let constant = crate::session::constant_of(text, class);
            // The way it is written stays, so that nothing changes by looking.
            let is_written = written == literal || written == format!("'{class}'");
            let here = if is_written { written.to_owned() } else { constant.unwrap_or(literal) };
            (here, class.clone())
        })
        .collect();
    if found.iter().all(|(here, _)| here != written) {
        found.push((written.to_owned(), written.to_owned()));
    }
    found
}

/// What the function does now.
fn counts_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, name: &str) {
    let strings: &Strings = cx.strings;
    let tokens = Tokens::of(ui);
    let Some(votes) = cx.live.votes.value() else { return };
    let Some(function) = votes.analysis.functions.iter().find(|function| function.name == name) else { return };
    let right = match (function.accuracy, function.accuracy_low, function.accuracy_high) {
        (Some(share), Some(low), Some(high)) => {
            format!("{} {} ({} – {})", strings.accuracy, percent(share), percent(low), percent(high))
        }
        _ => strings.needs_hand_labels.to_owned(),
    };
    let text = format!(
        "{} ({})  ·  {} {}  ·  {right}",
        strings.rows_count(function.votes),
        percent(function.coverage),
        strings.conflicts,
        grouped((function.conflicts * votes.analysis.rows as f64).round() as u64)
    );
    let stale = cx.live.votes.running().is_some();
    ui.label(egui::RichText::new(text).font(theme::caption()).color(if stale { tokens.weak } else { tokens.text }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_conditions() {
        let check = |from: &str, to: &str, expected: Option<&str>| {
            let range = RangeDraft { of: Some("n".to_owned()), from: from.to_owned(), to: to.to_owned() };
            assert_eq!(range.sql().as_deref(), expected);
        };
        check("1", "2.5", Some("n >= 1 AND n < 2.5"));
        check("-3", "", Some("n >= -3"));
        check("", "7", Some("n < 7"));
        check("x", "", None);
        check("", "inf", None);
        assert_eq!(RangeDraft::default().sql(), None);
    }

    #[test]
    fn classes_are_written_as_the_file_writes_them() {
        let classes = ["spam".to_owned(), "ham".to_owned()];
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(class_names("SPAM = 'spam'\n", &classes, "SPAM"), [pair("SPAM", "spam"), pair("\"ham\"", "ham")]);
        assert_eq!(class_names("", &classes, "'ham'"), [pair("\"spam\"", "spam"), pair("'ham'", "ham")]);
        assert_eq!(class_names("", &classes, "OTHER").len(), 3);
    }
}
