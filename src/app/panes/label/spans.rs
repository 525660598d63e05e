//! Spans of a text and relations between them: marked by dragging, by double click or by keys.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::{self, Key, Modifiers};

use super::marking::{Entry, Marking, color_of, keys_are_free, list_head_ui, marks_of, pressed};
use super::{entered, foot};
use crate::app::act::Act;
use crate::app::keymap::{key_of, key_pressed};
use crate::app::keys::CommandId;
use crate::app::pane::PaneCx;
use crate::app::theme::{self, Tokens, radius, size, space};
use crate::app::widgets::{self, Button, SpanText, SpanTextResponse, SpanTextState, TextMark, set_levels};
use crate::choose::served_blank;
use crate::data::annotations::model::Span;
use crate::data::annotations::{Annotation, Mark};
use crate::engine::{Fingerprint, Slot};
use crate::label::{Edit, ItemMarks, LexiconOf, Points, Snap, Task};

/// A text is read at a comfortable width, however wide the window.
const READING_WIDTH: f32 = 760.0;

/// The width of the list of annotations.
const LIST: f32 = 230.0;

/// What the part keeps between frames.
#[derive(Default)]
pub(super) struct SpansPart {
    marking: Marking,
    document: Option<Document>,
    shown: Option<ShownMarks>,
    text: SpanTextState,
    /// Where the selection began, and where the cursor is.
    selection: (usize, usize),
    snap: Snap,
    /// What was marked before, to be proposed.
    lexicon: Slot<LexiconOf>,
    /// What is proposed for the item that is shown.
    proposals: Vec<(Range<usize>, String)>,
    /// The span from which a relation is being drawn.
    relating: Option<u32>,
    new_relation: String,
}

/// The text that is shown, cut into words.
struct Document {
    row: u32,
    text: String,
    points: Points,
}

/// The marks as they are drawn, kept while they are the same.
struct ShownMarks {
    of: Arc<ItemMarks>,
    /// The lexicon that proposals are of.
    lexicon: Option<Fingerprint>,
    marks: Vec<TextMark>,
    levels: usize,
    /// Of the annotation that was last chosen, how many stretches are equal to it: a long text is searched once.
    equal: Option<(u32, usize)>,
}

impl SpansPart {
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
        let Some(task) = cx.task.cloned() else { return };
        let marks = marks_of(cx, &task, row);
        if self.marking.take_up(&task, row, &marks) || self.document.as_ref().is_none_or(|at| at.row != row) {
            self.open(cx, row);
        }
        let placed = cx.session.placed().of(cx.session.voice(), &task.name).clone();
        let wanted = LexiconOf { marks: placed, task: task.name.clone() };
        self.lexicon.want(wanted, cx.session.cache(), cx.live.waker());
        *cx.busy |= self.lexicon.running().is_some();
        self.refresh(cx, &task, &marks, row);
        foot(ui, |ui| {
            self.hints_ui(ui, cx, &task, &marks);
            self.marking.foot_ui(ui, cx, &task, &marks);
        });
        egui::Panel::right("spans").default_size(LIST).frame(egui::Frame::NONE.inner_margin(space::S)).show(ui, |ui| {
            self.list_ui(ui, cx, &task, &marks);
        });
        let fresh = egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| self.text_ui(ui, cx, row));
        self.respond(ui, cx, &task, &marks, fresh.inner);
    }

    fn open(&mut self, cx: &PaneCx<'_>, row: u32) {
        let text = cx.session.content_at(row).unwrap_or_default().into_owned();
        self.document = Some(Document { row, points: Points::new(&text), text });
        self.selection = (0, 0);
        self.relating = None;
        self.shown = None;
        self.text = SpanTextState::default();
    }

    /// The marks as they are drawn follow the annotations.
    fn refresh(&mut self, cx: &PaneCx<'_>, task: &Task, marks: &Arc<ItemMarks>, row: u32) {
        let lexicon = self.lexicon.print();
        let same = |shown: &ShownMarks| Arc::ptr_eq(&shown.of, marks) && shown.lexicon == lexicon;
        if self.shown.as_ref().is_some_and(same) {
            return;
        }
        let mut drawn = Vec::new();
        for (&number, annotation) in &marks.marks {
            let Mark::Span(span) = &annotation.mark else { continue };
            let class = task.classes.named(&annotation.label);
            let color = color_of(class);
            for &(start, end) in &span.pieces {
                let name = annotation.label.to_string();
                drawn.push(TextMark { range: start..end, number, color, name, proposed: false, level: 0 });
            }
        }
        self.propose(cx, row, &drawn);
        drawn.extend(self.proposals.iter().enumerate().map(|(at, (range, name))| {
            let class = task.classes.named(name);
            let color = color_of(class);
            let number = u32::MAX - at as u32;
            TextMark { range: range.clone(), number, color, name: name.clone(), proposed: true, level: 0 }
        }));
        let levels = set_levels(&mut drawn);
        self.shown = Some(ShownMarks { of: marks.clone(), lexicon, marks: drawn, levels, equal: None });
    }

    /// What was marked before and stands here again. Finished items, and those that are served without suggestions, get
    /// none.
    fn propose(&mut self, cx: &PaneCx<'_>, row: u32, drawn: &[TextMark]) {
        self.proposals.clear();
        let settings = &cx.session.project().config.settings;
        let blank = cx.session.item(row).is_ok_and(|item| served_blank(item.0, settings.blank_share));
        let done = cx.task.is_some_and(|task| cx.session.placed().of(cx.session.voice(), &task.name).is_done(row));
        if let (Some(lexicon), Some(document), false) = (self.lexicon.value(), &self.document, blank || done) {
            let taken: Vec<Range<usize>> = drawn.iter().map(|mark| mark.range.clone()).collect();
            let found = lexicon.find(&document.text, &taken);
            self.proposals = found.into_iter().map(|(range, class)| (range, class.to_owned())).collect();
        }
    }

    /// Takes proposals as they are.
    fn accept(&mut self, cx: &mut PaneCx<'_>, which: impl Fn(usize) -> bool) {
        let Some(document) = &self.document else { return };
        let wanted = self.proposals.iter().enumerate().filter(|(at, _)| which(*at));
        let edits: Vec<Edit> =
            wanted.map(|(_, (range, class))| Edit::Add(span(&document.points, range, class))).collect();
        if !edits.is_empty() {
            cx.act(Act::Mark(edits, None));
        }
    }

    fn text_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, row: u32) -> Option<SpanTextResponse> {
        let tokens = Tokens::of(ui);
        let (document, shown) = (self.document.as_ref()?, self.shown.as_ref()?);
        let frame = egui::Frame::NONE.fill(tokens.sunken).corner_radius(radius::CARD).inner_margin(space::L);
        let inner = frame.show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            // A salt of its own for every item: another text starts at its beginning.
            let area = egui::ScrollArea::vertical().id_salt(("spans", row)).auto_shrink(false);
            area.show(ui, |ui| {
                ui.set_max_width(READING_WIDTH.min(ui.available_width()));
                let id = egui::Id::unique("annotated text");
                SpanText::new(id, cx.strings.text_to_mark, &document.text, u64::from(row) + 1)
                    .marks(&shown.marks, shown.levels, self.marking.chosen)
                    .selection(self.selection)
                    .show(ui, &mut self.text)
            })
        });
        Some(inner.inner.inner)
    }

    /// What pointer and keys asked for.
    fn respond(
        &mut self,
        ui: &egui::Ui,
        cx: &mut PaneCx<'_>,
        task: &Task,
        marks: &ItemMarks,
        text: Option<SpanTextResponse>,
    ) {
        if let Some(text) = text {
            // Held, a stretch belongs to the span that is chosen.
            let adds = ui.input(|input| input.modifiers.command);
            self.pointer(cx, task, marks, &text, adds);
            // Keys reach the text of a new item without a click; what has the keyboard keeps it.
            if ui.memory(|memory| memory.focused().is_none()) {
                text.response.request_focus();
            }
            if text.response.has_focus() {
                self.cursor_keys(ui);
            }
        }
        if !keys_are_free(ui) {
            return;
        }
        if let Some(class) = Marking::class_pressed(ui, task) {
            self.class_key(cx, task, marks, class);
        }
        self.edit_keys(ui, cx, task, marks);
        if let Some(other) = self.marking.chosen.filter(|_| pressed_enter_for(ui, self.relating)) {
            self.relate(cx, task, other);
        }
        self.marking.keys(ui, cx, marks);
    }

    fn pointer(&mut self, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks, text: &SpanTextResponse, adds: bool) {
        if let Some(dragged) = text.dragged.filter(|_| adds && self.chosen_span(marks).is_some()) {
            self.selection = dragged;
            if text.released {
                self.add_piece(cx, marks);
            }
        } else if let Some(dragged) = text.dragged {
            self.selection = dragged;
            self.marking.chosen = None;
            if text.released {
                let snap = self.snap;
                self.mark_selection(cx, task, snap);
            }
        } else if let Some(at) = text.double_clicked
            && let Some(word) = self.document.as_ref().and_then(|document| document.points.word_at(at))
        {
            self.selection = (word.start, word.end);
            self.mark_selection(cx, task, Snap::Character);
        } else if let Some(at) = text.clicked {
            self.selection = (at, at);
            let hit = self.mark_at(at);
            let proposal = hit.map(|hit| (u32::MAX - hit) as usize).filter(|at| *at < self.proposals.len());
            if let Some(proposal) = proposal {
                self.accept(cx, |other| other == proposal);
                return;
            }
            match (hit, self.relating) {
                (Some(other), Some(_)) => self.relate(cx, task, other),
                _ => self.marking.chosen = hit,
            }
            if let Some(annotation) = hit.and_then(|hit| marks.marks.get(&hit)) {
                self.marking.class = Some(annotation.label.to_string());
            }
        }
    }

    /// The selection as a further piece of the chosen span.
    fn add_piece(&mut self, cx: &mut PaneCx<'_>, marks: &ItemMarks) {
        let Some(points) = self.document.as_ref().map(|document| &document.points) else { return };
        let Some((number, annotation, span)) = self.chosen_span(marks) else { return };
        let (from, to) = (self.selection.0.min(self.selection.1), self.selection.0.max(self.selection.1));
        let piece = points.snapped(from..to, self.snap);
        let pieces = with_piece(&span.pieces, piece);
        let surface = pieces.iter().map(|&(start, end)| points.slice(&(start..end))).collect::<Vec<_>>().join(" ");
        let mark = Mark::Span(Span { pieces, surface });
        if annotation.mark != mark {
            cx.act(Act::Mark(vec![Edit::Set(number, Annotation { mark, ..annotation.clone() })], None));
        }
        self.selection = (to, to);
    }

    /// The span that is chosen, in one piece or several.
    fn chosen_span<'a>(&self, marks: &'a ItemMarks) -> Option<(u32, &'a Annotation, &'a Span)> {
        let number = self.marking.chosen?;
        let annotation = marks.marks.get(&number)?;
        match &annotation.mark {
            Mark::Span(span) => Some((number, annotation, span)),
            _ => None,
        }
    }

    /// The shortest mark at a position.
    fn mark_at(&self, at: usize) -> Option<u32> {
        let marks = &self.shown.as_ref()?.marks;
        let here = marks.iter().filter(|mark| mark.range.start <= at && at <= mark.range.end);
        here.min_by_key(|mark| mark.range.len()).map(|mark| mark.number)
    }

    /// The selection as a span of the class that is drawn with.
    fn mark_selection(&mut self, cx: &mut PaneCx<'_>, task: &Task, snap: Snap) {
        let Some(document) = &self.document else { return };
        let (from, to) = (self.selection.0.min(self.selection.1), self.selection.0.max(self.selection.1));
        let range = document.points.snapped(from..to, snap);
        if range.is_empty() || task.classes.is_empty() {
            return;
        }
        // The same stretch with the same class once more would say nothing.
        let label = self.marking.label();
        if let Some(known) = self.marked_as(&range, &label) {
            self.marking.chosen = Some(known);
            return;
        }
        let next = self.next_number();
        cx.act(Act::Mark(vec![Edit::Add(span(&document.points, &range, &label))], None));
        self.marking.chosen = next;
        self.selection = (range.end, range.end);
    }

    /// The annotation that marks exactly this stretch with that class; what is only proposed marks nothing.
    fn marked_as(&self, range: &Range<usize>, label: &str) -> Option<u32> {
        let marks = self.shown.iter().flat_map(|shown| &shown.marks);
        let mut same = marks.filter(|mark| !mark.proposed && mark.range == *range && mark.name == label);
        same.next().map(|mark| mark.number)
    }

    /// The number that the next annotation gets: it is chosen as soon as it is there.
    fn next_number(&self) -> Option<u32> {
        self.shown.as_ref().map(|shown| shown.of.free_number())
    }

    fn class_key(&mut self, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks, class: String) {
        if self.selection.0 != self.selection.1 {
            self.marking.class = Some(class);
            self.mark_selection(cx, task, Snap::Character);
        } else {
            self.marking.use_class(cx, marks, class);
        }
    }

    /// Arrows move the cursor by a letter, with Ctrl by a word; with Shift they select.
    fn cursor_keys(&mut self, ui: &egui::Ui) {
        let Some(points) = self.document.as_ref().map(|document| &document.points) else { return };
        let mut cursor = self.selection.1;
        let mut moved = false;
        for (key, forward) in [(Key::ArrowLeft, false), (Key::ArrowRight, true)] {
            for (modifiers, word, shift) in [
                (Modifiers::COMMAND | Modifiers::SHIFT, true, true),
                (Modifiers::COMMAND, true, false),
                (Modifiers::SHIFT, false, true),
                (Modifiers::NONE, false, false),
            ] {
                if pressed(ui, modifiers, key) {
                    cursor = match (word, forward) {
                        (true, forward) => points.word_step(cursor, forward),
                        (false, true) => (cursor + 1).min(points.len()),
                        (false, false) => cursor.saturating_sub(1),
                    };
                    moved = true;
                    self.selection = (if shift { self.selection.0 } else { cursor }, cursor);
                }
            }
        }
        if moved {
            self.marking.chosen = None;
            self.text.reveal(cursor);
        }
        if pressed(ui, Modifiers::NONE, Key::Escape) {
            self.selection = (cursor, cursor);
            self.marking.chosen = None;
            self.relating = None;
        }
    }

    /// Ends, particles, equal strings, relations, and how selections snap.
    fn edit_keys(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks) {
        let none = Modifiers::NONE;
        if key_pressed(ui, CommandId::WholeWords) {
            self.snap = if self.snap == Snap::Word { Snap::Character } else { Snap::Word };
        }
        if pressed(ui, Modifiers::SHIFT, Key::Enter) {
            self.accept(cx, |_| true);
        }
        if key_pressed(ui, CommandId::MarkEqual) {
            self.mark_equal(cx, marks);
        }
        if !task.has_class_key('r') && key_pressed(ui, CommandId::Relate) {
            self.relating = self.marking.chosen;
        }
        let Some((number, range)) = self.chosen_range(marks) else { return };
        let Some(points) = self.document.as_ref().map(|document| &document.points) else { return };
        let (start, end) = (range.start, range.end);
        let alt_shift = Modifiers::ALT | Modifiers::SHIFT;
        let changes: [(Modifiers, Key, Option<Range<usize>>); 8] = [
            (none, Key::Comma, points.without_particle(&range)),
            (none, Key::Period, points.with_particle(&range)),
            (none, Key::OpenBracket, Some(start..end.saturating_sub(1))),
            (none, Key::CloseBracket, Some(start..end + 1)),
            (alt_shift, Key::ArrowLeft, Some(start.saturating_sub(1)..end)),
            (alt_shift, Key::ArrowRight, Some(start + 1..end)),
            (Modifiers::ALT, Key::ArrowLeft, Some(start..end.saturating_sub(1))),
            (Modifiers::ALT, Key::ArrowRight, Some(start..end + 1)),
        ];
        for (modifiers, key, wanted) in changes {
            if pressed(ui, modifiers, key)
                && let Some(wanted) = wanted.filter(|wanted| wanted.start < wanted.end && wanted.end <= points.len())
                && let Some(annotation) = marks.marks.get(&number)
            {
                let changed = Annotation { mark: span_mark(points, &wanted), ..Annotation::clone(annotation) };
                cx.act(Act::Mark(vec![Edit::Set(number, changed)], None));
                return;
            }
        }
    }

    /// The span that is chosen, if it is in one piece.
    fn chosen_range(&self, marks: &ItemMarks) -> Option<(u32, Range<usize>)> {
        let number = self.marking.chosen?;
        match &marks.marks.get(&number)?.mark {
            Mark::Span(span) if span.pieces.len() == 1 => span.pieces.first().map(|&(start, end)| (number, start..end)),
            _ => None,
        }
    }

    /// Stretches with the same text as the chosen span that do not carry its class yet.
    fn equal_to_chosen(&self, marks: &ItemMarks) -> Vec<Annotation> {
        let (Some(document), Some((number, range))) = (&self.document, self.chosen_range(marks)) else {
            return Vec::new();
        };
        let Some(label) = marks.marks.get(&number).map(|annotation| annotation.label.clone()) else {
            return Vec::new();
        };
        let free = |range: &Range<usize>| self.marked_as(range, &label).is_none();
        let equal = document.points.equal(&range).into_iter().filter(free);
        equal.map(|range| span(&document.points, &range, &label)).collect()
    }

    fn equal_count(&mut self, marks: &ItemMarks) -> usize {
        let chosen = self.marking.chosen;
        let known = self.shown.as_ref().and_then(|shown| shown.equal).filter(|(of, _)| Some(*of) == chosen);
        let count = known.map_or_else(|| self.equal_to_chosen(marks).len(), |(_, count)| count);
        if let Some(shown) = &mut self.shown {
            shown.equal = chosen.map(|of| (of, count));
        }
        count
    }

    fn mark_equal(&self, cx: &mut PaneCx<'_>, marks: &ItemMarks) {
        let edits: Vec<Edit> = self.equal_to_chosen(marks).into_iter().map(Edit::Add).collect();
        if !edits.is_empty() {
            cx.act(Act::Mark(edits, None));
        }
    }

    fn relate(&mut self, cx: &mut PaneCx<'_>, task: &Task, other: u32) {
        if let Some(from) = self.relating.take().filter(|from| *from != other) {
            let label = task.relations.iter().next().map_or(String::new(), |class| class.name.clone());
            let mark = Mark::Relation { from: from as usize, to: other as usize };
            let next = self.next_number();
            cx.act(Act::Mark(vec![Edit::Add(Annotation::new(label, mark))], None));
            self.marking.chosen = next;
        }
    }

    /// How selections snap, what can be done with the chosen span, and what a relation waits for.
    fn hints_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks) {
        let (strings, tokens) = (cx.strings, Tokens::of(ui));
        ui.horizontal(|ui| {
            ui.set_min_height(size::CONTROL);
            let words = self.snap == Snap::Word;
            if Button::new(strings.whole_words)
                .key(&key_of(ui, CommandId::WholeWords))
                .selected(words)
                .show(ui)
                .clicked()
            {
                self.snap = if words { Snap::Character } else { Snap::Word };
            }
            if task.classes.is_empty() {
                ui.label(egui::RichText::new(strings.needs_task_classes).color(tokens.warning));
            } else if self.relating.is_some() {
                ui.label(egui::RichText::new(strings.choose_other_span).color(tokens.accent));
            } else if self.chosen_range(marks).is_some() {
                let equal = self.equal_count(marks);
                let text = strings.mark_equal(equal as u64);
                if equal > 0 && Button::new(&text).key(&key_of(ui, CommandId::MarkEqual)).show(ui).clicked() {
                    self.mark_equal(cx, marks);
                }
                if Button::new(strings.relation).key(&key_of(ui, CommandId::Relate)).show(ui).clicked() {
                    self.relating = self.marking.chosen;
                }
                ui.label(egui::RichText::new(strings.span_keys).font(theme::caption()).color(tokens.weak));
            } else if !self.proposals.is_empty() {
                let text = strings.take_proposals(self.proposals.len() as u64);
                if Button::new(&text).key("Shift+Enter").show(ui).clicked() {
                    self.accept(cx, |_| true);
                }
                ui.label(egui::RichText::new(strings.proposals_how).font(theme::caption()).color(tokens.weak));
            } else {
                ui.label(egui::RichText::new(strings.span_how).font(theme::caption()).color(tokens.weak));
            }
        });
        ui.add_space(space::XS);
    }

    fn list_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks) {
        list_head_ui(ui, cx, marks);
        let mut order: Vec<(usize, u32)> =
            marks.marks.iter().map(|(number, annotation)| (place_of(marks, annotation), *number)).collect();
        order.sort_unstable();
        let area =
            egui::ScrollArea::vertical().auto_shrink([false, true]).max_height(ui.available_height() - size::ROW * 2.0);
        area.show_rows(ui, size::ROW, order.len(), |ui, range| {
            for &(start, number) in &order[range] {
                let Some(annotation) = marks.marks.get(&number) else { continue };
                let relation = matches!(annotation.mark, Mark::Relation { .. });
                let classes = if relation { &task.relations } else { &task.classes };
                let class = classes.named(&annotation.label);
                let text = text_of(marks, annotation);
                if self.marking.entry_ui(ui, cx, Entry { number, class, text: &text }) {
                    self.text.reveal(start);
                    self.selection = (start, start);
                }
            }
        });
        if marks.marks.len() > 1 {
            ui.add_space(space::S);
            self.relations_ui(ui, cx);
        }
    }

    /// A field for classes of relations; the first is the one that is drawn with.
    fn relations_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let typed = self.new_relation.clone();
        ui.push_id("relations", |ui| {
            let field = widgets::Field::new(cx.strings.relation_class).hint(cx.strings.relation_class).hide_label();
            let response = field.width(ui.available_width()).show(ui, &mut self.new_relation);
            if entered(ui, &response) && !typed.trim().is_empty() {
                cx.act(Act::AddRelationClass(std::mem::take(&mut self.new_relation)));
            }
        });
    }
}

/// Enter, while a relation waits for its other end.
fn pressed_enter_for(ui: &egui::Ui, relating: Option<u32>) -> bool {
    relating.is_some() && pressed(ui, Modifiers::NONE, Key::Enter)
}

/// The pieces of a span with a further one; those that touch become one.
fn with_piece(pieces: &[(usize, usize)], piece: Range<usize>) -> Vec<(usize, usize)> {
    let mut all = pieces.to_vec();
    if !piece.is_empty() {
        all.push((piece.start, piece.end));
    }
    all.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::with_capacity(all.len());
    for (start, end) in all {
        match joined.last_mut().filter(|last| start <= last.1) {
            Some(last) => last.1 = last.1.max(end),
            None => joined.push((start, end)),
        }
    }
    joined
}

fn span_mark(points: &Points, range: &Range<usize>) -> Mark {
    Mark::Span(Span { pieces: vec![(range.start, range.end)], surface: points.slice(range) })
}

fn span(points: &Points, range: &Range<usize>, label: &str) -> Annotation {
    Annotation::new(label, span_mark(points, range))
}

/// Where an annotation begins; relations stand where they lead from.
fn place_of(marks: &ItemMarks, annotation: &Annotation) -> usize {
    match &annotation.mark {
        Mark::Span(span) => span.range().0,
        Mark::Relation { from, .. } => {
            let from = u32::try_from(*from).ok().and_then(|from| marks.marks.get(&from));
            from.map_or(0, |from| if let Mark::Span(span) = &from.mark { span.range().0 } else { 0 })
        }
        _ => 0,
    }
}

/// What an annotation says in a few words.
fn text_of(marks: &ItemMarks, annotation: &Annotation) -> String {
    let surface = |number: usize| {
        let annotation = u32::try_from(number).ok().and_then(|number| marks.marks.get(&number));
        annotation.map_or_else(String::new, |annotation| text_of_span(annotation))
    };
    match annotation.mark {
        Mark::Relation { from, to } => format!("{} → {}", surface(from), surface(to)),
        _ => text_of_span(annotation),
    }
}

fn text_of_span(annotation: &Annotation) -> String {
    match &annotation.mark {
        Mark::Span(span) => span.surface.replace('\n', " "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_touch_become_one() {
        let check = |pieces: &[(usize, usize)], piece: Range<usize>, expected: &[(usize, usize)]| {
            assert_eq!(with_piece(pieces, piece), expected);
        };
        check(&[(0, 2)], 5..7, &[(0, 2), (5, 7)]);
        check(&[(5, 7)], 0..2, &[(0, 2), (5, 7)]);
        check(&[(0, 2), (5, 7)], 2..5, &[(0, 7)]);
        check(&[(0, 4)], 1..3, &[(0, 4)]);
        check(&[(0, 4)], 6..6, &[(0, 4)]);
    }
}
