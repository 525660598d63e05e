//! Which key does what: the table of [`super::keys`] with what a person changed in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::{self, Key, KeyboardShortcut, Modifiers};

use super::keys::{COMMANDS, CommandEntry, CommandId, Scope};

/// The keys as they are now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Keymap {
    /// What was changed, by the command's name in the configuration; `None` is no key at all.
    changed: BTreeMap<String, Option<KeyboardShortcut>>,
}

/// Why a key cannot be given to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It does something else already, where both hold.
    Command(CommandId),
    /// It gives a class of the project.
    Class(String),
    /// It moves the focus, edits text or ends what is under way.
    Reserved,
    /// It would be pressed while typing, and the command holds there too.
    WhileTyping,
}

/// Keys that always mean the same.
const RESERVED: [Key; 5] = [Key::Escape, Key::Tab, Key::Enter, Key::Backspace, Key::Delete];

/// Letters that with Ctrl belong to the fields that are typed into.
const OF_FIELDS: [Key; 3] = [Key::C, Key::X, Key::V];

impl Keymap {
    /// The changes as the configuration holds them: by command, a key such as `Ctrl+Shift+P`, or nothing. What means
    /// nothing to this version is left out.
    pub fn read(texts: &BTreeMap<String, String>) -> Self {
        let known = |(name, text): (&String, &String)| {
            COMMANDS.iter().find(|entry| name_of(entry.id) == *name)?;
            let key = if text.is_empty() { None } else { Some(read_key(text)?) };
            Some((name.clone(), key))
        };
        Self { changed: texts.iter().filter_map(known).collect() }
    }

    /// The changes for the configuration.
    pub fn texts(&self) -> BTreeMap<String, String> {
        let text = |key: &Option<KeyboardShortcut>| key.map_or_else(String::new, |key| key_text(&key));
        self.changed.iter().map(|(name, key)| (name.clone(), text(key))).collect()
    }

    /// The key of a command; `None` if it has none.
    pub fn key(&self, entry: &CommandEntry) -> Option<KeyboardShortcut> {
        self.changed.get(&name_of(entry.id)).copied().unwrap_or(entry.key)
    }

    /// The key of a command as it is printed; empty if it has none.
    pub fn text(&self, id: CommandId) -> String {
        let entry = COMMANDS.iter().find(|entry| entry.id == id);
        entry.and_then(|entry| self.key(entry)).map_or_else(String::new, |key| key_text(&key))
    }

    /// Whether a command's key was changed.
    pub fn is_changed(&self, id: CommandId) -> bool {
        self.changed.contains_key(&name_of(id))
    }

    /// True if nothing was changed.
    pub fn is_as_delivered(&self) -> bool {
        self.changed.is_empty()
    }

    /// The commands with their keys, those with more modifiers first: a key without any also matches with Shift held.
    pub fn in_order(&self) -> Vec<(&'static CommandEntry, KeyboardShortcut)> {
        let mut all: Vec<_> = COMMANDS.iter().filter_map(|entry| Some((entry, self.key(entry)?))).collect();
        let held = |key: &KeyboardShortcut| {
            let modifiers = key.modifiers;
            [modifiers.command || modifiers.ctrl, modifiers.alt, modifiers.shift].into_iter().filter(|on| *on).count()
        };
        all.sort_by_key(|(_, key)| std::cmp::Reverse(held(key)));
        all
    }

    /// Gives a command another key, or none. `classes` are the keys of the project's classes with their names.
    ///
    /// # Errors
    /// Why it cannot have that key.
    pub fn set(
        &mut self,
        id: CommandId,
        key: Option<KeyboardShortcut>,
        classes: &[(char, String)],
    ) -> Result<(), Refused> {
        let Some(entry) = COMMANDS.iter().find(|entry| entry.id == id) else { return Ok(()) };
        if let Some(key) = key.filter(|key| entry.key.is_none_or(|own| !same(&own, key))) {
            self.check(entry, &key, classes)?;
        } else if let Some(other) = key.and_then(|key| self.taken_by(entry, &key)) {
            // The key that it came with may have been given away.
            return Err(Refused::Command(other));
        }
        if key == entry.key {
            self.changed.remove(&name_of(id));
        } else {
            self.changed.insert(name_of(id), key);
        }
        Ok(())
    }

    /// The command that answers a key while labelling, so that no class can have it.
    pub fn class_refused(&self, class: char) -> Option<CommandId> {
        let key = class.to_uppercase().to_string();
        let labelling = COMMANDS.iter().filter(|entry| entry.scope != Scope::Rows && entry.scope != Scope::Global);
        let mut taken = labelling.filter(|entry| self.text(entry.id) == key);
        taken.next().map(|entry| entry.id)
    }

    /// All keys as they came.
    pub fn reset(&mut self) {
        self.changed.clear();
    }

    fn check(&self, entry: &CommandEntry, key: &KeyboardShortcut, classes: &[(char, String)]) -> Result<(), Refused> {
        let with_control = key.modifiers.command || key.modifiers.ctrl;
        if RESERVED.contains(&key.logical_key) || with_control && OF_FIELDS.contains(&key.logical_key) {
            return Err(Refused::Reserved);
        }
        let types = !with_control && !key.modifiers.alt && !is_function(key.logical_key);
        if entry.scope == Scope::Global && types {
            return Err(Refused::WhileTyping);
        }
        if let Some(other) = self.taken_by(entry, key) {
            return Err(Refused::Command(other));
        }
        let plain = key.modifiers == Modifiers::NONE;
        let letter = key.logical_key.symbol_or_name().to_lowercase();
        let class = classes.iter().find(|(class, _)| plain && class.to_string() == letter);
        match class.filter(|_| entry.scope != Scope::Rows) {
            Some((_, name)) => Err(Refused::Class(name.clone())),
            None => Ok(()),
        }
    }

    fn taken_by(&self, entry: &CommandEntry, key: &KeyboardShortcut) -> Option<CommandId> {
        let others = COMMANDS.iter().filter(|other| other.id != entry.id && other.scope.meets(entry.scope));
        let mut taken = others.filter(|other| self.key(other).is_some_and(|own| same(&own, key)));
        taken.next().map(|other| other.id)
    }
}

fn is_function(key: Key) -> bool {
    let name = key.name();
    name.len() > 1 && name.starts_with('F') && name[1..].chars().all(|digit| digit.is_ascii_digit())
}

fn same(a: &KeyboardShortcut, b: &KeyboardShortcut) -> bool {
    key_text(a) == key_text(b)
}

/// The name of a command in the configuration.
fn name_of(id: CommandId) -> String {
    format!("{id:?}")
}

/// A key as it is printed, such as `Ctrl+Shift+P`.
pub fn key_text(shortcut: &KeyboardShortcut) -> String {
    let mut text = String::new();
    for (held, name) in [
        (shortcut.modifiers.command || shortcut.modifiers.ctrl, "Ctrl+"),
        (shortcut.modifiers.alt, "Alt+"),
        (shortcut.modifiers.shift && shortcut.logical_key != Key::Questionmark, "Shift+"),
    ] {
        if held {
            text.push_str(name);
        }
    }
    text.push_str(match shortcut.logical_key {
        // The arrows of egui's own names are not in every font.
        Key::ArrowLeft => "←",
        Key::ArrowRight => "→",
        Key::ArrowUp => "↑",
        Key::ArrowDown => "↓",
        key => key.symbol_or_name(),
    });
    text
}

/// Reads what [`key_text`] printed.
fn read_key(text: &str) -> Option<KeyboardShortcut> {
    let (mut modifiers, mut rest) = (Modifiers::NONE, text);
    loop {
        let (held, after) = if let Some(after) = rest.strip_prefix("Ctrl+") {
            (Modifiers::COMMAND, after)
        } else if let Some(after) = rest.strip_prefix("Alt+") {
            (Modifiers::ALT, after)
        } else if let Some(after) = rest.strip_prefix("Shift+") {
            (Modifiers::SHIFT, after)
        } else {
            break;
        };
        (modifiers, rest) = (modifiers.plus(held), after);
    }
    let key = match rest {
        "←" => Key::ArrowLeft,
        "→" => Key::ArrowRight,
        "↑" => Key::ArrowUp,
        "↓" => Key::ArrowDown,
        name => Key::ALL.iter().copied().find(|key| key.symbol_or_name() == name || key.name() == name)?,
    };
    // The question mark needs Shift on some keyboards and not on others.
    let modifiers = if key == Key::Questionmark { modifiers.plus(Modifiers::SHIFT) } else { modifiers };
    Some(KeyboardShortcut::new(modifiers, key))
}

/// The key that was pressed in this frame, if one was, taken from everybody else.
pub fn caught(ctx: &egui::Context) -> Option<KeyboardShortcut> {
    ctx.input_mut(|input| {
        let found = input.events.iter().find_map(|event| match event {
            egui::Event::Key { key, pressed: true, repeat: false, modifiers, .. } => {
                let mut held = Modifiers::NONE;
                for (on, modifier) in [
                    (modifiers.command || modifiers.ctrl, Modifiers::COMMAND),
                    (modifiers.alt, Modifiers::ALT),
                    (modifiers.shift, Modifiers::SHIFT),
                ] {
                    held = if on { held.plus(modifier) } else { held };
                }
                Some(KeyboardShortcut::new(held, *key))
            }
            _ => None,
        });
        if found.is_some() {
            input.events.retain(|event| !matches!(event, egui::Event::Key { .. } | egui::Event::Text(_)));
        }
        found
    })
}

fn slot() -> egui::Id {
    egui::Id::unique("keymap")
}

/// Takes up keys for everything that is drawn from now on.
pub fn install(ctx: &egui::Context, keymap: Arc<Keymap>) {
    ctx.data_mut(|data| data.insert_temp(slot(), keymap));
}

/// The keys as they are now. A `&Ui` will do as well.
pub fn keymap(ctx: &egui::Context) -> Arc<Keymap> {
    ctx.data(|data| data.get_temp(slot())).unwrap_or_default()
}

/// The key of a command as it is printed now.
pub fn key_of(ctx: &egui::Context, id: CommandId) -> String {
    keymap(ctx).text(id)
}

/// True if the key of a command was pressed; it is then taken. For commands that a pane answers itself.
pub fn key_pressed(ctx: &egui::Context, id: CommandId) -> bool {
    let keymap = keymap(ctx);
    let key = COMMANDS.iter().find(|entry| entry.id == id).and_then(|entry| keymap.key(entry));
    key.is_some_and(|key| ctx.input_mut(|input| input.consume_shortcut(&key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(modifiers: Modifiers, key: Key) -> Option<KeyboardShortcut> {
        Some(KeyboardShortcut::new(modifiers, key))
    }

    #[test]
    fn keys_are_read_as_they_are_printed() {
        for entry in COMMANDS {
            let Some(key) = entry.key else { continue };
            assert_eq!(read_key(&key_text(&key)).map(|key| key_text(&key)), Some(key_text(&key)), "{:?}", entry.id);
        }
        assert_eq!(read_key("Ctrl+Nonsense"), None);
    }

    #[test]
    fn changes_come_back_from_the_configuration() {
        let mut keymap = Keymap::default();
        keymap.set(CommandId::Skip, key(Modifiers::NONE, Key::P), &[]).unwrap_err();
        keymap.set(CommandId::Skip, key(Modifiers::NONE, Key::F8), &[]).unwrap();
        keymap.set(CommandId::Look, key(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::L), &[]).unwrap();
        keymap.set(CommandId::Unsure, None, &[]).unwrap();
        assert_eq!((keymap.text(CommandId::Skip), keymap.text(CommandId::Unsure)), ("F8".into(), String::new()));
        let mut texts = keymap.texts();
        assert_eq!(Keymap::read(&texts), keymap);
        texts.insert("Nothing".into(), "F2".into());
        texts.insert("Undo".into(), "what".into());
        assert_eq!(Keymap::read(&texts), keymap);
        // Back to the key that it came with: nothing is left of the change.
        keymap.set(CommandId::Skip, key(Modifiers::NONE, Key::N), &[]).unwrap();
        keymap.reset();
        assert!(keymap.is_as_delivered());
    }

    #[test]
    fn clashes_are_refused_and_named() {
        let mut keymap = Keymap::default();
        let classes = [('1', "spam".to_owned()), ('q', "ham".to_owned())];
        let mut check = |id, modifiers, pressed, expected: Result<(), Refused>| {
            assert_eq!(keymap.set(id, key(modifiers, pressed), &classes), expected, "{id:?} {pressed:?}");
        };
        let none = Modifiers::NONE;
        check(CommandId::Skip, none, Key::J, Err(Refused::Command(CommandId::NextRow)));
        check(CommandId::Skip, none, Key::Q, Err(Refused::Class("ham".into())));
        check(CommandId::Skip, none, Key::Escape, Err(Refused::Reserved));
        check(CommandId::Undo, Modifiers::COMMAND, Key::C, Err(Refused::Reserved));
        check(CommandId::Save, none, Key::F7, Ok(()));
        check(CommandId::Save, none, Key::H, Err(Refused::WhileTyping));
        // Keys of places that never hold together may be the same.
        check(CommandId::Tool(1), none, Key::F, Ok(()));
        check(CommandId::Tool(2), none, Key::F, Err(Refused::Command(CommandId::Tool(1))));
        // The key that was given away is free, and one that came with a command can be taken by another meanwhile.
        check(CommandId::Skip, none, Key::B, Ok(()));
        check(CommandId::Tool(1), none, Key::B, Err(Refused::Command(CommandId::Skip)));
    }

    #[test]
    fn keys_with_more_modifiers_come_first() {
        let order = Keymap::default().in_order();
        let place = |id| order.iter().position(|(entry, _)| entry.id == id).unwrap();
        assert!(place(CommandId::Palette) < place(CommandId::GoTo));
        assert!(place(CommandId::Redo) < place(CommandId::Undo));
    }
}
