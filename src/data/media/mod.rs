//! Media that items refer to: found inside the dataset's folder, decoded at the size needed, off the window's thread.
//!
//! In: the paths that stand in a dataset's image columns. Out: [`Picture`]s of plain RGBA pixels, upright and no larger
//! than asked for. [`decode`] reads one image now; [`Tiled`] gives the parts of one that is looked at closely, be it too
//! large to be held; [`Thumbnails`] keeps many small ones under a byte budget and brings
//! those first that are nearest to what the person looks at; [`Root`] sees to it that no path leads anywhere else.

mod adjust;
mod audio;
mod decode;
mod desk;
mod images_of;
pub(in crate::data) mod packed;
pub mod properties;
mod pyramid;
mod resolve;
mod rows;
mod store;
mod thumbnails;
mod tiled;

pub use adjust::Adjust;
pub use audio::{
    AudioInfo, AudioLimits, FrameOptions, LogMel, Peaks, Scale, Sound, Spectrogram, SpectrogramOptions, audio_info,
    clock, decode_sound, decode_sound_bytes, hz_of_mel, map_sounds, mel_of_hz,
};
pub use decode::{Limits, Picture, decode, decode_bytes, dimensions, stored_dimensions};
pub use desk::{Thumbnail, thumbnail_side};
pub use images_of::map_images;
pub(in crate::data) use packed::content_part;
pub use resolve::{Media, Root, resolve};
pub use thumbnails::{Settings, Thumbnails};
pub use tiled::{TILE, TileArea, TileAt, Tiled};

#[cfg(test)]
pub(crate) use audio::samples as audio_samples;
#[cfg(test)]
pub(crate) mod samples;
