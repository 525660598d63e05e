//! `duplicates`: rows or images that repeat each other.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::LargeStringArray;
use serde_json::json;

use super::answer::Answer;
use super::files::{self, Output};
use super::table::{self, Table, percent};
use super::{CommandLine, Context};
use crate::clean::Leaks;
use crate::clean::duplicates::{self, Duplicates as Found, ImageOptions, Keep, TextOptions};
use crate::data::{Column, Frame, Kind, write};
use crate::engine::{Error, Result};
use crate::learn::features::{TextOptions as LooksOptions, Tfidf};
use crate::learn::image_features;

/// Find rows or images that repeat each other, exactly or nearly
#[derive(Debug, clap::Args)]
pub(super) struct Duplicates {
    /// The data: a file with --text or --image, or a folder of images
    #[arg(value_name = "FILE|FOLDER")]
    source: PathBuf,
    /// Compare the texts of this column
    #[arg(long, value_name = "COL", conflicts_with = "image")]
    text: Option<String>,
    /// Compare the images whose paths stand in this column
    #[arg(long, value_name = "COL")]
    image: Option<String>,
    /// Only exact duplicates
    #[arg(long, conflicts_with = "threshold")]
    exact: bool,
    /// The least similarity of a near pair, 0-1
    #[arg(long, value_name = "T")]
    threshold: Option<f64>,
    /// The column that says which part a row belongs to (train, test): groups that lie in several are leaks
    #[arg(long, value_name = "COL")]
    split: Option<String>,
    /// The column of labels: groups with several are conflicts, and labelled rows are kept before others
    #[arg(long, value_name = "COL")]
    label: Option<String>,
    /// Which row of a group is kept
    #[arg(long, value_name = "RULE", default_value = "labelled", value_parser = Keep::NAMES)]
    keep: String,
    /// Write the pairs: row_a, row_b (or path_a, path_b), similarity
    #[arg(long, value_name = "PATH")]
    pairs: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// How members are named in results.
enum Names<'a> {
    /// By their row.
    Rows(Option<&'a Arc<Column>>),
    /// By their path in the folder.
    Paths(&'a LargeStringArray),
}

impl CommandLine for Duplicates {
    const NAME: &'static str = "duplicates";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.output.check()?;
        self.pairs.as_deref().map_or(Ok(()), |path| files::check_result(path, false))?;
        if self.threshold.is_some_and(|threshold| !(threshold > 0.0 && threshold <= 1.0)) {
            return Err(Error::input("the threshold is a share above 0 and at most 1").at("--threshold"));
        }
        let reading = files::read_table(&self.source, context)?;
        let frame = &reading.frame;
        let parts = self.split.as_deref().map(|name| files::labels(files::column(frame, name, &self.source)?, None));
        let parts = parts.transpose()?;
        let labels = self.label.as_deref().map(|name| files::labels(files::column(frame, name, &self.source)?, None));
        let labels = labels.transpose()?;
        let known = duplicates::Context {
            labels: labels.as_ref().map(|(labels, _)| labels.as_slice()),
            splits: parts.as_ref().map(|(parts, _)| parts.as_slice()),
            keep: Keep::of(&self.keep).unwrap_or_default(),
        };
        let is_folder = self.source.is_dir() && reading.report.format == "folder";
        let image = if is_folder { Some("image") } else { self.image.as_deref() };
        let (found, column) = match image {
            Some(name) => {
                let column = files::column(frame, name, &self.source)?;
                let mut options = ImageOptions::default();
                if self.exact {
                    options.threshold = None;
                } else if self.threshold.is_some() {
                    options.threshold = self.threshold;
                }
                (duplicates::of_image_column(&reading.root, column, known, &options, context.work)?, column)
            }
            None => {
                let column = files::text_column(frame, self.text.as_deref(), &self.source)?;
                (self.texts(column, known, context)?, column)
            }
        };
        let names = match column.strings().filter(|_| is_folder) {
            Some(paths) => Names::Paths(paths),
            None => Names::Rows(self.output.ids(frame)?),
        };
        self.output.write(context.work, || members(&found, &names))?;
        if let Some(path) = &self.pairs {
            write::write_frame(path, &pairs(&found, &names), context.work)?;
        }
        let conflicts = found.groups.iter().filter(|group| group.conflict).count();
        let mut into = parts.as_ref().and_then(|(parts, names)| Leaks::of(&found, parts, names));
        if let (Some(into), Some((labels, classes)), Some((parts, _))) = (&mut into, &labels, &parts) {
            let seed = context.seed();
            if image.is_some() {
                let looks = image_features::describe_column(&reading.root, column, context.work)?.standardized();
                into.judge(&looks, labels, parts, classes.len(), seed, context.work)?;
            } else if let Some(texts) = column.strings() {
                let (_, looks) = Tfidf::fit_transform(texts, &LooksOptions::default(), context.work)?;
                into.judge(&looks, labels, parts, classes.len(), seed, context.work)?;
            }
        }
        let leaks = parts.as_ref().map(|(parts, names)| leaks(&found, parts, names, into.as_ref()));
        let leaked = found.groups.iter().filter(|group| group.leak).count();
        let fields = json!({
            "conflicts": self.label.as_ref().map(|_| conflicts),
            "leaks": leaks,
            "leaked_groups": parts.as_ref().map(|_| leaked),
            "groups": found.groups.len(),
            "rows_in_groups": found.rows_in_groups(),
            "exact_groups": found.exact_groups,
            "pairs": found.pairs.len(),
            "left_out": found.left_out,
        });
        let summary = table::facts([
            ("groups", Some(found.groups.len().to_string())),
            ("exact", Some(format!("{} with copies", table::count(found.exact_groups, "content")))),
            ("rows", Some(format!("{} in groups, of {}", found.rows_in_groups(), frame.rows()))),
            ("pairs", Some(found.pairs.len().to_string())),
            (
                "conflicts",
                self.label.as_ref().map(|_| format!("{} with several labels", table::count(conflicts, "group"))),
            ),
            ("leaks", parts.as_ref().map(|_| format!("{} in several parts", table::count(leaked, "group")))),
            ("left out", (found.left_out > 0).then(|| format!("{} with nothing to compare", found.left_out))),
        ]);
        let judged =
            into.as_ref().zip(parts.as_ref()).map_or_else(String::new, |(into, (_, names))| judged(into, names));
        Ok(Answer::new(frame.rows(), fields).say(summary).say(judged).say(largest(&found, column)))
    }
}

impl Duplicates {
    fn texts(&self, column: &Column, known: duplicates::Context<'_>, context: &Context<'_>) -> Result<Found> {
        let texts = column.strings().ok_or_else(|| Error::input("the column holds no text").at(column.name()))?;
        let mut options = TextOptions::default();
        if self.exact {
            options.threshold = None;
        } else if self.threshold.is_some() {
            options.threshold = self.threshold;
        }
        duplicates::of_texts(texts, known, &options, context.work)
    }
}

/// For each part how many of its rows have a copy in another one, and how good a model of the part that is taught is there
/// with these rows and without.
fn leaks(found: &Found, parts: &[Option<u16>], names: &[String], into: Option<&Leaks>) -> Vec<serde_json::Value> {
    let part = |row: u32| parts.get(row as usize).copied().flatten();
    let mut leaked = vec![0u64; names.len()];
    for group in found.groups.iter().filter(|group| group.leak) {
        for of in group.members.iter().filter_map(|member| part(member.row)) {
            if let Some(count) = leaked.get_mut(usize::from(of)) {
                *count += 1;
            }
        }
    }
    let mut rows = vec![0u64; names.len()];
    for of in parts.iter().flatten() {
        if let Some(count) = rows.get_mut(usize::from(*of)) {
            *count += 1;
        }
    }
    let all = names.iter().zip(rows).zip(leaked).zip(0u16..);
    let of = |(((name, rows), leaked), part): (((&String, u64), u64), u16)| {
        let judged = into.and_then(|into| into.parts.iter().find(|of| of.part == part));
        let mut fields = json!({"split": name, "rows": rows, "leaked_rows": leaked});
        if let Some(judged) = judged.filter(|judged| judged.accuracy.is_some()) {
            fields["leaked_from_taught"] = json!(judged.leaked.len());
            fields["accuracy"] = json!(judged.accuracy);
            fields["accuracy_without_leaked"] = json!(judged.without);
        }
        fields
    };
    all.map(of).collect()
}

/// How good a model is with the leaked rows and without, where that is known.
fn judged(into: &Leaks, names: &[String]) -> String {
    let mut table = Table::new(["part", "rows", "leaked", "accuracy", "without leaked rows"]);
    let name = |part: u16| names.get(usize::from(part)).cloned().unwrap_or_default();
    for of in &into.parts {
        if let (Some(with), Some(without)) = (of.accuracy, of.without) {
            let shares = [with, without].map(|rate| percent(rate.value));
            let [with, without] = shares;
            table.row([name(of.part), of.rows.to_string(), of.leaked.len().to_string(), with, without]);
        }
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}

/// One row a member of a group.
fn members(found: &Found, names: &Names<'_>) -> Frame {
    let all = || {
        found
            .groups
            .iter()
            .enumerate()
            .flat_map(|(at, group)| group.members.iter().map(move |member| (at, group, member)))
    };
    let rows: Vec<u32> = all().map(|(_, _, member)| member.row).collect();
    let mut columns = vec![files::count_column("group", all().map(|(at, _, _)| at as i64))];
    match names {
        Names::Rows(ids) => columns.extend(files::row_columns(rows.iter().copied(), *ids)),
        Names::Paths(paths) => columns.push(path_column("path", paths, rows.iter().copied())),
    }
    columns.push(files::number_column("similarity", all().map(|(_, _, member)| rounded(member.similarity))));
    let kind = |exact: bool| Some(if exact { "exact" } else { "near" });
    let kinds: LargeStringArray = all().map(|(_, _, member)| kind(member.exact)).collect();
    columns.push(Arc::new(Column::text("kind", Kind::Category, kinds)));
    columns.push(files::flag_column("keep", all().map(|(_, group, member)| member.row == group.kept)));
    Frame::new(columns)
}

/// One row a pair.
fn pairs(found: &Found, names: &Names<'_>) -> Frame {
    let end = |name: &str, row: fn(&(u32, u32, f32)) -> u32| {
        let rows = found.pairs.iter().map(row);
        match names {
            Names::Rows(_) => files::count_column(&format!("row_{name}"), rows.map(i64::from)),
            Names::Paths(paths) => path_column(&format!("path_{name}"), paths, rows),
        }
    };
    let similarity = found.pairs.iter().map(|pair| rounded(pair.2));
    Frame::new(vec![end("a", |pair| pair.0), end("b", |pair| pair.1), files::number_column("similarity", similarity)])
}

/// A similarity is known to single precision, of which six digits are sure.
fn rounded(similarity: f32) -> f64 {
    (f64::from(similarity) * 1e6).round() / 1e6
}

fn path_column(name: &str, paths: &LargeStringArray, rows: impl Iterator<Item = u32>) -> Arc<Column> {
    use arrow_array::Array as _;
    let path = |row: u32| ((row as usize) < paths.len()).then(|| paths.value(row as usize));
    Arc::new(Column::text(name, Kind::Text, rows.map(path).collect()))
}

/// The largest groups, by their kept row.
fn largest(found: &Found, column: &Column) -> String {
    let mut groups: Vec<_> = found.groups.iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.members.len()));
    let mut table = Table::new(["rows", "first row", "kept"]);
    for group in groups.iter().take(10) {
        let first = group.members.first().map_or(0, |member| member.row);
        let kept = column.show(group.kept as usize).unwrap_or_default().into_owned();
        table.row([group.members.len().to_string(), first.to_string(), kept]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}
