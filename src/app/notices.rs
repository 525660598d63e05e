//! What is said in passing: what was undone, what was saved, what failed. Nothing here asks for an answer.

use std::time::{Duration, Instant};

use eframe::egui;

use super::strings::Strings;
use super::theme::{self, Tokens, icons, radius, space};
use super::widgets;
use crate::engine::Error;

/// How long a success stays; a failure stays until it is closed.
const STAY: Duration = Duration::from_secs(4);

/// Notices kept at most; the oldest go first.
const MOST: usize = 4;

enum Notice {
    Said { text: String, at: Instant },
    Failed { error: Error },
    KeptUnsaved { file: String },
}

/// The notices that are shown.
#[derive(Default)]
pub(super) struct Notices {
    all: Vec<Notice>,
}

impl Notices {
    /// Says something that worked.
    pub fn say(&mut self, text: &str) {
        self.all.retain(|notice| !matches!(notice, Notice::Said { .. }));
        self.push(Notice::Said { text: text.to_owned(), at: Instant::now() });
    }

    /// Says what failed, where and what to do.
    pub fn fail(&mut self, error: &Error) {
        self.all.retain(|notice| !matches!(notice, Notice::Failed { error: old } if old == error));
        self.push(Notice::Failed { error: error.clone() });
    }

    /// Says that another program saved a file that has unsaved changes here.
    pub fn kept_unsaved(&mut self, file: &str) {
        self.push(Notice::KeptUnsaved { file: file.to_owned() });
    }

    fn push(&mut self, notice: Notice) {
        self.all.push(notice);
        if self.all.len() > MOST {
            self.all.remove(0);
        }
    }

    /// Draws them over the foot of the window.
    pub fn ui(&mut self, ctx: &egui::Context, strings: &'static Strings) {
        self.all.retain(|notice| !matches!(notice, Notice::Said { at, .. } if at.elapsed() > STAY));
        if self.all.iter().any(|notice| matches!(notice, Notice::Said { .. })) {
            ctx.request_repaint_after(STAY);
        }
        if self.all.is_empty() {
            return;
        }
        let mut closed = None;
        let place = egui::Align2::CENTER_BOTTOM;
        egui::Area::new(egui::Id::unique("notices"))
            .anchor(place, [0.0, -space::XXL])
            .order(egui::Order::Foreground)
            .show(ctx, |ui| {
                ui.spacing_mut().item_spacing.y = space::S;
                for (index, notice) in self.all.iter().enumerate() {
                    if notice_ui(ui, notice, strings) {
                        closed = Some(index);
                    }
                }
            });
        if let Some(index) = closed {
            self.all.remove(index);
        }
    }
}

/// Draws one notice. True if it was closed.
fn notice_ui(ui: &mut egui::Ui, notice: &Notice, strings: &'static Strings) -> bool {
    let tokens = Tokens::of(ui);
    let (icon, color, title, more) = match notice {
        Notice::Said { text, .. } => (icons::CHECK, tokens.ok, text.clone(), None),
        Notice::Failed { error } => {
            (icons::WARNING, tokens.error, strings.error(error), strings.advice(error).map(str::to_owned))
        }
        Notice::KeptUnsaved { file } => (icons::WARNING, tokens.warning, strings.kept_unsaved(file), None),
    };
    let frame = egui::Frame::NONE
        .fill(tokens.raised)
        .stroke(egui::Stroke::new(1.0, tokens.hairline))
        .corner_radius(radius::CARD)
        .inner_margin(egui::Margin::symmetric(space::M as i8, space::S as i8))
        .shadow(egui::Shadow { offset: [0, 2], blur: 12, spread: 0, color: tokens.shadow });
    let shown = frame.show(ui, |ui| {
        ui.set_max_width(420.0);
        ui.horizontal(|ui| {
            ui.label(egui::RichText::new(icon).font(theme::icon(16.0)).color(color));
            ui.vertical(|ui| {
                ui.set_max_width(340.0);
                ui.label(egui::RichText::new(title).color(tokens.text));
                if let Some(more) = more {
                    ui.label(egui::RichText::new(more).color(tokens.weak).font(theme::caption()));
                }
            });
            !matches!(notice, Notice::Said { .. }) && widgets::icon_button(ui, icons::X, strings.close, None).clicked()
        })
        .inner
    });
    shown.inner
}
