//! One class for every item: the item, its classes with their keys, and what is proposed.

use eframe::egui;

use super::super::content::content_ui;
use super::{buttons_ui, find_class_ui, foot};
use crate::app::act::Act;
use crate::app::keymap::key_of;
use crate::app::keys::CommandId;
use crate::app::pane::PaneCx;
use crate::app::strings::percent;
use crate::app::theme::{self, Tokens, radius, size, space};
use crate::app::widgets::{self, Button};
use crate::choose::served_blank;
use crate::deliver::Source;
use crate::project::Content;

/// What the part keeps between frames.
#[derive(Default)]
pub(super) struct ClassesPart {
    /// What is typed to find or add a class.
    typed: String,
    scrolled_for: Option<u32>,
}

impl ClassesPart {
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
        // The classes stand at the foot, in the same place for every item: only the item above them changes height.
        foot(ui, |ui| self.classes_ui(ui, cx, row));
        egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| self.item_ui(ui, cx, row));
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

    fn classes_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
        let session = cx.session;
        suggestion_ui(ui, cx, row);
        // What is served again is not to be copied from what was said before.
        let current = session.own().labels().get(row as usize).copied().filter(|_| !cx.again).unwrap_or(-1);
        let name = usize::try_from(current).ok().and_then(|at| session.class_names().get(at));
        let on = |class: &str| name.is_some_and(|name| name == class);
        let mut taken = buttons_ui(ui, session.classes(), &self.typed, &on);
        ui.add_space(space::S);
        ui.horizontal_wrapped(|ui| {
            super::skip_ui(ui, cx);
            if Button::new(cx.strings.clear_label)
                .key(&key_of(ui, CommandId::ClearLabel))
                .enabled(current >= 0)
                .show(ui)
                .clicked()
            {
                cx.act(Act::ClearLabel);
            }
            super::undo_ui(ui, cx);
            super::remarks_ui(ui, cx);
            taken = taken.take().or_else(|| find_class_ui(ui, cx, session.classes(), &mut self.typed));
        });
        if let Some(class) = taken {
            cx.act(Act::Label(class));
        }
    }
}

/// What a model or the functions propose, apart from what a person decided, and never counted until it is taken.
fn suggestion_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
    let (session, strings) = (cx.session, cx.strings);
    let Some(layers) = cx.live.layers() else { return };
    let share = session.project().config.settings.blank_share;
    if session.item(row).is_ok_and(|item| served_blank(item.0, share)) {
        ui.add_space(size::CONTROL + ui.spacing().item_spacing.y);
        return;
    }
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
