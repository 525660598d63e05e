//! Functions that only test columns, run over whole columns.
//!
//! A kernel answers only for rows for which it is certain to say what the function says: no value is missing, the
//! text is of ordinary length, and its folded form is its lower case. The few other rows are given to the function
//! itself, which also tells what goes wrong on them.

use std::ops::Range;

use arrow_array::{Array as _, BooleanArray, Float64Array, Int64Array, LargeStringArray};
use arrow_buffer::BooleanBuffer;
use memchr::memmem::Finder;
use rayon::prelude::*;

use super::super::script::chars::is_space;
use super::super::script::lower;
use super::super::script::module::Loose;
use super::super::script::ops::number_order;
use super::super::script::tree::Compare;
use super::super::script::value::Value;
use super::super::votes::ABSTAIN;
use super::patterns::{PatternScan, Scanner};
use super::rows::{Caller, Faults, fields};
use super::{Applied, Context, Function, highlights, rows};
use crate::data::{Kind, Values};
use crate::engine::{Result, Work};

/// How many rows one thread does at a time.
const RANGE: usize = 8192;

/// A function as a list of rules over columns.
#[derive(Debug)]
pub(super) struct Kernel {
    /// The columns it reads.
    pub columns: Vec<Used>,
    /// Conditions in order, each with the vote where it is the first to hold.
    pub rules: Vec<(Cond, i16)>,
    /// The vote where none holds.
    pub otherwise: i16,
    /// The longest text, in bytes, that the evaluator would surely get through.
    pub longest: usize,
}

/// A column that a kernel reads.
#[derive(Debug, PartialEq)]
pub(super) struct Used {
    pub name: String,
    pub kind: Kind,
    /// Its text in lower case is read.
    pub lower: bool,
}

/// The text of a column, as it is or in lower case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TextOf {
    pub column: usize,
    pub lower: bool,
}

/// A condition on a row.
#[derive(Debug)]
pub(super) enum Cond {
    Const(bool),
    Not(Box<Cond>),
    And(Vec<Cond>),
    Or(Vec<Cond>),
    Words(TextOf, Scanner),
    Pattern(TextOf, PatternScan),
    Equal(TextOf, Vec<String>),
    Starts(TextOf, Vec<String>),
    Ends(TextOf, Vec<String>),
    /// Numbers with a comparison between each two neighbours.
    Numbers(Vec<Num>, Vec<Compare>),
    /// A column's value counts as true.
    True(usize),
}

/// A number of a row.
#[derive(Debug)]
pub(super) enum Num {
    Int(i64),
    Float(f64),
    Column(usize),
    /// `len(text)`
    Length(TextOf),
    /// `text.count(part)`
    Count(TextOf, Box<Finder<'static>>),
    /// `len(text.split())`
    Words(TextOf),
}

/// A column while a kernel runs.
struct View<'a> {
    values: &'a Values,
    /// The folded texts and where they are the texts in lower case; without them lower case is made row by row.
    folded: Option<(&'a LargeStringArray, &'a BooleanBuffer)>,
}

impl<'a> View<'a> {
    fn strings(&self) -> Option<&'a LargeStringArray> {
        match self.values {
            Values::Text(array) => Some(array),
            _ => None,
        }
    }

    fn is_null(&self, row: usize) -> bool {
        match self.values {
            Values::Text(array) => array.is_null(row),
            Values::Int(array) => array.is_null(row),
            Values::Float(array) => array.is_null(row),
            Values::Bool(array) => array.is_null(row),
            Values::Time(array) => array.is_null(row),
        }
    }

    fn number(&self, row: usize) -> Value<'static> {
        fn int(array: &Int64Array, row: usize) -> Value<'static> {
            Value::Int(array.value(row))
        }
        fn float(array: &Float64Array, row: usize) -> Value<'static> {
            Value::Float(array.value(row))
        }
        fn bool(array: &BooleanArray, row: usize) -> Value<'static> {
            Value::Bool(array.value(row))
        }
        match self.values {
            Values::Int(array) => int(array, row),
            Values::Float(array) => float(array, row),
            Values::Bool(array) => bool(array, row),
            _ => Value::None,
        }
    }
}

/// The columns of a kernel over a frame.
struct Views<'a>(Vec<View<'a>>);

impl<'a> Views<'a> {
    /// `None` if the frame's columns are not those that the kernel was made for.
    fn new(kernel: &Kernel, context: &Context<'a>, folded: bool) -> Option<Self> {
        let mut views = Vec::new();
        for used in &kernel.columns {
            let column = context.frame.columns().iter().find(|column| column.name() == used.name)?;
            if column.kind() != used.kind {
                return None;
            }
            let folded = (folded && used.lower).then(|| Some((column.folded()?, column.folded_is_lower()?))).flatten();
            views.push(View { values: column.values(), folded });
        }
        Some(Self(views))
    }

    /// True if the kernel may answer for a row.
    fn sure(&self, kernel: &Kernel, row: usize) -> bool {
        self.0.iter().all(|view| {
            !view.is_null(row)
                && view.strings().is_none_or(|array| array.value_length(row) as usize <= kernel.longest)
                && view.folded.is_none_or(|(_, same)| same.value(row))
        })
    }

    /// The array to search for a text, and whether its texts still have to be brought to lower case.
    fn array(&self, text: TextOf) -> Option<(&'a LargeStringArray, bool)> {
        let view = self.0.get(text.column)?;
        match (text.lower, view.folded) {
            (true, Some((folded, _))) => Some((folded, false)),
            (lower, _) => Some((view.strings()?, lower)),
        }
    }

    /// Asks something of a text.
    fn with_text<T>(&self, text: TextOf, row: usize, ask: impl FnOnce(&str) -> T) -> Option<T> {
        let (array, make) = self.array(text)?;
        let value = array.value(row);
        Some(if make { ask(&lower(value)) } else { ask(value) })
    }

    fn number(&self, number: &Num, row: usize) -> Value<'static> {
        let count = |count: Option<usize>| Value::Int(count.unwrap_or(0) as i64);
        match number {
            Num::Int(int) => Value::Int(*int),
            Num::Float(float) => Value::Float(*float),
            Num::Column(column) => self.0.get(*column).map_or(Value::None, |view| view.number(row)),
            Num::Length(text) => count(self.with_text(*text, row, |text| text.chars().count())),
            Num::Count(text, part) => count(self.with_text(*text, row, |text| part.find_iter(text.as_bytes()).count())),
            Num::Words(text) => {
                count(self.with_text(*text, row, |text| text.split(is_space).filter(|word| !word.is_empty()).count()))
            }
        }
    }

    /// Whether a condition holds on a row for which the kernel may answer.
    fn test(&self, cond: &Cond, row: usize) -> bool {
        let ask = |text: &TextOf, ask: &dyn Fn(&str) -> bool| self.with_text(*text, row, ask).unwrap_or(false);
        match cond {
            Cond::Const(holds) => *holds,
            Cond::Not(inner) => !self.test(inner, row),
            Cond::And(parts) => parts.iter().all(|part| self.test(part, row)),
            Cond::Or(parts) => parts.iter().any(|part| self.test(part, row)),
            Cond::Words(text, scanner) => ask(text, &|text| scanner.test(text)),
            Cond::Pattern(text, scan) => ask(text, &|text| scan.test(text)),
            Cond::Equal(text, values) => ask(text, &|text| values.iter().any(|value| value == text)),
            Cond::Starts(text, parts) => ask(text, &|text| parts.iter().any(|part| text.starts_with(part.as_str()))),
            Cond::Ends(text, parts) => ask(text, &|text| parts.iter().any(|part| text.ends_with(part.as_str()))),
            Cond::Numbers(numbers, signs) => self.compare(numbers, signs, row),
            Cond::True(column) => self.0.get(*column).is_some_and(|view| match view.values {
                Values::Text(array) => array.value_length(row) > 0,
                _ => match view.number(row) {
                    Value::Bool(flag) => flag,
                    Value::Int(int) => int != 0,
                    Value::Float(float) => float != 0.0,
                    _ => false,
                },
            }),
        }
    }

    fn compare(&self, numbers: &[Num], signs: &[Compare], row: usize) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        numbers.windows(2).zip(signs).all(|(pair, sign)| {
            let [left, right] = pair else { return false };
            let order = number_order(&self.number(left, row), &self.number(right, row)).flatten();
            match sign {
                Compare::Eq => order == Some(Equal),
                Compare::Ne => order != Some(Equal),
                Compare::Lt => order == Some(Less),
                Compare::Le => matches!(order, Some(Less | Equal)),
                Compare::Gt => order == Some(Greater),
                Compare::Ge => matches!(order, Some(Greater | Equal)),
                _ => false,
            }
        })
    }

    /// Marks the rows of a range on which a condition holds.
    fn fill(&self, cond: &Cond, range: Range<usize>, hits: &mut [bool]) {
        let each = |hits: &mut [bool]| {
            for (hit, row) in hits.iter_mut().zip(range.clone()) {
                *hit = self.0.iter().all(|view| !view.is_null(row)) && self.test(cond, row);
            }
        };
        match cond {
            Cond::Const(holds) => hits.fill(*holds),
            Cond::Not(inner) => {
                self.fill(inner, range, hits);
                hits.iter_mut().for_each(|hit| *hit = !*hit);
            }
            Cond::And(parts) | Cond::Or(parts) => {
                let all = matches!(cond, Cond::And(_));
                hits.fill(all);
                let mut part_hits = vec![false; hits.len()];
                for part in parts {
                    part_hits.fill(false);
                    self.fill(part, range.clone(), &mut part_hits);
                    for (hit, part) in hits.iter_mut().zip(&part_hits) {
                        *hit = if all { *hit && *part } else { *hit || *part };
                    }
                }
            }
            Cond::Words(text, scanner) => match self.array(*text) {
                Some((array, false)) => scanner.scan(array, range, hits),
                _ => each(hits),
            },
            Cond::Pattern(text, scan) => match self.array(*text) {
                Some((array, false)) => scan.scan(array, range, hits),
                _ => each(hits),
            },
            _ => each(hits),
        }
    }
}

impl Kernel {
    /// The one class that it votes for, if there is but one.
    pub fn only_label(&self) -> Option<i16> {
        let mut labels: Vec<i16> = self.rules.iter().map(|(_, vote)| *vote).collect();
        labels.push(self.otherwise);
        labels.retain(|label| *label >= 0);
        labels.dedup();
        if let [label] = *labels.as_slice() { Some(label) } else { None }
    }

    /// Where its words and patterns stand in a text.
    pub fn highlights(&self, text: &str) -> Vec<Range<usize>> {
        fn collect(cond: &Cond, text: &str, out: &mut Vec<Range<usize>>) {
            let found = |of: &TextOf, find: &dyn Fn(&str) -> Vec<Range<usize>>| {
                if of.lower { highlights::through_lower(text, find) } else { find(text) }
            };
            match cond {
                Cond::And(parts) | Cond::Or(parts) => parts.iter().for_each(|part| collect(part, text, out)),
                Cond::Words(of, scanner) => out.extend(found(of, &|text| scanner.ranges(text))),
                Cond::Pattern(of, scan) => out.extend(found(of, &|text| scan.ranges(text))),
                _ => {}
            }
        }
        let mut out = Vec::new();
        self.rules.iter().for_each(|(cond, _)| collect(cond, text, &mut out));
        out.sort_by_key(|range| (range.start, range.end));
        let mut joined: Vec<Range<usize>> = Vec::new();
        for range in out {
            match joined.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        joined
    }

    fn vote(&self, views: &Views, row: usize) -> i16 {
        let rule = self.rules.iter().find(|(cond, _)| views.test(cond, row));
        rule.map_or(self.otherwise, |(_, vote)| *vote)
    }

    fn votes(&self, views: &Views, range: Range<usize>, votes: &mut [i16]) {
        votes.fill(self.otherwise);
        let mut hits = vec![false; votes.len()];
        // From the last rule to the first, so that the first to hold has the last word.
        for (cond, label) in self.rules.iter().rev() {
            hits.fill(false);
            views.fill(cond, range.clone(), &mut hits);
            for (vote, hit) in votes.iter_mut().zip(&hits) {
                if *hit {
                    *vote = *label;
                }
            }
        }
    }
}

/// Applies a function by its kernel.
pub(super) fn apply(
    function: &Function,
    loose: &Loose,
    kernel: &Kernel,
    context: &Context,
    rows: Option<&[u32]>,
    work: &Work,
) -> Result<Applied> {
    let total = context.frame.rows();
    let whole = rows.is_none();
    let Some(views) = Views::new(kernel, context, whole) else {
        return rows::apply(function, loose, context, rows, work);
    };
    work.check()?;
    let fields = fields(loose, &function.shared, context, false);
    let count = rows.map_or(total, <[u32]>::len);
    let row_at = |at: usize| rows.map_or(at, |rows| rows.get(at).map_or(usize::MAX, |row| *row as usize));
    let size = if whole { RANGE } else { 256 };
    let mut votes = vec![ABSTAIN; count];
    let parts: Result<Vec<Faults>> = votes
        .par_chunks_mut(size)
        .enumerate()
        .map(|(chunk, votes)| {
            work.check()?;
            let start = chunk * size;
            let range = start..start + votes.len();
            if whole {
                kernel.votes(&views, range.clone(), votes);
            }
            let mut caller: Option<Caller> = None;
            let mut faults = Faults::default();
            for (vote, at) in votes.iter_mut().zip(range) {
                let row = row_at(at);
                if row >= total {
                    continue;
                }
                if views.sure(kernel, row) {
                    if !whole {
                        *vote = kernel.vote(&views, row);
                    }
                    continue;
                }
                let caller = caller.get_or_insert_with(|| Caller::new(function, loose, &fields));
                match caller.vote(row) {
                    // A function that casts other than plain votes is no kernel.
                    Ok(said) => *vote = said.hard(),
                    Err(raise) => {
                        *vote = ABSTAIN;
                        faults.add(raise, row);
                    }
                }
            }
            Ok(faults)
        })
        .collect();
    Ok(Applied { votes: votes.into(), faults: Faults::join(parts?).finish(function), shades: None })
}
