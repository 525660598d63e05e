//! The rows of a CSV text as columns in pieces, parsed on all cores.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::build::{Build, Part, column};
use super::detect::{Layout, layout};
use super::fault::{Failure, Ragged};
use super::scan::{Dialect, Records, split};
use super::{PIECE, head, valid};
use crate::data::Frame;
use crate::data::read::infer::Type;
use crate::data::read::names::{nameless, nameless_note};
use crate::engine::{Error, Result, Work};

/// A table whose columns are still in pieces.
pub(super) struct Table {
    names: Vec<String>,
    types: Vec<Type>,
    parts: Vec<Part>,
    notes: Vec<String>,
}

/// The rows below the header, in pieces.
struct Body<'a> {
    text: &'a [u8],
    pieces: Vec<Range<usize>>,
    dialect: Dialect,
    work: &'a Work,
}

impl Body<'_> {
    /// Parses all pieces. `plan` gives the expected type of every column, `None` for those that are not wanted.
    fn parse(&self, plan: &[Option<Type>]) -> Result<Vec<Part>> {
        let parts = self.pieces.par_iter().map(|piece| {
            let text = valid(self.text.get(piece.clone()).unwrap_or_default());
            let part = Part::parse(text, self.dialect, plan, piece.start);
            self.work.advance(piece.len() as u64)?;
            Ok(part)
        });
        parts.collect()
    }
}

impl Table {
    /// Parses `text` in a given dialect; only its first `limit` rows if there is a limit.
    pub(super) fn parse(
        text: &[u8],
        dialect: Dialect,
        header: Option<bool>,
        limit: Option<usize>,
        work: &Work,
    ) -> Result<Self, Failure> {
        let Layout { names, types: guess, body: start, mut notes } = layout(head(text), dialect, header);
        if names.is_empty() {
            return Err(Failure::Other(Error::input("the file is empty")));
        }
        let (header, mut rows) = text.split_at_checked(start).unwrap_or((text, &[]));
        split(header, dialect, header.len(), work, |_| {})?.map_err(Failure::Quotes)?;
        if let Some(limit) = limit {
            rows = first_rows(rows, dialect, limit, names.len() > 1, work)?;
        }
        work.stage("parsing rows", rows.len() as u64);
        let mut body = Body { text: rows, pieces: Vec::new(), dialect, work };
        split(rows, dialect, PIECE, work, |piece| body.pieces.push(piece))?
            .map_err(|fault| Failure::Quotes(fault.moved(start)))?;
        let mut parts = body.parse(&guess.iter().copied().map(Some).collect::<Vec<_>>())?;
        if let Some(ragged) = ragged(&parts, names.len()) {
            return Err(Failure::Ragged(Ragged { at: ragged.at + start, ..ragged }));
        }
        let types: Vec<Type> = guess
            .iter()
            .enumerate()
            .map(|(column, guess)| parts.iter().fold(*guess, |all, part| all.join(part.type_of(column))))
            .map(|found| if found == Type::Missing { Type::Text } else { found })
            .collect();
        // Columns whose later rows contradict the first ones are built once more, under their final type.
        let plan: Vec<_> = types.iter().zip(&guess).map(|(found, guess)| (found != guess).then_some(*found)).collect();
        if plan.iter().any(Option::is_some) {
            work.stage("parsing rows again", rows.len() as u64);
            for (part, again) in parts.iter_mut().zip(body.parse(&plan)?) {
                part.replace(again);
            }
        }
        let extra: usize = parts.iter().map(|part| part.extra_empty).sum();
        if extra > 0 {
            notes.push(format!(
                "{extra} rows end in more delimiters than there are columns; nothing stood between them"
            ));
        }
        Ok(Self { names, types, parts, notes })
    }

    /// Joins the pieces of every column, and hands on what was noted.
    pub(super) fn join(self) -> Result<(Frame, Vec<String>)> {
        let Self { names, types, parts, mut notes } = self;
        let mut pieces: Vec<Vec<Build>> = names.iter().map(|_| Vec::with_capacity(parts.len())).collect();
        for part in parts {
            for (pieces, build) in pieces.iter_mut().zip(part.columns) {
                pieces.push(build);
            }
        }
        let last = names.len();
        let columns: Result<Vec<_>> = names
            .into_par_iter()
            .zip(pieces)
            .zip(types)
            .map(|((name, pieces), found)| column(name, found, pieces).map(Arc::new))
            .collect();
        let mut columns = columns?;
        let is_nothing =
            |column: &Arc<crate::data::Column>| column.name() == nameless(last) && column.null_count() == column.len();
        // A delimiter at the end of every line makes a column of nothing.
        if last > 1 && notes.contains(&nameless_note(last)) && columns.last().is_some_and(is_nothing) {
            columns.pop();
            notes.retain(|note| *note != nameless_note(last));
            notes.push("every line ends in a delimiter; the empty last column was left out".to_owned());
        }
        Ok((Frame::new(columns), notes))
    }
}

/// The part of `body` that holds its first `limit` rows; blank lines are rows only in a table of one column.
fn first_rows<'a>(body: &'a [u8], dialect: Dialect, limit: usize, skip_blank: bool, work: &Work) -> Result<&'a [u8]> {
    let mut records = Records::new(valid(body), dialect);
    for row in 0..limit {
        if row.is_multiple_of(1024) {
            work.check()?;
        }
        while skip_blank && !records.done() && records.skip_blank() {}
        records.skip();
    }
    Ok(body.get(..records.at()).unwrap_or(body))
}

/// The first row that does not fit, and how many there are.
fn ragged(parts: &[Part], columns: usize) -> Option<Ragged> {
    let (at, cells, _) = parts.iter().find_map(|part| part.ragged)?;
    let rows = parts.iter().filter_map(|part| part.ragged).map(|(_, _, count)| count).sum();
    Some(Ragged { at, cells, columns, rows })
}
