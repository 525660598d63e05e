//! What a pane is, and what it may see. To add one: write its file in `panes/`, and its line in [`panes::REGISTRY`].
//!
//! [`panes::REGISTRY`]: super::panes::REGISTRY

use std::collections::BTreeSet;

use eframe::egui;
use serde_json::Value;

use super::act::Act;
use super::sounds::Sounds;
use super::strings::Strings;
use super::textures::Textures;
use crate::data::view::View;
use crate::label::{Progress, Task};
use crate::session::{Live, Session};

/// One pane of the window.
pub trait Pane {
    /// The name in layouts and commands; stable, in English.
    fn id(&self) -> &'static str;

    /// The title on its tab.
    fn title(&self, strings: &Strings) -> &'static str;

    /// Draws it. Everything that should change goes into `cx.acts`.
    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>);

    /// How a person arranged what is in it, to be kept with the project's layouts; `None` if there is nothing to keep.
    fn arrangement(&self) -> Option<Value> {
        None
    }

    /// Takes up an arrangement that was kept. What cannot be read is left as it is.
    fn arrange(&mut self, _kept: &Value) {}
}

/// What a pane may see of the world, and where it leaves its wishes.
pub struct PaneCx<'a> {
    /// The open project. Read only: changes go through [`Act`].
    pub session: &'a Session,
    /// The last derived values, and the jobs that renew them.
    pub live: &'a Live,
    /// The current rule of the view.
    pub view: &'a View,
    /// The row being looked at.
    pub focus: Option<u32>,
    /// Since when it is looked at.
    pub shown_at: std::time::Instant,
    /// The selected rows, a subset of the rows in view.
    pub selection: &'a BTreeSet<u32>,
    /// The rows of the labelling queue in their order: the view as it was when its rule last changed, so that giving a
    /// label never makes the queue jump.
    pub queue: &'a [u32],
    /// The task that is worked on; `None` is that of one class an item.
    pub task: Option<&'a Task>,
    /// True while the focused item is served again without saying so: its label is not shown.
    pub again: bool,
    /// How far the labelling of the queue has come.
    pub progress: Progress,
    /// Pictures by path.
    pub textures: &'a mut Textures,
    /// Sounds by path.
    pub sounds: &'a mut Sounds,
    /// The result of the last delivery.
    pub delivered: Option<&'a Result<crate::session::Delivered, crate::engine::Error>>,
    /// Texts in the person's language.
    pub strings: &'static Strings,
    /// True where this pane is the one that keys speak to.
    pub focused: bool,
    /// Set by a pane that answers single keys itself while it is shown.
    pub takes_keys: &'a mut bool,
    /// Set by a pane that waits for something of its own, so that nobody takes what is shown for final.
    pub busy: &'a mut bool,
    /// Set by a pane whose arrangement a person has changed.
    pub arranged: &'a mut bool,
    /// A line that the editor of functions is to show, by the file's name.
    pub code_at: &'a mut Option<(String, usize)>,
    /// What the person wants.
    pub acts: &'a mut Vec<Act>,
}

impl PaneCx<'_> {
    /// Leaves a wish.
    pub fn act(&mut self, act: Act) {
        self.acts.push(act);
    }
}
