//! Single keys that act, also while a Hangul input source is on.
//!
//! With a Korean keyboard the key `q` may arrive as `ㅂ`. What counts is the key on the keyboard, which the physical key
//! gives; where a system sends only the letter, it is traced back through the standard two-set layout (두벌식).

use eframe::egui::{Context, Event, Key, Modifiers};

/// The key that was pressed in this frame as the class keys are written (`1` to `9`, small letters), or `None`.
///
/// Nothing while a text field has the keyboard, and nothing with Ctrl, Alt or Command held. A key that is held down
/// counts once: labelling a hundred rows because a finger rested would be a nuisance.
pub fn class_key(ctx: &Context) -> Option<char> {
    if ctx.text_edit_focused() {
        return None;
    }
    ctx.input(|input| pressed_char(&input.events))
}

/// The key pressed among `events`, see [`class_key`].
pub fn pressed_char(events: &[Event]) -> Option<char> {
    let plain = |modifiers: &Modifiers| !modifiers.ctrl && !modifiers.alt && !modifiers.command && !modifiers.mac_cmd;
    let by_key = events.iter().find_map(|event| match event {
        Event::Key { key, physical_key, pressed: true, repeat: false, modifiers } if plain(modifiers) => {
            char_of_key(physical_key.unwrap_or(*key))
        }
        _ => None,
    });
    // A held key sends its text again and again, but then its key event is there too, marked as repeated.
    let any_key = events.iter().any(|event| matches!(event, Event::Key { pressed: true, .. }));
    by_key.or_else(|| {
        let mut texts = events.iter().filter_map(|event| match event {
            Event::Text(text) if !any_key => single_char(text),
            _ => None,
        });
        texts.find_map(key_of_jamo)
    })
}

fn single_char(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// The digit or small letter on a key.
fn char_of_key(key: Key) -> Option<char> {
    let c = single_char(key.name())?;
    c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase())
}

/// The key that types a Hangul letter on the two-set keyboard (KS X 5002): `ㅂ` and `ㅃ` are typed with `q`.
pub fn key_of_jamo(letter: char) -> Option<char> {
    const LETTERS: [(&str, char); 26] = [
        ("ㅂㅃ", 'q'),
        ("ㅈㅉ", 'w'),
        ("ㄷㄸ", 'e'),
        ("ㄱㄲ", 'r'),
        ("ㅅㅆ", 't'),
        ("ㅛ", 'y'),
        ("ㅕ", 'u'),
        ("ㅑ", 'i'),
        ("ㅐㅒ", 'o'),
        ("ㅔㅖ", 'p'),
        ("ㅁ", 'a'),
        ("ㄴ", 's'),
        ("ㅇ", 'd'),
        ("ㄹ", 'f'),
        ("ㅎ", 'g'),
        ("ㅗ", 'h'),
        ("ㅓ", 'j'),
        ("ㅏ", 'k'),
        ("ㅣ", 'l'),
        ("ㅋ", 'z'),
        ("ㅌ", 'x'),
        ("ㅊ", 'c'),
        ("ㅍ", 'v'),
        ("ㅠ", 'b'),
        ("ㅜ", 'n'),
        ("ㅡ", 'm'),
    ];
    LETTERS.iter().find(|(letters, _)| letters.contains(letter)).map(|(_, key)| *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: Key, physical_key: Option<Key>, repeat: bool, modifiers: Modifiers) -> Event {
        Event::Key { key, physical_key, pressed: true, repeat, modifiers }
    }

    #[test]
    fn the_key_on_the_keyboard_counts() {
        let none = Modifiers::NONE;
        let check = |events: &[Event], expected| assert_eq!(pressed_char(events), expected, "{events:?}");
        check(&[press(Key::Num1, Some(Key::Num1), false, none), Event::Text("1".into())], Some('1'));
        check(&[press(Key::Q, None, false, none)], Some('q'));
        check(&[press(Key::Q, Some(Key::Q), false, Modifiers::SHIFT)], Some('q'));
        // A French keyboard writes & with the key of 1; a Korean one ㅂ with that of q.
        check(&[press(Key::A, Some(Key::Q), false, none)], Some('q'));
        check(&[press(Key::Q, Some(Key::Q), false, none), Event::Text("ㅂ".into())], Some('q'));
        check(&[Event::Text("ㅂ".into())], Some('q'));
        check(&[Event::Text("ㅃ".into())], Some('q'));
        // Held down, with a modifier, or no single key.
        check(&[press(Key::Q, Some(Key::Q), true, none), Event::Text("ㅂ".into())], None);
        check(&[press(Key::Q, Some(Key::Q), false, Modifiers::CTRL)], None);
        check(&[press(Key::Q, Some(Key::Q), false, Modifiers::COMMAND)], None);
        check(&[press(Key::Enter, Some(Key::Enter), false, none)], None);
        check(&[press(Key::F1, Some(Key::F1), false, none)], None);
        check(&[Event::Text("한글".into())], None);
        check(&[], None);
    }

    #[test]
    fn every_letter_key_has_its_jamo() {
        let mut keys: Vec<char> = ('ㄱ'..='ㅣ').filter_map(key_of_jamo).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys, ('a'..='z').collect::<Vec<_>>());
        assert_eq!(key_of_jamo('a'), None);
    }
}
