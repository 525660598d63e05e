//! The audit of label errors as derived values: which rows to settle, what the verdicts so far say of every rank, and what
//! reviewing up to a rank gains.

use std::path::Path;
use std::sync::Arc;

use super::Session;
use super::derived::{Basis, Looks, LooksOf};
use super::findings::Findings;
use crate::clean::audit::{self, Audit};
use crate::clean::{CostPoint, ReviewLog, cost_curve, verdicts};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};
use crate::label::EffortLog;
use crate::project::Store;

/// What persons found of labels: the score then, and whether the label was wrong.
pub type Verdicts = Arc<Vec<(f64, bool)>>;

/// The audit of the label errors that were found.
pub struct AuditOf {
    /// The findings, with their name.
    pub findings: (Arc<Findings>, Fingerprint),
    /// What persons found.
    pub verdicts: Verdicts,
    /// How many rows are drawn.
    pub wanted: usize,
    /// The seed.
    pub seed: u64,
}

/// What [`AuditOf`] gives.
pub struct Audited {
    /// The rows to settle, by rising score.
    pub drawn: Vec<u32>,
    /// What the verdicts say; `None` without any.
    pub audit: Option<Audit>,
    /// The rows that are flagged now.
    pub flagged: usize,
}

/// What persons found of labels that they judged one by one.
pub fn verdicts_of(session: &Session) -> Verdicts {
    Arc::new(verdicts(session.project().ledger.marks(), &session.dataset().ids))
}

impl Derived for AuditOf {
    type Output = Audited;

    fn fingerprint(&self) -> Fingerprint {
        let print = Fingerprinter::new("audit").print(self.findings.1).number(self.wanted as u64).number(self.seed);
        let one = |print: Fingerprinter, (score, wrong): &(f64, bool)| {
            print.number(score.to_bits()).number(u64::from(*wrong))
        };
        self.verdicts.iter().fold(print, one).finish()
    }

    fn compute(&self, _: &Work) -> Result<Audited> {
        let findings = &self.findings.0;
        let errors = findings.label_errors.as_ref().map_err(|why| Error::input(why.clone()))?;
        // Drawn by what the rule flags, so that a moved cut leaves the drawn rows as they are.
        let drawn = audit::draw(&errors.normalized_margin, findings.by_rule, self.wanted, self.seed);
        let audit = Audit::of(&errors.normalized_margin, &self.verdicts, self.seed);
        Ok(Audited { drawn, audit, flagged: errors.count() })
    }

    fn bytes(audited: &Audited) -> usize {
        audited.drawn.len() * 4 + audited.audit.as_ref().map_or(0, |audit| audit.ranks.len() * 80)
    }
}

/// The accuracy to expect at some ranks up to twice the best cut.
pub struct CostOf {
    /// What is open.
    pub basis: Basis,
    /// The findings, with their name.
    pub findings: (Arc<Findings>, Fingerprint),
    /// The audit, with its name.
    pub audited: (Arc<Audited>, Fingerprint),
}

impl Derived for CostOf {
    type Output = Vec<CostPoint>;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("cost of reviews").print(self.findings.1).print(self.audited.1).finish()
    }

    fn compute(&self, work: &Work) -> Result<Vec<CostPoint>> {
        let findings = &self.findings.0;
        let errors = findings.label_errors.as_ref().map_err(|why| Error::input(why.clone()))?;
        let audit = self.audited.0.audit.as_ref().ok_or_else(|| Error::input("there are no verdicts"))?;
        let cut = audit.at_cut().map_or(errors.count(), |cut| cut.rank).max(1);
        let mut ranks: Vec<usize> = [0, 1, 2, 3, 4, 6, 8].iter().map(|quarters| cut * quarters / 4).collect();
        ranks.retain(|rank| *rank <= errors.rows as usize / 2);
        ranks.dedup();
        let basis = &self.basis;
        let looks = basis.cache.get(&LooksOf(basis.clone()), work)?;
        let options = (basis.classes.len(), basis.settings.folds, basis.settings.seed);
        let kept = |(row, label): (usize, &Option<u16>)| label.filter(|_| basis.excluded.get(row) != Some(&true));
        let labels: Vec<Option<u16>> = findings.standing.iter().enumerate().map(kept).collect();
        let chance = |score: f64| audit.chance(score);
        match &*looks {
            Looks::Sparse(csr) => cost_curve(csr, &labels, errors, chance, &ranks, options, work),
            Looks::Dense(matrix) => cost_curve(matrix, &labels, errors, chance, &ranks, options, work),
        }
    }
}

/// How long a review takes, in seconds, from the person's own log: the median look at a finding, else at an item that was
/// labelled. Reads the whole store.
///
/// # Errors
/// If the store cannot be read, or the work was cancelled.
pub fn review_seconds(store: &Path, work: &Work) -> Result<Option<f64>> {
    let (mut reviews, mut effort) = (ReviewLog::default(), EffortLog::default());
    Store::open(store)?.replay(|event| {
        reviews.take(event);
        effort.take(event);
    })?;
    work.check()?;
    Ok(reviews.median().or(effort.figures().median))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::{Decision, Finder, Settle};
    use crate::label::MergeClasses;
    use crate::session::{BeforeAfterOf, Choice, FindingsOf, LeaksOf, WholeSetOf, create_project};

    /// Two topics; every tenth label is wrong, "Good" is spelt in two ways, and some rows of the test part are in train, too.
    fn project(folder: &Path) -> Session {
        let word = |good: bool, at: usize| format!("{}{}", if good { "sun" } else { "rain" }, at % 7);
        let row = |at: usize| {
            let good = at.is_multiple_of(2);
            let says_good = good != at.is_multiple_of(10);
            let label = match (says_good, at.is_multiple_of(4)) {
                (true, true) => "good",
                (true, false) => "Good",
                (false, _) => "bad",
            };
            let of = if at >= 180 { at - 180 } else { at };
            let text = format!("{} {} day {of}", word(good, of), word(good, of / 7));
            format!("{at},{text},{label},{}\n", if at >= 160 { "test" } else { "train" })
        };
        let data = folder.join("d.csv");
        std::fs::write(&data, format!("id,text,label,split\n{}", (0..200).map(row).collect::<String>())).unwrap();
        let choice = Choice {
            text: Some("text".to_owned()),
            label: Some("label".to_owned()),
            id: Some("id".to_owned()),
            ..Choice::default()
        };
        create_project(&folder.join("p"), &data, &choice, &[], &Work::new()).unwrap();
        Session::open(&folder.join("p"), &Work::new()).unwrap()
    }

    fn get<D: Derived>(session: &Session, of: &D) -> (Arc<D::Output>, Fingerprint) {
        (session.cache().get(of, &Work::new()).unwrap(), of.fingerprint())
    }

    #[test]
    fn variants_are_merged_in_one_step_that_is_undone_in_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = project(folder.path());
        let before = (session.class_names().clone(), session.given().cloned());
        assert_eq!(**before.0, ["Good", "bad", "good"]);
        session.run(&MergeClasses { into: "Good".into(), names: vec!["Good".into(), "good".into()] }).unwrap();
        assert_eq!(**session.class_names(), ["Good", "bad"]);
        let given = session.given().cloned().unwrap();
        assert!(given.iter().all(|label| (0..2).contains(label)), "no label of the data is lost");
        drop(session);
        let mut session = Session::open(&folder.path().join("p"), &Work::new()).unwrap();
        assert_eq!(session.given(), Some(&given), "the merged names are kept in the configuration");
        session.undo().unwrap();
        assert_eq!((session.class_names().clone(), session.given().cloned()), before);
    }

    #[test]
    fn an_audit_moves_the_cut_and_corrections_are_judged() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = project(folder.path());
        session.run(&MergeClasses { into: "Good".into(), names: vec!["Good".into(), "good".into()] }).unwrap();
        let findings = get(&session, &FindingsOf { basis: session.basis(), quality: false });
        let errors = findings.0.label_errors.clone().unwrap();
        let seed = 0;
        let audit = |session: &Session, findings: &(Arc<Findings>, Fingerprint)| {
            let verdicts = verdicts_of(session);
            get(session, &AuditOf { findings: findings.clone(), verdicts, wanted: 30, seed })
        };
        let (begun, _) = audit(&session, &findings);
        assert_eq!((begun.drawn.len(), begun.audit.is_none(), begun.flagged), (30, true, errors.count()));
        for &row in &begun.drawn {
            let wrong = row.is_multiple_of(10);
            let right = if row.is_multiple_of(2) { "Good" } else { "bad" };
            let label = if wrong { right } else { session.standing(row).unwrap() }.to_owned();
            let settle = Settle {
                items: vec![session.item(row).unwrap()],
                finder: Finder::LabelError,
                inputs: vec![session.inputs_of(Finder::LabelError, row, Some(&label))],
                decision: if wrong { Decision::Relabel(label) } else { Decision::Keep },
                evidence: None,
                score: Some(errors.normalized_margin[row as usize]),
                seconds: Some(3.0),
            };
            session.run(&settle).unwrap();
        }
        let audited = audit(&session, &findings);
        assert_eq!(audited.0.drawn, begun.drawn, "verdicts leave what was drawn as it is");
        let found = audited.0.audit.clone().unwrap();
        assert_eq!(found.verdicts, 30);
        assert!(
            found.wrong > 0 && found.chance(0.0) > found.chance(1.0),
            "{} {}",
            found.chance(0.0),
            found.chance(1.0)
        );
        let store = session.project().store_path();
        assert_eq!(review_seconds(&store, &Work::new()).unwrap(), Some(3.0));
        let cut = *found.at_cut().unwrap();
        session
            .configure(|config| {
                config.settings.error_cut = Some(cut.score);
                Ok(())
            })
            .unwrap();
        let moved = get(&session, &FindingsOf { basis: session.basis(), quality: false });
        let flagged = moved.0.label_errors.clone().unwrap();
        let up_to = flagged.normalized_margin.iter().filter(|score| **score <= cut.score).count();
        assert_eq!(flagged.count(), up_to);
        let cost = get(&session, &CostOf { basis: session.basis(), findings, audited });
        assert!(cost.0.len() > 1 && cost.0[0].corrected == 0, "{:?}", cost.0);

        let (gained, _) = get(&session, &BeforeAfterOf(session.basis()));
        assert_eq!(gained.changed, found.wrong as u64);
        assert!(gained.on_agreed.is_some() && gained.on_given.is_some());
    }

    #[test]
    fn the_set_as_a_whole_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let session = project(folder.path());
        let (found, _) = get(&session, &WholeSetOf(session.basis()));
        assert_eq!(found.imbalance.counts.iter().sum::<u64>(), 200);
        assert!(found.order.is_some() && found.runs.is_some() && !found.telling.is_empty() && found.labels.is_ok());
        assert!(found.confused.iter().all(|pair| pair.rows.iter().all(|row| *row < 200)));
        let (leaks, _) = get(&session, &LeaksOf(session.basis()));
        let into = leaks.leaks.as_ref().unwrap();
        let part = &into.parts[0];
        assert_eq!((leaks.names[usize::from(into.taught)].as_str(), part.rows), ("train", 40));
        assert!(part.leaked.iter().all(|row| *row >= 180) && part.leaked.len() >= 10, "{:?}", part.leaked);
        let (with, without) = (part.accuracy.unwrap(), part.without.unwrap());
        assert_eq!((with.of, without.of), (40, 40 - part.leaked.len() as u64));
    }
}
