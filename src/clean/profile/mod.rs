//! Profile: what is in a table, and what is odd about it at first sight.
//!
//! In: a frame. Out: for each column its description and what a closer look tells ([`More`]), rows that repeat, what is
//! missing together, what goes together, and alerts in numbers. Statistics are those of pandas and scipy, and the rules
//! of alerts those of ydata-profiling, with these differences on purpose: NaN is a value of its own and not a missing
//! one; real numbers and times that all differ are no keys; columns go together by Pearson's correlation, Cramér's V or
//! the correlation ratio, each where it belongs, and numbers are not cut into ten parts for it.

mod alerts;
mod more;
mod repeated;
mod written;

use rayon::prelude::*;

use crate::data::Frame;
use crate::data::describe::pairs::{Correlations, correlations, missing};
use crate::data::describe::{Summary, describe_frame};
use crate::engine::{Random, Result, Work};

pub use crate::data::describe::pairs::Missing;
pub use alerts::{Alert, alerts};
pub use more::{Moments, More, Order, look};
pub use repeated::{Repeated, repeated};
pub use written::Written;

/// Rows beyond which columns are compared on a sample of them.
const COMPARED: usize = 500_000;

/// What is in a table.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The columns.
    pub summaries: Vec<Summary>,
    /// What a closer look at each of them tells.
    pub more: Vec<More>,
    /// Rows that repeat an earlier one.
    pub repeated: Repeated,
    /// What is missing, and together with what.
    pub missing: Missing,
    /// How columns go together.
    pub correlations: Correlations,
    /// What is odd.
    pub alerts: Vec<Alert>,
}

/// Looks at a frame. More than 500,000 rows are sampled to compare columns with each other, the same for the same seed;
/// everything else is of all rows, but for words, which are of at most 100,000 texts a column.
///
/// # Errors
/// If the work was cancelled.
pub fn profile(frame: &Frame, seed: u64, work: &Work) -> Result<Profile> {
    let summaries = describe_frame(frame, None, work)?;
    work.stage("looking closer at columns", frame.columns().len() as u64);
    let each = |(column, summary): (&std::sync::Arc<crate::data::Column>, &Summary)| {
        let more = look(column, summary, work)?;
        work.advance(1)?;
        Ok(more)
    };
    let more: Vec<More> = frame.columns().par_iter().zip(&summaries).map(each).collect::<Result<_>>()?;
    let repeated = repeated(frame, work)?;
    let missing = missing(frame, None, work)?;
    let correlations = match frame.rows() > COMPARED {
        true => correlations(&frame.take(&sample(frame.rows(), seed), work)?, None, seed, work)?,
        false => correlations(frame, None, seed, work)?,
    };
    let correlations = Correlations { of: frame.rows(), ..correlations };
    let alerts = alerts(&summaries, &more, repeated.rows, Some(&correlations));
    Ok(Profile { summaries, more, repeated, missing, correlations, alerts })
}

/// [`COMPARED`] of the rows in their order.
fn sample(rows: usize, seed: u64) -> Vec<u32> {
    let mut random = Random::new(seed);
    let mut all: Vec<u32> = (0..rows as u32).collect();
    for place in 0..COMPARED.min(rows) {
        all.swap(place, place + random.below(rows - place));
    }
    all.truncate(COMPARED);
    all.sort_unstable();
    all
}
