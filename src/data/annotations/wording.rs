//! Whether texts that answer a question are classes or free texts, where the file does not say.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash as _, Hasher as _};

use super::Task;
use super::holds::Report;

/// Marks that end sentences.
const ENDS: [char; 6] = ['.', '!', '?', '。', '！', '？'];

/// From so many texts on, mostly distinct ones are not classes.
const MANY: usize = 20;

/// The texts that were given to one question.
#[derive(Debug, Clone, Default)]
pub(super) struct Wording {
    count: usize,
    sentences: usize,
    distinct: HashSet<u64>,
}

impl Wording {
    /// Takes a text into account.
    pub(super) fn see(&mut self, text: &str) {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        self.count += 1;
        self.sentences += usize::from(text.trim_end().ends_with(ENDS));
        self.distinct.insert(hasher.finish());
    }

    /// True if there was none.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.sentences += other.sentences;
        self.distinct.extend(other.distinct);
    }

    /// Whether they are free texts, and why: as asked, or because most end as sentences do, or are distinct.
    pub(super) fn are_answers(&self, task: Option<Task>) -> (bool, String) {
        let (count, distinct) = (self.count, self.distinct.len());
        match task {
            Some(Task::Answers) => (true, "as asked".to_owned()),
            Some(_) => (false, "as asked".to_owned()),
            None if self.sentences * 2 > count => (true, format!("{} of {count} end as sentences do", self.sentences)),
            None if count >= MANY && distinct * 2 > count => (true, format!("{distinct} of {count} are distinct")),
            None => (false, format!("{distinct} distinct in {count}")),
        }
    }

    /// Says what they were taken for.
    pub(super) fn report(&self, what: &str, task: Option<Task>, report: &mut Report) -> bool {
        let (answers, reason) = self.are_answers(task);
        report.infer(what, format!("{} ({reason})", if answers { "free texts" } else { "classes" }));
        answers
    }
}

/// The texts that were given to each question of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Questions(BTreeMap<String, Wording>);

impl Questions {
    /// Takes a text into account.
    pub(super) fn see(&mut self, question: &str, text: &str) {
        match self.0.get_mut(question) {
            Some(wording) => wording.see(text),
            None => self.0.entry(question.to_owned()).or_default().see(text),
        }
    }

    /// Takes in what was seen elsewhere.
    pub(super) fn merge(&mut self, other: Self) {
        for (question, wording) in other.0 {
            self.0.entry(question).or_default().merge(wording);
        }
    }

    /// The questions that were answered with free texts; says of all what they were taken for.
    pub(super) fn settle(&self, task: Option<Task>, report: &mut Report) -> HashSet<String> {
        self.0
            .iter()
            .filter(|(question, wording)| wording.report(question, task, report))
            .map(|(question, _)| question.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_and_names_are_told_apart() {
        let check = |texts: &[&str], task: Option<Task>, answers: bool| {
            let mut wording = Wording::default();
            texts.iter().for_each(|text| wording.see(text));
            assert_eq!(wording.are_answers(task).0, answers, "{texts:?}");
        };
        check(&["good", "bad", "good"], None, false);
        check(&["It is good.", "좋아요!"], None, true);
        check(&["It is good."], Some(Task::Classes), false);
        check(&["good"], Some(Task::Answers), true);
        let many: Vec<String> = (0..30).map(|number| format!("answer {number}")).collect();
        check(&many.iter().map(String::as_str).collect::<Vec<_>>(), None, true);
        check(&["a"; 30], None, false);
    }
}
