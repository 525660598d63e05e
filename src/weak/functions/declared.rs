//! The declared patterns: `keywords(…)`, `regex(…)`, `where(…)`, `column(…)`, and what is put together from others.

use std::collections::HashMap;
use std::ops::Range;

use arrow_array::{Array as _, LargeStringArray};
use rayon::prelude::*;

use super::super::script::builtins::Builtin;
use super::super::script::freeze::{Cold, ColdObject, Refers};
use super::super::script::module::Loose;
use super::super::script::regexes::{Pattern, Speed, compiled};
use super::super::votes::ABSTAIN;
use super::column::{of_column, votes_of_column};
use super::combined::Combined;
use super::labels::Labels;
use super::near::{WITHIN, near_column};
use super::patterns::{PatternScan, Scanner, in_ranges};
use super::taught::is_of_class;
use super::{Applied, Context, Within, highlights, problem};
use crate::data::filter::{self, Filter};
use crate::data::fold;
use crate::engine::{Error, Fingerprint, Fingerprinter, Result, Work};
use crate::weak::script::compile::Problem;
use crate::weak::{Meaning, Said};

/// A declared pattern, ready to run.
#[derive(Debug)]
pub(super) struct Declared {
    /// The vote where it fires; any class where `meaning` says what the vote is.
    label: i16,
    /// The vote where it fires, if it is not one class for certain.
    meaning: Option<Meaning>,
    search: Search,
    /// The name of the words of a list, which do not stand in the declaration.
    files: Option<Fingerprint>,
}

#[derive(Debug)]
enum Search {
    Text {
        column: String,
        case: bool,
        by: By,
    },
    Where(Box<Filter>),
    /// The vote of each value of a column.
    Column {
        name: String,
        votes: HashMap<String, Said>,
    },
    Combined(Combined),
    /// Where what stands beside the data in a column of that name, how like some items a row is or how likely a class,
    /// is at least this.
    Beside {
        how: Builtin,
        column: String,
        least: f64,
    },
}

#[derive(Debug)]
enum By {
    Keywords(Scanner),
    Regex(PatternScan),
}

/// The arguments of a declaration.
pub(super) struct Arguments<'l> {
    pub builtin: Builtin,
    pub names: &'l [Option<String>],
    pub loose: &'l Loose,
}

pub(super) type Checked<T> = std::result::Result<T, Box<Problem>>;

impl<'l> Arguments<'l> {
    pub fn get(&self, name: &str, position: usize) -> Option<&'l Cold> {
        let named = self.names.iter().position(|given| given.as_deref() == Some(name));
        let placed = self.names.get(position).filter(|given| given.is_none()).map(|_| position);
        self.loose.frozen.roots.get(named.or(placed)?)
    }

    pub fn refuse<T>(&self, message: impl Into<String>, help: impl Into<String>) -> Checked<T> {
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

    pub fn only(&self, known: &[&str]) -> Checked<()> {
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
        within: &Within<'_>,
        labels: &Labels,
    ) -> Checked<Self> {
        let context = within.context;
        let arguments = Arguments { builtin, names, loose };
        if builtin == Builtin::Column {
            let (name, votes) = votes_of_column(&arguments, within, labels)?;
            let search = Search::Column { name, votes };
            return Ok(Self { label: ABSTAIN, meaning: None, search, files: None });
        }
        let mut files = None;
        let Some(label) = arguments.get("label", 0) else {
            return arguments.refuse(format!("{}() needs a class first", builtin.name()), labels.listed());
        };
        let Some(said) = labels.said_of(label, &loose.frozen, &within.shared.tree) else {
            let shown = match label {
                Cold::Str(text) => format!("\"{text}\""),
                Cold::Int(int) => int.to_string(),
                Cold::Refer(Refers::Tuple, _) => {
                    "this pair, which is no class with a confidence from 0 to 1,".to_owned()
                }
                other => format!("{} value", other.value().kind().name()),
            };
            return arguments.refuse(format!("{shown} is no class"), labels.listed());
        };
        let search = match builtin {
            Builtin::Keywords => {
                arguments.only(&["label", "words", "column", "case", "whole_words", "file"])?;
                let (case, whole) = (arguments.flag("case", 3)?, arguments.flag("whole_words", 4)?);
                let words = keywords(&arguments, within.files)?;
                if arguments.get("file", 5).is_some() {
                    files = Some(words.iter().fold(Fingerprinter::new("list"), |all, word| all.text(word)).finish());
                }
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
            Builtin::Near => near(&arguments, context)?,
            Builtin::Model => {
                let search = sure(&arguments, context, said.hard())?;
                if let Search::Beside { column, .. } = &search {
                    files = Some(Fingerprinter::new("model").text(column).finish());
                }
                search
            }
            Builtin::Both | Builtin::Either | Builtin::Unless => {
                let combined = Combined::new(&arguments, within)?;
                files = combined.print_of_files();
                Search::Combined(combined)
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
        let (label, meaning) = match said {
            Said::Vote(vote) => (vote, None),
            Said::Shaded(meaning) => (0, Some(meaning)),
        };
        Ok(Self { label, meaning, search, files })
    }

    /// The name of what it depends on in other files.
    pub fn print_of_files(&self) -> Option<Fingerprint> {
        self.files
    }

    /// The name of the way it runs.
    pub fn name(&self) -> &'static str {
        match &self.search {
            Search::Text { by: By::Keywords(_), .. } => "keywords",
            Search::Text { by: By::Regex(_), .. } => "regex",
            Search::Where(_) => "where",
            Search::Column { .. } => "column",
            Search::Combined(combined) => combined.name(),
            Search::Beside { how, .. } => how.name(),
        }
    }

    /// Whether it is known outside Lapidary.
    pub fn is_portable(&self) -> bool {
        match &self.search {
            Search::Text { .. } | Search::Where(_) | Search::Column { .. } => true,
            Search::Combined(combined) => combined.is_portable(),
            Search::Beside { .. } => false,
        }
    }

    /// The conditions in it.
    pub fn conditions(&self) -> Vec<&Filter> {
        match &self.search {
            Search::Where(filter) => vec![filter],
            Search::Combined(combined) => combined.conditions(),
            _ => Vec::new(),
        }
    }

    /// The names of the columns that it looks at.
    pub fn columns(&self) -> Vec<&str> {
        match &self.search {
            Search::Text { column, .. } => vec![column],
            Search::Where(filter) => filter.columns().collect(),
            Search::Column { name, .. } => vec![name],
            Search::Combined(combined) => combined.columns(),
            Search::Beside { .. } => Vec::new(),
        }
    }

    /// The vote where it fires; -1 where it depends on the row.
    pub fn label(&self) -> i16 {
        self.meaning.as_ref().map_or(self.label, Meaning::hard)
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
        let applied = self.apply_plain(context, rows, work)?;
        Ok(match &self.meaning {
            Some(meaning) => applied.with_meaning(meaning),
            None => applied,
        })
    }

    fn apply_plain(&self, context: &Context, rows: Option<&[u32]>, work: &Work) -> Result<Applied> {
        let vote = |hit: bool| if hit { self.label } else { ABSTAIN };
        let (column, case, by) = match &self.search {
            Search::Column { name, votes } => {
                return of_column(context.frame.column(name)?, votes, context.frame.rows(), rows, work);
            }
            Search::Combined(combined) => return combined.apply(self.label, context, rows, work),
            Search::Beside { column, least, .. } => {
                let column = context.frame.column(column)?;
                let at = |row: usize| vote(column.number(row).is_some_and(|similarity| similarity >= *least));
                let votes: Vec<i16> = match rows {
                    Some(rows) => rows.iter().map(|&row| at(row as usize)).collect(),
                    None => (0..context.frame.rows()).map(at).collect(),
                };
                return Ok(Applied::plain(votes));
            }
            Search::Where(predicate) => {
                let hits = predicate.evaluate(&context.conditions(), work)?;
                let at = |row: usize| vote(row < hits.len() && hits.value(row));
                let votes: Vec<i16> = match rows {
                    Some(rows) => rows.iter().map(|&row| at(row as usize)).collect(),
                    None => (0..context.frame.rows()).map(at).collect(),
                };
                return Ok(Applied::plain(votes));
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
                Ok(Applied::plain(votes))
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
                Ok(Applied::plain(votes))
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
        let (case, by) = match &self.search {
            Search::Text { case, by, .. } => (case, by),
            Search::Combined(combined) => return combined.highlights(text),
            Search::Where(_) | Search::Column { .. } | Search::Beside { .. } => return Vec::new(),
        };
        let ranges = |text: &str| match by {
            By::Keywords(scanner) => scanner.ranges(text),
            By::Regex(scan) => scan.ranges(text),
        };
        if *case { ranges(text) } else { highlights::through_fold(text, ranges) }
    }
}

/// Where the model of people's labels is surer of the class than asked.
fn sure(arguments: &Arguments, context: &Context, class: i16) -> Checked<Search> {
    let help = "as in model(SPAM, above=0.9)";
    arguments.only(&["label", "above"])?;
    let above = match arguments.get("above", 1) {
        Some(Cold::Float(above)) => Some(*above),
        Some(Cold::Int(above)) => Some(*above as f64),
        _ => None,
    };
    let Some(above) = above.filter(|above| (0.0..1.0).contains(above)) else {
        return arguments.refuse("model() needs a probability from 0 on and below 1", help);
    };
    let Some(class) = usize::try_from(class).ok().and_then(|class| context.classes.get(class)) else {
        return arguments.refuse("model() votes for one class", help);
    };
    let columns = context.frame.columns().iter();
    match columns.map(|column| column.name()).find(|name| is_of_class(name, class)) {
        Some(column) => Ok(Search::Beside { how: Builtin::Model, column: column.to_owned(), least: above.next_up() }),
        None => arguments.refuse(
            "there is no model yet: it learns from labels by hand alone, so that functions do not hear themselves",
            "label at least 5 items of each of two classes of this project by hand",
        ),
    }
}

/// Near to the items of these ids, whose similarity the session has put beside the columns.
fn near(arguments: &Arguments, context: &Context) -> Checked<Search> {
    let help = "as in near(SPAM, [\"1f2e3d4c5b6a7988\"], within=0.3)";
    arguments.only(&["label", "ids", "within"])?;
    let ids = arguments.get("ids", 1).and_then(|cold| arguments.loose.frozen.texts(cold));
    let Some(ids) = ids.filter(|ids| !ids.is_empty()) else {
        return arguments.refuse("near() needs a list of items, by their ids", help);
    };
    let within = match arguments.get("within", 2) {
        None => WITHIN,
        Some(Cold::Float(within)) if (0.0..=1.0).contains(within) => *within,
        Some(Cold::Int(within @ 0..=1)) => *within as f64,
        Some(_) => return arguments.refuse("within= is a number from 0 (the same) to 1", help),
    };
    let column = near_column(&ids);
    if context.frame.get(&column).is_none() {
        return arguments
            .refuse("not all items that near() names are in the data", "take ids of items of this project");
    }
    Ok(Search::Beside { how: Builtin::Near, column, least: 1.0 - within })
}

/// The words of a list: one a line; empty lines and what follows a `#` at the start of a line do not count.
pub(super) fn words_of(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// The words of a file that a declaration names.
fn listed_words<'f>(arguments: &Arguments, name: &str, files: &'f [(String, String)]) -> Checked<Vec<&'f str>> {
    let name = name.strip_prefix("./").unwrap_or(name);
    let lists: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).filter(|name| name.ends_with(".txt")).collect();
    let Some((_, text)) = files.iter().find(|(other, _)| other == name) else {
        let help = if lists.is_empty() {
            "put it into the folder `lists` of the project, one word a line".to_owned()
        } else {
            format!("the lists are: {}", lists.join(", "))
        };
        return arguments.refuse(format!("there is no list `{name}`"), help);
    };
    let words = words_of(text);
    if words.is_empty() {
        return arguments.refuse(format!("the list `{name}` is empty"), "write one word a line");
    }
    Ok(words)
}

fn keywords<'l>(arguments: &Arguments<'l>, files: &'l [(String, String)]) -> Checked<Vec<&'l str>> {
    let help = "as in keywords(SPAM, [\"free\", \"무료\"])";
    match (arguments.get("file", 5), arguments.get("words", 1)) {
        (None | Some(Cold::None), _) => {}
        (Some(Cold::Str(_)), Some(_)) => {
            return arguments.refuse("keywords() takes words or a file, not both", "write one function for each");
        }
        (Some(Cold::Str(name)), None) => return listed_words(arguments, name, files),
        (Some(_), _) => return arguments.refuse("file= is the name of a list", "as in file=\"lists/words.txt\""),
    }
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
