//! What panes ask for. A pane changes nothing itself: it draws, and hands back acts, which the workbench carries out
//! after the frame.

use std::path::PathBuf;

use crate::data::view::View;
use crate::engine::Error;
use crate::label::{Doubt, Edit, TaskKind};
use crate::project::Command;
use crate::session::DeliverOptions;

use super::keys::CommandId;
use super::workspace::Workspace;

/// The orders of the queue. Each but the first is a sort of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As in the data.
    AsIs,
    /// Random, the same as long as the project is open.
    Random,
    /// What the end model is least sure of first.
    Uncertain,
    /// What the functions disagree about most first.
    Disagreement,
    /// What the end model is surest of first.
    Easiest,
    /// What tells most about the functions first.
    Telling,
    /// Items that are alike one after another.
    Together,
    /// What a label would tell most first.
    Valuable,
}

impl Order {
    /// All orders as they are offered.
    pub const ALL: [Self; 8] = [
        Self::AsIs,
        Self::Random,
        Self::Valuable,
        Self::Uncertain,
        Self::Disagreement,
        Self::Telling,
        Self::Easiest,
        Self::Together,
    ];
}

/// A function that is to be written into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The name it should have.
    pub name: String,
    /// The class that it votes for, as it stands in `call`.
    pub class: String,
    /// What it is, such as `keywords("spam", ["free"])`.
    pub call: String,
    /// Whether the editor should go to it.
    pub edit: bool,
}

/// One wish of a person, from a pane, a key or the palette.
pub enum Act {
    /// A command on what is kept.
    Run(Box<dyn Command>),
    /// Gives the focused item this class and goes on to the next open one.
    Label(String),
    /// Gives these rows this class.
    LabelRows(Vec<u32>, String),
    /// Takes the labels of these rows away.
    ClearRows(Vec<u32>),
    /// Sets the share of items in the queue that check.
    SetCheckShare(f64),
    /// Puts the queue into another order.
    Order(Order),
    /// Puts the focused item into the guidelines, as an example of its class.
    AddCase,
    /// Takes the focused item's label away.
    ClearLabel,
    /// Changes the annotations of the focused item in the current task; with `Some(true)` the item is finished and the
    /// next open one is shown, with `Some(false)` it is open again.
    Mark(Vec<Edit>, Option<bool>),
    /// Removes annotations of the focused item, by their numbers, and the relations that lead from or to them.
    Unmark(Vec<u32>),
    /// Works on another task; `None` is that of one class an item.
    SetTask(Option<String>),
    /// Adds a task of this kind and works on it.
    AddTask(TaskKind),
    /// Sets the columns that the current task works on.
    SetTaskColumns(Vec<String>),
    /// Sets the points of the current task's objects, and the bones between them.
    SetSkeleton(Vec<String>, Vec<(usize, usize)>),
    /// Adds a class of relations to the current task.
    AddRelationClass(String),
    /// Turns a remark on the focused item on or off: [`crate::label::UNSURE`] or [`crate::label::BAD`].
    Flag(&'static str),
    /// Says how uncertain the focused item's label is.
    Doubt(Doubt),
    /// Says what the focused item might be instead.
    SecondChoice(String),
    /// Comments on the focused item.
    Comment(String),
    /// Labels under a name: apart from the project's labels, or with `None` as the project.
    SpeakAs(Option<String>),
    /// Takes a packet in.
    TakePacket(PathBuf),
    /// Writes a packet of the rows in view.
    WritePacket(PathBuf),
    /// Gives a class of the current task another key, or none.
    SetClassKey(String, Option<char>),
    /// Says something to the person.
    Say(String),
    /// Says what failed.
    Fail(Error),
    /// Puts the state right after a gesture back.
    Restore(i64),
    /// Passes the focused item over.
    Skip,
    /// Replaces the view; can be undone apart from labels.
    SetView(View),
    /// Saves the view under a name.
    SaveView(String),
    /// Removes the saved view of a name.
    RemoveView(String),
    /// Saves the arrangement of the panes under a name.
    SaveLayout(String),
    /// Takes up the saved arrangement of a name.
    OpenLayout(String),
    /// Removes the saved arrangement of a name.
    RemoveLayout(String),
    /// Makes the data as it is the state against which changes are told.
    TakeOverSource,
    /// Looks at a row.
    Focus(u32),
    /// Looks at a row, and shows all rows where the view hides it.
    Reveal(u32),
    /// Selects exactly these rows.
    Select(Vec<u32>),
    /// Changes the text of a file of functions, by its position.
    EditFunctions(usize, String),
    /// Saves a file of functions.
    SaveFunctions(usize),
    /// Allows a file of functions to run in a Python process, as it is now.
    AllowExternal(String),
    /// Makes a new file of functions.
    AddFunctions(String),
    /// Writes a function into the file that is being edited.
    Declare(Declaration),
    /// Never suggests this declaration again.
    RefuseFunction(String),
    /// Suggests again what was refused.
    ForgetRefusals,
    /// Shows a line of a file of functions in the editor, by the file's name.
    ShowLine(String, usize),
    /// Trains the end model.
    Train,
    /// Looks for label errors and duplicates.
    Look,
    /// Cuts label errors at this normalised margin, or with `None` by the rule.
    SetCut(Option<f64>),
    /// Sets the rule by which one of several copies is kept.
    SetKeep(&'static str),
    /// Writes expectations that the data fulfil, to begin with.
    SuggestExpectations,
    /// Checks expectations anew.
    CheckExpectations,
    /// Makes the map.
    MakeMap,
    /// Chooses the label model.
    SetLabelModel(String),
    /// Adds a class to the current task.
    AddClass(String),
    /// Writes the deliverable.
    Deliver(DeliverOptions),
    /// Goes to another workspace.
    Go(Workspace),
    /// Anything that has a key or stands in the palette.
    Command(CommandId),
    /// Closes the card of first steps for good.
    EndTour,
    /// Puts text on the clipboard.
    Copy(String),
    /// Opens a project folder or a data file in place of this one.
    Open(PathBuf),
    /// Closes the project and shows the welcome screen.
    Close,
}
