//! A picture to look at closely: fitted to its place, zoomed at the pointer, moved by dragging, and as bright as one needs.

use eframe::egui::{self, Rect, vec2};

use super::outlines::Outlines;
use crate::app::Shown;
use crate::app::keymap::key_of;
use crate::app::keys::CommandId;
use crate::app::pane::PaneCx;
use crate::app::theme::{self, Tokens, icons, radius, size, space};
use crate::app::widgets::{self, Button, Canvas, Look, canvas};
use crate::data::media::Adjust;

/// Places that are narrower show the picture alone.
const ROOMY: f32 = 240.0;

/// How often it is said how far a large picture is ready.
const OFTEN: std::time::Duration = std::time::Duration::from_millis(200);

/// The width of a slider.
const SLIDER: f32 = 180.0;

/// A picture that can be drawn: its small copy, and its size in pixels.
#[derive(Clone, Copy)]
pub(super) struct Pictured {
    small: egui::TextureId,
    /// Of the whole, in pixels.
    pub(super) size: egui::Vec2,
}

/// The picture at `path`; says why where there is none yet.
pub(super) fn pictured_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, path: &str) -> Option<Pictured> {
    let tokens = Tokens::of(ui);
    match cx.textures.whole(ui.ctx(), path) {
        Shown::Ready(small, [width, height]) => {
            return Some(Pictured { small, size: vec2(width as f32, height as f32) });
        }
        Shown::Waiting => {
            let text = cx.textures.progress(path).map(|share| {
                ui.ctx().request_repaint_after(OFTEN);
                cx.strings.preparing_picture(share)
            });
            let text = text.unwrap_or_else(|| cx.strings.working.to_owned());
            ui.label(egui::RichText::new(text).color(tokens.weak));
        }
        Shown::Failed(error) => _ = ui.label(egui::RichText::new(error).color(tokens.error)),
    }
    None
}

/// Draws a picture where the canvas says, as finely as it is seen.
pub(super) fn paint_picture(ui: &egui::Ui, cx: &mut PaneCx<'_>, path: &str, pictured: Pictured, canvas: &Canvas) {
    canvas.paint(ui, pictured.small);
    let painter = ui.painter().with_clip_rect(canvas.rect.intersect(ui.clip_rect()));
    cx.textures.paint_tiles(&painter, path, canvas.place, canvas.scale);
}

/// What stands on top of a picture and what was drawn on it: a map, how far it is ready, and the brightness.
pub(super) fn over_picture_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, path: &str, pictured: Pictured, canvas: &Canvas) {
    canvas.paint_map(ui, pictured.small);
    if let Some(share) = cx.textures.progress(path) {
        let tokens = Tokens::of(ui);
        let text = cx.strings.preparing_picture(share);
        let galley = ui.painter().layout_no_wrap(text, theme::caption(), tokens.text);
        let min = canvas.rect.left_bottom() + vec2(space::S, -space::S - galley.size().y);
        ui.painter().rect_filled(
            Rect::from_min_size(min, galley.size()).expand(space::XS),
            radius::CONTROL,
            tokens.panel,
        );
        ui.painter().galley(min, galley, tokens.text);
        ui.ctx().request_repaint_after(OFTEN);
    }
    if canvas.rect.width() >= ROOMY {
        adjust_ui(ui, cx, canvas);
    }
}

/// The button for brightness and contrast in the corner of a picture.
fn adjust_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, canvas: &Canvas) {
    let (tokens, strings) = (Tokens::of(ui), cx.strings);
    let side = size::HIT;
    let place =
        Rect::from_min_size(canvas.rect.right_top() + vec2(-side - space::S, space::S), egui::Vec2::splat(side));
    let adjusted = !cx.textures.adjust().is_none();
    ui.painter().rect_filled(place, radius::CONTROL, if adjusted { tokens.selection } else { tokens.panel });
    let builder = egui::UiBuilder::new().id_salt("adjust").max_rect(place);
    let button =
        ui.scope_builder(builder, |ui| widgets::icon_button(ui, icons::SUN, strings.adjust_picture, None)).inner;
    let popup = egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    popup.show(|ui| {
        ui.set_max_width(SLIDER + 90.0);
        ui.label(egui::RichText::new(strings.adjust_picture_why).font(theme::caption()).color(tokens.weak));
        ui.add_space(space::XS);
        let mut adjust = cx.textures.adjust();
        slider_ui(ui, strings.brightness, &mut adjust.brightness, [CommandId::Darker, CommandId::Brighter]);
        slider_ui(ui, strings.contrast, &mut adjust.contrast, [CommandId::LessContrast, CommandId::MoreContrast]);
        ui.add_space(space::XS);
        let key = key_of(ui, CommandId::PlainPicture);
        let reset = Button::new(strings.plain_picture).key(&key);
        if reset.enabled(!adjust.is_none()).show(ui).clicked() {
            adjust = Adjust::default();
        }
        cx.textures.set_adjust(adjust);
    });
}

/// A slider with its name above, and the keys that do the same.
fn slider_ui(ui: &mut egui::Ui, name: &str, value: &mut i8, keys: [CommandId; 2]) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(name).color(tokens.text));
        for key in keys {
            widgets::key_caps(ui, &key_of(ui, key));
        }
    });
    ui.scope(|ui| {
        ui.spacing_mut().slider_width = SLIDER;
        ui.visuals_mut().selection.bg_fill = tokens.accent;
        let slider = egui::Slider::new(value, -Adjust::MOST..=Adjust::MOST);
        ui.add(slider).accessible_name(name);
    });
}

/// Draws the picture of a row, at `path`, into the room there is, with what is marked on it. Wheel: zoom; drag: move;
/// double click: fit again.
pub(super) fn picture_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, path: &str, row: u32) {
    let Some(pictured) = pictured_ui(ui, cx, path) else { return };
    let id = ui.scope_id().with(("picture", path));
    let before: Look = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let mut look = before;
    let canvas = canvas(ui, id.with("place"), path, pictured.size, true, &mut look);
    if canvas.response.double_clicked() {
        look = Look::default();
    }
    if look != before {
        ui.data_mut(|data| data.insert_temp(id, look));
    }
    paint_picture(ui, cx, path, pictured, &canvas);
    Outlines::of(cx.session).paint(ui, row, canvas.rect, (&canvas).into());
    over_picture_ui(ui, cx, path, pictured, &canvas);
}
