//! What the data is: where it comes from, how it was read, its columns, and the classes.

use eframe::egui;

use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Button};
use crate::data::describe::Summary;

/// The pane's own state.
#[derive(Default)]
pub struct Overview {
    new_class: String,
}

impl Pane for Overview {
    fn id(&self) -> &'static str {
        "overview"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.workspace_data
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            source_ui(ui, cx);
            ui.add_space(space::L);
            self.classes_ui(ui, cx);
            ui.add_space(space::L);
            columns_ui(ui, cx);
        });
    }
}

fn source_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>) {
    let tokens = Tokens::of(ui);
    let (session, strings) = (cx.session, cx.strings);
    let config = &session.project().config;
    ui.label(egui::RichText::new(&config.name).font(theme::page()));
    let dataset = session.dataset();
    let path = crate::engine::files::tidy(&session.project().data_path());
    let line = format!("{}  ·  {}", strings.rows_count(dataset.rows() as u64), dataset.report.format);
    ui.label(egui::RichText::new(line).color(tokens.text));
    ui.label(egui::RichText::new(path.display().to_string()).font(theme::caption()).color(tokens.weak));
    for note in &dataset.report.notes {
        ui.label(egui::RichText::new(note).font(theme::caption()).color(tokens.weak));
    }
    for warning in session.warnings() {
        ui.label(egui::RichText::new(warning).color(tokens.warning));
    }
    if session.placed().unreadable() > 0 {
        let text = strings.unreadable(session.placed().unreadable() as u64);
        ui.label(egui::RichText::new(text).color(tokens.warning));
    }
    orphans_ui(ui, cx);
}

/// The annotations of items that the data no longer has: what was said of which, by whom.
fn orphans_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>) {
    const MOST: usize = 500;
    let (session, strings) = (cx.session, cx.strings);
    let orphans = session.orphan_count();
    if orphans == 0 {
        return;
    }
    let tokens = Tokens::of(ui);
    let title = egui::RichText::new(strings.orphans(orphans as u64)).color(tokens.warning);
    egui::CollapsingHeader::new(title).id_salt("orphans").show(ui, |ui| {
        for orphan in session.orphans(MOST) {
            ui.horizontal(|ui| {
                ui.label(egui::RichText::new(orphan.id.to_string()).font(theme::small_mono()).color(tokens.weak));
                ui.label(egui::RichText::new(orphan.said).color(tokens.text));
                ui.label(egui::RichText::new(orphan.about).color(tokens.weak));
                ui.label(egui::RichText::new(orphan.annotator).font(theme::caption()).color(tokens.weak));
            });
        }
        if orphans > MOST {
            ui.label(egui::RichText::new(strings.and_more((orphans - MOST) as u64)).color(tokens.weak));
        }
    });
}

impl Overview {
    fn classes_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let (session, strings) = (cx.session, cx.strings);
        ui.label(egui::RichText::new(strings.classes).font(theme::section()));
        ui.add_space(space::XS);
        let counts = session.annotations().counts();
        ui.horizontal_wrapped(|ui| {
            for (class, &count) in session.classes().iter().zip(counts) {
                let name = format!("{}  {}", class.name, grouped(count as u64));
                widgets::label_chip(ui, &name, usize::from(class.color)).on_hover_text(&class.description);
            }
        });
        ui.add_space(space::XS);
        ui.horizontal(|ui| {
            let field = widgets::Field::new(strings.class_name).hint(strings.class_name).hide_label().width(180.0);
            let response = field.show(ui, &mut self.new_class);
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let clicked = Button::new(strings.add_class).icon(icons::PLUS).show(ui).clicked();
            if (clicked || entered) && !self.new_class.trim().is_empty() {
                cx.act(Act::AddClass(std::mem::take(&mut self.new_class)));
            }
        });
    }
}

fn columns_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>) {
    let tokens = Tokens::of(ui);
    let strings = cx.strings;
    ui.label(egui::RichText::new(strings.columns).font(theme::section()));
    ui.add_space(space::XS);
    let Some(summaries) = cx.live.whole.value() else {
        ui.label(egui::RichText::new(strings.working).color(tokens.weak));
        return;
    };
    let columns = cx.session.dataset().frame.columns();
    let weak = |text: String| egui::RichText::new(text).color(tokens.weak);
    egui::Grid::new("columns").num_columns(5).spacing([space::XL, 0.0]).min_row_height(size::ROW).striped(true).show(
        ui,
        |ui| {
            for title in [strings.column, strings.kind, strings.missing, strings.distinct_values, strings.meaning] {
                ui.label(weak(title.to_owned()).font(theme::caption()));
            }
            ui.end_row();
            for (column, summary) in columns.iter().zip(summaries.iter()) {
                let Summary { missing, distinct, .. } = &**summary;
                ui.label(egui::RichText::new(column.name()).color(tokens.text));
                ui.label(weak(column.kind().name().to_owned()));
                ui.label(weak(grouped(*missing as u64)));
                ui.label(weak(grouped(*distinct as u64)));
                ui.label(weak(role(cx, column.name()).to_owned()));
                ui.end_row();
            }
        },
    );
}

/// What the project takes a column for.
fn role(cx: &PaneCx<'_>, name: &str) -> &'static str {
    let data = &cx.session.project().config.data;
    let is = |column: &Option<String>| column.as_deref() == Some(name);
    match () {
        () if is(&data.text) => cx.strings.text_column,
        () if is(&data.image) => cx.strings.image_column,
        () if is(&data.label) => cx.strings.label_column,
        () if is(&data.gold) => cx.strings.gold_column,
        () if is(&data.id) => cx.strings.id_column,
        () => "",
    }
}
