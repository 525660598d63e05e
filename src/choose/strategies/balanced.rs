//! `balanced`: as many rows of each class as the budget and the data allow, so that rare classes are seen.

use super::{Need, Pick, Pool, Strategy};
use crate::choose::{margin, shuffled};
use crate::engine::{Error, Result, Work};

/// Classes by turns.
pub(super) struct Balanced;

impl Strategy for Balanced {
    fn name(&self) -> &'static str {
        "balanced"
    }

    fn about(&self) -> &'static str {
        "as many rows of each class, given or foretold; within a class the least sure first"
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Classes]
    }

    fn choose(&self, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>> {
        let classes = pool.classes.ok_or_else(|| Error::input("this strategy needs a class for each row"))?;
        let of = |row: u32| classes.get(row as usize).copied().flatten();
        let mut held: Vec<usize> = Vec::new();
        let mut groups: Vec<Vec<(f64, i64, u32)>> = Vec::new();
        let mut group = |class: u16| {
            let class = usize::from(class);
            if groups.len() <= class {
                groups.resize(class + 1, Vec::new());
                held.resize(class + 1, 0);
            }
            class
        };
        let mut taken = Vec::new();
        for &row in pool.taken {
            taken.extend(of(row).map(&mut group));
        }
        let mut members = Vec::new();
        for &row in pool.candidates {
            members.extend(of(row).map(|class| (group(class), row)));
        }
        taken.into_iter().for_each(|class| held[class] += 1);
        for (class, row) in members {
            let doubt = pool.probabilities.map_or(0.0, |shares| 1.0 - f64::from(margin(shares.row(row as usize))));
            groups[class].push((doubt, shuffled(u64::from(row), pool.seed), row));
        }
        for group in &mut groups {
            work.check()?;
            // The best last, to be popped.
            group.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then((b.1, b.2).cmp(&(a.1, a.2))));
        }
        let mut picks = Vec::with_capacity(budget);
        while picks.len() < budget {
            // The class with the fewest rows so far is next.
            let open = (0..groups.len()).filter(|&class| !groups[class].is_empty());
            let Some(class) = open.min_by_key(|&class| (held[class], class)) else { break };
            let Some((doubt, _, row)) = groups[class].pop() else { break };
            held[class] += 1;
            let reason = format!("{}, number {}", pool.name(class as u16), held[class]);
            picks.push(Pick { row, score: doubt, reason });
        }
        Ok(picks)
    }
}
