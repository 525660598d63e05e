//! Playback: one sound at a time, on a thread of its own.
//!
//! In: a decoded [`Sound`] and what the person wants (play, pause, seek). Out: where it is now, readable each frame.
//! The position advances by the clock, with or without a device: without one everything works but is silent, and
//! [`Player::voice`] says why. What makes the sound heard is an [`Output`].

mod output;
mod program;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use output::Output;
#[cfg(test)]
use output::Silent;

use crate::data::media::Sound;

/// What makes sound on this computer: the players of the desktop. Nothing is started before the first sound is played.
pub fn system_output() -> Box<dyn Output> {
    Box::new(program::Program::found())
}

/// Whether the sound can be heard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Voice {
    /// Nothing was played yet.
    #[default]
    Unknown,
    /// It is played by this program or device.
    Heard(String),
    /// It is not, and why.
    Silent(String),
}

/// Plays one sound at a time. All calls return at once. Dropping it ends the playing.
pub struct Player {
    state: Arc<Mutex<State>>,
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    sound: Option<Arc<Sound>>,
    /// The position in seconds when the clock was last started or stopped.
    at: f64,
    playing: bool,
    /// Since when the sound is heard; `None` before it is, and while it stands still.
    since: Option<Instant>,
    /// Counts orders, so that an old one does not start the clock.
    order: u64,
    voice: Voice,
}

enum Order {
    Start { sound: Arc<Sound>, from: usize, order: u64 },
    Stop,
}

/// Time between two looks at a running output.
const POLL: Duration = Duration::from_millis(50);

impl Player {
    /// A player over an output, which is made on the player's own thread. Should no thread be had, it is silent.
    pub fn new(output: impl FnOnce() -> Box<dyn Output> + Send + 'static) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let (orders, inbox) = channel();
        let shared = state.clone();
        let spawned = std::thread::Builder::new()
            .name("sound".to_owned())
            .spawn(move || work(&inbox, &shared, output().as_mut()));
        let orders = match &spawned {
            Ok(_) => Some(orders),
            Err(why) => {
                lock(&state).voice = Voice::Silent(format!("cannot start a thread, {why}"));
                None
            }
        };
        Self { state, orders, thread: spawned.ok() }
    }

    /// Takes up a sound at its beginning, without playing it. The sound that is up already stays as it is.
    pub fn load(&self, sound: &Arc<Sound>) {
        let mut state = lock(&self.state);
        if state.sound.as_ref().is_some_and(|old| Arc::ptr_eq(old, sound)) {
            return;
        }
        let was_playing = state.playing;
        let voice = std::mem::take(&mut state.voice);
        *state = State { sound: Some(sound.clone()), order: state.order + 1, voice, ..State::default() };
        if was_playing {
            self.send(Order::Stop);
        }
    }

    /// Plays on; from the beginning if it stood at the end.
    pub fn play(&self) {
        let mut state = lock(&self.state);
        state.settle();
        if state.playing {
            return;
        }
        if state.at >= state.seconds() - 1e-3 {
            state.at = 0.0;
        }
        self.start(&mut state);
    }

    /// Stops where it is.
    pub fn pause(&self) {
        let mut state = lock(&self.state);
        state.settle();
        if state.playing {
            state.at = state.now();
            (state.playing, state.since) = (false, None);
            state.order += 1;
            self.send(Order::Stop);
        }
    }

    /// Plays or stops, whichever it does not do now.
    pub fn toggle(&self) {
        if self.is_playing() { self.pause() } else { self.play() }
    }

    /// Goes to a position in seconds, cut to the sound, and plays on from there if it was playing.
    pub fn seek(&self, seconds: f64) {
        let mut state = lock(&self.state);
        state.settle();
        // NaN becomes the beginning.
        state.at = seconds.max(0.0).min(state.seconds());
        if state.playing {
            self.start(&mut state);
        }
    }

    /// The position in seconds.
    pub fn position(&self) -> f64 {
        let mut state = lock(&self.state);
        state.settle();
        state.now()
    }

    /// True while the position advances. The window then draws again soon.
    pub fn is_playing(&self) -> bool {
        let mut state = lock(&self.state);
        state.settle();
        state.playing
    }

    /// True if this is the sound that is up.
    pub fn holds(&self, sound: &Arc<Sound>) -> bool {
        lock(&self.state).sound.as_ref().is_some_and(|held| Arc::ptr_eq(held, sound))
    }

    /// Whether the sound can be heard.
    pub fn voice(&self) -> Voice {
        lock(&self.state).voice.clone()
    }

    fn start(&self, state: &mut State) {
        let Some(sound) = state.sound.clone() else { return };
        state.order += 1;
        let from = (state.at * f64::from(sound.rate)) as usize;
        let heard = self.send(Order::Start { sound, from, order: state.order });
        // The thread starts the clock once the sound is on its way; where there is none, nobody else would.
        (state.playing, state.since) = (true, (!heard).then(Instant::now));
    }

    /// False if there is no thread to hear it.
    fn send(&self, order: Order) -> bool {
        self.orders.as_ref().is_some_and(|orders| orders.send(order).is_ok())
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // It stops the output and ends; had it panicked, there would be nothing left to do.
            let _ = thread.join();
        }
    }
}

impl State {
    fn seconds(&self) -> f64 {
        self.sound.as_ref().map_or(0.0, |sound| sound.seconds())
    }

    fn now(&self) -> f64 {
        let heard = self.since.map_or(0.0, |since| Instant::now().saturating_duration_since(since).as_secs_f64());
        (self.at + heard).min(self.seconds())
    }

    /// Stops at the end.
    fn settle(&mut self) {
        if self.playing && self.now() >= self.seconds() {
            (self.at, self.playing, self.since) = (self.seconds(), false, None);
        }
    }
}

/// Carries out orders until the player is dropped.
fn work(inbox: &Receiver<Order>, shared: &Mutex<State>, output: &mut dyn Output) {
    let mut running = false;
    loop {
        let first =
            if running { inbox.recv_timeout(POLL) } else { inbox.recv().map_err(|_| RecvTimeoutError::Disconnected) };
        match first {
            // While a person drags the position, only the newest order counts.
            Ok(first) => match inbox.try_iter().last().unwrap_or(first) {
                Order::Stop => {
                    output.stop();
                    running = false;
                }
                Order::Start { sound, from, order } => {
                    let voice = match output.start(&sound, from) {
                        Ok(()) => Voice::Heard(output.name()),
                        Err(why) => Voice::Silent(why),
                    };
                    running = matches!(voice, Voice::Heard(_));
                    let delay = if running { output.latency() } else { Duration::ZERO };
                    let mut state = lock(shared);
                    state.voice = voice;
                    if state.order == order {
                        state.since = Some(Instant::now() + delay);
                    }
                }
            },
            Err(RecvTimeoutError::Timeout) => match output.check() {
                Ok(playing) => {
                    running = playing;
                    if playing {
                        lock(shared).voice = Voice::Heard(output.name());
                    }
                }
                Err(why) => {
                    running = false;
                    lock(shared).voice = Voice::Silent(why);
                }
            },
            Err(RecvTimeoutError::Disconnected) => {
                output.stop();
                return;
            }
        }
    }
}

/// Goes on with the value if another thread panicked while it held the lock: no panic could break it.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes down what it is told.
    struct Told(Arc<Mutex<Vec<String>>>, Result<(), String>);

    impl Output for Told {
        fn start(&mut self, _: &Arc<Sound>, from: usize) -> Result<(), String> {
            self.0.lock().unwrap().push(format!("start {from}"));
            self.1.clone()
        }
        fn stop(&mut self) {
            self.0.lock().unwrap().push("stop".to_owned());
        }
        fn check(&mut self) -> Result<bool, String> {
            Ok(true)
        }
        fn name(&self) -> String {
            "test".to_owned()
        }
        fn latency(&self) -> Duration {
            Duration::ZERO
        }
    }

    fn sound(seconds: f64) -> Arc<Sound> {
        let samples = vec![0.0; (seconds * 1000.0) as usize];
        Arc::new(Sound { samples, rate: 1000, channels: 1, notes: Vec::new() })
    }

    fn player(outcome: Result<(), String>) -> (Player, Arc<Mutex<Vec<String>>>) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let log = told.clone();
        (Player::new(move || Box::new(Told(log, outcome))), told)
    }

    fn wait(what: &str, is: impl Fn() -> bool) {
        let start = Instant::now();
        while !is() {
            assert!(start.elapsed() < Duration::from_secs(10), "{what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn it_plays_pauses_and_seeks() {
        let (player, told) = player(Ok(()));
        player.play();
        assert!(!player.is_playing() || player.position() == 0.0, "nothing to play");
        player.load(&sound(100.0));
        assert!(!player.is_playing() && player.position() == 0.0);
        player.seek(50.0);
        assert_eq!(player.position(), 50.0);
        player.play();
        wait("the position advances", || player.position() > 50.0);
        assert_eq!(player.voice(), Voice::Heard("test".to_owned()));
        player.pause();
        let at = player.position();
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(player.position(), at);
        for (to, expected) in [(-1.0, 0.0), (1e9, 100.0), (f64::NAN, 0.0), (99.0, 99.0)] {
            player.seek(to);
            assert_eq!(player.position(), expected);
        }
        drop(player);
        assert_eq!(*told.lock().unwrap(), ["start 50000", "stop", "stop"]);
    }

    #[test]
    fn it_stops_at_the_end_and_begins_anew() {
        let (player, _) = player(Ok(()));
        player.load(&sound(0.02));
        player.toggle();
        wait("it ends", || !player.is_playing());
        assert_eq!(player.position(), 0.02);
        player.toggle();
        assert!(player.position() < 0.02 || !player.is_playing());
        player.load(&sound(1.0));
        assert_eq!((player.position(), player.is_playing()), (0.0, false));
    }

    #[test]
    fn without_a_device_it_is_silent_but_works() {
        let (broken, _) = player(Err("no device".to_owned()));
        let silent = Player::new(|| Box::new(Silent));
        for player in [broken, silent] {
            player.load(&sound(0.05));
            player.play();
            wait("it ends", || !player.is_playing());
            assert_eq!(player.position(), 0.05);
            assert!(matches!(player.voice(), Voice::Silent(_)), "{:?}", player.voice());
        }
    }
}
