//! Functions that run row by row, on all cores.

use std::collections::HashSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::script::budget::{Budget, Eval, ROW_BYTES, ROW_STEPS, Raise, Sort};
use super::super::script::builtins::similar;
use super::super::script::freeze::ColdObject;
use super::super::script::machine::{Field, Fields, Machine};
use super::super::script::module::{Loose, Shared};
use super::super::script::value::{Heap, Value};
use super::super::votes::ABSTAIN;
use super::{Applied, Context, Fault, Function, problem};
use crate::engine::{Result, Work};
use crate::weak::Said;
use crate::weak::script::compile::Problem;
use crate::weak::shades::{MOST_MEANINGS, Shading};

/// How many rows are tried first: if a function uses up its budget on each of them, it is not run on the others.
const TRIED: usize = 16;
/// The most rows that share the values made at module level; small enough to keep all cores busy to the end.
const CHUNK: usize = 4096;
/// After how many rows it is asked whether the work goes on, if the rows are cheap.
const CHECK_ROWS: usize = 256;

/// Checks that a function can be called with a row, and that the columns are there that it reads for certain.
pub(super) fn check(loose: &Loose, shared: &Shared, context: &Context) -> std::result::Result<(), Box<Problem>> {
    let code = loose.code().and_then(|code| shared.tree.codes.get(code as usize));
    let Some(code) = code else { return Err(problem(loose.range.clone(), "this is not a function", "")) };
    let given = loose.resources();
    let missing =
        code.params.iter().skip(1).find(|param| !param.default && !given.iter().any(|(name, _)| *name == param.name));
    let place = code.at as usize..code.range.end.max(code.at as usize);
    if code.params.is_empty() || code.positional == 0 {
        return Err(problem(
            place,
            "a labelling function takes the row as its first parameter",
            "write `def lf_name(x):`",
        ));
    }
    if let Some(param) = missing {
        let message = format!("nothing gives `{}` a value", param.name);
        return Err(problem(place, message, "give it a default, or name it in resources={…}"));
    }
    if let Some((name, _)) = given.iter().find(|(name, _)| !code.params.iter().any(|param| param.name == *name)) {
        return Err(problem(place, format!("the function has no parameter `{name}` for this resource"), ""));
    }
    columns(loose, shared, context)
}

/// Follows the row through the functions it is handed to, and looks for columns that are not there.
fn columns(loose: &Loose, shared: &Shared, context: &Context) -> std::result::Result<(), Box<Problem>> {
    let mut waiting = vec![(loose.code().unwrap_or(0), 0u32)];
    let mut seen = HashSet::new();
    while let Some((id, param)) = waiting.pop() {
        if !seen.insert((id, param)) {
            continue;
        }
        let Some(code) = shared.tree.codes.get(id as usize) else { continue };
        for (_, name, range) in code.reads.iter().filter(|(read, _, _)| *read == param) {
            let name = shared.tree.names.get(*name as usize).map_or("", String::as_str);
            if context.column(name).is_none() {
                return Err(problem(
                    range.clone(),
                    format!("there is no column `{name}`"),
                    columns_help(name, context),
                ));
            }
        }
        for (_, global, position) in code.passes.iter().filter(|(passed, _, _)| *passed == param) {
            let callee = loose.frozen.global(*global).and_then(|cold| loose.frozen.object(cold));
            if let Some(ColdObject::Function { code, .. }) = callee {
                waiting.push((*code, *position));
            }
        }
    }
    Ok(())
}

fn columns_help(name: &str, context: &Context) -> String {
    match similar(name, context.names()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the columns are: {}", context.names().join(", ")),
    }
}

/// The columns of a frame as the functions of a file read them.
pub(super) fn fields<'a>(loose: &Loose, shared: &Shared, context: &Context<'a>, folded: bool) -> Fields<'a> {
    let codes = loose.frozen.codes.iter().filter_map(|code| shared.tree.codes.get(*code as usize));
    let lowered: HashSet<&str> = codes
        .flat_map(|code| &code.lowered)
        .filter_map(|name| shared.tree.names.get(*name as usize).map(String::as_str))
        .collect();
    let field = |name: &str| {
        let column = context.column(name)?;
        Some(Field::of(column, folded && lowered.contains(name)))
    };
    let mut by_name: std::collections::HashMap<&'a str, Field<'a>> =
        context.names().into_iter().filter_map(|name| Some((name, field(name)?))).collect();
    by_name.extend(field("text").map(|text| ("text", text)));
    Fields { by_id: shared.tree.names.iter().map(|name| field(name)).collect(), by_name }
}

/// A function on one thread.
pub(super) struct Caller<'a> {
    machine: Machine<'a>,
    function: &'a Function,
    callee: Value<'a>,
    resources: Value<'a>,
    at: u32,
}

impl<'a> Caller<'a> {
    /// A machine of its own for a function.
    pub fn new(function: &'a Function, loose: &'a Loose, fields: &'a Fields<'a>) -> Self {
        let shared = &*function.shared;
        let (heap, globals) = loose.frozen.thaw(&shared.tree);
        let budget = Budget::new(ROW_STEPS, ROW_BYTES);
        let mut machine = Machine::new(&shared.tree, heap, globals, &shared.patterns, budget);
        machine.read(fields);
        let root = |at: usize| loose.frozen.roots.get(at).map_or(Value::None, |cold| cold.value());
        let at = loose.code().and_then(|code| shared.tree.codes.get(code as usize)).map_or(loose.at, |code| code.at);
        Self { machine, function, callee: root(0), resources: root(1), at }
    }

    /// What the function returns on a row.
    pub fn result(&mut self, row: usize) -> Eval<Value<'a>> {
        self.machine.go_to(row);
        match (&self.callee, &self.resources) {
            (Value::Function(id), Value::None) => self.machine.call_function(*id, &[Value::Row], &[]),
            (callee, resources) => {
                let (callee, resources) = (callee.clone(), resources.clone());
                self.machine.call_with_resources(&callee, &[Value::Row], Some(&resources))
            }
        }
    }

    /// What the function says of a row.
    pub fn vote(&mut self, row: usize) -> Eval<Said> {
        let result = self.result(row)?;
        match self.function.labels.said(&result, &self.machine.heap) {
            Some(vote) => Ok(vote),
            None => Err(self.no_class(&result)),
        }
    }

    #[cold]
    fn no_class(&mut self, result: &Value<'a>) -> Box<Raise> {
        let listed = self.function.labels.listed();
        let help = match result {
            Value::Bool(_) => "; write `return SPAM if … else ABSTAIN`",
            Value::Tuple(_) => "; a tuple is a class with a confidence from 0 to 1, as in (SPAM, 0.8)",
            Value::List(_) | Value::Set(_) => "; a list names classes of which the row is one",
            Value::Float(_) => "; return the class with it, as in (SPAM, 0.8), or None where it is too small",
            _ => "",
        };
        let message = format!("it returned {}, which is no class; {listed}{help}", result.a());
        let shown = self.machine.repr(result).unwrap_or_default();
        Raise::new(Sort::Value, message).detail(&shown).at(self.at)
    }

    /// Where the containers of the last result live.
    pub fn heap(&self) -> &Heap<'a> {
        &self.machine.heap
    }

    /// The steps spent on the row at hand.
    pub fn steps(&self) -> i64 {
        self.machine.steps()
    }
}

/// Failures, by what and where, in the order of their first rows.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<(Box<Raise>, usize, usize)>);

impl Faults {
    /// Notes a failure on a row.
    pub fn add(&mut self, raise: Box<Raise>, row: usize) {
        self.merge(raise, 1, row);
    }

    fn merge(&mut self, raise: Box<Raise>, rows: usize, first: usize) {
        match self.0.iter_mut().find(|(known, _, _)| known.at == raise.at && known.message == raise.message) {
            Some((_, count, _)) => *count += rows,
            None => self.0.push((raise, rows, first)),
        }
    }

    /// Joins the failures of consecutive chunks.
    pub fn join(parts: Vec<Self>) -> Self {
        let mut all = Self::default();
        for (raise, rows, first) in parts.into_iter().flat_map(|part| part.0) {
            all.merge(raise, rows, first);
        }
        all
    }

    /// The failures with their lines.
    pub fn finish(self, function: &Function) -> Vec<Fault> {
        self.0.into_iter().map(|(raise, rows, first)| fault(function, *raise, rows, first)).collect()
    }
}

fn fault(function: &Function, raise: Raise, rows: usize, first_row: usize) -> Fault {
    let Raise { message, detail, at, .. } = raise;
    let message = match detail {
        Some(detail) => format!("{message} (first: {detail})"),
        None => message.into_owned(),
    };
    let lines = &function.shared.lines;
    let homes = function.homes.iter().enumerate();
    let at = at.map_or_else(|| function.homes.last().map_or(0, |home| home.start), |at| at as usize);
    let home = homes.filter(|(_, range)| range.contains(&at)).min_by_key(|(_, range)| range.len());
    let line = lines.line(at);
    let place = match home {
        Some((index, range)) => (index, line - lines.line(range.start).min(line)),
        None => (usize::MAX, 0),
    };
    Fault { line, message, rows, first_row, place }
}

/// Applies a function row by row.
pub(super) fn apply(
    function: &Function,
    loose: &Loose,
    context: &Context,
    rows: Option<&[u32]>,
    work: &Work,
) -> Result<Applied> {
    let total = context.frame.rows();
    let count = rows.map_or(total, <[u32]>::len);
    let row_at = |at: usize| rows.map_or(at, |rows| rows.get(at).map_or(usize::MAX, |row| *row as usize));
    // Folding a whole column pays only if much of it is read.
    let fields = fields(loose, &function.shared, context, count * 2 >= total);
    work.check()?;
    if let Some(applied) = endless(function, loose, &fields, count, row_at, work)? {
        return Ok(applied);
    }
    let threads = rayon::current_num_threads().max(1);
    let size = count.div_ceil(threads * 8).clamp(64, CHUNK);
    let mut votes = vec![ABSTAIN; count];
    let parts: Result<Vec<(Faults, Shading)>> = votes
        .par_chunks_mut(size)
        .enumerate()
        .map(|(chunk, votes)| {
            work.check()?;
            let mut caller = Caller::new(function, loose, &fields);
            let (mut faults, mut shading) = (Faults::default(), Shading::default());
            let mut spent = 0;
            for (at, vote) in votes.iter_mut().enumerate() {
                let row = row_at(chunk * size + at);
                if row >= total {
                    continue;
                }
                match caller.vote(row) {
                    Ok(said) => {
                        *vote = said.hard();
                        if let Said::Shaded(meaning) = said {
                            shading.add(at, meaning);
                        }
                    }
                    Err(raise) => faults.add(raise, row),
                }
                spent += caller.steps();
                if at % CHECK_ROWS == 0 || spent > ROW_STEPS / 4 {
                    spent = 0;
                    work.check()?;
                }
            }
            Ok((faults, shading))
        })
        .collect();
    let (faults, shadings): (Vec<Faults>, Vec<Shading>) = parts?.into_iter().unzip();
    let shadings = shadings.into_iter().enumerate().map(|(chunk, shading)| (chunk * size, shading)).collect();
    let (shades, left_out) = Shading::join(shadings, count);
    let mut faults = Faults::join(faults);
    if let Some(&first) = left_out.first() {
        left_out.iter().for_each(|&at| votes[at] = ABSTAIN);
        let message = format!("it casts more than {MOST_MEANINGS} different votes; name fewer classes together");
        faults.merge(Raise::new(Sort::Value, message), left_out.len(), row_at(first));
    }
    Ok(Applied { votes: votes.into(), faults: faults.finish(function), shades: shades.map(Arc::new) })
}

/// Tries the first rows: a function that uses up its budget on all of them would take hours for the rest.
pub(super) fn endless(
    function: &Function,
    loose: &Loose,
    fields: &Fields,
    count: usize,
    row_at: impl Fn(usize) -> usize,
    work: &Work,
) -> Result<Option<Applied>> {
    if count <= TRIED {
        return Ok(None);
    }
    let mut caller = Caller::new(function, loose, fields);
    let mut last = None;
    for at in 0..TRIED {
        work.check()?;
        match caller.vote(row_at(at)) {
            Err(raise) if raise.sort == Sort::Limit => last = Some(raise),
            _ => return Ok(None),
        }
    }
    let Some(mut raise) = last else { return Ok(None) };
    raise.message = format!("{}; it was stopped after {TRIED} rows", raise.message).into();
    let mut faults = Faults::default();
    faults.merge(raise, count, row_at(0));
    Ok(Some(Applied { votes: vec![ABSTAIN; count].into(), faults: faults.finish(function), shades: None }))
}
