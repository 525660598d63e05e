//! Functions put together from others: `both(…)`, `either(…)` and `unless(…)`.

use std::ops::Range;

use super::declared::{Arguments, Checked};
use super::{Applied, Context, Fault, Function, Within};
use crate::data::filter::Filter;
use crate::engine::{Fingerprint, Fingerprinter, Result, Work};
use crate::weak::ABSTAIN;
use crate::weak::script::builtins::Builtin;
use crate::weak::script::freeze::{Cold, ColdObject, Frozen};
use crate::weak::script::module::{Loose, What};

/// A function made of others. It looks at where they vote, not at what for.
#[derive(Debug)]
pub(super) struct Combined {
    how: Builtin,
    parts: Vec<Function>,
    files: Option<Fingerprint>,
}

impl Combined {
    /// Checks the arguments behind the class: functions of the file, or declarations.
    pub fn new(arguments: &Arguments, within: &Within<'_>) -> Checked<Self> {
        let name = arguments.builtin.name();
        let help = format!("as in {name}(SPAM, lf_a, lf_b)");
        let named = arguments.names.iter().flatten().find(|given| given.as_str() != "label");
        if let Some(named) = named {
            return arguments.refuse(format!("{name}() has no argument `{named}`"), help);
        }
        let first = usize::from(!arguments.names.iter().flatten().any(|name| name == "label"));
        let is_part = |(at, given): &(usize, &Option<String>)| given.is_none() && *at >= first;
        let roots: Vec<&Cold> = arguments
            .names
            .iter()
            .enumerate()
            .filter(is_part)
            .filter_map(|(at, _)| arguments.loose.frozen.roots.get(at))
            .collect();
        if roots.len() < 2 {
            return arguments.refuse(format!("{name}() needs two functions or more behind the class"), help);
        }
        let mut parts = Vec::with_capacity(roots.len());
        let mut files = Fingerprinter::new("files of parts");
        for cold in roots {
            let Some(left) = within.parts.get().checked_sub(1) else {
                return arguments.refuse("this is put together from more than 64 functions", "name fewer of them");
            };
            within.parts.set(left);
            let Some(loose) = part(cold, arguments.loose) else {
                return arguments.refuse(format!("{name}() puts functions together; this is none"), help);
            };
            let (function, _) = Function::new(loose, within)?;
            files = files.print(function.fingerprint());
            parts.push(function);
        }
        Ok(Self { how: arguments.builtin, parts, files: Some(files.finish()) })
    }

    /// The name of what its parts depend on.
    pub fn print_of_files(&self) -> Option<Fingerprint> {
        self.files
    }

    /// The name of the declaration.
    pub fn name(&self) -> &'static str {
        self.how.name()
    }

    /// The names of the columns that its parts look at.
    pub fn columns(&self) -> Vec<&str> {
        self.parts.iter().flat_map(Function::columns).collect()
    }

    /// Whether all its parts are known outside Lapidary.
    pub fn is_portable(&self) -> bool {
        self.parts.iter().all(Function::is_portable)
    }

    /// The conditions of its parts.
    pub fn conditions(&self) -> Vec<&Filter> {
        self.parts.iter().flat_map(Function::conditions).collect()
    }

    /// Votes `label` where all parts vote (`both`), where any does (`either`), where the first does and no other
    /// (`unless`).
    pub fn apply(&self, label: i16, context: &Context, rows: Option<&[u32]>, work: &Work) -> Result<Applied> {
        let mut faults: Vec<Fault> = Vec::new();
        let mut hits: Vec<bool> = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            let applied = part.apply(context, rows, work)?;
            let voted = applied.cast();
            if at == 0 {
                hits = voted.collect();
                faults.extend(applied.faults);
                continue;
            }
            for (hit, voted) in hits.iter_mut().zip(voted) {
                *hit = match self.how {
                    Builtin::Either => *hit || voted,
                    Builtin::Unless => *hit && !voted,
                    _ => *hit && voted,
                };
            }
            // A part reaches what the whole reaches, so its faults have their lines as the whole has.
            faults.extend(applied.faults);
        }
        let votes: Vec<i16> = hits.into_iter().map(|hit| if hit { label } else { ABSTAIN }).collect();
        Ok(Applied { faults, ..Applied::plain(votes) })
    }

    /// Where its parts find something; of `unless` the first part.
    pub fn highlights(&self, text: &str) -> Vec<Range<usize>> {
        let parts = if self.how == Builtin::Unless { &self.parts[..1] } else { &self.parts[..] };
        let mut ranges: Vec<Range<usize>> = parts.iter().flat_map(|part| part.highlights(text)).collect();
        ranges.sort_by_key(|range| (range.start, range.end));
        let mut out: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            match out.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => out.push(range),
            }
        }
        out
    }
}

/// What a value is as a labelling function; `None` if it is none.
fn part(cold: &Cold, of: &Loose) -> Option<Loose> {
    let loose = |what: What, roots: Vec<Cold>| {
        let frozen = Frozen { roots, ..of.frozen.clone() };
        Some(Loose { name: of.name.clone(), range: of.range.clone(), at: of.at, what, frozen })
    };
    match of.frozen.object(cold)? {
        ColdObject::Function { .. } => loose(What::Function, vec![cold.clone(), Cold::None]),
        ColdObject::Declared { builtin: Builtin::LabelingFunction, args, .. } => {
            let given = |name: &str, position: usize| {
                let named = args.iter().find(|(given, _)| given.as_deref() == Some(name));
                let placed = || args.iter().filter(|(given, _)| given.is_none()).nth(position);
                named.or_else(placed).map(|(_, value)| value.clone())
            };
            let resources = given("resources", 2).unwrap_or(Cold::None);
            loose(What::Function, vec![given("f", 1)?, resources])
        }
        ColdObject::Declared { builtin, args, .. } if *builtin != Builtin::Not => {
            let (names, roots) = args.iter().cloned().unzip();
            loose(What::Pattern(*builtin, names), roots)
        }
        _ => None,
    }
}
