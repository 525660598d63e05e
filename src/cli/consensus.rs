//! `consensus`: one label an item from several annotators, how far they agree, and how good each of them is.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::LargeStringArray;
use serde_json::json;

use super::answer::Answer;
use super::table::{self, Table, decimal, percent};
use super::{CommandLine, Context, files};
use crate::data::{Column, Frame, Kind};
use crate::engine::{Error, Result, Work};
use crate::label::agreement::{Agreement, Interval, Rating, Ratings};
use crate::label::crowdlab::{Crowdlab, active_scores, best_temperature};
use crate::learn::Matrix;
use crate::session::{AnnotatorQuality, annotator_qualities, consensus};

/// Find the consensus of several annotators, how far they agree and how good each of them is
#[derive(Debug, clap::Args)]
pub(super) struct Consensus {
    /// A table of one row an annotation
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The column that names the item
    #[arg(long, value_name = "COL")]
    item: String,
    /// The column that names the annotator
    #[arg(long, value_name = "COL")]
    annotator: String,
    /// The column of labels
    #[arg(long, value_name = "COL")]
    label: String,
    /// The classes in order; those that occur, sorted, if not given
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    classes: Option<Vec<String>>,
    /// A model's out-of-sample probabilities: an .npy matrix or columns p_CLASS, one row an item in the order of their
    /// first rows, or a table with the column of items
    #[arg(long, value_name = "PROBS")]
    probs: Option<PathBuf>,
    /// How annotations become a consensus; auto takes CROWDLAB where there are probabilities, else Dawid-Skene where
    /// annotators have enough items to be judged by
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = ["auto", "majority", "dawid-skene", "one-coin", "crowdlab"])]
    model: String,
    /// Resamples for the intervals of agreement; fewer are drawn where there are very many items
    #[arg(long, value_name = "N", default_value_t = 1000)]
    resamples: usize,
    /// Write one row an item: item, label, quality; with CROWDLAB also `active_score`, the lowest to be labelled next
    #[arg(long = "output", short = 'o', value_name = "PATH")]
    output: Option<PathBuf>,
}

/// More random draws than this for the intervals would take longer than everything else.
const MOST_DRAWS: usize = 200_000_000;

impl CommandLine for Consensus {
    const NAME: &'static str = "consensus";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.output.as_deref().map_or(Ok(()), |path| files::check_result(path, false))?;
        let work = context.work;
        if self.model == "crowdlab" && self.probs.is_none() {
            return Err(Error::input("crowdlab needs a model's probabilities").help("give them with --probs"));
        }
        let mut crowd = self.read(context)?;
        let probabilities = self.probs.as_deref().map(|path| crowd.join(path, &self.item, context)).transpose()?;
        if probabilities.is_some() && !matches!(&*self.model, "auto" | "crowdlab") {
            work.warn(format!("the probabilities are not used by {}; they are by crowdlab", self.model));
        }
        if crowd.ratings.repeated() > 0 {
            work.warn(format!(
                "{} annotations repeat an item of their annotator; the last counts",
                crowd.ratings.repeated()
            ));
        }
        let resamples = self.resamples.min((MOST_DRAWS / crowd.items.len().max(1)).max(200));
        let agreement = Agreement::of(&crowd.ratings, resamples, context.seed(), work)?;
        let found = match probabilities {
            Some(probabilities) if matches!(&*self.model, "auto" | "crowdlab") => {
                crowd.crowdlab(&probabilities, work)?
            }
            _ => crowd.consensus(&self.model, context.seed(), work)?,
        };
        let (model, decided) = (found.model, &found.decided);
        let annotators = crowd.judge(&found);
        if let Some(path) = &self.output {
            crate::data::write::write_frame(path, &crowd.frame(&found), work)?;
        }
        let fields = json!({
            "model": model,
            "model_weight": found.model_weight,
            "classes": crowd.classes,
            "agreement": agreement,
            "annotators": annotators.iter().map(Annotator::json).collect::<Vec<_>>(),
            "items": decided.iter().flatten().count(),
            "unlabelled_items": crowd.items.len() - decided.iter().flatten().count(),
            "items_with_several": agreement.paired_items,
        });
        let labelled = decided.iter().flatten().count();
        let summary = table::facts([
            ("items", Some(format!("{labelled}, of which {} have several annotations", agreement.paired_items))),
            ("without a label", (labelled < crowd.items.len()).then(|| (crowd.items.len() - labelled).to_string())),
            ("annotators", Some(crowd.annotators.len().to_string())),
            ("model", Some(model.to_owned())),
            ("agreement", agreement.percent.value.map(percent)),
        ]);
        Ok(Answer::new(crowd.rows, fields).say(summary).say(measures(&agreement)).say(worst(annotators)))
    }
}

/// The annotations of a file.
struct Crowd {
    rows: usize,
    items: Vec<String>,
    annotators: Vec<String>,
    classes: Vec<String>,
    ratings: Ratings,
    /// The first row of each item.
    first_rows: Vec<usize>,
}

/// The consensus.
struct Consented {
    model: &'static str,
    /// Items x classes.
    posterior: Matrix<f64>,
    /// The label of each item with its probability; `None` without annotations.
    decided: Vec<Option<(u16, f64)>>,
    /// The quality of each annotator, where the model has its own.
    annotator_quality: Option<Vec<Option<f64>>>,
    model_weight: Option<f64>,
    /// What to have labelled next, the lowest first.
    active: Option<Vec<f64>>,
}

/// What is known of one annotator.
struct Annotator {
    name: String,
    items: usize,
    quality: Option<f64>,
    agreement: Option<f64>,
}

impl Annotator {
    fn json(&self) -> serde_json::Value {
        json!({"annotator": self.name, "items": self.items, "quality": self.quality, "agreement": self.agreement})
    }
}

impl Consensus {
    fn read(&self, context: &Context<'_>) -> Result<Crowd> {
        let frame = files::read_table(&self.file, context)?.frame;
        let column = |name: &str| files::column(&frame, name, &self.file);
        let (items, item_of) = numbered(column(&self.item)?);
        let mut first_rows = vec![usize::MAX; items.len()];
        for (row, item) in item_of.iter().enumerate() {
            if let Some(first) = item.and_then(|item| first_rows.get_mut(item as usize)) {
                *first = row.min(*first);
            }
        }
        let (annotators, annotator_of) = numbered(column(&self.annotator)?);
        let placed = |error: Error| error.at(self.file.display());
        let (labels, classes) = files::labels(column(&self.label)?, self.classes.as_deref()).map_err(placed)?;
        let (mut ratings, mut nameless) = (Vec::with_capacity(labels.len()), 0usize);
        for ((item, annotator), label) in item_of.into_iter().zip(annotator_of).zip(labels) {
            match (item, annotator, label) {
                (Some(item), Some(annotator), Some(class)) => ratings.push(Rating { item, annotator, class }),
                (Some(_), Some(_), None) => {}
                _ => nameless += 1,
            }
        }
        if nameless > 0 {
            context.work.warn(format!("{} without item or annotator left out", table::count(nameless, "row")));
        }
        if ratings.is_empty() {
            return Err(placed(Error::input("there are no annotations").at(&self.label)));
        }
        let ratings = Ratings::new(items.len(), annotators.len(), classes.len(), ratings)?;
        Ok(Crowd { rows: frame.rows(), items, annotators, classes, ratings, first_rows })
    }
}

/// The distinct values of a column in the order of their first rows, and which of them stands in each row.
fn numbered(column: &Column) -> (Vec<String>, Vec<Option<u32>>) {
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut names = Vec::new();
    let mut of_row = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        of_row.push(column.show(row).filter(|name| !name.is_empty()).map(|name| match known.get(name.as_ref()) {
            Some(&number) => number,
            None => {
                let number = names.len() as u32;
                names.push(name.to_string());
                known.insert(name.into_owned(), number);
                number
            }
        }));
    }
    (names, of_row)
}

impl Crowd {
    /// Reads the model's probabilities, items x classes. A table with a column of items may have some that nobody
    /// labelled; they become items of the crowd. Else rows are those of the items in order, or those of the file.
    fn join(&mut self, path: &Path, item: &str, context: &Context<'_>) -> Result<Matrix<f64>> {
        let items = self.items.len();
        let (found, classes, rows) = files::rows_of_probabilities(path, &self.classes, item, context)?;
        if classes != self.classes {
            // Wider than the labels that occur: classes are counted from 0, and the labels keep their names.
            let place = |name: &String| classes.iter().position(|class| class == name).unwrap_or(0) as u16;
            let places: Vec<u16> = self.classes.iter().map(place).collect();
            let moved = self
                .ratings
                .all()
                .iter()
                .map(|rating| Rating { class: places.get(usize::from(rating.class)).copied().unwrap_or(0), ..*rating });
            self.ratings = Ratings::new(items, self.annotators.len(), classes.len(), moved.collect())?;
            self.classes = classes;
        }
        let of_item: Vec<usize> = match rows {
            Some(names) => self.named_rows(names, path, context)?,
            None if found.rows() == items => self.counted_items().unwrap_or_else(|| (0..items).collect()),
            None if found.rows() == self.rows => self.first_rows.clone(),
            None => match self.counted_items().filter(|rows| rows.iter().all(|&row| row < found.rows())) {
                Some(rows) => rows,
                None => {
                    return Err(Error::input(format!("{} rows of probabilities for {items} items", found.rows()))
                        .at(path.display())
                        .help(format!(
                            "give one row an item in the order of their first rows, or a table with a column {item}"
                        )));
                }
            },
        };
        let values = of_item.iter().flat_map(|&row| found.row(row).iter().copied()).collect();
        Matrix::new(of_item.len(), found.columns(), values)
    }

    /// The row of each item by its name; items that only the probabilities know come after those that have labels.
    fn named_rows(&mut self, names: Vec<Option<String>>, path: &Path, context: &Context<'_>) -> Result<Vec<usize>> {
        let mut of_name: HashMap<String, usize> = HashMap::new();
        let mut repeated = 0usize;
        let mut order = Vec::new();
        for (row, name) in names.into_iter().enumerate() {
            match name {
                Some(name) if !of_name.contains_key(&name) => {
                    order.push(name.clone());
                    of_name.insert(name, row);
                }
                _ => repeated += 1,
            }
        }
        if repeated > 0 {
            let rows = table::count(repeated, "row");
            context.work.warn(format!("{rows} of probabilities without an item, or repeating one, left out"));
        }
        let mut rows = Vec::with_capacity(self.items.len());
        for item in &self.items {
            rows.push(of_name.remove(item).ok_or_else(|| {
                Error::input(format!("there are no probabilities for the item {item}")).at(path.display())
            })?);
        }
        for name in order {
            if let Some(row) = of_name.remove(&name) {
                rows.push(row);
                self.items.push(name);
            }
        }
        let (annotators, classes) = (self.annotators.len(), self.classes.len());
        self.ratings = Ratings::new(self.items.len(), annotators, classes, self.ratings.all().to_vec())?;
        Ok(rows)
    }

    /// The items' own numbers, where all are numbers from 0 and none is beyond their count.
    fn counted_items(&self) -> Option<Vec<usize>> {
        self.items.iter().map(|name| name.parse::<usize>().ok()).collect()
    }

    /// The consensus of annotators and a model.
    fn crowdlab(&self, probabilities: &Matrix<f64>, work: &Work) -> Result<Consented> {
        let found = Crowdlab::of(&self.ratings, probabilities)?;
        if found.single {
            work.warn("no item has two labels: how good they are is told by the model alone");
        }
        let temperature = best_temperature(&self.ratings, probabilities)?;
        let active = active_scores(&self.ratings, probabilities, temperature)?;
        let decided = found.consensus.iter().zip(&found.quality).map(|(class, &quality)| Some(((*class)?, quality)));
        Ok(Consented {
            model: "crowdlab",
            decided: decided.collect(),
            annotator_quality: Some(found.annotator_quality),
            model_weight: Some(found.model_weight),
            active: Some(active),
            posterior: found.posterior,
        })
    }

    /// The consensus of the annotators alone.
    fn consensus(&self, name: &str, seed: u64, work: &Work) -> Result<Consented> {
        let sizes = (self.items.len(), self.classes.len());
        let found = consensus(&self.ratings, &self.annotators, sizes, name, seed, work)?;
        Ok(Consented {
            model: found.model,
            posterior: found.posterior,
            decided: found.decided,
            annotator_quality: None,
            model_weight: None,
            active: None,
        })
    }

    /// How good each annotator is: by the model's own measure where it has one.
    fn judge(&self, found: &Consented) -> Vec<Annotator> {
        let judged = annotator_qualities(&self.ratings, self.annotators.len(), &found.posterior, &found.decided);
        let annotator = |(at, (name, judged)): (usize, (&String, AnnotatorQuality))| Annotator {
            name: name.clone(),
            items: judged.items,
            quality: match &found.annotator_quality {
                Some(own) => own.get(at).copied().flatten(),
                None => judged.quality,
            },
            agreement: judged.agreement,
        };
        self.annotators.iter().zip(judged).enumerate().map(annotator).collect()
    }

    fn frame(&self, found: &Consented) -> Frame {
        let decided = &found.decided;
        let items = LargeStringArray::from_iter_values(&self.items);
        let label = decided.iter().map(|decided| decided.map(|(class, _)| class));
        let quality = decided.iter().map(|decided| decided.map_or(f64::NAN, |(_, share)| share));
        let mut columns = vec![
            Arc::new(Column::text("item", Kind::Text, items)),
            files::class_column("label", &self.classes, label),
            files::number_column("quality", quality),
        ];
        columns
            .extend(found.active.as_ref().map(|scores| files::number_column("active_score", scores.iter().copied())));
        Frame::new(columns)
    }
}

fn measures(agreement: &Agreement) -> String {
    let mut table = Table::new(["measure", "value", "low", "high"]);
    let mut row = |name: &str, found: Interval| {
        table.row([name.to_owned(), decimal(found.value), decimal(found.low), decimal(found.high)]);
    };
    row("percent", agreement.percent);
    if let Some(cohen) = agreement.cohen_kappa {
        row("Cohen's kappa", cohen);
    }
    row("Fleiss' kappa", agreement.fleiss_kappa);
    row("Krippendorff's alpha", agreement.krippendorff_alpha);
    row("Gwet's AC1", agreement.gwet_ac1);
    format!("\n{}", table.render())
}

/// The annotators whose labels are least likely right.
fn worst(mut annotators: Vec<Annotator>) -> String {
    let quality = |annotator: &Annotator| annotator.quality.unwrap_or(f64::INFINITY);
    annotators.sort_by(|a, b| quality(a).total_cmp(&quality(b)));
    let mut table = Table::new(["annotator", "items", "quality", "agreement"]);
    for annotator in annotators.iter().take(10) {
        let shown = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
        let items = annotator.items.to_string();
        table.row([annotator.name.clone(), items, shown(annotator.quality), shown(annotator.agreement)]);
    }
    format!("\n{}", table.render())
}
