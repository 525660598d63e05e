//! An open project in the window: the session, its live values, and what the person is looking at.
//!
//! Panes draw and hand back acts; [`Workbench::carry_out`] is the one place where acts take effect.

mod declaring;
mod labelling;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use eframe::egui;

use super::act::Act;
use super::filter_bar::FilterBar;
use super::keys::CommandId;
use super::layouts::Layouts;
use super::notices::Notices;
use super::pane::PaneCx;
use super::panes::{self, Panes};
use super::sounds::Sounds;
use super::strings::Strings;
use super::textures::Textures;
use super::workspace::Workspace;
use crate::clean::Finder;
use crate::data::media::{Adjust, Root, Settings, Thumbnails};
use crate::data::view::{Chip, Selection, Snapshot, SortKey, View, remove_view, save_view};
use crate::data::{Kind, Row};
use crate::engine::{Error, Fingerprint, Job, Result, Waker};
use crate::label::{BAD, Checks, Guard, Label, Progress, UNSURE, Voice, next_open};
use crate::project::{Command, Content, Outcome, Restore};
use crate::session::{
    Delivered, Live, PacketSaid, PacketsOut, SIMILARITY, Session, Watch, source_print, suggest_expectations,
};

/// Letters typed into the search within this time of each other are one change of the view.
const SAME_SEARCH: std::time::Duration = std::time::Duration::from_millis(1500);

/// How often the guidelines are looked at.
const GUIDELINES_AFTER: std::time::Duration = std::time::Duration::from_secs(2);

/// By how much a key changes brightness or contrast, in percent.
const ADJUST: i8 = 10;

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
    /// When the search was last changed, if that was the last change of the view.
    searched_at: Option<Instant>,
    pub(super) focus: Option<u32>,
    selection: BTreeSet<u32>,
    /// What is labelled one after another: the view as it was when its rule last changed.
    queue: Option<Arc<Snapshot>>,
    /// The task that is worked on; `None` is that of one class an item.
    task: Option<String>,
    /// How far the queue has come, and the revision that this was counted at.
    progress: (u64, Progress),
    pub(super) workspace: Workspace,
    pub(super) layouts: Layouts,
    /// True until a change of the layout is written.
    layout_edited: bool,
    /// The name that is typed for a layout to be saved.
    pub(super) layout_name: String,
    panes: Panes,
    textures: Textures,
    sounds: Sounds,
    watch: Watch,
    pub(super) filter_bar: FilterBar,
    pub(super) notices: Notices,
    /// True while a pane waits for something of its own.
    busy: bool,
    /// True while a pane answers single keys itself.
    takes_keys: bool,
    /// The name that is typed for a view to be saved.
    pub(super) view_name: String,
    /// The state of the data file, being looked at on request.
    source_check: Option<Job<Fingerprint>>,
    /// The version of the guidelines, and when it was looked at.
    guideline: (Option<Arc<str>>, Instant),
    /// Which items are served again, and the one that is now.
    checks: Checks,
    again: Option<u32>,
    /// What is not as usual in labelling.
    guard: Guard,
    delivery: Option<Job<Delivered>>,
    /// The way back to a state of the past, being looked up.
    restoring: Option<Job<Restore>>,
    /// A packet that is being read.
    packet: Option<Job<PacketSaid>>,
    /// Packets that are being written.
    packing: Option<Job<PacketsOut>>,
    delivered: Option<Result<Delivered>>,
    /// The file of functions that was edited last, by its name.
    edited_file: Option<String>,
    /// A line that the editor is to show: the file's name and the line.
    code_at: Option<(String, usize)>,
    /// Whether functions were edited in this window.
    edited: bool,
    /// Whether the most uncertain items were looked at in this window.
    seen_uncertain: bool,
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
        let thumbnails = matches!(session.content(), Content::Image(_))
            || session.dataset().frame.columns().iter().any(|column| column.kind() == Kind::Image);
        let mut notices = Notices::default();
        if let Some(recovery) = &session.project().recovery {
            notices.fail(&Error::input(recovery.told()));
        }
        // A project without classes was made for its first task.
        let first = session.tasks().iter().next().filter(|_| session.classes().is_empty());
        let task = first.map(|task| task.name.clone());
        let thumbnails = thumbnails.then(|| thumbnails_of(&session, &waker)).and_then(Result::ok);
        let layouts = Layouts::read(session.project().layouts_path(), matches!(session.content(), Content::Image(_)));
        let mut panes = panes::all();
        layouts.arrange(&mut panes);
        Self {
            watch: Watch::start(&session.project().lf_folder(), waker.clone()),
            live: Live::new(waker.clone()),
            revision: 1,
            view: View::default(),
            past: Vec::new(),
            future: Vec::new(),
            searched_at: None,
            focus: None,
            selection: BTreeSet::new(),
            queue: None,
            task,
            progress: (0, Progress::default()),
            workspace: Workspace::Explore,
            layouts,
            layout_edited: false,
            layout_name: String::new(),
            panes,
            textures: Textures::new(thumbnails),
            sounds: Sounds::new(&session.dataset().root, waker.clone()),
            filter_bar: FilterBar::default(),
            notices,
            busy: false,
            takes_keys: false,
            view_name: String::new(),
            source_check: None,
            guideline: (session.guideline(), Instant::now()),
            checks: Checks::default(),
            again: None,
            guard: Guard::default(),
            delivery: None,
            restoring: None,
            packet: None,
            packing: None,
            delivered: None,
            edited_file: None,
            code_at: None,
            edited: false,
            seen_uncertain: false,
            shown_at: Instant::now(),
            session,
            waker,
        }
    }

    /// Other guidelines make labels those of an older version: looked at every few seconds.
    fn follow_guidelines(&mut self) {
        let now = Instant::now();
        if now.duration_since(self.guideline.1) < GUIDELINES_AFTER {
            return;
        }
        self.guideline.1 = now;
        let version = self.session.guideline();
        if version != self.guideline.0 {
            self.guideline.0 = version;
            self.revision += 1;
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
        self.follow_guidelines();
        self.live.tick(&self.session, self.revision, &self.view);
        if let Some(result) = self.delivery.as_ref().and_then(Job::take) {
            self.delivery = None;
            self.delivered = Some(result);
        }
        self.refresh_queue();
    }

    /// Whether the data file was found changed, as asked for by [`CommandId::CheckSource`]: the project must then be
    /// opened again.
    pub(super) fn poll_source(&mut self, strings: &'static Strings) -> Option<std::path::PathBuf> {
        let result = self.source_check.as_ref().and_then(Job::take)?;
        self.source_check = None;
        match result {
            Ok(print) if print == self.session.dataset().fingerprint => {
                self.notices.say(strings.source_unchanged);
                None
            }
            Ok(_) => Some(self.session.project().folder().to_owned()),
            Err(error) => {
                self.notices.fail(&error);
                None
            }
        }
    }

    /// Goes back to a state of the past, once it is known what that takes.
    pub(super) fn poll_restore(&mut self, strings: &'static Strings) {
        let Some(result) = self.restoring.as_ref().and_then(Job::take) else { return };
        self.restoring = None;
        match result {
            Ok(restore) => {
                if self.run(&restore, strings) {
                    self.notices.say(strings.restored);
                }
            }
            Err(error) => self.notices.fail(&error),
        }
    }

    /// The selected rows.
    pub(super) fn selection(&self) -> &BTreeSet<u32> {
        &self.selection
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

    /// True once the most uncertain items were looked at in this window.
    pub(super) fn has_seen_uncertain(&self) -> bool {
        self.seen_uncertain
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
        self.live.layers().map_or(0, |layers| Finder::ALL.into_iter().map(|finder| layers.open(finder)).sum())
    }

    /// True while a pane waits for something of its own.
    pub(super) fn is_busy(&self) -> bool {
        self.busy || self.restoring.is_some() || self.packet.is_some() || self.packing.is_some()
    }

    /// True while a pane answers single keys itself.
    pub(super) fn takes_keys(&self) -> bool {
        self.takes_keys
    }

    /// What is under way beside the live values, by name.
    pub(super) fn errands(&self) -> impl Iterator<Item = (&'static str, &crate::engine::Work)> {
        let delivery = self.delivery.as_ref().map(|job| ("deliver", job.work()));
        let reading = self.packet.as_ref().map(|job| ("read packet", job.work()));
        let packing = self.packing.as_ref().map(|job| ("write packet", job.work()));
        let restoring = self.restoring.as_ref().map(|job| ("restore", job.work()));
        [delivery, reading, packing, restoring].into_iter().flatten()
    }

    /// How many items of all are finished in the current task, and the task's name where it has one.
    pub(super) fn finished(&self) -> (Option<&str>, usize) {
        match &self.task {
            Some(task) => (Some(task), self.session.placed().of(self.session.voice(), task).done()),
            None => (None, self.session.own().labelled()),
        }
    }

    /// The queue follows the rule of the view, not the labels: giving a label never makes it jump.
    fn refresh_queue(&mut self) {
        let Some(snapshot) = self.live.snapshot() else { return };
        let rule = self.queue.as_ref().map(|queue| &queue.view);
        if rule != Some(&snapshot.view) && snapshot.view == self.view {
            self.queue = Some(snapshot.clone());
            self.progress.0 = 0;
            let gone = |row| !snapshot.mask.value(row as usize);
            if self.focus.is_none_or(gone) {
                self.focus = self.first_open();
                self.shown_at = Instant::now();
            }
            self.selection.retain(|&row| !gone(row));
        }
        if self.progress.0 != self.revision {
            self.progress = (self.revision, Progress::of(self.queued(), |row| self.state_of(row)));
        }
    }

    /// The rows of the queue in their order.
    fn queued(&self) -> &[u32] {
        self.queue.as_ref().map_or(&[], |queue| queue.rows.as_slice())
    }

    fn first_open(&self) -> Option<u32> {
        let queue = self.queued();
        let next = next_open(queue, 0, |row| self.state_of(row));
        next.and_then(|at| queue.get(at)).or(queue.first()).copied()
    }

    /// The picture that is labelled next is made ready while this one is looked at.
    fn look_ahead(&mut self) {
        if self.workspace != Workspace::Label || !matches!(self.session.content(), Content::Image(_)) {
            return;
        }
        let (Some(queue), Some(focus)) = (&self.queue, self.focus) else { return };
        let next = queue.position(focus).and_then(|at| queue.rows.get(at + 1));
        if let Some(path) = next.and_then(|row| self.session.content_at(*row)) {
            self.textures.ahead(&path);
        }
    }

    /// Draws the panes of the current workspace and carries out what they ask for.
    pub fn panes_ui(&mut self, ui: &mut egui::Ui, strings: &'static Strings, acts: &mut Vec<Act>) {
        self.textures.begin_frame();
        self.look_ahead();
        let workspace = self.workspace;
        let tree = self.layouts.tree(workspace);
        self.busy = false;
        self.takes_keys = false;
        let mut arranged = false;
        let mut cx = PaneCx {
            session: &self.session,
            live: &self.live,
            view: &self.view,
            focus: self.focus,
            shown_at: self.shown_at,
            selection: &self.selection,
            queue: self.queue.as_ref().map_or(&[], |queue| queue.rows.as_slice()),
            task: self.task.as_deref().and_then(|name| self.session.tasks().get(name)),
            again: self.again.is_some() && self.again == self.focus,
            progress: self.progress.1,
            textures: &mut self.textures,
            sounds: &mut self.sounds,
            delivered: self.delivered.as_ref(),
            strings,
            focused: false,
            busy: &mut self.busy,
            takes_keys: &mut self.takes_keys,
            arranged: &mut arranged,
            code_at: &mut self.code_at,
            acts,
        };
        let mut tiles = super::tiles::Tiles { panes: &mut self.panes, cx: &mut cx, edited: false, wanted: None };
        tree.ui(&mut tiles, ui);
        let (edited, wanted) = (tiles.edited, tiles.wanted);
        if let Some((tabs, pane)) = wanted {
            self.layouts.open_pane(workspace, tabs, pane);
        }
        self.layout_edited |= edited || arranged || wanted.is_some();
        // Not while an edge is being dragged: once, when it is let go.
        if self.layout_edited && !ui.input(|input| input.pointer.any_down()) {
            self.layout_edited = false;
            self.layouts.keep(&self.panes);
            let written = self.layouts.write();
            written.unwrap_or_else(|error| self.notices.fail(&error));
        }
    }

    /// Carries out acts in order. What the shell must do itself is handed back.
    pub fn carry_out(&mut self, acts: Vec<Act>, ctx: &egui::Context, strings: &'static Strings) -> Vec<Leave> {
        let mut leave = Vec::new();
        for act in acts {
            match act {
                Act::Run(command) => _ = self.run(&*command, strings),
                Act::Label(class) => self.label(Some(class), strings),
                Act::SetCheckShare(share) => {
                    let set = self.session.configure(|config| {
                        config.settings.check_share = share;
                        Ok(())
                    });
                    set.unwrap_or_else(|error| self.notices.fail(&error));
                }
                Act::Order(order) => self.order(order, strings),
                Act::AddCase => self.add_case(strings),
                Act::ClearLabel => self.label(None, strings),
                Act::LabelRows(rows, class) => {
                    let command = self.label_of(&rows, class);
                    self.run(&command, strings);
                }
                Act::ClearRows(rows) => {
                    let command = Label { class: None, ..self.label_of(&rows, String::new()) };
                    self.run(&command, strings);
                }
                Act::Mark(edits, done) => self.mark(edits, done, strings),
                Act::Unmark(numbers) => self.unmark(&numbers, strings),
                Act::SetTask(task) => self.set_task(task),
                Act::AddTask(kind) => self.add_task(kind, strings),
                Act::SetTaskColumns(columns) => self.change_task(strings, |task| {
                    task.columns = columns;
                    Ok(())
                }),
                Act::SetSkeleton(points, bones) => {
                    self.change_task(strings, |task| task.set_skeleton(points, bones));
                }
                Act::AddRelationClass(name) => {
                    self.change_task(strings, |task| task.relations.add(&name).map(|_| ()));
                }
                Act::Flag(field) => self.flag(field, strings),
                Act::Doubt(doubt) => self.doubt(&doubt, strings),
                Act::SecondChoice(class) => self.second_choice(&class, strings),
                Act::Comment(text) => self.comment(&text, strings),
                Act::SpeakAs(name) => {
                    self.session.speak_as(name.as_deref().map_or(Voice::PROJECT, Voice::of));
                    self.revision += 1;
                }
                Act::TakePacket(path) => self.take_packet(&path),
                Act::WritePacket(path) => self.write_packet(&path),
                Act::Restore(gesture) => {
                    let path = self.session.project().store_path();
                    let plan = move |work: &crate::engine::Work| Restore::to(&path, gesture, work);
                    self.restoring = Some(Job::spawn("restore", self.waker.clone(), plan));
                }
                Act::SetClassKey(class, key) => self.set_class_key(&class, key, strings),
                Act::Say(text) => self.notices.say(&text),
                Act::Fail(error) => self.notices.fail(&error),
                Act::Skip => self.skip(strings),
                Act::SetView(view) => self.set_view(view),
                Act::SaveView(name) => {
                    let view = self.view.clone();
                    let saved = self.session.configure(|config| save_view(config, &name, &view));
                    self.said(saved, strings.saved);
                }
                Act::RemoveView(name) => {
                    let removed = self.session.configure(|config| {
                        remove_view(config, &name);
                        Ok(())
                    });
                    removed.unwrap_or_else(|error| self.notices.fail(&error));
                }
                Act::SaveLayout(name) => {
                    let saved = self.layouts.save(&name, self.workspace);
                    self.said(saved, strings.saved);
                }
                Act::OpenLayout(name) => {
                    if let Some(workspace) = self.layouts.open(&name) {
                        self.workspace = workspace;
                        self.layout_edited = true;
                    }
                }
                Act::RemoveLayout(name) => {
                    let removed = self.layouts.remove(&name);
                    removed.unwrap_or_else(|error| self.notices.fail(&error));
                }
                Act::TakeOverSource => {
                    let taken = self.session.take_over_source();
                    self.said(taken, strings.saved);
                    self.revision += 1;
                }
                Act::Focus(row) => self.look_at(row),
                Act::Reveal(row) => {
                    if self.live.snapshot().is_some_and(|snapshot| snapshot.position(row).is_none()) {
                        self.set_view(View::default());
                    }
                    self.look_at(row);
                }
                Act::Select(rows) => self.selection = rows.into_iter().collect(),
                Act::EditFunctions(index, text) => {
                    if let Some(old) = self.session.functions.text_mut(index) {
                        *old = text;
                        self.edited_file = self.session.functions.files().get(index).map(|file| file.name.clone());
                        self.edited = true;
                        self.revision += 1;
                    }
                }
                Act::SaveFunctions(index) => {
                    let saved = self.session.functions.save(index);
                    self.said(saved, strings.saved);
                }
                Act::AllowExternal(file) => match self.session.allow_external(&file) {
                    Ok(()) => self.revision += 1,
                    Err(error) => self.notices.fail(&error),
                },
                Act::AddFunctions(name) => match self.session.functions.add(&name, "ABSTAIN = None\n") {
                    Ok(_) => self.revision += 1,
                    Err(error) => self.notices.fail(&error),
                },
                Act::Declare(declaration) => self.declare(&declaration, strings),
                Act::RefuseFunction(call) => self.refuse_function(call),
                Act::ForgetRefusals => self.forget_refusals(),
                Act::ShowLine(file, line) => self.show_line(file, line),
                Act::Train => self.live.train(),
                Act::MakeMap => self.live.map(),
                Act::Look => self.live.look(),
                Act::SetCut(cut) => self.set_findings(|settings| settings.error_cut = cut),
                Act::SetKeep(keep) => self.set_findings(|settings| settings.keep = Some(keep.to_owned())),
                Act::SuggestExpectations => match suggest_expectations(&self.session, &self.live) {
                    Ok(count) => {
                        self.notices.say(&strings.expectations_suggested(count as u64));
                        self.live.check_again();
                    }
                    Err(error) => self.notices.fail(&error),
                },
                Act::CheckExpectations => self.live.check_again(),
                Act::SetLabelModel(model) => {
                    let set = self.session.configure(|config| {
                        config.settings.label_model = model;
                        Ok(())
                    });
                    set.unwrap_or_else(|error| self.notices.fail(&error));
                    self.revision += 1;
                }
                Act::AddClass(name) => self.add_class(&name, strings),
                Act::Deliver(options) => self.deliver(options),
                Act::Go(workspace) => self.workspace = workspace,
                Act::EndTour => {
                    let ended = self.session.configure(|config| {
                        config.settings.tour = false;
                        Ok(())
                    });
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

    /// Changes a setting that findings depend on; they follow.
    fn set_findings(&mut self, change: impl FnOnce(&mut crate::project::Settings)) {
        let set = self.session.configure(|config| {
            change(&mut config.settings);
            Ok(())
        });
        set.unwrap_or_else(|error| self.notices.fail(&error));
        self.revision += 1;
        self.live.follow_settings(&self.session);
    }

    /// Says that something worked, or why not.
    fn said(&mut self, result: Result<()>, done: &str) {
        match result {
            Ok(()) => self.notices.say(done),
            Err(error) => self.notices.fail(&error),
        }
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
            CommandId::MoreLikeThis => self.more_like_this(strings),
            CommandId::Uncertain => self.uncertain(strings),
            CommandId::MeasureImages => self.live.measure_images(),
            CommandId::MakeMap => self.live.map(),
            CommandId::PlayPause => self.sounds.toggle(),
            CommandId::NextSavedView => self.step_view(1),
            CommandId::PreviousSavedView => self.step_view(-1),
            CommandId::CheckSource => {
                let path = self.session.project().data_path();
                let job = Job::spawn("check source", self.waker.clone(), move |work| source_print(&path, work));
                self.source_check = Some(job);
            }
            CommandId::Filter => self.filter_bar.ask_focus(true),
            CommandId::Search => self.filter_bar.ask_focus(false),
            CommandId::NextRow => self.step(1),
            CommandId::PreviousRow => self.step(-1),
            CommandId::OpenInLabel => self.workspace = Workspace::Label,
            CommandId::Skip => self.skip(strings),
            CommandId::ClearLabel => self.label(None, strings),
            CommandId::Unsure => self.flag(UNSURE, strings),
            CommandId::BadItem => self.flag(BAD, strings),
            CommandId::Brighter | CommandId::Darker | CommandId::MoreContrast | CommandId::LessContrast => {
                let now = self.textures.adjust();
                self.textures.set_adjust(match id {
                    CommandId::Brighter => now.brighter(ADJUST),
                    CommandId::Darker => now.brighter(-ADJUST),
                    CommandId::MoreContrast => now.stronger(ADJUST),
                    _ => now.stronger(-ADJUST),
                });
            }
            CommandId::PlainPicture => self.textures.set_adjust(Adjust::default()),
            CommandId::NewFunction => self.show_pane(Workspace::Functions, "suggest"),
            CommandId::LabelForFunctions => self.label_for_functions(strings),
            CommandId::Train => self.live.train(),
            CommandId::Look => self.live.look(),
            CommandId::Save => self.save_functions(strings),
            CommandId::Workspace(index) => {
                if let Some(workspace) = Workspace::ALL.get(usize::from(index)) {
                    self.workspace = *workspace;
                }
            }
            CommandId::ResetLayout => {
                let reset = self.layouts.reset(self.workspace);
                reset.unwrap_or_else(|error| self.notices.fail(&error));
            }
            CommandId::CloseProject => return Some(Leave::Close),
            CommandId::FilterToSelection => self.filter_to_selection(false, strings),
            CommandId::ExcludeSelection => self.filter_to_selection(true, strings),
            CommandId::SelectAll => self.select_where(|_| true),
            CommandId::InvertSelection => {
                let before = std::mem::take(&mut self.selection);
                self.select_where(|row| !before.contains(&row));
            }
            // A pane answers these itself.
            CommandId::Tool(_)
            | CommandId::CopyPrevious
            | CommandId::BrushSmaller
            | CommandId::BrushLarger
            | CommandId::WholeWords
            | CommandId::MarkEqual
            | CommandId::Relate
            | CommandId::PointAbsent
            | CommandId::PointHidden => {}
            CommandId::OpenFile
            | CommandId::Keys
            | CommandId::OpenFolder
            | CommandId::Palette
            | CommandId::GoTo
            | CommandId::Shortcuts
            | CommandId::ToggleTheme
            | CommandId::ToggleLanguage => {
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

    fn look_at(&mut self, row: u32) {
        if self.focus != Some(row) {
            // Served again it is only until something else is looked at.
            self.again = self.again.filter(|again| *again == row);
            self.focus = Some(row);
            self.shown_at = Instant::now();
        }
    }

    fn step(&mut self, by: isize) {
        let queue = if self.workspace == Workspace::Label { self.queue.as_ref() } else { self.live.snapshot() };
        let Some(snapshot) = queue.cloned() else { return };
        let here = self.focus.and_then(|row| snapshot.position(row));
        let next = here.map_or(Some(0), |at| at.checked_add_signed(by));
        if let Some(row) = next.and_then(|at| snapshot.rows.get(at)) {
            self.look_at(*row);
        }
    }

    /// Narrows the view to the selected rows, or to all but these.
    fn filter_to_selection(&mut self, negated: bool, strings: &'static Strings) {
        let rows = self.selection.iter();
        let items: Selection = rows.filter_map(|&row| self.session.dataset().id(Row(row))).collect();
        if items.is_empty() {
            self.notices.say(strings.nothing_selected);
            return;
        }
        let name = strings.rows_count(items.len() as u64);
        let mut view = self.view.clone();
        view.filters.push(Chip { negated, ..Chip::of_items(items, name, "selection") });
        self.set_view(view);
        self.selection.clear();
    }

    /// Sorts by similarity to the selected rows, else to the one that is looked at.
    fn more_like_this(&mut self, strings: &'static Strings) {
        let mut rows: Vec<u32> = self.selection.iter().copied().collect();
        if rows.is_empty() {
            rows.extend(self.focus);
        }
        if rows.is_empty() {
            self.notices.say(strings.nothing_selected);
            return;
        }
        self.live.find_similar(rows);
        let sort = vec![SortKey { column: SIMILARITY.to_owned(), descending: true }];
        self.set_view(View { sort, ..self.view.clone() });
    }

    /// Selects the rows in view for which `keep` holds.
    fn select_where(&mut self, keep: impl Fn(u32) -> bool) {
        if let Some(snapshot) = self.live.snapshot() {
            self.selection = snapshot.rows.iter().copied().filter(|&row| keep(row)).collect();
        }
    }

    /// Opens the saved view `by` places further on, going round.
    fn step_view(&mut self, by: isize) {
        let views = self.session.views().clone();
        let here = views.iter().position(|saved| saved.view == self.view);
        let next = match (here, by) {
            (Some(at), by) => (at as isize + by).rem_euclid(views.len() as isize) as usize,
            (None, 1) => 0,
            (None, _) => views.len().saturating_sub(1),
        };
        if let Some(saved) = views.get(next) {
            self.set_view(saved.view.clone());
        }
    }

    fn set_view(&mut self, view: View) {
        if view != self.view {
            // A search is one step of the history, not one for each letter.
            let typing = View { search: view.search.clone(), ..self.view.clone() } == view;
            let goes_on = typing && self.searched_at.is_some_and(|at| at.elapsed() < SAME_SEARCH);
            self.searched_at = typing.then(Instant::now);
            let before = std::mem::replace(&mut self.view, view);
            if goes_on {
                return;
            }
            self.past.push(before);
            self.future.clear();
            if self.past.len() > VIEW_STEPS {
                self.past.remove(0);
            }
        }
    }

    fn save_functions(&mut self, strings: &'static Strings) {
        let saved = self.session.functions.save_all();
        self.said(saved, strings.saved);
    }

    /// Saves what is not saved by itself. To be called before the project is closed.
    ///
    /// # Errors
    /// If the disk does not allow it; the project should then stay open.
    pub(super) fn leave(&mut self) -> Result<()> {
        self.session.functions.save_all()
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
    let folder = Some(session.project().thumbnail_folder());
    Thumbnails::new(root, Settings { folder, ..Settings::default() }, waker.clone())
}
