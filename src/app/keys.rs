//! Every command that has a key or stands in the palette, in one table. A test forbids clashes.

use eframe::egui::{Key, KeyboardShortcut, Modifiers};

use super::strings::Strings;

/// A command of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandId {
    /// The list of all commands.
    Palette,
    /// Commands and places: rows, saved views, columns, classes.
    GoTo,
    /// The overlay of keys.
    Shortcuts,
    /// The list in which keys are changed.
    Keys,
    /// The filter box.
    Filter,
    /// The search box.
    Search,
    /// Take back the last change of labels and decisions.
    Undo,
    /// Do it again.
    Redo,
    /// Take back the last change of the view.
    ViewBack,
    /// Do it again.
    ViewForward,
    /// Show all rows.
    ClearView,
    /// The saved view after the current one.
    NextSavedView,
    /// The saved view before it.
    PreviousSavedView,
    /// Keep the selected rows alone in view.
    FilterToSelection,
    /// Leave the selected rows out of the view.
    ExcludeSelection,
    /// Select every row in view.
    SelectAll,
    /// Select what is not selected.
    InvertSelection,
    /// See whether the data file has changed since it was read.
    CheckSource,
    /// The next row of the view.
    NextRow,
    /// The row before.
    PreviousRow,
    /// Label the focused row.
    OpenInLabel,
    /// Pass the item over.
    Skip,
    /// Take the label away.
    ClearLabel,
    /// Say that the label is uncertain.
    Unsure,
    /// Say that the item should not be in the data.
    BadItem,
    /// A tool for shapes, by its position in the strip.
    Tool(u8),
    /// Take the shapes of the item before.
    CopyPrevious,
    /// A smaller brush.
    BrushSmaller,
    /// A larger brush.
    BrushLarger,
    /// Show pictures brighter; the data stay as they are.
    Brighter,
    /// Show pictures darker.
    Darker,
    /// Show pictures with more contrast.
    MoreContrast,
    /// Show pictures with less contrast.
    LessContrast,
    /// Show pictures as they are.
    PlainPicture,
    /// Whether selections of text take whole words.
    WholeWords,
    /// Mark all equal stretches of the text.
    MarkEqual,
    /// Begin a relation at the chosen span.
    Relate,
    /// The next point of the object is not there.
    PointAbsent,
    /// The last point is hidden, or visible.
    PointHidden,
    /// Play the sound that is shown, or stop it.
    PlayPause,
    /// Sort by how much the items are like the selected ones.
    MoreLikeThis,
    /// Go to the items that the model is least sure of, to label them.
    Uncertain,
    /// Measure size, brightness and sharpness of all images.
    MeasureImages,
    /// Lay the items out on the map.
    MakeMap,
    /// Make a function from the filter or from a word.
    NewFunction,
    /// Go to the items whose label tells most about the functions.
    LabelForFunctions,
    /// Train the end model.
    Train,
    /// Look for problems.
    Look,
    /// Save the file of functions.
    Save,
    /// A workspace, by its position.
    Workspace(u8),
    /// Light or dark.
    ToggleTheme,
    /// English or Korean.
    ToggleLanguage,
    /// The layout of this workspace as it was at first.
    ResetLayout,
    /// Open a data file in place of this project.
    OpenFile,
    /// Open a folder in place of this project.
    OpenFolder,
    /// The welcome screen.
    CloseProject,
}

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere, also while typing.
    Global,
    /// Everywhere but in a text field.
    Plain,
    /// As `Plain`, but not where a pane of the Label workspace answers single keys itself.
    Rows,
    /// In the Label workspace, not in a text field.
    Label,
    /// As `Label`, but only while items are given a class.
    Classes,
    /// While shapes are drawn; the pane answers the key itself.
    Shapes,
    /// While spans are marked; the pane answers the key itself.
    Spans,
    /// While keypoints are set; the pane answers the key itself.
    Points,
}

impl Scope {
    /// Whether a pane answers the keys of this scope, and the shell leaves them alone.
    pub fn is_pane(self) -> bool {
        matches!(self, Self::Shapes | Self::Spans | Self::Points)
    }

    /// Whether keys of both can hold at the same time.
    pub fn meets(self, other: Self) -> bool {
        let inside = |scope: Self| scope.is_pane() || scope == Self::Classes;
        match (self, other) {
            (a, b) if a == b => true,
            (Self::Rows, b) | (b, Self::Rows) => !b.is_pane(),
            (a, b) => !(inside(a) && inside(b)),
        }
    }
}

/// A command with its key.
#[derive(Debug, Clone, Copy)]
pub struct CommandEntry {
    /// The command.
    pub id: CommandId,
    /// Its key.
    pub key: Option<KeyboardShortcut>,
    /// Where the key works.
    pub scope: Scope,
}

const fn entry(id: CommandId, scope: Scope, modifiers: Modifiers, key: Key) -> CommandEntry {
    CommandEntry { id, key: Some(KeyboardShortcut::new(modifiers, key)), scope }
}

const COMMAND_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// All commands in the order of the palette. Keys with more modifiers come first where one contains the other.
pub const COMMANDS: &[CommandEntry] = &[
    entry(CommandId::Palette, Scope::Global, COMMAND_SHIFT, Key::P),
    entry(CommandId::GoTo, Scope::Global, Modifiers::COMMAND, Key::P),
    entry(CommandId::Redo, Scope::Global, COMMAND_SHIFT, Key::Z),
    entry(CommandId::Undo, Scope::Plain, Modifiers::COMMAND, Key::Z),
    entry(CommandId::ViewBack, Scope::Rows, Modifiers::ALT, Key::ArrowLeft),
    entry(CommandId::ViewForward, Scope::Rows, Modifiers::ALT, Key::ArrowRight),
    entry(CommandId::Search, Scope::Global, Modifiers::COMMAND, Key::F),
    entry(CommandId::Save, Scope::Global, Modifiers::COMMAND, Key::S),
    entry(CommandId::Train, Scope::Global, Modifiers::COMMAND, Key::T),
    entry(CommandId::Workspace(0), Scope::Global, Modifiers::COMMAND, Key::Num1),
    entry(CommandId::Workspace(1), Scope::Global, Modifiers::COMMAND, Key::Num2),
    entry(CommandId::Workspace(2), Scope::Global, Modifiers::COMMAND, Key::Num3),
    entry(CommandId::Workspace(3), Scope::Global, Modifiers::COMMAND, Key::Num4),
    entry(CommandId::Workspace(4), Scope::Global, Modifiers::COMMAND, Key::Num5),
    entry(CommandId::Workspace(5), Scope::Global, Modifiers::COMMAND, Key::Num6),
    entry(CommandId::Workspace(6), Scope::Global, Modifiers::COMMAND, Key::Num7),
    entry(CommandId::Shortcuts, Scope::Plain, Modifiers::SHIFT, Key::Questionmark),
    entry(CommandId::Filter, Scope::Plain, Modifiers::NONE, Key::Slash),
    entry(CommandId::PreviousSavedView, Scope::Rows, Modifiers::NONE, Key::OpenBracket),
    entry(CommandId::NextSavedView, Scope::Rows, Modifiers::NONE, Key::CloseBracket),
    entry(CommandId::ExcludeSelection, Scope::Rows, Modifiers::SHIFT, Key::F),
    entry(CommandId::MoreLikeThis, Scope::Rows, Modifiers::SHIFT, Key::S),
    entry(CommandId::FilterToSelection, Scope::Rows, Modifiers::NONE, Key::F),
    entry(CommandId::SelectAll, Scope::Plain, Modifiers::COMMAND, Key::A),
    entry(CommandId::InvertSelection, Scope::Rows, Modifiers::NONE, Key::I),
    entry(CommandId::NextRow, Scope::Plain, Modifiers::NONE, Key::J),
    entry(CommandId::PreviousRow, Scope::Plain, Modifiers::NONE, Key::K),
    entry(CommandId::OpenInLabel, Scope::Rows, Modifiers::NONE, Key::Enter),
    entry(CommandId::Skip, Scope::Label, Modifiers::NONE, Key::N),
    entry(CommandId::Unsure, Scope::Label, Modifiers::NONE, Key::U),
    entry(CommandId::BadItem, Scope::Label, Modifiers::SHIFT, Key::X),
    entry(CommandId::PlayPause, Scope::Label, Modifiers::NONE, Key::Space),
    entry(CommandId::MoreContrast, Scope::Label, Modifiers::ALT, Key::PageUp),
    entry(CommandId::LessContrast, Scope::Label, Modifiers::ALT, Key::PageDown),
    entry(CommandId::Brighter, Scope::Label, Modifiers::ALT, Key::ArrowUp),
    entry(CommandId::Darker, Scope::Label, Modifiers::ALT, Key::ArrowDown),
    entry(CommandId::PlainPicture, Scope::Label, Modifiers::ALT, Key::Backspace),
    entry(CommandId::ClearLabel, Scope::Classes, Modifiers::NONE, Key::Num0),
    entry(CommandId::Tool(0), Scope::Shapes, Modifiers::NONE, Key::V),
    entry(CommandId::Tool(1), Scope::Shapes, Modifiers::NONE, Key::B),
    entry(CommandId::Tool(2), Scope::Shapes, Modifiers::NONE, Key::P),
    entry(CommandId::Tool(3), Scope::Shapes, Modifiers::NONE, Key::L),
    entry(CommandId::Tool(4), Scope::Shapes, Modifiers::NONE, Key::O),
    entry(CommandId::Tool(5), Scope::Shapes, Modifiers::NONE, Key::M),
    entry(CommandId::Tool(6), Scope::Shapes, Modifiers::NONE, Key::R),
    entry(CommandId::Tool(7), Scope::Shapes, Modifiers::NONE, Key::S),
    entry(CommandId::CopyPrevious, Scope::Shapes, COMMAND_SHIFT, Key::C),
    entry(CommandId::BrushSmaller, Scope::Shapes, Modifiers::NONE, Key::OpenBracket),
    entry(CommandId::BrushLarger, Scope::Shapes, Modifiers::NONE, Key::CloseBracket),
    entry(CommandId::WholeWords, Scope::Spans, Modifiers::NONE, Key::S),
    entry(CommandId::MarkEqual, Scope::Spans, Modifiers::NONE, Key::Equals),
    entry(CommandId::Relate, Scope::Spans, Modifiers::NONE, Key::R),
    entry(CommandId::PointAbsent, Scope::Points, Modifiers::NONE, Key::S),
    entry(CommandId::PointHidden, Scope::Points, Modifiers::NONE, Key::V),
    CommandEntry { id: CommandId::Keys, key: None, scope: Scope::Plain },
    CommandEntry { id: CommandId::ClearView, key: None, scope: Scope::Plain },
    CommandEntry {
        id: CommandId::Uncertain,
        key: Some(KeyboardShortcut::new(Modifiers::COMMAND, Key::U)),
        scope: Scope::Global,
    },
    CommandEntry { id: CommandId::NewFunction, key: None, scope: Scope::Plain },
    CommandEntry { id: CommandId::LabelForFunctions, key: None, scope: Scope::Plain },
    CommandEntry { id: CommandId::MakeMap, key: None, scope: Scope::Plain },
    CommandEntry { id: CommandId::MeasureImages, key: None, scope: Scope::Plain },
    CommandEntry { id: CommandId::CheckSource, key: None, scope: Scope::Plain },
    CommandEntry { id: CommandId::Look, key: None, scope: Scope::Plain },
    CommandEntry { id: CommandId::ToggleTheme, key: None, scope: Scope::Plain },
    CommandEntry { id: CommandId::ToggleLanguage, key: None, scope: Scope::Plain },
    CommandEntry { id: CommandId::ResetLayout, key: None, scope: Scope::Plain },
    CommandEntry {
        id: CommandId::OpenFile,
        key: Some(KeyboardShortcut::new(Modifiers::COMMAND, Key::O)),
        scope: Scope::Global,
    },
    CommandEntry { id: CommandId::OpenFolder, key: None, scope: Scope::Plain },
    CommandEntry { id: CommandId::CloseProject, key: None, scope: Scope::Plain },
];

impl CommandEntry {
    /// The command's name in the person's language.
    pub fn name(&self, strings: &Strings) -> &'static str {
        match self.id {
            CommandId::Palette => strings.command_palette,
            CommandId::GoTo => strings.go_to_anything,
            CommandId::Shortcuts => strings.shortcuts,
            CommandId::Keys => strings.change_keys,
            CommandId::Tool(index) => tool_name(index, strings),
            CommandId::CopyPrevious => strings.copy_previous,
            CommandId::BrushSmaller => strings.brush_smaller,
            CommandId::BrushLarger => strings.brush_larger,
            CommandId::Brighter => strings.picture_brighter,
            CommandId::Darker => strings.picture_darker,
            CommandId::MoreContrast => strings.more_contrast,
            CommandId::LessContrast => strings.less_contrast,
            CommandId::PlainPicture => strings.plain_picture,
            CommandId::WholeWords => strings.whole_words,
            CommandId::MarkEqual => strings.mark_all_equal,
            CommandId::Relate => strings.relation,
            CommandId::PointAbsent => strings.point_is_absent,
            CommandId::PointHidden => strings.point_is_hidden,
            CommandId::Filter => strings.filter,
            CommandId::Search => strings.search,
            CommandId::Undo => strings.undo,
            CommandId::Redo => strings.redo,
            CommandId::ViewBack => strings.view_back,
            CommandId::ViewForward => strings.view_forward,
            CommandId::ClearView => strings.clear_view,
            CommandId::NextSavedView => strings.next_saved_view,
            CommandId::PreviousSavedView => strings.previous_saved_view,
            CommandId::FilterToSelection => strings.filter_to_selection,
            CommandId::ExcludeSelection => strings.exclude_selection,
            CommandId::SelectAll => strings.select_all,
            CommandId::InvertSelection => strings.select_invert,
            CommandId::NewFunction => strings.new_function_from,
            CommandId::LabelForFunctions => strings.label_for_functions,
            CommandId::CheckSource => strings.check_source,
            CommandId::NextRow => strings.next_row,
            CommandId::PreviousRow => strings.previous_row,
            CommandId::OpenInLabel => strings.label_this_row,
            CommandId::Skip => strings.skip,
            CommandId::ClearLabel => strings.clear_label,
            CommandId::Unsure => strings.unsure,
            CommandId::BadItem => strings.bad_item,
            CommandId::PlayPause => strings.play_pause,
            CommandId::MoreLikeThis => strings.more_like_this,
            CommandId::Uncertain => strings.show_uncertain,
            CommandId::MeasureImages => strings.measure_images,
            CommandId::MakeMap => strings.make_map,
            CommandId::Train => strings.train_end_model,
            CommandId::Look => strings.find_problems,
            CommandId::Save => strings.save_functions,
            CommandId::Workspace(index) => {
                super::workspace::Workspace::ALL.get(usize::from(index)).map_or("", |workspace| workspace.name(strings))
            }
            CommandId::ToggleTheme => strings.toggle_theme,
            CommandId::ToggleLanguage => strings.toggle_language,
            CommandId::ResetLayout => strings.reset_layout,
            CommandId::OpenFile => strings.open_file,
            CommandId::OpenFolder => strings.open_folder,
            CommandId::CloseProject => strings.close_project,
        }
    }
}

/// The name of a tool for shapes, by its position in the strip.
fn tool_name(index: u8, strings: &Strings) -> &'static str {
    match index {
        0 => strings.tool_select,
        1 => strings.tool_box,
        2 => strings.tool_polygon,
        3 => strings.tool_line,
        4 => strings.tool_point,
        5 => strings.tool_wand,
        6 => strings.tool_brush,
        7 => strings.tool_eraser,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::keymap::key_text;
    use super::*;
    use crate::app::strings::Language;
    use crate::label::Classes;

    #[test]
    fn no_two_commands_share_a_key_and_every_one_has_a_name() {
        let mut seen: Vec<(&CommandEntry, String)> = Vec::new();
        for command in COMMANDS {
            for language in [Language::English, Language::Korean] {
                assert!(!command.name(Strings::of(language)).is_empty(), "{:?}", command.id);
            }
            let Some(key) = command.key.map(|key| key_text(&key)) else { continue };
            let taken = seen.iter().find(|(other, own)| *own == key && other.scope.meets(command.scope));
            assert!(
                taken.is_none(),
                "{key} is given twice: {:?} and {:?}",
                command.id,
                taken.map(|(other, _)| other.id)
            );
            seen.push((command, key));
        }
    }

    #[test]
    fn class_keys_do_not_clash_with_commands() {
        let classes = Classes::from_names((0..18).map(|n| n.to_string())).unwrap();
        let keys: HashSet<String> =
            classes.iter().filter_map(|class| class.key).map(|key| key.to_uppercase().collect()).collect();
        for command in COMMANDS {
            let key = command.key.map(|key| key_text(&key)).unwrap_or_default();
            assert!(!keys.contains(&key), "{:?} has the key of a class", command.id);
        }
    }
}
