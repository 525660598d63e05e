//! Being built.
use super::groups::{Context, Duplicates};
use crate::engine::{Result, Work};
/// x
#[derive(Debug, Clone)]
pub struct ImagePrint;
/// x
#[derive(Debug, Clone)]
pub struct ImageOptions;
/// x
/// # Errors
/// x
pub fn of_images(_: &[Option<ImagePrint>], _: Context<'_>, _: &ImageOptions, _: &Work) -> Result<Duplicates> {
    Ok(Duplicates::default())
}
