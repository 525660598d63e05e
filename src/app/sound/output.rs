//! What a player needs of a sound device, and the device that is always there.

use std::sync::Arc;
use std::time::Duration;

use crate::data::media::Sound;

/// Something that makes a sound heard. It is made, used and dropped on the player's thread; reasons are for the person.
pub trait Output {
    /// Plays from sample `from` to the end, in place of what was playing. Returns without waiting for the end.
    ///
    /// # Errors
    /// With the reason, if nothing will be heard.
    fn start(&mut self, sound: &Arc<Sound>, from: usize) -> Result<(), String>;

    /// Falls silent at once.
    fn stop(&mut self);

    /// Looks after what is playing; false once it has ended. Called about twenty times a second.
    ///
    /// # Errors
    /// With the reason, if it fell silent before the end.
    fn check(&mut self) -> Result<bool, String>;

    /// The name of the program or device.
    fn name(&self) -> String;

    /// About how long it takes from [`start`](Self::start) until something is heard.
    fn latency(&self) -> Duration;
}

/// No device: everything works, nothing is heard.
#[cfg(test)]
pub(super) struct Silent;

#[cfg(test)]
impl Output for Silent {
    fn start(&mut self, _: &Arc<Sound>, _: usize) -> Result<(), String> {
        Err("there is no sound device".to_owned())
    }

    fn stop(&mut self) {}

    fn check(&mut self) -> Result<bool, String> {
        Ok(false)
    }

    fn name(&self) -> String {
        "silent".to_owned()
    }

    fn latency(&self) -> Duration {
        Duration::ZERO
    }
}
