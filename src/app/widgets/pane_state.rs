//! What a pane shows when it has nothing to show: what is the case, why, and what to do next.

use eframe::egui::{self, Align, Layout, RichText, Ui, vec2};

use super::button::{Button, ButtonKind, key_caps};
use super::progress::progress_row;
use crate::app::strings::strings;
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::engine::{Error, Progress, Work};

/// The states of a pane other than ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaneStateKind {
    /// There is nothing yet.
    Empty,
    /// Something else has to be there first.
    NeedsInput,
    /// The filter leaves nothing.
    NothingMatches,
    /// It is being computed.
    Working,
    /// It was computed for an older state.
    Stale,
    /// It could not be computed.
    Failed,
}

/// A button of a [`PaneState`].
#[derive(Debug, Clone, Copy)]
pub struct Action<'a> {
    text: &'a str,
    icon: Option<&'a str>,
    primary: bool,
}

impl<'a> Action<'a> {
    /// A button.
    pub fn new(text: &'a str) -> Self {
        Self { text, icon: None, primary: false }
    }

    /// The button that most people press.
    pub fn primary(text: &'a str) -> Self {
        Self { text, icon: None, primary: true }
    }

    /// With an icon in front.
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }

    fn button(&self) -> Button<'a> {
        let kind = if self.primary { ButtonKind::Primary } else { ButtonKind::Secondary };
        let button = Button::new(self.text).kind(kind);
        match self.icon {
            Some(icon) => button.icon(icon),
            None => button,
        }
    }
}

/// One line what, one line why, one or two buttons, one key.
#[must_use = "call `show`"]
pub struct PaneState<'a> {
    kind: PaneStateKind,
    icon: Option<&'a str>,
    what: &'a str,
    why: Option<&'a str>,
    actions: Vec<Action<'a>>,
    key: Option<(&'a str, &'a str)>,
    progress: Option<&'a Progress>,
}

impl<'a> PaneState<'a> {
    /// A state and what is the case.
    pub fn new(kind: PaneStateKind, what: &'a str) -> Self {
        Self { kind, icon: None, what, why: None, actions: Vec::new(), key: None, progress: None }
    }

    /// An icon other than that of the state.
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Why it is so.
    pub fn why(mut self, why: &'a str) -> Self {
        self.why = Some(why);
        self
    }

    /// A button.
    pub fn action(mut self, action: Action<'a>) -> Self {
        self.actions.push(action);
        self
    }

    /// A key and what it does.
    pub fn key(mut self, key: &'a str, does: &'a str) -> Self {
        self.key = Some((key, does));
        self
    }

    /// How far the work has come; the work can then be cancelled.
    pub fn progress(mut self, progress: &'a Progress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Draws it in the middle of the room there is. Returns the button that was pressed; the one after the last
    /// action is the cancelling of the work.
    pub fn show(self, ui: &mut Ui) -> Option<usize> {
        let tokens = Tokens::of(ui);
        let width = ui.available_width().min(420.0);
        // Slightly above the middle looks like the middle.
        let space_above = ((ui.available_height() - 170.0) * 0.45).max(space::L);
        ui.add_space(space_above);
        ui.vertical_centered(|ui| {
            ui.set_max_width(width);
            ui.spacing_mut().item_spacing.y = space::S;
            let (icon, color) = self.look(tokens);
            ui.label(RichText::new(icon).font(theme::icon(28.0)).color(color));
            ui.label(RichText::new(self.what).font(theme::section()).color(tokens.text));
            if let Some(why) = self.why {
                ui.add(egui::Label::new(RichText::new(why).color(tokens.weak)).wrap());
            }
            let mut pressed = None;
            if let Some(progress) = self.progress {
                ui.allocate_ui(vec2(width.min(320.0), 40.0), |ui| {
                    if progress_row(ui, progress, true) {
                        pressed = Some(self.actions.len());
                    }
                });
            }
            let pressed = pressed.or(self.buttons(ui));
            self.key_line(ui, tokens);
            pressed
        })
        .inner
    }

    fn look(&self, tokens: &Tokens) -> (&'a str, egui::Color32) {
        let (icon, color) = match self.kind {
            PaneStateKind::Empty => (icons::STACK, tokens.weak),
            PaneStateKind::NeedsInput => (icons::DATABASE, tokens.weak),
            PaneStateKind::NothingMatches => (icons::FUNNEL, tokens.weak),
            PaneStateKind::Working => (icons::CIRCLE_NOTCH, tokens.accent),
            PaneStateKind::Stale => (icons::CLOCK_COUNTER_CLOCKWISE, tokens.warning),
            PaneStateKind::Failed => (icons::WARNING, tokens.error),
        };
        (self.icon.unwrap_or(icon), color)
    }

    /// The buttons in one line, in the middle; one below the other where there is no room.
    fn buttons(&self, ui: &mut Ui) -> Option<usize> {
        if self.actions.is_empty() {
            return None;
        }
        ui.add_space(space::XS);
        let gap = space::S;
        let widths: f32 = self.actions.iter().map(|action| action.button().width(ui) + gap).sum::<f32>() - gap;
        let mut pressed = None;
        if widths > ui.available_width() {
            for (index, action) in self.actions.iter().enumerate() {
                if action.button().show(ui).clicked() {
                    pressed = Some(index);
                }
            }
            return pressed;
        }
        ui.allocate_ui_with_layout(vec2(widths, size::CONTROL), Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for (index, action) in self.actions.iter().enumerate() {
                if action.button().show(ui).clicked() {
                    pressed = Some(index);
                }
            }
        });
        pressed
    }

    fn key_line(&self, ui: &mut Ui, tokens: &Tokens) {
        let Some((key, does)) = self.key else { return };
        ui.add_space(space::XS);
        let text = super::paint::one_line(ui, does, theme::caption(), tokens.weak, 300.0).size().x;
        let width = super::button::key_caps_width(ui, key) + 6.0 + text;
        ui.allocate_ui_with_layout(vec2(width, 18.0), Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            key_caps(ui, key);
            ui.label(RichText::new(does).font(theme::caption()).color(tokens.weak));
        });
    }
}

/// A pane that waits for work, with its progress and a way to stop it.
pub fn working_ui(ui: &mut Ui, what: &str, work: &Work) {
    let progress = work.progress();
    if PaneState::new(PaneStateKind::Working, what).progress(&progress).show(ui).is_some() {
        work.cancel();
    }
}

/// A pane whose work failed or was stopped. True if it shall be tried again.
pub fn failed_ui(ui: &mut Ui, error: &Error) -> bool {
    let strings = strings(ui);
    let what = if error.is_cancelled() { strings.cancelled.to_owned() } else { strings.error(error) };
    let state = PaneState::new(PaneStateKind::Failed, &what).why(strings.advice(error).unwrap_or_default());
    state.action(Action::primary(strings.retry)).show(ui).is_some()
}

/// The line above figures that were computed for an older state. Returns true if they shall be computed anew.
///
/// The figures themselves stay, dimmed: an old answer with its age is worth more than none.
pub fn stale_bar(ui: &mut Ui, why: &str) -> bool {
    let tokens = Tokens::of(ui);
    let mut update = false;
    egui::Frame::new().fill(tokens.tint(tokens.warning)).inner_margin(egui::Margin::symmetric(8, 3)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            ui.label(RichText::new(icons::CLOCK_COUNTER_CLOCKWISE).font(theme::icon(14.0)).color(tokens.warning));
            ui.add(egui::Label::new(RichText::new(why).color(tokens.text)).truncate());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                update = Button::new(strings(ui).update).kind(ButtonKind::Quiet).show(ui).clicked();
            });
        });
    });
    update
}
