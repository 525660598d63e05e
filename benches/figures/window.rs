//! A window without a screen: the shell drawn frame by frame, and how long our own part of each frame takes.
//!
//! A frame is layout and tessellation; what the graphics driver does with it is not ours and not counted. The clock of
//! the frames goes in steps of 16 ms, so that animations and smooth scrolling are the same however fast they are.

use std::path::Path;
use std::time::{Duration, Instant};

use eframe::egui::{self, Event, Modifiers, PointerButton, Pos2, Vec2, accesskit, pos2, vec2};
use lapidary::app::strings::Language;
use lapidary::app::{Prefs, Shell, Start};
use lapidary::engine::{Error, Result};
use lapidary::session::Session;

/// The time from frame to frame.
pub const STEP: Duration = Duration::from_millis(16);

/// The size of the window in points.
pub const SIZE: Vec2 = vec2(1280.0, 800.0);

/// A wheel turned by so many points.
pub fn wheel(by: f32) -> Event {
    Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, by),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    }
}

/// A button of the pointer pressed or let go.
pub fn button(button: PointerButton, pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE }
}

/// The input of a frame.
pub fn input(time: f64, events: Vec<Event>) -> egui::RawInput {
    let screen = egui::Rect::from_min_size(Pos2::ZERO, SIZE);
    egui::RawInput {
        screen_rect: Some(screen),
        max_texture_side: Some(8192),
        time: Some(time),
        events,
        ..Default::default()
    }
}

/// The window.
pub struct Window {
    ctx: egui::Context,
    shell: Shell,
    time: f64,
    /// See [`Window::pictures`].
    pictures: usize,
}

impl Window {
    /// A window in which a project opens.
    pub fn open(project: &Path) -> Self {
        let ctx = egui::Context::default();
        let prefs = Prefs { language: Language::English, ..Prefs::default() };
        let shell = Shell::new(Start::Path(project.to_owned()), prefs, Instant::now(), eframe::Renderer::Wgpu);
        let shell = shell.attached(&ctx);
        Self { ctx, shell, time: 0.0, pictures: 0 }
    }

    /// Draws a frame; tells how long that took.
    pub fn frame(&mut self, events: Vec<Event>) -> Duration {
        let (output, primitives, took) = self.drawn(events);
        drop(output);
        let is_picture = |primitive: &&egui::ClippedPrimitive| match &primitive.primitive {
            egui::epaint::Primitive::Mesh(mesh) => mesh.texture_id != egui::TextureId::default(),
            egui::epaint::Primitive::Callback(_) => false,
        };
        self.pictures = primitives.iter().filter(is_picture).count();
        took
    }

    fn drawn(&mut self, events: Vec<Event>) -> (egui::PlatformOutput, Vec<egui::ClippedPrimitive>, Duration) {
        self.time += STEP.as_secs_f64();
        let (ctx, shell) = (&self.ctx, &mut self.shell);
        let input = input(self.time, events);
        let start = Instant::now();
        shell.logic_of(ctx);
        let mut output = ctx.run_ui(input, |ui| shell.draw(ui));
        let primitives = ctx.tessellate(output.shapes, output.pixels_per_point);
        let took = start.elapsed();
        // No graphics card takes the textures.
        output.textures_delta.clear();
        (output.platform_output, primitives, took)
    }

    /// The frames of `count` steps, each no sooner than 16 ms after the one before, as on a screen.
    pub fn frames(&mut self, count: usize, mut events: impl FnMut(usize) -> Vec<Event>) -> Vec<Duration> {
        let paced = |step: usize| {
            let took = self.frame(events(step));
            std::thread::sleep(STEP.saturating_sub(took));
            took
        };
        (0..count).map(paced).collect()
    }

    /// The number of pictures in the last frame: meshes that show something else than text and plain colour.
    pub fn pictures(&self) -> usize {
        self.pictures
    }

    /// The project, once it is open.
    pub fn session(&self) -> Option<&Session> {
        self.shell.workbench().map(|workbench| workbench.session())
    }

    /// Draws frames until the project is open and nothing is computed any more.
    ///
    /// # Errors
    /// If it takes longer than `most`.
    pub fn settle(&mut self, most: Duration) -> Result<()> {
        let (start, mut calm) = (Instant::now(), 0);
        while calm < 10 {
            self.frame(Vec::new());
            let settled = self.shell.is_settled() && self.session().is_some();
            calm = if settled { calm + 1 } else { 0 };
            if start.elapsed() > most {
                return Err(Error::input("the window did not settle"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Where the control of that role and name stands, as a screen reader is told.
    ///
    /// # Errors
    /// If there is no such control.
    pub fn find(&mut self, role: accesskit::Role, name: &str) -> Result<egui::Rect> {
        self.ctx.enable_accesskit();
        self.drawn(Vec::new());
        let (output, ..) = self.drawn(Vec::new());
        self.ctx.disable_accesskit();
        let nodes = output.accesskit_update.map(|update| update.nodes).unwrap_or_default();
        let found = nodes.iter().find(|(_, node)| node.role() == role && node.label() == Some(name));
        let bounds = found.and_then(|(_, node)| node.bounds());
        let bounds = bounds.ok_or_else(|| Error::input("there is no such control in the window").at(name))?;
        let at = |x: f64, y: f64| pos2(x as f32, y as f32);
        Ok(egui::Rect::from_min_max(at(bounds.x0, bounds.y0), at(bounds.x1, bounds.y1)))
    }

    /// Clicks the button of that name.
    ///
    /// # Errors
    /// If there is none.
    pub fn click(&mut self, name: &str) -> Result<()> {
        let at = self.find(accesskit::Role::Button, name)?.center();
        self.frame(vec![Event::PointerMoved(at)]);
        self.frame(vec![button(PointerButton::Primary, at, true)]);
        self.frame(vec![button(PointerButton::Primary, at, false)]);
        self.frame(Vec::new());
        Ok(())
    }
}
