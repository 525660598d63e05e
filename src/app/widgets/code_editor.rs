//! The code editor: highlighted by the caller, with line numbers and with the problems it is told of.

use std::ops::Range;

use eframe::egui::{
    self, Align2, Color32, Event, EventFilter, Frame, Galley, Id, Key, Margin, Modifiers, Pos2, Rect, Response,
    RichText, ScrollArea, Sense, Stroke, TextBuffer, TextEdit, Ui, WidgetInfo, pos2,
    text::{CCursor, CCursorRange, LayoutJob, TextFormat},
    vec2,
};

use super::paint::{focus_ring, icon_in, one_line};
use crate::app::strings::strings;
use crate::app::theme::{self, Tokens, icons, radius, size, space};

/// What a stretch of code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStyle {
    /// A word of the language.
    Keyword,
    /// Text in quotes.
    String,
    /// A number or a constant.
    Number,
    /// The name of a function.
    Function,
    /// A comment.
    Comment,
    /// A decorator.
    Decorator,
}

impl TokenStyle {
    fn color(self, tokens: &Tokens) -> Color32 {
        match self {
            Self::Keyword => tokens.syntax.keyword,
            Self::String => tokens.syntax.string,
            Self::Number => tokens.syntax.number,
            Self::Function => tokens.syntax.function,
            Self::Comment => tokens.weak,
            Self::Decorator => tokens.syntax.decorator,
        }
    }
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It runs, but may not do what was meant.
    Warning,
    /// It does not run.
    Error,
}

/// A problem in the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The line, from 1.
    pub line: usize,
    /// Where in the text, in bytes; the whole line if `None`.
    pub range: Option<Range<usize>>,
    /// What is wrong and what to write instead.
    pub message: String,
    /// How bad it is.
    pub severity: Severity,
}

/// What happened in a code editor.
pub struct CodeEditorResponse {
    /// The response of the text.
    pub response: Response,
    /// True if the text was changed.
    pub changed: bool,
    /// The line of the cursor, from 1, while the editor has the keyboard.
    pub line: Option<usize>,
}

/// An editor for code. Tab indents by four spaces, Shift+Tab takes them back, Enter keeps the indentation, Esc leaves.
#[must_use = "call `show`"]
pub struct CodeEditor<'a> {
    id: Id,
    name: &'a str,
    spans: &'a [(Range<usize>, TokenStyle)],
    diagnostics: &'a [Diagnostic],
    height: f32,
    jump_to: Option<usize>,
    select: Option<Range<usize>>,
    complete: Option<&'a Complete<'a>>,
}

/// Something that may be written at the caret of a code editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The text to put in place of what stands from `start` to the caret.
    pub text: String,
    /// A few words about it.
    pub detail: String,
    /// The byte of the source at which the text begins.
    pub start: usize,
}

/// Gives what may be written next in a text, at a byte of it.
type Complete<'a> = dyn Fn(&str, usize) -> Vec<Offer> + 'a;

/// What is offered at the caret, kept while it stays where it is.
#[derive(Debug, Clone, Default)]
struct Offered {
    offers: Vec<Offer>,
    /// The one that the arrow keys stand on, once they were pressed.
    at: Option<usize>,
    /// The caret, in characters.
    caret: usize,
}

/// Offers that are shown at a time.
const SHOWN: usize = 8;

const INDENT: &str = "    ";

impl<'a> CodeEditor<'a> {
    /// An editor with an id and a name for screen readers.
    pub fn new(id: Id, name: &'a str) -> Self {
        Self {
            id,
            name,
            spans: &[],
            diagnostics: &[],
            height: f32::INFINITY,
            jump_to: None,
            select: None,
            complete: None,
        }
    }

    /// What the stretches of the text are, in bytes, in order and without overlap. Those that no longer fit the text,
    /// because it was changed since, are cut.
    pub fn spans(mut self, spans: &'a [(Range<usize>, TokenStyle)]) -> Self {
        self.spans = spans;
        self
    }

    /// The problems to underline and to list.
    pub fn diagnostics(mut self, diagnostics: &'a [Diagnostic]) -> Self {
        self.diagnostics = diagnostics;
        self
    }

    /// The height in points, with the list of problems; all there is by default.
    pub fn height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }

    /// Puts the cursor at the start of a line, from 1, in this frame.
    pub fn jump_to(mut self, line: Option<usize>) -> Self {
        self.jump_to = line;
        self
    }

    /// Selects a stretch of the text, in bytes, and puts the keyboard into the editor, in this frame.
    pub fn select(mut self, range: Option<Range<usize>>) -> Self {
        self.select = range;
        self
    }

    /// What may be written next, asked whenever something is typed.
    pub fn complete(mut self, complete: &'a Complete<'a>) -> Self {
        self.complete = Some(complete);
        self
    }

    /// Draws it.
    pub fn show(self, ui: &mut Ui, text: &mut String) -> CodeEditorResponse {
        let height = self.height.min(ui.available_height());
        let listed = self.diagnostics.len().min(4) as f32;
        let below = if listed > 0.0 { listed * size::ROW_DENSE + 2.0 * space::XS } else { 0.0 };
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let result = self.editor_ui(ui, text, (height - below).max(60.0));
            if below > 0.0
                && let Some(line) = self.list_ui(ui, below)
            {
                jump(ui, self.id, text, line);
            }
            if let Some(line) = self.jump_to {
                jump(ui, self.id, text, line);
            }
            if let Some(range) = &self.select {
                select(ui, self.id, text, range);
            }
            result
        })
        .inner
    }

    fn editor_ui(&self, ui: &mut Ui, text: &mut String, height: f32) -> CodeEditorResponse {
        let tokens = Tokens::of(ui);
        let focused = ui.memory(|memory| memory.has_focus(self.id));
        let mut edited = false;
        if focused {
            edited = self.take_offer(ui, text) || self.keys(ui, text);
        }
        let ground = if tokens.dark { tokens.sunken } else { tokens.panel };
        let outline = if self.diagnostics.iter().any(|d| d.severity == Severity::Error) {
            tokens.error
        } else {
            tokens.hairline.lerp_to_gamma(tokens.border, 0.5)
        };
        let frame = Frame::new().fill(ground).stroke(Stroke::new(1.0, outline)).corner_radius(radius::CONTROL);
        let shown = frame.show(ui, |ui| {
            ui.set_min_size(vec2(ui.available_width(), height - 2.0));
            ui.set_max_height(height - 2.0);
            let area = ScrollArea::both().id_salt(self.id.with("scroll")).auto_shrink(false);
            area.show(ui, |ui| self.text_ui(ui, tokens, ground, text)).inner
        });
        focus_ring(ui, &shown.inner.response, shown.response.rect.shrink(1.0));
        let mut result = shown.inner;
        result.changed |= edited;
        result
    }

    fn text_ui(&self, ui: &mut Ui, tokens: &Tokens, ground: Color32, text: &mut String) -> CodeEditorResponse {
        let marks = self.marks(text);
        let digits = text.lines().count().max(10).ilog10() as f32 + 1.0;
        let gutter = (digits * 7.0 + 2.0 * space::M).round();
        let clip = ui.clip_rect();
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.horizontal_top(|ui| {
            ui.add_space(gutter);
            let mut layouter = |ui: &Ui, buffer: &dyn TextBuffer, _width: f32| {
                let job = highlighted(buffer.as_str(), self.spans, &marks, tokens);
                ui.fonts_mut(|fonts| fonts.layout_job(job))
            };
            // The current line is painted behind the text, whose place is known only afterwards.
            let behind = ui.painter().add(egui::Shape::Noop);
            let output = TextEdit::multiline(text)
                .id(self.id)
                .font(theme::mono())
                .event_filter(EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: false })
                .frame(Frame::new().inner_margin(Margin { left: 4, right: 12, top: 6, bottom: 6 }))
                .desired_width(f32::INFINITY)
                .desired_rows(3)
                .min_size(ui.available_size())
                .layouter(&mut layouter)
                .show(ui);
            let response = output.response.response.accessible_name(self.name);
            let line = output.cursor_range.map(|range| line_of_char(text, range.primary.index.0));
            let number = line.filter(|_| response.has_focus());
            if let Some(place) = number.and_then(|line| row_rect(&output.galley, output.galley_pos, line)) {
                let strip = Rect::from_x_y_ranges(clip.x_range(), place.y_range());
                ui.painter().set(behind, egui::Shape::rect_filled(strip, 0, tokens.hover));
            }
            self.gutter(ui, tokens, ground, gutter, &output.galley, output.galley_pos, number);
            let changed = response.changed();
            if let Some(range) = output.cursor_range.filter(|_| response.has_focus()) {
                let caret = range.primary.index.0;
                let place = output.galley.pos_from_cursor(CCursor::new(caret)).translate(output.galley_pos.to_vec2());
                self.offer(ui, text, caret, changed, place);
            }
            let response = self.tooltip(ui, response, text, &output.galley, output.galley_pos);
            CodeEditorResponse { response, changed, line: number }
        })
        .inner
    }

    fn offers_id(&self) -> Id {
        self.id.with("offers")
    }

    /// The arrows move through what is offered, Enter takes what they stand on, Tab that or the first, Esc puts all away.
    /// True if the text was changed.
    fn take_offer(&self, ui: &Ui, text: &mut String) -> bool {
        let id = self.offers_id();
        let Some(mut offered) =
            ui.data(|data| data.get_temp::<Offered>(id)).filter(|offered| !offered.offers.is_empty())
        else {
            return false;
        };
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let last = offered.offers.len() - 1;
        if pressed(Key::ArrowDown) {
            offered.at = Some(offered.at.map_or(0, |at| (at + 1).min(last)));
        }
        if pressed(Key::ArrowUp) {
            offered.at = offered.at.and_then(|at| at.checked_sub(1));
        }
        let put_away = pressed(Key::Escape);
        let take = offered.at.is_some() && pressed(Key::Enter) || pressed(Key::Tab);
        let chosen = offered.offers.get(offered.at.unwrap_or(0)).cloned().filter(|_| take);
        let caret = offered.caret;
        if put_away || take {
            offered = Offered::default();
        }
        ui.data_mut(|data| data.insert_temp(id, offered));
        chosen.is_some_and(|offer| self.put(ui, text, &offer, caret))
    }

    /// Writes an offer in place of what is typed of it.
    fn put(&self, ui: &Ui, text: &mut String, offer: &Offer, caret: usize) -> bool {
        let end = text.char_indices().nth(caret).map_or(text.len(), |(byte, _)| byte);
        if offer.start > end || !text.is_char_boundary(offer.start) {
            return false;
        }
        text.replace_range(offer.start..end, &offer.text);
        let at = text.get(..offer.start + offer.text.len()).map_or(0, |front| front.chars().count());
        let mut state = TextEdit::load_state(ui, self.id).unwrap_or_default();
        state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(at))));
        TextEdit::store_state(ui, self.id, state);
        true
    }

    /// Asks for offers when something was typed, and shows them below the caret while it stays.
    fn offer(&self, ui: &Ui, text: &mut String, caret: usize, changed: bool, place: Rect) {
        let Some(complete) = self.complete else { return };
        let id = self.offers_id();
        let mut offered = ui.data(|data| data.get_temp::<Offered>(id)).unwrap_or_default();
        if changed {
            let byte = text.char_indices().nth(caret).map_or(text.len(), |(byte, _)| byte);
            offered = Offered { offers: complete(text, byte), at: None, caret };
        } else if offered.caret != caret {
            offered = Offered { caret, ..Offered::default() };
        }
        let chosen = if offered.offers.is_empty() { None } else { offers_ui(ui, id, &offered, place) };
        if let Some(offer) = chosen {
            // The click took the keyboard away: it comes back with the text.
            self.put(ui, text, &offer, caret);
            ui.memory_mut(|memory| memory.request_focus(self.id));
            offered = Offered::default();
        }
        ui.data_mut(|data| data.insert_temp(id, offered));
    }

    /// Keys that the text edit does not know as an editor of code would. Returns true if the text was changed.
    fn keys(&self, ui: &Ui, text: &mut String) -> bool {
        if ui.input_mut(|i| i.consume_key(Modifiers::SHIFT, Key::Tab)) {
            return self.outdent(ui, text);
        }
        let cursor = TextEdit::load_state(ui, self.id).and_then(|state| state.cursor.char_range());
        let indent = cursor.map(|range| indentation(text, range.as_sorted_char_range().start.0)).unwrap_or_default();
        ui.input_mut(|input| {
            for event in &mut input.events {
                match event {
                    Event::Key { key: Key::Tab, pressed: true, modifiers: Modifiers::NONE, .. } => {
                        *event = Event::Text(INDENT.to_owned());
                    }
                    Event::Key { key: Key::Enter, pressed: true, modifiers: Modifiers::NONE, .. }
                        if !indent.is_empty() =>
                    {
                        *event = Event::Text(format!("\n{indent}"));
                    }
                    _ => {}
                }
            }
        });
        false
    }

    /// Takes up to four spaces from the start of the line of the cursor.
    fn outdent(&self, ui: &Ui, text: &mut String) -> bool {
        let Some(mut state) = TextEdit::load_state(ui, self.id) else { return false };
        let Some(range) = state.cursor.char_range() else { return false };
        let at = range.primary.index.0;
        let (start, column) = line_start(text, at);
        let spaces = text.get(start..).map_or(0, |line| line.bytes().take(4).take_while(|b| *b == b' ').count());
        if spaces == 0 {
            return false;
        }
        text.replace_range(start..start + spaces, "");
        let cursor = CCursor::new(at - spaces.min(column));
        state.cursor.set_char_range(Some(CCursorRange::one(cursor)));
        TextEdit::store_state(ui, self.id, state);
        true
    }

    /// Where problems are underlined.
    fn marks(&self, text: &str) -> Vec<(Range<usize>, Severity)> {
        let mut marks: Vec<_> = self
            .diagnostics
            .iter()
            .filter_map(|problem| {
                let range = problem.range.clone().unwrap_or_else(|| line_range(text, problem.line));
                let end = text.floor_char_boundary(range.end);
                let start = text.floor_char_boundary(range.start.min(end));
                (start < end).then_some((start..end, problem.severity))
            })
            .collect();
        marks.sort_by_key(|(range, _)| range.start);
        marks
    }

    #[expect(clippy::too_many_arguments, reason = "one place, told once")]
    fn gutter(
        &self,
        ui: &Ui,
        tokens: &Tokens,
        ground: Color32,
        width: f32,
        galley: &Galley,
        at: Pos2,
        current: Option<usize>,
    ) {
        let clip = ui.clip_rect();
        let strip = Rect::from_x_y_ranges(clip.left()..=clip.left() + width, clip.y_range());
        let painter = ui.painter();
        painter.rect_filled(strip, 0, ground);
        painter.vline(strip.right() - 0.5, strip.y_range(), Stroke::new(1.0, tokens.hairline));
        let mut line = 1;
        for row in &galley.rows {
            let place = row.rect().translate(at.to_vec2());
            if place.bottom() >= clip.top() && place.top() <= clip.bottom() {
                let worst = self.diagnostics.iter().filter(|d| d.line == line).map(|d| d.severity).max();
                let color = match worst {
                    Some(severity) => severity_color(severity, tokens),
                    None if current == Some(line) => tokens.text,
                    None => tokens.weak,
                };
                let right = pos2(strip.right() - space::S, place.center().y);
                painter.text(right, Align2::RIGHT_CENTER, line, theme::small_mono(), color);
                if worst.is_some() {
                    painter.circle_filled(pos2(strip.left() + 6.0, place.center().y), 2.5, color);
                }
            }
            line += usize::from(row.ends_with_newline);
        }
    }

    /// The message of the problem that the pointer is on.
    fn tooltip(&self, ui: &Ui, response: Response, text: &str, galley: &Galley, at: Pos2) -> Response {
        let Some(pointer) = response.hover_pos() else { return response };
        let index = galley.cursor_from_pos(pointer - at).index.0;
        let byte = text.char_indices().nth(index).map_or(text.len(), |(byte, _)| byte);
        let found = self.diagnostics.iter().find(|problem| {
            let range = problem.range.clone().unwrap_or_else(|| line_range(text, problem.line));
            range.contains(&byte)
        });
        match found {
            Some(problem) => {
                let color = severity_color(problem.severity, Tokens::of(ui));
                response.on_hover_ui_at_pointer(|ui| {
                    ui.label(RichText::new(&problem.message).color(color));
                })
            }
            None => response,
        }
    }

    /// The list of problems. Returns the line of the one that was clicked.
    fn list_ui(&self, ui: &mut Ui, height: f32) -> Option<usize> {
        let tokens = Tokens::of(ui);
        let mut clicked = None;
        ui.add_space(space::XS);
        let area = ScrollArea::vertical().id_salt(self.id.with("problems")).max_height(height - space::XS);
        area.show(ui, |ui| {
            for (index, problem) in self.diagnostics.iter().enumerate() {
                let wanted = vec2(ui.available_width(), size::ROW_DENSE);
                let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
                let place = strings(ui).line_number(problem.line);
                response.widget_info(|| {
                    let name = format!("{place}: {}", problem.message);
                    WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), name)
                });
                if response.hovered() {
                    ui.painter().rect_filled(rect, radius::CONTROL, tokens.hover);
                }
                paint_problem(ui, tokens, rect, problem, &place);
                focus_ring(ui, &response, rect.shrink(2.0));
                if response.clicked() {
                    clicked = Some((index, problem.line));
                }
            }
        });
        clicked.map(|(_, line)| line)
    }
}

fn paint_problem(ui: &Ui, tokens: &Tokens, rect: Rect, problem: &Diagnostic, place: &str) {
    let color = severity_color(problem.severity, tokens);
    let icon = match problem.severity {
        Severity::Error => icons::X_CIRCLE,
        Severity::Warning => icons::WARNING,
    };
    icon_in(ui, Rect::from_min_size(rect.min, vec2(22.0, rect.height())), icon, 14.0, color);
    let galley = one_line(ui, place, theme::caption(), tokens.weak, 120.0);
    let left = rect.left() + 24.0;
    let used = galley.size().x;
    let rest = Rect::from_min_max(pos2(left, rect.top()), rect.max);
    super::paint::galley_in(ui, rest, Align2::LEFT_CENTER, galley, tokens.weak);
    let message = rest.with_min_x(left + used + space::S);
    let galley = one_line(ui, &problem.message, theme::body(), tokens.text, message.width());
    super::paint::galley_in(ui, message, Align2::LEFT_CENTER, galley, tokens.text);
}

fn severity_color(severity: Severity, tokens: &Tokens) -> Color32 {
    match severity {
        Severity::Warning => tokens.warning,
        Severity::Error => tokens.error,
    }
}

/// Draws offers below the caret. The one that was clicked.
fn offers_ui(ui: &Ui, id: Id, offered: &Offered, place: Rect) -> Option<Offer> {
    let tokens = Tokens::of(ui);
    let mut taken = None;
    let first = (offered.at.unwrap_or(0) + 1).saturating_sub(SHOWN);
    let area = egui::Area::new(id).fixed_pos(place.left_bottom() + vec2(0.0, 2.0)).order(egui::Order::Foreground);
    area.constrain(true).show(ui.ctx(), |ui| {
        let frame = Frame::new().fill(tokens.raised).stroke(Stroke::new(1.0, tokens.hairline));
        frame.corner_radius(radius::CONTROL).inner_margin(space::XXS).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (index, offer) in offered.offers.iter().enumerate().skip(first).take(SHOWN) {
                let (rect, response) = ui.allocate_exact_size(vec2(300.0, size::ROW_DENSE), Sense::click());
                response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &offer.text));
                if response.hovered() || offered.at == Some(index) {
                    ui.painter().rect_filled(rect, radius::CONTROL, tokens.hover);
                }
                let inner = rect.shrink2(vec2(space::XS, 0.0));
                let name = one_line(ui, &offer.text, theme::mono(), tokens.text, inner.width());
                let used = name.size().x;
                super::paint::galley_in(ui, inner, Align2::LEFT_CENTER, name, tokens.text);
                let rest = inner.width() - used - space::S;
                if rest > 24.0 {
                    let detail = one_line(ui, &offer.detail, theme::caption(), tokens.weak, rest);
                    super::paint::galley_in(ui, inner, Align2::RIGHT_CENTER, detail, tokens.weak);
                }
                if response.clicked() {
                    taken = Some(offer.clone());
                }
            }
        });
    });
    taken
}

/// Selects some bytes of the text and puts the keyboard into the editor.
fn select(ui: &Ui, id: Id, text: &str, range: &Range<usize>) {
    let index = |byte: usize| text.get(..byte).map_or(0, |front| front.chars().count());
    let mut state = TextEdit::load_state(ui, id).unwrap_or_default();
    let cursors = CCursorRange::two(CCursor::new(index(range.start)), CCursor::new(index(range.end)));
    state.cursor.set_char_range(Some(cursors));
    TextEdit::store_state(ui, id, state);
    ui.memory_mut(|memory| memory.request_focus(id));
    ui.request_repaint();
}

/// Puts the cursor at the start of a line and the keyboard into the editor.
fn jump(ui: &Ui, id: Id, text: &str, line: usize) {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let index = before.map(|line| line.chars().count()).sum::<usize>();
    let mut state = TextEdit::load_state(ui, id).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(index))));
    TextEdit::store_state(ui, id, state);
    ui.memory_mut(|memory| memory.request_focus(id));
    ui.request_repaint();
}

/// The line, from 1, of the character at `index`.
fn line_of_char(text: &str, index: usize) -> usize {
    text.chars().take(index).filter(|c| *c == '\n').count() + 1
}

/// The byte at which the line of the character at `index` starts, and how many characters into the line that is.
fn line_start(text: &str, index: usize) -> (usize, usize) {
    let at = text.char_indices().nth(index).map_or(text.len(), |(byte, _)| byte);
    let front = text.get(..at).unwrap_or_default();
    let start = front.rfind('\n').map_or(0, |newline| newline + 1);
    (start, front.get(start..).map_or(0, |line| line.chars().count()))
}

/// The spaces that the next line begins with: those of this line, and four more after a colon.
fn indentation(text: &str, index: usize) -> String {
    let (start, column) = line_start(text, index);
    let line: String = text.get(start..).unwrap_or_default().chars().take(column).collect();
    let mut indent: String = line.chars().take_while(|c| *c == ' ').collect();
    if line.trim_end().ends_with(':') {
        indent.push_str(INDENT);
    }
    indent
}

/// The bytes of a line, from 1, without the spaces around it.
fn line_range(text: &str, line: usize) -> Range<usize> {
    let mut start = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            let front = content.len() - content.trim_start().len();
            return start + front..start + content.trim_end().len().max(front);
        }
        start += content.len();
    }
    text.len()..text.len()
}

/// Where a line, from 1, is painted.
fn row_rect(galley: &Galley, at: Pos2, line: usize) -> Option<Rect> {
    let mut number = 1;
    for row in &galley.rows {
        if number == line {
            return Some(row.rect().translate(at.to_vec2()));
        }
        number += usize::from(row.ends_with_newline);
    }
    None
}

/// The text with its colours and underlines. Both lists are in order; neither has to fit the text.
fn highlighted(
    text: &str,
    spans: &[(Range<usize>, TokenStyle)],
    marks: &[(Range<usize>, Severity)],
    tokens: &Tokens,
) -> LayoutJob {
    let font = theme::mono();
    let line_height = Some((font.size * 1.45).round());
    let mut job = LayoutJob { keep_trailing_whitespace: true, ..Default::default() };
    let mut at = 0;
    let mut spans = spans.iter().peekable();
    while at < text.len() {
        while spans.next_if(|(range, _)| range.end <= at).is_some() {}
        let (style, mut end) = match spans.peek() {
            Some((range, style)) if range.start <= at => (Some(*style), range.end),
            Some((range, _)) => (None, range.start),
            None => (None, text.len()),
        };
        let mark = marks.iter().filter(|(range, _)| range.contains(&at)).map(|(_, severity)| *severity).max();
        for (range, _) in marks {
            for edge in [range.start, range.end] {
                if edge > at && edge < end {
                    end = edge;
                }
            }
        }
        // A span that was made for an older text may end within a character.
        let end = text.ceil_char_boundary(end.min(text.len())).max(at + 1);
        let end = text.ceil_char_boundary(end);
        let color = style.map_or(tokens.text, |style| style.color(tokens));
        let underline = mark.map_or(Stroke::NONE, |mark| Stroke::new(1.5, severity_color(mark, tokens)));
        let format = TextFormat { line_height, underline, ..TextFormat::simple(font.clone(), color) };
        job.append(text.get(at..end).unwrap_or_default(), 0.0, format);
        at = end;
    }
    if text.is_empty() {
        job.append("", 0.0, TextFormat { line_height, ..TextFormat::simple(font, tokens.text) });
    }
    job
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn new_lines_keep_the_indentation() {
        let check =
            |text: &str, index, expected: usize| assert_eq!(indentation(text, index).len(), expected, "{text:?}");
        check("def f(x):", 9, 4);
        check("    return 1", 12, 4);
        check("    if x:", 9, 8);
        check("    if x: y", 9, 8);
        check("    return 1", 2, 2);
        check("가나\n    다", 7, 4);
        check("", 0, 0);
    }

    #[test]
    fn lines_are_found() {
        let text = "a\n  글 = 1  \n\nlast";
        let check = |line, expected: &str| assert_eq!(&text[line_range(text, line)], expected);
        check(1, "a");
        check(2, "글 = 1");
        check(3, "");
        check(4, "last");
        check(9, "");
        assert_eq!(line_of_char(text, 4), 2);
        assert_eq!(line_start(text, 5), (2, 3));
    }

    #[test]
    fn spans_and_marks_cut_the_text_where_they_meet() {
        let tokens = Tokens::of_theme(egui::Theme::Dark);
        let spans = [(0..3, TokenStyle::Keyword), (4..8, TokenStyle::Function)];
        let marks = [(6..10, Severity::Error)];
        let job = highlighted("def name(x)", &spans, &marks, tokens);
        let parts: Vec<_> = job
            .sections
            .iter()
            .map(|s| {
                (&job.text[s.byte_range.start.0..s.byte_range.end.0], s.format.color, !s.format.underline.is_empty())
            })
            .collect();
        let (keyword, function) = (tokens.syntax.keyword, tokens.syntax.function);
        assert_eq!(
            parts,
            [
                ("def", keyword, false),
                (" ", tokens.text, false),
                ("na", function, false),
                ("me", function, true),
                ("(x", tokens.text, true),
                (")", tokens.text, false)
            ]
        );
    }

    proptest! {
        /// Spans and marks of an older text never lose, double or split a character of the new one.
        #[test]
        fn any_spans_leave_the_text_whole(
            text in "[a-c가나\n 🙂]{0,20}",
            mut cuts in proptest::collection::vec(0usize..80, 0..8),
            marks in proptest::collection::vec((0usize..80, 0usize..80), 0..4),
        ) {
            cuts.sort_unstable();
            let spans: Vec<_> = cuts.chunks(2).filter(|c| c.len() == 2).map(|c| (c[0]..c[1], TokenStyle::String)).collect();
            let marks: Vec<_> = marks.into_iter().map(|(a, b)| (a.min(b)..a.max(b), Severity::Error)).collect();
            let job = highlighted(&text, &spans, &marks, Tokens::of_theme(egui::Theme::Light));
            prop_assert_eq!(&job.text, &text);
        }
    }
}
