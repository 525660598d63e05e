//! Groups of rows that are joined by pairs, and which row of a group is kept.

/// A row of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    /// The row.
    pub row: u32,
    /// The similarity to the kept row, 0-1; a row joined through others may lie below the threshold.
    pub similarity: f32,
    /// The row's content equals that of the kept row.
    pub exact: bool,
}

/// Rows that are joined by exact or near pairs, directly or through others.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The members by row, at least two, the kept one among them.
    pub members: Vec<Member>,
    /// The row to keep, by [`Keep`].
    pub kept: u32,
    /// The members have more than one label.
    pub conflict: bool,
    /// The members lie in more than one split.
    pub leak: bool,
}

/// All groups of duplicates of a dataset; every row is in at most one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Duplicates {
    /// The groups in the order of their first rows.
    pub groups: Vec<Group>,
    /// Pairs `(a, b, similarity)` with `a < b`, by rows. Where a content repeats very often, not every combination is
    /// listed, but its rows are in the group all the same.
    pub pairs: Vec<(u32, u32, f32)>,
    /// Contents that more than one row has: the number of groups if only exact duplicates were looked for.
    pub exact_groups: usize,
    /// Rows that have nothing to compare: no text, no readable image.
    pub left_out: u64,
}

impl Duplicates {
    /// The number of rows in groups.
    pub fn rows_in_groups(&self) -> usize {
        self.groups.iter().map(|group| group.members.len()).sum()
    }

    /// The rows that would go if of each group only the kept row stayed, ascending.
    pub fn redundant(&self) -> Vec<u32> {
        let mut rows: Vec<u32> = self
            .groups
            .iter()
            .flat_map(|group| group.members.iter().map(|member| member.row).filter(|&row| row != group.kept))
            .collect();
        rows.sort_unstable();
        rows
    }
}

/// Which row of a group is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keep {
    /// A labelled one before others, then the largest (longest text, most pixels), then the earliest.
    #[default]
    Labelled,
    /// The largest, whether labelled or not, then the earliest.
    Largest,
    /// The earliest.
    Earliest,
}

impl Keep {
    /// The names of all rules; a text is the larger the longer it is.
    pub const NAMES: [&'static str; 4] = ["labelled", "largest", "longest", "earliest"];

    /// The rule of that name.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "labelled" => Some(Self::Labelled),
            "largest" | "longest" => Some(Self::Largest),
            "earliest" => Some(Self::Earliest),
            _ => None,
        }
    }
}

/// What is known of the rows beside their content.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The labels, to keep labelled rows and to see conflicts.
    pub labels: Option<&'a [Option<u16>]>,
    /// The splits (train, test, …), to see leaks between them.
    pub splits: Option<&'a [Option<u16>]>,
    /// Which row of a group is kept.
    pub keep: Keep,
}

impl Context<'_> {
    fn label(&self, row: u32) -> Option<u16> {
        self.labels.and_then(|labels| labels.get(row as usize).copied().flatten())
    }

    fn split(&self, row: u32) -> Option<u16> {
        self.splits.and_then(|splits| splits.get(row as usize).copied().flatten())
    }
}

/// A row that has no content to compare.
pub(super) const NO_CONTENT: u32 = u32::MAX;

/// At most this many combinations of rows are listed as pairs for two contents that occur more than once.
const COMBINATIONS: usize = 10_000;

/// What the finders hand over.
pub(super) struct Found<'a> {
    /// For each row the first row of equal content, itself if it is that row, or [`NO_CONTENT`].
    pub first: &'a [u32],
    /// Near pairs of first rows with their similarities.
    pub near: &'a [(u32, u32, f32)],
}

/// How many contents more than one row has.
fn repeated(first: &[u32]) -> usize {
    let copies = first.iter().zip(0u32..).filter(|(first, row)| **first != NO_CONTENT && *first != row);
    let mut firsts: Vec<u32> = copies.map(|(first, _)| *first).collect();
    firsts.sort_unstable();
    firsts.dedup();
    firsts.len()
}

/// Puts groups together. `similarity` compares two first rows, `size` is that of a row.
pub(super) fn assemble(
    found: &Found<'_>,
    context: Context<'_>,
    similarity: impl Fn(u32, u32) -> f32,
    size: impl Fn(u32) -> u64,
) -> Duplicates {
    let copies = Copies::new(found.first);
    let mut forest = Forest::new(found.first.len());
    for (row, &first) in found.first.iter().enumerate() {
        if first != NO_CONTENT {
            forest.join(row as u32, first);
        }
    }
    for &(a, b, _) in found.near {
        forest.join(a, b);
    }
    let group = |rows: &[(u32, u32)]| {
        let rows = rows.iter().map(|&(_, row)| row);
        let better = |row: u32| {
            let (labelled, size) = match context.keep {
                Keep::Labelled => (context.label(row).is_some(), size(row)),
                Keep::Largest => (false, size(row)),
                Keep::Earliest => (false, 0),
            };
            (labelled, size, std::cmp::Reverse(row))
        };
        let kept = rows.clone().max_by_key(|&row| better(row)).unwrap_or(0);
        let first = |row: u32| found.first.get(row as usize).copied().unwrap_or(NO_CONTENT);
        let member = |row| {
            let exact = first(row) == first(kept);
            Member { row, similarity: if exact { 1.0 } else { similarity(first(row), first(kept)) }, exact }
        };
        let differ = |of: &dyn Fn(u32) -> Option<u16>| {
            let mut values = rows.clone().filter_map(of);
            let one = values.next();
            values.any(|value| Some(value) != one)
        };
        Group {
            conflict: differ(&|row| context.label(row)),
            leak: differ(&|row| context.split(row)),
            members: rows.clone().map(member).collect(),
            kept,
        }
    };
    let mut rooted: Vec<(u32, u32)> = (0..found.first.len() as u32).map(|row| (forest.root(row), row)).collect();
    rooted.sort_unstable();
    let runs = rooted.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1);
    Duplicates {
        groups: runs.map(group).collect(),
        pairs: copies.pairs(found),
        exact_groups: repeated(found.first),
        left_out: found.first.iter().filter(|&&first| first == NO_CONTENT).count() as u64,
    }
}

/// The rows of each content that occurs more than once, by first row.
struct Copies(Vec<(u32, u32)>);

impl Copies {
    fn new(first: &[u32]) -> Self {
        let rows = first.iter().enumerate().map(|(row, &first)| (first, row as u32));
        let mut rows: Vec<(u32, u32)> = rows.filter(|(first, _)| *first != NO_CONTENT).collect();
        rows.sort_unstable();
        Self(rows)
    }

    fn of(&self, first: u32) -> &[(u32, u32)] {
        let start = self.0.partition_point(|entry| entry.0 < first);
        let end = self.0.partition_point(|entry| entry.0 <= first);
        self.0.get(start..end).unwrap_or_default()
    }

    /// All pairs of rows, spelt out of pairs of contents.
    fn pairs(&self, found: &Found<'_>) -> Vec<(u32, u32, f32)> {
        let mut pairs = Vec::new();
        for run in self.0.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
            let whole = run.len() * (run.len() - 1) / 2 <= COMBINATIONS;
            for (at, &(_, a)) in run.iter().enumerate().take(if whole { run.len() } else { 1 }) {
                pairs.extend(run.iter().skip(at + 1).map(|&(_, b)| (a, b, 1.0)));
            }
        }
        for &(a, b, similarity) in found.near {
            let (one, two) = (self.of(a), self.of(b));
            if one.len() * two.len() > COMBINATIONS {
                pairs.push((a.min(b), a.max(b), similarity));
                continue;
            }
            let all = one.iter().flat_map(|&(_, a)| two.iter().map(move |&(_, b)| (a.min(b), a.max(b), similarity)));
            pairs.extend(all);
        }
        pairs.sort_unstable_by_key(|&(a, b, _)| (a, b));
        pairs
    }
}

/// Union-find with path halving; the root of a set is its smallest row, so that the result does not depend on the
/// order of the joins.
struct Forest(Vec<u32>);

impl Forest {
    fn new(rows: usize) -> Self {
        Self((0..rows as u32).collect())
    }

    fn root(&mut self, row: u32) -> u32 {
        let mut at = row as usize;
        while let Some(&parent) = self.0.get(at)
            && parent as usize != at
        {
            let above = self.0.get(parent as usize).copied().unwrap_or(parent);
            self.0[at] = above;
            at = above as usize;
        }
        at as u32
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(place) = self.0.get_mut(a.max(b) as usize) {
            *place = a.min(b);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn groups(first: &[u32], near: &[(u32, u32, f32)], context: Context<'_>) -> Duplicates {
        assemble(&Found { first, near }, context, |_, _| 0.75, |row| u64::from(row == 3))
    }

    #[test]
    fn the_labelled_the_largest_the_earliest_is_kept() {
        let first = [0, 1, 0, 3, NO_CONTENT, 1];
        let found = groups(&first, &[(0, 3, 0.75)], Context::default());
        assert_eq!(found.groups.iter().map(|group| group.kept).collect::<Vec<_>>(), [3, 1]);
        let rows: Vec<(u32, f32, bool)> =
            found.groups[0].members.iter().map(|member| (member.row, member.similarity, member.exact)).collect();
        assert_eq!(rows, [(0, 0.75, false), (2, 0.75, false), (3, 1.0, true)]);
        assert_eq!(found.pairs, [(0, 2, 1.0), (0, 3, 0.75), (1, 5, 1.0), (2, 3, 0.75)]);
        assert_eq!((found.left_out, found.exact_groups, found.rows_in_groups()), (1, 2, 5));
        assert_eq!(found.redundant(), [0, 2, 5]);
        let labels = [None, Some(1), Some(0), None, None, Some(2)];
        let splits = [Some(0), Some(0), Some(1), None, None, Some(0)];
        let context = Context { labels: Some(&labels), splits: Some(&splits), ..Context::default() };
        let found = groups(&first, &[(0, 3, 0.75)], context);
        let marks: Vec<(u32, bool, bool)> =
            found.groups.iter().map(|group| (group.kept, group.conflict, group.leak)).collect();
        assert_eq!(marks, [(2, false, true), (1, true, false)]);
        for (name, kept) in [("labelled", [2, 1]), ("longest", [3, 1]), ("largest", [3, 1]), ("earliest", [0, 1])] {
            let found = groups(&first, &[(0, 3, 0.75)], Context { keep: Keep::of(name).unwrap(), ..context });
            assert_eq!(found.groups.iter().map(|group| group.kept).collect::<Vec<_>>(), kept, "{name}");
        }
        assert!(Keep::NAMES.iter().all(|name| Keep::of(name).is_some()) && Keep::of("best").is_none());
    }

    #[test]
    fn a_content_that_repeats_very_often_is_one_group_and_not_millions_of_pairs() {
        let found = groups(&[0; 1000], &[], Context::default());
        assert_eq!((found.groups.len(), found.pairs.len()), (1, 999));
    }

    proptest! {
        #[test]
        fn groups_are_a_partition_that_joins_every_pair(
            near in prop::collection::vec((0u32..60, 0u32..60), 0..80),
            copies in prop::collection::vec(0u32..60, 60),
        ) {
            // A first row is its own first row and stands before its copies.
            let mut first: Vec<u32> = (0..60).collect();
            for (row, &of) in copies.iter().enumerate() {
                let candidate = first[(of as usize).min(row)];
                if row % 3 == 0 && first[candidate as usize] == candidate {
                    first[row] = candidate;
                }
            }
            let near: Vec<(u32, u32, f32)> = near
                .into_iter()
                .map(|(a, b)| (first[a as usize], first[b as usize], 0.9))
                .filter(|(a, b, _)| a != b)
                .collect();
            let found = groups(&first, &near, Context::default());
            let mut group_of = [usize::MAX; 60];
            for (at, group) in found.groups.iter().enumerate() {
                prop_assert!(group.members.len() > 1);
                prop_assert!(group.members.iter().any(|member| member.row == group.kept));
                for member in &group.members {
                    prop_assert_eq!(group_of[member.row as usize], usize::MAX, "in one group only");
                    group_of[member.row as usize] = at;
                }
            }
            for &(a, b, _) in &found.pairs {
                prop_assert!(a < b);
                prop_assert!(group_of[a as usize] != usize::MAX);
                prop_assert_eq!(group_of[a as usize], group_of[b as usize]);
            }
            for (row, &of) in first.iter().enumerate() {
                prop_assert!(of as usize == row || group_of[row] == group_of[of as usize]);
            }
        }
    }
}
