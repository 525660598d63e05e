//! The first screen: open something, go on with something, or try a sample. And the screen while something is opened.

use std::path::PathBuf;

use eframe::egui;

use super::strings::{Language, Strings};
use super::theme::{self, Tokens, icons, radius, size, space};
use super::widgets::{self, Button};
use crate::engine::{Error, Work};
use crate::project::recent_projects;
use crate::session::samples;

/// What a person chose.
pub(super) enum Answer {
    OpenFile,
    OpenFolder,
    Path(PathBuf),
    Sample(String),
    Theme,
    Language,
}

const WIDTH: f32 = 560.0;

/// Draws the welcome screen; `error` is why the last opening failed.
pub(super) fn ui(ui: &mut egui::Ui, strings: &'static Strings, error: Option<&Error>) -> Option<Answer> {
    let tokens = Tokens::of(ui);
    let mut answer = None;
    egui::CentralPanel::default().frame(egui::Frame::NONE.fill(tokens.app)).show(ui, |ui| {
        corner_ui(ui, strings, &mut answer);
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let side = ((ui.available_width() - WIDTH) / 2.0).max(space::L);
            ui.horizontal(|ui| {
                ui.add_space(side);
                ui.vertical(|ui| {
                    ui.set_width(WIDTH.min(ui.available_width()));
                    ui.add_space((ui.ctx().content_rect().height() * 0.1).clamp(space::L, 96.0));
                    head_ui(ui, strings);
                    if let Some(error) = error {
                        ui.add_space(space::M);
                        widgets::Banner::of_error(error, strings).show(ui);
                    }
                    ui.add_space(space::L);
                    open_ui(ui, strings, &mut answer);
                    ui.add_space(space::XL);
                    samples_ui(ui, strings, &mut answer);
                    recent_ui(ui, strings, &mut answer);
                    ui.add_space(space::XL);
                });
            });
        });
    });
    answer
}

fn corner_ui(ui: &mut egui::Ui, strings: &'static Strings, answer: &mut Option<Answer>) {
    let place = egui::Area::new(egui::Id::unique("corner")).anchor(egui::Align2::RIGHT_TOP, [-space::M, space::M]);
    place.show(ui.ctx(), |ui| {
        ui.horizontal(|ui| {
            let sun = if Tokens::of(ui).dark { icons::SUN } else { icons::MOON };
            if widgets::icon_button(ui, sun, strings.toggle_theme, None).clicked() {
                *answer = Some(Answer::Theme);
            }
            if widgets::icon_button(ui, icons::TRANSLATE, strings.toggle_language, None).clicked() {
                *answer = Some(Answer::Language);
            }
        });
    });
}

fn head_ui(ui: &mut egui::Ui, strings: &'static Strings) {
    let tokens = Tokens::of(ui);
    ui.label(egui::RichText::new(strings.app_name).font(theme::page()).color(tokens.text));
    ui.label(egui::RichText::new(strings.welcome_title).font(theme::reading()).color(tokens.weak));
}

fn open_ui(ui: &mut egui::Ui, strings: &'static Strings, answer: &mut Option<Answer>) {
    let tokens = Tokens::of(ui);
    egui::Frame::NONE
        .fill(tokens.panel)
        .stroke(egui::Stroke::new(1.0, tokens.hairline))
        .corner_radius(radius::CARD)
        .inner_margin(space::L)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(strings.welcome_what);
            ui.label(egui::RichText::new(strings.welcome_promise).font(theme::caption()).color(tokens.weak));
            ui.add_space(space::S);
            ui.horizontal(|ui| {
                if widgets::primary_button(ui, strings.open_file).clicked() {
                    *answer = Some(Answer::OpenFile);
                }
                if widgets::button(ui, strings.open_folder).clicked() {
                    *answer = Some(Answer::OpenFolder);
                }
            });
            ui.add_space(space::S);
            path_ui(ui, strings, answer);
        });
}

/// A path can always be typed: no system's dialog is needed to open a file.
fn path_ui(ui: &mut egui::Ui, strings: &'static Strings, answer: &mut Option<Answer>) {
    let id = egui::Id::unique("welcome path");
    let mut path: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let field = widgets::Field::new(strings.open_path)
        .hint(strings.open_path_hint)
        .hide_label()
        .id(id.with("field"))
        .show(ui, &mut path);
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    if entered && !path.trim().is_empty() {
        *answer = Some(Answer::Path(PathBuf::from(path.trim())));
    }
    ui.data_mut(|data| data.insert_temp(id, path));
}

fn samples_ui(ui: &mut egui::Ui, strings: &'static Strings, answer: &mut Option<Answer>) {
    ui.label(egui::RichText::new(strings.try_sample).font(theme::section()));
    ui.add_space(space::XS);
    for sample in samples() {
        let title = if strings.language == Language::Korean { &sample.title_ko } else { &sample.title };
        if row_ui(ui, icons::SPARKLE, title, "") {
            *answer = Some(Answer::Sample(sample.name));
        }
    }
}

fn recent_ui(ui: &mut egui::Ui, strings: &'static Strings, answer: &mut Option<Answer>) {
    // Read once a second at most: the list lies on the disk.
    let id = egui::Id::unique("recent projects");
    let now = ui.input(|input| input.time);
    let held: Option<(f64, std::sync::Arc<Vec<crate::project::Recent>>)> = ui.data(|data| data.get_temp(id));
    let recent = match held {
        Some((at, recent)) if now - at < 1.0 => recent,
        _ => {
            let recent = std::sync::Arc::new(recent_projects());
            ui.data_mut(|data| data.insert_temp(id, (now, recent.clone())));
            recent
        }
    };
    if recent.is_empty() {
        return;
    }
    ui.add_space(space::XL);
    ui.label(egui::RichText::new(strings.recent_projects).font(theme::section()));
    ui.add_space(space::XS);
    for project in recent.iter() {
        if row_ui(ui, icons::FOLDER_OPEN, &project.name, &project.folder.display().to_string()) {
            *answer = Some(Answer::Path(project.folder.clone()));
        }
    }
}

/// A line to click: icon, title, and where it is.
fn row_ui(ui: &mut egui::Ui, icon: &str, title: &str, more: &str) -> bool {
    let tokens = Tokens::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), size::ROW_ROOMY), egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, title));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, radius::CONTROL, tokens.hover);
    }
    if response.has_focus() {
        let ring = egui::Stroke::new(size::FOCUS_RING, tokens.accent);
        ui.painter().rect_stroke(rect, radius::CONTROL, ring, egui::StrokeKind::Inside);
    }
    let at = rect.left_center() + egui::vec2(space::S, 0.0);
    ui.painter().text(at, egui::Align2::LEFT_CENTER, icon, theme::icon(size::ICON), tokens.accent);
    let at = at + egui::vec2(size::ICON + space::S, 0.0);
    let drawn = ui.painter().text(at, egui::Align2::LEFT_CENTER, title, theme::body(), tokens.text);
    let left = drawn.right() + space::M;
    let galley = widgets::one_line(ui, more, theme::caption(), tokens.weak, (rect.right() - left - space::S).max(0.0));
    ui.painter().galley(egui::pos2(left, rect.center().y - galley.size().y / 2.0), galley, tokens.weak);
    response.clicked()
}

/// Says over the whole window that what is held over it can be dropped.
pub(super) fn drop_ui(ctx: &egui::Context, strings: &'static Strings) {
    let tokens = Tokens::of(ctx);
    let painter = ctx.layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop")));
    let rect = ctx.content_rect();
    painter.rect_filled(rect, 0.0, tokens.scrim);
    painter.text(rect.center(), egui::Align2::CENTER_CENTER, strings.drop_here, theme::page(), tokens.on_accent);
}

/// Draws what is being opened. True if the person wants it stopped.
pub(super) fn opening_ui(ui: &mut egui::Ui, strings: &'static Strings, what: &str, work: &Work) -> bool {
    let tokens = Tokens::of(ui);
    let mut cancel = false;
    egui::CentralPanel::default().frame(egui::Frame::NONE.fill(tokens.app)).show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space(ui.available_height() * 0.35);
            ui.set_width(WIDTH.min(ui.available_width()));
            ui.label(egui::RichText::new(strings.opening(what)).font(theme::section()));
            let progress = work.progress();
            let bar = egui::ProgressBar::new(progress.share().unwrap_or(0.0)).desired_width(320.0).desired_height(6.0);
            ui.label(egui::RichText::new(strings.stage(&progress.stage)).color(tokens.weak));
            ui.add_space(space::S);
            ui.add(bar);
            ui.add_space(space::M);
            cancel = Button::new(strings.cancel).show(ui).clicked();
        });
    });
    cancel
}
