//! What rows are like, for strategies that compare them and for the model that foretells them.

use std::path::Path;
use std::sync::Arc;

use arrow_array::LargeStringArray;

use crate::data::{Column, Vectors};
use crate::engine::{Error, Result, Work};
use crate::learn::cross_validation::{Cv, out_of_sample};
use crate::learn::features::{TextOptions, Tfidf};
use crate::learn::svd::{SvdOptions, principal_components, truncated_svd};
use crate::learn::{Csr, Matrix, image_features, logistic, table_features};

/// Dimensions in which rows are compared, as outliers are.
const DIMENSIONS: usize = 64;

/// Features of rows.
pub enum Look {
    /// TF-IDF of word and character n-grams of texts.
    Sparse(Csr),
    /// Numbers that describe images, columns or vectors.
    Dense(Matrix<f32>),
}

impl Look {
    /// Texts, which should be folded (see [`Column::folded`]).
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn of_texts(texts: &LargeStringArray, work: &Work) -> Result<Self> {
        Ok(Self::Sparse(Tfidf::fit_transform(texts, &TextOptions::default(), work)?.1))
    }

    /// Images, by their paths. Unreadable ones have no features and are said.
    ///
    /// # Errors
    /// If the column holds no paths, or the work was cancelled.
    pub fn of_images(root: &Path, column: &Column, work: &Work) -> Result<Self> {
        Ok(Self::Dense(image_features::describe_column(root, column, work)?.standardized()))
    }

    /// Numbers and categories of a table.
    ///
    /// # Errors
    /// If no column gives a feature, or the work was cancelled.
    pub fn of_columns(columns: &[Arc<Column>], work: &Work) -> Result<Self> {
        Ok(Self::Dense(table_features::describe_columns(columns, work)?))
    }

    /// Vectors, where more than 3 numbers long by their direction; missing ones are zero.
    ///
    /// # Errors
    /// If a value is not a finite number.
    pub fn of_vectors(vectors: &Vectors) -> Result<Self> {
        let none = vec![0.0; vectors.width()];
        let values: Vec<f32> = (0..vectors.rows()).flat_map(|row| vectors.row(row).unwrap_or(&none)).copied().collect();
        if values.iter().any(|value| !value.is_finite()) {
            return Err(Error::input("a vector holds a value that is not a finite number").at(vectors.name()));
        }
        let matrix = Matrix::new(vectors.rows(), vectors.width(), values)?;
        Ok(Self::Dense(if vectors.width() > 3 { unit(&matrix)? } else { matrix }))
    }

    /// The rows as points, near where rows are alike. Rows of texts have length 1, or 0 where nothing is known of them.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn points(&self, seed: u64, work: &Work) -> Result<Matrix<f32>> {
        let options = SvdOptions { dimensions: DIMENSIONS, seed, ..SvdOptions::default() };
        match self {
            Self::Sparse(rows) => unit(&truncated_svd(rows, &options, work)?.scores),
            Self::Dense(rows) if rows.columns() <= DIMENSIONS => Ok(rows.clone()),
            Self::Dense(rows) => Ok(principal_components(rows, &options, work)?.scores),
        }
    }

    /// Probabilities for every row by a model that has not seen it.
    ///
    /// # Errors
    /// As [`out_of_sample`].
    pub fn predict(&self, labels: &[Option<u16>], classes: usize, folds: usize, seed: u64, work: &Work) -> Result<Cv> {
        let options = logistic::Options::default();
        match self {
            Self::Sparse(rows) => out_of_sample(rows, labels, classes, folds, &options, seed, work),
            Self::Dense(rows) => out_of_sample(rows, labels, classes, folds, &options, seed, work),
        }
    }
}

/// Rows with length 1, so that their distance tells their angle; rows of zeros stay.
///
/// # Errors
/// None but that of a matrix that cannot be made.
pub fn unit(points: &Matrix<f32>) -> Result<Matrix<f32>> {
    let scaled = |row: usize| {
        let row = points.row(row);
        let length = row.iter().map(|value| value * value).sum::<f32>().sqrt();
        row.iter().map(move |value| if length > 0.0 { value / length } else { 0.0 })
    };
    Matrix::new(points.rows(), points.columns(), (0..points.rows()).flat_map(scaled).collect())
}
