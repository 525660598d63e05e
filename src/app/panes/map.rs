//! The map: every item as a point near what it is like. Coloured by any column; drag draws a lasso, the wheel zooms,
//! hover shows the item.
//!
//! Up to [`SINGLE`] points are drawn one by one; more are gathered into a picture off the window's thread, and the last
//! picture is shown, moved and scaled, until the new one is there.

use std::sync::{Arc, PoisonError};

use eframe::egui;

use super::map_view::{Camera, points_mesh};
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Action, Banner, PaneState, PaneStateKind};
use crate::data::view::{Snapshot, mask_print};
use crate::engine::{Fingerprint, Fingerprinter, Job, Slot, Work};
use crate::session::{COLOURS, Colouring, ColouringOf, MapKind, MapPoints, NO_VALUE, PictureOf, STEPS};

/// Points that are drawn one by one.
const SINGLE: usize = 20_000;

/// Selected points that are marked; of more only the count is said.
const MARKED: usize = 20_000;

/// How far the pointer may be from a point to mean it, in points of the screen.
const REACH: f32 = 8.0;

/// The pane's own state.
#[derive(Default)]
pub struct Map {
    camera: Option<Camera>,
    pan: bool,
    lasso: Vec<egui::Pos2>,
    caught: Option<(Job<Vec<u32>>, egui::Modifiers)>,
    colour_by: Option<String>,
    colouring: Slot<ColouringOf>,
    picture: Slot<PictureOf>,
    texture: Option<(Fingerprint, egui::TextureHandle)>,
    mesh: Option<(Fingerprint, Arc<egui::Mesh>)>,
}

/// The map that is shown, with its name.
struct Shown {
    points: Arc<MapPoints>,
    print: Fingerprint,
}

/// What is drawn in one frame.
struct Scene<'a> {
    shown: &'a Shown,
    snapshot: &'a Snapshot,
    mask: Fingerprint,
    colouring: &'a Arc<Colouring>,
    colours: Fingerprint,
    camera: Camera,
}

impl Pane for Map {
    fn id(&self) -> &'static str {
        "map"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.map
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let failed = cx.live.flat_map.error();
        let Some(shown) = shown(cx) else {
            if let Some(error) = failed {
                Banner::of_error(error, strings).show(ui);
            } else if let Some(work) = cx.live.flat_map.running() {
                if widgets::progress_row(ui, &work.progress(), true) {
                    work.cancel();
                }
                return;
            }
            let make = Action::primary(strings.make_map);
            let state = PaneState::new(PaneStateKind::NeedsInput, strings.map_none).why(strings.map_none_why);
            if state.action(make).show(ui).is_some() {
                cx.act(Act::MakeMap);
            }
            return;
        };
        let Some(snapshot) = cx.live.snapshot().cloned() else { return };
        self.head_ui(ui, cx, &shown);
        self.want_colours(cx);
        let Some((colouring, colours)) = self.colouring.value().cloned().zip(self.colouring.print()) else {
            PaneState::new(PaneStateKind::Working, strings.working).show(ui);
            return;
        };
        self.legend_ui(ui, &colouring);
        self.plot_ui(ui, cx, &shown, &snapshot, (&colouring, colours));
    }
}

/// The best map there is: laid out, on its way, or flat.
fn shown(cx: &PaneCx<'_>) -> Option<Shown> {
    if let (Some(points), Some(print)) = (cx.live.map.value(), cx.live.map.print()) {
        return Some(Shown { points: points.clone(), print });
    }
    let preview = cx.live.map_preview.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let flat = cx.live.flat_map.print()?;
    if let Some(points) = preview.filter(|_| cx.live.map.running().is_some()) {
        let MapKind::Passes(passes) = points.kind else { return None };
        return Some(Shown { points, print: Fingerprinter::new("preview").print(flat).number(passes as u64).finish() });
    }
    Some(Shown { points: cx.live.flat_map.value()?.clone(), print: flat })
}

impl Map {
    fn head_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, shown: &Shown) {
        let strings = cx.strings;
        ui.horizontal_wrapped(|ui| {
            let columns: Vec<(Option<String>, &str)> = cx.live.layers().map_or_else(Vec::new, |layers| {
                layers.frame.columns().iter().map(|c| (Some(c.name().to_owned()), c.name())).collect()
            });
            let chosen = self.colour_by.get_or_insert_with(|| "label".to_owned()).clone();
            let mut by = Some(chosen);
            ui.label(strings.colour_by);
            if widgets::select(ui, egui::Id::unique("colour by"), strings.colour_by, &mut by, &columns, 150.0) {
                self.colour_by = by;
            }
            widgets::segmented(ui, strings.map, &mut self.pan, &[(false, strings.lasso), (true, strings.pan)]);
            if widgets::icon_button(ui, icons::SELECTION, strings.select_in_window, None).clicked()
                && let Some(camera) = self.camera
            {
                let modifiers = ui.input(|input| input.modifiers);
                self.catch(cx, shown, camera.corners(), modifiers);
            }
            if widgets::icon_button(ui, icons::CROSSHAIR, strings.fit_map, None).clicked() {
                self.camera = None;
            }
            let tokens = Tokens::of(ui);
            let weak = |text: String| egui::RichText::new(text).font(theme::caption()).color(tokens.weak);
            match (shown.points.kind, cx.live.map.running()) {
                (MapKind::Passes(passes), _) => _ = ui.label(weak(strings.map_passes(passes))),
                (MapKind::Flat, Some(work)) => {
                    let progress = work.progress();
                    ui.label(weak(format!("{}  ·  {}", strings.map_flat, strings.stage(&progress.stage))));
                    if widgets::icon_button(ui, icons::X, strings.cancel, None).clicked() {
                        work.cancel();
                    }
                    ui.ctx().request_repaint_after(std::time::Duration::from_millis(200));
                }
                (MapKind::Flat, None) => {
                    let why = cx.live.map.error().map_or_else(String::new, |error| strings.error(error));
                    ui.label(weak(strings.map_flat.to_owned())).on_hover_text(why);
                }
                (MapKind::LaidOut, _) => {
                    let trust = shown.points.trust.map_or_else(String::new, |share| strings.map_trust(share));
                    ui.label(weak(format!("{}  ·  {trust}", strings.map_laid_out)));
                    if let Some(landmarks) = shown.points.landmarks.map(|count| count as u64) {
                        let told = strings.map_landmarks(landmarks, shown.points.positions.len() as u64);
                        ui.label(weak(format!("≈ {}", crate::data::show_count(landmarks)))).on_hover_text(told);
                    }
                }
            }
        });
    }

    fn want_colours(&mut self, cx: &mut PaneCx<'_>) {
        let (Some(layers), Some(whole)) = (cx.live.layers(), cx.live.whole.value()) else { return };
        let name = self.colour_by.as_deref().unwrap_or("label");
        let columns = layers.frame.columns();
        let at = columns.iter().position(|column| column.name() == name).unwrap_or(0);
        let (Some(column), Some(print)) = (columns.get(at), layers.prints.get(at)) else { return };
        let Some(summary) = whole.get(at).filter(|summary| summary.name == column.name()) else { return };
        let classes = cx.session.classes().iter().map(|class| (class.name.clone(), u16::from(class.color))).collect();
        let wanted = ColouringOf { column: (column.clone(), *print), summary: summary.clone(), classes };
        self.colouring.want(wanted, cx.session.cache(), cx.live.waker());
        *cx.busy |= self.colouring.running().is_some();
    }

    fn legend_ui(&self, ui: &mut egui::Ui, colouring: &Colouring) {
        let tokens = Tokens::of(ui);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            for (label, index) in &colouring.legend {
                let (rect, _) = ui.allocate_exact_size(egui::vec2(10.0, size::ROW_DENSE), egui::Sense::hover());
                let colour = colour_of(tokens, *index, colouring.is_scale);
                ui.painter().circle_filled(rect.center(), 4.0, colour);
                let short: String = label.chars().take(24).collect();
                ui.label(egui::RichText::new(short).font(theme::caption()).color(tokens.weak));
            }
        });
    }

    fn plot_ui(
        &mut self,
        ui: &mut egui::Ui,
        cx: &mut PaneCx<'_>,
        shown: &Shown,
        snapshot: &Arc<Snapshot>,
        colouring: (&Arc<Colouring>, Fingerprint),
    ) {
        let tokens = Tokens::of(ui);
        let foot = size::ROW_DENSE;
        let room = (ui.available_size() - egui::vec2(0.0, foot)).max(egui::vec2(80.0, 80.0));
        let (rect, response) = ui.allocate_exact_size(room, egui::Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, cx.strings.map));
        ui.painter().rect_filled(rect, 0.0, tokens.sunken);
        let fitted = Camera::fitted(shown.points.index.bounds(), rect);
        let mut camera = self.camera.unwrap_or(fitted).placed(rect);
        if self.navigate(ui, &response, &mut camera) {
            self.camera = Some(camera);
        }
        if response.double_clicked() {
            self.camera = None;
        }
        let clip = ui.painter().with_clip_rect(rect);
        let (mask, (colouring, colours)) = (mask_print(&snapshot.mask), colouring);
        let scene = Scene { shown, snapshot, mask, colouring, colours, camera };
        if cx.session.dataset().rows() <= SINGLE {
            self.draw_points(&clip, tokens, &scene);
        } else {
            self.draw_picture(ui, &clip, cx, &scene);
        }
        self.marks(&clip, cx, shown, &camera);
        self.hover(ui, cx, &response, shown, snapshot, &camera);
        self.lasso_ui(ui, &clip, cx, &response, shown, &camera);
        self.take_caught(cx, snapshot);
        ui.label(
            egui::RichText::new(cx.strings.axes_have_no_meaning).font(theme::caption()).color(Tokens::of(ui).weak),
        );
    }

    /// Wheel and drags that move the camera. True if it was moved.
    fn navigate(&self, ui: &egui::Ui, response: &egui::Response, camera: &mut Camera) -> bool {
        let before = *camera;
        if let Some(pointer) = response.hover_pos() {
            let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
            let factor = f64::from((wheel * 0.004).exp() * pinch);
            if factor != 1.0 {
                camera.zoom(factor, pointer);
            }
        }
        let held = ui.input(|input| input.key_down(egui::Key::Space));
        let middle = response.dragged_by(egui::PointerButton::Middle);
        if middle || response.dragged_by(egui::PointerButton::Primary) && (self.pan || held) {
            camera.pan(response.drag_delta());
        }
        before != *camera
    }

    fn draw_points(&mut self, painter: &egui::Painter, tokens: &Tokens, scene: &Scene<'_>) {
        let Scene { shown, snapshot, colouring, camera, .. } = scene;
        let print = Fingerprinter::new("mesh").print(shown.print).print(scene.colours).print(scene.mask);
        let print = camera.print(print);
        let print = print.number(u64::from(tokens.dark)).finish();
        if self.mesh.as_ref().is_none_or(|(of, _)| *of != print) {
            let colour = |row: usize| {
                let index = colouring.of_row.get(row).copied().unwrap_or(NO_VALUE);
                colour_of(tokens, index, colouring.is_scale)
            };
            let mesh = points_mesh(&shown.points.positions, &snapshot.mask, camera, tokens.hairline, colour);
            self.mesh = Some((print, Arc::new(mesh)));
        }
        if let Some((_, mesh)) = &self.mesh {
            painter.add(egui::Shape::Mesh(mesh.clone()));
        }
    }

    fn draw_picture(&mut self, ui: &egui::Ui, painter: &egui::Painter, cx: &mut PaneCx<'_>, scene: &Scene<'_>) {
        let tokens = Tokens::of(ui);
        let Scene { shown, snapshot, colouring, camera, .. } = scene;
        let scale = ui.pixels_per_point().min(1.5);
        let pixels = camera.rect.size() * scale;
        let palette = (0..=STEPS).map(|index| {
            let [red, green, blue, _] = colour_of(tokens, index, colouring.is_scale).to_array();
            [red, green, blue]
        });
        let wanted = PictureOf {
            points: (shown.points.clone(), shown.print),
            colouring: ((*colouring).clone(), scene.colours),
            mask: snapshot.mask.clone(),
            mask_print: scene.mask,
            viewport: camera.area(),
            size: (pixels.x.max(1.0) as usize, pixels.y.max(1.0) as usize),
            palette: palette.collect(),
        };
        self.picture.want(wanted, cx.session.cache(), cx.live.waker());
        *cx.busy |= self.picture.running().is_some();
        let Some((picture, print)) = self.picture.value().zip(self.picture.print()) else { return };
        if self.texture.as_ref().is_none_or(|(of, _)| *of != print) {
            let image = egui::ColorImage::from_rgba_unmultiplied([picture.size.0, picture.size.1], &picture.rgba);
            let texture = ui.ctx().load_texture("map", image, egui::TextureOptions::LINEAR);
            self.texture = Some((print, texture));
        }
        let Some((_, texture)) = &self.texture else { return };
        let corners =
            egui::Rect::from_two_pos(camera.to_screen(picture.viewport.min), camera.to_screen(picture.viewport.max));
        let uv = egui::Rect::from_min_max(egui::Pos2::ZERO, egui::pos2(1.0, 1.0));
        painter.image(texture.id(), corners, uv, egui::Color32::WHITE);
    }

    /// The selected rows and the one that is looked at.
    fn marks(&self, painter: &egui::Painter, cx: &PaneCx<'_>, shown: &Shown, camera: &Camera) {
        let tokens = Tokens::of(painter.ctx());
        let at = |row: u32| {
            let [x, y] = shown.points.positions.get(row as usize).copied()?;
            Some(camera.to_screen([f64::from(x), f64::from(y)])).filter(|pos| camera.rect.contains(*pos))
        };
        if cx.selection.len() <= MARKED {
            for pos in cx.selection.iter().filter_map(|&row| at(row)) {
                painter.circle_stroke(pos, 3.5, egui::Stroke::new(1.0, tokens.text.gamma_multiply(0.8)));
            }
        }
        if let Some(pos) = cx.focus.and_then(at) {
            painter.circle_stroke(pos, 7.0, egui::Stroke::new(2.5, tokens.accent));
        }
    }

    fn hover(
        &self,
        ui: &egui::Ui,
        cx: &mut PaneCx<'_>,
        response: &egui::Response,
        shown: &Shown,
        snapshot: &Snapshot,
        camera: &Camera,
    ) {
        let Some(pointer) = response.hover_pos().filter(|_| self.lasso.is_empty()) else { return };
        let place = camera.to_map(pointer);
        let reach = f64::from(REACH) / camera.scale;
        let visible = |row: u32| snapshot.position(row).is_some();
        let Some(row) = shown.points.index.nearest(place, reach, None).filter(|&row| visible(row)) else { return };
        let [x, y] = shown.points.positions.get(row as usize).copied().unwrap_or_default();
        let pos = camera.to_screen([f64::from(x), f64::from(y)]);
        ui.painter().circle_stroke(pos, 6.0, egui::Stroke::new(1.5, Tokens::of(ui).text));
        let session = cx.session;
        let images = matches!(session.content(), crate::project::Content::Image(_));
        let path = session.content_column().and_then(|column| column.show(row as usize)).filter(|_| images);
        let about = session.about(row).unwrap_or_else(|| cx.strings.row_number(u64::from(row)));
        if response.clicked() {
            cx.act(Act::Focus(row));
        }
        let textures = &mut *cx.textures;
        response.clone().on_hover_ui_at_pointer(|ui| {
            ui.set_max_width(320.0);
            if let Some(path) = &path {
                let (rect, _) = ui.allocate_exact_size(egui::vec2(128.0, 128.0), egui::Sense::hover());
                super::gallery::thumbnail_ui(ui, textures, path, 128, rect);
            }
            ui.label(about);
        });
    }

    fn lasso_ui(
        &mut self,
        ui: &egui::Ui,
        painter: &egui::Painter,
        cx: &PaneCx<'_>,
        response: &egui::Response,
        shown: &Shown,
        camera: &Camera,
    ) {
        let tokens = Tokens::of(ui);
        let held = ui.input(|input| input.key_down(egui::Key::Space));
        if response.dragged_by(egui::PointerButton::Primary) && !self.pan && !held {
            let far = |pos: &egui::Pos2| self.lasso.last().is_none_or(|last| last.distance(*pos) > 2.0);
            if let Some(pos) = response.interact_pointer_pos().filter(far) {
                self.lasso.push(pos);
            }
            let line = egui::Stroke::new(1.5, tokens.accent);
            painter.add(egui::Shape::closed_line(self.lasso.clone(), line));
        }
        if response.drag_stopped() && !self.lasso.is_empty() {
            let corners = std::mem::take(&mut self.lasso).into_iter().map(|pos| camera.to_map(pos)).collect();
            let modifiers = ui.input(|input| input.modifiers);
            self.catch(cx, shown, corners, modifiers);
        }
    }

    /// Finds the points inside a polygon, off the window's thread.
    fn catch(&mut self, cx: &PaneCx<'_>, shown: &Shown, corners: Vec<[f64; 2]>, modifiers: egui::Modifiers) {
        if corners.len() < 3 {
            return;
        }
        let points = shown.points.clone();
        let find = move |work: &Work| points.index.in_polygon(&corners, work);
        self.caught = Some((Job::spawn("lasso", cx.live.waker().clone(), find), modifiers));
    }

    /// Shift adds to the selection, Alt takes away, both keep what is in both.
    fn take_caught(&mut self, cx: &mut PaneCx<'_>, snapshot: &Snapshot) {
        *cx.busy |= self.caught.is_some();
        let Some((job, modifiers)) = &self.caught else { return };
        let Some(result) = job.take() else { return };
        let (shift, alt) = (modifiers.shift, modifiers.alt);
        self.caught = None;
        let Ok(rows) = result else { return };
        let inside = rows.into_iter().filter(|&row| snapshot.position(row).is_some());
        let old = cx.selection;
        let next: Vec<u32> = match (shift, alt) {
            (false, false) => inside.collect(),
            (true, false) => old.iter().copied().chain(inside).collect(),
            (false, true) => {
                let inside: std::collections::BTreeSet<u32> = inside.collect();
                old.difference(&inside).copied().collect()
            }
            (true, true) => inside.filter(|row| old.contains(row)).collect(),
        };
        cx.act(Act::Select(next));
    }
}

/// The colour of an index of a [`Colouring`].
fn colour_of(tokens: &Tokens, index: u16, is_scale: bool) -> egui::Color32 {
    match () {
        () if index == NO_VALUE => tokens.border,
        () if is_scale => tokens.sequential(f32::from(index) / f32::from(STEPS - 1)),
        () => tokens.category(usize::from(index.min(COLOURS - 1))),
    }
}
