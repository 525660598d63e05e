//! Texts with values in them that speak of labels, functions, models and findings.

use super::{Language, Particle, Strings, decimal, grouped, percent, with_particle};
use crate::app::act::Order;
use crate::clean::FindingKind;
use crate::clean::image_issues::ImageIssue;
use crate::clean::text_quality::{Damage, Personal, TextIssue};
use crate::data::annotations::Reason;
use crate::deliver::Source;
use crate::label::TaskKind;

impl Strings {
    /// What a command did, by its stable name, such as "label on 3 items".
    pub fn act(&self, name: &str, items: u64) -> String {
        let count = grouped(items);
        let (english, korean) = match name {
            "label" => ("label", "라벨"),
            "clear-label" => ("clear label", "라벨 지우기"),
            "skip" => ("skip", "건너뛰기"),
            "mark" => ("mark", "표시"),
            "unsure" => ("unsure", "확실하지 않음"),
            "bad_item" => ("bad item", "불량 항목"),
            "comment" => ("comment", "댓글"),
            "decide" => ("decide", "결정"),
            "import" => ("import", "가져오기"),
            "packet" => ("packet in", "패킷 받기"),
            "change-mark" => ("change mark", "표시 변경"),
            "unmark" => ("remove mark", "표시 삭제"),
            "finish" => ("finish", "완료"),
            "reopen" => ("reopen", "다시 열기"),
            "restore" => ("going back", "되돌아가기"),
            "keep" => ("keep as it is", "그대로 유지"),
            "relabel" => ("relabel", "라벨 바꾸기"),
            "exclude" => ("exclude", "제외"),
            "repeat" => ("label", "라벨"),
            "rename-class" => ("rename of a class", "클래스 이름 변경"),
            "remove-class" => ("removal of a class", "클래스 삭제"),
            "merge-classes" => ("merging of classes", "클래스 합치기"),
            "several-right" => ("several right", "여러 라벨이 맞음"),
            "none-right" => ("none right", "맞는 라벨 없음"),
            "settle" => ("settle", "처리"),
            "patch" => ("patch", "패치 적용"),
            "tasks" => return self.pick("change of tasks".to_owned(), "작업 변경".to_owned()),
            "classes" => return self.pick("change of classes".to_owned(), "클래스 변경".to_owned()),
            other => (other, other),
        };
        let items = if items == 1 { "item" } else { "items" };
        self.pick(format!("{english}, {count} {items}"), format!("{korean}, {count}개 항목"))
    }

    /// What somebody did, as a sentence of the history.
    pub fn did(&self, who: &str, name: &str, items: u64) -> String {
        let count = grouped(items);
        let (english, korean) = match name {
            "label" => ("labelled", "라벨"),
            "clear-label" => ("cleared the label of", "라벨 지움"),
            "skip" => ("skipped", "건너뜀"),
            "repeat" => ("labelled again", "다시 라벨"),
            "mark" => ("marked", "표시"),
            "change-mark" => ("changed marks in", "표시 변경"),
            "unmark" => ("removed marks from", "표시 삭제"),
            "finish" => ("finished", "완료"),
            "reopen" => ("reopened", "다시 엶"),
            "unsure" => ("was unsure of", "확실하지 않음"),
            "bad_item" => ("called bad", "불량 항목"),
            "comment" => ("commented on", "댓글"),
            "decide" => ("decided", "결정"),
            "import" => ("imported", "가져옴"),
            "packet" => ("took in a packet of", "패킷 받음"),
            "keep" => ("kept as it is", "그대로 유지"),
            "relabel" => ("relabelled", "라벨 바꿈"),
            "exclude" => ("excluded", "제외"),
            "restore" => ("went back with", "되돌아감"),
            "rename-class" => ("renamed a class of", "클래스 이름 바꿈"),
            "remove-class" => ("removed a class from", "클래스 삭제"),
            "merge-classes" => ("merged classes of", "클래스 합침"),
            "tasks" => return self.pick(format!("{who} changed the tasks"), format!("{who}: 작업 변경")),
            "classes" => return self.pick(format!("{who} changed the classes"), format!("{who}: 클래스 변경")),
            other => (other, other),
        };
        let items = if items == 1 { "item" } else { "items" };
        self.pick(format!("{who} {english} {count} {items}"), format!("{who}: 항목 {count}개 {korean}"))
    }

    /// An order of the queue.
    pub fn order(&self, order: Order) -> &'static str {
        match order {
            Order::AsIs => self.order_as_is,
            Order::Random => self.order_random,
            Order::Uncertain => self.order_uncertain,
            Order::Disagreement => self.order_disagreement,
            Order::Easiest => self.order_easiest,
            Order::Telling => self.order_telling,
            Order::Together => self.order_together,
            Order::Valuable => self.order_valuable,
        }
    }

    /// What a kind of task asks for, in a few words.
    pub fn task_kind(&self, kind: TaskKind) -> &'static str {
        match kind {
            TaskKind::Tags => self.task_tags,
            TaskKind::Spans => self.task_spans,
            TaskKind::Shapes => self.task_shapes,
            TaskKind::Keypoints => self.task_keypoints,
            TaskKind::Segments => self.task_segments,
            TaskKind::Rewrite => self.task_rewrite,
            TaskKind::Choice => self.task_choice,
            TaskKind::Ranking => self.task_ranking,
        }
    }

    /// The point of an object that is set next.
    pub fn next_point(&self, name: &str, at: u64, count: u64) -> String {
        self.pick(format!("Next: {name} ({at} of {count})"), format!("다음: {name} ({count}개 중 {at}번째)"))
    }

    /// Why a key cannot be given away: it does that already.
    pub fn key_is_taken(&self, key: &str, by: &str) -> String {
        self.pick(format!("{key} does this already: {by}"), format!("{key} 키는 이미 쓰고 있습니다: {by}"))
    }

    /// What an uncertain label might be instead, and how sure the person is of it.
    pub fn doubt(&self, second: Option<&str>, share: Option<&str>) -> String {
        let parts: Vec<String> = second
            .map(|name| self.pick(format!("or {name}"), format!("또는 {name}")))
            .into_iter()
            .chain(share.map(str::to_owned))
            .collect();
        if parts.is_empty() { self.second_choice.to_owned() } else { parts.join(", ") }
    }

    /// The offer to show labels that were given under an older version of the guidelines.
    pub fn labelled_before(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(
            format!("Show {count} labelled under an older version"),
            format!("이전 버전에서 라벨한 {count}개 보기"),
        )
    }

    /// What goes with a class that is removed.
    pub fn remove_class(&self, class: &str, annotations: u64) -> String {
        let count = grouped(annotations);
        let said = if annotations == 1 { "annotation" } else { "annotations" };
        self.pick(format!("Remove {class} with its {count} {said}"), format!("{class} 및 주석 {count}개 삭제"))
    }

    /// The guard: all of the last items are of one class.
    pub fn guard_class(&self, class: &str, items: u64) -> String {
        self.pick(
            format!("The last {items} items are all {class}, which was rarer before"),
            format!("최근 {items}개가 모두 {class}입니다. 전에는 더 드물었습니다"),
        )
    }

    /// The guard: the last items took much less time than those before.
    pub fn guard_fast(&self, now: f64, before: f64) -> String {
        self.pick(
            format!("You label much faster than before: {now:.1} s an item, {before:.1} s until now"),
            format!("전보다 훨씬 빠릅니다. 항목당 {now:.1}초, 지금까지는 {before:.1}초"),
        )
    }

    /// The guard: few of the last gold items were right.
    pub fn guard_gold(&self, right: u64, of: u64) -> String {
        self.pick(
            format!("{right} of the last {of} gold items are right; a look at the guidelines may help"),
            format!("최근 정답 항목 {of}개 중 {right}개만 맞았습니다. 지침을 다시 보세요"),
        )
    }

    /// A large picture is being made ready; how far it has come, from 0 to 1.
    pub fn preparing_picture(&self, share: f32) -> String {
        let percent = (share * 100.0) as u32;
        self.pick(format!("Preparing the large image: {percent} %"), format!("큰 이미지를 준비하는 중: {percent}%"))
    }

    /// How brush and eraser are used; the width of the brush in pixels, and the keys that change it.
    pub fn brush_how(&self, width: f64, smaller: &str, larger: &str) -> String {
        self.pick(
            format!("{width:.0} px   {smaller} {larger} size   right button erases   Esc: a new mask"),
            format!("{width:.0} px   {smaller} {larger} 크기   오른쪽 단추로 지우기   Esc: 새 마스크"),
        )
    }

    /// How keypoints are set; the key for a point that is not there.
    pub fn keypoints_how(&self, absent: &str) -> String {
        self.pick(
            format!("Click sets it, right-click a hidden one   {absent}: not there   Backspace: one back"),
            format!("클릭: 점 찍기   오른쪽 클릭: 가려진 점   {absent}: 없음   Backspace: 한 점 취소"),
        )
    }

    /// How points that are set are changed; the key that hides one.
    pub fn point_keys(&self, hidden: &str) -> String {
        self.pick(
            format!("Drag moves a point   {hidden}: hidden or visible   Tab: next object"),
            format!("드래그: 점 이동   {hidden}: 가림/보임   Tab: 다음 물체"),
        )
    }

    /// The offer to mark all equal strings.
    pub fn mark_equal(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(format!("Mark {count} equal"), format!("같은 문자열 {count}개 표시"))
    }

    /// The offer to take what all annotators agree on.
    pub fn take_agreed(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(format!("Take what all agree on ({count})"), format!("모두 일치한 것 반영 ({count}개)"))
    }

    /// How many items several annotators worked on.
    pub fn items_with_several(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(format!("over {count} items seen by several"), format!("여러 명이 본 {count}개 항목 기준"))
    }

    /// The offer to give the rest of a page its class.
    pub fn label_rest(&self, count: u64, class: &str) -> String {
        let count = grouped(count);
        self.pick(format!("Label {count} as {class}"), format!("{count}개를 {class}(으)로"))
    }

    /// Seconds with their tenths.
    pub fn short_time(&self, seconds: f64) -> String {
        self.pick(format!("{seconds:.1} s"), format!("{seconds:.1}초"))
    }

    /// What would be taken of a file.
    pub fn would_take(&self, annotations: u64, items: u64, format: &str) -> String {
        let (annotations, items) = (grouped(annotations), grouped(items));
        self.pick(
            format!("{annotations} annotations for {items} items ({format})"),
            format!("{items}개 항목에 주석 {annotations}개 ({format})"),
        )
    }

    /// Which format a file was taken for, and why.
    pub fn recognised(&self, format: &str, reason: Reason) -> String {
        let why = match reason {
            Reason::Ending(ending) => format!("이름이 {ending}(으)로 끝남"),
            Reason::Begins(with) => format!("{with}(으)로 시작함"),
            Reason::Fields(fields) => format!("레코드에 {fields} 있음"),
            Reason::Lines(words) => format!("줄마다 {words} 있음"),
            Reason::Tags => "줄 끝에 B-PER 같은 태그가 있음".to_owned(),
            Reason::Times => "줄 앞에 시각이 두 개 있음".to_owned(),
            Reason::Holds(name) => format!("폴더에 {name} 있음"),
            Reason::First => "폴더의 첫 파일이 이 형식임".to_owned(),
        };
        self.pick(format!("Taken for {format}: {reason}"), format!("{format} 형식으로 인식: {why}"))
    }

    /// What was written into packets: items, and media that could not be read.
    pub fn packet_out(&self, items: u64, missing: u64) -> String {
        let (items, lost) = (grouped(items), grouped(missing));
        if missing == 0 {
            return self
                .pick(format!("Packet written with {items} items"), format!("항목 {items}개를 패킷에 썼습니다"));
        }
        self.pick(
            format!("Packet written with {items} items; {lost} media could not be read and are not in it"),
            format!("항목 {items}개를 패킷에 썼습니다. 읽지 못한 미디어 {lost}개는 들어 있지 않습니다"),
        )
    }

    /// The offer to decide as the consensus says, and how sure it must be, from 0 to 1.
    pub fn take_consensus(&self, count: u64, least: f64) -> String {
        let (count, least) = (grouped(count), (least * 100.0).round());
        self.pick(
            format!("Take the consensus of {count} items (≥ {least} %)"),
            format!("{count}개 항목의 합의 반영 ({least}% 이상)"),
        )
    }

    /// What a packet brought.
    pub fn packet_in(&self, merged: u64, conflicts: u64) -> String {
        let (merged, conflicts) = (grouped(merged), grouped(conflicts));
        self.pick(
            format!("{merged} annotations merged, {conflicts} items seen differently"),
            format!("주석 {merged}개 합침, 다르게 본 항목 {conflicts}개"),
        )
    }

    /// The offer to take all that is proposed.
    pub fn take_proposals(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(format!("Take {count} proposed"), format!("제안 {count}개 반영"))
    }

    /// Annotations that are kept but cannot be shown.
    pub fn unreadable(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(
            format!("{count} annotations are kept that this version cannot read"),
            format!("이 버전에서 읽을 수 없는 주석 {count}개를 보관 중입니다"),
        )
    }

    /// The end of a look at a sample.
    pub fn audit_done(&self, wrong: u64, of: u64) -> String {
        self.pick(format!("{wrong} of {of} are wrong"), format!("{of}개 중 {wrong}개 틀림"))
    }

    /// What a sample says of the whole.
    pub fn purity(&self, share: &str, low: &str, high: &str, checked: u64) -> String {
        self.pick(
            format!("{share} right, {low} to {high} with 95 % confidence ({checked} checked)"),
            format!("{share} 정확, 95 % 신뢰구간 {low}–{high} ({checked}개 확인)"),
        )
    }

    /// How much of a text was changed: the share of its letters, and the translation edit rate of its words.
    pub fn changed_letters(&self, share: &str, words: Option<&str>) -> String {
        let words = words.map_or_else(String::new, |rate| format!(", TER {rate}"));
        self.pick(format!("{share} of the letters changed{words}"), format!("글자 {share} 변경{words}"))
    }

    /// Where a segment was begun by key.
    pub fn segment_begun(&self, at: &str) -> String {
        self.pick(format!("Begun at {at}: ] ends it"), format!("{at}에서 시작: ] 키로 끝냅니다"))
    }

    /// Where a label came from.
    pub fn source(&self, source: Source) -> &'static str {
        match source {
            Source::Hand => self.source_hand,
            Source::Given => self.source_given,
            Source::Functions => self.source_functions,
            Source::Model => self.source_model,
            Source::None => self.unlabelled,
        }
    }

    /// What was found.
    pub fn finding(&self, kind: FindingKind) -> &'static str {
        match kind {
            FindingKind::LabelError => self.label_errors,
            FindingKind::ExactDuplicate => self.exact_duplicates,
            FindingKind::NearDuplicate => self.near_duplicates,
            FindingKind::Outlier => self.outliers,
            FindingKind::Image(issue) => self.image_issue(issue),
            FindingKind::Text(issue) => self.text_issue(issue),
        }
    }

    /// What is wrong with an image.
    pub fn image_issue(&self, issue: ImageIssue) -> &'static str {
        match issue {
            ImageIssue::Dark => self.issue_dark,
            ImageIssue::Light => self.issue_light,
            ImageIssue::Blurry => self.issue_blurry,
            ImageIssue::OddSize => self.issue_odd_size,
            ImageIssue::OddAspectRatio => self.issue_odd_shape,
            ImageIssue::LowInformation => self.issue_low_information,
            ImageIssue::Grayscale => self.issue_grayscale,
            ImageIssue::Unreadable => self.issue_unreadable,
        }
    }

    /// What is wrong with a text.
    pub fn text_issue(&self, issue: TextIssue) -> &'static str {
        match issue {
            TextIssue::Empty => self.issue_empty,
            TextIssue::Short => self.issue_short,
            TextIssue::Long => self.issue_long,
            TextIssue::Symbols => self.issue_symbols,
            TextIssue::RepeatedCharacters => self.issue_repeated_characters,
            TextIssue::RepeatedWords => self.issue_repeated_words,
            TextIssue::Script => self.issue_script,
            TextIssue::Damage(Damage::Lost) => self.issue_lost,
            TextIssue::Damage(Damage::Control) => self.issue_control,
            TextIssue::Damage(Damage::Misread) => self.issue_misread,
            TextIssue::Personal(Personal::Email) => self.issue_email,
            TextIssue::Personal(Personal::Phone) => self.issue_phone,
            TextIssue::Personal(Personal::ResidentNumber) => self.issue_resident_number,
            TextIssue::Personal(Personal::Card) => self.issue_card,
            TextIssue::Personal(Personal::DriverLicence) => self.issue_driver_licence,
            TextIssue::Personal(Personal::Ip) => self.issue_ip,
            TextIssue::Personal(Personal::Secret) => self.issue_secret,
            TextIssue::Listed => self.issue_listed,
        }
    }

    /// The name of a label model; those known by their authors' name alone keep it.
    pub fn model_name(&self, name: &str) -> &'static str {
        match name {
            "auto" => self.model_auto,
            "majority" => self.model_majority,
            "soft-majority" => self.model_soft_majority,
            "weighted" => self.model_weighted,
            "calibrated" => self.model_calibrated,
            "dawid-skene" => self.model_dawid_skene,
            "one-coin" => self.model_one_coin,
            "ibcc" => "IBCC",
            "mace" => "MACE",
            "metal" => "MeTaL",
            "triplets" => "Triplets",
            _ => self.model,
        }
    }

    /// The name of a bar of a distribution: what stands for no value is said in words.
    pub fn bar<'a>(&'a self, label: &'a str) -> &'a str {
        if label == "NULL" { self.missing } else { label }
    }

    /// What a job does, by its stable name.
    pub fn job(&self, name: &str) -> &'static str {
        match name {
            "votes" => self.job_votes,
            "label model" => self.job_label_model,
            "end model" => self.job_end_model,
            "findings" => self.finding_problems,
            "layers" => self.job_layers,
            "view" => self.job_view,
            "map" | "similarity" => self.job_map,
            "order" => self.queue_order,
            "images" => self.job_images,
            "deliver" => self.job_deliver,
            "read packet" => self.job_read_packet,
            "write packet" => self.job_write_packet,
            "restore" => self.job_restore,
            "expectations" => self.expectations,
            _ => self.job_summaries,
        }
    }

    /// "Opening reviews.csv".
    pub fn opening(&self, what: &str) -> String {
        self.pick(format!("Opening {what}"), format!("{} 여는 중", with_particle(what, Particle::Object)))
    }

    /// Annotations whose items the source no longer has.
    pub fn orphans(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(
            format!("{count} annotations belong to rows that are no longer in the data; they are kept"),
            format!("데이터에서 사라진 행의 라벨과 결정 {count}개를 보관하고 있습니다"),
        )
    }

    /// "Show 2 hidden columns".
    pub fn show_hidden_columns(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(format!("Show hidden columns ({count})"), format!("숨긴 열 보기 ({count})"))
    }

    /// "Without 12 rows": a chip that leaves chosen items out.
    pub fn without(&self, what: &str) -> String {
        self.pick(format!("Without {what}"), format!("{what} 빼고"))
    }

    /// What one part of a view does: how many rows it keeps by itself, and how many there would be without it.
    pub fn part_counts(&self, alone: u64, without: u64) -> String {
        let (alone, without) = (grouped(alone), grouped(without));
        self.pick(
            format!("Keeps {alone} rows by itself; without it {without} would be shown"),
            format!("이 조건만으로 {alone}행, 이 조건이 없으면 {without}행"),
        )
    }

    /// "and 12 more".
    pub fn and_more(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(format!("and {count} more"), format!("그 밖에 {count}개"))
    }

    /// A project that was made for the same data before.
    pub fn project_exists(&self, folder: &str) -> String {
        self.pick(
            format!("There is a project of this data already: {folder}"),
            format!("이 데이터의 프로젝트가 이미 있습니다: {folder}"),
        )
    }

    /// "All 21 expectations hold".
    pub fn expectations_hold(&self, all: u64) -> String {
        let count = grouped(all);
        self.pick(
            if all == 1 { "The expectation holds".to_owned() } else { format!("All {count} expectations hold") },
            format!("기대 {count}개를 모두 만족합니다"),
        )
    }

    /// "3 of 21 expectations fail".
    pub fn expectations_fail(&self, failed: u64, all: u64) -> String {
        let (failed, all) = (grouped(failed), grouped(all));
        self.pick(
            format!("{failed} of {all} expectations fail"),
            format!("기대 {all}개 가운데 {failed}개를 만족하지 않습니다"),
        )
    }

    /// How many expectations were written to begin with.
    pub fn expectations_suggested(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(
            format!("{count} expectations written to expectations.toml"),
            format!("expectations.toml에 기대 {count}개를 적었습니다"),
        )
    }

    /// What an expectation found, what share it asks for where it judges rows, and in how many rows.
    pub fn expectation_observed(&self, observed: &str, mostly: Option<f64>, rows: u64, missing: u64) -> String {
        let rows = self.rows_count(rows);
        let (asked, asked_ko) = match mostly.map(percent) {
            Some(mostly) => (format!(", at least {mostly} asked for"), format!(", 최소 {mostly} 요구")),
            None => (String::new(), String::new()),
        };
        let (en, ko) = match missing {
            0 => (String::new(), String::new()),
            _ => (format!(", {} missing", grouped(missing)), format!(", 빈 값 {}", grouped(missing))),
        };
        self.pick(
            format!("observed {observed}{asked}, in {rows}{en}"),
            format!("{rows}에서 관측 {observed}{asked_ko}{ko}"),
        )
    }

    /// A word of a profile, the same as on its page: the name of a figure, an alert or a kind of column.
    pub fn profile_word(&self, key: &'static str) -> &'static str {
        crate::clean::report::word(self.language.into(), key)
    }

    /// A whole table in a line.
    pub fn profile_total(&self, rows: u64, columns: u64, missing: &str, repeated: u64, bytes: &str) -> String {
        let (rows, repeated) = (self.rows_count(rows), grouped(repeated));
        let plural = if columns == 1 { "column" } else { "columns" };
        self.pick(
            format!("{rows}, {columns} {plural}, {missing} of cells missing, {repeated} repeated, {bytes}"),
            format!("{rows}, 열 {columns}개, 빈 칸 {missing}, 되풀이된 행 {repeated}개, {bytes}"),
        )
    }

    /// Columns that only one of two tables has.
    pub fn only_in(&self, name: &str, columns: &str) -> String {
        self.pick(format!("Only in {name}: {columns}"), format!("{name}에만 있는 열: {columns}"))
    }

    /// Where a page was written.
    pub fn page_saved(&self, path: &str) -> String {
        self.pick(format!("Saved: {path}"), format!("저장했습니다: {path}"))
    }

    /// "3 of 12 columns have drifted".
    pub fn columns_drifted(&self, drifted: u64, all: u64) -> String {
        let (drifted, all) = (grouped(drifted), grouped(all));
        self.pick(
            format!("{drifted} of {all} columns have drifted"),
            format!("열 {all}개 가운데 {drifted}개가 변했습니다"),
        )
    }

    /// The rows that are compared, and the time between them.
    pub fn drift_rows(&self, reference: u64, current: u64, at: Option<&str>) -> String {
        let (from, to) = (grouped(reference), self.rows_count(current));
        match at {
            Some(at) => {
                self.pick(format!("{from} before {at}, {to} from then on"), format!("{at} 이전 {from}, 그 뒤 {to}"))
            }
            None => self.pick(format!("{from} against {to}"), format!("{from} 대 {to}")),
        }
    }

    /// What chance alone gives, how likely the distance is then, and the least drift that can be seen.
    pub fn drift_chance(&self, noise: f64, p: f64, detectable: Option<f64>) -> String {
        let noise = decimal(noise);
        let p = if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") };
        let text =
            self.pick(format!("chance alone reaches {noise} ({p})"), format!("우연만으로 {noise}까지 나옵니다 ({p})"));
        match detectable.map(decimal) {
            Some(least) => self.pick(
                format!("{text}; these rows would show a drift of {least}"),
                format!("{text}. 이 행 수로 알 수 있는 최소 변화는 {least}입니다"),
            ),
            None => text,
        }
    }

    /// What is to be known of how a column was compared; what has no translation is shown as it is.
    pub fn drift_note<'a>(&self, note: &'a str) -> &'a str {
        if self.language == Language::English {
            return note;
        }
        match note {
            "compared by the day of the week" => "요일별로 비교했습니다",
            "compared by the hour of the week" => "요일과 시간별로 비교했습니다",
            "it is not known where the images are" => "이미지가 어디 있는지 알 수 없습니다",
            "there are too few different rows to compare" => "비교하기에 서로 다른 행이 너무 적습니다",
            "one side has no numbers" => "한쪽에 숫자가 없습니다",
            "one side has no times" => "한쪽에 시각이 없습니다",
            "one side has no values" => "한쪽에 값이 없습니다",
            "there are too few different texts to compare" => "비교하기에 서로 다른 글이 너무 적습니다",
            other => other,
        }
    }

    /// How a column was compared, by the method's stable name.
    pub fn drift_method<'a>(&'a self, name: &'a str) -> &'a str {
        match name {
            "wasserstein" => self.drift_wasserstein,
            "kolmogorov-smirnov" => self.drift_kolmogorov_smirnov,
            "psi" => self.drift_psi,
            "jensen-shannon" => self.drift_jensen_shannon,
            "domain-classifier" => self.drift_classifier,
            other => other,
        }
    }

    /// What a figure over time is.
    pub fn trend_kind(&self, kind: &str) -> &'static str {
        match kind {
            "class-share" => self.trend_class_share,
            "coverage" => self.trend_coverage,
            "precision" => self.trend_precision,
            "accuracy" => self.trend_accuracy,
            "agreement" => self.trend_agreement,
            "unexpected" => self.trend_unexpected,
            "missing" => self.trend_missing,
            "mean" => self.trend_mean,
            _ => self.trend_share,
        }
    }

    /// "2 of 31 figures changed".
    pub fn figures_changed(&self, changed: u64, all: u64) -> String {
        let (changed, all) = (grouped(changed), grouped(all));
        self.pick(
            format!("{changed} of {all} figures changed"),
            format!("수치 {all}개 가운데 {changed}개가 변했습니다"),
        )
    }

    /// Over how many stretches, and how many rows have no time.
    pub fn trend_stretches(&self, stretches: u64, undated: u64) -> String {
        let (stretches, rows) = (grouped(stretches), grouped(undated));
        let without = self
            .pick(format!(", {rows} rows without a value or far off"), format!(", 값이 없거나 동떨어진 행 {rows}개"));
        let without = if undated > 0 { without } else { String::new() };
        self.pick(format!("over {stretches} stretches{without}"), format!("{stretches}개 구간{without}"))
    }

    /// When and how a figure changed.
    pub fn trend_changed(&self, since: &str, sudden: bool, before: &str, after: &str) -> String {
        let english = if sudden { "suddenly" } else { "gradually" };
        let korean = if sudden { "갑자기" } else { "서서히" };
        self.pick(
            format!("changed {english} since {since}: {before} → {after}"),
            format!("{since}부터 {korean} 변함: {before} → {after}"),
        )
    }

    /// How a slice moved, and the rest.
    pub fn trend_slice(&self, before: &str, after: &str, here: &str, there: &str) -> String {
        self.pick(
            format!("{before} → {after}, elsewhere {here} → {there}"),
            format!("{before} → {after}, 그 밖에서는 {here} → {there}"),
        )
    }

    /// What was searched for slices: the mean of the target, its rows, and how many of these confirm.
    pub fn slices_searched(&self, mean: &str, rows: u64, held_out: u64) -> String {
        let (rows, held_out) = (self.rows_count(rows), grouped(held_out));
        self.pick(
            format!("mean {mean} of {rows}, {held_out} of them held out to confirm"),
            format!("{rows}의 평균 {mean}, 그중 {held_out}행은 확인용"),
        )
    }

    /// A slice, as a screen reader says it.
    pub fn slice_row(&self, condition: &str, mean: &str, rows: u64, confirmed: bool) -> String {
        let rows = self.rows_count(rows);
        let mark = if confirmed { format!(", {}", self.confirmed) } else { String::new() };
        self.pick(format!("{condition}: mean {mean}, {rows}{mark}"), format!("{condition}: 평균 {mean}, {rows}{mark}"))
    }

    /// Why a sound is played without being heard.
    pub fn silent(&self, why: &str) -> String {
        self.pick(format!("playing silently: {why}"), format!("소리 없이 재생 중: {why}"))
    }

    /// A bin of the histogram of confidence.
    pub fn confidence_bin(&self, low: f64, high: f64, right: u64, wrong: u64, unlabelled: u64) -> String {
        let (right, wrong, unlabelled) = (grouped(right), grouped(wrong), grouped(unlabelled));
        self.pick(
            format!("{low:.2} – {high:.2}: {right} right, {wrong} wrong, {unlabelled} not labelled"),
            format!("{low:.2} – {high:.2}: 맞음 {right}, 틀림 {wrong}, 라벨 없음 {unlabelled}"),
        )
    }

    /// "spam against the rest": the title of a class's curves.
    pub fn curves_of(&self, class: &str) -> String {
        self.pick(format!("{class} against the rest"), format!("{class} 대 나머지"))
    }

    /// "From label model to end model".
    pub fn compared(&self, from: &str, to: &str) -> String {
        self.pick(format!("From {from} to {to}"), format!("{from} → {to}"))
    }

    /// A difference of accuracy in percentage points with its interval, and the probability of one as great by chance.
    pub fn difference_of_accuracy(&self, value: &str, low: &str, high: &str, p: f64) -> String {
        self.pick(
            format!("Accuracy {value} points ({low} to {high}, p = {p:.3} by McNemar's mid-p test)"),
            format!("정확도 {value}%p ({low} ~ {high}, 맥니마 mid-p 검정 p = {p:.3})"),
        )
    }

    /// A cell of the confusion matrix.
    pub fn confusion_cell(&self, label: &str, predicted: &str, count: u64) -> String {
        let rows = self.rows_count(count);
        self.pick(
            format!("{rows}: label {label}, predicted {predicted}"),
            format!("{rows}: 라벨 {label}, 예측 {predicted}"),
        )
    }

    /// What was not compared.
    pub fn left_out(&self, what: &str) -> String {
        self.pick(format!("Left out: {what}"), format!("제외됨: {what}"))
    }

    /// "A sample of 5,000 of 150,000 rows".
    pub fn sample_of(&self, sample: u64, of: u64) -> String {
        let (sample, of) = (grouped(sample), grouped(of));
        self.pick(format!("A sample of {sample} of {of} rows"), format!("{of}행 중 표본 {sample}행"))
    }

    /// What was marked inside items in one task.
    pub fn marked_inside(&self, annotations: u64, finished: u64) -> String {
        let (annotations, finished) = (grouped(annotations), grouped(finished));
        self.pick(
            format!("{annotations} annotations, {finished} items finished"),
            format!("주석 {annotations}개, 완료한 항목 {finished}개"),
        )
    }

    /// How a map was made and how far it can be trusted.
    pub fn map_trust(&self, share: f64) -> String {
        self.pick(format!("trust {share:.2}"), format!("신뢰도 {share:.2}"))
    }

    /// That a map shows some rows laid out, and all others beside them.
    pub fn map_landmarks(&self, laid_out: u64, of: u64) -> String {
        let (laid_out, of) = (grouped(laid_out), grouped(of));
        self.pick(
            format!("{laid_out} of {of} rows laid out, the others beside those they are most like"),
            format!("{of}행 중 {laid_out}행을 배치하고, 나머지는 가장 비슷한 행 옆에 둠"),
        )
    }

    /// A map that is being laid out.
    pub fn map_passes(&self, passes: usize) -> String {
        self.pick(format!("Being laid out, pass {passes}"), format!("배치 중, {passes}번째"))
    }

    /// A copy of the item, by its row and how alike they are.
    pub fn copy_of(&self, row: u64, similarity: f64) -> String {
        let (row, share) = (self.row_number(row), percent(similarity));
        self.pick(format!("{row} is {share} the same"), format!("{row}과 {share} 같습니다"))
    }

    /// How the data differs from what the project last took over.
    pub fn source_differs(&self, added: u64, removed: u64, changed: u64) -> String {
        let (added, removed, changed) = (grouped(added), grouped(removed), grouped(changed));
        self.pick(
            format!("The data has changed: {added} added, {removed} removed, {changed} changed"),
            format!("데이터가 바뀌었습니다: 추가 {added}, 삭제 {removed}, 변경 {changed}"),
        )
    }

    /// A file that another program saved while it had unsaved changes here.
    pub fn kept_unsaved(&self, file: &str) -> String {
        self.pick(
            format!("{file} was saved by another program; your unsaved changes here are kept"),
            format!(
                "다른 프로그램이 {} 저장했습니다. 여기의 저장하지 않은 변경은 그대로 둡니다",
                with_particle(file, Particle::Object)
            ),
        )
    }

    /// "12 different values".
    pub fn distinct_count(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(format!("{count} distinct"), format!("{count}가지"))
    }

    /// "4 functions abstain".
    pub fn functions_abstain(&self, count: u64) -> String {
        self.pick(
            if count == 1 { "1 function abstains".to_owned() } else { format!("{count} functions abstain") },
            format!("함수 {count}개가 기권"),
        )
    }

    /// By how many known labels functions are judged.
    pub fn judged_by_gold(&self, rows: u64) -> String {
        let rows = grouped(rows);
        self.pick(format!("Judged by {rows} known labels"), format!("알려진 라벨 {rows}개로 판단"))
    }

    /// By how many labels by hand functions are judged.
    pub fn judged_by_hand(&self, rows: u64) -> String {
        let rows = grouped(rows);
        self.pick(format!("Judged by {rows} labels by hand"), format!("직접 붙인 라벨 {rows}개로 판단"))
    }

    /// How many labels by hand are missing to tell whether a function is useful.
    pub fn more_labels(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(format!("about {count} more labels to tell"), format!("판단하려면 라벨 약 {count}개 더 필요"))
    }

    /// "312 likely label errors are not settled".
    pub fn open_label_errors(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(
            format!("{count} likely label errors are not settled"),
            format!("처리하지 않은 라벨 오류 의심 {count}건이 있습니다"),
        )
    }

    /// "Relabel as spam".
    pub fn relabel_to(&self, class: &str) -> String {
        self.pick(format!("Relabel as {class}"), format!("{} 바꾸기", with_particle(class, Particle::To)))
    }

    /// "Give all the label ham".
    pub fn merge_labels(&self, class: &str) -> String {
        self.pick(format!("Label all {class}"), format!("모두 {} 라벨링", with_particle(class, Particle::To)))
    }

    /// The title of the dialog before a selection is settled.
    pub fn settle_selected(&self, count: u64) -> String {
        let items = if count == 1 { "finding" } else { "findings" };
        self.pick(format!("Settle {} {items}", grouped(count)), format!("찾은 문제 {}건 처리", grouped(count)))
    }

    /// "3 selected".
    pub fn findings_selected(&self, count: u64) -> String {
        self.pick(format!("{} selected", grouped(count)), format!("{}건 선택됨", grouped(count)))
    }

    /// How many of a selection have no suggestion.
    pub fn without_suggestion(&self, count: u64) -> String {
        self.pick(
            format!("{} without a suggestion stay to be settled", grouped(count)),
            format!("제안이 없는 {}건은 처리할 것으로 남습니다", grouped(count)),
        )
    }

    /// "92.4% of 250 rows".
    pub fn share_of_rows(&self, share: f64, rows: u64) -> String {
        let (share, rows) = (percent(share), self.rows_count(rows));
        self.pick(format!("{share} of {rows}"), format!("{rows} 중 {share}"))
    }

    /// The step of labelling, with how far it has come.
    pub fn tour_label(&self, done: u64, wanted: u64) -> String {
        self.pick(
            format!("Label {wanted} rows with the keys 1 and 2 ({done})"),
            format!("1, 2 키로 {wanted}행 라벨 ({done})"),
        )
    }

    /// The step of settling, with how far it has come.
    pub fn tour_settle(&self, done: u64, wanted: u64) -> String {
        self.pick(format!("Settle {wanted} findings ({done})"), format!("찾은 문제 {wanted}건 처리 ({done})"))
    }

    /// "3 skipped".
    pub fn skipped_count(&self, count: u64) -> String {
        let count = grouped(count);
        self.pick(format!("{count} skipped"), format!("{count}개 건너뜀"))
    }
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
        check(|s| s.act("label", 1), "label, 1 item", "라벨, 1개 항목");
        check(|s| s.opening("a.csv"), "Opening a.csv", "a.csv를 여는 중");
        check(|s| s.relabel_to("스팸"), "Relabel as 스팸", "스팸으로 바꾸기");
        check(|s| s.functions_abstain(1), "1 function abstains", "함수 1개가 기권");
    }

    #[test]
    fn every_label_model_has_a_name() {
        for model in crate::weak::models::MODELS {
            let strings = Strings::of(Language::English);
            assert_ne!(strings.model_name(model.name()), strings.model, "{}", model.name());
        }
    }
}
