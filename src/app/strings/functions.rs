//! Texts with values in them that speak of labelling functions: suggestions, the matrix, statistics, versions.

use super::{Particle, Strings, grouped, percent, with_particle};
use crate::session::LabelsFrom;
use crate::weak::Meaning;
use crate::weak::pairs::RelationKind;
use crate::weak::suggest::Suggestion;

impl Strings {
    /// What was added where.
    pub fn function_added(&self, name: &str, file: &str) -> String {
        self.pick(format!("{name} added to {file}"), format!("{file}에 {name} 추가"))
    }

    /// Whose labels suggestions are made from.
    pub fn suggested_from(&self, from: LabelsFrom, labels: u64) -> String {
        let count = grouped(labels);
        match from {
            LabelsFrom::People => {
                self.pick(format!("From {count} labels by hand"), format!("직접 붙인 라벨 {count}개에서"))
            }
            LabelsFrom::Data => {
                self.pick(format!("From {count} labels of the data"), format!("데이터의 라벨 {count}개에서"))
            }
            LabelsFrom::Model => self.pick(
                format!("From {count} rows the label model is sure of"),
                format!("라벨 모델이 확신하는 {count}행에서"),
            ),
        }
    }

    /// The offer to suggest again what was refused.
    pub fn suggest_refused(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(format!("Bring back {count} refused"), format!("거절한 {count}개 되살리기"))
    }

    /// "1,204 of 10,000 rows without a vote".
    pub fn uncovered_of(&self, rows: u64, all: u64) -> String {
        let (rows, all) = (grouped(rows), grouped(all));
        self.pick(format!("{rows} of {all} rows have no vote"), format!("{all}행 중 {rows}행에 투표가 없습니다"))
    }

    /// What a suggestion would do, in a line.
    pub fn suggestion_figures(&self, one: &Suggestion, rows: u64, estimated: bool) -> String {
        let precision = percent(one.correct as f64 / one.judged.max(1) as f64);
        let (low, high) = (percent(one.interval.0), percent(one.interval.1));
        let (correct, judged) = (grouped(one.correct), grouped(one.judged));
        let (votes, fresh, conflicts) = (grouped(one.rows), grouped(one.new_rows), grouped(one.conflicts));
        let more = percent(one.new_rows as f64 / rows.max(1) as f64);
        let (mark, mark_korean) = if estimated { ("estimated ", "추정 ") } else { ("", "") };
        self.pick(
            format!(
                "{mark}precision {precision} ({low} – {high}; {correct} of {judged})  ·  {votes} rows, {fresh} new (+{more})  ·  {conflicts} conflicts"
            ),
            format!(
                "{mark_korean}정밀도 {precision} ({low} – {high}, {judged}개 중 {correct}개)  ·  {votes}행, 새로 {fresh}행 (+{more})  ·  충돌 {conflicts}행"
            ),
        )
    }

    /// What two functions are to each other.
    pub fn relation(&self, kind: RelationKind, first: &str, second: &str, jaccard: f64) -> String {
        let share = percent(jaccard);
        match kind {
            RelationKind::NearDuplicate => self.pick(
                format!("{first} and {second} vote alike on nearly the same rows (Jaccard {share})"),
                format!("{first} · {second}: 거의 같은 행에 같은 투표를 합니다 (자카드 {share})"),
            ),
            RelationKind::Subsumed => self.pick(
                format!("{first} adds nothing to {second}: wherever it votes, so does the other (Jaccard {share})"),
                format!("{first}의 투표는 모두 {second}에 들어 있습니다 (자카드 {share})"),
            ),
        }
    }

    /// The offer to label all rows of a pattern.
    pub fn label_pattern(&self, open: u64, class: &str) -> String {
        let open = grouped(open);
        let to_class = with_particle(class, Particle::To);
        self.pick(format!("Label {open} rows as {class}"), format!("{open}행을 {to_class} 라벨링"))
    }

    /// What labelling a pattern would do.
    pub fn label_pattern_preview(&self, open: u64, kept: u64, class: &str) -> String {
        let (open_text, kept_text) = (grouped(open), grouped(kept));
        let (mut english, mut korean) = (
            format!("{open_text} rows that show these votes become {class}. One undo takes it back."),
            format!("이 투표를 보이는 {open_text}행이 {class} 라벨을 받습니다. 한 번에 되돌릴 수 있습니다."),
        );
        if kept > 0 {
            english.push_str(&format!(" {kept_text} rows labelled by hand keep their label."));
            korean.push_str(&format!(" 직접 라벨을 붙인 {kept_text}행은 그대로 둡니다."));
        }
        self.pick(english, korean)
    }

    /// Counts of two functions on the same rows, as a tooltip says them.
    pub fn pair_figures(&self, overlap: u64, agree: u64, conflict: u64, jaccard: f64) -> String {
        let (overlap, agree, conflict) = (grouped(overlap), grouped(agree), grouped(conflict));
        let jaccard = percent(jaccard);
        self.pick(
            format!("both vote on {overlap} rows\nagree on {agree}, conflict on {conflict}\nJaccard {jaccard}"),
            format!("둘 다 투표 {overlap}행\n일치 {agree}행, 충돌 {conflict}행\n자카드 {jaccard}"),
        )
    }

    /// A chip of rows on which the votes of a function changed.
    pub fn changed_by(&self, name: &str) -> String {
        self.pick(format!("changed by {name}"), format!("{name}의 투표가 바뀐 행"))
    }

    /// Overlaps and conflicts among the rows that a function votes on.
    pub fn of_its_votes(&self, overlaps: &str, conflicts: &str) -> String {
        self.pick(
            format!("of its own votes: {overlaps} overlap, {conflicts} conflict"),
            format!("이 함수의 투표 가운데 겹침 {overlaps}, 충돌 {conflicts}"),
        )
    }

    /// What a vote adds to the label of an item.
    pub fn contribution(&self, value: f64, log_odds: bool, class: &str, flips: bool) -> String {
        let unit = if log_odds { self.pick("log-odds".to_owned(), "로그 오즈".to_owned()) } else { String::new() };
        let (mut english, mut korean) =
            (format!("{value:+.2} {unit} for {class}"), format!("{class} 쪽으로 {value:+.2} {unit}"));
        if flips {
            english.push_str("; without it the label would be another");
            korean.push_str(". 이 투표가 없으면 라벨이 달라집니다");
        }
        self.pick(english, korean)
    }

    /// How often something was found.
    pub fn hits(&self, count: u64) -> String {
        let text = grouped(count);
        self.pick(format!("{text} found"), format!("{text}개"))
    }

    /// What a vote says that is not one class for certain: its classes, and how sure it is.
    pub fn meaning(&self, meaning: &Meaning, classes: &[String]) -> String {
        let left_out = meaning.left_out(classes.len()).and_then(|class| classes.get(class));
        let said = match left_out {
            Some(class) => self.pick(format!("not {class}"), format!("{class} 아님")),
            None => meaning.show(classes),
        };
        let sure = meaning.confidence();
        if sure < 1.0 { format!("{said} {}", percent(sure)) } else { said }
    }

    /// What an edit changed in the votes of a function.
    pub fn vote_change(&self, gained: u64, lost: u64, flipped: u64) -> String {
        let (gained, lost, flipped) = (grouped(gained), grouped(lost), grouped(flipped));
        self.pick(
            format!("+{gained} votes, −{lost}, {flipped} for another class"),
            format!("투표 +{gained}, −{lost}, 다른 클래스로 {flipped}"),
        )
    }

    /// How many hand labels are missing until a function can be told from a threshold.
    pub fn labels_until(&self, more: u64, threshold: f64) -> String {
        let (count, share) = (grouped(more), percent(threshold));
        let labels = if more == 1 { "label" } else { "labels" };
        self.pick(
            format!("needs {count} more hand {labels} to tell whether it is above {share}"),
            format!("{share}보다 나은지 알려면 직접 붙인 라벨이 {count}개 더 필요합니다"),
        )
    }
}
