//! The sounds of a project in the window: decoded off its thread, a few kept, one played at a time.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use eframe::egui;

use super::sound::{Player, Voice, system_output};
use super::strings::{Strings, moment};
use super::theme::{self, Tokens, icons, space};
use super::widgets::{self, AudioMark, AudioView, AudioViewState};
use crate::data::media::{AudioLimits, Peaks, Root, Spectrogram, SpectrogramOptions};
use crate::engine::{Job, Result, Waker, Work};

/// Sounds that are kept decoded: the one that is looked at, and those just before it.
const KEPT: usize = 4;

/// What is drawn and played of a sound.
struct Heard {
    peaks: Peaks,
    spectrogram: Arc<Spectrogram>,
}

enum Held {
    Coming(Job<Heard>),
    Ready(Arc<Heard>),
    Failed(String),
}

/// What a place that shows a sound asks for.
#[derive(Default)]
pub struct Asked<'a> {
    /// The stretches that are marked.
    pub marks: &'a [AudioMark],
    /// Whether dragging chooses a stretch, instead of moving what is seen.
    pub select: bool,
    /// The height in points.
    pub height: f32,
}

/// What happened to a sound that is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Told {
    /// The stretch that was chosen just now, from where to where in seconds.
    pub selected: Option<(f64, f64)>,
    /// The time that was chosen just now, in seconds.
    pub clicked: Option<f64>,
}

/// The sounds by path, and the player.
pub struct Sounds {
    root: Option<Arc<Root>>,
    waker: Waker,
    player: Player,
    held: Vec<(String, Held)>,
    /// How each place that shows sounds is looked at.
    views: HashMap<&'static str, AudioViewState>,
    /// The path that was shown last: what the key for playing speaks of.
    shown: Option<String>,
}

impl Sounds {
    /// The sounds below a folder.
    pub fn new(root: &Path, waker: Waker) -> Self {
        Self {
            root: Root::open(root).ok().map(Arc::new),
            waker,
            player: Player::new(system_output),
            held: Vec::new(),
            views: HashMap::new(),
            shown: None,
        }
    }

    /// Plays the sound that is shown, or stops it.
    pub fn toggle(&mut self) {
        if let Some(path) = self.shown.clone()
            && let Held::Ready(heard) = self.take_up(&path)
        {
            let sound = heard.peaks.sound().clone();
            self.player.load(&sound);
            self.player.toggle();
        }
    }

    /// Where the sound that is shown is played, in seconds.
    pub fn position(&mut self) -> f64 {
        let Some(path) = self.shown.clone() else { return 0.0 };
        match self.take_up(&path) {
            Held::Ready(heard) => {
                let sound = heard.peaks.sound().clone();
                if self.player.holds(&sound) { self.player.position() } else { 0.0 }
            }
            _ => 0.0,
        }
    }

    /// Goes to a time of the sound that is shown.
    pub fn seek(&mut self, time: f64) {
        if let Some(path) = self.shown.clone()
            && let Held::Ready(heard) = self.take_up(&path)
        {
            let sound = heard.peaks.sound().clone();
            self.player.load(&sound);
            self.player.seek(time);
        }
    }

    fn take_up(&mut self, path: &str) -> &Held {
        let at = match self.held.iter().position(|(other, _)| other == path) {
            Some(at) => at,
            None => {
                self.held.truncate(KEPT - 1);
                let (root, inner) = (self.root.clone(), path.to_owned());
                let decode = move |work: &Work| decode(root.as_deref(), &inner, work);
                let job = Job::spawn("decode sound", self.waker.clone(), decode);
                self.held.insert(0, (path.to_owned(), Held::Coming(job)));
                0
            }
        };
        let held = &mut self.held[at].1;
        if let Held::Coming(job) = held {
            match job.take() {
                Some(Ok(heard)) => *held = Held::Ready(Arc::new(heard)),
                Some(Err(error)) => *held = Held::Failed(error.to_string()),
                None => {}
            }
        }
        held
    }

    /// Draws a sound over the width there is, `height` points high, with its controls. `place` names the pane.
    pub fn ui(&mut self, ui: &mut egui::Ui, place: &'static str, path: &str, height: f32, strings: &'static Strings) {
        let asked = Asked { height, ..Asked::default() };
        self.ui_with(ui, place, path, asked, strings);
    }

    /// The same with marks, and stretches that can be chosen.
    pub fn ui_with(
        &mut self,
        ui: &mut egui::Ui,
        place: &'static str,
        path: &str,
        asked: Asked<'_>,
        strings: &'static Strings,
    ) -> Told {
        self.shown = Some(path.to_owned());
        let heard = match self.take_up(path) {
            Held::Ready(heard) => heard.clone(),
            Held::Coming(_) => {
                let tokens = Tokens::of(ui);
                ui.label(egui::RichText::new(strings.working).color(tokens.weak));
                return Told::default();
            }
            Held::Failed(error) => {
                let tokens = Tokens::of(ui);
                ui.label(egui::RichText::new(error).color(tokens.error));
                return Told::default();
            }
        };
        let sound = heard.peaks.sound().clone();
        let up = self.player.holds(&sound);
        let playing = up && self.player.is_playing();
        let at = if up { self.player.position() } else { 0.0 };
        let state = self.views.entry(place).or_default();
        let view = AudioView::new(egui::Id::unique(("sound", place)), path, &heard.peaks)
            .spectrogram(Some(&heard.spectrogram))
            .playhead(up.then_some(at))
            .follow(playing)
            .marks(asked.marks)
            .select(asked.select)
            .height(asked.height);
        let shown = view.show(ui, state);
        if let Some(time) = shown.clicked {
            self.player.load(&sound);
            self.player.seek(time);
        }
        self.controls_ui(ui, &sound.notes, (at, sound.seconds()), playing, strings);
        if playing {
            ui.ctx().request_repaint_after(Duration::from_millis(30));
        }
        Told { selected: shown.selected, clicked: shown.clicked }
    }

    fn controls_ui(
        &mut self,
        ui: &mut egui::Ui,
        notes: &[String],
        (at, length): (f64, f64),
        playing: bool,
        strings: &'static Strings,
    ) {
        let tokens = Tokens::of(ui);
        let weak = |text: &str| egui::RichText::new(text).font(theme::caption()).color(tokens.weak);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            let (icon, name) = if playing { (icons::PAUSE, strings.pause) } else { (icons::PLAY, strings.play) };
            if widgets::icon_button(ui, icon, name, Some("Space")).clicked() {
                self.toggle();
            }
            let text = format!("{} / {}", moment(at, 2), moment(length, 2));
            ui.label(egui::RichText::new(text).font(theme::small_mono()).color(tokens.text));
            if let Voice::Silent(why) = self.player.voice() {
                ui.label(weak(&strings.silent(&why)));
            }
            for note in notes {
                ui.label(weak(note));
            }
        });
    }
}

fn decode(root: Option<&Root>, path: &str, work: &Work) -> Result<Heard> {
    let root = root.ok_or_else(|| crate::engine::Error::input("the folder of the sounds is not there"))?;
    let sound = Arc::new(root.media(path)?.decode_sound(AudioLimits::default(), work)?);
    let whole = 0.0..sound.seconds();
    let spectrogram = Spectrogram::of(&sound, whole, &SpectrogramOptions::default(), work)?;
    Ok(Heard { peaks: Peaks::of(sound), spectrogram: Arc::new(spectrogram) })
}
