//! The window's frame: what is shown when no project is open, and around one that is.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use eframe::egui;

use super::act::Act;
use super::form::{Form, FormAnswer};
use super::keymap::{Keymap, keymap};
use super::keys::{CommandId, Scope};
use super::keys_list::KeysList;
use super::palette::{Overlay, Palette};
use super::prefs::{Prefs, Theme};
use super::strings::{Language, Strings};
use super::theme::{self, Tokens, icons, size, space};
use super::widgets::{Named, NamedEvent, NamedList};
use super::workbench::{Leave, Workbench};
use super::workspace::Workspace;
use super::{Start, welcome, widgets};
use crate::engine::{Error, Job, Result, Waker};
use crate::project::{Packet, Project, default_folder, remember_project};
use crate::session::{Proposal, Session, make_sample, sample_folder, unpack};

/// What fills the window.
enum Stage {
    Welcome {
        error: Option<Error>,
    },
    /// A project is being opened, or a file looked at.
    Opening {
        what: String,
        job: Opening,
    },
    Form(Box<Form>),
    Open(Box<Workbench>),
}

enum Opening {
    Project(Job<Session>),
    Proposal(Job<Proposal>),
}

/// The window.
pub struct Shell {
    stage: Stage,
    prefs: Prefs,
    palette: Option<Palette>,
    shortcuts: bool,
    /// The list in which keys are changed.
    keys: Option<KeysList>,
    /// What is still to be opened, set before the first frame.
    start: Option<Start>,
    started: Instant,
    renderer: Option<eframe::Renderer>,
    waker: Waker,
    dialog: Option<Job<Option<PathBuf>>>,
    /// The project that was open, kept until what is opened in its place is there.
    back: Option<Box<Workbench>>,
    first_frame: bool,
}

impl Shell {
    /// A window that will show `start`.
    pub fn new(start: Start, prefs: Prefs, started: Instant, renderer: eframe::Renderer) -> Self {
        Self {
            stage: Stage::Welcome { error: None },
            prefs,
            palette: None,
            shortcuts: false,
            keys: None,
            start: Some(start),
            started,
            renderer: Some(renderer),
            waker: Arc::new(|| {}),
            dialog: None,
            back: None,
            first_frame: true,
        }
    }

    /// Installs fonts and looks into a context, before the first frame.
    #[must_use]
    pub fn prepared(self, ctx: &egui::Context) -> Self {
        theme::install(ctx);
        theme::system_font_fallback(ctx, self.prefs.language.tag());
        self.attach(ctx)
    }

    /// As [`Self::prepared`], without asking the system for fonts: for tests, which must look the same everywhere.
    #[must_use]
    pub fn attached(mut self, ctx: &egui::Context) -> Self {
        self.renderer = None;
        theme::install(ctx);
        self.attach(ctx)
    }

    fn attach(mut self, ctx: &egui::Context) -> Self {
        self.prefs.apply(ctx);
        let repaint = ctx.clone();
        self.waker = Arc::new(move || repaint.request_repaint());
        match self.start.take() {
            Some(Start::Path(path)) => self.open(path),
            _ => self.stage = Stage::Welcome { error: None },
        }
        self
    }

    /// Opens a project folder, or looks at a data file to make a project from it.
    pub fn open(&mut self, path: PathBuf) {
        let what =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        if !self.leave() {
            return;
        }
        if let Stage::Open(bench) = std::mem::replace(&mut self.stage, Stage::Welcome { error: None }) {
            // The same project is closed first: its lock must be free.
            let same = path.canonicalize().is_ok_and(|path| path == bench.session().project().folder());
            self.back = (!same).then_some(bench);
        }
        let waker = self.waker.clone();
        let job = if Project::is_at(&path) {
            Opening::Project(Job::spawn("open project", waker, move |work| Session::open(&path, work)))
        } else if Packet::is_at(&path) {
            Opening::Project(Job::spawn("open packet", waker, move |work| {
                let folder = default_folder(&path);
                unpack(&path, &folder, work)?;
                Session::open(&folder, work)
            }))
        } else {
            Opening::Proposal(Job::spawn("look at data", waker, move |work| Proposal::for_data(&path, work)))
        };
        self.stage = Stage::Opening { what, job };
    }

    /// Saves what is not saved by itself. False if that failed: the project then stays open and says why.
    fn leave(&mut self) -> bool {
        let Stage::Open(bench) = &mut self.stage else { return true };
        let left = bench.leave();
        left.inspect_err(|error| bench.notices.fail(error)).is_ok()
    }

    /// Goes back to the project that was open, else to the welcome screen.
    fn go_back(&mut self, error: Option<Error>) {
        self.stage = match self.back.take() {
            Some(mut bench) => {
                error.iter().for_each(|error| bench.notices.fail(error));
                Stage::Open(bench)
            }
            None => Stage::Welcome { error },
        };
    }

    /// Makes a project from a bundled sample, in the person's documents or wherever files may be made, and opens it.
    pub fn open_sample(&mut self, name: &str) {
        let (sample, what) = (name.to_owned(), name.to_owned());
        let job = Job::spawn("make sample", self.waker.clone(), move |work| {
            let folder = sample_folder(&sample)?;
            if !Project::is_at(&folder) {
                make_sample(&sample, &folder, work)?;
            }
            Session::open(&folder, work)
        });
        self.stage = Stage::Opening { what, job: Opening::Project(job) };
    }

    /// The open project, if there is one.
    pub fn workbench(&self) -> Option<&Workbench> {
        match &self.stage {
            Stage::Open(bench) => Some(bench),
            _ => None,
        }
    }

    /// True if nothing is being opened or computed: what is shown is final.
    pub fn is_settled(&self) -> bool {
        match &self.stage {
            Stage::Opening { .. } => false,
            Stage::Form(form) => !form.is_busy(),
            Stage::Open(bench) => bench.live.is_settled() && bench.errands().next().is_none() && !bench.is_busy(),
            Stage::Welcome { .. } => true,
        }
    }

    fn poll(&mut self) {
        if let Some(Ok(Some(path))) = self.dialog.as_ref().and_then(Job::take) {
            self.dialog = None;
            self.open(path);
        }
        if let Stage::Form(form) = &mut self.stage {
            match form.poll() {
                Some(FormAnswer::Made(folder)) => self.open(folder),
                Some(FormAnswer::Cancelled) => self.go_back(None),
                None => {}
            }
        }
        let Stage::Opening { job, .. } = &self.stage else { return };
        let next: Option<Result<Stage>> = match job {
            Opening::Project(job) => job.take().map(|result| result.map(|session| self.bench(session))),
            Opening::Proposal(job) => job
                .take()
                .map(|result| result.map(|proposal| Stage::Form(Box::new(Form::new(proposal, self.waker.clone()))))),
        };
        match next {
            Some(Ok(next)) => {
                if matches!(next, Stage::Open(_)) {
                    self.back = None;
                }
                self.stage = next;
            }
            Some(Err(error)) => self.go_back(Some(error).filter(|error| !error.is_cancelled())),
            None => {}
        }
    }

    fn bench(&self, session: Session) -> Stage {
        // A window of a test leaves no trace in the person's list.
        if self.renderer.is_some() {
            remember_project(session.project().folder(), &session.project().config.name);
        }
        Stage::Open(Box::new(Workbench::new(session, self.waker.clone())))
    }

    fn set_theme(&mut self, ctx: &egui::Context) {
        self.prefs.theme = if ctx.theme() == egui::Theme::Dark { Theme::Light } else { Theme::Dark };
        self.prefs.apply(ctx);
        self.prefs.write();
    }

    fn set_language(&mut self, ctx: &egui::Context) {
        self.prefs.language = match self.prefs.language {
            Language::English => Language::Korean,
            Language::Korean => Language::English,
        };
        self.prefs.apply(ctx);
        self.prefs.write();
    }

    /// Chooses a file or folder with the system's dialog, on a thread of its own: some desktops take seconds.
    fn ask_path(&mut self, folder: bool) {
        self.dialog = Some(Job::spawn("file dialog", self.waker.clone(), move |_| {
            let dialog = rfd::FileDialog::new();
            Ok(if folder { dialog.pick_folder() } else { dialog.pick_file() })
        }));
    }
}

impl eframe::App for Shell {
    fn logic(&mut self, ctx: &egui::Context, _: &mut eframe::Frame) {
        self.logic_of(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        self.draw(ui);
        self.note_first_frame();
    }

    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        // What cannot be saved now cannot be asked about any more: the log says it.
        if let Stage::Open(bench) = &mut self.stage
            && let Err(error) = bench.leave()
        {
            tracing::error!("{error}");
        }
    }

    fn clear_color(&self, _: &egui::Visuals) -> [f32; 4] {
        egui::Rgba::BLACK.to_array()
    }
}

impl Shell {
    /// What happens before each frame, also while the window is hidden.
    pub fn logic_of(&mut self, _: &egui::Context) {
        self.poll();
        if let Stage::Open(bench) = &mut self.stage {
            bench.logic();
        }
    }

    /// Draws the whole window.
    pub fn draw(&mut self, ui: &mut egui::Ui) {
        let ctx = ui.ctx().clone();
        let strings = Strings::of(self.prefs.language);
        if let Some(path) = ctx.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned())) {
            self.open(path);
        }
        if let Stage::Open(bench) = &mut self.stage
            && let Some(path) = bench.poll_source(strings)
        {
            self.open(path);
        }
        if let Stage::Open(bench) = &mut self.stage {
            bench.poll_restore(strings);
            bench.poll_packet(strings);
            bench.poll_packing(strings);
        }
        let mut acts = self.key_acts(&ctx);
        match &mut self.stage {
            Stage::Welcome { error } => {
                let answer = welcome::ui(ui, strings, error.as_ref());
                self.answer_welcome(answer, &ctx);
            }
            Stage::Opening { what, job } => {
                let work = match job {
                    Opening::Project(job) => job.work(),
                    Opening::Proposal(job) => job.work(),
                };
                if welcome::opening_ui(ui, strings, what, work) {
                    work.cancel();
                }
                ctx.request_repaint_after(std::time::Duration::from_millis(100));
            }
            Stage::Form(form) => form.ui(ui, strings),
            Stage::Open(bench) => bench_ui(ui, bench, strings, &mut acts),
        }
        self.overlays(&ctx, strings, &mut acts);
        if ctx.input(|input| !input.raw.hovered_files.is_empty()) {
            welcome::drop_ui(&ctx, strings);
        }
        self.carry_out(acts, &ctx, strings);
    }

    fn answer_welcome(&mut self, answer: Option<welcome::Answer>, ctx: &egui::Context) {
        match answer {
            Some(welcome::Answer::OpenFile) => self.ask_path(false),
            Some(welcome::Answer::OpenFolder) => self.ask_path(true),
            Some(welcome::Answer::Path(path)) => self.open(path),
            Some(welcome::Answer::Sample(name)) => self.open_sample(&name),
            Some(welcome::Answer::Theme) => self.set_theme(ctx),
            Some(welcome::Answer::Language) => self.set_language(ctx),
            None => {}
        }
    }

    fn carry_out(&mut self, acts: Vec<Act>, ctx: &egui::Context, strings: &'static Strings) {
        let Stage::Open(bench) = &mut self.stage else {
            let own = acts.into_iter().filter_map(|act| if let Act::Command(id) = act { Some(id) } else { None });
            own.collect::<Vec<_>>().into_iter().for_each(|id| self.own_command(id, ctx));
            return;
        };
        for leave in bench.carry_out(acts, ctx, strings) {
            match leave {
                Leave::Close => {
                    if self.leave() {
                        self.stage = Stage::Welcome { error: None };
                    }
                    return;
                }
                Leave::Open(path) => return self.open(path),
                Leave::Command(id) => self.own_command(id, ctx),
            }
        }
    }

    fn own_command(&mut self, id: CommandId, ctx: &egui::Context) {
        match id {
            CommandId::Palette | CommandId::GoTo => {
                let bench = self.workbench().filter(|_| id == CommandId::GoTo);
                let keys = Keymap::read(&self.prefs.keys);
                self.palette = Some(Palette::new(Strings::of(self.prefs.language), bench, &keys));
            }
            CommandId::Shortcuts => self.shortcuts = true,
            CommandId::Keys => self.keys = Some(KeysList::default()),
            CommandId::ToggleTheme => self.set_theme(ctx),
            CommandId::ToggleLanguage => self.set_language(ctx),
            CommandId::OpenFile => self.ask_path(false),
            CommandId::OpenFolder => self.ask_path(true),
            _ => {}
        }
    }

    /// The keys pressed in this frame, as acts. Keys of a scope that does not hold now are left to the widgets.
    fn key_acts(&mut self, ctx: &egui::Context) -> Vec<Act> {
        let mut acts = Vec::new();
        if self.palette.is_some() || self.shortcuts || self.keys.is_some() {
            return acts;
        }
        let typing = ctx.text_edit_focused();
        let bench = self.workbench();
        let workspace = bench.map(|bench| bench.workspace);
        let labelling = workspace == Some(Workspace::Label);
        // Keys that move ends of spans and tools of shapes: what they mean elsewhere waits.
        let marking = labelling && bench.is_some_and(|bench| bench.task().is_some() || bench.takes_keys());
        // There Enter takes what is proposed.
        let enter_is_taken = labelling || workspace == Some(Workspace::Clean);
        // A control that has the keyboard's focus answers Enter itself.
        let control = ctx.memory(|memory| memory.focused().is_some());
        for (command, key) in keymap(ctx).in_order() {
            let allowed = match command.scope {
                Scope::Global => true,
                Scope::Plain => !typing,
                Scope::Rows => {
                    !(typing || marking || (control || enter_is_taken) && command.id == CommandId::OpenInLabel)
                }
                Scope::Label => labelling && !typing,
                Scope::Classes => labelling && !typing && !marking,
                Scope::Shapes | Scope::Spans | Scope::Points => false,
            };
            if !allowed {
                continue;
            }
            let hit = ctx.input_mut(|input| {
                // Shift may or may not be held for a character that needs it on some keyboards and not on others.
                if key.logical_key == egui::Key::Questionmark {
                    input.consume_key(egui::Modifiers::SHIFT, key.logical_key)
                        || input.consume_key(egui::Modifiers::NONE, key.logical_key)
                } else {
                    input.consume_shortcut(&key)
                }
            });
            if hit {
                acts.push(Act::Command(command.id));
            }
        }
        if let (true, false, Some(bench)) = (labelling && !marking, typing, self.workbench())
            && let Some(key) = widgets::class_key(ctx)
            && let Some(class) =
                bench.session.classes().by_key(key).and_then(|index| bench.session.classes().get(index))
        {
            // With Shift it is what the item might be instead.
            let second = ctx.input(|input| input.modifiers.shift);
            let name = class.name.clone();
            acts.push(if second { Act::SecondChoice(name) } else { Act::Label(name) });
        }
        acts
    }

    fn overlays(&mut self, ctx: &egui::Context, strings: &'static Strings, acts: &mut Vec<Act>) {
        if let Some(palette) = &mut self.palette {
            match palette.ui(ctx, strings) {
                Some(Some(goal)) => {
                    self.palette = None;
                    acts.push(goal.into());
                }
                Some(None) => self.palette = None,
                None => {}
            }
        }
        if self.shortcuts {
            let classes = self.workbench().map(|bench| bench.session.classes().clone()).unwrap_or_default();
            let overlay = super::palette::shortcuts_ui(ctx, strings, &classes);
            self.shortcuts = overlay == Overlay::Open;
            if overlay == Overlay::Change {
                self.keys = Some(KeysList::default());
            }
        }
        self.keys_ui(ctx, strings);
    }

    /// The list of keys; what is changed holds at once and is kept.
    fn keys_ui(&mut self, ctx: &egui::Context, strings: &'static Strings) {
        let classes = self.workbench().map(Workbench::class_keys).unwrap_or_default();
        let Some(list) = &mut self.keys else { return };
        let mut keys = Keymap::read(&self.prefs.keys);
        let before = keys.clone();
        let open = list.ui(ctx, strings, &mut keys, &classes);
        if !open {
            self.keys = None;
        }
        if keys != before {
            self.prefs.keys = keys.texts();
            self.prefs.apply(ctx);
            // A window of a test leaves no trace.
            if self.renderer.is_some() {
                self.prefs.write();
            }
        }
    }

    /// Reports the time to the first frame to the log, and remembers the renderer that worked.
    fn note_first_frame(&mut self) {
        if !std::mem::take(&mut self.first_frame) {
            return;
        }
        super::FRAMES.store(true, std::sync::atomic::Ordering::Relaxed);
        tracing::info!(milliseconds = self.started.elapsed().as_millis() as u64, "first frame");
        if std::env::var_os("LAPIDARY_FIRST_FRAME").is_some() {
            println!("first frame after {} ms", self.started.elapsed().as_millis());
        }
        if let Some(renderer) = self.renderer {
            let name = Some(renderer.to_string());
            if self.prefs.renderer != name {
                self.prefs.renderer = name;
                self.prefs.write();
            }
        }
    }
}

/// An open project: rail, filter bar, panes, status bar.
fn bench_ui(ui: &mut egui::Ui, bench: &mut Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    let tokens = Tokens::of(ui);
    let frame = |fill| egui::Frame::NONE.fill(fill);
    egui::Panel::top("filter bar")
        .exact_size(size::TOOLBAR)
        .frame(frame(tokens.panel).inner_margin(egui::Margin::symmetric(space::S as i8, 0)))
        .show(ui, |ui| super::filter_bar::ui(ui, bench, strings, acts));
    if super::source_banner::is_needed(bench) {
        egui::Panel::top("source banner")
            .exact_size(size::TOOLBAR)
            .frame(frame(tokens.tint(tokens.warning)).inner_margin(egui::Margin::symmetric(space::S as i8, 0)))
            .show(ui, |ui| super::source_banner::ui(ui, bench, strings, acts));
    }
    egui::Panel::bottom("status bar")
        .exact_size(size::STATUS_BAR)
        .frame(frame(tokens.app).inner_margin(egui::Margin::symmetric(space::S as i8, 0)))
        .show(ui, |ui| super::status_bar::ui(ui, bench, strings, acts));
    egui::Panel::left("workspaces")
        .exact_size(RAIL)
        .resizable(false)
        .frame(frame(tokens.app).inner_margin(egui::Margin::symmetric(space::XS as i8, space::S as i8)))
        .show(ui, |ui| rail_ui(ui, bench, strings, acts));
    egui::CentralPanel::default().frame(frame(tokens.app)).show(ui, |ui| bench.panes_ui(ui, strings, acts));
    super::tour::ui(ui.ctx(), bench, strings, acts);
    bench.notices.ui(ui.ctx(), strings);
}

/// Wide enough for the longest Korean and English name in caption size.
const RAIL: f32 = 68.0;

fn rail_ui(ui: &mut egui::Ui, bench: &mut Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    let current = bench.workspace;
    ui.spacing_mut().item_spacing.y = space::XS;
    for (index, workspace) in Workspace::ALL.into_iter().enumerate() {
        if rail_button(ui, workspace.icon(), workspace.name(strings), index + 1, workspace == current) {
            acts.push(Act::Go(workspace));
        }
    }
    ui.with_layout(egui::Layout::bottom_up(egui::Align::Center), |ui| {
        for (icon, name, id) in [
            (icons::QUESTION, strings.shortcuts, CommandId::Shortcuts),
            (icons::TRANSLATE, strings.toggle_language, CommandId::ToggleLanguage),
            (if Tokens::of(ui).dark { icons::SUN } else { icons::MOON }, strings.toggle_theme, CommandId::ToggleTheme),
            (icons::HOUSE, strings.close_project, CommandId::CloseProject),
        ] {
            if widgets::icon_button(ui, icon, name, None).clicked() {
                acts.push(Act::Command(id));
            }
        }
        layouts_ui(ui, bench, strings, acts);
    });
}

/// The saved arrangements of panes.
fn layouts_ui(ui: &mut egui::Ui, bench: &mut Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    let named = |name: &str| Named { name: name.to_owned(), about: String::new(), chosen: false };
    let items: Vec<Named> = bench.layouts.names().map(named).collect();
    let button = widgets::icon_button(ui, icons::SIDEBAR_SIMPLE, strings.layouts, None);
    let list = NamedList { field: strings.layout_name, items: &items, none: strings.layouts_none, blocked: None };
    let name = |at: usize| items.get(at).map(|item| item.name.clone());
    match list.show(&button, &mut bench.layout_name) {
        Some(NamedEvent::Save(name)) => acts.push(Act::SaveLayout(name)),
        Some(NamedEvent::Open(at)) => acts.extend(name(at).map(Act::OpenLayout)),
        Some(NamedEvent::Remove(at)) => acts.extend(name(at).map(Act::RemoveLayout)),
        None => {}
    }
}

/// An icon over its name; the whole place is the button.
fn rail_button(ui: &mut egui::Ui, icon: &str, name: &str, number: usize, selected: bool) -> bool {
    let tokens = Tokens::of(ui);
    let wanted = egui::vec2(ui.available_width(), 48.0);
    let (rect, response) = ui.allocate_exact_size(wanted, egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Tab, true, selected, name));
    let fill = match (selected, response.hovered()) {
        (true, _) => tokens.selection,
        (false, true) => tokens.hover,
        _ => egui::Color32::TRANSPARENT,
    };
    let color = if selected { tokens.text } else { tokens.weak };
    let painter = ui.painter();
    painter.rect_filled(rect, 6.0, fill);
    if response.has_focus() {
        painter.rect_stroke(rect, 6.0, egui::Stroke::new(size::FOCUS_RING, tokens.accent), egui::StrokeKind::Inside);
    }
    painter.text(
        rect.center_top() + egui::vec2(0.0, 16.0),
        egui::Align2::CENTER_CENTER,
        icon,
        theme::icon(20.0),
        color,
    );
    painter.text(
        rect.center_bottom() - egui::vec2(0.0, 11.0),
        egui::Align2::CENTER_CENTER,
        name,
        theme::caption(),
        color,
    );
    response.on_hover_text(format!("{name}  Ctrl+{number}")).clicked()
}
