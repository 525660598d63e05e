//! Why a row was found, as a sentence: what the fix queue and the inspector say of a finding.

use crate::app::pane::PaneCx;
use crate::app::strings::Strings;
use crate::clean::text_quality::TextIssue;
use crate::clean::{Finding, FindingKind, Reason};
use crate::label::ClassIndex;
use crate::project::Content;

/// Characters of a text that are quoted at most.
const QUOTED: usize = 60;

/// Why a row was found.
pub(super) fn why(cx: &PaneCx<'_>, finding: Finding) -> String {
    let strings = cx.strings;
    match finding.reason {
        Reason::Label { given, suggested, margin, .. } => {
            let row = finding.row as usize;
            let hand = cx.session.annotations().labels()[row];
            let label = if hand >= 0 { hand } else { cx.session.given().map_or(-1, |given| given[row]) };
            let name = |class| class_name(cx, class).unwrap_or_default();
            let label = name(u16::try_from(label).ok().map(ClassIndex));
            strings.why_label_error(&name(Some(suggested)), given + margin, &label, given)
        }
        Reason::Duplicate { kept, similarity, conflict, leak, .. } => {
            let exact = finding.kind == FindingKind::ExactDuplicate;
            let mut text = match cx.session.content() {
                Content::Image(_) => strings.why_same_image((!exact).then_some(f64::from(similarity)), u64::from(kept)),
                _ if exact => strings.why_exact_duplicate(u64::from(kept)),
                _ => strings.why_near_duplicate(f64::from(similarity), u64::from(kept)),
            };
            if conflict {
                text = format!("{text}. {}", strings.labels_differ);
            }
            if leak {
                text = format!("{text}. {}", strings.in_several_splits);
            }
            text
        }
        Reason::Outlier { distance, threshold, rank } => strings.why_outlier(distance, threshold, u64::from(rank)),
        Reason::Image { issue, score, threshold, more } => {
            with_more(strings, strings.why_image(issue, score, threshold), more)
        }
        Reason::Text { issue, start, end, usual, more } => {
            let text = cx.session.content_column().and_then(|column| column.strings());
            let text = text.map(|texts| texts.value(finding.row as usize)).unwrap_or_default();
            with_more(strings, why_text(strings, issue, text, start..end, usual), more)
        }
    }
}

fn why_text(
    strings: &Strings,
    issue: TextIssue,
    text: &str,
    place: std::ops::Range<usize>,
    usual: Option<(usize, usize)>,
) -> String {
    match (issue, usual) {
        (TextIssue::Short | TextIssue::Long, Some((least, most))) => {
            strings.why_length(text.chars().count() as u64, least as u64, most as u64)
        }
        _ => {
            let spot = text.get(place).unwrap_or_default();
            let quoted: String = spot.chars().take(QUOTED).map(|c| if c.is_control() { ' ' } else { c }).collect();
            strings.why_text(issue, quoted.trim())
        }
    }
}

fn with_more(strings: &Strings, text: String, more: u32) -> String {
    if more == 0 { text } else { format!("{text}. {}", strings.more_issues(u64::from(more))) }
}

/// The name of a class.
pub(super) fn class_name(cx: &PaneCx<'_>, class: Option<ClassIndex>) -> Option<String> {
    cx.session.classes().get(class?).map(|class| class.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::strings::Language;
    use crate::clean::text_quality::Personal;

    #[test]
    fn texts_are_quoted_where_the_fault_is() {
        let english = Strings::of(Language::English);
        let say = |issue, text: &str, place| why_text(english, issue, text, place, Some((5, 80)));
        let email = TextIssue::Personal(Personal::Email);
        assert_eq!(say(email, "write me@example.com", 6..20), "E-mail address: me@example.com");
        assert_eq!(say(TextIssue::Empty, "", 0..0), "Empty");
        assert_eq!(say(TextIssue::Short, "가", 0..3), "1 character, where 5 to 80 are usual");
        assert_eq!(say(email, "가", 1..2), "E-mail address", "never cut inside a character");
        let korean = Strings::of(Language::Korean);
        assert_eq!(
            why_text(korean, TextIssue::Long, "가나다", 0..9, Some((1, 2))),
            "3자이며, 보통은 1자에서 2자입니다"
        );
        assert_eq!(with_more(english, "Empty".to_owned(), 2), "Empty. 2 other issues");
    }
}
