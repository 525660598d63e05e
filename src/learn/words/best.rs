//! The terms that set classes apart, and their names.

use std::collections::HashMap;

use super::super::features::Scratch;
use super::count::{Count, NO_CLASS, Reader, Sizes, Total};
use super::{ClassTerms, Frequent, Options, Sort, Term, Words};
use crate::engine::{Result, Work};

/// Terms that are judged between two looks at the clock.
const BLOCK: usize = 4096;

/// A term under its key, before it has a name.
#[derive(Clone, Copy)]
struct Found {
    key: u64,
    sort: Sort,
    row: u32,
    inside: u64,
    elsewhere: u64,
    score: f64,
}

/// The best terms of a list by score; more are let in than are wanted and cut off now and then.
#[derive(Clone, Default)]
struct List(Vec<Found>);

impl List {
    fn add(&mut self, found: Found, top: usize) {
        self.0.push(found);
        if self.0.len() > 8 * top + 64 {
            self.cut(top);
        }
    }

    fn cut(&mut self, top: usize) {
        self.0.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.key.cmp(&b.key)));
        self.0.truncate(top);
    }
}

/// The best terms: words and pieces of each class, then those of all.
pub(super) struct Best {
    classes: Vec<[List; 2]>,
    all: [List; 2],
}

impl Best {
    pub(super) fn of(counts: &[Count], sizes: &Sizes, classes: usize, options: &Options, work: &Work) -> Result<Self> {
        let mut best = Self { classes: vec![<[List; 2]>::default(); classes], all: Default::default() };
        let top = options.top;
        let sizes_of: Vec<[f64; 3]> = (0..classes)
            .map(|own| [Sort::Word, Sort::Pair, Sort::Characters].map(|sort| sizes.terms(sort, |class| class == own)))
            .collect();
        let labelled =
            [Sort::Word, Sort::Pair, Sort::Characters].map(|sort| sizes.terms(sort, |class| class < classes));
        let every = [Sort::Word, Sort::Pair, Sort::Characters].map(|sort| sizes.terms(sort, |_| true));
        for (number, term) in counts.chunk_by(|a, b| a.key == b.key).enumerate() {
            if number % BLOCK == 0 {
                work.check()?;
            }
            let Some(first) = term.first() else { continue };
            let sort = sort_of(first.key);
            let (list, at) = (usize::from(sort == Sort::Characters), sort as usize);
            let sum = |of: &dyn Fn(&Count) -> bool| -> u64 {
                term.iter().filter(|count| of(count)).map(|count| u64::from(count.count)).sum()
            };
            let (total, known) = (sum(&|_| true), sum(&|count| count.class != NO_CLASS));
            if total < u64::from(sizes.least) {
                continue;
            }
            let row = term.iter().map(|count| count.row).min().unwrap_or(first.row);
            let found = Found { key: first.key, sort, row, inside: total, elsewhere: 0, score: total as f64 };
            if let Some(all) = best.all.get_mut(list) {
                all.add(found, top);
            }
            let prior = (options.prior * total as f64, options.prior * every[at]);
            for count in term {
                let class = usize::from(count.class);
                let (Some(lists), Some(sizes)) = (best.classes.get_mut(class), sizes_of.get(class)) else { continue };
                let inside = u64::from(count.count);
                let (own, others) = (sizes[at], labelled[at] - sizes[at]);
                let score = log_odds((inside as f64, own), ((known - inside) as f64, others), prior);
                if score > 0.0
                    && let Some(list) = lists.get_mut(list)
                {
                    list.add(Found { inside, elsewhere: known - inside, score, ..found }, top);
                }
            }
        }
        best.classes.iter_mut().flatten().chain(&mut best.all).for_each(|list| list.cut(top));
        Ok(best)
    }

    /// Looks the terms up in the texts, since only their hashes were kept.
    pub(super) fn name(self, reader: &Reader<'_>, sizes: &Sizes, work: &Work) -> Result<Words> {
        let lists = self.classes.iter().flatten().chain(&self.all);
        let mut wanted: Vec<(u32, u64)> = lists.flat_map(|list| &list.0).map(|found| (found.row, found.key)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let (mut names, mut scratch): (HashMap<u64, String>, _) = (HashMap::new(), Scratch::default());
        for row in wanted.chunk_by(|a, b| a.0 == b.0) {
            work.check()?;
            let Some((at, _)) = row.first() else { continue };
            reader.visit(*at as usize, &mut scratch, |key, _, gram| {
                if row.binary_search(&(*at, key)).is_ok() {
                    names.entry(key).or_insert_with(|| gram.show());
                }
            });
        }
        let name = |found: &Found| names.get(&found.key).cloned().unwrap_or_default();
        let terms = |list: &List| -> Vec<Term> {
            let term = |found: &Found| Term {
                text: name(found),
                sort: found.sort,
                inside: found.inside,
                elsewhere: found.elsewhere,
                z: found.score,
            };
            let mut terms: Vec<Term> = list.0.iter().map(term).collect();
            terms.sort_by(|a, b| b.z.total_cmp(&a.z).then_with(|| a.text.cmp(&b.text)));
            terms
        };
        let frequent = |list: &List| -> Vec<Frequent> {
            let term = |found: &Found| Frequent { text: name(found), sort: found.sort, count: found.inside };
            let mut terms: Vec<Frequent> = list.0.iter().map(term).collect();
            terms.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
            terms
        };
        let class = |([words, characters], total): (&[List; 2], &Total)| ClassTerms {
            texts: total.texts,
            words: terms(words),
            characters: terms(characters),
        };
        let [words, characters] = &self.all;
        Ok(Words {
            classes: self.classes.iter().zip(&sizes.totals).map(class).collect(),
            words: frequent(words),
            characters: frequent(characters),
            texts: sizes.totals.iter().map(|total| total.texts).sum(),
            least: sizes.least,
        })
    }
}

fn sort_of(key: u64) -> Sort {
    match key & 3 {
        0 => Sort::Word,
        1 => Sort::Pair,
        _ => Sort::Characters,
    }
}

/// The difference of two log-odds by its standard deviation (Monroe et al. 2008: delta by the root of its variance).
/// Each side is the count of the term and of all terms; the prior is what is added to both.
fn log_odds(inside: (f64, f64), elsewhere: (f64, f64), prior: (f64, f64)) -> f64 {
    let odds = |(count, all): (f64, f64)| {
        let with = count + prior.0;
        with / (all + prior.1 - with).max(f64::MIN_POSITIVE)
    };
    let variance = 1.0 / (inside.0 + prior.0) + 1.0 / (elsewhere.0 + prior.0);
    let z = (odds(inside) / odds(elsewhere)).ln() / variance.sqrt();
    if z.is_nan() { 0.0 } else { z }
}
