//! The editor of labelling functions: the files of `lfs/` with highlighting, errors at their line, and statistics that
//! follow every keystroke in the panes beside.

use std::ops::Range;

use eframe::egui;

use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Button, CodeEditor, Diagnostic, Severity, TokenStyle};
use crate::engine::Fingerprint;
use crate::weak::functions::{self, TokenKind, highlight};

/// The pane's own state.
#[derive(Default)]
pub struct Editor {
    file: usize,
    new_name: Option<String>,
    /// The tokens of the text they were made from.
    tokens: Option<(Fingerprint, Vec<(Range<usize>, TokenStyle)>)>,
    jump: Option<usize>,
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
            if widgets::icon_button(ui, icons::PLUS, strings.new_file, None).clicked() {
                self.new_name = Some("more.py".to_owned());
            }
            let dirty = files.get(self.file).is_some_and(crate::session::LfFile::is_dirty);
            if Button::new(strings.save).key("Ctrl+S").enabled(dirty).show(ui).clicked() {
                cx.act(Act::SaveFunctions(self.file));
            }
        });
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

    fn text_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, name: &str, text: &mut String) {
        let print = Fingerprint::of(text.as_bytes());
        if self.tokens.as_ref().is_none_or(|(made_from, _)| *made_from != print) {
            let spans = highlight(text).into_iter().filter_map(|(range, kind)| Some((range, style(kind)?))).collect();
            self.tokens = Some((print, spans));
        }
        let diagnostics = diagnostics(cx, name);
        let spans = self.tokens.as_ref().map_or(&[][..], |(_, spans)| spans);
        let room = ui.available_height() - size::ROW - ui.spacing().item_spacing.y;
        let editor = CodeEditor::new(egui::Id::unique(("functions", name)), cx.strings.editor)
            .spans(spans)
            .diagnostics(&diagnostics)
            .height(room.max(120.0))
            .jump_to(self.jump.take());
        if editor.show(ui, text).changed {
            cx.act(Act::EditFunctions(self.file, std::mem::take(text)));
        }
        state_ui(ui, cx, &diagnostics);
    }
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
