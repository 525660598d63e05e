//! The tasks of a project beside its classes: what is marked inside an item, and with which classes.
//!
//! Every project has one task without a name: one class for each item. Tasks with names mark something within an item
//! (spans, shapes, stretches of time), or say more of it than one class (several classes, another text, a choice).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Classes;
use crate::engine::{Error, Result};
use crate::project::{Change, Command, Config, Content, Gesture, Marks};

/// The field of the project's tasks: the list as it stands in `lapidary.toml`.
pub(super) const TASKS: &str = "tasks";

/// What a task asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// Any number of classes for the item as a whole.
    Tags,
    /// Stretches of a text, and relations between them.
    Spans,
    /// Boxes, outlines, lines and points on an image.
    Shapes,
    /// The named points of objects on an image, with bones between them.
    Keypoints,
    /// Stretches of time in a sound.
    Segments,
    /// Another text: a translation, a summary, a caption, a transcript.
    Rewrite,
    /// Which of two texts is better.
    Choice,
    /// The order of several texts, best first.
    Ranking,
}

impl TaskKind {
    /// All kinds, in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Tags,
        Self::Spans,
        Self::Shapes,
        Self::Keypoints,
        Self::Segments,
        Self::Rewrite,
        Self::Choice,
        Self::Ranking,
    ];

    /// The name that a first task of this kind gets, which is also that of its layers.
    pub fn usual_name(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Spans => "entities",
            Self::Shapes => "shapes",
            Self::Keypoints => "keypoints",
            Self::Segments => "segments",
            Self::Rewrite => "rewrite",
            Self::Choice => "choice",
            Self::Ranking => "ranking",
        }
    }

    /// Whether items with this content can be given such annotations.
    pub fn suits(self, content: Content<'_>) -> bool {
        match self {
            Self::Tags | Self::Rewrite => true,
            Self::Spans => matches!(content, Content::Text(_)),
            Self::Shapes | Self::Keypoints => matches!(content, Content::Image(_)),
            Self::Segments => matches!(content, Content::Audio(_)),
            Self::Choice | Self::Ranking => matches!(content, Content::Text(_) | Content::Rows),
        }
    }
}

/// One task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// The name in files and layers: letters, digits and underscores.
    pub name: String,
    /// What it asks for.
    pub kind: TaskKind,
    /// The columns it works on beside the content: the draft of a rewriting, the two texts of a choice,
    /// the candidates of a ranking.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Its classes.
    #[serde(default, skip_serializing_if = "Classes::is_empty")]
    pub classes: Classes,
    /// The classes of relations between spans.
    #[serde(default, skip_serializing_if = "Classes::is_empty")]
    pub relations: Classes,
    /// The names of an object's points, in the order in which they are set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<String>,
    /// The bones: pairs of places in `points`, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bones: Vec<(usize, usize)>,
}

/// The points of a person in the order of COCO's keypoint challenge, and the bones between them.
pub const PERSON: ([&str; 17], [(usize, usize); 19]) = (
    [
        "nose",
        "left_eye",
        "right_eye",
        "left_ear",
        "right_ear",
        "left_shoulder",
        "right_shoulder",
        "left_elbow",
        "right_elbow",
        "left_wrist",
        "right_wrist",
        "left_hip",
        "right_hip",
        "left_knee",
        "right_knee",
        "left_ankle",
        "right_ankle",
    ],
    [
        (15, 13),
        (13, 11),
        (16, 14),
        (14, 12),
        (11, 12),
        (5, 11),
        (6, 12),
        (5, 6),
        (5, 7),
        (6, 8),
        (7, 9),
        (8, 10),
        (1, 2),
        (0, 1),
        (0, 2),
        (1, 3),
        (2, 4),
        (3, 5),
        (4, 6),
    ],
);

impl Task {
    /// A task without classes; those that have fixed ones get them.
    pub fn new(name: impl Into<String>, kind: TaskKind) -> Self {
        let classes = match kind {
            TaskKind::Choice => Classes::from_names(["left", "right", "tie"]).unwrap_or_default(),
            _ => Classes::default(),
        };
        Self {
            name: name.into(),
            kind,
            columns: Vec::new(),
            classes,
            relations: Classes::default(),
            points: Vec::new(),
            bones: Vec::new(),
        }
    }

    /// Sets the points of its objects and the bones between them.
    ///
    /// # Errors
    /// If a point has no name or that of another, or a bone leads to a point that is not there.
    pub fn set_skeleton(&mut self, points: Vec<String>, bones: Vec<(usize, usize)>) -> Result<()> {
        check_skeleton(&points, &bones).map_err(|error| error.at(&self.name))?;
        (self.points, self.bones) = (points, bones);
        Ok(())
    }

    /// Whether a key gives one of its classes.
    pub fn has_class_key(&self, key: char) -> bool {
        self.classes.by_key(key).is_some()
    }
}

/// The tasks of a project in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tasks(Vec<Task>);

impl Tasks {
    /// The task of that name.
    pub fn get(&self, name: &str) -> Option<&Task> {
        self.0.iter().find(|task| task.name == name)
    }

    /// The tasks in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Task> {
        self.0.iter()
    }

    /// True without tasks.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A name for a further task of a kind: its usual name, with a number where that is taken.
    pub fn free_name(&self, kind: TaskKind) -> String {
        let usual = kind.usual_name();
        let mut names = std::iter::once(usual.to_owned()).chain((2..).map(|n| format!("{usual}_{n}")));
        names.find(|name| self.get(name).is_none()).unwrap_or_default()
    }

    /// Puts a task in place of the one of its name, or behind the others.
    ///
    /// # Errors
    /// If its name cannot be one.
    pub fn put(&mut self, task: Task) -> Result<()> {
        check_name(&task.name)?;
        match self.0.iter_mut().find(|old| old.name == task.name) {
            Some(old) => *old = task,
            None => self.0.push(task),
        }
        Ok(())
    }
}

fn check_skeleton(points: &[String], bones: &[(usize, usize)]) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    if !points.iter().all(|name| !name.trim().is_empty() && seen.insert(name.as_str())) {
        return Err(Error::input("every point needs a name of its own"));
    }
    if bones.iter().any(|bone| bone.0 == bone.1 || bone.0.max(bone.1) >= points.len()) {
        return Err(Error::input("a bone leads to a point that is not there").help("write bones as 1-2, 2-3"));
    }
    Ok(())
}

/// Names become names of columns, so they are written as these are.
fn check_name(name: &str) -> Result<()> {
    let fits = name.chars().next().is_some_and(char::is_alphabetic)
        && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let taken = [super::LABEL, super::SKIPPED, super::EXCLUDED].contains(&name);
    if fits && !taken {
        return Ok(());
    }
    Err(Error::input("a task cannot have this name")
        .at(name)
        .help("use letters, digits and underscores, and no name that labels use themselves"))
}

/// Sets the project's tasks. The session writes them to `lapidary.toml` as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetTasks(pub Tasks);

impl Command for SetTasks {
    fn gesture(&self, _: &Marks, _: &Config) -> Result<Gesture> {
        self.0.iter().try_for_each(|task| check_name(&task.name))?;
        let value = serde_json::to_value(&self.0).unwrap_or(Value::Null);
        let change = Change { item: None, field: TASKS.to_owned(), value: Some(value), detail: None };
        Ok(Gesture { name: TASKS.to_owned(), changes: vec![change] })
    }
}

/// The tasks that a configuration holds.
///
/// # Errors
/// If a task table is not right.
pub fn read_tasks(config: &Config) -> Result<Tasks> {
    let list = config.tasks.iter().cloned().map(toml::Value::Table).collect();
    let tasks: Tasks = toml::Value::Array(list).try_into().map_err(|source: toml::de::Error| {
        Error::input(format!("a task is not right, {}", source.message())).at("lapidary.toml, [[tasks]]")
    })?;
    let mut seen = std::collections::HashSet::new();
    for task in tasks.iter() {
        check_name(&task.name)?;
        if !seen.insert(&task.name) {
            return Err(Error::input("there are two tasks of one name").at(&task.name));
        }
        // Through `add`, so that a list edited by hand is checked like any other.
        Classes::from_names(task.classes.names())?;
        Classes::from_names(task.relations.names())?;
        check_skeleton(&task.points, &task.bones).map_err(|error| error.at(&task.name))?;
    }
    Ok(tasks)
}

/// Puts tasks into a configuration.
///
/// # Errors
/// If they cannot be expressed in TOML.
pub fn write_tasks(config: &mut Config, tasks: &Tasks) -> Result<()> {
    let table = |task| {
        toml::Table::try_from(task).map_err(|source| Error::input(format!("a task cannot be written, {source}")))
    };
    config.tasks = tasks.iter().map(table).collect::<Result<_>>()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::DataConfig;

    #[test]
    fn tasks_round_trip_through_the_configuration() {
        let mut tasks = Tasks::default();
        let mut entities = Task::new(tasks.free_name(TaskKind::Spans), TaskKind::Spans);
        entities.classes = Classes::from_names(["인물", "기관"]).unwrap();
        tasks.put(entities).unwrap();
        tasks.put(Task::new(tasks.free_name(TaskKind::Spans), TaskKind::Spans)).unwrap();
        tasks.put(Task::new("better", TaskKind::Choice)).unwrap();
        let mut config = Config::new("p", DataConfig::default());
        write_tasks(&mut config, &tasks).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lapidary.toml");
        config.write(&path).unwrap();
        assert_eq!(read_tasks(&Config::read(&path).unwrap()).unwrap(), tasks);
        assert!(tasks.get("entities_2").is_some());
    }

    #[test]
    fn a_skeleton_has_names_and_leads_to_its_points() {
        let check = |points: &[&str], bones: &[(usize, usize)], fits: bool| {
            let points: Vec<String> = points.iter().map(|&name| name.to_owned()).collect();
            let set = Task::new("k", TaskKind::Keypoints).set_skeleton(points, bones.to_vec());
            assert_eq!(set.is_ok(), fits, "{bones:?}");
        };
        check(&PERSON.0, &PERSON.1, true);
        check(&["a", "b"], &[(0, 2)], false);
        check(&["a", "b"], &[(1, 1)], false);
        check(&["a", "a"], &[], false);
        check(&["a", " "], &[], false);
    }

    #[test]
    fn names_are_names_of_columns() {
        let check = |name: &str, fits: bool| assert_eq!(check_name(name).is_ok(), fits, "{name}");
        check("entities", true);
        check("개체", true);
        check("part_2", true);
        check("2nd", false);
        check("a b", false);
        check("a#1", false);
        check("", false);
        check("label", false);
    }
}
