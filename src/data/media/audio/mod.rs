//! Sound: files to samples, and samples to what can be drawn and learnt from.
//!
//! In: paths of WAV, FLAC, MP3 and OGG Vorbis files. Out: [`AudioInfo`] from the header, [`Sound`] (one channel of
//! samples), [`Peaks`] to draw a waveform at any zoom, [`Spectrogram`] to draw frequencies, [`LogMel`] to learn from.

mod decode;
mod frames;
mod mel;
mod peaks;
#[cfg(test)]
pub(crate) mod samples;
mod sounds_of;
mod spectrogram;

pub use decode::{AudioInfo, AudioLimits, Sound, audio_info, clock, decode_sound, decode_sound_bytes};
pub use frames::FrameOptions;
pub use mel::{LogMel, hz_of_mel, mel_of_hz};
pub use peaks::Peaks;
pub use sounds_of::map_sounds;
pub use spectrogram::{Scale, Spectrogram, SpectrogramOptions};
