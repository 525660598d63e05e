//! One sound file to samples: one channel, no longer than the limits, whatever is in the file.

use std::fs::File;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use symphonia::core::audio::Channels;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoderOptions};
use symphonia::core::errors::Error as Fault;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;

use crate::engine::{Error, ErrorKind, Result, Work};

/// What one sound may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AudioLimits {
    /// Longer sounds are cut after so many seconds, and it is said.
    pub max_seconds: f64,
    /// They are cut after so many samples as well, which counts at high sample rates.
    pub max_samples: usize,
    /// The most bytes that a file may have.
    pub max_file_bytes: u64,
}

impl Default for AudioLimits {
    /// 30 minutes, 64 Mi samples (256 MiB as they are kept: 23 minutes at 48 kHz), files of 4 GiB.
    fn default() -> Self {
        Self { max_seconds: 1800.0, max_samples: 1 << 26, max_file_bytes: 4 << 30 }
    }
}

impl AudioLimits {
    /// The same, but no longer than `seconds`.
    #[must_use]
    pub fn seconds(self, seconds: f64) -> Self {
        Self { max_seconds: seconds, ..self }
    }

    /// The most samples that are kept at a sample rate.
    fn samples(&self, rate: u32) -> usize {
        // A cast of a float to an integer saturates, and makes 0 of NaN.
        ((self.max_seconds * f64::from(rate)) as usize).min(self.max_samples)
    }
}

/// Sample rates up to this are taken; the highest that recorders use is 768 kHz.
const MAX_RATE: u32 = 1_000_000;

/// What the header of a sound file says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AudioInfo {
    /// The length in seconds. For an MP3 file without a table of contents it is estimated from the bit rate.
    pub seconds: f64,
    /// Samples a second and channel, 1 to 1,000,000.
    pub sample_rate: u32,
    /// The number of channels, at least 1.
    pub channels: u16,
}

/// A decoded sound: the mean of its channels.
#[derive(Clone, PartialEq)]
pub struct Sound {
    /// Samples, full scale at -1 and 1; files of floating point numbers may go beyond. All are finite.
    pub samples: Vec<f32>,
    /// Samples a second, 1 to 1,000,000.
    pub rate: u32,
    /// The number of channels of the file.
    pub channels: u16,
    /// What was cut, skipped or repaired, for the person.
    pub notes: Vec<String>,
}

impl std::fmt::Debug for Sound {
    /// The sizes alone; samples by the million help nobody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sound({} samples at {} Hz, {:?})", self.samples.len(), self.rate, self.notes)
    }
}

impl Sound {
    /// The length in seconds.
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate.max(1))
    }
}

/// What the header of the file at `path` says. Samples are not decoded; a file whose header does not tell its length
/// is read through.
///
/// # Errors
/// If the file cannot be read, holds no sound of a known format, is damaged in its header or too large, or the work
/// was cancelled. The error carries the path.
pub fn audio_info(path: &Path, limits: AudioLimits, work: &Work) -> Result<AudioInfo> {
    let read = |file: File, bytes: u64| {
        let mut stream = Stream::open(Box::new(file), extension(path))?;
        let frames = match stream.frames {
            Some(frames) => stream.fits(bytes).map_or(frames, |most| frames.min(most)),
            None => stream.count_frames(work)?,
        };
        let seconds = frames as f64 / f64::from(stream.rate);
        Ok(AudioInfo { seconds, sample_rate: stream.rate, channels: stream.channels })
    };
    open(path, limits)
        .and_then(|(file, bytes)| guarded(|| read(file, bytes)))
        .map_err(|error| error.or_at(path.display()))
}

/// Decodes the sound file at `path` and mixes its channels to one. What is damaged is left out and said in
/// [`Sound::notes`], as is what was cut because of the limits. WAV (PCM, floating point, ADPCM, A-law, mu-law), FLAC,
/// MP3 and OGG Vorbis are told apart by their content, not by their name.
///
/// # Errors
/// If the file cannot be read, holds no sound of a known format, nothing of it can be decoded, or the work was
/// cancelled. The error carries the path.
pub fn decode_sound(path: &Path, limits: AudioLimits, work: &Work) -> Result<Sound> {
    open(path, limits)
        .and_then(|(file, _)| guarded(|| Stream::open(Box::new(file), extension(path))?.decode(limits, work)))
        .map_err(|error| error.or_at(path.display()))
}

/// Decodes a sound that is held in memory, such as one from a column of bytes. As [`decode_sound`].
///
/// # Errors
/// As [`decode_sound`]; the caller adds where the bytes came from.
pub fn decode_sound_bytes(bytes: &[u8], limits: AudioLimits, work: &Work) -> Result<Sound> {
    if bytes.is_empty() {
        return Err(empty());
    }
    guarded(|| Stream::open(Box::new(Cursor::new(bytes)), None)?.decode(limits, work))
}

/// Seconds as minutes and seconds, with hours where there are any: `1:02`, `1:00:00`.
pub fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Opens an ordinary file and tells its length. A pipe or a device could deliver bytes for ever, or none.
fn open(path: &Path, limits: AudioLimits) -> Result<(File, u64)> {
    let failed = |source: std::io::Error| Error::io("cannot read the sound", path, &source);
    let meta = std::fs::metadata(path).map_err(failed)?;
    if meta.is_dir() {
        return Err(failed(std::io::ErrorKind::IsADirectory.into()));
    }
    if !meta.is_file() {
        return Err(Error::input("this is a device or a pipe, not a sound file"));
    }
    if meta.len() == 0 {
        return Err(empty());
    }
    if meta.len() > limits.max_file_bytes {
        return Err(Error::input(format!("the sound file is too large, it has {} MB", meta.len() >> 20))
            .help(format!("files of up to {} MB are opened; cut it into parts", limits.max_file_bytes >> 20)));
    }
    Ok((File::open(path).map_err(failed)?, meta.len()))
}

fn extension(path: &Path) -> Option<&str> {
    path.extension().and_then(|ending| ending.to_str())
}

/// Runs a decoder. Decoders meet arbitrary bytes; one that panics on some of them must cost an error and not a thread.
fn guarded<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(Error::input("the sound is damaged in a way that its decoder does not expect")))
}

/// The first track of sound in a file, ready to be read.
struct Stream<'s> {
    format: Box<dyn FormatReader + 's>,
    track: u32,
    codec: AudioCodecParameters,
    rate: u32,
    channels: u16,
    /// The number of samples a channel, if the header tells.
    frames: Option<u64>,
}

impl<'s> Stream<'s> {
    fn open(source: Box<dyn MediaSource + 's>, extension: Option<&str>) -> Result<Self> {
        let mut hint = Hint::new();
        if let Some(extension) = extension {
            hint.with_extension(extension);
        }
        let source = MediaSourceStream::new(source, Default::default());
        let format = symphonia::default::get_probe()
            .probe(&hint, source, FormatOptions::default(), MetadataOptions::default())
            .map_err(explain_probe)?;
        let track = format
            .default_track(TrackType::Audio)
            .ok_or_else(|| Error::input("there is no sound in this file").help(FORMATS))?;
        let codec = track.codec_params.as_ref().and_then(CodecParameters::audio).cloned();
        let codec = codec.ok_or_else(|| Error::input("there is no sound in this file").help(FORMATS))?;
        let (id, frames) = (track.id, track.num_frames);
        let rate = codec.sample_rate.unwrap_or(0);
        let channels = codec.channels.as_ref().map_or(0, Channels::count);
        if rate == 0 || rate > MAX_RATE || channels == 0 {
            return Err(damaged(&format!("its header states {rate} samples a second and {channels} channels")));
        }
        let channels = u16::try_from(channels).unwrap_or(u16::MAX);
        Ok(Self { format, track: id, codec, rate, channels, frames })
    }

    /// The most samples a channel that uncompressed data in a file of `bytes` can hold: the header of a file that was
    /// cut off promises more. `None` for compressed data.
    fn fits(&self, bytes: u64) -> Option<u64> {
        let is_wave = self.format.format_info().short_name == "wave";
        // Absent for ADPCM and the logarithmic codecs of telephony.
        let bits = self.codec.bits_per_sample.filter(|_| is_wave)?;
        let frame = u64::from(bits.div_ceil(8).max(1)) * u64::from(self.channels);
        Some(bytes / frame)
    }

    /// Adds up the lengths of the packets without decoding them.
    fn count_frames(&mut self, work: &Work) -> Result<u64> {
        let mut frames = 0u64;
        loop {
            work.check()?;
            match self.format.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => frames = frames.saturating_add(packet.dur.get()),
                Ok(Some(_)) => {}
                // What follows cannot be read, so that the sound ends here.
                Ok(None) | Err(_) => return Ok(frames),
            }
        }
    }

    fn decode(mut self, limits: AudioLimits, work: &Work) -> Result<Sound> {
        let mut decoder = symphonia::default::get_codecs()
            .make_audio_decoder(&self.codec, &AudioDecoderOptions::default())
            .map_err(explain)?;
        let most = limits.samples(self.rate);
        let mut mix = Mix { most, ..Mix::default() };
        // A header may lie; what is truly there is made room for as it comes.
        let stated = self.frames.map_or(0, |frames| usize::try_from(frames).unwrap_or(most));
        mix.samples.reserve(stated.min(most).min(1 << 22));
        while !mix.full {
            work.check()?;
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => packet,
                Ok(Some(_)) => continue,
                Ok(None) => break,
                Err(fault) => {
                    mix.stop(fault, self.frames.is_some())?;
                    break;
                }
            };
            match decoder.decode(&packet) {
                Ok(buffer) if buffer.spec().rate() == self.rate => {
                    let channels = buffer.num_planes();
                    buffer.copy_to_vec_interleaved(&mut mix.interleaved);
                    mix.add(channels);
                }
                Ok(_) => {
                    mix.notes.push("the sample rate changes; what follows was left out".to_owned());
                    break;
                }
                // Decoding may go on with the next packet.
                Err(Fault::DecodeError(why)) => mix.skip(why),
                Err(Fault::IoError(_)) => mix.skip("a packet is too short"),
                Err(fault) => {
                    mix.stop(fault, true)?;
                    break;
                }
            }
        }
        mix.finish(self.rate, self.channels, self.frames)
    }
}

/// Collects samples, the channels of each frame averaged.
#[derive(Default)]
struct Mix {
    samples: Vec<f32>,
    /// The packet in hand.
    interleaved: Vec<f32>,
    most: usize,
    full: bool,
    /// Packets that could not be decoded, and why the first could not.
    skipped: u64,
    why: Option<&'static str>,
    /// Samples that were no numbers.
    repaired: u64,
    notes: Vec<String>,
}

impl Mix {
    fn add(&mut self, channels: usize) {
        let channels = channels.max(1);
        let room = self.most.saturating_sub(self.samples.len());
        self.full = self.interleaved.len() / channels > room;
        for frame in self.interleaved.chunks_exact(channels).take(room) {
            let mean = frame.iter().sum::<f32>() / channels as f32;
            self.repaired += u64::from(!mean.is_finite());
            self.samples.push(if mean.is_finite() { mean } else { 0.0 });
        }
    }

    fn skip(&mut self, why: &'static str) {
        self.skipped += 1;
        self.why = self.why.or(Some(why));
    }

    /// The file cannot be read any further. What was read before stands; with nothing before, it is an error.
    fn stop(&mut self, fault: Fault, length_known: bool) -> Result<()> {
        if self.samples.is_empty() {
            return Err(explain(fault));
        }
        match fault {
            Fault::ResetRequired => self.notes.push("another stream follows the first; it was left out".to_owned()),
            // A file that was written to a pipe does not state its length, and simply ends.
            Fault::IoError(source) if is_end(&source) && !length_known => {}
            Fault::IoError(source) if is_end(&source) => self.notes.push("the file ends too early".to_owned()),
            fault => self.notes.push(format!("the rest of the file is damaged ({fault})")),
        }
        Ok(())
    }

    fn finish(mut self, rate: u32, channels: u16, frames: Option<u64>) -> Result<Sound> {
        if self.samples.is_empty() {
            return Err(match self.why {
                Some(why) => damaged(why),
                None => Error::input("there is no sound in this file, it has no samples")
                    .help("replace the file, or exclude the item"),
            });
        }
        if self.full {
            let kept = clock(self.samples.len() as f64 / f64::from(rate));
            let all = frames.map_or_else(String::new, |all| format!(" of {}", clock(all as f64 / f64::from(rate))));
            self.notes.push(format!("only the first {kept}{all} are decoded"));
        }
        if let Some(why) = self.why {
            self.notes.push(format!("{} damaged parts were left out ({why})", self.skipped));
        }
        if self.repaired > 0 {
            self.notes.push(format!("{} samples are not numbers and were made silent", self.repaired));
        }
        self.samples.shrink_to_fit();
        Ok(Sound { samples: self.samples, rate, channels, notes: self.notes })
    }
}

const FORMATS: &str = "sounds are read as WAV, FLAC, MP3 or OGG Vorbis; convert it to one of these";

fn is_end(source: &std::io::Error) -> bool {
    source.kind() == std::io::ErrorKind::UnexpectedEof
}

/// While a format is looked for, the end of the file means that none was found.
fn explain_probe(fault: Fault) -> Error {
    match fault {
        Fault::Unsupported(_) => Error::input("this is not a sound of a known format").help(FORMATS),
        Fault::IoError(source) if is_end(&source) => {
            Error::input("this is not a sound of a known format, or it ends within its header").help(FORMATS)
        }
        fault => explain(fault),
    }
}

fn explain(fault: Fault) -> Error {
    match fault {
        Fault::IoError(source) if is_end(&source) => damaged("the file ends too early"),
        Fault::IoError(source) => Error::new(ErrorKind::Io, format!("cannot read the sound, {source}")),
        Fault::DecodeError(why) | Fault::LimitError(why) => damaged(why),
        Fault::Unsupported(what) => Error::input(format!("this kind of sound is not supported ({what})")).help(FORMATS),
        fault => damaged(&fault.to_string()),
    }
}

fn damaged(why: &str) -> Error {
    Error::input(format!("the sound is damaged ({why})")).help("replace the file, or exclude the item")
}

fn empty() -> Error {
    Error::input("the sound file is empty").help("replace the file, or exclude the item")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::{sine, wav};
    use super::*;

    fn decode(bytes: &[u8]) -> Result<Sound> {
        decode_sound_bytes(bytes, AudioLimits::default(), &Work::new())
    }

    #[test]
    fn wav_gives_the_samples_that_were_written() {
        let tone = sine(8000, 440.0, 0.5, 0.25);
        let sound = decode(&wav(8000, 1, &tone)).unwrap();
        assert_eq!((sound.rate, sound.channels, sound.samples.len()), (8000, 1, 2000));
        assert!(sound.samples.iter().zip(&tone).all(|(got, put)| (got - put).abs() < 1.0 / 16384.0));
        assert!(sound.notes.is_empty(), "{:?}", sound.notes);
    }

    #[test]
    fn channels_are_averaged() {
        let sound = decode(&wav(8000, 2, &[0.5, 0.25, -0.5, 0.5, 0.0, 0.0])).unwrap();
        assert_eq!(sound.channels, 2);
        assert!(sound.samples.iter().zip([0.375, 0.0, 0.0]).all(|(got, put)| (got - put).abs() < 1e-3), "{sound:?}");
    }

    #[test]
    fn long_sounds_are_cut_and_it_is_said() {
        let limits = AudioLimits::default().seconds(1.0);
        let sound = decode_sound_bytes(&wav(100, 1, &[0.1; 250]), limits, &Work::new()).unwrap();
        assert_eq!(sound.samples.len(), 100);
        assert_eq!(sound.notes, ["only the first 0:01 of 0:03 are decoded"]);
        let exactly = decode_sound_bytes(&wav(100, 1, &[0.1; 100]), limits, &Work::new()).unwrap();
        assert!(exactly.notes.is_empty(), "{exactly:?}");
    }

    #[test]
    fn the_header_alone_tells_the_length_and_a_cut_file_does_not_lie() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let bytes = wav(8000, 2, &[0.0; 16_000]);
        let info = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            audio_info(&path, AudioLimits::default(), &Work::new())
        };
        assert_eq!(info(&bytes).unwrap(), AudioInfo { seconds: 1.0, sample_rate: 8000, channels: 2 });
        let cut = info(&bytes[..bytes.len() / 2]).unwrap();
        assert!((cut.seconds - 0.5).abs() < 0.01, "{cut:?}");
    }

    #[test]
    fn what_is_no_sound_is_an_error_with_advice() {
        let good = wav(8000, 1, &[0.1; 4000]);
        let check = |bytes: &[u8], expected: &str| {
            let error = decode(bytes).unwrap_err();
            assert!(error.what().contains(expected), "{error}");
            assert!(error.advice().is_some(), "{error}");
        };
        check(b"", "empty");
        check(b"hello, this is text and no sound at all", "not a sound");
        check(b"RIFF\x10\0\0\0WEBPVP8 ", "not a sound");
        check(&good[..20], "not a sound");
        check(&wav(8000, 1, &[]), "no samples");
        check(&wav(0, 1, &[0.0; 9]), "damaged");
    }

    #[test]
    fn a_truncated_file_gives_what_is_there() {
        let bytes = wav(8000, 1, &[0.1; 40_000]);
        let sound = decode(&bytes[..bytes.len() / 2]).unwrap();
        assert!((18_000..20_001).contains(&sound.samples.len()), "{sound:?}");
        assert_eq!(sound.notes, ["the file ends too early"]);
    }

    #[test]
    fn cancelled_work_stops() {
        let work = Work::new();
        work.cancel();
        let error = decode_sound_bytes(&wav(8000, 1, &[0.1; 4000]), AudioLimits::default(), &work).unwrap_err();
        assert!(error.is_cancelled());
    }

    #[test]
    fn spoken_digits_decode_as_their_table_says() {
        let Some(folder) = std::env::var_os("LAPIDARY_DATA").map(std::path::PathBuf::from) else {
            eprintln!("skipped: LAPIDARY_DATA names no folder");
            return;
        };
        let path = folder.join("fsdd/recordings/0_jackson_0.wav");
        let info = audio_info(&path, AudioLimits::default(), &Work::new()).unwrap();
        let sound = decode_sound(&path, AudioLimits::default(), &Work::new()).unwrap();
        assert_eq!((info.sample_rate, info.channels), (8000, 1));
        assert!((info.seconds - 0.643).abs() < 0.001 && (sound.seconds() - info.seconds).abs() < 1e-9, "{info:?}");
    }

    #[test]
    fn times_read_as_on_a_clock() {
        let check = |seconds: f64, expected: &str| assert_eq!(clock(seconds), expected);
        check(0.0, "0:00");
        check(61.6, "1:02");
        check(3600.0, "1:00:00");
        check(-3.0, "0:00");
        check(f64::NAN, "0:00");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_bytes_never_panic(at in 0usize..200, with in any::<u8>(), keep in 1usize..2044) {
            let mut bytes = wav(8000, 2, &[0.25; 1000]);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = with;
            }
            bytes.truncate(keep);
            if let Ok(sound) = decode(&bytes) {
                prop_assert!(sound.samples.iter().all(|sample| sample.is_finite()));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), which in 0usize..5) {
            let marks: [&[u8]; 5] = [b"", b"RIFF\xff\xff\0\0WAVE", b"fLaC", b"OggS", b"\xff\xfb\x90\x00"];
            let bytes = [marks[which], &bytes].concat();
            let _ = decode(&bytes);
        }
    }
}
