//! `vote-entropy`: what labelling functions disagree about (Dagan and Engelson 1995).

use super::{Need, Pick, Pool, Strategy};
use crate::choose::vote_entropy;
use crate::engine::{Error, Result, Work};
use crate::weak::ABSTAIN;

/// A choice by the entropy of votes.
pub(super) struct VoteEntropy;

impl Strategy for VoteEntropy {
    fn name(&self) -> &'static str {
        "vote-entropy"
    }

    fn about(&self) -> &'static str {
        "what the votes disagree about most, in bits"
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Votes]
    }

    fn choose(&self, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>> {
        let votes = pool.votes.ok_or_else(|| Error::input("this strategy needs votes"))?;
        let of = |row: u32| {
            let at = move |column: &crate::weak::VoteColumn| column.votes.get(row as usize).copied();
            votes.columns().iter().filter_map(at).filter(|vote| *vote != ABSTAIN)
        };
        let reason = |row: u32, _| {
            let mut counts = std::collections::BTreeMap::<i16, usize>::new();
            of(row).for_each(|vote| *counts.entry(vote).or_default() += 1);
            let named = |(vote, count): (i16, usize)| format!("{count} for {}", pool.name(vote as u16));
            let said: Vec<String> = counts.into_iter().map(named).collect();
            if said.is_empty() { "no votes".to_owned() } else { said.join(", ") }
        };
        pool.best(budget, |row| vote_entropy(of(row)), reason, work)
    }
}
