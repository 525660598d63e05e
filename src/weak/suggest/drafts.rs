//! Declarations as text: what is written into a file of functions.

use crate::data::filter::{quote_name, quote_text};

/// A text as a Python literal in double quotes.
pub fn python_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter.is_control() => out.push_str(&format!("\\u{:04x}", letter as u32)),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// A pattern as a Python literal, raw where that can be.
pub fn python_pattern(pattern: &str) -> String {
    let raw = !pattern.contains(['"', '\n', '\r']) && !pattern.ends_with('\\');
    if raw { format!("r\"{pattern}\"") } else { python_text(pattern) }
}

/// The declaration that finds a text: as whole words where it begins and ends with letters that are written apart, else
/// anywhere, as Korean words carry their endings.
pub fn of_text(class: &str, text: &str) -> String {
    let class = python_text(class);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = if is_written_apart(&text) { ", whole_words=True" } else { "" };
    format!("keywords({class}, [{}]{whole})", python_text(&text))
}

/// The condition of the filter language that holds where [`of_text`] finds a text, but for places where letters join.
pub fn condition_of(column: &str, text: &str) -> String {
    let edge = if is_written_apart(text) { r"\b" } else { "" };
    let pattern = format!("{edge}{}{edge}", regex::escape(text));
    format!("{} ~* {}", quote_name(column), quote_text(&pattern))
}

/// The declaration that votes where a condition of the filter language holds.
pub fn of_filter(class: &str, condition: &str) -> String {
    format!("where({}, {})", python_text(class), python_text(condition))
}

/// True if the first and last letters are of a script that puts spaces around words.
pub(super) fn is_written_apart(text: &str) -> bool {
    let apart = |letter: char| letter.is_alphanumeric() && (letter as u32) < 0x1100;
    text.chars().next().is_some_and(apart) && text.chars().next_back().is_some_and(apart)
}

/// A name for a function: `lf_` and the letters and digits of a text.
pub fn name_of(text: &str) -> String {
    const LETTERS: usize = 28;
    let mut name = String::from("lf");
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if name.chars().count() + word.chars().count() > LETTERS && name.len() > 2 {
            break;
        }
        name.push('_');
        name.extend(word.chars().take(LETTERS).flat_map(char::to_lowercase));
    }
    if name == "lf" { "lf_signs".to_owned() } else { name }
}
