//! An open project in the window: the session, its live values, and what the person is looking at.
//!
//! Panes draw and hand back acts; [`Workbench::carry_out`] is the one place where acts take effect.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use eframe::egui;

use super::act::Act;
use super::filter_bar::FilterBar;
use super::keys::CommandId;
use super::notices::Notices;
use super::pane::{Pane, PaneCx};
use super::panes;
use super::strings::Strings;
use super::textures::Textures;
use super::workspace::Workspace;
use crate::data::media::{Root, Settings, Thumbnails};
use crate::data::view::View;
use crate::engine::{Error, Job, Result, Waker};
use crate::label::{Label, SetClasses, Skip, next_open};
use crate::project::{Command, Outcome};
use crate::session::{Delivered, Live, Session, Watch};

/// View changes that can be taken back.
const VIEW_STEPS: usize = 100;

/// An open project in the window.
pub struct Workbench {
    pub(super) session: Session,
    pub(super) live: Live,
    /// Changes with every change of the session, so that the live values know.
    revision: u64,
    pub(super) view: View,
    past: Vec<View>,
    future: Vec<View>,
    pub(super) focus: Option<u32>,
    selection: BTreeSet<u32>,
    queue: Arc<Vec<u32>>,
    queue_rule: Option<View>,
    pub(super) workspace: Workspace,
    trees: HashMap<Workspace, egui_tiles::Tree<&'static str>>,
    panes: HashMap<&'static str, Box<dyn Pane>>,
    textures: Textures,
    watch: Watch,
    pub(super) filter_bar: FilterBar,
    pub(super) notices: Notices,
    delivery: Option<Job<Delivered>>,
    delivered: Option<Result<Delivered>>,
    /// Whether functions were edited in this window.
    edited: bool,
    /// When the focused item was first shown, for the seconds that a label took.
    shown_at: Instant,
    waker: Waker,
}

/// What the shell has to do after a frame.
pub enum Leave {
    /// Shows the welcome screen.
    Close,
    /// Opens something else.
    Open(std::path::PathBuf),
    /// A command of the shell's own.
    Command(CommandId),
}

impl Workbench {
    /// Puts a session on the bench.
    pub fn new(session: Session, waker: Waker) -> Self {
        let thumbnails = session.content_column().is_some_and(|column| column.kind() == crate::data::Kind::Image);
        let thumbnails = thumbnails.then(|| thumbnails_of(&session, &waker)).and_then(Result::ok);
        let mut notices = Notices::default();
        if let Some(change) = session.source_change() {
            notices.source_changed(change.orphans);
        }
        Self {
            watch: Watch::start(&session.project().lf_folder(), waker.clone()),
            live: Live::new(waker.clone()),
            revision: 1,
            view: View::default(),
            past: Vec::new(),
            future: Vec::new(),
            focus: None,
            selection: BTreeSet::new(),
            queue: Arc::default(),
            queue_rule: None,
            workspace: Workspace::Explore,
            trees: HashMap::new(),
            panes: panes::all(),
            textures: Textures::new(thumbnails),
            filter_bar: FilterBar::default(),
            notices,
            delivery: None,
            delivered: None,
            edited: false,
            shown_at: Instant::now(),
            session,
            waker,
        }
    }

    /// Takes in what happened behind the window. Runs before each frame, and also while the window is hidden.
    pub fn logic(&mut self) {
        if self.watch.changed() {
            for name in self.session.functions.follow() {
                self.notices.kept_unsaved(&name);
            }
            self.revision += 1;
        }
        self.live.tick(&self.session, self.revision, &self.view);
        if let Some(result) = self.delivery.as_ref().and_then(Job::take) {
            self.delivery = None;
            self.delivered = Some(result);
        }
        self.refresh_queue();
    }

    /// The open session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The number of rows in view.
    pub fn rows_in_view(&self) -> usize {
        self.live.snapshot().map_or(0, |snapshot| snapshot.rows.len())
    }

    /// The names of the functions that run.
    pub fn functions(&self) -> Vec<String> {
        self.live.votes.value().map_or_else(Vec::new, |votes| votes.functions.iter().map(|f| f.name.clone()).collect())
    }

    /// True once a view other than that of all rows was looked at.
    pub(super) fn has_filtered(&self) -> bool {
        !self.past.is_empty()
    }

    /// True once functions were edited in this window.
    pub(super) fn has_edited(&self) -> bool {
        self.edited
    }

    /// True once something was delivered from this window.
    pub(super) fn has_delivered(&self) -> bool {
        matches!(self.delivered, Some(Ok(_)))
    }

    /// True once the end model has been trained.
    pub fn is_trained(&self) -> bool {
        self.live.end_model.value().is_some()
    }

    /// The number of findings that wait for a decision.
    pub fn open_findings(&self) -> usize {
        let Some(layers) = self.live.layers() else { return 0 };
        let flags = [&layers.label_error, &layers.duplicate];
        flags.into_iter().map(|flags| flags.iter().filter(|&&flag| flag).count()).sum()
    }

    /// True while the deliverable is being written.
    pub(super) fn delivery(&self) -> Option<&crate::engine::Work> {
        self.delivery.as_ref().map(Job::work)
    }

    /// The queue follows the rule of the view, not the labels: giving a label never makes it jump.
    fn refresh_queue(&mut self) {
        let Some(snapshot) = self.live.snapshot() else { return };
        if self.queue_rule.as_ref() != Some(&snapshot.view) && snapshot.view == self.view {
            self.queue = snapshot.rows.clone();
            self.queue_rule = Some(snapshot.view.clone());
            let gone = |row| !snapshot.mask.value(row as usize);
            if self.focus.is_none_or(gone) {
                self.focus = self.first_open();
                self.shown_at = Instant::now();
            }
            self.selection.retain(|&row| !gone(row));
        }
    }

    fn first_open(&self) -> Option<u32> {
        let next = next_open(&self.queue, 0, self.session.annotations());
        next.and_then(|at| self.queue.get(at)).or(self.queue.first()).copied()
    }

    /// Draws the panes of the current workspace and carries out what they ask for.
    pub fn panes_ui(&mut self, ui: &mut egui::Ui, strings: &'static Strings, acts: &mut Vec<Act>) {
        self.textures.begin_frame();
        let images = self.session.project().config.data.image.is_some();
        let workspace = self.workspace;
        let tree = self.trees.entry(workspace).or_insert_with(|| make_tree(workspace, images));
        let mut cx = PaneCx {
            session: &self.session,
            live: &self.live,
            view: &self.view,
            focus: self.focus,
            selection: &self.selection,
            queue: &self.queue,
            textures: &mut self.textures,
            delivered: self.delivered.as_ref(),
            strings,
            focused: false,
            acts,
        };
        tree.ui(&mut super::tiles::Tiles { panes: &mut self.panes, cx: &mut cx }, ui);
    }

    /// Carries out acts in order. What the shell must do itself is handed back.
    pub fn carry_out(&mut self, acts: Vec<Act>, ctx: &egui::Context, strings: &'static Strings) -> Vec<Leave> {
        let mut leave = Vec::new();
        for act in acts {
            match act {
                Act::Run(command) => _ = self.run(&*command, strings),
                Act::Label(class) => self.label(Some(class), strings),
                Act::ClearLabel => self.label(None, strings),
                Act::Skip => self.skip(strings),
                Act::SetView(view) => self.set_view(view),
                Act::Focus(row) => self.look_at(row),
                Act::Select(rows) => self.selection = rows.into_iter().collect(),
                Act::EditFunctions(index, text) => {
                    if let Some(old) = self.session.functions.text_mut(index) {
                        *old = text;
                        self.edited = true;
                        self.revision += 1;
                    }
                }
                Act::SaveFunctions(index) => match self.session.functions.save(index) {
                    Ok(()) => self.notices.say(strings.saved),
                    Err(error) => self.notices.fail(&error),
                },
                Act::AddFunctions(name) => match self.session.functions.add(&name, "ABSTAIN = None\n") {
                    Ok(_) => self.revision += 1,
                    Err(error) => self.notices.fail(&error),
                },
                Act::Train => self.live.train(),
                Act::Look => self.live.look(),
                Act::SetLabelModel(model) => {
                    let set = self.session.configure(|settings| settings.label_model = model);
                    set.unwrap_or_else(|error| self.notices.fail(&error));
                    self.revision += 1;
                }
                Act::AddClass(name) => self.add_class(&name, strings),
                Act::Deliver(options) => self.deliver(options),
                Act::Go(workspace) => self.workspace = workspace,
                Act::EndTour => {
                    let ended = self.session.configure(|settings| settings.tour = false);
                    ended.unwrap_or_else(|error| self.notices.fail(&error));
                }
                Act::Copy(text) => ctx.copy_text(text),
                Act::Open(path) => leave.push(Leave::Open(path)),
                Act::Close => leave.push(Leave::Close),
                Act::Command(id) => leave.extend(self.command(id, strings)),
            }
        }
        leave
    }

    /// Does a command that has a key. Those of the shell are handed back.
    fn command(&mut self, id: CommandId, strings: &'static Strings) -> Option<Leave> {
        match id {
            CommandId::Undo => {
                self.turn(Session::undo, |name, items| strings.undid(&strings.act(name, items)), strings)
            }
            CommandId::Redo => {
                self.turn(Session::redo, |name, items| strings.redid(&strings.act(name, items)), strings)
            }
            CommandId::ViewBack => {
                if let Some(view) = self.past.pop() {
                    self.future.push(std::mem::replace(&mut self.view, view));
                }
            }
            CommandId::ViewForward => {
                if let Some(view) = self.future.pop() {
                    self.past.push(std::mem::replace(&mut self.view, view));
                }
            }
            CommandId::ClearView => self.set_view(View::default()),
            CommandId::Filter => self.filter_bar.ask_focus(true),
            CommandId::Search => self.filter_bar.ask_focus(false),
            CommandId::NextRow => self.step(1),
            CommandId::PreviousRow => self.step(-1),
            CommandId::OpenInLabel => self.workspace = Workspace::Label,
            CommandId::Skip => self.skip(strings),
            CommandId::ClearLabel => self.label(None, strings),
            CommandId::Train => self.live.train(),
            CommandId::Look => self.live.look(),
            CommandId::Save => self.save_functions(strings),
            CommandId::Workspace(index) => {
                if let Some(workspace) = Workspace::ALL.get(usize::from(index)) {
                    self.workspace = *workspace;
                }
            }
            CommandId::ResetLayout => _ = self.trees.remove(&self.workspace),
            CommandId::CloseProject => return Some(Leave::Close),
            CommandId::Palette | CommandId::Shortcuts | CommandId::ToggleTheme | CommandId::ToggleLanguage => {
                return Some(Leave::Command(id));
            }
        }
        None
    }

    /// Runs a command on what is kept. True if it was done; if not, the reason is shown.
    fn run(&mut self, command: &dyn Command, _: &'static Strings) -> bool {
        match self.session.run(command) {
            Ok(_) => {
                self.revision += 1;
                true
            }
            Err(error) => {
                self.notices.fail(&error);
                false
            }
        }
    }

    fn turn(
        &mut self,
        turn: impl FnOnce(&mut Session) -> Result<Option<Outcome>>,
        say: impl FnOnce(&str, u64) -> String,
        strings: &'static Strings,
    ) {
        match turn(&mut self.session) {
            Ok(Some(outcome)) => {
                self.revision += 1;
                let items = outcome.items();
                self.notices.say(&say(&outcome.name, items.len() as u64));
                // Back to the item that was touched, so that it can be labelled otherwise.
                if let [item] = items[..]
                    && let Some(row) = self.session.dataset().ids.row(crate::data::ItemId(item))
                {
                    self.look_at(row.0);
                }
            }
            Ok(None) => self.notices.say(strings.nothing_to_undo),
            Err(error) => self.notices.fail(&error),
        }
    }

    fn label(&mut self, class: Option<String>, strings: &'static Strings) {
        let Some(row) = self.focus else { return };
        let Ok(item) = self.session.item(row) else { return };
        let advance = class.is_some();
        let seconds = Some(self.shown_at.elapsed().as_secs_f64());
        let command = Label { items: vec![item], class, seconds, suggestion: self.suggestion(row) };
        // The label is on the disk before the next item is shown.
        if self.run(&command, strings) && advance {
            self.advance();
        }
    }

    /// The label that models propose for a row, if it has been shown one.
    fn suggestion(&self, row: u32) -> Option<String> {
        let layers = self.live.layers()?;
        let label = usize::try_from(*layers.labels.label.get(row as usize)?).ok()?;
        let source = layers.labels.source.get(row as usize)?;
        (*source != crate::deliver::Source::Hand).then(|| self.session.class_names().get(label).cloned())?
    }

    fn skip(&mut self, strings: &'static Strings) {
        let Some(item) = self.focus.and_then(|row| self.session.item(row).ok()) else { return };
        if self.run(&Skip(item), strings) {
            self.advance();
        }
    }

    /// Goes to the next item of the queue that waits for a label.
    fn advance(&mut self) {
        let here = self.focus.and_then(|row| self.queue.iter().position(|&other| other == row));
        let next = next_open(&self.queue, here.map_or(0, |at| at + 1), self.session.annotations());
        if let Some(row) = next.and_then(|at| self.queue.get(at)) {
            self.look_at(*row);
        }
    }

    fn look_at(&mut self, row: u32) {
        if self.focus != Some(row) {
            self.focus = Some(row);
            self.shown_at = Instant::now();
        }
    }

    fn step(&mut self, by: isize) {
        let rows = if self.workspace == Workspace::Label {
            self.queue.clone()
        } else {
            self.live.snapshot().map_or_else(Arc::default, |snapshot| snapshot.rows.clone())
        };
        let here = self.focus.and_then(|row| rows.iter().position(|&other| other == row));
        let next = here.map_or(Some(0), |at| at.checked_add_signed(by));
        if let Some(row) = next.and_then(|at| rows.get(at)) {
            self.look_at(*row);
        }
    }

    fn set_view(&mut self, view: View) {
        if view != self.view {
            self.past.push(std::mem::replace(&mut self.view, view));
            self.future.clear();
            if self.past.len() > VIEW_STEPS {
                self.past.remove(0);
            }
        }
    }

    fn add_class(&mut self, name: &str, strings: &'static Strings) {
        let mut classes = self.session.classes().clone();
        match classes.add(name) {
            Ok(_) => _ = self.run(&SetClasses(classes), strings),
            Err(error) => self.notices.fail(&error),
        }
    }

    fn save_functions(&mut self, strings: &'static Strings) {
        let dirty: Vec<_> = (0..self.session.functions.files().len())
            .filter(|&index| self.session.functions.files()[index].is_dirty())
            .collect();
        for index in dirty {
            if let Err(error) = self.session.functions.save(index) {
                self.notices.fail(&error);
                return;
            }
        }
        self.notices.say(strings.saved);
    }

    fn deliver(&mut self, options: crate::session::DeliverOptions) {
        let Some(request) = crate::session::deliver_request(&self.session, &self.live, options) else {
            self.delivered =
                Some(Err(Error::input("the labels are still being gathered").help("try again in a moment")));
            return;
        };
        self.delivered = None;
        self.delivery = Some(Job::spawn("deliver", self.waker.clone(), move |work| request.write(work)));
    }
}

fn thumbnails_of(session: &Session, waker: &Waker) -> Result<Thumbnails> {
    let root = Root::open(&session.dataset().root)?;
    let folder = Some(session.project().cache_folder().join("thumbnails"));
    Thumbnails::new(root, Settings { folder, ..Settings::default() }, waker.clone())
}

fn make_tree(workspace: Workspace, images: bool) -> egui_tiles::Tree<&'static str> {
    let mut tiles = egui_tiles::Tiles::default();
    let mut row = egui_tiles::Linear { dir: egui_tiles::LinearDir::Horizontal, ..Default::default() };
    for (share, names) in workspace.layout(images) {
        let panes = names.into_iter().map(|name| tiles.insert_pane(name)).collect();
        let tabs = tiles.insert_tab_tile(panes);
        row.children.push(tabs);
        row.shares.set_share(tabs, share);
    }
    let root = tiles.insert_container(row);
    egui_tiles::Tree::new(egui::Id::unique(("tiles", workspace)), root, tiles)
}
