//! Delivery: what leaves, in which formats, where to; and what was written.

use eframe::egui;

use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Banner, Button, ButtonKind, Tone};
use crate::deliver::{Scope, Source};
use crate::session::DeliverOptions;

const FORMATS: [(&str, &str); 3] = [("csv", "CSV"), ("jsonl", "JSONL"), ("parquet", "Parquet")];

/// The pane's own state: the form.
pub struct Deliver {
    folder: String,
    formats: [bool; 3],
    scope: Scope,
    without_duplicates: bool,
}

impl Default for Deliver {
    fn default() -> Self {
        Self { folder: "deliver".to_owned(), formats: [true; 3], scope: Scope::Labelled, without_duplicates: false }
    }
}

impl Pane for Deliver {
    fn id(&self) -> &'static str {
        "deliver"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.workspace_deliver
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.set_max_width(640.0);
            sources_ui(ui, cx);
            ui.add_space(space::L);
            self.form_ui(ui, cx);
            ui.add_space(space::L);
            result_ui(ui, cx);
        });
    }
}

/// How many labels come from where: what a person looks at before delivering.
fn sources_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>) {
    let tokens = Tokens::of(ui);
    let strings = cx.strings;
    ui.label(egui::RichText::new(strings.labels_by_source).font(theme::section()));
    ui.add_space(space::XS);
    let Some(layers) = cx.live.layers() else {
        ui.label(egui::RichText::new(strings.working).color(tokens.weak));
        return;
    };
    let total = layers.labels.source.len().max(1);
    egui::Grid::new("sources").num_columns(3).spacing([space::XL, 0.0]).min_row_height(size::ROW).show(ui, |ui| {
        for &(source, count) in &layers.by_source {
            if count == 0 && source != Source::None {
                continue;
            }
            ui.label(strings.source(source));
            ui.label(egui::RichText::new(grouped(count as u64)).font(theme::mono()));
            ui.label(egui::RichText::new(percent(count as f64 / total as f64)).color(tokens.weak));
            ui.end_row();
        }
        ui.label(strings.excluded);
        ui.label(egui::RichText::new(grouped(cx.session.annotations().excluded_count() as u64)).font(theme::mono()));
        ui.end_row();
    });
    for marked in cx.live.basis().iter().flat_map(|basis| basis.marked.iter()) {
        let told = strings.marked_inside(marked.marks.marks() as u64, marked.marks.done() as u64);
        ui.label(format!("{}: {told}", marked.task.name));
    }
    let open = layers.open(crate::clean::Finder::LabelError);
    if open > 0 {
        ui.add_space(space::S);
        Banner::new(Tone::Warning, &strings.open_label_errors(open as u64)).show(ui);
    }
}

impl Deliver {
    fn form_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        ui.label(egui::RichText::new(strings.export).font(theme::section()));
        ui.add_space(space::XS);
        let choices = [
            (Scope::Labelled, strings.only_labelled),
            (Scope::Kept, strings.scope_kept),
            (Scope::All, strings.scope_all),
        ];
        widgets::segmented(ui, strings.rows, &mut self.scope, &choices);
        ui.add_space(space::S);
        ui.horizontal(|ui| {
            for (on, (_, name)) in self.formats.iter_mut().zip(FORMATS) {
                widgets::toggle(ui, on, name);
                ui.add_space(space::M);
            }
        });
        widgets::toggle(ui, &mut self.without_duplicates, strings.without_duplicates);
        ui.add_space(space::S);
        widgets::Field::new(strings.destination).why(strings.destination_why).width(420.0).show(ui, &mut self.folder);
        ui.add_space(space::M);
        let ready = self.formats.iter().any(|on| *on) && !self.folder.trim().is_empty();
        let button = Button::new(strings.export).icon(icons::EXPORT).kind(ButtonKind::Primary).enabled(ready);
        if button.show(ui).clicked() {
            let formats =
                self.formats.iter().zip(FORMATS).filter(|(on, _)| **on).map(|(_, (ending, _))| ending.to_owned());
            cx.act(Act::Deliver(DeliverOptions {
                folder: self.folder.trim().into(),
                formats: formats.collect(),
                scope: self.scope,
                without_duplicates: self.without_duplicates,
            }));
        }
    }
}

fn result_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let tokens = Tokens::of(ui);
    let strings = cx.strings;
    match cx.delivered {
        Some(Ok(delivered)) => {
            let rows = strings.rows_count(delivered.rows as u64);
            Banner::new(Tone::Ok, &format!("{}: {rows}", strings.export_done)).show(ui);
            ui.add_space(space::XS);
            let mut copied = None;
            for file in &delivered.files {
                ui.horizontal(|ui| {
                    let path = file.display().to_string();
                    if widgets::icon_button(ui, icons::COPY, strings.copy, None).clicked() {
                        copied = Some(path.clone());
                    }
                    ui.label(egui::RichText::new(path).font(theme::small_mono()).color(tokens.text));
                });
            }
            if let Some(path) = copied {
                cx.act(Act::Copy(path));
            }
        }
        Some(Err(error)) => _ = Banner::of_error(error, strings).show(ui),
        None => _ = ui.label(egui::RichText::new(strings.data_card_what).color(tokens.weak)),
    }
}
