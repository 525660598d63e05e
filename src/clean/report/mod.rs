//! Reports: one static HTML file for a profile, for checked expectations, for drift.
//!
//! In: results of this room. Out: the text of a file that opens anywhere without a network: no scripts at all, nothing
//! from elsewhere, charts as SVG, light and dark by what the reader's system prefers, in English or Korean. It is at
//! most 2 MB whatever the size of the data: columns are drawn while there is room, and the rest are listed in a line each
//! or counted.

mod drift;
mod expect;
pub mod facts;
mod figures;
mod profile;
mod svg;
#[cfg(test)]
mod tests;
mod texts;
mod trends;

use minijinja::value::Value;
use minijinja::{AutoEscape, Environment};

use crate::engine::{Error, Result};

pub use drift::drift;
pub use expect::expectations;
pub use profile::{Profile, profile};
pub use texts::{Language, word};
pub use trends::trends;

/// Bytes of drawn columns, after which the rest are only listed.
const DRAWN: usize = 1_400_000;

/// Columns that are listed beside those that are drawn.
const LISTED: usize = 2_000;

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The name of the data, such as the file's.
    pub name: String,
    /// The rows.
    pub rows: usize,
    /// The columns.
    pub columns: usize,
    /// The language of the report.
    pub language: Language,
}

/// Fills a template, which extends the page that all share.
fn render(template: &str, about: &About, values: Value) -> Result<String> {
    let broken = |error: minijinja::Error| Error::input(format!("the report cannot be made, {error}"));
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    for (name, source) in [
        ("page.html", include_str!("../../../assets/reports/page.html")),
        ("rows.html", include_str!("../../../assets/reports/rows.html")),
        ("profile.html", include_str!("../../../assets/reports/profile.html")),
        ("expect.html", include_str!("../../../assets/reports/expect.html")),
        ("drift.html", include_str!("../../../assets/reports/drift.html")),
        ("watch.html", include_str!("../../../assets/reports/watch.html")),
    ] {
        environment.add_template(name, source).map_err(broken)?;
    }
    let page = minijinja::context! {
        name => about.name.clone(),
        rows => figures::count(about.rows as u64),
        columns => figures::count(about.columns as u64),
        language => about.language.code(),
        version => env!("CARGO_PKG_VERSION"),
        t => texts::words(about.language),
        ..values
    };
    environment.get_template(template).and_then(|template| template.render(page)).map_err(broken)
}

/// A list that a template goes through.
fn list(values: impl IntoIterator<Item = Value>) -> Value {
    values.into_iter().collect()
}

/// Markup that is put in as it is.
fn markup(text: String) -> Value {
    Value::from_safe_string(text)
}

/// Columns that are drawn while there is room, those that are listed, and how many are only counted.
struct Shared<T> {
    drawn: Vec<Value>,
    listed: Vec<T>,
    left: usize,
}

/// Draws columns until the room is used up. `draw` gives the values of a column and about how many bytes they take.
fn share<T>(items: impl IntoIterator<Item = T>, mut draw: impl FnMut(&T) -> (Value, usize)) -> Shared<T> {
    let mut shared = Shared { drawn: Vec::new(), listed: Vec::new(), left: 0 };
    let mut used = 0;
    for item in items {
        if used < DRAWN && shared.listed.is_empty() {
            let (value, bytes) = draw(&item);
            used += bytes;
            shared.drawn.push(value);
        } else if shared.listed.len() < LISTED {
            shared.listed.push(item);
        } else {
            shared.left += 1;
        }
    }
    shared
}
