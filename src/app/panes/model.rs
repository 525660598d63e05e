//! The label model and the end model: which, how good, and what to do next.

use eframe::egui;

use crate::app::act::Act;
use crate::app::keymap::key_of;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Banner, Button, ButtonKind, PaneState, PaneStateKind};
use crate::weak::models::MODELS;

/// The pane has no state of its own.
#[derive(Default)]
pub struct ModelPane;

impl Pane for ModelPane {
    fn id(&self) -> &'static str {
        "model"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.model
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            label_model_ui(ui, cx);
            ui.add_space(space::L);
            end_model_ui(ui, cx);
        });
    }
}

fn fact(ui: &mut egui::Ui, name: &str, value: &str) {
    let tokens = Tokens::of(ui);
    ui.label(egui::RichText::new(name).color(tokens.weak));
    ui.label(egui::RichText::new(value).color(tokens.text));
    ui.end_row();
}

fn facts(ui: &mut egui::Ui, name: &str, content: impl FnOnce(&mut egui::Ui)) {
    egui::Grid::new(name).num_columns(2).spacing([space::XL, 0.0]).min_row_height(size::ROW).show(ui, content);
}

fn label_model_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let tokens = Tokens::of(ui);
    let (strings, session) = (cx.strings, cx.session);
    ui.label(egui::RichText::new(strings.label_model).font(theme::section()));
    ui.label(egui::RichText::new(strings.label_model_what).color(tokens.weak));
    ui.add_space(space::S);
    let current = session.project().config.settings.label_model.clone();
    let choices: Vec<(&str, &str)> =
        MODELS.iter().map(|model| (model.name(), strings.model_name(model.name()))).collect();
    let mut chosen = current.as_str();
    if widgets::select(ui, egui::Id::unique("label model"), strings.label_model, &mut chosen, &choices, 200.0) {
        cx.act(Act::SetLabelModel(chosen.to_owned()));
    }
    if let Some(model) = MODELS.iter().find(|model| model.name() == current) {
        ui.label(egui::RichText::new(model.about()).font(theme::caption()).color(tokens.weak));
    }
    if let Some(error) = cx.live.model.error() {
        Banner::of_error(error, strings).show(ui);
        return;
    }
    let Some(model) = cx.live.model.value() else {
        ui.label(egui::RichText::new(strings.functions_none).color(tokens.weak));
        return;
    };
    ui.add_space(space::S);
    facts(ui, "label model facts", |ui| {
        fact(ui, strings.model, strings.model_name(model.fitted.model()));
        fact(ui, strings.vote_patterns, &grouped(model.patterns.len() as u64));
        fact(ui, strings.labelled, &strings.count_of(model.labelled as u64, model.labels.rows() as u64));
        if let Some((share, rows)) = model.accuracy {
            fact(ui, strings.accuracy, &strings.share_of_rows(share, rows));
        }
    });
    for note in model.fitted.notes() {
        ui.label(egui::RichText::new(note).font(theme::caption()).color(tokens.weak));
    }
}

fn end_model_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let tokens = Tokens::of(ui);
    let strings = cx.strings;
    ui.label(egui::RichText::new(strings.end_model).font(theme::section()));
    ui.label(egui::RichText::new(strings.end_model_what).color(tokens.weak));
    ui.add_space(space::S);
    if let Some(work) = cx.live.end_model.running() {
        if widgets::progress_row(ui, &work.progress(), true) {
            work.cancel();
        }
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
    } else {
        let text = if cx.live.end_model.value().is_some() { strings.refit } else { strings.train_end_model };
        let train_key = key_of(ui, CommandId::Train);
        let button = Button::new(text).kind(ButtonKind::Primary).icon(icons::PLAY).key(&train_key);
        if button.show(ui).clicked() {
            cx.act(Act::Command(CommandId::Train));
        }
    }
    if let Some(error) = cx.live.end_model.error() {
        let what = strings.error_what(error);
        let state = PaneState::new(PaneStateKind::Failed, &what).why(strings.advice(error).unwrap_or_default());
        state.show(ui);
        return;
    }
    let Some(model) = cx.live.end_model.value().cloned() else { return };
    ui.add_space(space::S);
    if cx.live.end_model_stale() && cx.live.end_model.running().is_none() && widgets::stale_bar(ui, strings.stale_model)
    {
        cx.act(Act::Train);
    }
    facts(ui, "end model facts", |ui| {
        fact(ui, strings.trained_on, &strings.rows_count(model.trained_rows as u64));
        match model.accuracy {
            Some((share, rows)) => fact(ui, strings.accuracy_cross_validated, &strings.share_of_rows(share, rows)),
            None => fact(ui, strings.accuracy_cross_validated, strings.needs_hand_labels),
        }
        if let Some(share) = model.agreement {
            fact(ui, strings.agrees_with_targets, &percent(share));
        }
    });
    ui.add_space(space::S);
    if Button::new(strings.show_uncertain)
        .icon(icons::CROSSHAIR)
        .key(&key_of(ui, CommandId::Uncertain))
        .show(ui)
        .clicked()
    {
        cx.act(Act::Command(CommandId::Uncertain));
    }
}
