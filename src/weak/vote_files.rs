//! Votes, hand labels and probabilities as tables: what stands in a file of votes, and what is written to one.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::{Array as _, Float64Array, Int64Array, LargeStringArray};
use rayon::prelude::*;

use super::models::Labels;
use super::{ABSTAIN, VoteColumn, Votes};
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::{Error, Result};

/// How a table of votes is to be read.
#[derive(Debug, Clone, Default)]
pub struct VoteOptions {
    /// The classes in order. If not given, they follow from the votes and hand labels: numbers by value, text by code
    /// point.
    pub classes: Option<Vec<String>>,
    /// The number of classes, where votes are integers and no names are given.
    pub cardinality: Option<usize>,
    /// Columns that are not votes. A column `row` that counts the rows and an `id` column are left out anyway.
    pub skip: Vec<String>,
    /// The hand labels, one a row.
    pub gold: Option<Arc<Column>>,
}

/// A table of votes that has been read.
#[derive(Debug, Clone)]
pub struct VoteTable {
    /// The votes.
    pub votes: Votes,
    /// The classes in order.
    pub classes: Vec<String>,
    /// The hand labels, if asked for: one a row, `None` where there is none.
    pub gold: Option<Vec<Option<u16>>>,
    /// The columns that were left out.
    pub skipped: Vec<String>,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Nothing,
    Number(i64),
    Name(String),
}

/// Votes from a table of one column a function. A vote is an integer, where -1 abstains, or the name of a class, where
/// an empty or missing value abstains. Columns of integers may also have been read as text, or as real numbers, as
/// happens where values are missing.
///
/// Where class names are given that are numbers themselves, an integer is taken as the position of its class if that
/// fits all votes, else as its name.
///
/// # Errors
/// If a column holds something else (dates, fractions, unknown classes, too many values to be votes), or nothing tells
/// what the classes are; the error names column and row.
pub fn votes_from_frame(frame: &Frame, options: &VoteOptions) -> Result<VoteTable> {
    let left_out = |column: &Column| options.skip.iter().any(|name| name == column.name()) || is_bookkeeping(column);
    let (skipped, columns): (Vec<_>, Vec<_>) = frame.columns().iter().partition(|column| left_out(column));
    let columns: Vec<Encoded<'_>> = columns.into_par_iter().map(|column| Encoded::of(column)).collect::<Result<_>>()?;
    let gold = options.gold.as_deref().map(Encoded::of).transpose()?;
    if let Some(gold) = gold.as_ref().filter(|gold| gold.column.len() != frame.rows()) {
        let (found, rows) = (gold.column.len(), frame.rows());
        return Err(Error::input(format!("{found} hand labels for {rows} rows")).at(gold.column.name()));
    }
    let scheme = Scheme::of(&columns, gold.as_ref(), options)?;
    let of_column = |encoded: Encoded<'_>| -> Result<VoteColumn> {
        let name = encoded.column.name().to_owned();
        Ok(VoteColumn { name, votes: encoded.read(|cell| scheme.vote(cell))?.into() })
    };
    let votes = columns.into_par_iter().map(of_column).collect::<Result<_>>()?;
    let gold = gold.map(|gold| gold.read(|cell| scheme.gold(cell))).transpose()?;
    let gold = gold.map(|gold| gold.into_iter().map(|class| u16::try_from(class).ok()).collect());
    let votes = Votes::new(frame.rows(), scheme.classes.len(), votes)?;
    let skipped = skipped.into_iter().map(|column| column.name().to_owned()).collect();
    Ok(VoteTable { votes, classes: scheme.classes, gold, skipped })
}

/// Votes from a matrix of integers, row by row, as a NumPy file holds it. Functions are called `lf_0`, `lf_1`, ….
///
/// # Errors
/// If the matrix does not have rows x columns cells, or as [`votes_from_frame`].
pub fn votes_from_matrix(rows: usize, columns: usize, cells: &[i64], options: &VoteOptions) -> Result<VoteTable> {
    if rows.checked_mul(columns) != Some(cells.len()) {
        return Err(Error::input(format!("{} votes for {rows} rows and {columns} functions", cells.len())));
    }
    let column = |index: usize| {
        let votes: Vec<i64> = (0..rows).map(|row| cells[row * columns + index]).collect();
        Arc::new(Column::new(format!("lf_{index}"), Values::Int(Int64Array::from(votes))))
    };
    if columns == 0 {
        let classes = options.classes.clone().unwrap_or_default();
        let votes = Votes::new(rows, classes.len(), Vec::new())?;
        return Ok(VoteTable { votes, classes, gold: None, skipped: Vec::new() });
    }
    votes_from_frame(&Frame::new((0..columns).map(column).collect()), options)
}

/// Votes as a table of one column of integers a function, -1 abstains; in front of them `row`, counted from 0, and
/// `id` if given.
pub fn votes_to_frame(votes: &Votes, ids: Option<&Column>) -> Frame {
    let mut columns = row_columns(votes.rows(), ids);
    columns.extend(votes.columns().iter().map(|column| {
        let cells = Int64Array::from_iter_values(column.votes.iter().map(|&vote| i64::from(vote)));
        Arc::new(Column::new(column.name.clone(), Values::Int(cells)))
    }));
    Frame::new(columns)
}

/// Labels as a table: `row`, `id` if given, one column `p_CLASS` a class, and `label`, which is missing where there is
/// none. A class beyond `classes` goes by its number.
pub fn labels_to_frame(labels: &Labels, classes: &[String], ids: Option<&Column>) -> Frame {
    let name = |class: usize| classes.get(class).cloned().unwrap_or_else(|| class.to_string());
    let names: Vec<String> = (0..labels.classes()).map(name).collect();
    let mut columns = row_columns(labels.rows(), ids);
    for (class, name) in names.iter().enumerate() {
        let shares = Values::Float(Float64Array::from(labels.of_class(class)));
        columns.push(Arc::new(Column::new(format!("p_{name}"), shares)));
    }
    let label: LargeStringArray =
        labels.label().iter().map(|label| names.get(usize::from((*label)?)).map(String::as_str)).collect();
    columns.push(Arc::new(Column::text("label", Kind::Category, label)));
    Frame::new(columns)
}

fn row_columns(rows: usize, ids: Option<&Column>) -> Vec<Arc<Column>> {
    let numbers = Int64Array::from_iter_values(0..rows as i64);
    let mut columns = vec![Arc::new(Column::new("row", Values::Int(numbers)))];
    if let Some(ids) = ids.filter(|ids| ids.len() == rows) {
        columns.push(Arc::new(match ids.values() {
            Values::Text(values) => Column::text("id", ids.kind(), values.clone()),
            other => Column::new("id", other.clone()),
        }));
    }
    columns
}

/// Whether a column is one of those that result files carry beside their results.
fn is_bookkeeping(column: &Column) -> bool {
    match column.name() {
        "row" => match column.values() {
            Values::Int(numbers) => {
                numbers.null_count() == 0 && numbers.values().iter().enumerate().all(|(row, &n)| n == row as i64)
            }
            _ => false,
        },
        // One id a row: no function votes differently on every row.
        "id" if column.len() > 1 => {
            let mut seen = HashSet::new();
            (0..column.len()).all(|row| column.show(row).is_some_and(|id| seen.insert(id.into_owned())))
        }
        _ => false,
    }
}

/// One column, each cell replaced by the number of its value: whatever a value means is then worked out once.
struct Encoded<'a> {
    column: &'a Column,
    codes: Vec<u16>,
    /// The distinct values and the row where each was first seen.
    values: Vec<(Cell, usize)>,
}

impl<'a> Encoded<'a> {
    fn of(column: &'a Column) -> Result<Self> {
        let mut encoded = Self { column, codes: Vec::with_capacity(column.len()), values: Vec::new() };
        let small = |number: i64| usize::try_from(number.checked_add(1)?).ok().filter(|&slot| slot < 1024);
        match column.values() {
            Values::Int(numbers) => {
                // Classes are small numbers nearly always; a table of these saves hashing.
                let (mut table, mut others, mut missing) = (vec![None; 1024], HashMap::new(), None);
                for (row, number) in numbers.iter().enumerate() {
                    let (known, cell) = match number {
                        None => (&mut missing, Cell::Nothing),
                        Some(number) => match small(number) {
                            Some(slot) => (&mut table[slot], Cell::Number(number)),
                            None => (others.entry(number).or_insert(None), Cell::Number(number)),
                        },
                    };
                    encoded.push(row, known, cell)?;
                }
            }
            Values::Text(texts) => {
                let (mut known, mut missing): (HashMap<&str, Option<u16>>, _) = (HashMap::new(), None);
                let mut last = ("", None);
                for (row, text) in texts.iter().enumerate() {
                    let Some(text) = text else {
                        encoded.push(row, &mut missing, Cell::Nothing)?;
                        continue;
                    };
                    // Neighbours are often equal, and hashing is what costs.
                    if last.0 != text || last.1.is_none() {
                        last = (text, *known.entry(text).or_insert(None));
                    }
                    if last.1.is_some() {
                        encoded.push(row, &mut last.1, Cell::Nothing)?;
                    } else {
                        encoded.push(row, &mut last.1, Cell::of(text))?;
                        known.insert(text, last.1);
                    }
                }
            }
            Values::Float(numbers) => {
                let mut known: HashMap<Option<u64>, Option<u16>> = HashMap::new();
                for (row, number) in numbers.iter().enumerate() {
                    let number = number.filter(|number| !number.is_nan());
                    let cell = number.map_or(Cell::Nothing, |number| Cell::of(&number.to_string()));
                    encoded.push(row, known.entry(number.map(f64::to_bits)).or_insert(None), cell)?;
                }
            }
            Values::Bool(_) => {
                let mut known: HashMap<Option<Cow<'_, str>>, Option<u16>> = HashMap::new();
                for row in 0..column.len() {
                    let shown = column.show(row);
                    let cell = shown.as_deref().map_or(Cell::Nothing, Cell::of);
                    encoded.push(row, known.entry(shown).or_insert(None), cell)?;
                }
            }
            Values::Time(_) => {
                let error = Error::input("points in time are not votes").at(column.name());
                return Err(error.help("leave the column out with --skip"));
            }
        }
        let different = encoded.values.len();
        if different > 1000 && different * 2 > column.len() && column.strings().is_some() {
            return Err(encoded.too_many());
        }
        Ok(encoded)
    }

    /// Adds a cell whose value has the number `known`, which is given to it if it has none yet.
    fn push(&mut self, row: usize, known: &mut Option<u16>, cell: Cell) -> Result<()> {
        let code = match *known {
            Some(code) => code,
            None => {
                let code = u16::try_from(self.values.len()).map_err(|_| self.too_many())?;
                self.values.push((cell, row));
                *known.insert(code)
            }
        };
        self.codes.push(code);
        Ok(())
    }

    fn too_many(&self) -> Error {
        let different = self.values.len();
        Error::input(format!("{different} different values do not look like votes"))
            .at(self.column.name())
            .help("leave columns that are not votes out with --skip")
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.values.iter().map(|(cell, _)| cell)
    }

    fn read(self, vote: impl Fn(&Cell) -> Result<i16>) -> Result<Vec<i16>> {
        let place = |row: usize| format!("{}, row {}", self.column.name(), row + 1);
        let votes: Vec<i16> = self
            .values
            .iter()
            .map(|(cell, row)| vote(cell).map_err(|error| error.at(place(*row))))
            .collect::<Result<_>>()?;
        Ok(self.codes.into_iter().map(|code| votes.get(usize::from(code)).copied().unwrap_or(ABSTAIN)).collect())
    }
}

impl Cell {
    fn of(text: &str) -> Self {
        match text.trim() {
            "" => Self::Nothing,
            text => text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Number),
        }
    }
}

/// How cells become votes.
struct Scheme {
    classes: Vec<String>,
    by_name: HashMap<String, i16>,
    /// Integers are positions of classes, else names of them.
    positions: bool,
}

impl Scheme {
    fn of(columns: &[Encoded<'_>], gold: Option<&Encoded<'_>>, options: &VoteOptions) -> Result<Self> {
        let votes = Seen::of(columns);
        let gold = Seen::of(gold);
        let given = options.classes.as_ref();
        let named = !votes.names.is_empty() || (!gold.names.is_empty() && given.is_none());
        let classes = match (given, options.cardinality) {
            (Some(classes), Some(count)) if classes.len() != count => {
                let classes = classes.len();
                return Err(Error::input(format!("{classes} class names for {count} classes")));
            }
            (Some(classes), _) => classes.clone(),
            (None, Some(count)) if !named => (0..count).map(|class| class.to_string()).collect(),
            (None, _) if named => votes.class_names(&gold),
            (None, _) => {
                // Integers name their classes by position, so every one up to the highest exists.
                let highest = votes.numbers.iter().chain(&gold.numbers).copied().max().unwrap_or(-1);
                if highest >= i64::from(i16::MAX) {
                    let place = columns.iter().find(|column| column.cells().any(|cell| *cell == Cell::Number(highest)));
                    return Err(Error::input(format!("the vote {highest} names no class"))
                        .at(place.map_or("hand labels", |found| found.column.name()))
                        .help("leave columns that are not votes out with --skip"));
                }
                (0..=highest).map(|class| class.to_string()).collect()
            }
        };
        if classes.is_empty() {
            return Err(Error::input("nobody votes, so the classes are not known")
                .help("give them with --classes or --cardinality"));
        }
        let mut by_name = HashMap::new();
        for (class, name) in classes.iter().enumerate() {
            let class = i16::try_from(class).map_err(|_| Error::input("more than 32,767 classes"))?;
            if by_name.insert(name.clone(), class).is_some() {
                return Err(Error::input("there are two classes of one name").at(name));
            }
        }
        let is_name = |number: &i64| *number == -1 || by_name.contains_key(&number.to_string());
        let is_position = |number: &i64| (-1..classes.len() as i64).contains(number);
        let positions = !named && (votes.numbers.iter().all(is_position) || !votes.numbers.iter().all(is_name));
        Ok(Self { classes, by_name, positions })
    }

    fn vote(&self, cell: &Cell) -> Result<i16> {
        match *cell {
            Cell::Nothing | Cell::Number(-1) => Ok(ABSTAIN),
            Cell::Number(number) if self.positions => match i16::try_from(number) {
                Ok(vote) if (0..self.classes.len() as i64).contains(&number) => Ok(vote),
                _ => Err(Error::input(format!("the vote {number} names no class"))
                    .help(format!("votes are -1 (abstain) to {}", self.classes.len() as i64 - 1))),
            },
            Cell::Number(number) => self.named(&number.to_string()),
            Cell::Name(ref name) => self.named(name),
        }
    }

    /// A hand label: by name if there is one, else as a vote.
    fn gold(&self, cell: &Cell) -> Result<i16> {
        match *cell {
            Cell::Number(number) => match self.by_name.get(&number.to_string()) {
                Some(&class) => Ok(class),
                None if (0..self.classes.len() as i64).contains(&number) => Ok(number as i16),
                None => self.vote(cell),
            },
            _ => self.vote(cell),
        }
    }

    fn named(&self, name: &str) -> Result<i16> {
        self.by_name.get(name).copied().ok_or_else(|| {
            let classes: Vec<&str> = self.classes.iter().map(String::as_str).take(20).collect();
            Error::input(format!("\"{name}\" is not a class"))
                .help(format!("the classes are: {}; an empty value abstains", classes.join(", ")))
        })
    }
}

/// The distinct values of some columns.
#[derive(Default)]
struct Seen {
    numbers: HashSet<i64>,
    names: HashSet<String>,
}

impl Seen {
    fn of<'a>(columns: impl IntoIterator<Item = &'a Encoded<'a>>) -> Self {
        let mut seen = Self::default();
        for cell in columns.into_iter().flat_map(Encoded::cells) {
            match cell {
                Cell::Nothing => {}
                Cell::Number(number) => {
                    seen.numbers.insert(*number);
                }
                Cell::Name(name) => {
                    seen.names.insert(name.clone());
                }
            }
        }
        seen
    }

    /// All values as class names, sorted; -1 is no class.
    fn class_names(&self, other: &Self) -> Vec<String> {
        let names = self.names.iter().chain(&other.names).cloned();
        let numbers = self.numbers.iter().chain(&other.numbers).filter(|number| **number != -1);
        crate::data::in_order(names.chain(numbers.map(i64::to_string)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Work;
    use crate::weak::Patterns;
    use crate::weak::models::{FitOptions, Ties, fit, model};

    fn text(name: &str, values: &[Option<&str>]) -> Arc<Column> {
        Arc::new(Column::text(name, Kind::Text, LargeStringArray::from(values.to_vec())))
    }

    fn int(name: &str, values: &[Option<i64>]) -> Arc<Column> {
        Arc::new(Column::new(name, Values::Int(Int64Array::from(values.to_vec()))))
    }

    fn read(columns: Vec<Arc<Column>>, options: &VoteOptions) -> Result<(Vec<Vec<i16>>, String)> {
        let table = votes_from_frame(&Frame::new(columns), options)?;
        Ok((table.votes.columns().iter().map(|column| column.votes.to_vec()).collect(), table.classes.join(",")))
    }

    #[test]
    fn cells_become_votes() {
        let classes = |names: &str| VoteOptions {
            classes: Some(names.split(',').map(str::to_owned).collect()),
            ..Default::default()
        };
        let plain = VoteOptions::default();
        let check = |columns: Vec<Arc<Column>>, options: &VoteOptions, votes: &[&[i16]], names: &str| {
            let (found, classes) = read(columns, options).unwrap();
            assert_eq!((found, classes.as_str()), (votes.iter().map(|votes| votes.to_vec()).collect(), names));
        };
        check(vec![int("a", &[Some(-1), Some(2), None])], &plain, &[&[-1, 2, -1]], "0,1,2");
        check(vec![int("a", &[Some(-1), Some(1)])], &classes("ham,spam"), &[&[-1, 1]], "ham,spam");
        check(vec![text("a", &[Some("spam"), Some(""), None, Some("ham")])], &plain, &[&[1, -1, -1, 0]], "ham,spam");
        check(vec![text("a", &[Some("-1"), Some("0"), Some(" 1 ")])], &plain, &[&[-1, 0, 1]], "0,1");
        check(vec![text("a", &[Some("b"), Some("-1")])], &classes("b,a"), &[&[0, -1]], "b,a");
        // Numbers that are names: taken as positions where that fits, else as names.
        check(vec![int("a", &[Some(1), Some(3), Some(-1)])], &classes("1,3,5"), &[&[0, 1, -1]], "1,3,5");
        check(vec![int("a", &[Some(1), Some(0)])], &classes("1,0"), &[&[1, 0]], "1,0");
        // A function that votes 5, read as integers, beside one that votes by name.
        check(vec![int("a", &[Some(5), None]), text("b", &[Some("x"), None])], &plain, &[&[0, -1], &[1, -1]], "5,x");
        check(vec![int("a", &[None, None])], &classes("x,y"), &[&[-1, -1]], "x,y");
        let floats = Float64Array::from(vec![Some(1.0), Some(f64::NAN), None]);
        check(vec![Arc::new(Column::new("a", Values::Float(floats)))], &plain, &[&[1, -1, -1]], "0,1");
        let truths = arrow_array::BooleanArray::from(vec![Some(true), Some(false), None]);
        check(vec![Arc::new(Column::new("a", Values::Bool(truths)))], &plain, &[&[1, 0, -1]], "false,true");
        let cardinality = VoteOptions { cardinality: Some(4), ..Default::default() };
        check(vec![int("a", &[Some(1)])], &cardinality, &[&[1]], "0,1,2,3");
    }

    #[test]
    fn what_is_no_vote_is_refused_with_its_place() {
        let plain = VoteOptions::default();
        let check = |columns: Vec<Arc<Column>>, options: &VoteOptions, expected: &str| {
            assert_eq!(read(columns, options).unwrap_err().to_string(), expected);
        };
        let classes = VoteOptions { classes: Some(vec!["a".into(), "b".into()]), ..Default::default() };
        check(vec![int("lf", &[Some(0), Some(2)])], &classes, "the vote 2 names no class: lf, row 2");
        check(vec![int("lf", &[Some(-2)])], &plain, "nobody votes, so the classes are not known");
        check(vec![int("lf", &[Some(0), Some(-2)])], &plain, "the vote -2 names no class: lf, row 2");
        check(vec![text("lf", &[Some("a"), Some("c")])], &classes, "\"c\" is not a class: lf, row 2");
        check(vec![int("lf", &[None])], &plain, "nobody votes, so the classes are not known");
        check(vec![int("lf", &[Some(99_999)])], &plain, "the vote 99999 names no class: lf");
        let fraction = Arc::new(Column::new("lf", Values::Float(Float64Array::from(vec![0.5]))));
        check(vec![fraction], &classes, "\"0.5\" is not a class: lf, row 1");
        let time = arrow_array::TimestampMicrosecondArray::from(vec![0]);
        check(vec![Arc::new(Column::new("when", Values::Time(time)))], &plain, "points in time are not votes: when");
        let long: Vec<String> = (0..1500).map(|index| format!("text {index}")).collect();
        let long: Vec<Option<&str>> = long.iter().map(|text| Some(text.as_str())).collect();
        check(vec![text("text", &long)], &plain, "1500 different values do not look like votes: text");
        let twice = VoteOptions { classes: Some(vec!["a".into(), "a".into()]), ..Default::default() };
        check(vec![int("lf", &[Some(0)])], &twice, "there are two classes of one name: a");
        let wrong = VoteOptions { cardinality: Some(3), ..classes.clone() };
        check(vec![int("lf", &[Some(0)])], &wrong, "2 class names for 3 classes");
    }

    #[test]
    fn hand_labels_follow_the_same_classes() {
        let check =
            |votes: Arc<Column>, gold: Arc<Column>, classes: Option<&str>, expected: &[Option<u16>], names: &str| {
                let classes = classes.map(|names| names.split(',').map(str::to_owned).collect());
                let options = VoteOptions { gold: Some(gold), classes, ..Default::default() };
                let table = votes_from_frame(&Frame::new(vec![votes]), &options).unwrap();
                assert_eq!((table.gold.as_deref(), table.classes.join(",").as_str()), (Some(expected), names));
            };
        let votes = || int("lf", &[Some(0), Some(1), Some(-1), Some(1)]);
        let numbers = int("gold", &[Some(0), None, Some(-1), Some(2)]);
        check(votes(), numbers, None, &[Some(0), None, None, Some(2)], "0,1,2");
        let named = || text("gold", &[Some("ham"), None, Some(""), Some("spam")]);
        check(votes(), named(), Some("ham,spam"), &[Some(0), None, None, Some(1)], "ham,spam");
        let votes_by_name = text("lf", &[Some("ham"), None, None, None]);
        check(votes_by_name, named(), None, &[Some(0), None, None, Some(1)], "ham,spam");
        let numbers = int("gold", &[Some(0), Some(1), None, None]);
        check(votes(), numbers, Some("ham,spam"), &[Some(0), Some(1), None, None], "ham,spam");
        let options = VoteOptions { gold: Some(int("gold", &[Some(1)])), ..Default::default() };
        assert!(votes_from_frame(&Frame::new(vec![votes()]), &options).is_err());
    }

    #[test]
    fn votes_round_trip_and_bookkeeping_is_left_out() {
        let columns = vec![int("a", &[Some(1), Some(-1), Some(0)]), int("b", &[Some(-1), Some(-1), Some(1)])];
        let options = VoteOptions::default();
        let first = votes_from_frame(&Frame::new(columns), &options).unwrap();
        let ids = text("key", &[Some("x"), Some("y"), Some("z")]);
        let frame = votes_to_frame(&first.votes, Some(&ids));
        let names: Vec<_> = frame.columns().iter().map(|column| column.name()).collect();
        assert_eq!(names, ["row", "id", "a", "b"]);
        let second = votes_from_frame(&frame, &options).unwrap();
        assert_eq!((second.votes, second.skipped), (first.votes, vec!["row".to_owned(), "id".to_owned()]));
        let odd = Frame::new(vec![int("row", &[Some(1), Some(1)])]);
        assert_eq!(votes_from_frame(&odd, &options).unwrap().votes.columns().len(), 1, "a function may be called row");
    }

    #[test]
    fn a_matrix_is_read_row_by_row() {
        let options = VoteOptions { skip: vec!["lf_1".into()], ..Default::default() };
        let table = votes_from_matrix(2, 3, &[0, 1, 2, -1, 1, 0], &options).unwrap();
        let votes: Vec<_> = table.votes.columns().iter().map(|column| column.votes.to_vec()).collect();
        assert_eq!(votes, [[0, -1], [2, 0]]);
        assert!(votes_from_matrix(2, 2, &[0], &options).is_err());
        assert_eq!(votes_from_matrix(2, 0, &[], &options).unwrap().votes.rows(), 2);
    }

    #[test]
    fn labels_are_written_with_their_probabilities() {
        let table = votes_from_matrix(3, 1, &[1, -1, 0], &VoteOptions::default()).unwrap();
        let patterns = Patterns::of(&table.votes, &Work::new()).unwrap();
        let fitted = fit(model("majority").unwrap(), &patterns, &FitOptions::default(), &Work::new()).unwrap();
        let labels = Labels::of(&fitted, &patterns, Ties::Abstain, 0, &Work::new()).unwrap();
        let frame = labels_to_frame(&labels, &["ham".into(), "spam".into()], None);
        let show = |name: &str| {
            let column = frame.column(name).unwrap();
            (0..3).map(|row| column.show(row).map(|cell| cell.into_owned()).unwrap_or_default()).collect::<Vec<_>>()
        };
        assert_eq!(show("row"), ["0", "1", "2"]);
        assert_eq!(show("p_spam"), ["1.0", "0.5", "0.0"]);
        assert_eq!(show("label"), ["spam", "", "ham"]);
    }
}
