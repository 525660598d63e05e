//! What people say: classes and tasks, annotations and the queue in which items are labelled; and how far annotators
//! agree.
//!
//! In: the marks of the ledger and the ids of a dataset. Out: commands that label, skip and define classes; the labels
//! of all rows, kept up to date change by change; the next item to label.

pub mod agreement;
mod annotations;
pub mod brush;
mod checks;
mod classes;
mod commands;
pub mod crowdlab;
mod edit;
pub mod edits;
mod effort;
mod lexicon;
pub mod matching;
mod placed;
mod queue;
mod reclass;
mod remarks;
mod review;
mod scene;
pub mod shapes;
mod tasks;
mod text;
mod voice;

pub use annotations::Annotations;
pub use checks::{Checks, Consistency, Guard, REPEAT, Repeat, Warning, consistency, on_gold};
pub use classes::{Class, ClassIndex, Classes, variants};
pub use commands::{EXCLUDED, LABEL, Label, SKIPPED, SetClasses, Skip, read_classes, write_classes};
pub use edit::{Edit, EditMarks};
pub use effort::{Effort, EffortLog};
pub use lexicon::{Lexicon, LexiconOf};
pub use placed::{ItemMarks, Placed, TaskMarks};
pub use queue::{Progress, State, class_state, next_open, task_state};
pub use reclass::{MergeClasses, Reclass};
pub use remarks::{BAD, COMMENT, Doubt, Remark, UNSURE};
pub use review::{Answers, Decide, DecideMarks, class_answers, mark_answers};
pub use scene::Scene;
pub use tasks::{PERSON, SetTasks, Task, TaskKind, Tasks, read_tasks, write_tasks};
pub use text::{Points, Snap};
pub use voice::{Slot, Voice, task_field, task_of};
