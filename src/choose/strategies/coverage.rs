//! `coverage`: what to keep when not all can be kept: the rows that together stand for most of the others, copies and
//! near copies left out (facility location on the graph of nearest neighbours; Lin and Bilmes 2011; greedy choice is
//! within 63 % of the best, Nemhauser, Wolsey and Fisher 1978, and lazy evaluation makes it quick, Minoux 1978).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::{Need, Pick, Pool, Strategy};
use crate::engine::{Error, Result, Work};
use crate::learn::Matrix;
use crate::learn::knn::{Metric, Neighbours};

/// Neighbours that a row can stand for.
const NEIGHBOURS: usize = 30;

/// The most rows whose neighbours can be looked for.
const MOST_ROWS: usize = 200_000;

/// What stands for the others.
pub(super) struct Coverage;

/// A row that waits, with the gain that it had when it was last looked at.
struct Waiting {
    gain: f64,
    at: u32,
    /// How many rows were chosen then.
    when: usize,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.gain.total_cmp(&other.gain).then(other.at.cmp(&self.at))
    }
}

impl Strategy for Coverage {
    fn name(&self) -> &'static str {
        "coverage"
    }

    fn about(&self) -> &'static str {
        "rows that stand for most of the others, without copies: what to keep"
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Points]
    }

    fn choose(&self, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>> {
        let points = pool.points()?;
        let rows = pool.rows();
        if rows.len() > MOST_ROWS {
            return Err(Error::input(format!("{} rows are too many to be compared with each other", rows.len()))
                .help(format!("up to {MOST_ROWS} rows can be; choose k-center, or from a sample")));
        }
        let graph = Graph::new(points, &rows, work)?;
        let mut best = vec![0.0f32; rows.len()];
        for row in pool.taken {
            if let Ok(at) = rows.binary_search(row) {
                graph.take(at, &mut best);
            }
        }
        let candidates = pool.candidates.iter().filter_map(|row| rows.binary_search(row).ok());
        let mut waiting: BinaryHeap<Waiting> =
            candidates.map(|at| Waiting { gain: graph.gain(at, &best).0, at: at as u32, when: 0 }).collect();
        work.stage("choosing rows", budget as u64);
        let mut picks: Vec<Pick> = Vec::with_capacity(budget);
        while picks.len() < budget {
            let Some(Waiting { gain, at, when }) = waiting.pop() else { break };
            // Gains only shrink: one that is up to date and on top is the largest.
            if when < picks.len() {
                let gain = graph.gain(at as usize, &best).0;
                waiting.push(Waiting { gain, at, when: picks.len() });
                continue;
            }
            let (_, more) = graph.gain(at as usize, &best);
            graph.take(at as usize, &mut best);
            picks.push(Pick { row: rows[at as usize], score: gain, reason: format!("stands for {more} rows") });
            work.advance(1)?;
        }
        Ok(picks)
    }
}

/// Who is like whom, 0-1.
struct Graph {
    starts: Vec<usize>,
    /// The rows that a row can stand for, itself among them, and how well.
    likeness: Vec<(u32, f32)>,
}

impl Graph {
    fn new(points: &Matrix<f32>, rows: &[u32], work: &Work) -> Result<Self> {
        let values = rows.iter().flat_map(|&row| points.row(row as usize)).copied().collect();
        let chosen = Matrix::new(rows.len(), points.columns(), values)?;
        let neighbours = Neighbours::build(&chosen, NEIGHBOURS, Metric::Euclidean, work)?;
        // What is as far as the neighbours of a usual row are counts half.
        let mut usual: Vec<f32> = (0..rows.len()).filter_map(|row| neighbours.row(row).1.last().copied()).collect();
        usual.sort_by(f32::total_cmp);
        let scale = usual.get(usual.len() / 2).copied().unwrap_or(1.0).max(f32::MIN_POSITIVE);
        let mut of: Vec<Vec<(u32, f32)>> = (0..rows.len() as u32).map(|row| vec![(row, 1.0)]).collect();
        for row in 0..rows.len() {
            let (others, distances) = neighbours.row(row);
            for (&other, &distance) in others.iter().zip(distances) {
                of[other as usize].push((row as u32, 1.0 / (1.0 + distance / scale)));
            }
        }
        let mut starts = vec![0];
        starts.extend(of.iter().scan(0, |sum, list| {
            *sum += list.len();
            Some(*sum)
        }));
        Ok(Self { starts, likeness: of.concat() })
    }

    fn of(&self, at: usize) -> &[(u32, f32)] {
        self.likeness.get(self.starts[at]..self.starts[at + 1]).unwrap_or_default()
    }

    /// What a row adds to how well all are stood for, and how many rows it would stand for better than before.
    fn gain(&self, at: usize, best: &[f32]) -> (f64, usize) {
        let better =
            self.of(at).iter().map(|&(row, likeness)| likeness - best[row as usize]).filter(|gain| *gain > 0.0);
        better.fold((0.0, 0), |(sum, count), gain| (sum + f64::from(gain), count + 1))
    }

    fn take(&self, at: usize, best: &mut [f32]) {
        for &(row, likeness) in self.of(at) {
            let best = &mut best[row as usize];
            *best = best.max(likeness);
        }
    }
}
