//! The short form: what the columns of new data mean. Filled in with a good guess; one key makes the project.

use std::path::PathBuf;

use eframe::egui;

use super::strings::Strings;
use super::theme::{self, Tokens, space};
use super::widgets::{self, Button, ButtonKind};
use crate::data::Kind;
use crate::engine::{Error, Job, Waker};
use crate::project::default_folder;
use crate::session::{Choice, Proposal, create_project};

/// How the form ended.
pub(super) enum FormAnswer {
    Made(PathBuf),
    Cancelled,
}

/// The open form.
pub(super) struct Form {
    proposal: Proposal,
    choice: Choice,
    classes: String,
    folder: String,
    making: Option<Job<PathBuf>>,
    error: Option<Error>,
    cancelled: bool,
    /// A project that is there already and is to be opened instead.
    chosen: Option<PathBuf>,
    waker: Waker,
}

const WIDTH: f32 = 640.0;

/// A field of the form and the column it names.
type Slot = fn(&mut Choice) -> &mut Option<String>;

impl Form {
    pub fn new(proposal: Proposal, waker: Waker) -> Self {
        let choice = proposal.choice.clone();
        let folder = default_folder(&proposal.data).display().to_string();
        Self {
            choice,
            folder,
            proposal,
            classes: String::new(),
            making: None,
            error: None,
            cancelled: false,
            chosen: None,
            waker,
        }
    }

    /// True while the project is being made.
    pub fn is_busy(&self) -> bool {
        self.making.is_some()
    }

    /// How the form ended, once it has.
    pub fn poll(&mut self) -> Option<FormAnswer> {
        if self.cancelled {
            return Some(FormAnswer::Cancelled);
        }
        if let Some(folder) = self.chosen.take() {
            return Some(FormAnswer::Made(folder));
        }
        let result = self.making.as_ref()?.take()?;
        self.making = None;
        match result {
            Ok(folder) => Some(FormAnswer::Made(folder)),
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    fn make(&mut self) {
        let mut choice = self.choice.clone();
        choice.classes =
            self.classes.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        let (data, folder) = (self.proposal.data.clone(), PathBuf::from(self.folder.trim()));
        self.error = None;
        self.making = Some(Job::spawn("make project", self.waker.clone(), move |work| {
            create_project(&folder, &data, &choice, &[], work).map(|_| folder)
        }));
    }

    pub fn ui(&mut self, ui: &mut egui::Ui, strings: &'static Strings) {
        let tokens = Tokens::of(ui);
        egui::CentralPanel::default().frame(egui::Frame::NONE.fill(tokens.app)).show(ui, |ui| {
            egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                let side = ((ui.available_width() - WIDTH) / 2.0).max(space::L);
                ui.horizontal(|ui| {
                    ui.add_space(side);
                    ui.vertical(|ui| {
                        ui.set_width(WIDTH.min(ui.available_width() - space::L));
                        ui.add_space(space::XXL);
                        self.content_ui(ui, strings);
                        ui.add_space(space::XL);
                    });
                });
            });
        });
    }

    fn content_ui(&mut self, ui: &mut egui::Ui, strings: &'static Strings) {
        let tokens = Tokens::of(ui);
        let name = self.proposal.data.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        ui.label(egui::RichText::new(strings.new_project).font(theme::page()));
        ui.label(
            egui::RichText::new(format!("{name}  ·  {}", strings.rows_count(self.proposal.rows as u64)))
                .color(tokens.weak),
        );
        for note in &self.proposal.notes {
            ui.label(egui::RichText::new(note).font(theme::caption()).color(tokens.weak));
        }
        if let Some(folder) = self.proposal.existing.clone() {
            ui.add_space(space::M);
            let text = strings.project_exists(&folder.display().to_string());
            if widgets::Banner::new(widgets::Tone::Info, &text).action(strings.open).show(ui).is_some() {
                self.chosen = Some(folder);
            }
        }
        ui.add_space(space::L);
        let is_text = |kind: Kind| matches!(kind, Kind::Text | Kind::Category);
        let any = |_: Kind| true;
        let images = self.proposal.columns.iter().any(|column| column.kind == Kind::Image);
        if images {
            self.column_ui(
                ui,
                strings.image_column,
                strings.image_column_why,
                |choice| &mut choice.image,
                &|kind| matches!(kind, Kind::Image | Kind::Text | Kind::Category),
                strings,
            );
        }
        if self.proposal.columns.iter().any(|column| column.kind == Kind::Audio) {
            self.column_ui(
                ui,
                strings.audio_column,
                strings.audio_column_why,
                |choice| &mut choice.audio,
                &|kind| matches!(kind, Kind::Audio | Kind::Text | Kind::Category),
                strings,
            );
        }
        if !images {
            self.column_ui(
                ui,
                strings.text_column,
                strings.text_column_why,
                |choice| &mut choice.text,
                &is_text,
                strings,
            );
        }
        if self.choice.text.is_none() && self.choice.image.is_none() && self.choice.audio.is_none() {
            ui.label(egui::RichText::new(strings.whole_rows).color(tokens.weak));
            ui.add_space(space::S);
        }
        self.column_ui(ui, strings.label_column, strings.label_column_why, |choice| &mut choice.label, &any, strings);
        self.column_ui(ui, strings.gold_column, strings.gold_column_why, |choice| &mut choice.gold, &any, strings);
        self.column_ui(ui, strings.id_column, strings.id_column_why, |choice| &mut choice.id, &any, strings);
        widgets::Field::new(strings.classes)
            .why(strings.classes_why)
            .hint(strings.classes_hint)
            .width(WIDTH - space::L)
            .show(ui, &mut self.classes);
        ui.add_space(space::S);
        widgets::Field::new(strings.project_folder)
            .why(strings.project_folder_why)
            .width(WIDTH - space::L)
            .show(ui, &mut self.folder);
        ui.add_space(space::M);
        if let Some(error) = &self.error {
            widgets::Banner::of_error(error, strings).show(ui);
            ui.add_space(space::M);
        }
        ui.horizontal(|ui| {
            let ready = self.making.is_none();
            let create = Button::new(strings.create_project).kind(ButtonKind::Primary).enabled(ready).show(ui);
            let enter = ui.input(|input| input.key_pressed(egui::Key::Enter) && input.modifiers.command);
            if create.clicked() || (enter && ready) {
                self.make();
            }
            if widgets::button(ui, strings.cancel).clicked() {
                match &self.making {
                    Some(job) => job.work().cancel(),
                    None => self.cancelled = true,
                }
            }
        });
        if let Some(job) = &self.making {
            ui.add_space(space::S);
            if widgets::progress_row(ui, &job.work().progress(), true) {
                job.work().cancel();
            }
        }
    }

    fn column_ui(
        &mut self,
        ui: &mut egui::Ui,
        label: &str,
        why: &str,
        slot: Slot,
        fits: &dyn Fn(Kind) -> bool,
        strings: &'static Strings,
    ) {
        let tokens = Tokens::of(ui);
        ui.horizontal(|ui| {
            ui.allocate_ui_with_layout(
                egui::vec2(WIDTH * 0.48, 40.0),
                egui::Layout::top_down(egui::Align::Min),
                |ui| {
                    ui.set_width(WIDTH * 0.48);
                    ui.label(egui::RichText::new(label).font(theme::strong()));
                    ui.label(egui::RichText::new(why).font(theme::caption()).color(tokens.weak));
                },
            );
            let fitting = self.proposal.columns.iter().filter(|column| fits(column.kind));
            let named = fitting
                .map(|column| (Some(column.name.clone()), cut(&format!("{}  —  {}", column.name, column.example), 56)));
            let choices: Vec<(Option<String>, String)> =
                std::iter::once((None, strings.none.to_owned())).chain(named).collect();
            let choices: Vec<(Option<String>, &str)> =
                choices.iter().map(|(value, text)| (value.clone(), text.as_str())).collect();
            widgets::select(
                ui,
                egui::Id::unique(("form", label)),
                label,
                slot(&mut self.choice),
                &choices,
                WIDTH * 0.46,
            );
        });
        ui.add_space(space::S);
    }
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
