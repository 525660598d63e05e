//! What is odd about the items themselves, whatever their labels: it follows from the data alone, so a label leaves it as
//! it is.

use std::sync::Arc;

use super::derived::{Basis, DescriptorsOf};
use crate::clean::Quality;
use crate::clean::image_issues::ImageIssues;
use crate::clean::outliers::{OutlierOptions, Outliers};
use crate::clean::text_quality::{TextQuality, TextQualityOptions};
use crate::data::Column;
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};
use crate::project::Content;

/// The fewest rows of which some can be unlike the others.
const LEAST_COMPARED: usize = 20;

/// The most rows that are compared with each other: beyond, it takes longer than a person waits for the rest.
const MOST_COMPARED: usize = 50_000;

/// Why there is no outlier where everything is strange.
const ALL_DIFFER: &str = "the items differ so much from each other that none stands out";

/// Looks for what is odd about the items: outliers, and bad images or texts, whichever they are.
pub(super) struct QualityOf(pub(super) Basis);

impl Derived for QualityOf {
    type Output = Quality;

    fn bytes(quality: &Quality) -> usize {
        let outliers = quality.outliers.as_ref().map_or(0, |outliers| outliers.flagged.len() * 40);
        let images = quality.images.as_ref().map_or(0, |images| images.rows() * 128);
        outliers + images + quality.texts.as_ref().map_or(0, |texts| texts.all().len() * 40)
    }

    fn fingerprint(&self) -> Fingerprint {
        let content = self.0.content().column().unwrap_or_default();
        Fingerprinter::new("quality")
            .print(self.0.dataset.fingerprint)
            .text(self.0.text.as_deref().unwrap_or_default())
            .text(content)
            .number(self.0.settings.seed)
            .finish()
    }

    fn compute(&self, work: &Work) -> Result<Quality> {
        let frame = &self.0.dataset.frame;
        let mut quality = Quality::default();
        let outliers = match self.0.content() {
            Content::Image(name) => {
                let images = ImageIssues::find(&self.0.dataset.root, frame.column(name)?, false, work)?;
                let found = self.strange_images(&images, work);
                quality.images = Some(images.into());
                found
            }
            Content::Text(name) => {
                let column = frame.column(name)?;
                let texts = column.strings().ok_or_else(|| Error::input("the column holds no text").at(name))?;
                quality.texts = Some(TextQuality::find(texts, &TextQualityOptions::default(), work)?);
                self.strange_texts(column, work)
            }
            Content::Audio(_) | Content::Rows => return Ok(quality),
        };
        match outliers {
            // A distance is at most 1: where half of the items are that far from each other, none can be farther.
            Ok(found) if found.count() == 0 && found.threshold.is_some_and(|threshold| threshold >= 1.0) => {
                quality.no_outliers = Some(ALL_DIFFER.to_owned());
                quality.outliers = Some(found);
            }
            Ok(found) => quality.outliers = Some(found),
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => quality.no_outliers = Some(error.what().to_owned()),
        }
        Ok(quality)
    }
}

impl QualityOf {
    fn options(&self) -> Result<OutlierOptions> {
        let rows = self.0.dataset.rows();
        match rows {
            0..LEAST_COMPARED => Err(Error::input("there are too few rows to compare")),
            LEAST_COMPARED..=MOST_COMPARED => {
                Ok(OutlierOptions { seed: self.0.settings.seed, ..OutlierOptions::default() })
            }
            _ => Err(Error::input(format!("comparing {rows} rows with each other would take too long"))),
        }
    }

    /// By the descriptors that label errors are looked for with, too.
    fn strange_images(&self, images: &ImageIssues, work: &Work) -> Result<Outliers> {
        let options = self.options()?;
        let described = self.0.cache.get(&DescriptorsOf(self.0.clone()), work)?;
        let mut is_there = vec![true; images.rows()];
        for (row, _) in &images.unreadable {
            if let Some(there) = is_there.get_mut(*row as usize) {
                *there = false;
            }
        }
        Outliers::of_descriptors(&described, &is_there, &options, work)
    }

    fn strange_texts(&self, column: &Arc<Column>, work: &Work) -> Result<Outliers> {
        let options = self.options()?;
        let texts = column.folded().ok_or_else(|| Error::input("the column holds no text").at(column.name()))?;
        Outliers::of_texts(texts, &options, work)
    }
}
