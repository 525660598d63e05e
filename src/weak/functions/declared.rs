//! The declared patterns: `keywords(…)`, `regex(…)` and `where(…)`.

use std::ops::Range;

use arrow_array::{Array as _, LargeStringArray};
use rayon::prelude::*;

use super::super::script::builtins::Builtin;
use super::super::script::freeze::{Cold, ColdObject};
use super::super::script::module::Loose;
use super::super::script::regexes::{Pattern, Speed, compiled};
use super::super::votes::ABSTAIN;
use super::labels::Labels;
use super::patterns::{PatternScan, Scanner, in_ranges};
use super::{Applied, Context, highlights, problem};
use crate::data::filter::{self, Filter};
use crate::data::fold;
use crate::engine::{Error, Result, Work};
use crate::weak::script::compile::Problem;

/// A declared pattern, ready to run.
#[derive(Debug)]
pub(super) struct Declared {
    label: i16,
    search: Search,
}

#[derive(Debug)]
enum Search {
    Text { column: String, case: bool, by: By },
    Where(Box<Filter>),
}

#[derive(Debug)]
enum By {
    Keywords(Scanner),
    Regex(PatternScan),
}

/// The arguments of a declaration.
struct Arguments<'l> {
    builtin: Builtin,
    names: &'l [Option<String>],
    loose: &'l Loose,
}

type Checked<T> = std::result::Result<T, Box<Problem>>;

impl<'l> Arguments<'l> {
    fn get(&self, name: &str, position: usize) -> Option<&'l Cold> {
        let named = self.names.iter().position(|given| given.as_deref() == Some(name));
        let placed = self.names.get(position).filter(|given| given.is_none()).map(|_| position);
        self.loose.frozen.roots.get(named.or(placed)?)
    }

    fn refuse<T>(&self, message: impl Into<String>, help: impl Into<String>) -> Checked<T> {
        Err(problem(self.range(), message, help))
    }

    fn range(&self) -> Range<usize> {
        let at = self.loose.at as usize;
        if self.loose.range.contains(&at) { at..self.loose.range.end } else { self.loose.range.clone() }
    }

    fn flag(&self, name: &str, position: usize) -> Checked<bool> {
        match self.get(name, position) {
            None => Ok(false),
            Some(Cold::Bool(flag)) => Ok(*flag),
            Some(_) => self.refuse(format!("{name}= is True or False"), ""),
        }
    }

    fn only(&self, known: &[&str]) -> Checked<()> {
        if self.names.len() > known.len() {
            return self.refuse(format!("{}() takes at most {} arguments", self.builtin.name(), known.len()), "");
        }
        match self.names.iter().flatten().find(|name| !known.contains(&name.as_str())) {
            Some(name) => self.refuse(
                format!("{}() has no argument `{name}`", self.builtin.name()),
                format!("its arguments are: {}", known.join(", ")),
            ),
            None => Ok(()),
        }
    }
}

impl Declared {
    /// Checks a declaration and makes it ready.
    pub fn new(
        builtin: Builtin,
        names: &[Option<String>],
        loose: &Loose,
        context: &Context,
        labels: &Labels,
    ) -> Checked<Self> {
        let arguments = Arguments { builtin, names, loose };
        let Some(label) = arguments.get("label", 0) else {
            return arguments.refuse(format!("{}() needs a class first", builtin.name()), labels.listed());
        };
        let Some(label) = labels.vote(&label.value()) else {
            let shown = match label {
                Cold::Str(text) => format!("\"{text}\""),
                Cold::Int(int) => int.to_string(),
                other => format!("{} value", other.value().kind().name()),
            };
            return arguments.refuse(format!("{shown} is no class"), labels.listed());
        };
        let search = match builtin {
            Builtin::Keywords => {
                arguments.only(&["label", "words", "column", "case", "whole_words"])?;
                let (case, whole) = (arguments.flag("case", 3)?, arguments.flag("whole_words", 4)?);
                let words = keywords(&arguments)?;
                let words: Vec<String> =
                    words.iter().map(|word| if case { (*word).to_owned() } else { fold(word) }).collect();
                let scanner = match Scanner::new(words, whole) {
                    Ok(scanner) => scanner,
                    Err(message) => return arguments.refuse(message, ""),
                };
                Search::Text { column: column(&arguments, context)?, case, by: By::Keywords(scanner) }
            }
            Builtin::Regex => {
                arguments.only(&["label", "pattern", "column", "case"])?;
                let case = arguments.flag("case", 3)?;
                let pattern = pattern(&arguments, case)?;
                Search::Text { column: column(&arguments, context)?, case, by: By::Regex(PatternScan::new(pattern)) }
            }
            _ => {
                arguments.only(&["label", "condition"])?;
                let Some(Cold::Str(sql)) = arguments.get("condition", 1) else {
                    return arguments.refuse("where() needs a condition", "as in where(SPAM, \"length(text) < 20\")");
                };
                match filter::parse(sql, &context.conditions()) {
                    Ok(filter) => Search::Where(Box::new(filter)),
                    Err(error) => return arguments.refuse(error.message, error.help.unwrap_or_default()),
                }
            }
        };
        Ok(Self { label, search })
    }

    /// The name of the way it runs.
    pub fn name(&self) -> &'static str {
        match &self.search {
            Search::Text { by: By::Keywords(_), .. } => "keywords",
            Search::Text { by: By::Regex(_), .. } => "regex",
            Search::Where(_) => "where",
        }
    }

    /// The vote where it fires.
    pub fn label(&self) -> i16 {
        self.label
    }

    /// What the person should know about it.
    pub fn warning(&self) -> Option<String> {
        match &self.search {
            Search::Text { by: By::Regex(scan), .. } if scan.pattern().speed() == Speed::Backtracking => {
                Some("this pattern looks around or refers back, so it is tried step by step, with a limit".to_owned())
            }
            _ => None,
        }
    }

    /// Applies it. A missing value is not found in.
    pub fn apply(&self, context: &Context, rows: Option<&[u32]>, work: &Work) -> Result<Applied> {
        let vote = |hit: bool| if hit { self.label } else { ABSTAIN };
        let (column, case, by) = match &self.search {
            Search::Where(predicate) => {
                let hits = predicate.evaluate(&context.conditions(), work)?;
                let at = |row: usize| vote(row < hits.len() && hits.value(row));
                let votes: Vec<i16> = match rows {
                    Some(rows) => rows.iter().map(|&row| at(row as usize)).collect(),
                    None => (0..context.frame.rows()).map(at).collect(),
                };
                return Ok(Applied { votes: votes.into(), faults: Vec::new() });
            }
            Search::Text { column, case, by } => (context.frame.column(column)?, *case, by),
        };
        let Some(raw) = column.strings() else {
            return Err(Error::input("this column holds no text").at(column.name()));
        };
        match rows {
            Some(rows) => {
                let votes: Vec<i16> = rows
                    .par_iter()
                    .with_min_len(256)
                    .map(|&row| vote(self.test_row(raw, row as usize, case, by)))
                    .collect();
                work.check()?;
                Ok(Applied { votes: votes.into(), faults: Vec::new() })
            }
            None => {
                let array = if case { raw } else { column.folded().unwrap_or(raw) };
                let mut votes = vec![ABSTAIN; context.frame.rows()];
                in_ranges(&mut votes, work, |range, votes| {
                    let mut hits = vec![false; votes.len()];
                    match by {
                        By::Keywords(scanner) => scanner.scan(array, range.clone(), &mut hits),
                        By::Regex(scan) => scan.scan(array, range.clone(), &mut hits),
                    }
                    for ((vote, hit), row) in votes.iter_mut().zip(hits).zip(range) {
                        if hit && array.is_valid(row) {
                            *vote = self.label;
                        }
                    }
                })?;
                Ok(Applied { votes: votes.into(), faults: Vec::new() })
            }
        }
    }

    fn test_row(&self, array: &LargeStringArray, row: usize, case: bool, by: &By) -> bool {
        if row >= array.len() || array.is_null(row) {
            return false;
        }
        let text = array.value(row);
        let test = |text: &str| match by {
            By::Keywords(scanner) => scanner.test(text),
            By::Regex(scan) => scan.test(text),
        };
        if case { test(text) } else { test(&fold(text)) }
    }

    /// Where it finds something in a text.
    pub fn highlights(&self, text: &str) -> Vec<Range<usize>> {
        let Search::Text { case, by, .. } = &self.search else { return Vec::new() };
        let ranges = |text: &str| match by {
            By::Keywords(scanner) => scanner.ranges(text),
            By::Regex(scan) => scan.ranges(text),
        };
        if *case { ranges(text) } else { highlights::through_fold(text, ranges) }
    }
}

fn keywords<'l>(arguments: &Arguments<'l>) -> Checked<Vec<&'l str>> {
    let help = "as in keywords(SPAM, [\"free\", \"무료\"])";
    let words = match arguments.get("words", 1) {
        Some(Cold::Str(word)) => vec![&**word],
        Some(list) => match arguments.loose.frozen.texts(list) {
            Some(words) => words,
            None => return arguments.refuse("keywords() needs a list of texts", help),
        },
        None => return arguments.refuse("keywords() needs a list of words", help),
    };
    if words.is_empty() {
        return arguments.refuse("the list of words is empty", help);
    }
    if words.iter().any(|word| word.is_empty()) {
        return arguments.refuse("an empty word is found everywhere", "take it out of the list");
    }
    Ok(words)
}

fn pattern(arguments: &Arguments, case: bool) -> Checked<std::sync::Arc<Pattern>> {
    use super::super::script::translate::IGNORE_CASE;
    use unicode_normalization::UnicodeNormalization as _;
    let (source, flags) = match arguments.get("pattern", 1) {
        Some(Cold::Str(source)) => (source.to_string(), 0),
        Some(cold) => match arguments.loose.frozen.object(cold) {
            Some(ColdObject::Pattern(pattern)) => (pattern.source.clone(), pattern.flags),
            _ => return arguments.refuse("regex() needs a pattern", "as in regex(SPAM, r\"https?://\")"),
        },
        None => return arguments.refuse("regex() needs a pattern", "as in regex(SPAM, r\"https?://\")"),
    };
    // The text that is searched regardless of case is in NFC, so the pattern has to be so too.
    let (source, flags) = if case { (source, flags) } else { (source.nfc().collect(), flags | IGNORE_CASE) };
    match compiled(&source, flags) {
        Ok(pattern) => Ok(pattern),
        Err(message) => arguments.refuse(format!("this pattern cannot be read: {message}"), ""),
    }
}

fn column(arguments: &Arguments, context: &Context) -> Checked<String> {
    let given = match arguments.get("column", 2) {
        None | Some(Cold::None) => None,
        Some(Cold::Str(name)) => Some(&**name),
        Some(_) => return arguments.refuse("column= is the name of a column", ""),
    };
    let name = given.unwrap_or("text");
    let listed = || format!("the columns are: {}", context.names().join(", "));
    let Some(column) = context.column(name) else {
        let help = match super::super::script::builtins::similar(name, context.names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => listed(),
        };
        return arguments.refuse(format!("there is no column `{name}`"), help);
    };
    if column.strings().is_none() {
        return arguments.refuse(format!("the column `{name}` holds no text"), listed());
    }
    Ok(column.name().to_owned())
}
