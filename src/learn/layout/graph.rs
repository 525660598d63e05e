//! From distances to how surely two rows are neighbours.

use rayon::prelude::*;

use super::super::knn::Neighbours;
use crate::engine::{Result, Work};

/// Halvings of the search for a row's scale.
const HALVINGS: usize = 64;

/// A scale is at least this share of the mean distance.
const LEAST_SCALE: f64 = 1e-3;

/// Rows that are weighed at once.
const ROWS: usize = 1024;

/// A symmetric graph: the edges of point `i` stand at `offsets[i]..offsets[i + 1]`.
pub(super) struct Graph {
    offsets: Vec<usize>,
    tails: Vec<u32>,
    /// The weight of each edge over the greatest one: the share of passes in which it takes part.
    chances: Vec<f32>,
}

impl Graph {
    /// The fuzzy union of what both ends of an edge say, `a + b - ab`; edges that would take part in none of the passes
    /// are left out.
    pub(super) fn new(neighbours: &Neighbours, epochs: usize, work: &Work) -> Result<Self> {
        work.stage("weighing neighbours", neighbours.rows() as u64);
        let chunks: Vec<Vec<(u64, f32)>> = (0..neighbours.rows().div_ceil(ROWS))
            .into_par_iter()
            .map(|chunk| {
                let rows = chunk * ROWS..((chunk + 1) * ROWS).min(neighbours.rows());
                work.advance(rows.len() as u64)?;
                Ok(rows.flat_map(|row| half_edges(neighbours, row)).collect())
            })
            .collect::<Result<_>>()?;
        let mut halves = chunks.concat();
        halves.par_sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        work.check()?;
        let both = |a: f32, b: &(u64, f32)| a + b.1 - a * b.1;
        let edges: Vec<(u64, f32)> = halves
            .chunk_by(|a, b| a.0 == b.0)
            .filter_map(|same| Some((same.first()?.0, same.iter().fold(0.0, both))))
            .collect();
        drop(halves);
        let most = edges.iter().fold(0.0f32, |most, edge| most.max(edge.1));
        let least = most / epochs.max(1) as f32;
        let kept = || edges.iter().filter(|(_, weight)| *weight > 0.0 && *weight >= least);
        let mut offsets = vec![0usize; neighbours.rows() + 1];
        for &(key, _) in kept() {
            let (low, high) = ends(key);
            offsets[low + 1] += 1;
            offsets[high + 1] += 1;
        }
        (1..offsets.len()).for_each(|at| offsets[at] += offsets[at - 1]);
        let mut next = offsets.clone();
        let length = offsets.last().copied().unwrap_or(0);
        let (mut tails, mut chances) = (vec![0u32; length], vec![0.0f32; length]);
        for &(key, weight) in kept() {
            let (low, high) = ends(key);
            for (head, tail) in [(low, high), (high, low)] {
                (tails[next[head]], chances[next[head]]) = (tail as u32, weight / most);
                next[head] += 1;
            }
        }
        Ok(Self { offsets, tails, chances })
    }

    /// The other ends of a point's edges, and in what share of the passes they take part.
    pub(super) fn edges(&self, point: usize) -> (&[u32], &[f32]) {
        let range = match (self.offsets.get(point), self.offsets.get(point + 1)) {
            (Some(&start), Some(&end)) => start..end,
            _ => 0..0,
        };
        (self.tails.get(range.clone()).unwrap_or_default(), self.chances.get(range).unwrap_or_default())
    }
}

/// The lower and the higher end of an edge.
fn ends(key: u64) -> (usize, usize) {
    ((key >> 32) as usize, (key & u64::from(u32::MAX)) as usize)
}

/// What a row says of its neighbours, under the key of the edge.
fn half_edges(neighbours: &Neighbours, row: usize) -> Vec<(u64, f32)> {
    let (indices, distances) = neighbours.row(row);
    let key = |other: u32| {
        let (low, high) = (u64::from(other).min(row as u64), u64::from(other).max(row as u64));
        (low << 32) | high
    };
    indices.iter().zip(weights(distances)).map(|(&other, weight)| (key(other), weight)).collect()
}

/// How surely each of a row's neighbours is one, 0-1, from their distances, nearest first.
///
/// The nearest that is not at distance 0 counts 1; the others fall off with the distance beyond it, on the scale at
/// which all together count `log2(neighbours + 1)` (McInnes et al. 2018, algorithm 3: there a row is its own first
/// neighbour, here it is none).
pub(super) fn weights(distances: &[f32]) -> Vec<f32> {
    let nearest = distances.iter().copied().find(|&distance| distance > 0.0).map_or(0.0, f64::from);
    let beyond: Vec<f64> = distances.iter().map(|&distance| (f64::from(distance) - nearest).max(0.0)).collect();
    let target = (distances.len() as f64 + 1.0).log2();
    let weight = |beyond: f64, scale: f64| if beyond > 0.0 { (-beyond / scale).exp() } else { 1.0 };
    let mean = distances.iter().map(|&distance| f64::from(distance)).sum::<f64>() / distances.len().max(1) as f64;
    let (mut low, mut high, mut scale) = (0.0f64, f64::INFINITY, mean.max(f64::MIN_POSITIVE));
    for _ in 0..HALVINGS {
        let sum: f64 = beyond.iter().map(|&beyond| weight(beyond, scale)).sum();
        if (sum - target).abs() < 1e-5 {
            break;
        }
        if sum > target {
            high = scale;
            scale = (low + high) / 2.0;
        } else {
            low = scale;
            scale = if high.is_infinite() { scale * 2.0 } else { (low + high) / 2.0 };
        }
    }
    let scale = scale.max(LEAST_SCALE * mean).max(f64::MIN_POSITIVE);
    beyond.iter().map(|&beyond| weight(beyond, scale) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::Matrix;
    use super::super::super::knn::Metric;
    use super::*;

    #[test]
    fn weights_sum_to_the_logarithm_and_fall() {
        let found = weights(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        assert!((found.iter().sum::<f32>() - 3.0).abs() < 1e-4, "log2(7 + 1)");
        assert_eq!(found[0], 1.0);
        assert!(found.is_sorted_by(|a, b| a > b));
        let larger: Vec<f32> = weights(&[1e6, 2e6, 3e6, 4e6, 5e6, 6e6, 7e6]);
        assert!(found.iter().zip(&larger).all(|(a, b)| (a - b).abs() < 1e-4), "the unit does not matter");
        assert_eq!(weights(&[0.0, 0.0]), [1.0, 1.0]);
        assert!(weights(&[]).is_empty());
        assert!(weights(&[0.0, 1e-30, 1e30]).iter().all(|weight| (0.0..=1.0).contains(weight)));
    }

    #[test]
    fn the_graph_is_symmetric() {
        let points = Matrix::new(5, 1, vec![0.0, 1.0, 2.1, 3.3, 100.0]).unwrap();
        let neighbours = Neighbours::build(&points, 2, Metric::Euclidean, &Work::new()).unwrap();
        let graph = Graph::new(&neighbours, 1000, &Work::new()).unwrap();
        let mut edges = 0;
        for point in 0..5 {
            let (tails, chances) = graph.edges(point);
            for (&tail, &chance) in tails.iter().zip(chances) {
                let (back, same) = graph.edges(tail as usize);
                let at = back.iter().position(|&back| back as usize == point).unwrap();
                assert_eq!(same[at], chance);
                assert!(chance > 0.0 && chance <= 1.0);
                edges += 1;
            }
        }
        assert!(edges >= 10, "each point has at least its own two neighbours");
        assert!(graph.edges(4).0.contains(&3), "far points keep their neighbours");
    }
}
