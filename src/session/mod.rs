//! An open project put together: dataset, layers, view; what the window and the command line both stand on.
//!
//! In: a project folder. Out: commands done and undone, and derived values (votes, statistics, models, findings, layers,
//! the view), each a pure function of what is open. The window keeps them in [`Live`] slots and never waits; the command
//! line computes the same values with [`run`]. Nothing here knows of windows.

mod agreed;
mod answers;
mod audited;
mod consensus;
mod create;
mod derived;
mod documents;
mod external;
mod findings;
mod followed;
mod functions;
mod gained;
mod guideline;
mod import;
mod judged;
mod labelled;
mod layers;
mod live;
mod map;
mod matrix;
mod other;
mod packet;
mod patch;
mod profiled;
mod quality;
mod queue_order;
mod run;
mod samples;
mod source;
mod spark;
mod suggested;
mod task_layers;
mod taught;
mod trends;
mod versions;
mod watched;
mod whole_set;
mod within;

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

pub use agreed::{ClassAgreement, ClassAgreementOf, MarkAgreement, MarkAgreementOf, MarkMeasures, class_values};
pub use answers::{ClassAnswersOf, Gathered, MarkAnswersOf};
pub use audited::{AuditOf, Audited, CostOf, Verdicts, review_seconds, verdicts_of};
pub use consensus::{AnnotatorQuality, ClassConsensus, ClassConsensusOf, Consented, annotator_qualities, consensus};
pub use create::{Choice, ColumnInfo, Proposal, classes_of, create_project};
pub use derived::{
    Basis, CountsOf, DescriptionsOf, EndModelOf, EndModelOutcome, FunctionInfo, LabelModelOf, LabelModelOutcome, Rules,
    VotesOf, VotesOutcome,
};
pub use documents::DocumentsBasis;
pub use external::Externals;
pub use findings::{Findings, FindingsOf, LeaksFound, LeaksOf};
pub use followed::Followed;
pub use functions::{LfFile, LfFiles, Sources, Watch, constant_of, read_lists};
pub use gained::BeforeAfterOf;
pub use import::{Import, ImportBasis, import_of};
pub use judged::{Judge, Judged, JudgedOf, Predictions};
pub use labelled::LabellingOf;
pub use layers::{CONFIDENCE, DISAGREEMENT, Layers, LayersOf, SHUFFLED, TELLING, VOTE_COUNT};
pub use live::Live;
pub use map::{
    COLOURS, Colouring, ColouringOf, FlatMapOf, MapKind, MapOf, MapPicture, MapPoints, NO_VALUE, PictureOf, Preview,
    SIMILARITY, STEPS, SimilarityOf,
};
pub use matrix::{MatrixOf, PatternRow, VoteMatrix};
pub use other::OtherTable;
pub use packet::{
    Assignment, Merged, PacketRequest, PacketSaid, PacketsOut, merge_packet, merge_said, packets_out, read_packet,
    unpack,
};
pub use patch::{Applied, ApplyFixes, Fix, apply_to_table, fixes_frame, fixes_of, read_fixes, reversed};
pub use profiled::{Beside, Compared, ComparedOf, ProfileOf, ProfilePage};
pub use queue_order::{QueueOrder, QueueOrderOf};
pub use run::{DeliverOptions, DeliverRequest, Delivered, RunSummary, deliver_request, run};
pub use samples::{Sample, make_sample, sample_folder, samples};
pub use source::source_print;
pub use spark::spark_jobs;
pub use suggested::{LabelsFrom, Suggestions, SuggestionsOf, Uncovered, UncoveredOf};
pub use task_layers::Marked;
pub use trends::{TrendsOf, measures_of_column, project_trends, trend_columns};
pub use versions::{ChangesOf, Version, Versions, VoteChanges};
pub use watched::{
    Checked, DriftOf, Drifted, EXPECTATIONS, ExpectationsOf, Parts, Sliced, SlicesOf, UNCOVERED, check_project,
    expectations_of, expectations_path, slice_targets, suggest_expectations,
};
pub use whole_set::{Confused, Telling, WholeSet, WholeSetOf};
pub use within::{Part, Within, WithinOf};

use crate::clean::{Finder, Settlement};
use crate::data::read::{self, ReadOptions};
use crate::data::view::{SavedView, read_views};
use crate::data::{Column, Dataset, ItemId, Kind, Row, SourceChange};
use crate::engine::{Cache, Fingerprint, Fingerprinter, Result, Work};
use crate::label::{
    Annotations, Classes, EXCLUDED, LABEL, Placed, SKIPPED, Task, TaskKind, Tasks, Voice, read_classes, read_tasks,
    task_of, write_classes, write_tasks,
};
use crate::project::{Command, Config, Content, Outcome, Project, allow_file, allowed_files};

/// Something that was said of an item which the source no longer has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// The item.
    pub id: ItemId,
    /// The class it was given, or what else was said.
    pub said: String,
    /// The beginning of its content, as it was when it was labelled.
    pub about: String,
    /// Who said so.
    pub annotator: String,
}

/// Bytes of derived values that are kept beside those in use.
const CACHED: usize = 256 << 20;

/// An open project.
pub struct Session {
    /// First, so that it is waited for while the project is still locked.
    _noting: Option<source::Noting>,
    project: Project,
    dataset: Arc<Dataset>,
    classes: Classes,
    class_names: Arc<Vec<String>>,
    tasks: Tasks,
    /// Whose annotations are made: the project's, or those of one annotator apart.
    voice: Voice,
    annotations: Annotations,
    /// What `voice` said, where that is not the project.
    own: Option<Annotations>,
    placed: Placed,
    annotations_print: Fingerprint,
    given: Option<Arc<Vec<i16>>>,
    gold: Option<Arc<Vec<i16>>>,
    /// The files of labelling functions.
    pub functions: LfFiles,
    cache: Arc<Cache>,
    pending: Option<source::Pending>,
    warnings: Vec<String>,
    /// The seed of the random order, once one was asked for.
    shuffle: Option<u64>,
    /// Which files of functions may run outside the evaluator.
    external: Externals,
    views: Arc<Vec<SavedView>>,
    guideline: guideline::Known,
}

impl Session {
    /// Opens a project folder and reads its data.
    ///
    /// # Errors
    /// If there is no project, it is open elsewhere, or its data cannot be read.
    pub fn open(folder: &Path, work: &Work) -> Result<Self> {
        let (mut project, dataset) = Project::open_beside(folder, |config, data| {
            let options = ReadOptions { id: config.data.id.clone(), ..ReadOptions::default() };
            read::read(data, &options, work)
        })?;
        let dataset = Arc::new(dataset?);
        let classes = read_classes(&project.config)?;
        let tasks = read_tasks(&project.config)?;
        // Undoing the first change of these puts back what the project began with.
        project.ledger.begin_with("classes", &classes);
        project.ledger.begin_with("tasks", &tasks);
        let annotations = Annotations::new(project.ledger.marks(), &dataset.ids, &classes, Voice::PROJECT);
        let placed = Placed::new(project.ledger.marks(), &dataset.ids);
        let source::Compared { pending, noting } = source::change_since(&mut project, &dataset, work)?;
        let views = Arc::new(read_views(&project.config)?);
        let functions = LfFiles::with_versions(&project.lf_folder(), &project.version_folder());
        let external = Externals::of(allowed_files(project.folder()));
        let recovered = project.recovery.iter().map(crate::project::Recovery::told);
        let warnings = recovered.chain(work.warnings()).collect();
        let mut session = Self {
            class_names: Arc::new(classes.names()),
            annotations_print: print_annotations(&annotations),
            given: None,
            gold: None,
            guideline: guideline::Known::default(),
            cache: Arc::new(Cache::new(CACHED)),
            project,
            dataset,
            classes,
            tasks,
            voice: Voice::PROJECT,
            annotations,
            own: None,
            placed,
            functions,
            pending,
            _noting: noting,
            warnings,
            shuffle: None,
            external,
            views,
        };
        session.read_reference_labels()?;
        Ok(session)
    }

    fn read_reference_labels(&mut self) -> Result<()> {
        let labels = |name: &Option<String>| -> Result<Option<Arc<Vec<i16>>>> {
            let Some(name) = name else { return Ok(None) };
            let column = self.dataset.frame.column(name)?;
            Ok(Some(Arc::new(class_indices(column, &self.classes))))
        };
        (self.given, self.gold) = (labels(&self.project.config.data.label)?, labels(&self.project.config.data.gold)?);
        Ok(())
    }

    /// Does a command: checked, written in one transaction, then shown. On an error nothing has changed.
    ///
    /// # Errors
    /// If the command makes no sense now, or the store fails.
    pub fn run(&mut self, command: &dyn Command) -> Result<Outcome> {
        let gesture = command.gesture(self.project.ledger.marks(), &self.project.config)?;
        let outcome = self.project.ledger.apply(gesture)?;
        self.take_in(&outcome)?;
        Ok(outcome)
    }

    /// Takes back the last command; `None` if there is none.
    ///
    /// # Errors
    /// If the store fails.
    pub fn undo(&mut self) -> Result<Option<Outcome>> {
        let outcome = self.project.ledger.undo()?;
        outcome.iter().try_for_each(|outcome| self.take_in(outcome))?;
        Ok(outcome)
    }

    /// Does the last undone command again; `None` if there is none.
    ///
    /// # Errors
    /// If the store fails.
    pub fn redo(&mut self) -> Result<Option<Outcome>> {
        let outcome = self.project.ledger.redo()?;
        outcome.iter().try_for_each(|outcome| self.take_in(outcome))?;
        Ok(outcome)
    }

    fn take_in(&mut self, outcome: &Outcome) -> Result<()> {
        let of_project = |field: &str| {
            let event = outcome.events.iter().rev().find(|event| event.item.is_none() && event.field == field)?;
            Some(event.value.clone().unwrap_or_else(|| serde_json::json!([])))
        };
        if let Some(value) = of_project("tasks") {
            self.tasks = read_value(value, "the tasks")?;
            write_tasks(&mut self.project.config, &self.tasks)?;
            self.project.save_config()?;
        }
        if let Some(value) = of_project("classes") {
            self.classes = read_value(value, "the classes")?;
            self.class_names = Arc::new(self.classes.names());
            write_classes(&mut self.project.config, &self.classes)?;
            self.project.save_config()?;
            self.annotations = self.labels_of(Voice::PROJECT);
            self.own = self.own.is_some().then(|| self.labels_of(self.voice.clone()));
            self.read_reference_labels()?;
        } else {
            let (marks, ids) = (self.project.ledger.marks(), &self.dataset.ids);
            for labels in std::iter::once(&mut self.annotations).chain(&mut self.own) {
                labels.update(outcome, marks, ids, &self.classes);
            }
        }
        self.placed.update(outcome, &self.dataset.ids);
        self.annotations_print = print_annotations(&self.annotations);
        Ok(())
    }

    /// The labels that a voice gave.
    pub fn labels_of(&self, voice: Voice) -> Annotations {
        Annotations::new(self.project.ledger.marks(), &self.dataset.ids, &self.classes, voice)
    }

    /// Whose annotations are made from now on.
    pub fn speak_as(&mut self, voice: Voice) {
        self.own = voice.annotator().is_some().then(|| self.labels_of(voice.clone()));
        if let Some(name) = voice.annotator() {
            self.project.ledger.set_annotator(name);
        }
        self.voice = voice;
    }

    /// Whose annotations are made.
    pub fn voice(&self) -> &Voice {
        &self.voice
    }

    /// The labels of the one who labels: the project's, or those of one annotator apart.
    pub fn own(&self) -> &Annotations {
        self.own.as_ref().unwrap_or(&self.annotations)
    }

    /// The tasks beside the classes.
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Makes the layer of a random order, from now on.
    pub fn shuffle(&mut self, seed: u64) {
        self.shuffle = Some(seed);
    }

    /// Writes an example below the heading of a class in `guidelines.md`, and makes the heading where there is none.
    ///
    /// # Errors
    /// If the disk does not allow it.
    pub fn add_case(&self, class: &str, example: &str) -> Result<()> {
        let path = self.project.folder().join("guidelines.md");
        let text = if path.exists() { crate::engine::files::read_text(&path)? } else { String::new() };
        crate::engine::files::write_text(&path, &with_case(&text, class, example))
    }

    /// The version of the guidelines that holds now: the day of their last change and the beginning of their hash; `None`
    /// without guidelines.
    pub fn guideline(&self) -> Option<Arc<str>> {
        self.guideline.version_of(&self.project.folder().join("guidelines.md"))
    }

    /// The columns that a new task of a kind most likely works on: texts beside the one that is labelled.
    pub fn columns_for(&self, kind: TaskKind) -> Vec<String> {
        let (wanted, content) = match kind {
            TaskKind::Rewrite => (1, self.content().column()),
            TaskKind::Choice => (2, None),
            TaskKind::Ranking => (9, self.content().column()),
            _ => return Vec::new(),
        };
        let columns = self.dataset.frame.columns().iter();
        let texts = columns.filter(|column| column.kind() == Kind::Text && Some(column.name()) != content);
        texts.take(wanted).map(|column| column.name().to_owned()).collect()
    }

    /// Everybody who labelled apart from the project, in order.
    pub fn annotators(&self) -> Vec<String> {
        let marks = self.project.ledger.marks();
        let names = marks.fields().into_iter().filter_map(|field| Voice::split(field).1.annotator().map(str::to_owned));
        names.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    /// What stands inside items.
    pub fn placed(&self) -> &Placed {
        &self.placed
    }

    /// How much was said of items that the source no longer has.
    pub fn orphan_count(&self) -> usize {
        self.annotations.orphans() + self.placed.orphans()
    }

    /// What was said of items that the source no longer has, at most `most` of it, in the order of ids.
    pub fn orphans(&self, most: usize) -> Vec<Orphan> {
        let ids = &self.dataset.ids;
        let marks = self.project.ledger.marks();
        let speaks = |field: &&str| [LABEL, EXCLUDED, SKIPPED].contains(field) || task_of(field).is_some();
        let label = |value: &serde_json::Value| value.get("label").and_then(|label| label.as_str()).map(str::to_owned);
        let mut found: Vec<Orphan> = marks
            .fields()
            .into_iter()
            .filter(speaks)
            .flat_map(|field| marks.of(field).map(move |(item, mark)| (field, ItemId(item), mark)))
            .filter(|(_, id, _)| ids.row(*id).is_none())
            .map(|(field, id, mark)| Orphan {
                id,
                said: mark.value.as_str().map(str::to_owned).or(label(&mark.value)).unwrap_or_else(|| field.to_owned()),
                about: mark.about.as_deref().unwrap_or_default().to_owned(),
                annotator: mark.annotator.clone(),
            })
            .collect();
        found.sort_by(|a, b| a.id.cmp(&b.id).then_with(|| a.said.cmp(&b.said)));
        found.truncate(most);
        found
    }

    /// The project on disk.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Changes a setting or a saved view and writes `lapidary.toml`. These are no annotations: they are not in the undo
    /// history.
    ///
    /// # Errors
    /// If the change is refused, or the disk does not allow it; the configuration is then as before.
    pub fn configure(&mut self, change: impl FnOnce(&mut Config) -> Result<()>) -> Result<()> {
        self.project.configure(change)?;
        self.views = Arc::new(read_views(&self.project.config)?);
        Ok(())
    }

    /// Allows a file of functions to run outside the evaluator, with its text as it is now, from now on.
    ///
    /// # Errors
    /// If there is no such file, or it cannot be written down.
    pub fn allow_external(&mut self, file: &str) -> Result<()> {
        let found = self.functions.files().iter().find(|other| other.name == file);
        let found = found.ok_or_else(|| crate::engine::Error::input("there is no such file").at(file))?;
        allow_file(self.project.folder(), file, Fingerprint::of(found.text.as_bytes()))?;
        self.external = Externals::of(allowed_files(self.project.folder()));
        Ok(())
    }

    /// Allows every file to run outside, for as long as the session is open.
    pub fn allow_all_external(&mut self) {
        self.external = Externals::all();
    }

    /// The saved views, in the order in which they were saved.
    pub fn views(&self) -> &Arc<Vec<SavedView>> {
        &self.views
    }

    /// Takes another seed for as long as the session is open; `lapidary.toml` keeps its own.
    pub fn set_seed(&mut self, seed: u64) {
        self.project.config.settings.seed = seed;
    }

    /// The data.
    pub fn dataset(&self) -> &Arc<Dataset> {
        &self.dataset
    }

    /// The classes.
    pub fn classes(&self) -> &Classes {
        &self.classes
    }

    /// The classes' names.
    pub fn class_names(&self) -> &Arc<Vec<String>> {
        &self.class_names
    }

    /// What people said, by row.
    pub fn annotations(&self) -> &Annotations {
        &self.annotations
    }

    /// The labels that came with the data, by row, -1 for none; `None` if the project names no such column.
    pub fn given(&self) -> Option<&Arc<Vec<i16>>> {
        self.given.as_ref()
    }

    /// What is known to be right, by row, -1 for none; `None` if the project names no such column.
    pub fn gold(&self) -> Option<&Arc<Vec<i16>>> {
        self.gold.as_ref()
    }

    /// Whether the project has a gold column.
    pub fn has_gold(&self) -> bool {
        self.gold.is_some()
    }

    /// What is labelled.
    pub fn content(&self) -> Content<'_> {
        self.project.config.data.content()
    }

    /// The column that is labelled; `None` where rows are labelled as a whole.
    pub fn content_column(&self) -> Option<&Arc<Column>> {
        self.dataset.frame.get(self.content().column()?)
    }

    /// What is labelled of a row: its text, or the path of its file.
    pub fn content_at(&self, row: u32) -> Option<Cow<'_, str>> {
        self.content_column()?.show(row as usize)
    }

    /// What a row is in a few words: the beginning of its text, or the name of its file.
    pub fn about(&self, row: u32) -> Option<String> {
        const LETTERS: usize = 60;
        let content = self.content_at(row)?;
        Some(content.chars().take(LETTERS).map(|letter| if letter.is_control() { ' ' } else { letter }).collect())
    }

    /// The derived values computed lately.
    pub fn cache(&self) -> &Arc<Cache> {
        &self.cache
    }

    /// What changed in the source since the project last took it over.
    pub fn source_change(&self) -> Option<&Arc<SourceChange>> {
        self.pending.as_ref().map(|pending| &pending.change)
    }

    /// What was said while the project was opened: what could not be read, what was left out.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Takes the source over as it is: from now on changes are told against this state.
    ///
    /// # Errors
    /// If the disk does not allow it; the source then still counts as changed.
    pub fn take_over_source(&mut self) -> Result<()> {
        if let Some(pending) = &self.pending {
            pending.take_over(&mut self.project, &self.dataset)?;
        }
        self.pending = None;
        Ok(())
    }

    /// The tasks with what holds of the project.
    fn marked(&self) -> Vec<Marked> {
        let marks = |task: &Task| self.placed.of(&Voice::PROJECT, &task.name).clone();
        self.tasks.iter().map(|task| Marked { task: task.clone(), marks: marks(task) }).collect()
    }

    /// What holds of the project in every task, as it is delivered.
    pub fn task_columns(&self) -> Vec<crate::deliver::TaskColumn> {
        self.marked().iter().map(|marked| marked.delivered(self.dataset.rows())).collect()
    }

    /// What everything derived starts from, as it is now.
    pub fn basis(&self) -> Basis {
        Basis {
            dataset: self.dataset.clone(),
            text: self.project.config.data.text.clone(),
            image: self.project.config.data.image.clone(),
            audio: self.project.config.data.audio.clone(),
            answers: self.project.config.data.answers().map(str::to_owned).collect(),
            classes: self.class_names.clone(),
            hand: self.annotations.labels().clone(),
            excluded: self.annotations.excluded().clone(),
            unsure: self.annotations.unsure().clone(),
            doubts: self.annotations.doubts().clone(),
            rules: Rules {
                of_row: self.annotations.guidelines().0.clone(),
                versions: self.annotations.guidelines().1.clone(),
                now: self.guideline(),
            },
            bad: self.annotations.bad().clone(),
            comments: self.annotations.comments().clone(),
            annotations_print: self.annotations_print,
            marked: Arc::new(self.marked()),
            given: self.given.clone(),
            gold: self.gold.clone(),
            source_change: self.source_change().cloned(),
            shuffle: self.shuffle,
            external: self.external.clone(),
            sources: self.functions.sources(),
            thumbnails: Some(self.project.thumbnail_folder()),
            settings: self.project.config.settings.clone(),
            cache: self.cache.clone(),
        }
    }

    /// The class that a row has: a person's, else the data's.
    pub fn standing(&self, row: u32) -> Option<&str> {
        let hand = self.annotations.labels().get(row as usize).copied().unwrap_or(-1);
        let given = || self.given.as_ref().and_then(|given| given.get(row as usize)).copied().unwrap_or(-1);
        let class = usize::try_from(if hand >= 0 { hand } else { given() }).ok()?;
        self.class_names.get(class).map(String::as_str)
    }

    /// The class that the data give a row.
    pub fn given_class(&self, row: u32) -> Option<&str> {
        let given = self.given.as_ref().and_then(|given| given.get(row as usize)).copied().unwrap_or(-1);
        self.class_names.get(usize::try_from(given).ok()?).map(String::as_str)
    }

    /// The name of what a decision about a finding is made upon: the item's content, and where labels are in question the
    /// label that stands once it is made.
    pub fn inputs_of(&self, finder: Finder, row: u32, label: Option<&str>) -> Fingerprint {
        let print = Fingerprinter::new("inputs of a decision");
        let print = match self.content_at(row) {
            Some(content) => print.text(&content),
            None => {
                let cells = self.dataset.frame.columns().iter().map(|column| column.show(row as usize));
                cells.fold(print, |print, cell| print.text(&cell.unwrap_or_default()))
            }
        };
        if finder == Finder::LabelError { print.text(label.unwrap_or_default()) } else { print }.finish()
    }

    /// The decisions about findings that still hold.
    pub fn settlement(&self) -> Settlement {
        let inputs = |finder, row| self.inputs_of(finder, row, self.standing(row));
        Settlement::of(self.project.ledger.marks(), &self.dataset.ids, inputs)
    }

    /// The item's id at a row, for commands.
    ///
    /// # Errors
    /// If there is no such row.
    pub fn item(&self, row: u32) -> Result<ItemId> {
        self.dataset.id(Row(row)).ok_or_else(|| crate::engine::Error::input("there is no such row").at(row))
    }
}

/// The guidelines with a further example at the end of a class's part.
fn with_case(text: &str, class: &str, example: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let heading = format!("## {class}");
    let case = format!("- {example}");
    let Some(at) = lines.iter().position(|line| line.trim_end() == heading) else {
        let gap = if lines.last().is_none_or(|line| line.is_empty()) { "" } else { "\n" };
        return format!("{text}{gap}\n{heading}\n\n{case}\n");
    };
    let end =
        lines.iter().skip(at + 1).position(|line| line.starts_with('#')).map_or(lines.len(), |next| at + 1 + next);
    let last = (at..end).rev().find(|line| !lines[*line].trim().is_empty()).unwrap_or(at);
    if last == at {
        lines.splice(at + 1..at + 1, ["", &case]);
    } else {
        lines.insert(last + 1, &case);
    }
    lines.join("\n") + "\n"
}

fn read_value<T: serde::de::DeserializeOwned>(value: serde_json::Value, what: &str) -> Result<T> {
    serde_json::from_value(value)
        .map_err(|source| crate::engine::Error::input(format!("{what} cannot be read, {source}")))
}

/// The class of each value of a column, -1 where it names none.
fn class_indices(column: &Column, classes: &Classes) -> Vec<i16> {
    let aliases =
        classes.iter().enumerate().flat_map(|(index, class)| class.aliases.iter().map(move |name| (name, index)));
    let own = classes.iter().enumerate().map(|(index, class)| (&class.name, index));
    let names: std::collections::HashMap<&str, i16> =
        aliases.chain(own).map(|(name, index)| (name.as_str(), index as i16)).collect();
    let of = |row| column.show(row).and_then(|value| names.get(value.trim()).copied()).unwrap_or(-1);
    (0..column.len()).map(of).collect()
}

fn print_annotations(annotations: &Annotations) -> Fingerprint {
    let labels: Vec<u8> = annotations.labels().iter().flat_map(|label| label.to_le_bytes()).collect();
    let flags = |flags: &[bool]| flags.iter().map(|&flag| u8::from(flag)).collect::<Vec<_>>();
    let print = Fingerprinter::new("annotations").bytes(&labels).bytes(&flags(annotations.excluded()));
    let print = print.bytes(&flags(annotations.unsure())).bytes(&flags(annotations.bad()));
    let rules: Vec<u8> = annotations.guidelines().0.iter().flat_map(|rule| rule.to_le_bytes()).collect();
    let print = annotations.guidelines().1.iter().fold(print.bytes(&rules), |print, version| print.text(version));
    let print = annotations.doubts().iter().fold(print, |print, (row, doubt)| {
        let share = doubt.confidence.unwrap_or(-1.0).to_bits();
        print.number(u64::from(*row)).text(doubt.second.as_deref().unwrap_or_default()).number(share)
    });
    annotations.comments().iter().fold(print, |print, (row, text)| print.number(u64::from(*row)).text(text)).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_goes_below_its_class() {
        let check = |text: &str, expected: &str| assert_eq!(with_case(text, "spam", "buy"), expected);
        check("# G\n\n## spam\n\n## ham\n", "# G\n\n## spam\n\n- buy\n\n## ham\n");
        check("## spam\n\n- old\n\n## ham\n", "## spam\n\n- old\n- buy\n\n## ham\n");
        check("# G\n", "# G\n\n\n## spam\n\n- buy\n");
    }
}
