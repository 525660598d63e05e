//! Labelling by the page: items of one proposed class, the most doubtful first. A person marks the exceptions and gives the
//! rest its class with one key.

use std::collections::{BTreeSet, HashSet};

use eframe::egui::{self, Key, Modifiers};

use super::gallery::thumbnail_ui;
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, percent};
use crate::app::theme::{self, Tokens, radius, size, space};
use crate::app::widgets::{self, Action, Button, ButtonKind, PaneState, PaneStateKind};
use crate::deliver::Source;
use crate::engine::Random;
use crate::label::ClassIndex;
use crate::learn::metrics::wilson;
use crate::project::Content;
use crate::session::Layers;

/// Items of a page.
const PAGE: usize = 24;

/// Columns of a page of images.
const COLUMNS: usize = 6;

/// The pane's own state.
#[derive(Default)]
pub struct Pages {
    /// The class that is worked on; the one with most items waiting if none was chosen.
    class: Option<u16>,
    /// What the page is of: the state of the ledger, the layers, and the class.
    of: Option<(u64, usize, Option<u16>)>,
    page: Vec<u32>,
    /// How many items wait for each class.
    waiting: Vec<usize>,
    /// The exceptions on this page.
    marked: BTreeSet<u32>,
    /// Exceptions of pages before: they come up one by one in the ordinary queue.
    passed: HashSet<u32>,
    /// What was labelled by the page since the pane was opened.
    accepted: Vec<u32>,
    audit: Option<Audit>,
}

/// A look at a random part of what was labelled by the page.
struct Audit {
    rows: Vec<u32>,
    /// How many were checked and how many of them were wrong, once the person is through.
    found: Option<(usize, usize)>,
}

impl Pane for Pages {
    fn id(&self) -> &'static str {
        "pages"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.pages
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        *cx.takes_keys = true;
        let Some(layers) = cx.live.layers().cloned() else {
            PaneState::new(PaneStateKind::Working, cx.strings.working).show(ui);
            return;
        };
        self.refresh(cx, &layers);
        if self.waiting.iter().all(|waiting| *waiting == 0) && self.audit.is_none() && self.accepted.is_empty() {
            let train = Action::primary(cx.strings.train_end_model);
            let state =
                PaneState::new(PaneStateKind::NeedsInput, cx.strings.pages_empty).why(cx.strings.pages_empty_why);
            if state.action(train).show(ui).is_some() {
                cx.act(Act::Train);
            }
            return;
        }
        self.head_ui(ui, cx);
        ui.add_space(space::S);
        let rows = self.audit.as_ref().map_or_else(|| self.page.clone(), |audit| audit.rows.clone());
        if matches!(cx.session.content(), Content::Image(_)) {
            self.pictures_ui(ui, cx, &rows);
        } else {
            self.lines_ui(ui, cx, &layers, &rows);
        }
    }
}

impl Pages {
    /// The page follows labels and proposals.
    fn refresh(&mut self, cx: &PaneCx<'_>, layers: &std::sync::Arc<Layers>) {
        let generation = cx.session.project().ledger.generation();
        let of = (generation, std::sync::Arc::as_ptr(layers) as usize, self.class);
        if self.of == Some(of) {
            return;
        }
        self.of = Some(of);
        let own = cx.session.own();
        let open = |row: usize| {
            own.labels().get(row).is_none_or(|label| *label < 0)
                && own.excluded().get(row) != Some(&true)
                && own.skipped().get(row) != Some(&true)
                && !self.passed.contains(&(row as u32))
        };
        let proposed = |row: usize| match layers.labels.source.get(row) {
            Some(Source::Functions | Source::Model) => u16::try_from(*layers.labels.label.get(row)?).ok(),
            _ => None,
        };
        let mut waiting = vec![0; cx.session.classes().len()];
        let mut candidates: Vec<(f32, u32, u16)> = Vec::new();
        for row in 0..layers.labels.label.len() {
            if let Some(class) = proposed(row).filter(|class| open(row) && usize::from(*class) < waiting.len()) {
                waiting[usize::from(class)] += 1;
                let sure = layers.labels.probability.get(row).copied().flatten().unwrap_or(1.0);
                candidates.push((sure, row as u32, class));
            }
        }
        let most = || (0..waiting.len() as u16).max_by_key(|class| (waiting[usize::from(*class)], u16::MAX - class));
        let class = self.class.filter(|class| waiting.get(usize::from(*class)).is_some_and(|n| *n > 0)).or_else(most);
        candidates.retain(|(.., of)| Some(*of) == class);
        let order = |a: &(f32, u32, u16), b: &(f32, u32, u16)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if candidates.len() > PAGE {
            candidates.select_nth_unstable_by(PAGE, order);
            candidates.truncate(PAGE);
        }
        candidates.sort_by(order);
        self.page = candidates.into_iter().map(|(_, row, _)| row).collect();
        (self.class, self.waiting) = (class, waiting);
        self.of = Some((generation, of.1, class));
        let page = &self.page;
        self.marked.retain(|row| page.contains(row));
    }

    fn head_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let (session, strings, tokens) = (cx.session, cx.strings, Tokens::of(ui));
        if self.audit.is_some() {
            return self.audit_ui(ui, cx);
        }
        ui.horizontal_wrapped(|ui| {
            for (at, class) in session.classes().iter().enumerate().filter(|(at, _)| self.waiting[*at] > 0) {
                let name = format!("{}  {}", class.name, crate::app::strings::grouped(self.waiting[at] as u64));
                let on = self.class == Some(at as u16);
                if Button::new(&name).selected(on).show(ui).clicked() {
                    self.class = Some(at as u16);
                    self.marked.clear();
                }
            }
        });
        ui.add_space(space::XS);
        let Some(class) = self.class.and_then(|class| session.classes().get(ClassIndex(class))).cloned() else {
            return;
        };
        let rest = self.page.len() - self.marked.len();
        let mut accept = widgets::class_key(ui.ctx()).is_some_and(|key| class.key == Some(key));
        ui.horizontal_wrapped(|ui| {
            let text = strings.label_rest(rest as u64, &class.name);
            let button = Button::new(&text).key("Enter").kind(ButtonKind::Primary).enabled(rest > 0);
            accept |= button.show(ui).clicked();
            if self.accepted.len() >= PAGE {
                let text = strings.audit_sample;
                if Button::new(text).show(ui).clicked() {
                    self.begin_audit(session.project().config.settings.seed);
                }
            }
            ui.label(egui::RichText::new(strings.pages_how).font(theme::caption()).color(tokens.weak));
        });
        accept |= !ui.ctx().text_edit_focused() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        if accept && rest > 0 {
            let rows: Vec<u32> = self.page.iter().copied().filter(|row| !self.marked.contains(row)).collect();
            self.accepted.extend(&rows);
            self.passed.extend(std::mem::take(&mut self.marked));
            cx.act(Act::LabelRows(rows, class.name));
        }
    }

    /// Draws a sample of what was labelled by the page.
    fn begin_audit(&mut self, seed: u64) {
        let mut random = Random::new(seed ^ self.accepted.len() as u64);
        let mut rows = self.accepted.clone();
        for at in 0..rows.len().min(PAGE) {
            let other = at + random.below(rows.len() - at);
            rows.swap(at, other);
        }
        rows.truncate(PAGE);
        self.marked.clear();
        self.audit = Some(Audit { rows, found: None });
    }

    /// What the sample says of everything that was labelled by the page.
    fn audit_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let Some(audit) = &mut self.audit else { return };
        let (strings, tokens) = (cx.strings, Tokens::of(ui));
        let mut close = false;
        ui.horizontal_wrapped(|ui| match audit.found {
            None => {
                ui.label(egui::RichText::new(strings.audit_how).color(tokens.text));
                let text = strings.audit_done(self.marked.len() as u64, audit.rows.len() as u64);
                if Button::new(&text).kind(ButtonKind::Primary).show(ui).clicked() {
                    audit.found = Some((audit.rows.len(), self.marked.len()));
                    let wrong: HashSet<u32> = self.marked.iter().copied().collect();
                    self.accepted.retain(|row| !wrong.contains(row));
                    self.passed.extend(&wrong);
                    cx.act(Act::ClearRows(wrong.into_iter().collect()));
                }
            }
            Some((checked, wrong)) => {
                let right = checked - wrong;
                let (low, high) = wilson(right as u64, checked as u64).unwrap_or((0.0, 1.0));
                let share = right as f64 / checked.max(1) as f64;
                let text = strings.purity(&percent(share), &percent(low), &percent(high), checked as u64);
                ui.label(egui::RichText::new(text).font(theme::strong()).color(tokens.text));
                close = Button::new(strings.close).show(ui).clicked();
            }
        });
        if close {
            self.audit = None;
            self.marked.clear();
        }
    }

    fn toggle(&mut self, row: u32) {
        if !self.marked.remove(&row) {
            self.marked.insert(row);
        }
    }

    fn pictures_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, rows: &[u32]) {
        let Some(column) = cx.session.content_column().cloned() else { return };
        let gap = space::S;
        let lines = rows.len().div_ceil(COLUMNS).max(1);
        let room = ui.available_size();
        let side = ((room.x - gap * (COLUMNS as f32 - 1.0)) / COLUMNS as f32)
            .min((room.y - gap * (lines as f32 - 1.0)) / lines as f32)
            .max(size::HIT * 2.0);
        for (at, line) in rows.chunks(COLUMNS).enumerate() {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = gap;
                for &row in line {
                    let (rect, response) = ui.allocate_exact_size(egui::Vec2::splat(side), egui::Sense::click());
                    self.name(&response, cx, row);
                    if let Some(path) = column.show(row as usize) {
                        let pixels = (side * ui.pixels_per_point()) as u32;
                        thumbnail_ui(ui, cx.textures, &path, pixels, rect);
                    }
                    self.mark_ui(ui, rect, row, &response);
                }
            });
            if at + 1 < lines {
                ui.add_space(gap - ui.spacing().item_spacing.y);
            }
        }
    }

    fn lines_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, layers: &Layers, rows: &[u32]) {
        let tokens = Tokens::of(ui);
        egui::ScrollArea::vertical().id_salt("page").auto_shrink(false).show(ui, |ui| {
            for &row in rows {
                let wanted = egui::vec2(ui.available_width(), size::ROW);
                let (rect, response) = ui.allocate_exact_size(wanted, egui::Sense::click());
                self.name(&response, cx, row);
                if response.hovered() {
                    ui.painter().rect_filled(rect, 2.0, tokens.hover);
                }
                let text = cx.session.content_at(row).unwrap_or_default();
                let line: String = text.chars().take(400).map(|c| if c.is_control() { ' ' } else { c }).collect();
                let style =
                    if self.marked.contains(&row) { widgets::CellStyle::Weak } else { widgets::CellStyle::Text };
                let left = rect.shrink2(egui::vec2(space::XL, 0.0));
                widgets::cell_text(ui, left, &line, style);
                let sure = layers.labels.probability.get(row as usize).copied().flatten();
                if let Some(sure) = sure {
                    let at = rect.right_center() - egui::vec2(space::XS, 0.0);
                    let text = percent(f64::from(sure));
                    ui.painter().text(at, egui::Align2::RIGHT_CENTER, text, theme::small_mono(), tokens.weak);
                }
                self.mark_ui(ui, rect, row, &response);
            }
        });
    }

    fn name(&self, response: &egui::Response, cx: &PaneCx<'_>, row: u32) {
        let about = cx.session.about(row).unwrap_or_else(|| cx.strings.row_number(u64::from(row)));
        let marked = self.marked.contains(&row);
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, marked, &about));
    }

    /// Shows whether an item is an exception; a click turns it.
    fn mark_ui(&mut self, ui: &egui::Ui, rect: egui::Rect, row: u32, response: &egui::Response) {
        let tokens = Tokens::of(ui);
        if response.clicked() {
            self.toggle(row);
        }
        if self.marked.contains(&row) {
            let stroke = egui::Stroke::new(3.0, tokens.error);
            ui.painter().rect_stroke(rect, radius::CONTROL, stroke, egui::StrokeKind::Inside);
            let at = rect.left_center() + egui::vec2(space::M, 0.0);
            ui.painter().text(at, egui::Align2::CENTER_CENTER, theme::icons::X, theme::icon(16.0), tokens.error);
        }
    }
}
