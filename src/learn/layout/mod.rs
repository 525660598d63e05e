//! Points in two dimensions that keep the neighbours of many: a layout after UMAP (McInnes, Healy and Melville 2018).
//!
//! Neighbours attract each other by how surely they are neighbours, random others repel. A point moves against where
//! the others were when the pass began, so that all points of a pass can be moved at once and the result is the same
//! for any number of threads. Axes of such a layout have no meaning, and neither have distances between clusters.

mod graph;
mod place;

use rayon::prelude::*;

use super::Matrix;
use super::knn::Neighbours;
use crate::engine::{Error, Random, Result, Work};
use graph::Graph;
pub use place::place;

/// The curve `1 / (1 + A d^2B)` by which two points at distance d count as neighbours: the published fit for points
/// that may come as close as 0.1.
const A: f64 = 1.577;
const B: f64 = 0.895;

/// The farthest that one force moves a point along an axis.
const MOST_MOVE: f32 = 4.0;

/// Passes between two intermediate layouts that are shown.
const SHOW_EVERY: usize = 20;

/// Points that are moved at once: a few milliseconds of work.
const POINTS: usize = 1024;

/// How a layout is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutOptions {
    /// Passes over the points; by their number if `None`: 400 up to 5,000 points, 200 up to 20,000, then fewer.
    pub epochs: Option<usize>,
    /// Random points that repel a point for each neighbour that attracts it.
    pub negatives: usize,
    /// The seed of the random points.
    pub seed: u64,
}

impl Default for LayoutOptions {
    fn default() -> Self {
        Self { epochs: None, negatives: 5, seed: 0 }
    }
}

impl LayoutOptions {
    fn epochs(&self, points: usize) -> usize {
        self.epochs.unwrap_or(match points {
            0..=5_000 => 400,
            5_001..=20_000 => 200,
            _ => ((200.0 * (20_000.0 / points as f64).sqrt()) as usize).max(40),
        })
    }
}

/// Lays out the rows of `neighbours`, beginning with the first two columns of `begin` (principal components or scores
/// of a decomposition, rows x dimensions). `show` is handed the pass and the positions about every 20 passes.
///
/// 20,000 points of 15 neighbours take a few seconds on one core.
///
/// # Errors
/// If `begin` has not as many rows as `neighbours` or the work was cancelled.
pub fn layout(
    neighbours: &Neighbours,
    begin: &Matrix<f32>,
    options: &LayoutOptions,
    work: &Work,
    mut show: impl FnMut(usize, &[[f32; 2]]),
) -> Result<Vec<[f32; 2]>> {
    let points = neighbours.rows();
    if begin.rows() != points {
        return Err(Error::input(format!("{} positions to begin with for {points} points", begin.rows())));
    }
    let epochs = options.epochs(points);
    let graph = Graph::new(neighbours, epochs, work)?;
    let mut positions = spread(begin, options.seed);
    let mut before = positions.clone();
    let (attraction, repulsion) = (Force::new(attraction), Force::new(repulsion));
    work.stage("laying out points", epochs as u64);
    for epoch in 0..epochs {
        before.clone_from(&positions);
        let pass = Pass {
            graph: &graph,
            before: &before,
            epoch,
            reach: 1.0 - epoch as f32 / epochs as f32,
            negatives: options.negatives,
            seed: options.seed,
            attraction: &attraction,
            repulsion: &repulsion,
        };
        positions.par_chunks_mut(POINTS).enumerate().try_for_each(|(chunk, positions)| {
            work.check()?;
            for (at, position) in positions.iter_mut().enumerate() {
                *position = pass.moved(chunk * POINTS + at);
            }
            Ok::<_, Error>(())
        })?;
        work.advance(1)?;
        if (epoch + 1).is_multiple_of(SHOW_EVERY) {
            show(epoch + 1, &positions);
        }
    }
    Ok(positions)
}

/// The positions to begin with: centred, with a root mean square of 4 along the wider axis, within ±12, and moved a
/// little at random, so that equal rows can part.
fn spread(begin: &Matrix<f32>, seed: u64) -> Vec<[f32; 2]> {
    let rows = begin.rows().max(1) as f64;
    let value = |row: usize, axis: usize| {
        begin.row(row).get(axis).map(|&value| f64::from(value)).filter(|value| value.is_finite()).unwrap_or(0.0)
    };
    let mean = [0, 1].map(|axis| (0..begin.rows()).map(|row| value(row, axis)).sum::<f64>() / rows);
    let square = |axis: usize| (0..begin.rows()).map(|row| (value(row, axis) - mean[axis]).powi(2)).sum::<f64>();
    let width = (square(0).max(square(1)) / rows).sqrt();
    let scale = if width > 0.0 { 4.0 / width } else { 0.0 };
    let mut random = Random::new(seed);
    let mut place = |row: usize, axis: usize| {
        let jitter = (random.unit() - 0.5) * 0.02;
        (((value(row, axis) - mean[axis]) * scale).clamp(-12.0, 12.0) + jitter) as f32
    };
    (0..begin.rows()).map(|row| [place(row, 0), place(row, 1)]).collect()
}

/// One pass over the points.
struct Pass<'a> {
    graph: &'a Graph,
    /// Where the points were when the pass began.
    before: &'a [[f32; 2]],
    epoch: usize,
    /// What moves are multiplied by; it falls from 1 to 0.
    reach: f32,
    negatives: usize,
    seed: u64,
    attraction: &'a Force,
    repulsion: &'a Force,
}

impl Pass<'_> {
    /// Where a point goes. Each neighbour whose turn it is pulls twice, once for either of the two that an edge joins,
    /// as in the paper's algorithm both ends of an edge move.
    fn moved(&self, point: usize) -> [f32; 2] {
        let Some(&(mut here)) = self.before.get(point) else { return [0.0; 2] };
        let stream = (self.epoch * self.before.len() + point) as u64;
        let mut random = Random::new(self.seed ^ stream.wrapping_mul(0xD134_2543_DE82_EF95));
        let (tails, chances) = self.graph.edges(point);
        for (&tail, &chance) in tails.iter().zip(chances) {
            if !is_due(chance, self.epoch) {
                continue;
            }
            let there = self.before[tail as usize];
            self.step(&mut here, there, self.attraction);
            for _ in 0..self.negatives {
                let other = random.below(self.before.len());
                if other != point {
                    self.step(&mut here, self.before[other], self.repulsion);
                }
            }
            self.step(&mut here, there, self.attraction);
        }
        here
    }

    #[inline]
    fn step(&self, here: &mut [f32; 2], there: [f32; 2], force: &Force) {
        let (dx, dy) = (here[0] - there[0], here[1] - there[1]);
        let force = force.at(dx * dx + dy * dy);
        here[0] += self.reach * (force * dx).clamp(-MOST_MOVE, MOST_MOVE);
        here[1] += self.reach * (force * dy).clamp(-MOST_MOVE, MOST_MOVE);
    }
}

/// True if an edge takes part in a pass; over all passes it takes part in its share of them, evenly spaced.
fn is_due(chance: f32, epoch: usize) -> bool {
    let times = |epoch: usize| (epoch as f32 * chance) as u32;
    times(epoch + 1) > times(epoch)
}

/// What the difference of two neighbours at squared distance `square` is multiplied by: the gradient of
/// `ln(1 / (1 + A d^2B))`, `-2AB d^(2B - 2) / (1 + A d^2B)`.
fn attraction(square: f64) -> f64 {
    -2.0 * A * B * square.powf(B - 1.0) / (1.0 + A * square.powf(B))
}

/// The same for two points that are no neighbours: the gradient of `ln(1 - 1 / (1 + A d^2B))`,
/// `2B / (d² (1 + A d^2B))`, with 0.001 added to d².
fn repulsion(square: f64) -> f64 {
    2.0 * B / ((0.001 + square) * (1.0 + A * square.powf(B)))
}

/// A force by squared distance, to about a percent, which is less than chance adds to it: the values for 64 steps of
/// each power of 2. Powers themselves would take most of the time.
struct Force(Vec<f32>);

impl Force {
    /// The bits of a float that tell less than a step.
    const FINER: u32 = 17;

    fn new(force: fn(f64) -> f64) -> Self {
        let middle = |step: u32| f32::from_bits((step << Self::FINER) + (1 << (Self::FINER - 1)));
        let value = |step| if middle(step).is_finite() { force(f64::from(middle(step))) as f32 } else { 0.0 };
        Self((0..1 << (31 - Self::FINER)).map(value).collect())
    }

    /// The force at a squared distance, which is not negative.
    #[inline]
    fn at(&self, square: f32) -> f32 {
        self.0.get((square.to_bits() >> Self::FINER) as usize).copied().unwrap_or(0.0)
    }
}

/// Positions of more rows than were laid out: each new row goes to the mean of its neighbours that have a place, those
/// that count more by how surely they are neighbours; without any, to the middle.
///
/// `neighbours` are those of all rows, of which the first `positions.len()` have a place.
pub fn place_new(neighbours: &Neighbours, positions: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let mut all = positions.to_vec();
    let count = positions.len().max(1) as f64;
    let middle = [0, 1].map(|axis| (positions.iter().map(|p| f64::from(p[axis])).sum::<f64>() / count) as f32);
    for row in positions.len()..neighbours.rows() {
        let (indices, distances) = neighbours.row(row);
        let weights = graph::weights(distances);
        let (mut sum, mut total) = ([0.0f32; 2], 0.0f32);
        for (&other, &weight) in indices.iter().zip(&weights) {
            if let Some(place) = all.get(other as usize) {
                sum = [sum[0] + weight * place[0], sum[1] + weight * place[1]];
                total += weight;
            }
        }
        all.push(if total > 0.0 { [sum[0] / total, sum[1] / total] } else { middle });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::knn::Metric;
    use super::super::svd::{SvdOptions, principal_components};
    use super::*;

    /// `count` clusters of points about random centres, and the cluster of each point.
    fn clusters(points: usize, dimensions: usize, count: usize, seed: u64) -> (Matrix<f32>, Vec<usize>) {
        let mut random = Random::new(seed);
        let mut normal = || (0..12).map(|_| random.unit()).sum::<f64>() as f32 - 6.0;
        let centres: Vec<f32> = (0..count * dimensions).map(|_| normal()).collect();
        let of: Vec<usize> = (0..points).map(|point| point % count).collect();
        let values =
            of.iter().flat_map(|&of| centres[of * dimensions..][..dimensions].to_vec()).map(|c| c + normal()).collect();
        (Matrix::new(points, dimensions, values).unwrap(), of)
    }

    fn purity(positions: &[[f32; 2]], of: &[usize]) -> f64 {
        let values = positions.iter().flatten().copied().collect();
        let matrix = Matrix::new(positions.len(), 2, values).unwrap();
        let neighbours = Neighbours::build(&matrix, 10, Metric::Euclidean, &Work::new()).unwrap();
        let same = |row: usize| neighbours.row(row).0.iter().filter(|&&other| of[other as usize] == of[row]).count();
        (0..of.len()).map(same).sum::<usize>() as f64 / (of.len() * 10) as f64
    }

    fn begin(points: &Matrix<f32>) -> Matrix<f32> {
        let options = SvdOptions { dimensions: 2, ..SvdOptions::default() };
        principal_components(points, &options, &Work::new()).unwrap().scores
    }

    #[test]
    fn clusters_stay_together() {
        let (points, of) = clusters(1000, 32, 10, 1);
        let neighbours = Neighbours::build(&points, 15, Metric::Euclidean, &Work::new()).unwrap();
        let (begin, options) = (begin(&points), LayoutOptions { epochs: Some(200), ..LayoutOptions::default() });
        let mut shown = Vec::new();
        let run = |show: &mut dyn FnMut(usize, &[[f32; 2]])| {
            layout(&neighbours, &begin, &options, &Work::new(), show).unwrap()
        };
        let positions = run(&mut |epoch, positions| shown.push((epoch, positions.len())));
        assert!(purity(&spread(&begin, 0), &of) < 0.9, "components alone mix the clusters");
        assert!(purity(&positions, &of) >= 0.98);
        assert_eq!(shown, (1..=10).map(|at| (at * 20, 1000)).collect::<Vec<_>>());
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(one.install(|| run(&mut |_, _| {})), positions, "whatever the number of threads");
    }

    #[test]
    fn odd_sets_are_no_trouble() {
        let check = |rows: usize, value: fn(usize) -> f32| {
            let points = Matrix::new(rows, 1, (0..rows).map(value).collect()).unwrap();
            let neighbours = Neighbours::build(&points, 5, Metric::Euclidean, &Work::new()).unwrap();
            let options = LayoutOptions { epochs: Some(30), ..LayoutOptions::default() };
            let positions = layout(&neighbours, &points, &options, &Work::new(), |_, _| {}).unwrap();
            assert_eq!(positions.len(), rows);
            assert!(positions.iter().flatten().all(|value| value.is_finite() && value.abs() < 1e4));
        };
        check(0, |_| 0.0);
        check(1, |_| 0.0);
        check(2, |row| row as f32);
        check(100, |_| 7.0);
        check(50, |row| if row == 0 { 1e30 } else { row as f32 });
        let neighbours = Neighbours::build(&Matrix::new(1, 1, vec![0.0]).unwrap(), 1, Metric::Cosine, &Work::new());
        let none = Matrix::new(0, 2, vec![]).unwrap();
        assert!(layout(&neighbours.unwrap(), &none, &LayoutOptions::default(), &Work::new(), |_, _| {}).is_err());
    }

    #[test]
    fn new_rows_go_among_their_neighbours() {
        let points = Matrix::new(6, 1, vec![0.0, 0.1, 0.2, 9.0, 9.1, 9.05]).unwrap();
        let neighbours = Neighbours::build(&points, 2, Metric::Euclidean, &Work::new()).unwrap();
        let all = place_new(&neighbours, &[[1.0, 1.0], [1.0, 3.0], [1.0, 2.0], [5.0, 5.0], [7.0, 5.0]]);
        assert_eq!(all[..5], [[1.0, 1.0], [1.0, 3.0], [1.0, 2.0], [5.0, 5.0], [7.0, 5.0]]);
        assert!(all[5][0] > 5.0 && all[5][0] < 7.0 && all[5][1] == 5.0, "{:?}", all[5]);
        assert_eq!(place_new(&neighbours, &[])[0], [0.0, 0.0]);
    }

    #[test]
    fn cancelled_work_stops() {
        let (points, _) = clusters(100, 4, 2, 1);
        let neighbours = Neighbours::build(&points, 5, Metric::Euclidean, &Work::new()).unwrap();
        let work = Work::new();
        work.cancel();
        assert!(layout(&neighbours, &points, &LayoutOptions::default(), &work, |_, _| {}).unwrap_err().is_cancelled());
    }

    #[test]
    fn forces_agree_with_the_formulas() {
        let (pull, push) = (Force::new(attraction), Force::new(repulsion));
        for step in -200..200 {
            let square = 1.1f32.powi(step) * 1.01;
            assert!((f64::from(pull.at(square)) / attraction(square.into()) - 1.0).abs() < 0.016, "{square}");
            assert!((f64::from(push.at(square)) / repulsion(square.into()) - 1.0).abs() < 0.016, "{square}");
        }
        // At distance 1 both curves are 1 and the forces are plain fractions.
        assert!((attraction(1.0) + 2.0 * A * B / (1.0 + A)).abs() < 1e-12);
        assert!((repulsion(1.0) - 2.0 * B / (1.001 * (1.0 + A))).abs() < 1e-12);
        // The slope of ln(1 / (1 + A d^2B)) along an axis at distance 3, without a further factor of d².
        let curve = |d: f64| -(1.0 + A * d.powf(2.0 * B)).ln();
        let slope = (curve(3.0 + 1e-5) - curve(3.0 - 1e-5)) / 2e-5;
        assert!((attraction(9.0) * 3.0 - slope).abs() < 1e-6);
        assert!([0.0, f32::MAX, f32::INFINITY].iter().all(|&square| pull.at(square).is_finite()));
    }

    #[test]
    fn an_edge_takes_part_in_its_share_of_passes() {
        let check = |chance: f32, expected: usize| {
            assert_eq!((0..200).filter(|&epoch| is_due(chance, epoch)).count(), expected);
        };
        check(1.0, 200);
        check(0.5, 100);
        check(0.01, 2);
        check(0.0, 0);
    }
}
