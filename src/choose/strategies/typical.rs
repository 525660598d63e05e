//! `typical`: for the start, when no model knows anything: the most typical row of every group of like rows (TypiClust;
//! Hacohen, Dekel and Weinshall 2022, "Active Learning on a Budget: Opposite Strategies Suit High and Low Budgets").

use super::{Need, Pick, Pool, Strategy};
use crate::choose::cluster::{Clusters, mean_distance};
use crate::engine::{Result, Work};

/// The most groups; beyond, more rows are taken from each (as the paper).
const MOST_GROUPS: usize = 500;

/// Neighbours by which a row's typicality is measured (as the paper).
const NEIGHBOURS: usize = 20;

/// Rows of a large group that are looked at as neighbours.
const MOST_COMPARED: usize = 1000;

/// Groups with fewer rows come last (as the paper).
const SMALL: usize = 5;

/// The typical ones.
pub(super) struct Typical;

impl Strategy for Typical {
    fn name(&self) -> &'static str {
        "typical"
    }

    fn about(&self) -> &'static str {
        "the most typical row of every group of like ones, for a start without labels"
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Points]
    }

    fn choose(&self, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>> {
        let points = pool.points()?;
        let rows = pool.rows();
        let count = (budget + pool.taken.len()).min(MOST_GROUPS);
        let clusters = Clusters::new(points, &rows, count, pool.seed, work)?;
        let mut groups = Vec::new();
        for members in clusters.members() {
            let members: Vec<u32> = members.into_iter().map(|at| rows[at]).collect();
            let distances = mean_distance(points, &members, NEIGHBOURS, MOST_COMPARED, work)?;
            let size = members.len();
            let known = members.iter().filter(|row| pool.taken.binary_search(row).is_ok()).count();
            let mut order: Vec<(f64, u32)> = distances.into_iter().zip(members).collect();
            order.retain(|(_, row)| pool.candidates.binary_search(row).is_ok());
            order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            groups.push((size < SMALL, known, size, order));
        }
        groups.sort_by_key(|(small, known, size, order)| {
            (*small, *known, std::cmp::Reverse(*size), order.first().map(|(_, row)| *row))
        });
        let mut picks = Vec::with_capacity(budget);
        for round in 0.. {
            let before = picks.len();
            for (_, _, size, order) in &groups {
                let Some(&(distance, row)) = order.get(round).filter(|_| picks.len() < budget) else { continue };
                let score = 1.0 / (1.0 + distance);
                let reason = format!("{} in a group of {size} like ones", place(round));
                picks.push(Pick { row, score, reason });
            }
            if picks.len() == before || picks.len() >= budget {
                break;
            }
        }
        Ok(picks)
    }
}

fn place(round: usize) -> String {
    if round == 0 { "most typical".to_owned() } else { format!("number {} by typicality", round + 1) }
}
