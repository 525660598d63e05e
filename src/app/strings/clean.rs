//! Texts with values in them that speak of the audit, of what corrections gained, and of the set as a whole.

use super::{Particle, Strings, decimal, grouped, percent, with_particle};

impl Strings {
    /// How many of the drawn labels are settled.
    pub fn audit_settled(&self, done: u64, of: u64) -> String {
        let (done, of) = (grouped(done), grouped(of));
        self.pick(format!("{done} of {of} settled"), format!("{of}건 중 {done}건 처리"))
    }

    /// How many verdicts there are, and how many of them found the label wrong.
    pub fn audit_verdicts(&self, verdicts: u64, wrong: u64) -> String {
        let (verdicts, wrong) = (grouped(verdicts), grouped(wrong));
        self.pick(
            format!("{verdicts} verdicts, {wrong} wrong labels"),
            format!("판정 {verdicts}건, 틀린 라벨 {wrong}건"),
        )
    }

    /// From how many verdicts on curves are drawn.
    pub fn audit_needs(&self, count: u64) -> String {
        self.pick(
            format!("From {count} verdicts on, precision and recall at every rank stand here"),
            format!("판정이 {count}건 이상이면 순위별 정밀도와 재현율을 여기에 보여 줍니다"),
        )
    }

    /// "81% (70% – 90%)".
    pub fn with_interval(&self, value: &str, low: &str, high: &str) -> String {
        self.pick(format!("{value} ({low} to {high})"), format!("{value} ({low} ~ {high})"))
    }

    /// What holds if all labels up to a rank are taken for errors.
    pub fn audit_at_rank(&self, rank: u64, precision: &str, recall: &str, errors: f64) -> String {
        let (rank, errors) = (grouped(rank), grouped(errors.round().max(0.0) as u64));
        self.pick(
            format!("Up to rank {rank}: precision {precision}, recall {recall}, about {errors} wrong labels"),
            format!("{rank}위까지: 정밀도 {precision}, 재현율 {recall}, 틀린 라벨 약 {errors}건"),
        )
    }

    /// "Cut at rank 975".
    pub fn cut_at(&self, rank: u64) -> String {
        let rank = grouped(rank);
        self.pick(format!("Cut at rank {rank}"), format!("{rank}위에서 자르기"))
    }

    /// The way back to what the rule flags.
    pub fn cut_by_rule(&self, flagged: u64) -> String {
        let flagged = grouped(flagged);
        self.pick(format!("Back to the rule ({flagged})"), format!("규칙으로 되돌리기 ({flagged}건)"))
    }

    /// That the cut was moved.
    pub fn cut_moved(&self, flagged: u64) -> String {
        let flagged = grouped(flagged);
        self.pick(
            format!("The cut was moved: {flagged} labels count as likely errors"),
            format!("기준을 옮겨 라벨 {flagged}건을 오류로 의심합니다"),
        )
    }

    /// The share of labels that are wrong.
    pub fn wrong_in_all(&self, share: &str) -> String {
        self.pick(format!("Of all labels {share} are wrong"), format!("전체 라벨의 {share}가 틀렸습니다"))
    }

    /// How long a review takes, and all of them up to the chosen rank.
    pub fn review_takes(&self, one: &str, rank: u64, all: &str) -> String {
        let rank = grouped(rank);
        self.pick(
            format!("{one} a review, as you have reviewed so far; {all} up to rank {rank}"),
            format!("지금까지의 기록으로 한 건에 {one}, {rank}위까지 {all} 걸립니다"),
        )
    }

    /// How many labels were changed, and how many items left out.
    pub fn corrections(&self, changed: u64, left_out: u64) -> String {
        let plural = |count: u64, one: &'static str, many: &'static str| if count == 1 { one } else { many };
        let (labels, items) = (plural(changed, "label", "labels"), plural(left_out, "item", "items"));
        let (changed, left_out) = (grouped(changed), grouped(left_out));
        self.pick(
            format!("{changed} {labels} corrected, {left_out} {items} left out"),
            format!("라벨 {changed}건 수정, 항목 {left_out}건 제외"),
        )
    }

    /// How likely a difference is by chance.
    pub fn by_chance(&self, p: f64) -> String {
        let p = decimal(p);
        self.pick(
            format!("By chance with probability {p} (McNemar)"),
            format!("우연히 이만큼 차이 날 확률 {p} (맥니마 검정)"),
        )
    }

    /// Classes that are spelt in several ways.
    pub fn class_variants_differ(&self, names: &str) -> String {
        self.pick(
            format!("These differ in case and spaces only: {names}"),
            format!("대소문자와 공백만 다릅니다: {names}"),
        )
    }

    /// "Take them for Spam".
    pub fn take_for_one(&self, class: &str) -> String {
        self.pick(format!("Take them for {class}"), format!("모두 {} 합치기", with_particle(class, Particle::To)))
    }

    /// That no class is rare.
    pub fn classes_balanced(&self, rarest: &str, share: f64) -> String {
        let share = percent(share);
        self.pick(
            format!("No class has less than a tenth of an equal share; the rarest is {rarest} with {share}"),
            format!("고른 몫의 10분의 1보다 적은 클래스는 없습니다. 가장 드문 클래스는 {rarest}({share})입니다"),
        )
    }

    /// That some classes are rare.
    pub fn classes_rare(&self, names: &str, count: u64) -> String {
        let classes = if count == 1 { "class has" } else { "classes have" };
        self.pick(
            format!("{} {classes} less than a tenth of an equal share: {names}", grouped(count)),
            format!("고른 몫의 10분의 1도 안 되는 클래스가 {}개 있습니다: {names}", grouped(count)),
        )
    }

    /// How healthy labels are.
    pub fn health_of(&self, health: f64, issues: u64, rows: u64) -> String {
        let (health, issues, rows) = (percent(health), grouped(issues), grouped(rows));
        self.pick(
            format!("{health} of the labels are sound: {issues} of {rows} are likely wrong"),
            format!("라벨의 {health}가 온전합니다. {rows}건 가운데 {issues}건이 틀린 것 같습니다"),
        )
    }

    /// The classes whose labels are least to be trusted.
    pub fn worst_classes(&self, classes: &str) -> String {
        self.pick(
            format!("The share of right labels, lowest first:  {classes}"),
            format!("맞는 라벨의 비율이 낮은 순서:  {classes}"),
        )
    }

    /// How much of the set two classes that are taken for each other concern.
    pub fn confused_share(&self, share: f64) -> String {
        let share = percent(share);
        self.pick(
            format!("By the confident joint, {share} of all labels lie between these two"),
            format!("신뢰 결합 행렬로 보면 전체 라벨의 {share}가 이 둘 사이에 걸쳐 있습니다"),
        )
    }

    /// That rows leaked from the part that is taught.
    pub fn leaks_into(&self, taught: &str) -> String {
        self.pick(
            format!("Rows of other parts have a copy in {taught}: a model is tested on what it was taught"),
            format!("다른 분할의 행이 {taught}에도 들어 있습니다. 모델이 배운 것으로 시험을 보게 됩니다"),
        )
    }

    /// How many rows of a part leaked.
    pub fn leaked_rows(&self, part: &str, leaked: u64, rows: u64) -> String {
        let (leaked, rows) = (grouped(leaked), grouped(rows));
        self.pick(format!("{part}: {leaked} of {rows} rows"), format!("{part}: {rows}행 중 {leaked}행"))
    }

    /// Accuracy with the leaked rows and without.
    pub fn accuracy_without(&self, with: &str, without: &str) -> String {
        self.pick(
            format!("accuracy {with}, without these rows {without}"),
            format!("정확도 {with}, 이 행들을 빼면 {without}"),
        )
    }

    /// That the order of rows tells something.
    pub fn order_tells(&self, p: f64) -> String {
        let p = decimal(p);
        self.pick(
            format!("Rows that stand near each other are alike (p = {p}): a split by position would not be a fair one"),
            format!("가까이 있는 행끼리 비슷합니다 (p = {p}). 위치로 나누면 공정한 분할이 되지 않습니다"),
        )
    }

    /// That it does not.
    pub fn order_random(&self, p: f64) -> String {
        let p = decimal(p);
        self.pick(
            format!("Rows stand as in a random order (p = {p})"),
            format!("행의 순서는 무작위와 다르지 않습니다 (p = {p})"),
        )
    }

    /// How often rows that follow each other have the same label.
    pub fn label_runs(&self, same: f64, by_chance: f64) -> String {
        let (same, by_chance) = (percent(same), percent(by_chance));
        self.pick(
            format!(
                "Rows that follow each other have the same label in {same} of cases, by chance it would be {by_chance}"
            ),
            format!("이어지는 두 행의 라벨이 같은 경우는 {same}이고, 우연이라면 {by_chance}입니다"),
        )
    }

    /// That properties give labels away.
    pub fn given_away(&self, names: &str) -> String {
        self.pick(
            format!("The label can be told from this alone, and a model may learn it instead: {names}"),
            format!("이것만으로 라벨을 맞힐 수 있어 모델이 엉뚱한 것을 배울 수 있습니다: {names}"),
        )
    }

    /// The rows where a property is highest.
    pub fn highest_of(&self, property: &str) -> String {
        self.pick(format!("{property}: highest tenth"), format!("{property}: 상위 10%"))
    }

    /// A simple property of texts, or the name of a column.
    pub fn property<'a>(&self, name: &'a str) -> &'a str {
        let (english, korean) = match name {
            "characters" => ("Length in characters", "글자 수"),
            "words" => ("Number of words", "단어 수"),
            "word_length" => ("Length of words", "단어 길이"),
            "capitals" => ("Share of capital letters", "대문자 비율"),
            "digits" => ("Share of digits", "숫자 비율"),
            "punctuation" => ("Share of punctuation", "문장 부호 비율"),
            other => return other,
        };
        match self.language {
            super::Language::English => english,
            super::Language::Korean => korean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::*;

    #[test]
    fn values_are_put_into_both_languages() {
        let check = |text: fn(&Strings) -> String, english: &str, korean: &str| {
            assert_eq!(text(Strings::of(Language::English)), english);
            assert_eq!(text(Strings::of(Language::Korean)), korean);
        };
        check(|s| s.cut_at(1200), "Cut at rank 1,200", "1,200위에서 자르기");
        check(|s| s.take_for_one("스팸"), "Take them for 스팸", "모두 스팸으로 합치기");
        check(|s| s.property("words").to_owned(), "Number of words", "단어 수");
        check(|s| s.property("image_width").to_owned(), "image_width", "image_width");
        check(|s| s.leaked_rows("test", 3, 1000), "test: 3 of 1,000 rows", "test: 1,000행 중 3행");
        check(
            |s| s.classes_rare("a", 1),
            "1 class has less than a tenth of an equal share: a",
            "고른 몫의 10분의 1도 안 되는 클래스가 1개 있습니다: a",
        );
    }
}
