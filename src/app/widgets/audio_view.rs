//! A sound: its waveform over its spectrogram, with a time axis and the place that is playing.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::{
    self, Align2, Color32, ColorImage, EventFilter, Key, Mesh, Rect, Response, Sense, Shape, Stroke, TextureHandle,
    TextureOptions, Ui, WidgetInfo, pos2, vec2,
};

use super::audio_scale::{Limits, View, axis_step};
use super::paint::{focus_ring, galley_in, one_line};
use super::scroll::take_wheel;
use crate::app::strings::{moment, moment_and_hertz};
use crate::app::theme::{self, Tokens, space};
use crate::data::media::{Peaks, Sound, Spectrogram};

/// A stretch that is marked.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioMark {
    /// Where, in seconds.
    pub range: Range<f64>,
    /// The colour of its class.
    pub color: usize,
    /// The name of its class.
    pub name: String,
    /// Whether keys speak to it.
    pub chosen: bool,
}

/// What a view keeps between frames: the stretch that is seen, and the spectrogram as a texture. One for each place
/// that shows sounds; another sound is seen whole again.
#[derive(Default)]
pub struct AudioViewState {
    /// The stretch that is seen, in seconds; empty means all.
    visible: Range<f64>,
    sound: Option<Arc<Sound>>,
    texture: Option<Texture>,
    /// Where a stretch that is being chosen begins, in seconds.
    from: Option<f64>,
}

struct Texture {
    of: Arc<Spectrogram>,
    dark: bool,
    handle: TextureHandle,
}

/// A waveform over a spectrogram. The wheel zooms at the pointer, dragging or a sideways wheel moves; a click is a
/// time.
/// With the keyboard: arrows, Home and End choose a time, plus and minus zoom.
#[must_use = "call `show`"]
pub struct AudioView<'a> {
    id: egui::Id,
    name: &'a str,
    peaks: &'a Peaks,
    spectrogram: Option<&'a Arc<Spectrogram>>,
    playhead: Option<f64>,
    follow: bool,
    marks: &'a [AudioMark],
    select: bool,
    height: f32,
}

/// What happened in an [`AudioView`].
pub struct AudioViewResponse {
    /// The response of the whole.
    pub response: Response,
    /// The time that was chosen just now, in seconds.
    pub clicked: Option<f64>,
    /// The stretch that was chosen just now: where the drag began and where it ended, in seconds.
    pub selected: Option<(f64, f64)>,
    /// The time under the pointer, in seconds.
    pub hovered: Option<f64>,
    /// The stretch that is seen, in seconds: a spectrogram of it shows more than one of the whole.
    pub visible: Range<f64>,
}

/// The height of the axis in points.
const AXIS: f32 = 14.0;

/// The waveform's share of the height where there is a spectrogram below it.
const WAVE_SHARE: f32 = 0.4;

/// Points of the wheel that zoom by a factor of e; egui's own for Ctrl and the wheel.
const WHEEL: f32 = 200.0;

/// Decibels from the loudest level of a spectrogram to the darkest colour.
const RANGE_DB: f32 = 80.0;

impl<'a> AudioView<'a> {
    /// A view with an id and a name, such as that of the file.
    pub fn new(id: egui::Id, name: &'a str, peaks: &'a Peaks) -> Self {
        Self {
            id,
            name,
            peaks,
            spectrogram: None,
            playhead: None,
            follow: false,
            marks: &[],
            select: false,
            height: 200.0,
        }
    }

    /// The spectrogram below the waveform, of all or a part of the sound.
    pub fn spectrogram(mut self, spectrogram: Option<&'a Arc<Spectrogram>>) -> Self {
        self.spectrogram = spectrogram;
        self
    }

    /// The place that is playing, in seconds.
    pub fn playhead(mut self, playhead: Option<f64>) -> Self {
        self.playhead = playhead;
        self
    }

    /// Whether the view turns the page when the playhead leaves it.
    pub fn follow(mut self, follow: bool) -> Self {
        self.follow = follow;
        self
    }

    /// The stretches that are marked.
    pub fn marks(mut self, marks: &'a [AudioMark]) -> Self {
        self.marks = marks;
        self
    }

    /// Whether dragging chooses a stretch, instead of moving what is seen.
    pub fn select(mut self, select: bool) -> Self {
        self.select = select;
        self
    }

    /// The height in points, with the axis.
    pub fn height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }

    /// Draws it over the whole width.
    pub fn show(self, ui: &mut Ui, state: &mut AudioViewState) -> AudioViewResponse {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), self.height), Sense::hover());
        let response = ui.interact(rect, self.id, Sense::click_and_drag());
        let place = self.playhead.unwrap_or(0.0);
        response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), place, self.name));
        let plot = Rect::from_min_max(rect.min, pos2(rect.right(), (rect.bottom() - AXIS).max(rect.top())));
        let limits = Limits::of(self.peaks.sound());
        state.take_up(self.peaks.sound(), limits);
        self.move_about(ui, &response, plot, limits, &mut state.visible);
        let view = view(plot, &state.visible);
        let selection = self.selection(ui, &response, &view, limits, state);
        let by_key = if response.has_focus() { self.keyboard(ui, limits, &mut state.visible) } else { None };
        let by_click = response.interact_pointer_pos().filter(|_| response.clicked()).map(|pos| view.time(pos.x));
        let clicked = by_key.or(by_click).map(|time| time.clamp(0.0, limits.seconds));
        let hovered = response.hover_pos().map(|pos| view.time(pos.x).clamp(0.0, limits.seconds));
        if ui.is_rect_visible(rect) {
            self.paint(ui, plot, &view, state);
            self.paint_marks(ui, plot, &view, selection);
            self.paint_axis(ui, &view, Rect::from_min_max(pos2(rect.left(), plot.bottom()), rect.max));
            self.paint_pointer(ui, plot, &view, &response);
            focus_ring(ui, &response, rect);
        }
        let selected = selection.filter(|_| response.drag_stopped());
        AudioViewResponse { response, clicked, selected, hovered, visible: state.visible.clone() }
    }

    /// The stretch that is being chosen by dragging.
    fn selection(
        &self,
        ui: &Ui,
        response: &Response,
        view: &View,
        limits: Limits,
        state: &mut AudioViewState,
    ) -> Option<(f64, f64)> {
        let time = |pos: egui::Pos2| view.time(pos.x).clamp(0.0, limits.seconds);
        if self.select && response.drag_started() {
            state.from = ui.input(|input| input.pointer.press_origin()).map(time);
        }
        let both = state.from.zip(response.interact_pointer_pos().map(time));
        if response.drag_stopped() {
            state.from = None;
        }
        both.filter(|(from, to)| (from - to).abs() > 0.0 && (response.dragged() || response.drag_stopped()))
    }

    /// The stretches that are marked, and the one that is being chosen.
    fn paint_marks(&self, ui: &Ui, plot: Rect, view: &View, selection: Option<(f64, f64)>) {
        let tokens = Tokens::of(ui);
        let painter = ui.painter().with_clip_rect(plot.intersect(ui.clip_rect()));
        let place = |start: f64, end: f64| {
            let x = |time: f64| plot.left() + ((time - view.start) / view.seconds_per_point()) as f32;
            Rect::from_min_max(pos2(x(start), plot.top()), pos2(x(end), plot.bottom()))
        };
        for mark in self.marks {
            let (color, rect) = (tokens.category(mark.color), place(mark.range.start, mark.range.end));
            painter.rect_filled(rect, 0, color.gamma_multiply(if mark.chosen { 0.35 } else { 0.2 }));
            let stroke = Stroke::new(if mark.chosen { 2.5 } else { 1.0 }, color);
            painter.vline(rect.left(), rect.y_range(), stroke);
            painter.vline(rect.right(), rect.y_range(), stroke);
            let ink = Tokens::readable_on(color);
            let name = painter.layout_no_wrap(mark.name.clone(), theme::caption(), ink);
            let ground = Rect::from_min_size(rect.min, name.size() + vec2(2.0 * space::XS, 0.0));
            painter.rect_filled(ground, 0, color);
            painter.galley(ground.min + vec2(space::XS, 0.0), name, ink);
        }
        if let Some((from, to)) = selection {
            painter.rect_filled(place(from.min(to), from.max(to)), 0, tokens.accent.gamma_multiply(0.25));
        }
    }

    /// Wheel, pinch, drag, and turning the page.
    fn move_about(&self, ui: &Ui, response: &Response, plot: Rect, limits: Limits, visible: &mut Range<f64>) {
        let wheel = take_wheel(ui, plot, true, true);
        let pinch = if response.hovered() { ui.input(|input| input.zoom_delta()) } else { 1.0 };
        let factor = f64::from(pinch * (wheel.y / WHEEL).exp());
        let view = view(plot, visible);
        if factor != 1.0 && factor > 0.0 {
            let at = response.hover_pos().map_or((view.start + view.end) / 2.0, |pos| view.time(pos.x));
            *visible = limits.zoomed(visible, at, factor);
        }
        let drag = if response.dragged() && !self.select { response.drag_delta().x } else { 0.0 };
        let moved = f64::from(wheel.x + drag) * view.seconds_per_point();
        if moved != 0.0 {
            *visible = limits.fitted(visible.start - moved, visible.end - moved);
        }
        let width = visible.end - visible.start;
        if let Some(playhead) = self.playhead.filter(|_| self.follow && !response.dragged())
            && !visible.contains(&playhead)
            && playhead < limits.seconds
        {
            *visible = limits.fitted(playhead, playhead + width);
        }
    }

    /// The time that was chosen with keys; plus and minus zoom about the playhead.
    fn keyboard(&self, ui: &Ui, limits: Limits, visible: &mut Range<f64>) -> Option<f64> {
        let filter = EventFilter { horizontal_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(self.id, filter));
        let place = self.playhead.unwrap_or(visible.start);
        let step = (visible.end - visible.start) / 50.0;
        let (steps, home, end, zoom) = ui.input(|input| {
            let steps = input.num_presses(Key::ArrowRight) as f64 - input.num_presses(Key::ArrowLeft) as f64;
            let closer = input.num_presses(Key::Plus) + input.num_presses(Key::Equals);
            let zoom = closer as f64 - input.num_presses(Key::Minus) as f64;
            (steps, input.key_pressed(Key::Home), input.key_pressed(Key::End), zoom)
        });
        if zoom != 0.0 {
            *visible = limits.zoomed(visible, place, 1.5f64.powf(zoom));
        }
        let chosen = match (home, end) {
            (true, _) => Some(0.0),
            (_, true) => Some(limits.seconds),
            _ => (steps != 0.0).then_some(place + steps * step),
        };
        if let Some(chosen) = chosen.map(|time| time.clamp(0.0, limits.seconds))
            && !(visible.start..=visible.end).contains(&chosen)
        {
            let half = (visible.end - visible.start) / 2.0;
            *visible = limits.fitted(chosen - half, chosen + half);
        }
        chosen
    }

    fn parts(&self, plot: Rect) -> (Rect, Rect) {
        let share = if self.spectrogram.is_some() { WAVE_SHARE } else { 1.0 };
        plot.split_top_bottom_at_fraction(share)
    }

    fn paint(&self, ui: &Ui, plot: Rect, view: &View, state: &mut AudioViewState) {
        let tokens = Tokens::of(ui);
        ui.painter().rect_filled(plot, 0, tokens.sunken);
        let (wave, below) = self.parts(plot);
        self.paint_wave(ui, view, wave);
        if let Some(spectrogram) = self.spectrogram {
            let texture = state.texture(ui, spectrogram);
            paint_spectrogram(ui, view, below, spectrogram, texture);
            ui.painter().hline(below.x_range(), below.top(), Stroke::new(1.0, tokens.hairline));
        }
        if let Some(x) = self.playhead.and_then(|time| view.x(time)) {
            ui.painter().vline(x, plot.y_range(), Stroke::new(3.0, tokens.panel));
            ui.painter().vline(x, plot.y_range(), Stroke::new(1.0, tokens.accent));
        }
    }

    /// A bar a pixel, from the least to the greatest sample in it.
    fn paint_wave(&self, ui: &Ui, view: &View, rect: Rect) {
        let tokens = Tokens::of(ui);
        let pixel = 1.0 / ui.pixels_per_point();
        let count = (rect.width() / pixel).ceil().clamp(0.0, 16_384.0) as usize;
        ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, tokens.hairline));
        // Quiet sounds fill the height too; the axis of loudness is the spectrogram's colour.
        let scale = (rect.height() / 2.0 - 1.0).max(0.0) / self.peaks.peak().max(0.01);
        let end = view.start + f64::from(pixel) * count as f64 * view.seconds_per_point();
        let mut mesh = Mesh::default();
        for (index, column) in self.peaks.columns(view.start, end, count).into_iter().enumerate() {
            let Some((least, greatest)) = column else { continue };
            let left = rect.left() + index as f32 * pixel;
            let (top, bottom) = (rect.center().y - greatest * scale, rect.center().y - least * scale);
            let bar = Rect::from_min_max(pos2(left, top), pos2(left + pixel, bottom.max(top + pixel)));
            mesh.add_colored_rect(bar, tokens.accent);
        }
        ui.painter().with_clip_rect(rect).add(Shape::mesh(mesh));
    }

    fn paint_axis(&self, ui: &Ui, view: &View, axis: Rect) {
        let tokens = Tokens::of(ui);
        ui.painter().hline(axis.x_range(), axis.top(), Stroke::new(1.0, tokens.hairline));
        let (step, decimals) = axis_step(view.seconds_per_point());
        let first = (view.start / step).ceil().max(0.0);
        // As many as fit: no step is narrower than a label.
        for index in 0..200 {
            let time = (first + f64::from(index)) * step;
            let Some(x) = view.x(time).filter(|_| time <= self.peaks.seconds()) else { break };
            ui.painter().vline(x, axis.top()..=axis.top() + space::XS, Stroke::new(1.0, tokens.border));
            let room = Rect::from_min_max(pos2(x + space::XXS, axis.top()), pos2(axis.right(), axis.bottom()));
            let galley = one_line(ui, &moment(time, decimals), theme::caption(), tokens.weak, f32::INFINITY);
            if galley.size().x <= room.width() {
                galley_in(ui, room, Align2::LEFT_CENTER, galley, tokens.weak);
            }
        }
    }

    /// A line under the pointer with its time, and its frequency over the spectrogram.
    fn paint_pointer(&self, ui: &Ui, plot: Rect, view: &View, response: &Response) {
        let Some(pos) = response.hover_pos().filter(|pos| plot.contains(*pos)) else { return };
        let tokens = Tokens::of(ui);
        ui.painter().vline(pos.x, plot.y_range(), Stroke::new(1.0, tokens.border));
        let (time, (_, below)) = (view.time(pos.x).max(0.0), self.parts(plot));
        // A digit more than the axis has, and milliseconds at least.
        let decimals = (axis_step(view.seconds_per_point()).1 + 1).max(3);
        let text = match self.spectrogram.filter(|_| below.contains(pos)) {
            Some(of) => {
                let share = (below.bottom() - pos.y) / below.height().max(1.0);
                moment_and_hertz(time, decimals, of.hz_at(f64::from(share)))
            }
            None => moment(time, decimals),
        };
        let galley = one_line(ui, &text, theme::small_mono(), tokens.text, f32::INFINITY);
        let size = galley.size() + vec2(2.0 * space::XS, 2.0 * space::XXS);
        // To the right of the line, to the left where there is no room.
        let fits = pos.x + size.x + space::XS <= plot.right();
        let left = if fits { pos.x + space::XS } else { pos.x - size.x - space::XS };
        let label = Rect::from_min_size(pos2(left, plot.top() + space::XXS), size);
        ui.painter().rect_filled(label, theme::radius::CONTROL, tokens.raised);
        galley_in(ui, label, Align2::CENTER_CENTER, galley, tokens.text);
    }
}

impl AudioViewState {
    /// Shows another sound whole.
    fn take_up(&mut self, sound: &Arc<Sound>, limits: Limits) {
        if !self.sound.as_ref().is_some_and(|old| Arc::ptr_eq(old, sound)) {
            *self = Self { sound: Some(sound.clone()), ..Self::default() };
        }
        let whole = self.visible.is_empty();
        self.visible = if whole { limits.fitted(0.0, limits.seconds) } else { self.visible.clone() };
    }

    fn texture(&mut self, ui: &Ui, of: &Arc<Spectrogram>) -> &TextureHandle {
        let tokens = Tokens::of(ui);
        let made = self.texture.take().filter(|made| Arc::ptr_eq(&made.of, of) && made.dark == tokens.dark);
        let made = made.unwrap_or_else(|| {
            let image = picture(of, ui.input(|input| input.max_texture_side), |share| tokens.sequential(share));
            let handle = ui.ctx().load_texture("spectrogram", image, TextureOptions::LINEAR);
            Texture { of: of.clone(), dark: tokens.dark, handle }
        });
        &self.texture.insert(made).handle
    }
}

/// Where times stand in `plot`.
fn view(plot: Rect, visible: &Range<f64>) -> View {
    View { left: plot.left(), width: plot.width(), start: visible.start, end: visible.end }
}

fn paint_spectrogram(ui: &Ui, view: &View, rect: Rect, of: &Spectrogram, texture: &TextureHandle) {
    let width = of.span.end - of.span.start;
    let (start, end) = (view.start.max(of.span.start), view.end.min(of.span.end));
    if width <= 0.0 || start >= end {
        return;
    }
    // Only the part in sight, as the whole may be wider than can be counted in points.
    let (Some(left), Some(right)) = (view.x(start), view.x(end)) else { return };
    let share = |time: f64| ((time - of.span.start) / width) as f32;
    let uv = Rect::from_min_max(pos2(share(start), 0.0), pos2(share(end), 1.0));
    let place = Rect::from_x_y_ranges(left..=right, rect.y_range());
    ui.painter().with_clip_rect(rect).image(texture.id(), place, uv, Color32::WHITE);
}

/// The picture of a spectrogram, low frequencies at the bottom, at most `side` pixels wide and high: where there are
/// more rows or columns the loudest of several is taken.
fn picture(of: &Spectrogram, side: usize, color: impl Fn(f32) -> Color32) -> ColorImage {
    let loudest = f32::from(of.loudest());
    let range = RANGE_DB / -Spectrogram::FLOOR_DB * 255.0;
    let colors: Vec<Color32> = (0..=255u8).map(|level| color(1.0 - (loudest - f32::from(level)) / range)).collect();
    let side = side.max(1);
    let (wide, high) = (of.columns.div_ceil(side).max(1), of.rows.div_ceil(side).max(1));
    let (width, height) = (of.columns.div_ceil(wide).max(1), of.rows.div_ceil(high).max(1));
    let mut pixels = Vec::with_capacity(width * height);
    for y in (0..height).rev() {
        for x in 0..width {
            let rows = y * high..((y + 1) * high).min(of.rows);
            let cells = (x * wide..((x + 1) * wide).min(of.columns)).flat_map(|column| {
                let rows = rows.clone();
                rows.filter_map(move |row| of.level(column, row))
            });
            let level = cells.max().unwrap_or(0);
            pixels.push(colors.get(usize::from(level)).copied().unwrap_or(Color32::TRANSPARENT));
        }
    }
    ColorImage::new([width, height], pixels)
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Event, Modifiers, MouseWheelUnit, TouchPhase};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;
    use crate::data::media::Scale;

    fn near(range: &Range<f64>, start: f64, end: f64) -> bool {
        (range.start - start).abs() < 1e-9 && (range.end - end).abs() < 1e-9
    }

    fn spectrogram(columns: usize, rows: usize) -> Spectrogram {
        let levels = (0..columns * rows).map(|at| (at % 256) as u8).collect();
        Spectrogram { columns, rows, levels, span: 0.0..1.0, top_hz: 4000.0, scale: Scale::Linear }
    }

    #[test]
    fn a_picture_stands_upright_and_fits_the_card() {
        let grey = |share: f32| Color32::from_gray((share.clamp(0.0, 1.0) * 255.0) as u8);
        let image = picture(&spectrogram(2, 3), 16, grey);
        assert_eq!(image.size, [2, 3]);
        // The loudest level, 5, is that of the last column and the highest row.
        assert_eq!(image.pixels[1], Color32::WHITE);
        assert!(image.pixels[4].r() < 255);
        assert_eq!(picture(&spectrogram(100, 70), 16, grey).size, [15, 14]);
        assert_eq!(picture(&spectrogram(0, 0), 16, grey).size, [1, 1]);
    }

    #[derive(Default)]
    struct Test {
        state: AudioViewState,
        clicked: Option<f64>,
        visible: Range<f64>,
    }

    #[test]
    fn it_has_a_name_and_takes_clicks_keys_and_the_wheel() {
        let samples = (0..8000).map(|at| (at as f32 / 10.0).sin()).collect();
        let peaks = Peaks::of(Arc::new(Sound { samples, rate: 8000, channels: 1, notes: Vec::new() }));
        let picture = Arc::new(spectrogram(100, 129));
        let mut harness =
            Harness::builder().with_size(vec2(416.0, 240.0)).with_context_setup(theme::install).build_ui_state(
                move |ui, test: &mut Test| {
                    let view = AudioView::new(egui::Id::unique("sound"), "a.wav", &peaks).spectrogram(Some(&picture));
                    let shown = view.playhead(Some(test.clicked.unwrap_or(0.25))).show(ui, &mut test.state);
                    test.clicked = shown.clicked.or(test.clicked);
                    test.visible = shown.visible;
                },
                Test::default(),
            );
        harness.run();
        let rect = harness.get_by_label("a.wav").rect();
        assert!(near(&harness.state().visible, 0.0, 1.0));
        harness.get_by_label("a.wav").click();
        harness.run();
        assert!(harness.state().clicked.is_some_and(|time| (time - 0.5).abs() < 0.01), "{:?}", harness.state().clicked);
        harness.get_by_label("a.wav").focus();
        harness.run();
        harness.key_press(Key::ArrowRight);
        harness.run();
        assert!(
            harness.state().clicked.is_some_and(|time| (time - 0.52).abs() < 0.01),
            "{:?}",
            harness.state().clicked
        );
        harness.key_press(Key::End);
        harness.run();
        assert_eq!(harness.state().clicked, Some(1.0));
        harness.hover_at(rect.center());
        harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, 50.0),
            phase: TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        harness.run();
        let visible = harness.state().visible.clone();
        assert!(visible.end - visible.start < 0.9 && visible.contains(&0.5), "{visible:?}");
    }
}
