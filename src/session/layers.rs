//! Layers: what people, functions and models say of every item, as columns beside the data's own, so that one filter
//! language reaches all of them.

use std::sync::Arc;

use arrow_array::builder::LargeStringBuilder;
use arrow_array::{BooleanArray, Float64Array, Int64Array, LargeStringArray};
use rayon::prelude::*;

use super::derived::{Basis, EndModelOutcome, LabelModelOutcome, VotesOutcome};
use super::findings::Findings;
use super::guideline::same_guideline;
use crate::choose::{margin, shuffled, vote_entropy};
use crate::clean::{Finder, FindingKind, Settlement};
use crate::data::{Column, Frame, Kind, Values};
use crate::deliver::{FinalLabels, Opinion, Source};
use crate::engine::{Derived, Fingerprint, Fingerprinter, Result, Work};
use crate::weak::telling::telling;
use crate::weak::{ABSTAIN, Shades, Votes};

/// The layer by which the functions' votes on an item disagree, in bits.
pub const DISAGREEMENT: &str = "vote_disagreement";

/// The layer of how many functions vote on an item.
pub const VOTE_COUNT: &str = "vote_count";

/// How the name of the column goes on that says how sure the votes of a function are, which not all are for certain.
pub const CONFIDENCE: &str = "_confidence";

/// The layer of how much a hand label of an item tells about the functions.
pub const TELLING: &str = "label_value";

/// The layer that puts items into a random order.
pub const SHUFFLED: &str = "random_order";

/// The columns that stand beside the data: labels, votes, probabilities, flags.
pub struct LayersOf {
    /// What is open.
    pub basis: Basis,
    /// The votes, with their name.
    pub votes: Option<(Arc<VotesOutcome>, Fingerprint)>,
    /// The label model, with its name.
    pub model: Option<(Arc<LabelModelOutcome>, Fingerprint)>,
    /// The end model, with its name.
    pub end_model: Option<(Arc<EndModelOutcome>, Fingerprint)>,
    /// The findings, with their name.
    pub findings: Option<(Arc<Findings>, Fingerprint)>,
    /// What the images are like, with its name.
    pub properties: Option<(Arc<Vec<Arc<Column>>>, Fingerprint)>,
    /// How much the items are like those that were asked about, with its name.
    pub similarity: Option<(Arc<Column>, Fingerprint)>,
    /// The places of the items in an order of the queue that was asked for, with its name.
    pub queue_order: Option<(Arc<Column>, Fingerprint)>,
    /// What a person has decided about findings.
    pub settlement: Arc<Settlement>,
}

/// What [`LayersOf`] gives.
pub struct Layers {
    /// Data columns, then layers.
    pub frame: Frame,
    /// The name of each column's content, in the order of the frame: a column whose name is known is known.
    pub prints: Vec<Fingerprint>,
    /// The final label of each row with its source.
    pub labels: FinalLabels,
    /// The rows that each finder found and nobody settled, in the order of [`Finder::ALL`].
    flags: Flags,
    /// How many labels come from where.
    pub by_source: Vec<(Source, usize)>,
    /// How many these are.
    open: [usize; Finder::ALL.len()],
}

impl Layers {
    /// The rows that a finder found and that are neither settled nor excluded.
    pub fn flagged(&self, finder: Finder) -> &[bool] {
        self.flags.get(finder as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// How many these are.
    pub fn open(&self, finder: Finder) -> usize {
        self.open.get(finder as usize).copied().unwrap_or(0)
    }
}

impl Derived for LayersOf {
    type Output = Layers;

    fn fingerprint(&self) -> Fingerprint {
        let print =
            Fingerprinter::new("layers").print(self.basis.dataset.fingerprint).print(self.basis.annotations_print);
        let print = self.basis.classes.iter().fold(print, |print, class| print.text(class));
        let print = self.basis.marked.iter().fold(print, |print, marked| print.print(marked.print()));
        let print = print.number(self.basis.shuffle.map_or(u64::MAX, |seed| seed));
        let print = print.text(self.basis.rules.now.as_deref().unwrap_or_default());
        let parts = [
            self.votes.as_ref().map(|(_, print)| *print),
            self.model.as_ref().map(|(_, print)| *print),
            self.end_model.as_ref().map(|(_, print)| *print),
            self.findings.as_ref().map(|(_, print)| *print),
            self.properties.as_ref().map(|(_, print)| *print),
            self.similarity.as_ref().map(|(_, print)| *print),
            self.queue_order.as_ref().map(|(_, print)| *print),
        ];
        let print = parts.into_iter().fold(print, |print, part| match part {
            Some(part) => print.print(part),
            None => print.text("none"),
        });
        print.print(self.settlement.fingerprint()).number(u64::from(self.basis.source_change.is_some())).finish()
    }

    fn compute(&self, work: &Work) -> Result<Layers> {
        work.stage("gathering layers", 0);
        let basis = &self.basis;
        let labels = self.final_labels();
        let (flags, kinds) = self.flags();
        let mut shelf = Shelf::of(basis);
        self.label_columns(&labels, &mut shelf)?;
        work.check()?;
        self.model_columns(&mut shelf)?;
        let remarks = [("excluded", &basis.excluded), ("unsure", &basis.unsure), ("bad_item", &basis.bad)];
        for (name, flags) in remarks {
            // What nobody uses needs no column.
            if name == "excluded" || flags.contains(&true) {
                shelf.add(name, &[basis.annotations_print], || flag(name, flags))?;
            }
        }
        self.doubt_columns(&mut shelf)?;
        self.rule_columns(&mut shelf)?;
        if !basis.comments.is_empty() {
            shelf.add("comment", &[basis.annotations_print], || {
                let rows = 0..basis.dataset.rows() as u32;
                let texts: LargeStringArray = rows.map(|row| basis.comments.get(&row)).collect();
                Column::text("comment", Kind::Text, texts)
            })?;
        }
        for marked in basis.marked.iter() {
            let print =
                Fingerprinter::new("task columns").print(basis.dataset.fingerprint).print(marked.print()).finish();
            let bytes = |columns: &[Arc<Column>; 3]| columns.iter().map(|column| column.len() * 8).sum();
            let make = || Ok(marked.columns(basis.dataset.rows()).map(Arc::new));
            let columns = basis.cache.get_or_make(print, bytes, make)?;
            columns.iter().for_each(|column| shelf.put(column.clone(), print));
        }
        if let Some((columns, print)) = &self.properties {
            columns.iter().for_each(|column| shelf.put(column.clone(), *print));
        }
        for (column, print) in self.similarity.iter().chain(&self.queue_order) {
            shelf.put(column.clone(), *print);
        }
        if let Some(change) = &basis.source_change {
            shelf.add("source_change", &[], || {
                let names: LargeStringArray = change.rows.iter().map(|row| row.name()).collect();
                Column::text("source_change", Kind::Category, names)
            })?;
        }
        self.finding_columns(&flags, &kinds, &mut shelf)?;
        work.check()?;
        let (frame, prints) = shelf.frame();
        let open = flags.each_ref().map(|flags| flags.iter().filter(|flag| **flag).count());
        let by_source = labels.by_source().into_iter().collect();
        Ok(Layers { frame, prints, labels, flags, by_source, open })
    }

    fn bytes(layers: &Layers) -> usize {
        layers.labels.label.len() * 20
    }
}

/// For each finder, in the order of [`Finder::ALL`], whether it found a row that is not settled.
type Flags = [Vec<bool>; Finder::ALL.len()];

/// What is wrong with images, and with texts.
type Kinds = [Vec<Option<&'static str>>; 2];

/// The columns as they are put together: each is made once for its inputs and kept while these hold.
struct Shelf<'a> {
    basis: &'a Basis,
    columns: Vec<(Arc<Column>, Fingerprint)>,
}

impl<'a> Shelf<'a> {
    /// The data's own columns.
    fn of(basis: &'a Basis) -> Self {
        let print = |column: &Arc<Column>| {
            Fingerprinter::new("data column").print(basis.dataset.fingerprint).text(column.name()).finish()
        };
        let columns = basis.dataset.frame.columns().iter().map(|column| (column.clone(), print(column))).collect();
        Self { basis, columns }
    }

    /// Adds a layer that follows from `inputs` and the classes, in place of a column of the data of that name.
    fn add(&mut self, name: &str, inputs: &[Fingerprint], make: impl FnOnce() -> Column) -> Result<()> {
        let start = Fingerprinter::new("layer column").print(self.basis.dataset.fingerprint).text(name);
        let start = self.basis.classes.iter().fold(start, |print, class| print.text(class));
        let print = inputs.iter().fold(start, |print, input| print.print(*input)).finish();
        let column = self.basis.cache.get_or_make(print, |column: &Column| column.len() * 12, || Ok(make()))?;
        self.put(column, print);
        Ok(())
    }

    /// Adds a column that is there already, in place of one of that name.
    fn put(&mut self, column: Arc<Column>, of: Fingerprint) {
        let print = Fingerprinter::new("column").print(of).text(column.name()).finish();
        match self.columns.iter_mut().find(|(old, _)| old.name() == column.name()) {
            Some(old) => *old = (column, print),
            None => self.columns.push((column, print)),
        }
    }

    fn frame(self) -> (Frame, Vec<Fingerprint>) {
        let (columns, prints) = self.columns.into_iter().unzip();
        (Frame::new(columns), prints)
    }
}

impl LayersOf {
    /// What a label might be instead, and how sure the person is of it.
    fn doubt_columns(&self, shelf: &mut Shelf<'_>) -> Result<()> {
        let (basis, rows) = (&self.basis, self.basis.dataset.rows() as u32);
        if basis.doubts.values().any(|doubt| doubt.second.is_some()) {
            shelf.add("second_choice", &[basis.annotations_print], || {
                let second = |row| basis.doubts.get(&row).and_then(|doubt| doubt.second.as_deref());
                Column::text("second_choice", Kind::Category, (0..rows).map(second).collect::<LargeStringArray>())
            })?;
        }
        if basis.doubts.values().any(|doubt| doubt.confidence.is_some()) {
            shelf.add("confidence", &[basis.annotations_print], || {
                let share = |row| basis.doubts.get(&row).and_then(|doubt| doubt.confidence);
                Column::new("confidence", Values::Float((0..rows).map(share).collect::<Float64Array>()))
            })?;
        }
        Ok(())
    }

    /// Under which version of the guidelines people gave their labels, and whether that is an older one.
    fn rule_columns(&self, shelf: &mut Shelf<'_>) -> Result<()> {
        let (basis, rules) = (&self.basis, &self.basis.rules);
        let Some(now) = rules.now.as_deref().filter(|_| !rules.versions.is_empty()) else { return Ok(()) };
        let inputs = [basis.annotations_print, Fingerprint::of(now.as_bytes())];
        let version = |row: usize| -> Option<&str> {
            let at = usize::from(*rules.of_row.get(row)?).checked_sub(1)?;
            rules.versions.get(at).map(|version| &**version)
        };
        let rows = 0..basis.dataset.rows();
        shelf.add("guideline", &inputs, || {
            Column::text("guideline", Kind::Category, rows.clone().map(version).collect::<LargeStringArray>())
        })?;
        shelf.add("guideline_old", &inputs, || {
            let old = |row: usize| {
                let labelled = basis.hand.get(row).is_some_and(|label| *label >= 0);
                labelled.then(|| !version(row).is_some_and(|version| same_guideline(version, now)))
            };
            Column::new("guideline_old", Values::Bool(rows.clone().map(old).collect::<BooleanArray>()))
        })
    }

    fn final_labels(&self) -> FinalLabels {
        let basis = &self.basis;
        let functions = self.model.as_ref().map(|(model, _)| model);
        let probabilities: Option<Vec<f32>> =
            functions.map(|model| model.labels.probabilities().into_iter().map(|p| p as f32).collect());
        let functions = functions
            .zip(probabilities.as_ref())
            .map(|(model, probabilities)| Opinion { labels: model.labels.label(), probabilities });
        let model = self
            .end_model
            .as_ref()
            .map(|(model, _)| Opinion { labels: &model.labels, probabilities: model.probabilities.values() });
        FinalLabels::resolve(
            &basis.hand,
            basis.given.as_deref().map(Vec::as_slice),
            functions,
            model,
            basis.classes.len(),
        )
    }

    /// The rows that each finder found and that are neither settled nor excluded, and what is wrong with their images and
    /// texts.
    fn flags(&self) -> (Flags, Kinds) {
        let rows = self.basis.dataset.rows();
        let mut flags: Flags = std::array::from_fn(|_| vec![false; rows]);
        let mut kinds: Kinds = [vec![None; rows], vec![None; rows]];
        let Some((findings, _)) = &self.findings else { return (flags, kinds) };
        for finding in findings.each() {
            let (finder, at) = (Finder::from(finding.kind), finding.row as usize);
            let excluded = self.basis.excluded.get(at) == Some(&true);
            if excluded || self.settlement.is_settled(finder, finding.row) {
                continue;
            }
            if let Some(flag) = flags.get_mut(finder as usize).and_then(|flags| flags.get_mut(at)) {
                *flag = true;
            }
            let kind = match finding.kind {
                FindingKind::Image(issue) => kinds[0].get_mut(at).zip(Some(issue.name())),
                FindingKind::Text(issue) => kinds[1].get_mut(at).zip(Some(issue.name())),
                _ => None,
            };
            if let Some((place, name)) = kind {
                *place = Some(name);
            }
        }
        (flags, kinds)
    }

    fn finding_columns(&self, flags: &Flags, kinds: &Kinds, shelf: &mut Shelf<'_>) -> Result<()> {
        let Some((findings, print)) = &self.findings else { return Ok(()) };
        let inputs = [*print, self.settlement.fingerprint(), self.basis.annotations_print];
        let [label_error, duplicate, outlier, ..] = flags;
        shelf.add("flag_label_error", &inputs, || flag("flag_label_error", label_error))?;
        shelf.add("flag_duplicate", &inputs, || flag("flag_duplicate", duplicate))?;
        let quality = &findings.quality;
        if let Some(found) = &quality.outliers {
            shelf.add("flag_outlier", &inputs, || flag("flag_outlier", outlier))?;
            shelf.add("outlier_score", &[*print], || {
                Column::new("outlier_score", Values::Float(found.scores.iter().copied().collect()))
            })?;
        }
        let [images, texts] = kinds;
        for (name, kinds, is_there) in
            [("image_issue", images, quality.images.is_some()), ("text_issue", texts, quality.texts.is_some())]
        {
            if is_there {
                let values = || kinds.iter().copied().collect::<LargeStringArray>();
                shelf.add(name, &inputs, || Column::text(name, Kind::Category, values()))?;
            }
        }
        Ok(())
    }

    fn label_columns(&self, labels: &FinalLabels, shelf: &mut Shelf<'_>) -> Result<()> {
        let basis = &self.basis;
        let none = Fingerprint::of(b"none");
        let model = self.model.as_ref().map_or(none, |(_, print)| *print);
        let end_model = self.end_model.as_ref().map_or(none, |(_, print)| *print);
        let inputs = [basis.annotations_print, model, end_model];
        shelf.add("label", &inputs, || classes_column("label", &labels.label, &basis.classes))?;
        shelf.add("label_source", &inputs, || {
            let mut source = LargeStringBuilder::with_capacity(labels.source.len(), labels.source.len() * 8);
            for &from in &labels.source {
                source.append_option(Some(from.name()).filter(|name| !name.is_empty()));
            }
            Column::text("label_source", Kind::Category, source.finish())
        })?;
        if let Some(seed) = basis.shuffle {
            shelf.add(SHUFFLED, &[Fingerprint::of(&seed.to_le_bytes())], || {
                let numbers = basis.dataset.ids.all().iter().map(|id| shuffled(id.0, seed));
                Column::new(SHUFFLED, Values::Int(Int64Array::from_iter_values(numbers)))
            })?;
        }
        let inputs = [basis.annotations_print];
        shelf.add("label_hand", &inputs, || classes_column("label_hand", &basis.hand, &basis.classes))?;
        let Some((votes, _)) = &self.votes else { return Ok(()) };
        if votes.votes.columns().len() > 1 {
            shelf.add(DISAGREEMENT, &votes.prints, || {
                let vote = |row: usize| votes.votes.columns().iter().map(move |column| column.votes[row]);
                let of = |row: usize| match votes.votes.is_shaded() {
                    true => shaded_entropy(&votes.votes, row),
                    false => vote_entropy(vote(row).filter(|vote| *vote != ABSTAIN)),
                };
                let rows: Vec<f64> = (0..basis.dataset.rows()).into_par_iter().map(of).collect();
                Column::new(DISAGREEMENT, Values::Float(Float64Array::from(rows)))
            })?;
        }
        if !votes.votes.columns().is_empty() {
            shelf.add(VOTE_COUNT, &votes.prints, || {
                let mut counts = vec![0i64; basis.dataset.rows()];
                for (at, column) in votes.votes.columns().iter().enumerate() {
                    let shades = votes.votes.shades(at);
                    let cast = |row: usize| shades.is_some_and(|shades| shades.row(row).is_some());
                    let cells = counts.iter_mut().zip(column.votes.iter()).enumerate();
                    cells.for_each(|(row, (count, vote))| *count += i64::from(*vote != ABSTAIN || cast(row)));
                }
                Column::new(VOTE_COUNT, Values::Int(Int64Array::from(counts)))
            })?;
        }
        for ((at, column), print) in votes.votes.columns().iter().enumerate().zip(&votes.prints) {
            let name = format!("vote_{}", column.name);
            let Some(shades) = votes.votes.shades(at) else {
                shelf.add(&name, &[*print], || classes_column(&name, &column.votes, &basis.classes))?;
                continue;
            };
            shelf.add(&name, &[*print], || shaded_column(&name, &column.votes, shades, &basis.classes))?;
            let name = format!("{name}{CONFIDENCE}");
            shelf.add(&name, &[*print], || confidence_column(&name, &column.votes, shades))?;
        }
        Ok(())
    }

    fn model_columns(&self, shelf: &mut Shelf<'_>) -> Result<()> {
        let names = &self.basis.classes;
        if let Some((model, print)) = &self.model {
            let labels = || indices(model.labels.label());
            shelf.add("weak_label", &[*print], || classes_column("weak_label", &labels(), names))?;
            if let Some((votes, _)) = self.votes.as_ref().filter(|(votes, _)| fits(votes, model)) {
                shelf.add(TELLING, &[*print, self.basis.annotations_print], || {
                    let values = telling(&model.patterns, &votes.analysis, &self.basis.hand);
                    Column::new(TELLING, Values::Float(Float64Array::from(values)))
                })?;
            }
            shelf.add("weak_confidence", &[*print], || {
                let top = |row: usize| model.labels.row(row).iter().copied().fold(0.0, f64::max);
                let labels = model.labels.label().iter().enumerate();
                let confidence: Float64Array = labels.map(|(row, label)| label.map(|_| top(row))).collect();
                Column::new("weak_confidence", Values::Float(confidence))
            })?;
        }
        if let Some((model, print)) = &self.end_model {
            shelf.add("model_label", &[*print], || classes_column("model_label", &indices(&model.labels), names))?;
            let score = |name: &str, score: fn(&[f32]) -> f32| {
                let rows = model.probabilities.values().par_chunks(names.len().max(1));
                let scores: Vec<f64> = rows.map(|row| f64::from(score(row))).collect();
                Column::new(name, Values::Float(Float64Array::from(scores)))
            };
            let top = |row: &[f32]| row.iter().copied().fold(0.0, f32::max);
            shelf.add("model_confidence", &[*print], || score("model_confidence", top))?;
            shelf.add("model_margin", &[*print], || score("model_margin", margin))?;
            let known = self.basis.reference();
            if known.iter().any(Option::is_some) {
                let inputs = [*print, self.basis.annotations_print];
                shelf.add("model_wrong", &inputs, || wrong("model_wrong", &model.labels, &known))?;
            }
        }
        if let Some((findings, print)) = &self.findings
            && let Ok(errors) = &findings.label_errors
        {
            shelf.add("self_confidence", &[*print], || {
                let scores = errors.self_confidence.iter().map(|&score| Some(score).filter(|score| !score.is_nan()));
                Column::new("self_confidence", Values::Float(scores.collect()))
            })?;
        }
        Ok(())
    }
}

/// True if a model was fitted to the functions that vote now: while it is renewed, it is that of older ones.
fn fits(votes: &VotesOutcome, model: &LabelModelOutcome) -> bool {
    let names = votes.votes.columns().iter().map(|column| &column.name);
    model.patterns.functions().iter().eq(names)
}

/// Class indices, -1 for none.
fn indices(labels: &[Option<u16>]) -> Vec<i16> {
    labels.iter().map(|label| label.map_or(-1, |label| label as i16)).collect()
}

/// A column of class names from class indices, null for -1.
fn classes_column(name: &str, labels: &[i16], classes: &[String]) -> Column {
    let of = |label: &i16| usize::try_from(*label).ok().and_then(|index| classes.get(index)).map(String::as_str);
    let values: LargeStringArray = labels.iter().map(of).collect();
    Column::text(name, Kind::Category, values)
}

/// A column of votes of which some are not one class for certain: by their classes in words.
fn shaded_column(name: &str, votes: &[i16], shades: &Shades, classes: &[String]) -> Column {
    let shown: Vec<String> = shades.meanings().iter().map(|meaning| meaning.show(classes)).collect();
    let of = |(row, vote): (usize, &i16)| match shades.row(row) {
        Some(meaning) => shades.meanings().binary_search(meaning).ok().and_then(|at| shown.get(at)),
        None => usize::try_from(*vote).ok().and_then(|index| classes.get(index)),
    };
    let values: LargeStringArray = votes.iter().enumerate().map(of).map(|name| name.map(String::as_str)).collect();
    Column::text(name, Kind::Category, values)
}

/// How sure such votes are; null without a vote.
fn confidence_column(name: &str, votes: &[i16], shades: &Shades) -> Column {
    let of = |(row, vote): (usize, &i16)| match shades.row(row) {
        Some(meaning) => Some(meaning.confidence()),
        None => (*vote != ABSTAIN).then_some(1.0),
    };
    Column::new(name, Values::Float(votes.iter().enumerate().map(of).collect()))
}

/// The entropy of the votes of a row where they conflict; 0 where a class is named by all of them.
fn shaded_entropy(votes: &Votes, row: usize) -> f64 {
    let cast = votes.row(row).unwrap_or_default();
    if !votes.conflicts(&cast) {
        return 0.0;
    }
    vote_entropy(cast.into_iter().filter(|vote| *vote != ABSTAIN))
}

/// Where a label and the known one are both there and differ; null where either is not.
fn wrong(name: &str, labels: &[Option<u16>], known: &[Option<u16>]) -> Column {
    let values = labels.iter().zip(known).map(|(label, known)| Some((*label)? != (*known)?));
    Column::new(name, Values::Bool(values.collect()))
}

fn flag(name: &str, values: &[bool]) -> Column {
    Column::new(name, Values::Bool(BooleanArray::from(values.to_vec())))
}
