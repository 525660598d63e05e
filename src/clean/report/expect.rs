//! The report of checked expectations.

use minijinja::context;
use minijinja::value::Value;

use super::figures::{clipped, count};
use super::{About, list, render, share, texts};
use crate::clean::expect::{Outcome, Report};
use crate::engine::Result;

/// Unexpected values that are shown of each expectation.
const SHOWN: usize = 8;

/// The report of checked expectations, failed ones first.
///
/// # Errors
/// If it cannot be made, which would be a fault of the program.
pub fn expectations(about: &About, found: &Report) -> Result<String> {
    let mut results: Vec<&Outcome> = found.results.iter().collect();
    results.sort_by_key(|outcome| outcome.success);
    let shared = share(results, |outcome| row(outcome));
    let values = context! {
        title => texts::word(about.language, "expectations"),
        success => found.success,
        held => count(found.held() as u64),
        failed => count((found.results.len() - found.held()) as u64),
        all => count(found.results.len() as u64),
        drawn => list(shared.drawn),
        left => if shared.listed.is_empty() { String::new() } else { count((shared.listed.len() + shared.left) as u64) },
    };
    render("expect.html", about, values)
}

fn row(outcome: &Outcome) -> (Value, usize) {
    let sample: Vec<String> = outcome.sample.iter().take(SHOWN).map(|value| clipped(&plain(value))).collect();
    let sample = sample.join(", ");
    let observed = clipped(&plain(&outcome.observed));
    let unexpected = match (outcome.unexpected_count, outcome.unexpected_percent) {
        (Some(number), Some(percent)) => format!("{} ({percent:.1} %)", count(number)),
        (Some(number), None) => count(number),
        _ => String::new(),
    };
    let bytes = 400 + sample.len() + observed.len();
    let row = context! {
        success => outcome.success,
        expectation => outcome.expectation.clone(),
        column => outcome.column.as_deref().map(clipped).unwrap_or_default(),
        mostly => if outcome.mostly < 1.0 { outcome.mostly.to_string() } else { String::new() },
        condition => outcome.condition.clone().unwrap_or_default(),
        observed => observed,
        unexpected => unexpected,
        sample => sample,
        error => outcome.error.clone().unwrap_or_default(),
        help => outcome.help.clone().unwrap_or_default(),
    };
    (row, bytes)
}

/// A JSON value as people write it; texts without their quotes.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "–".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Number(number) if number.as_i64().is_none() => super::figures::number(number.as_f64()),
        other => other.to_string(),
    }
}
