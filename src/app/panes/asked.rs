//! A value that takes a while and is computed when a person asks for it, and what stands in its place until then.

use std::sync::Arc;

use eframe::egui;

use crate::app::pane::PaneCx;
use crate::app::widgets::{self, Action, PaneState, PaneStateKind};
use crate::engine::{Derived, Slot};

/// The last value that was asked for.
pub(super) struct Asked<D: Derived> {
    slot: Slot<D>,
    /// Whether it shall be computed for what holds now.
    ask: bool,
}

impl<D: Derived> Default for Asked<D> {
    fn default() -> Self {
        Self { slot: Slot::default(), ask: false }
    }
}

/// What a pane says about its value.
pub(super) struct Words {
    /// While it is computed.
    pub(super) title: &'static str,
    /// What it is.
    pub(super) what: &'static str,
    /// What it is good for and what it takes.
    pub(super) why: &'static str,
    /// The button that starts it, and its icon.
    pub(super) start: &'static str,
    pub(super) icon: Option<&'static str>,
    /// That it is of an earlier state.
    pub(super) stale: &'static str,
}

impl<D: Derived> Asked<D> {
    /// Asks for the value as it is now.
    pub(super) fn ask(&mut self) {
        self.ask = true;
    }

    /// True if it was asked for since it was last drawn.
    pub(super) fn is_asked(&self) -> bool {
        self.ask
    }

    /// True if there is a value, and none under way.
    pub(super) fn is_settled(&self) -> bool {
        self.slot.value().is_some() && self.slot.running().is_none()
    }

    /// Draws what is to be said beside the value, or instead of it; returns it once it is there. A value of an earlier
    /// state is returned under a line that says so.
    pub(super) fn ui(
        &mut self,
        ui: &mut egui::Ui,
        cx: &mut PaneCx<'_>,
        wanted: Option<D>,
        words: &Words,
    ) -> Option<Arc<D::Output>> {
        let stale = self.refresh(cx, wanted);
        if let Some(error) = self.slot.error().cloned() {
            self.ask |= widgets::failed_ui(ui, &error);
            return None;
        }
        let running = self.slot.running();
        let Some(found) = self.slot.value().cloned() else {
            if let Some(work) = running {
                widgets::working_ui(ui, words.title, work);
                return None;
            }
            let state = PaneState::new(PaneStateKind::NeedsInput, words.what).why(words.why);
            let start = Action::primary(words.start);
            let start = words.icon.map_or(start, |icon| start.icon(icon));
            self.ask |= state.action(start).show(ui).is_some();
            return None;
        };
        match running {
            Some(work) if widgets::progress_row(ui, &work.progress(), true) => work.cancel(),
            Some(_) => {}
            None if stale => self.ask |= widgets::stale_bar(ui, words.stale),
            None => {}
        }
        Some(found)
    }

    /// Starts what is asked for. True if what is shown is of another state.
    fn refresh(&mut self, cx: &mut PaneCx<'_>, wanted: Option<D>) -> bool {
        self.slot.poll();
        let mut stale = false;
        if let Some(wanted) = wanted {
            if std::mem::take(&mut self.ask) {
                self.slot.retry();
                self.slot.want(wanted, cx.session.cache(), cx.live.waker());
            } else {
                stale = self.slot.print().is_some_and(|print| print != wanted.fingerprint());
            }
        }
        *cx.busy |= self.slot.running().is_some();
        stale
    }
}
