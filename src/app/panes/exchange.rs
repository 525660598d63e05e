//! Annotations of other tools, and packets: brought in after a look at what they hold, and written.

use std::path::{Path, PathBuf};

use eframe::egui;

use super::item::said_of;
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Banner, Button, ButtonKind, Tone};
use crate::data::ItemId;
use crate::data::annotations::{self, FORMATS, Losses, Options, Output, Reason, Report};
use crate::engine::{Job, Result, Work};
use crate::project::Packet;
use crate::session::{DocumentsBasis, Import, ImportBasis, import_of};

/// Annotations that are shown before anything is taken in.
const SHOWN: usize = 10;

/// The pane's own state.
#[derive(Default)]
pub struct Exchange {
    path: String,
    /// The format, or none to recognise it.
    format: Option<&'static str>,
    overwrite: bool,
    looking: Option<Job<Look>>,
    look: Option<Result<Look>>,
    target: String,
    target_format: Option<&'static str>,
    making: Option<Job<Output>>,
    /// What is to be written, and waits for a word where something would be lost.
    made: Option<Output>,
    writing: Option<Job<Report>>,
    written: Option<Result<Report>>,
}

/// What a file holds, and what would be taken of it.
struct Look {
    import: Import,
    format: &'static str,
    /// Why it was taken for this format; none where it was chosen.
    reason: Option<Reason>,
    /// What was inferred: offsets, scheme, base, class order.
    inferred: Vec<(String, String)>,
    notes: Vec<String>,
    /// The first annotations with their items.
    first: Vec<(ItemId, String)>,
}

impl Pane for Exchange {
    fn id(&self) -> &'static str {
        "exchange"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.exchange
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        if let Some(result) = self.looking.as_ref().and_then(Job::take) {
            (self.looking, self.look) = (None, Some(result));
        }
        if let Some(result) = self.writing.as_ref().and_then(Job::take) {
            (self.writing, self.written) = (None, Some(result));
        }
        match self.making.as_ref().and_then(Job::take) {
            Some(Ok(output)) => {
                self.making = None;
                if output.report().lost.is_empty() { self.save(output, cx) } else { self.made = Some(output) }
            }
            Some(Err(error)) => (self.making, self.written) = (None, Some(Err(error))),
            None => {}
        }
        *cx.busy |= self.looking.is_some() || self.making.is_some() || self.writing.is_some();
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.set_max_width(680.0);
            self.import_ui(ui, cx);
            ui.add_space(space::XL);
            self.export_ui(ui, cx);
        });
    }
}

impl Exchange {
    fn import_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        ui.label(egui::RichText::new(strings.bring_in).font(theme::section()));
        ui.add_space(space::XS);
        let field = widgets::Field::new(strings.annotation_file).why(strings.annotation_file_why).width(420.0);
        field.show(ui, &mut self.path);
        ui.horizontal(|ui| {
            formats_ui(ui, "from", strings.format, strings.recognise, false, &mut self.format);
            widgets::toggle(ui, &mut self.overwrite, strings.replace_existing);
            let ready = !self.path.trim().is_empty() && self.looking.is_none();
            if Button::new(strings.look_first).icon(icons::EYE).enabled(ready).show(ui).clicked() {
                self.begin(cx);
            }
        });
        ui.add_space(space::S);
        match &self.look {
            Some(Err(error)) => _ = Banner::of_error(error, strings).show(ui),
            Some(Ok(look)) if look_ui(ui, cx, look) => {
                cx.act(Act::Run(Box::new(look.import.clone())));
                self.look = None;
            }
            Some(Ok(_)) | None => {}
        }
    }

    /// Reads the file off the window's thread. A packet is taken in at once: it overwrites nothing.
    fn begin(&mut self, cx: &mut PaneCx<'_>) {
        let path = PathBuf::from(self.path.trim());
        self.look = None;
        if Packet::is_at(&path) {
            cx.act(Act::TakePacket(path));
            return;
        }
        let (format, overwrite) = (self.format, self.overwrite);
        let basis = cx.session.import_basis();
        let look = move |work: &Work| look(&basis, &path, format, overwrite, work);
        self.looking = Some(Job::spawn("look at annotations", cx.live.waker().clone(), look));
    }

    fn export_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        ui.label(egui::RichText::new(strings.write_annotations).font(theme::section()));
        ui.add_space(space::XS);
        let before = (self.target.clone(), self.target_format);
        widgets::Field::new(strings.destination)
            .why(strings.annotation_target_why)
            .width(420.0)
            .show(ui, &mut self.target);
        ui.horizontal(|ui| {
            formats_ui(ui, "to", strings.format, strings.none, true, &mut self.target_format);
            let ready = !self.target.trim().is_empty() && self.writing.is_none() && self.making.is_none();
            let button = Button::new(strings.export).icon(icons::EXPORT).enabled(ready && self.target_format.is_some());
            if button.show(ui).clicked() {
                self.make(cx);
            }
            if Button::new(strings.write_packet).icon(icons::PACKAGE).enabled(ready).show(ui).clicked() {
                cx.act(Act::WritePacket(self.target(cx)));
            }
        });
        ui.add_space(space::S);
        // What was made for another file or format is no longer what is asked for.
        if before != (self.target.clone(), self.target_format) {
            self.made = None;
        }
        if let Some(output) = &self.made {
            Banner::new(Tone::Warning, strings.would_be_lost).show(ui);
            lost_ui(ui, cx, "unwritten", &output.report().lost);
            ui.add_space(space::S);
            if Button::new(strings.write_anyway).icon(icons::EXPORT).show(ui).clicked()
                && let Some(output) = self.made.take()
            {
                self.save(output, cx);
            }
        }
        match &self.written {
            Some(Ok(report)) => {
                let text = format!("{}: {}", strings.export_done, grouped(report.annotations as u64));
                Banner::new(Tone::Ok, &text).show(ui);
                lost_ui(ui, cx, "written", &report.lost);
            }
            Some(Err(error)) => _ = Banner::of_error(error, strings).show(ui),
            None => {}
        }
    }

    /// Where to write: below the project where the path is not absolute.
    fn target(&self, cx: &PaneCx<'_>) -> PathBuf {
        cx.session.project().folder().join(self.target.trim())
    }

    /// Makes the files off the window's thread. They are written at once only if nothing is lost.
    fn make(&mut self, cx: &PaneCx<'_>) {
        let Some(format) = self.target_format else { return };
        let (path, media) = (self.target(cx), cx.session.dataset().root.clone());
        (self.made, self.written) = (None, None);
        match cx.session.documents_basis() {
            Ok(basis) => {
                let make = move |work: &Work| make(&basis, &path, format, media, work);
                self.making = Some(Job::spawn("make annotations", cx.live.waker().clone(), make));
            }
            Err(error) => self.written = Some(Err(error)),
        }
    }

    fn save(&mut self, output: Output, cx: &PaneCx<'_>) {
        let save = move |work: &Work| output.save(work);
        self.writing = Some(Job::spawn("write annotations", cx.live.waker().clone(), save));
    }
}

/// The list of formats; with `written`, without those that are only read.
fn formats_ui(ui: &mut egui::Ui, id: &str, name: &str, none: &str, written: bool, format: &mut Option<&'static str>) {
    let mut choices: Vec<(Option<&'static str>, &str)> = vec![(None, none)];
    let offered = FORMATS.iter().filter(|format| format.is_written() || !written);
    choices.extend(offered.map(|format| (Some(format.name()), format.name())));
    widgets::select(ui, egui::Id::unique(("format", id)), name, format, &choices, 160.0);
}

fn look(basis: &ImportBasis, path: &Path, format: Option<&str>, overwrite: bool, work: &Work) -> Result<Look> {
    let found = annotations::choose(format, path)?;
    let format = found.format;
    let (documents, read) = annotations::read(path, format, &Options::default(), work)?;
    let import = import_of(basis, &documents, read.lost, format.name(), overwrite)?;
    let labels = import.labels.iter().map(|(item, class)| (*item, class.clone()));
    let said = import.said.iter().map(|(item, who, class)| (*item, format!("{who}: {class}")));
    let marks = import.marks.iter().flat_map(|(item, _, marks)| marks.iter().map(|mark| (*item, said_of(mark))));
    let first = labels.chain(said).chain(marks).take(SHOWN).collect();
    let (inferred, notes) = (read.inferred, read.notes);
    Ok(Look { import, format: format.name(), reason: found.reason, inferred, notes, first })
}

fn make(basis: &DocumentsBasis, path: &Path, format: &str, media: PathBuf, work: &Work) -> Result<Output> {
    let documents = basis.documents(false, work)?;
    let options = Options { media: Some(media), ..Options::default() };
    annotations::prepare(path, &documents, annotations::format(format)?, &options, work)
}

/// What a file holds. True if it should be taken in.
fn look_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, look: &Look) -> bool {
    let (strings, tokens) = (cx.strings, Tokens::of(ui));
    let text = strings.would_take(look.import.annotations() as u64, look.import.items() as u64, look.format);
    ui.label(egui::RichText::new(text).font(theme::strong()).color(tokens.text));
    if let Some(reason) = look.reason {
        ui.label(egui::RichText::new(strings.recognised(look.format, reason)).color(tokens.weak));
    }
    for (what, value) in &look.inferred {
        ui.label(egui::RichText::new(format!("{what}: {value}")).color(tokens.weak));
    }
    for note in &look.notes {
        ui.label(egui::RichText::new(note).font(theme::caption()).color(tokens.weak));
    }
    ui.add_space(space::XS);
    for (item, said) in &look.first {
        let row = cx.session.dataset().ids.row(*item);
        let about = row.and_then(|row| cx.session.about(row.0)).unwrap_or_default();
        ui.horizontal(|ui| {
            ui.set_min_height(size::ROW_DENSE);
            ui.label(egui::RichText::new(said).color(tokens.text));
            ui.add(egui::Label::new(egui::RichText::new(about).color(tokens.weak)).truncate());
        });
    }
    lost_ui(ui, cx, "untaken", &look.import.lost);
    ui.add_space(space::S);
    let ready = look.import.annotations() > 0;
    Button::new(strings.take_in).kind(ButtonKind::Primary).enabled(ready).show(ui).clicked()
}

/// What is not taken or cannot be written, by name.
fn lost_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, id: &str, lost: &Losses) {
    let tokens = Tokens::of(ui);
    if lost.is_empty() {
        ui.label(egui::RichText::new(cx.strings.nothing_lost).color(tokens.ok));
        return;
    }
    ui.add_space(space::XS);
    egui::Grid::new(("lost", id)).num_columns(3).spacing([space::L, space::XXS]).show(ui, |ui| {
        for (code, loss) in lost.iter() {
            ui.label(egui::RichText::new(code).font(theme::small_mono()).color(tokens.warning));
            ui.label(egui::RichText::new(grouped(loss.count as u64)).font(theme::figures()).color(tokens.text));
            let example = loss.examples.first().cloned().unwrap_or_default();
            ui.add(egui::Label::new(egui::RichText::new(example).color(tokens.weak)).truncate());
            ui.end_row();
        }
    });
}
