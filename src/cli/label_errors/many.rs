//! `label-errors --multi-label`: items that have any number of classes.

use std::sync::Arc;

use arrow_array::LargeStringArray;
use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::files;
use super::super::table::{self, Table, decimal};
use super::super::{Context, table::percent};
use super::{LabelErrors, Looks};
use crate::clean::label_errors::{ManyErrors, Options};
use crate::data::read::Reading;
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::{Error, Result, Work};
use crate::label::Classes;
use crate::learn::Matrix;
use crate::learn::cross_validation::out_of_sample;
use crate::learn::logistic;

/// What separates classes in a cell where nobody says otherwise.
const SEPARATORS: [char; 3] = ['|', ';', ','];

pub(super) fn run(
    command: &LabelErrors,
    reading: &Reading,
    options: &Options,
    context: &Context<'_>,
) -> Result<Answer> {
    let work = context.work;
    let rows = reading.frame.rows();
    let placed = |error: Error| if error.is_cancelled() { error } else { error.at(command.file.display()) };
    let column = files::column(&reading.frame, command.label()?, &command.file)?;
    let separator = command.separator.or_else(|| separator(column));
    let (labels, classes) = label_sets(column, separator, command.classes.as_deref()).map_err(placed)?;
    let probabilities = match &command.probs {
        Some(path) => {
            let (matrix, all) = files::probabilities(path, rows, &classes, context)?;
            if all != classes {
                return Err(Error::input(format!(
                    "{} columns of probabilities for {} classes",
                    all.len(),
                    classes.len()
                ))
                .at(path.display())
                .help("name all classes in the order of the columns with --classes"));
            }
            matrix
        }
        None => one_against_rest(&command.looks(reading, context)?, &labels, classes.len(), command.folds, context)
            .map_err(placed)?,
    };
    let ids = command.output.ids(&reading.frame)?;
    let found = ManyErrors::find(&probabilities, &labels, options, work).map_err(placed)?;
    command.output.write(work, || frame(&found, &labels, &classes, separator, ids))?;
    let by_class: Vec<Value> = classes
        .iter()
        .zip(&found.classes)
        .map(|(name, class)| match class {
            Some(of) => json!({
                "class": name, "rows": of.rows, "threshold": of.threshold,
                "too_much": of.too_much, "missing": of.missing,
            }),
            None => json!({"class": name, "rows": null, "threshold": null, "too_much": 0, "missing": 0}),
        })
        .collect();
    let fields = json!({
        "flagged": found.count(),
        "method": options.method.name(),
        "cv_accuracy": agreement(&probabilities, &labels),
        "classes": classes,
        "by_class": by_class,
        "class_thresholds": found.classes.iter().map(|of| of.as_ref().and_then(|of| of.threshold)).collect::<Vec<_>>(),
        "confident_joint": null,
        "labelled_rows": rows - found.left_out,
        "unusable_rows": found.left_out,
    });
    let labelled = table::count(rows - found.left_out, "labelled row");
    let summary = table::facts([
        ("flagged", Some(format!("{} of {labelled}", found.count()))),
        (
            "accuracy",
            agreement(&probabilities, &labels).map(|share| format!("{} of classes told right", percent(share))),
        ),
    ]);
    Ok(Answer::new(rows, fields).say(summary).say(worst(&found, &labels, &classes)))
}

/// The character that separates the classes of a cell: the first of the usual ones that occurs.
fn separator(column: &Column) -> Option<char> {
    let holds =
        |separator: &char| (0..column.len()).any(|row| column.show(row).is_some_and(|cell| cell.contains(*separator)));
    SEPARATORS.into_iter().find(holds)
}

/// The classes of each row, and all of them in order. A cell is a list in JSON, or names between separators; an empty one
/// says that the row has none of the classes, a missing one says nothing.
#[expect(clippy::type_complexity, reason = "it is taken apart at once")]
fn label_sets(
    column: &Column,
    separator: Option<char>,
    given: Option<&[String]>,
) -> Result<(Vec<Option<Vec<u16>>>, Vec<String>)> {
    let names_of = |cell: &str| -> Vec<String> {
        if let Ok(list) = serde_json::from_str::<Vec<Value>>(cell) {
            return list.iter().map(|name| name.as_str().map_or_else(|| name.to_string(), str::to_owned)).collect();
        }
        let parts: Vec<&str> = match separator {
            Some(separator) => cell.split(separator).collect(),
            None => vec![cell],
        };
        parts.into_iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    };
    let sets: Vec<Option<Vec<String>>> = (0..column.len())
        .map(|row| (!column.is_null(row)).then(|| names_of(&column.show(row).unwrap_or_default())))
        .collect();
    let classes = match given {
        Some(given) => Classes::from_names(given)?.names(),
        None => {
            let mut seen = std::collections::HashSet::new();
            let all = sets.iter().flatten().flatten().filter(|name| seen.insert(name.as_str()));
            crate::data::in_order(all.cloned().collect())
        }
    };
    if classes.len() >= i16::MAX as usize {
        return Err(Error::input("the column has more different values than there can be classes").at(column.name()));
    }
    let places: std::collections::HashMap<&str, u16> =
        classes.iter().enumerate().map(|(at, name)| (name.as_str(), at as u16)).collect();
    let place = |(row, names): (usize, &Option<Vec<String>>)| -> Result<Option<Vec<u16>>> {
        let Some(names) = names else { return Ok(None) };
        let of = |name: &String| {
            places.get(name.as_str()).copied().ok_or_else(|| {
                Error::input(format!("\"{name}\" is not one of the classes"))
                    .at(format!("{}, row {}", column.name(), row + 1))
                    .help(format!("the classes are: {}", classes.join(", ")))
            })
        };
        let mut set: Vec<u16> = names.iter().map(of).collect::<Result<_>>()?;
        set.sort_unstable();
        set.dedup();
        Ok(Some(set))
    };
    let labels = sets.iter().enumerate().map(place).collect::<Result<_>>()?;
    drop(places);
    Ok((labels, classes))
}

/// Probabilities of each class against the rest, every row by a model that has not seen it. A class that all labelled rows
/// have, or none, is as sure as that.
fn one_against_rest(
    looks: &Looks,
    labels: &[Option<Vec<u16>>],
    classes: usize,
    folds: usize,
    context: &Context<'_>,
) -> Result<Matrix<f64>> {
    let mut values = vec![0.0f64; labels.len() * classes];
    for class in 0..classes {
        let has: Vec<Option<u16>> =
            labels.iter().map(|set| set.as_ref().map(|set| u16::from(set.contains(&(class as u16))))).collect();
        let with = has.iter().filter(|has| **has == Some(1)).count();
        let all = has.iter().flatten().count();
        if with == 0 || with == all {
            let sure = if with == 0 { 0.0 } else { 1.0 };
            values.iter_mut().skip(class).step_by(classes).for_each(|value| *value = sure);
            continue;
        }
        let options = logistic::Options::default();
        let (seed, work): (u64, &Work) = (context.seed(), context.work);
        let cv = match looks {
            Looks::Sparse(csr) => out_of_sample(csr, &has, 2, folds, &options, seed, work)?,
            Looks::Dense(matrix) => out_of_sample(matrix, &has, 2, folds, &options, seed, work)?,
        };
        for (row, value) in values.iter_mut().skip(class).step_by(classes).enumerate() {
            *value = f64::from(cv.probabilities.row(row).get(1).copied().unwrap_or(0.0)).clamp(0.0, 1.0);
        }
    }
    Matrix::new(labels.len(), classes, values)
}

/// The share of classes, over labelled rows, that the probabilities tell right.
fn agreement(probabilities: &Matrix<f64>, labels: &[Option<Vec<u16>>]) -> Option<f64> {
    let (mut right, mut all) = (0u64, 0u64);
    for (row, given) in labels.iter().enumerate() {
        let Some(given) = given else { continue };
        for (class, p) in probabilities.row(row).iter().enumerate() {
            all += 1;
            right += u64::from((*p >= 0.5) == given.contains(&(class as u16)));
        }
    }
    (all > 0).then(|| right as f64 / all as f64)
}

fn shown(set: &[u16], classes: &[String], separator: Option<char>) -> String {
    let names: Vec<&str> =
        set.iter().filter_map(|class| classes.get(usize::from(*class))).map(String::as_str).collect();
    names.join(separator.unwrap_or('|').encode_utf8(&mut [0; 4]))
}

fn frame(
    found: &ManyErrors,
    labels: &[Option<Vec<u16>>],
    classes: &[String],
    separator: Option<char>,
    ids: Option<&Arc<Column>>,
) -> Frame {
    let mut columns = files::row_columns(0..labels.len() as u32, ids);
    let given = labels.iter().map(|set| set.as_ref().map(|set| shown(set, classes, separator)));
    columns.push(Arc::new(Column::text("label", Kind::Text, given.collect::<LargeStringArray>())));
    let suggested = labels.iter().enumerate();
    let suggested =
        suggested.map(|(row, set)| set.as_ref().map(|set| shown(&found.suggested(row, set), classes, separator)));
    columns.push(Arc::new(Column::text("suggested", Kind::Text, suggested.collect::<LargeStringArray>())));
    columns.push(files::number_column("score", found.scores.iter().copied()));
    columns.push(files::flag_column("flagged", found.flagged.iter().copied()));
    let ranks = found.rank.iter().map(|&rank| (rank > 0).then_some(i64::from(rank)));
    columns.push(Arc::new(Column::new("rank", Values::Int(ranks.collect()))));
    Frame::new(columns)
}

fn worst(found: &ManyErrors, labels: &[Option<Vec<u16>>], classes: &[String]) -> String {
    let mut flagged: Vec<usize> = (0..labels.len()).filter(|&row| found.flagged[row]).collect();
    flagged.sort_by_key(|&row| found.rank[row]);
    let mut table = Table::new(["row", "label", "suggested", "score"]);
    for &row in flagged.iter().take(10) {
        let given = labels[row].as_deref().unwrap_or_default();
        let suggested = found.suggested(row, given);
        let cells = [given, &suggested].map(|set| shown(set, classes, Some('|')));
        let [given, suggested] = cells;
        table.row([row.to_string(), given, suggested, decimal(Some(found.scores[row]))]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_lists_of_classes() {
        let check = |cells: &[Option<&str>], separator: Option<char>, expected: &[Option<&[u16]>], names: &str| {
            let column = Column::text("l", Kind::Text, LargeStringArray::from(cells.to_vec()));
            let (found, classes) = label_sets(&column, separator.or_else(|| super::separator(&column)), None).unwrap();
            let found: Vec<Option<&[u16]>> = found.iter().map(Option::as_deref).collect();
            assert_eq!((found.as_slice(), classes.join(" ").as_str()), (expected, names));
        };
        check(&[Some("b|a"), Some(""), None, Some(" a ")], None, &[Some(&[0, 1]), Some(&[]), None, Some(&[0])], "a b");
        check(&[Some("[\"x y\", \"z\"]"), Some("[]")], None, &[Some(&[0, 1]), Some(&[])], "x y z");
        check(&[Some("a;b"), Some("a;a")], None, &[Some(&[0, 1]), Some(&[0])], "a b");
        check(&[Some("New York/Rome")], Some('/'), &[Some(&[0, 1])], "New York Rome");
        let column = Column::text("l", Kind::Text, LargeStringArray::from(vec!["a,c"]));
        let error = label_sets(&column, Some(','), Some(&["a".to_owned()])).unwrap_err();
        assert_eq!(error.to_string(), "\"c\" is not one of the classes: l, row 1");
    }
}
