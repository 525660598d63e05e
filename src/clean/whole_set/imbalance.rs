//! Classes with far fewer rows than their share.

/// A class is rare below this part of an equal share, as in cleanlab.
const RARE: f64 = 0.1;

/// How labels are distributed over classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Imbalance {
    /// Rows by class.
    pub counts: Vec<u64>,
    /// The classes with less than a tenth of an equal share of the labelled rows, rarest first.
    pub rare: Vec<u16>,
    /// The rarest class and its share of the labelled rows, 0-1; the first of equally rare ones. `None` without labels.
    pub rarest: Option<(u16, f64)>,
}

impl Imbalance {
    /// The score that cleanlab gives a row: the share of its class if that is the rarest, else 1.
    pub fn score(&self, label: u16) -> f64 {
        self.rarest.filter(|(class, _)| *class == label).map_or(1.0, |(_, share)| share)
    }
}

/// Counts the labels of `classes` classes. Labels beyond these, and rows without one, are not counted.
///
/// cleanlab calls the rarest class alone imbalanced, and only if it has rows; here every rare class is listed, those
/// without a row as well.
pub fn class_imbalance(labels: &[Option<u16>], classes: u16) -> Imbalance {
    let mut counts = vec![0u64; usize::from(classes)];
    for &label in labels.iter().flatten() {
        if let Some(count) = counts.get_mut(usize::from(label)) {
            *count += 1;
        }
    }
    let all: u64 = counts.iter().sum();
    if all == 0 {
        return Imbalance { counts, rare: Vec::new(), rarest: None };
    }
    let share = |count: u64| count as f64 / all as f64;
    let line = RARE / f64::from(classes);
    let mut rare: Vec<(u64, u16)> = counts.iter().copied().zip(0..).filter(|&(count, _)| share(count) < line).collect();
    rare.sort_unstable();
    let rarest = counts.iter().copied().zip(0u16..).min().map(|(count, class)| (class, share(count)));
    Imbalance { rare: rare.into_iter().map(|(_, class)| class).collect(), rarest, counts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_classes_are_listed_rarest_first() {
        let check = |counts: &[usize], rare: &[u16], rarest: Option<u16>| {
            let labels: Vec<Option<u16>> =
                (0u16..).zip(counts).flat_map(|(class, &count)| vec![Some(class); count]).chain([None]).collect();
            let found = class_imbalance(&labels, counts.len() as u16);
            assert_eq!((found.rare.as_slice(), found.rarest.map(|(class, _)| class)), (rare, rarest), "{counts:?}");
        };
        check(&[81, 38, 1], &[2], Some(2));
        check(&[100, 100], &[], Some(0));
        check(&[1000, 3, 2, 0], &[3, 2, 1], Some(3));
        check(&[5], &[], Some(0));
        check(&[0, 0], &[], None);
        check(&[], &[], None);
        // cleanlab's recorded score of the only row of class 2 among 120.
        let labels: Vec<Option<u16>> = [vec![Some(0); 81], vec![Some(1); 38], vec![Some(2)]].concat();
        let found = class_imbalance(&labels, 3);
        assert!((found.score(2) - 0.008333333333333333).abs() < 1e-15 && found.score(0) == 1.0);
    }
}
