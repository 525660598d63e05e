//! `consensus`: one label an item from several annotators, how far they agree, and how good each of them is.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::LargeStringArray;
use serde_json::json;

use super::answer::Answer;
use super::table::{self, Table, decimal, percent};
use super::{CommandLine, Context, files};
use crate::data::{Column, Frame, Kind};
use crate::engine::{Error, Result, Work};
use crate::label::agreement::{Agreement, Interval, Rating, Ratings};
use crate::weak::models::{FitOptions, Labels, Ties, fit, model};
use crate::weak::{ABSTAIN, Patterns, VoteColumn, Votes};

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
    /// How annotations become a consensus; auto takes Dawid-Skene where annotators have enough items to be judged by
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = ["auto", "majority", "dawid-skene", "one-coin"])]
    model: String,
    /// Resamples for the intervals of agreement; fewer are drawn where there are very many items
    #[arg(long, value_name = "N", default_value_t = 1000)]
    resamples: usize,
    /// Write one row an item: item, label, quality
    #[arg(long = "output", short = 'o', value_name = "PATH")]
    output: Option<PathBuf>,
}

/// More random draws than this for the intervals would take longer than everything else.
const MOST_DRAWS: usize = 200_000_000;

/// A dense table of items x annotators beyond this would not fit into a laptop's memory.
const MOST_CELLS: usize = 1_000_000_000;

impl CommandLine for Consensus {
    const NAME: &'static str = "consensus";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.output.as_deref().map_or(Ok(()), |path| files::check_result(path, false))?;
        let work = context.work;
        let crowd = self.read(context)?;
        if crowd.ratings.repeated() > 0 {
            work.warn(format!(
                "{} annotations repeat an item of their annotator; the last counts",
                crowd.ratings.repeated()
            ));
        }
        let resamples = self.resamples.min((MOST_DRAWS / crowd.items.len().max(1)).max(200));
        let agreement = Agreement::of(&crowd.ratings, resamples, context.seed(), work)?;
        let (model, labels) = crowd.consensus(&self.model, context.seed(), work)?;
        let decided = crowd.decide(&labels);
        let annotators = crowd.judge(&labels, &decided);
        if let Some(path) = &self.output {
            crate::data::write::write_frame(path, &crowd.frame(&decided), work)?;
        }
        let fields = json!({
            "model": model,
            "classes": crowd.classes,
            "agreement": agreement,
            "annotators": annotators.iter().map(Annotator::json).collect::<Vec<_>>(),
            "items": crowd.items.len(),
            "items_with_several": agreement.paired_items,
        });
        let summary = table::facts([
            (
                "items",
                Some(format!("{}, of which {} have several annotations", crowd.items.len(), agreement.paired_items)),
            ),
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
        Ok(Crowd { rows: frame.rows(), items, annotators, classes, ratings })
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
    /// Probabilities of the classes for each item, and the name of the model they are by.
    fn consensus(&self, name: &str, seed: u64, work: &Work) -> Result<(&'static str, Labels)> {
        let name = if name == "auto" { self.fitting_model() } else { name };
        if self.items.len().saturating_mul(self.annotators.len()) > MOST_CELLS {
            return Err(Error::input(format!(
                "{} items by {} annotators are too many for one consensus",
                self.items.len(),
                self.annotators.len()
            ))
            .help("split the file by items"));
        }
        let mut columns: Vec<VoteColumn> = self
            .annotators
            .iter()
            .map(|name| VoteColumn { name: name.clone(), votes: vec![ABSTAIN; self.items.len()].into() })
            .collect();
        for rating in self.ratings.all() {
            let column = columns.get_mut(rating.annotator as usize);
            if let Some(vote) = column.and_then(|column| Arc::make_mut(&mut column.votes).get_mut(rating.item as usize))
            {
                *vote = rating.class as i16;
            }
        }
        let patterns = Patterns::of(&Votes::new(self.items.len(), self.classes.len(), columns)?, work)?;
        // Who was not asked has not abstained.
        let options = FitOptions { abstain_symbol: false, seed, ..FitOptions::default() };
        // The soft majority gives the shares of the votes, which the hard one rounds to all or nothing.
        let chosen = model(if name == "majority" { "soft-majority" } else { name })?;
        let fitted = fit(chosen, &patterns, &options, work)?;
        fitted.notes().iter().for_each(|note| work.warn(note.clone()));
        let labels = Labels::of(&fitted, &patterns, Ties::Abstain, seed, work)?;
        Ok((if name == "majority" { "majority" } else { fitted.model() }, labels))
    }

    /// Dawid-Skene estimates a confusion matrix for each annotator, one-coin a single number: each wants to see them
    /// often enough. Nobody can be judged where items have one annotation each.
    fn fitting_model(&self) -> &'static str {
        let per_annotator = self.ratings.all().len() as f64 / self.annotators.len().max(1) as f64;
        let per_item = self.ratings.all().len() as f64 / self.items.len().max(1) as f64;
        if per_item < 2.0 || per_annotator < 5.0 {
            "majority"
        } else if per_annotator < 10.0 * self.classes.len() as f64 {
            "one-coin"
        } else {
            "dawid-skene"
        }
    }

    /// The label of each item with its probability; of equally likely classes the first. `None` without annotations.
    fn decide(&self, labels: &Labels) -> Vec<Option<(u16, f64)>> {
        let mut decided = vec![None; self.items.len()];
        for item in self.ratings.by_item().filter_map(|ratings| ratings.first()).map(|rating| rating.item as usize) {
            let mut best: Option<(u16, f64)> = None;
            for (class, &share) in labels.row(item).iter().enumerate() {
                if best.is_none_or(|(_, most)| share > most + 1e-9) {
                    best = Some((class as u16, share));
                }
            }
            if let Some(slot) = decided.get_mut(item) {
                *slot = best;
            }
        }
        decided
    }

    /// Quality is the mean probability of the classes that the annotator gave; agreement the share of them that are the
    /// consensus, over items that somebody else annotated as well.
    fn judge(&self, labels: &Labels, decided: &[Option<(u16, f64)>]) -> Vec<Annotator> {
        let mut sums = vec![(0usize, 0.0f64, 0usize, 0usize); self.annotators.len()];
        for item in self.ratings.by_item() {
            for rating in item {
                let Some((items, quality, shared, equal)) = sums.get_mut(rating.annotator as usize) else { continue };
                let row = rating.item as usize;
                *items += 1;
                *quality += labels.row(row).get(usize::from(rating.class)).copied().unwrap_or(0.0);
                if item.len() > 1 {
                    *shared += 1;
                    let consensus = decided.get(row).copied().flatten();
                    *equal += usize::from(consensus.is_some_and(|(class, _)| class == rating.class));
                }
            }
        }
        let share = |part: f64, whole: usize| (whole > 0).then(|| part / whole as f64);
        self.annotators
            .iter()
            .zip(sums)
            .map(|(name, (items, quality, shared, equal))| Annotator {
                name: name.clone(),
                items,
                quality: share(quality, items),
                agreement: share(equal as f64, shared),
            })
            .collect()
    }

    fn frame(&self, decided: &[Option<(u16, f64)>]) -> Frame {
        let items = LargeStringArray::from_iter_values(&self.items);
        let label = decided.iter().map(|decided| decided.map(|(class, _)| class));
        let quality = decided.iter().map(|decided| decided.map_or(f64::NAN, |(_, share)| share));
        Frame::new(vec![
            Arc::new(Column::text("item", Kind::Text, items)),
            files::class_column("label", &self.classes, label),
            files::number_column("quality", quality),
        ])
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
