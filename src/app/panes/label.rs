//! The labelling pane: one item, its classes with their keys, and how far the queue has come.

use eframe::egui;

use super::content::content_ui;
use super::table::nothing_ui;
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, percent};
use crate::app::theme::{self, Tokens, icons, radius, size, space};
use crate::app::widgets::{self, Button, PaneState, PaneStateKind};
use crate::deliver::Source;
use crate::label::Progress;
use crate::project::Content;

/// The pane's own state.
#[derive(Default)]
pub struct LabelPane {
    new_class: String,
    scrolled_for: Option<u32>,
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
        if cx.session.classes().is_empty() {
            PaneState::new(PaneStateKind::NeedsInput, strings.needs_classes).why(strings.needs_classes_why).show(ui);
            ui.vertical_centered(|ui| self.new_class_ui(ui, cx));
            return;
        }
        let Some(row) = cx.focus else {
            if cx.live.snapshot().is_some_and(|snapshot| snapshot.rows.is_empty()) {
                nothing_ui(ui, cx);
            }
            return;
        };
        let progress = cx.progress;
        self.head_ui(ui, cx, row, progress);
        ui.add_space(space::S);
        // The classes stand at the foot, in the same place for every item: only the item above them changes height.
        egui::Panel::bottom("classes")
            .frame(egui::Frame::NONE.inner_margin(egui::Margin { top: space::S as i8, ..egui::Margin::ZERO }))
            .resizable(false)
            .show_separator_line(false)
            .show(ui, |ui| self.classes_ui(ui, cx, row, progress));
        egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| self.item_ui(ui, cx, row));
    }
}

impl LabelPane {
    fn head_ui(&self, ui: &mut egui::Ui, cx: &PaneCx<'_>, row: u32, progress: Progress) {
        let tokens = Tokens::of(ui);
        let strings = cx.strings;
        ui.horizontal(|ui| {
            let weak = |text: String| egui::RichText::new(text).color(tokens.weak);
            ui.label(weak(strings.row_number(u64::from(row))));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.label(weak(strings.labelled_of(progress.labelled as u64, progress.total as u64)));
                let share = progress.labelled as f32 / progress.total.max(1) as f32;
                widgets::progress_bar(ui, strings.queue, Some(share), 160.0);
                if progress.skipped > 0 {
                    ui.label(weak(strings.skipped_count(progress.skipped as u64)));
                }
            });
        });
    }

    fn item_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
        let tokens = Tokens::of(ui);
        let frame = egui::Frame::NONE.fill(tokens.sunken).corner_radius(radius::CARD).inner_margin(space::L);
        frame.show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            let fresh = self.scrolled_for != Some(row);
            self.scrolled_for = Some(row);
            if matches!(cx.session.content(), Content::Image(_)) {
                let height = ui.available_height();
                content_ui(ui, cx, "label", row, height);
                return;
            }
            let mut area = egui::ScrollArea::vertical().id_salt("item").auto_shrink(false);
            if fresh {
                area = area.vertical_scroll_offset(0.0);
            }
            let height = ui.available_height() - space::XXL;
            area.show(ui, |ui| content_ui(ui, cx, "label", row, height));
        });
    }

    fn classes_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32, progress: Progress) {
        let strings = cx.strings;
        let session = cx.session;
        suggestion_ui(ui, cx, row);
        let current = session.annotations().labels().get(row as usize).copied().unwrap_or(-1);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(space::S, space::S);
            for (index, class) in session.classes().iter().enumerate() {
                let chosen = current == index as i16;
                if widgets::class_button(ui, &class.name, usize::from(class.color), class.key, chosen).clicked() {
                    cx.act(Act::Label(class.name.clone()));
                }
            }
        });
        ui.add_space(space::S);
        ui.horizontal(|ui| {
            if Button::new(strings.skip).icon(icons::SKIP_FORWARD).key("N").show(ui).clicked() {
                cx.act(Act::Skip);
            }
            if Button::new(strings.clear_label).key("0").enabled(current >= 0).show(ui).clicked() {
                cx.act(Act::ClearLabel);
            }
            if Button::new(strings.undo).icon(icons::ARROW_COUNTER_CLOCKWISE).key("Ctrl+Z").show(ui).clicked() {
                cx.act(Act::Command(crate::app::keys::CommandId::Undo));
            }
            if progress.open() == 0 {
                let tokens = Tokens::of(ui);
                ui.label(egui::RichText::new(strings.queue_finished).color(tokens.ok).font(theme::strong()));
            }
        });
        ui.add_space(space::S);
        self.new_class_ui(ui, cx);
    }

    fn new_class_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        ui.horizontal(|ui| {
            let field =
                widgets::Field::new(cx.strings.class_name).hint(cx.strings.class_name).hide_label().width(140.0);
            let response = field.show(ui, &mut self.new_class);
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let clicked = Button::new(cx.strings.add_class).icon(icons::PLUS).show(ui).clicked();
            if (clicked || entered) && !self.new_class.trim().is_empty() {
                cx.act(Act::AddClass(std::mem::take(&mut self.new_class)));
            }
        });
    }
}

/// What a model or the functions propose, apart from what a person decided, and never counted until it is taken.
fn suggestion_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
    let (session, strings) = (cx.session, cx.strings);
    let Some(layers) = cx.live.layers() else { return };
    let at = row as usize;
    let source = layers.labels.source.get(at).copied().unwrap_or(Source::None);
    let label = layers.labels.label.get(at).copied().unwrap_or(-1);
    let class = u16::try_from(label).ok().and_then(|label| session.classes().get(crate::label::ClassIndex(label)));
    ui.horizontal(|ui| {
        ui.set_min_height(size::CONTROL);
        let tokens = Tokens::of(ui);
        let Some(class) = class.filter(|_| source != Source::Hand) else { return };
        ui.label(egui::RichText::new(strings.suggestion).color(tokens.weak));
        widgets::label_chip(ui, &class.name, usize::from(class.color));
        let mut why = strings.source(source).to_owned();
        if let Some(share) = layers.labels.probability.get(at).copied().flatten() {
            why = format!("{why}, {}", percent(f64::from(share)));
        }
        ui.label(egui::RichText::new(why).font(theme::caption()).color(tokens.weak));
        if Button::new(strings.accept_suggestion).key("Enter").show(ui).clicked() {
            cx.act(Act::Label(class.name.clone()));
        }
    });
    let free = ui.memory(|memory| memory.focused().is_none());
    if let Some(class) = class.filter(|_| source != Source::Hand && free)
        && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Enter))
    {
        cx.act(Act::Label(class.name.clone()));
    }
}
