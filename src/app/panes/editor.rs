//! The editor of labelling functions: the files of `lfs/` with highlighting, errors at their line, and statistics that
//! follow every keystroke in the panes beside.

use std::ops::Range;

use eframe::egui;

use super::editor_find::Find;
use super::editor_form::{Form, own_frame};
use crate::app::act::{Act, Declaration};
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Button, ButtonKind, CodeEditor, Diagnostic, Offer, Severity, TokenStyle};
use crate::data::Kind;
use crate::data::filter::quote_name;
use crate::engine::Fingerprint;
use crate::weak::functions::{self, FormKind, Known, TokenKind, complete_code, highlight};
use crate::weak::suggest::python_text;

/// A stretch of code and how it is drawn.
type Span = (Range<usize>, TokenStyle);

/// The room for a form, with the words of a function and without.
const FORM: [f32; 2] = [236.0, 176.0];

/// The pane's own state.
#[derive(Default)]
pub struct Editor {
    file: usize,
    new_name: Option<String>,
    /// The tokens of the text they were made from.
    tokens: Option<(Fingerprint, Vec<Span>)>,
    jump: Option<usize>,
    /// The line of the cursor, from 1, as it last was.
    line: usize,
    find: Find,
    form: Form,
    select: Option<Range<usize>>,
}

impl Pane for Editor {
    fn id(&self) -> &'static str {
        "editor"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.editor
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let count = cx.session.functions.files().len();
        self.file = self.file.min(count.saturating_sub(1));
        if let Some((name, line)) = cx.code_at.take()
            && let Some(at) = cx.session.functions.files().iter().position(|file| file.name == name)
        {
            (self.file, self.jump) = (at, Some(line));
        }
        self.head_ui(ui, cx);
        ui.add_space(space::XS);
        for (name, error) in cx.session.functions.problems() {
            ui.label(egui::RichText::new(format!("{name}: {error}")).color(Tokens::of(ui).error));
        }
        if let Some(file) = cx.session.functions.files().get(self.file) {
            let (name, mut text) = (file.name.clone(), file.text.clone());
            self.text_ui(ui, cx, &name, &mut text);
        }
    }
}

impl Editor {
    fn head_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        ui.horizontal_wrapped(|ui| {
            let files = cx.session.functions.files();
            for (index, file) in files.iter().enumerate() {
                let name = if file.is_dirty() { format!("{} ●", file.name) } else { file.name.clone() };
                if Button::new(&name).selected(index == self.file).show(ui).clicked() {
                    self.file = index;
                }
            }
            if widgets::icon_button(ui, icons::MAGNIFYING_GLASS, strings.find_and_replace, Some("Ctrl+H")).clicked() {
                self.find.toggle();
            }
            if widgets::icon_button(ui, icons::PLUS, strings.new_file, None).clicked() {
                self.new_name = Some("more.py".to_owned());
            }
            let dirty = files.get(self.file).is_some_and(crate::session::LfFile::is_dirty);
            if Button::new(strings.save).key("Ctrl+S").enabled(dirty).show(ui).clicked() {
                cx.act(Act::SaveFunctions(self.file));
            }
        });
        self.new_ui(ui, cx);
        if let Some(name) = &mut self.new_name {
            let mut done = None;
            ui.horizontal(|ui| {
                let field = widgets::Field::new(strings.name).hide_label().width(160.0).show(ui, name);
                let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
                if widgets::primary_button(ui, strings.new_file).clicked() || entered {
                    done = Some(true);
                }
                if widgets::quiet_button(ui, strings.cancel).clicked() {
                    done = Some(false);
                }
            });
            if let Some(make) = done {
                let name = self.new_name.take().unwrap_or_default();
                if make {
                    cx.act(Act::AddFunctions(name));
                }
            }
        }
    }

    /// A declaration of each kind, to be filled in by its form.
    fn new_ui(&self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let Some(class) = cx.session.class_names().first().cloned() else { return };
        let literal = python_text(&class);
        let texts = cx.session.dataset().frame.columns().iter().any(|column| column.kind() == Kind::Text);
        let number = cx.session.dataset().frame.columns().iter().find(|c| matches!(c.kind(), Kind::Int | Kind::Float));
        let condition = match (cx.session.content().column().filter(|_| texts), number) {
            (Some(column), _) => format!("length({}) < 20", quote_name(column)),
            (None, Some(column)) => format!("{} < 20", quote_name(column.name())),
            (None, None) => "TRUE".to_owned(),
        };
        let kinds = [
            (
                strings.keyword_function,
                "lf_words",
                format!("keywords({literal}, [{}])", python_text(strings.a_word)),
                texts,
            ),
            (strings.regex_function, "lf_pattern", format!("regex({literal}, r\"https?://\")"), texts),
            (strings.where_function, "lf_condition", format!("where({literal}, {})", python_text(&condition)), true),
        ];
        ui.horizontal_wrapped(|ui| {
            for (text, name, call, there) in kinds {
                let button = Button::new(text).kind(ButtonKind::Quiet).icon(icons::PLUS).enabled(there);
                if button.show(ui).clicked() {
                    let (name, class) = (name.to_owned(), class.clone());
                    cx.act(Act::Declare(Declaration { name, class, call, edit: true }));
                }
            }
        });
    }

    fn text_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, name: &str, text: &mut String) {
        let print = Fingerprint::of(text.as_bytes());
        if self.tokens.as_ref().is_none_or(|(made_from, _)| *made_from != print) {
            let spans = highlight(text).into_iter().filter_map(|(range, kind)| Some((range, style(kind)?))).collect();
            self.tokens = Some((print, spans));
        }
        let diagnostics = diagnostics(cx, name);
        let spans = self.tokens.as_ref().map_or(&[][..], |(_, spans)| spans);
        let pressed = egui::KeyboardShortcut::new(egui::Modifiers::COMMAND, egui::Key::H);
        if ui.input_mut(|input| input.consume_shortcut(&pressed)) {
            self.find.toggle();
        }
        let wish = self.find.ui(ui, cx.strings, text);
        self.select = wish.select.or(self.select.take());
        let mut new_text = wish.text;
        let form = self.form.find(text, print, self.line);
        let wanted =
            form.as_ref().map_or(0.0, |form| FORM[usize::from(!matches!(form.kind, FormKind::Keywords { .. }))]);
        let below = wanted.min(ui.available_height() * 0.45);
        let lines = if has_offer(cx, name) { 2.0 } else { 1.0 };
        let room = ui.available_height() - lines * (size::ROW + ui.spacing().item_spacing.y) - below;
        let names: Vec<String> = cx.session.functions.lists().iter().map(|(name, _)| name.clone()).collect();
        let frame = own_frame(cx);
        let basis = cx.session.project().config.data.text.clone();
        let known = Known { frame: &frame, text: basis.as_deref(), classes: cx.session.class_names(), lists: &names };
        let offers = |source: &str, caret: usize| -> Vec<Offer> {
            let found = complete_code(source, caret, &known).into_iter();
            found.map(|one| Offer { text: one.text, detail: one.detail, start: one.start }).collect()
        };
        let editor = CodeEditor::new(egui::Id::unique(("functions", name)), cx.strings.editor)
            .spans(spans)
            .diagnostics(&diagnostics)
            .height(room.max(120.0))
            .complete(&offers)
            .select(self.select.take())
            .jump_to(self.jump.inspect(|line| self.line = *line));
        self.jump = None;
        let shown = editor.show(ui, text);
        if let Some(line) = shown.line {
            self.line = line;
        }
        if shown.changed {
            new_text = Some(text.clone());
        }
        if let Some(form) = form.filter(|_| new_text.is_none()) {
            ui.allocate_ui(egui::vec2(ui.available_width(), below), |ui| {
                ui.set_max_height(below);
                if let Some(text) = self.form.ui(ui, cx, text, form) {
                    new_text = Some(text);
                }
            });
        }
        if let Some(text) = new_text {
            cx.act(Act::EditFunctions(self.file, text));
        }
        state_ui(ui, cx, &diagnostics);
        offer_ui(ui, cx, name);
    }
}

/// Where functions of the file are refused that Python itself could run: the offer to do so.
fn offer_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, name: &str) {
    if !has_offer(cx, name) {
        return;
    }
    let strings = cx.strings;
    ui.horizontal_wrapped(|ui| {
        ui.label(strings.external_offer);
        let allow = widgets::quiet_button(ui, strings.external_allow).on_hover_text(strings.external_allow_what);
        if allow.clicked() {
            cx.act(Act::AllowExternal(name.to_owned()));
        }
    });
}

fn has_offer(cx: &PaneCx<'_>, name: &str) -> bool {
    cx.live.votes.value().is_some_and(|votes| votes.offers.iter().any(|file| file == name))
}

/// One line under the text: how many functions run, or what is wrong.
fn state_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, diagnostics: &[Diagnostic]) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        let (icon, color, text) = if errors > 0 {
            (icons::WARNING, tokens.error, cx.strings.error_count(errors as u64))
        } else {
            (icons::CHECK, tokens.ok, cx.strings.no_errors.to_owned())
        };
        ui.label(egui::RichText::new(icon).font(theme::icon(14.0)).color(color));
        ui.label(egui::RichText::new(text).color(tokens.text));
        // The figures beside are exact, or those of the text before the last keystrokes.
        let state = if cx.live.votes.running().is_some() { cx.strings.stale } else { cx.strings.exact };
        ui.label(egui::RichText::new(state).font(theme::caption()).color(tokens.weak));
    });
}

fn diagnostics(cx: &PaneCx<'_>, name: &str) -> Vec<Diagnostic> {
    let Some(votes) = cx.live.votes.value() else { return Vec::new() };
    let problems = votes.problems.iter().filter(|(file, _)| file == name).map(|(_, problem)| Diagnostic {
        line: problem.line,
        range: None,
        message: match &problem.help {
            Some(help) => format!("{}: {help}", problem.message),
            None => problem.message.clone(),
        },
        severity: match problem.severity {
            functions::Severity::Warning => Severity::Warning,
            functions::Severity::Error => Severity::Error,
        },
    });
    let faults = votes.functions.iter().filter(|function| function.file == name).flat_map(|function| {
        function.faults.iter().map(|fault| Diagnostic {
            line: fault.line,
            range: None,
            message: format!("{} ({})", fault.message, cx.strings.rows_count(fault.rows as u64)),
            severity: Severity::Warning,
        })
    });
    problems.chain(faults).collect()
}

/// How a token is drawn; names and operators as plain text.
fn style(kind: TokenKind) -> Option<TokenStyle> {
    Some(match kind {
        TokenKind::Keyword => TokenStyle::Keyword,
        TokenKind::String => TokenStyle::String,
        TokenKind::Number => TokenStyle::Number,
        TokenKind::Comment => TokenStyle::Comment,
        TokenKind::Function => TokenStyle::Function,
        TokenKind::Constant | TokenKind::Decorator => TokenStyle::Decorator,
        TokenKind::Operator | TokenKind::Name => return None,
    })
}
