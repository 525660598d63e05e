//! What of the analysis changes where votes name several classes: such a vote covers a row, is right if the row is of one
//! of them, and conflicts with what names none of them.

use super::analysis::{Analysis, Counts, FunctionAnalysis, share};
use super::models::Gold;
use super::{ABSTAIN, Patterns, Votes};
use crate::engine::{Result, Work};

/// Counts anew what an analysis of the classes that votes name alone says, with all votes. A row is in conflict if no
/// class is named by all its votes. Votes by class stay those that name one class.
pub(super) fn amend(analysis: &mut Analysis, votes: &Votes, gold: Option<&[Option<u16>]>, work: &Work) -> Result<()> {
    if votes.meanings().iter().all(|meaning| meaning.classes().len() == 1) {
        return Ok(());
    }
    let patterns = Patterns::of(votes, work)?;
    let mut tallies = vec![Counts::default(); votes.columns().len()];
    let mut whole = [0u64; 3];
    for (pattern, &count) in patterns.counts().iter().enumerate() {
        let cast = patterns.votes(pattern);
        let (number, conflicts) = (cast.iter().filter(|vote| **vote != ABSTAIN).count(), patterns.conflicts(pattern));
        for (sum, is) in whole.iter_mut().zip([number > 0, number > 1, conflicts]) {
            *sum += if is { count } else { 0 };
        }
        for (tally, _) in tallies.iter_mut().zip(cast).filter(|(_, vote)| **vote != ABSTAIN) {
            tally.votes += count;
            *(if number > 1 { &mut tally.overlaps } else { &mut tally.unique }) += count;
            tally.conflicts += if conflicts { count } else { 0 };
        }
    }
    if let Some(gold) = gold {
        for &(pattern, class, count) in Gold::of_rows(&patterns, gold)?.entries() {
            for (tally, &vote) in tallies.iter_mut().zip(patterns.votes(pattern as usize)) {
                tally.judged += if vote == ABSTAIN { 0 } else { count };
                tally.correct += if patterns.names(vote, usize::from(class)) { count } else { 0 };
            }
        }
    }
    let rows = analysis.rows;
    [analysis.covered, analysis.overlapped, analysis.conflicted] = whole.map(|count| share(count, rows));
    let amended = |(function, counts): (&FunctionAnalysis, &Counts)| FunctionAnalysis {
        polarity: function.polarity.clone(),
        by_class: function.by_class.clone(),
        ..FunctionAnalysis::of(&function.name, *counts, rows, gold.is_some())
    };
    analysis.functions = analysis.functions.iter().zip(&tallies).map(amended).collect();
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::weak::shades::Shading;
    use crate::weak::{Said, Shades, VoteColumn};

    /// The votes of functions over classes `a`, `b`, `c`: for each the classes and the confidence by row.
    pub(in crate::weak) fn votes_of(functions: &[&[(&[u16], f64)]]) -> Votes {
        let (mut columns, mut all) = (Vec::new(), Vec::new());
        for (at, rows) in functions.iter().enumerate() {
            let (mut votes, mut shading) = (Vec::new(), Shading::default());
            for (row, (classes, confidence)) in rows.iter().enumerate() {
                let said = Said::of(classes.to_vec(), *confidence, 3);
                votes.push(said.hard());
                if let Said::Shaded(meaning) = said {
                    shading.add(row, meaning);
                }
            }
            let shades: Option<Shades> = Shading::join(vec![(0, shading)], rows.len()).0;
            all.extend(shades.map(|shades| (at, Arc::new(shades))));
            columns.push(VoteColumn { name: format!("lf{at}"), votes: votes.into() });
        }
        let rows = functions.first().map_or(0, |rows| rows.len());
        Votes::new(rows, 3, columns).unwrap().with_shades(all).unwrap()
    }

    #[test]
    fn votes_for_several_classes_cover_overlap_and_conflict() {
        // not a; a for certain; b or c with doubt.
        let not_a: &[u16] = &[1, 2];
        let votes = votes_of(&[
            &[(not_a, 1.0), (not_a, 1.0), (not_a, 1.0), (&[], 1.0)],
            &[(&[0], 1.0), (&[1], 0.5), (&[], 1.0), (&[], 1.0)],
        ]);
        let gold = [Some(0), Some(1), Some(2), Some(0)];
        let analysis = Analysis::of(&votes, Some(&gold), &Work::new()).unwrap();
        let told = |at: usize| {
            let f = &analysis.functions[at];
            (f.votes, f.coverage, f.overlaps, f.conflicts, f.unique, f.correct, f.incorrect)
        };
        assert_eq!(told(0), (3, 0.75, 0.5, 0.25, 0.25, Some(2), Some(1)));
        assert_eq!(told(1), (2, 0.5, 0.5, 0.25, 0.0, Some(2), Some(0)));
        assert_eq!((analysis.covered, analysis.overlapped, analysis.conflicted), (0.75, 0.5, 0.25));
        assert_eq!(
            (analysis.functions[0].polarity.as_slice(), analysis.functions[1].polarity.as_slice()),
            (&[][..], &[0, 1][..])
        );
    }

    #[test]
    fn every_model_reads_them_and_none_is_moved_the_wrong_way() {
        use crate::weak::models::{FitOptions, Labels, MODELS, Ties, fit};
        let not_a: &[u16] = &[1, 2];
        let functions: &[&[(&[u16], f64)]] = &[
            &[(not_a, 1.0), (&[], 1.0), (not_a, 0.5), (&[0], 0.9), (&[], 1.0), (&[0], 0.3)],
            &[(&[1], 1.0), (&[0], 1.0), (&[], 1.0), (&[2], 0.6), (&[], 1.0), (&[], 1.0)],
            &[(&[1], 0.4), (&[0], 0.4), (&[], 1.0), (&[2], 0.2), (&[], 1.0), (&[], 1.0)],
        ];
        let votes = votes_of(functions);
        let patterns = Patterns::of(&votes, &Work::new()).unwrap();
        assert_eq!((patterns.unanimous(0), patterns.conflicts(0), patterns.conflicts(3)), (Some(1), false, true));
        for model in MODELS {
            let fitted = fit(*model, &patterns, &FitOptions::default(), &Work::new()).unwrap();
            let labels = Labels::of(&fitted, &patterns, Ties::Abstain, 0, &Work::new()).unwrap();
            for row in 0..6 {
                let sum: f64 = labels.row(row).iter().sum();
                assert!((sum - 1.0).abs() < 1e-9 && labels.row(row).iter().all(|p| p.is_finite()), "{}", model.name());
                let explained = fitted.explain(&votes.row(row).unwrap());
                assert_eq!(explained.probabilities, labels.row(row), "{}", model.name());
            }
            let estimates = fitted.estimated_accuracy(&patterns, &Work::new()).unwrap();
            assert!(estimates.iter().flatten().all(|share| (0.0..=1.0 + 1e-9).contains(share)), "{}", model.name());
        }
        let calibrated = crate::weak::models::model("calibrated").unwrap();
        let fitted = fit(calibrated, &patterns, &FitOptions::default(), &Work::new()).unwrap();
        let of = |classes: &[u16], confidence: f64| {
            let rows: &[(&[u16], f64)] = &[(classes, confidence)];
            let votes = votes_of(&[rows]);
            let patterns = Patterns::of(&votes, &Work::new()).unwrap();
            fit(calibrated, &patterns, &FitOptions::default(), &Work::new()).unwrap().pattern(0).to_vec()
        };
        // With 0.6 trust a vote for certain gives 0.4/3 + 0.6; half as sure, half the trust; against one, the others rise alike.
        let close = |found: &[f64], expected: [f64; 3]| found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(close(&of(&[0], 1.0), [0.4 / 3.0 + 0.6, 0.4 / 3.0, 0.4 / 3.0]));
        assert!(close(&of(&[0], 0.5), [0.7 / 3.0 + 0.3, 0.7 / 3.0, 0.7 / 3.0]));
        assert!(close(&of(not_a, 1.0), [0.4 / 3.0, 0.4 / 3.0 + 0.3, 0.4 / 3.0 + 0.3]));
        assert_eq!(fitted.explain(&votes.row(0).unwrap()).unanimous, Some(1));
        // The soft majority is as sure as the votes are.
        let rows: &[(&[u16], f64)] = &[(&[0], 0.4), (not_a, 1.0)];
        let patterns = Patterns::of(&votes_of(&[rows]), &Work::new()).unwrap();
        let soft = crate::weak::models::model("soft-majority").unwrap();
        let fitted = fit(soft, &patterns, &FitOptions::default(), &Work::new()).unwrap();
        assert!(close(fitted.pattern(0), [0.6, 0.2, 0.2]) && close(fitted.pattern(1), [0.0, 0.5, 0.5]));
    }

    #[test]
    fn confidences_learn_from_hand_labels_what_they_mean() {
        use crate::weak::models::{FitOptions, Gold, fit, model};
        // Votes said with 0.9 were wrong, those with 0.3 right: the hand labels win.
        let rows: Vec<(&[u16], f64)> = (0..80).map(|row| (&[0u16][..], if row < 40 { 0.9 } else { 0.3 })).collect();
        let votes = votes_of(&[&rows]);
        let patterns = Patterns::of(&votes, &Work::new()).unwrap();
        let gold: Vec<Option<u16>> = (0..80).map(|row| Some(if row < 40 { 1 } else { 0 })).collect();
        let gold = Some(Gold::of_rows(&patterns, &gold).unwrap());
        let options = FitOptions { gold, balance: Some(vec![1.0; 3]), ..Default::default() };
        let fitted = fit(model("calibrated").unwrap(), &patterns, &options, &Work::new()).unwrap();
        assert!(fitted.pattern(0)[1] > 0.5 && fitted.pattern(1)[0] > 0.5, "{:?}", fitted.probabilities());
    }
}
