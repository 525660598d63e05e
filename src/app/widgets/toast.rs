//! Toasts: a few words at the lower edge about what was done, with a way to undo it.

use eframe::egui::{
    self, Align2, Area, Context, CornerRadius, Frame, Id, Margin, Order, Rect, RichText, Role, Shadow, Stroke, Ui,
    WidgetInfo, pos2, vec2,
};

use super::button::{Button, ButtonKind, icon_button};
use super::chip::Tone;
use crate::app::strings::strings;
use crate::app::theme::{self, Tokens, icons, radius, size, space};

/// A message that goes away by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// What it is about.
    pub tone: Tone,
    /// What it says.
    pub text: String,
    /// The text of its button, such as "Undo".
    pub action: Option<String>,
}

impl Toast {
    /// A message.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into(), action: None }
    }

    /// With a button.
    #[must_use]
    pub fn action(mut self, action: impl Into<String>) -> Self {
        self.action = Some(action.into());
        self
    }

    /// How long it stays, in seconds: long enough to be read; what failed stays until it is closed.
    fn seconds(&self) -> f64 {
        match self.tone {
            Tone::Error => f64::INFINITY,
            _ if self.action.is_some() => 8.0,
            _ => 4.0,
        }
    }
}

/// What happened to a toast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastEvent {
    /// Its button was pressed.
    Action(u64),
    /// It was closed by hand.
    Closed(u64),
}

/// The messages that can be seen. They are lost when they go: what must be kept belongs to the list of problems too.
#[derive(Debug, Default)]
pub struct Toasts {
    shown: Vec<Shown>,
    next: u64,
}

#[derive(Debug)]
struct Shown {
    id: u64,
    toast: Toast,
    left: f64,
}

/// More would hide what is worked on; older ones give way.
const MOST: usize = 4;

impl Toasts {
    /// Shows a message and returns its number, which [`ToastEvent`] gives back.
    pub fn push(&mut self, toast: Toast) -> u64 {
        let id = self.next;
        self.next += 1;
        // The same message again takes the place of the first, so that a repeated failure is one message.
        self.shown.retain(|shown| shown.toast != toast);
        self.shown.push(Shown { id, left: toast.seconds(), toast });
        let surplus = self.shown.len().saturating_sub(MOST);
        self.shown.drain(..surplus);
        id
    }

    /// Takes all messages away.
    pub fn clear(&mut self) {
        self.shown.clear();
    }

    /// True if nothing is shown.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Draws them above everything, at the lower right, and lets their time pass unless the pointer is on them.
    pub fn show(&mut self, ctx: &Context) -> Option<ToastEvent> {
        if self.shown.is_empty() {
            return None;
        }
        let mut event = None;
        let offset = vec2(-space::L, -(size::STATUS_BAR + space::M));
        let area = Area::new(Id::unique("toasts")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, offset);
        let response = area.show(ctx, |ui| {
            ui.set_max_width(380.0);
            ui.spacing_mut().item_spacing.y = space::S;
            for shown in &self.shown {
                event = toast_ui(ui, shown).or(event);
            }
        });
        let held = response.response.contains_pointer();
        let passed = if held { 0.0 } else { f64::from(ctx.input(|i| i.stable_dt)) };
        self.pass(passed);
        if let Some(ToastEvent::Action(id) | ToastEvent::Closed(id)) = event {
            self.shown.retain(|shown| shown.id != id);
        }
        if self.shown.iter().any(|shown| shown.left.is_finite()) {
            ctx.request_repaint_after(std::time::Duration::from_millis(250));
        }
        event
    }

    /// Lets `seconds` pass.
    fn pass(&mut self, seconds: f64) {
        for shown in &mut self.shown {
            shown.left -= seconds;
        }
        self.shown.retain(|shown| shown.left > 0.0);
    }
}

fn toast_ui(ui: &mut Ui, shown: &Shown) -> Option<ToastEvent> {
    let tokens = Tokens::of(ui);
    let color = shown.toast.tone.color(tokens);
    let frame = Frame::new()
        .fill(tokens.raised)
        .stroke(Stroke::new(1.0, tokens.hairline))
        .corner_radius(CornerRadius::same(radius::CARD))
        .shadow(Shadow { offset: [0, 4], blur: 16, spread: 0, color: tokens.shadow })
        .inner_margin(Margin { left: 14, right: 6, top: 6, bottom: 6 });
    let mut event = None;
    let response = frame
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = space::S;
                ui.label(RichText::new(shown.toast.tone.icon()).font(theme::icon(16.0)).color(color));
                let button = shown.toast.action.as_deref().map(|text| Button::new(text).kind(ButtonKind::Quiet));
                let room = button.as_ref().map_or(0.0, |button| button.width(ui) + space::S) + size::HIT + space::S;
                let most = (ui.available_width() - room).max(80.0);
                let text = RichText::new(&shown.toast.text).color(tokens.text);
                ui.scope(|ui| {
                    ui.set_max_width(most);
                    ui.add(egui::Label::new(text).wrap());
                });
                if button.is_some_and(|button| button.show(ui).clicked()) {
                    event = Some(ToastEvent::Action(shown.id));
                }
                if icon_button(ui, icons::X, strings(ui).close, None).clicked() {
                    event = Some(ToastEvent::Closed(shown.id));
                }
            });
        })
        .response;
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &shown.toast.text));
    let bar = Rect::from_min_max(
        pos2(response.rect.left(), response.rect.top() + 6.0),
        pos2(response.rect.left() + 3.0, response.rect.bottom() - 6.0),
    );
    ui.painter().rect_filled(bar, 1, color);
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_in_their_time_and_failures_stay() {
        let mut toasts = Toasts::default();
        toasts.push(Toast::new(Tone::Ok, "done"));
        toasts.push(Toast::new(Tone::Neutral, "undid").action("Redo"));
        toasts.push(Toast::new(Tone::Error, "failed"));
        let texts = |toasts: &Toasts| toasts.shown.iter().map(|s| s.toast.text.clone()).collect::<Vec<_>>();
        toasts.pass(5.0);
        assert_eq!(texts(&toasts), ["undid", "failed"]);
        toasts.pass(1000.0);
        assert_eq!(texts(&toasts), ["failed"]);
    }

    #[test]
    fn a_repeated_message_is_one_and_old_ones_give_way() {
        let mut toasts = Toasts::default();
        for _ in 0..10 {
            toasts.push(Toast::new(Tone::Error, "same"));
        }
        assert_eq!(toasts.shown.len(), 1);
        for n in 0..10 {
            toasts.push(Toast::new(Tone::Error, format!("{n}")));
        }
        assert_eq!(toasts.shown.iter().map(|s| s.toast.text.as_str()).collect::<Vec<_>>(), ["6", "7", "8", "9"]);
    }
}
