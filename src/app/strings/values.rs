//! Texts with values in them, one method each.

use super::{Language, Particle, Strings, decimal, duration, grouped, percent, with_particle};
use crate::clean::image_issues::ImageIssue;
use crate::clean::text_quality::TextIssue;

impl Strings {
    /// `english` or `korean`, whichever these texts are in.
    pub fn pick(&self, english: String, korean: String) -> String {
        match self.language {
            Language::English => english,
            Language::Korean => korean,
        }
    }

    /// "1,204 of 10,000 rows".
    pub fn rows_of(&self, shown: u64, total: u64) -> String {
        let (shown, total_text) = (grouped(shown), grouped(total));
        self.pick(
            format!("{shown} of {total_text} {}", plural(total, "row", "rows")),
            format!("{total_text}행 중 {shown}행"),
        )
    }

    /// "1 row", "10,000 rows".
    pub fn rows_count(&self, count: u64) -> String {
        self.pick(format!("{} {}", grouped(count), plural(count, "row", "rows")), format!("{}행", grouped(count)))
    }

    /// "37 selected".
    pub fn selected_count(&self, count: u64) -> String {
        self.pick(format!("{} selected", grouped(count)), format!("{}개 선택", grouped(count)))
    }

    /// "47 of 412", as a screen reader should say a bar.
    pub fn count_of(&self, count: u64, total: u64) -> String {
        let (count, total) = (grouped(count), grouped(total));
        self.pick(format!("{count} of {total}"), format!("{total} 중 {count}"))
    }

    /// "3 of 500 labelled".
    pub fn labelled_of(&self, done: u64, total: u64) -> String {
        let (done, total) = (grouped(done), grouped(total));
        self.pick(format!("{done} of {total} labelled"), format!("{total}개 중 {done}개 라벨링"))
    }

    /// "entities: 12 of 300 items done".
    pub fn finished_of(&self, task: &str, done: u64, total: u64) -> String {
        let (done, total) = (grouped(done), grouped(total));
        self.pick(format!("{task}: {done} of {total} items done"), format!("{task}: 항목 {total}개 중 {done}개 마침"))
    }

    /// "All 500 rows in this batch have a label".
    pub fn batch_finished(&self, rows: u64) -> String {
        let rows = grouped(rows);
        self.pick(
            format!("All {rows} rows in this batch have a label"),
            format!("이 묶음의 {rows}행에 모두 라벨을 붙였습니다"),
        )
    }

    /// "0 of 10,000 rows match".
    pub fn none_match(&self, total: u64) -> String {
        let total = grouped(total);
        self.pick(format!("0 of {total} rows match"), format!("{total}행 중 맞는 행이 없습니다"))
    }

    /// "Removing “length > 400” gives 212 rows".
    pub fn removing_gives(&self, filter: &str, rows: u64) -> String {
        let rows_text = grouped(rows);
        self.pick(
            format!("Removing “{filter}” gives {rows_text} {}", plural(rows, "row", "rows")),
            format!("“{filter}” 필터를 제거하면 {rows_text}행이 나옵니다"),
        )
    }

    /// "Computed for an older state (37 labels ago)".
    pub fn stale_by_labels(&self, labels: u64) -> String {
        let count = grouped(labels);
        self.pick(
            format!("Computed for an older state ({count} {} ago)", plural(labels, "label", "labels")),
            format!("이전 상태에서 계산했습니다 (라벨 {count}개 전)"),
        )
    }

    /// "1,204 labels, 0 predictions".
    pub fn labels_and_predictions(&self, labels: u64, predictions: u64) -> String {
        let (l, p) = (grouped(labels), grouped(predictions));
        self.pick(
            format!(
                "{l} {}, {p} {}",
                plural(labels, "label", "labels"),
                plural(predictions, "prediction", "predictions")
            ),
            format!("라벨 {l}개, 예측 {p}개"),
        )
    }

    /// "about 2 min left".
    pub fn time_left(&self, seconds: f64) -> String {
        let left = duration(seconds, self.language);
        self.pick(format!("about {left} left"), format!("약 {left} 남음"))
    }

    /// "1,204 / 10,000", or "1,204" while the total is unknown.
    pub fn done_of(&self, done: u64, total: u64) -> String {
        if total == 0 { grouped(done) } else { format!("{} / {}", grouped(done), grouped(total)) }
    }

    /// "Undid: label spam on 1 item". `what` is a phrase such as [`Self::act_label`] makes.
    pub fn undid(&self, what: &str) -> String {
        self.pick(format!("Undid: {what}"), format!("실행 취소: {what}"))
    }

    /// "Redid: label spam on 1 item".
    pub fn redid(&self, what: &str) -> String {
        self.pick(format!("Redid: {what}"), format!("다시 실행: {what}"))
    }

    /// "label spam on 1 item", for the history and for undo.
    pub fn act_label(&self, class: &str, items: u64) -> String {
        let count = grouped(items);
        self.pick(
            format!("label {class} on {count} {}", plural(items, "item", "items")),
            format!("{count}개 항목에 {class} 라벨"),
        )
    }

    /// "clear label on 1 item".
    pub fn act_clear_label(&self, items: u64) -> String {
        let count = grouped(items);
        self.pick(
            format!("clear label on {count} {}", plural(items, "item", "items")),
            format!("{count}개 항목의 라벨 지우기"),
        )
    }

    /// "exclude 3 items".
    pub fn act_exclude(&self, items: u64) -> String {
        let count = grouped(items);
        self.pick(format!("exclude {count} {}", plural(items, "item", "items")), format!("{count}개 항목 제외"))
    }

    /// "Remove spam": the accessible name of the cross on a chip.
    pub fn remove_named(&self, name: &str) -> String {
        self.pick(format!("Remove {name}"), format!("{name} 제거"))
    }

    /// "Label as spam": the accessible name of a class button.
    pub fn label_as(&self, class: &str) -> String {
        self.pick(format!("Label as {class}"), format!("{} 라벨", with_particle(class, Particle::To)))
    }

    /// "Sorted by length": the accessible state of a column header.
    pub fn sorted_by(&self, column: &str) -> String {
        self.pick(format!("Sorted by {column}"), format!("{} 정렬", with_particle(column, Particle::To)))
    }

    /// "Row 1,205", counted from 1.
    pub fn row_number(&self, row: u64) -> String {
        let number = grouped(row.saturating_add(1));
        self.pick(format!("Row {number}"), format!("{number}행"))
    }

    /// "Line 12", counted from 1.
    pub fn line_number(&self, line: usize) -> String {
        self.pick(format!("Line {line}"), format!("{line}번째 줄"))
    }

    /// "3 errors".
    pub fn error_count(&self, count: u64) -> String {
        let number = grouped(count);
        self.pick(format!("{number} {}", plural(count, "error", "errors")), format!("오류 {number}개"))
    }

    /// "12 images could not be read".
    pub fn images_unreadable(&self, count: u64) -> String {
        let number = grouped(count);
        self.pick(
            format!("{number} {} could not be read", plural(count, "image", "images")),
            format!("이미지 {number}개를 읽지 못했습니다"),
        )
    }

    /// "saved 14:02".
    pub fn saved_at(&self, time: &str) -> String {
        self.pick(format!("saved {time}"), format!("{time} 저장됨"))
    }

    /// Why a row is among the label errors: "A model trained without this row gives spam 91%, and its label ham 4%".
    pub fn why_label_error(&self, suggested: &str, suggested_share: f64, given: &str, given_share: f64) -> String {
        let (high, low) = (percent(suggested_share), percent(given_share));
        self.pick(
            format!("A model trained without this row gives {suggested} {high}, and its label {given} {low}"),
            format!("이 행을 빼고 학습한 모델은 {suggested}에 {high}, 현재 라벨 {given}에 {low}의 확률을 줍니다"),
        )
    }

    /// Why a row is among the near duplicates: "Shares 93% of its wording with row 1,205".
    pub fn why_near_duplicate(&self, similarity: f64, other_row: u64) -> String {
        let share = percent(similarity);
        let number = grouped(other_row.saturating_add(1));
        self.pick(
            format!("Shares {share} of its wording with row {number}"),
            format!("{number}행과 표현이 {share} 같습니다"),
        )
    }

    /// Why an image is among the duplicates.
    pub fn why_same_image(&self, similarity: Option<f64>, other_row: u64) -> String {
        let number = grouped(other_row.saturating_add(1));
        match similarity.map(percent) {
            Some(share) => self.pick(
                format!("Looks like the image of row {number} ({share} alike)"),
                format!("{number}행의 이미지와 비슷합니다 (유사도 {share})"),
            ),
            None => self.pick(
                format!("The same as the image of row {number}, pixel for pixel"),
                format!("{number}행의 이미지와 픽셀까지 같습니다"),
            ),
        }
    }

    /// Why a row is among the exact duplicates: "The same as row 1,205, character for character".
    pub fn why_exact_duplicate(&self, other_row: u64) -> String {
        let number = grouped(other_row.saturating_add(1));
        self.pick(
            format!("The same as row {number}, character for character"),
            format!("{number}행과 글자 하나까지 같습니다"),
        )
    }

    /// Why an item is among the outliers.
    pub fn why_outlier(&self, distance: f64, threshold: f64, rank: u64) -> String {
        let (distance, threshold, number) = (decimal(distance), decimal(threshold), grouped(rank));
        self.pick(
            format!(
                "Unlike all others, number {number} of them: its nearest neighbours are {distance} away, and {threshold} \
                 is far"
            ),
            format!(
                "다른 것들과 다르기로 {number}번째입니다. 가장 가까운 이웃까지 {distance}이고, {threshold}를 넘으면 멉니다"
            ),
        )
    }

    /// Why an image is bad.
    pub fn why_image(&self, issue: ImageIssue, score: f64, threshold: f64) -> String {
        let what = self.image_issue(issue);
        // An image that cannot be read has no score, and one without colour none that says more.
        if matches!(issue, ImageIssue::Unreadable | ImageIssue::Grayscale) {
            return what.to_owned();
        }
        let (score, threshold) = (decimal(score), decimal(threshold));
        self.pick(
            format!("{what}: it scores {score} of 1, and below {threshold} is bad"),
            format!("{what}: 1점 만점에 {score}점이며, {threshold}점 아래면 나쁩니다"),
        )
    }

    /// Why a text is bad, with the part of it where the fault is.
    pub fn why_text(&self, issue: TextIssue, quoted: &str) -> String {
        let what = self.text_issue(issue);
        if quoted.is_empty() { what.to_owned() } else { format!("{what}: {quoted}") }
    }

    /// Why a text is too short or too long: its length, and those that are usual.
    pub fn why_length(&self, length: u64, least: u64, most: u64) -> String {
        let characters = plural(length, "character", "characters");
        let (length, least, most) = (grouped(length), grouped(least), grouped(most));
        self.pick(
            format!("{length} {characters}, where {least} to {most} are usual"),
            format!("{length}자이며, 보통은 {least}자에서 {most}자입니다"),
        )
    }

    /// "2 other issues".
    pub fn more_issues(&self, count: u64) -> String {
        let number = grouped(count);
        self.pick(
            format!("{number} {}", plural(count, "other issue", "other issues")),
            format!("그 밖에 문제 {number}개"),
        )
    }

    /// Why outliers were not looked for.
    pub fn no_outliers(&self, why: &str) -> String {
        self.pick(format!("Outliers were not looked for: {why}"), format!("이상치를 찾지 않았습니다: {why}"))
    }

    /// "Exported 9,812 rows to PATH"; the path comes last, so that it can be cut.
    pub fn exported(&self, rows: u64, path: &str) -> String {
        let count = self.rows_count(rows);
        self.pick(
            format!("Exported {count} to {path}"),
            format!("{} 내보냈습니다: {path}", with_particle(&count, Particle::Object)),
        )
    }

    /// "Delete project spam?": the title of the dialog.
    pub fn delete_question(&self, name: &str) -> String {
        self.pick(format!("Delete {name}?"), format!("{} 삭제할까요?", with_particle(name, Particle::Object)))
    }
}

/// `one` for a count of 1, else `many`.
fn plural(count: u64, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_into_both_languages() {
        let check = |text: fn(&Strings) -> String, english: &str, korean: &str| {
            assert_eq!(text(Strings::of(Language::English)), english);
            assert_eq!(text(Strings::of(Language::Korean)), korean);
        };
        check(|s| s.rows_of(1204, 10_000), "1,204 of 10,000 rows", "10,000행 중 1,204행");
        check(|s| s.rows_of(1, 1), "1 of 1 row", "1행 중 1행");
        check(|s| s.undid(&s.act_label("spam", 1)), "Undid: label spam on 1 item", "실행 취소: 1개 항목에 spam 라벨");
        check(|s| s.act_exclude(3), "exclude 3 items", "3개 항목 제외");
        check(|s| s.label_as("스팸"), "Label as 스팸", "스팸으로 라벨");
        check(|s| s.label_as("광고"), "Label as 광고", "광고로 라벨");
        check(|s| s.delete_question("spam"), "Delete spam?", "spam을 삭제할까요?");
        check(|s| s.done_of(5, 0), "5", "5");
        check(|s| s.row_number(1204), "Row 1,205", "1,205행");
        check(
            |s| s.why_near_duplicate(0.93, 1204),
            "Shares 93% of its wording with row 1,205",
            "1,205행과 표현이 93% 같습니다",
        );
        check(|s| s.exported(2, "/a"), "Exported 2 rows to /a", "2행을 내보냈습니다: /a");
        check(|s| s.time_left(125.0), "about 2 min 5 s left", "약 2분 5초 남음");
    }
}
