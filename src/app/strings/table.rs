//! The table of fixed texts: key, English, Korean.
//!
//! Sentence case; no full stop after a single sentence; "…" where more is asked for before anything happens.

use super::Language;

/// Builds [`Strings`] and its two instances: a key without both translations does not compile.
macro_rules! strings {
    ($($key:ident: $english:literal, $korean:literal;)*) => {
        /// Every fixed text of the window in one language. The fields are documented by their English text.
        #[derive(Debug)]
        pub struct Strings {
            /// The language of these texts.
            pub language: Language,
            $(#[doc = $english] pub $key: &'static str,)*
        }

        static ENGLISH: Strings = Strings { language: Language::English, $($key: $english,)* };
        static KOREAN: Strings = Strings { language: Language::Korean, $($key: $korean,)* };

        /// Key, English and Korean of every text.
        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($key), $english, $korean),)*];
    };
}

impl Strings {
    /// The texts in a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Korean => &KOREAN,
        }
    }
}

strings! {
    // Everywhere.
    app_name: "Lapidary", "Lapidary";
    ok: "OK", "확인";
    cancel: "Cancel", "취소";
    close: "Close", "닫기";
    apply: "Apply", "적용";
    save: "Save", "저장";
    saved: "Saved", "저장됨";
    delete: "Delete", "삭제";
    remove: "Remove", "제거";
    rename: "Rename…", "이름 바꾸기…";
    edit: "Edit", "편집";
    copy: "Copy", "복사";
    copied: "Copied", "복사했습니다";
    undo: "Undo", "실행 취소";
    redo: "Redo", "다시 실행";
    retry: "Try again", "다시 시도";
    reset: "Reset", "초기화";
    details: "Details", "자세히";
    hide_details: "Hide details", "자세히 숨기기";
    more: "More", "더 보기";
    all: "All", "전체";
    none: "None", "없음";
    search: "Search", "검색";
    clear: "Clear", "지우기";
    clear_search: "Clear search", "검색어 지우기";
    name: "Name", "이름";
    value: "Value", "값";
    count: "Count", "개수";
    share: "Share", "비율";
    rows: "Rows", "행";
    columns: "Columns", "열";
    row: "Row", "행";
    column: "Column", "열";
    missing: "Missing", "빈 값";
    total: "Total", "합계";
    yes: "Yes", "예";
    no: "No", "아니요";
    on: "On", "켬";
    off: "Off", "끔";
    help: "Help", "도움말";
    back: "Back", "뒤로";
    next: "Next", "다음";
    previous: "Previous", "이전";
    open: "Open", "열기";
    choose: "Choose…", "선택…";
    unknown: "Unknown", "알 수 없음";
    optional: "Optional", "선택 사항";

    // Workspaces and the frame of the window.
    workspace_data: "Data", "데이터";
    workspace_explore: "Explore", "탐색";
    workspace_label: "Label", "라벨링";
    workspace_functions: "Functions", "함수";
    workspace_clean: "Clean", "정제";
    workspace_watch: "Watch", "관찰";
    workspace_deliver: "Deliver", "내보내기";
    home: "Home", "홈";
    project: "Project", "프로젝트";
    close_project: "Close project", "프로젝트 닫기";
    panel_left: "Left panel", "왼쪽 패널";
    command_palette: "Commands", "명령";
    command_palette_hint: "Type a command…", "명령을 입력하세요…";
    go_to_anything: "Go to anything", "바로 가기";
    go_to_row: "Go to row…", "행으로 이동…";
    history: "History", "기록";
    jobs: "Jobs", "작업";
    problems: "Problems", "문제";
    notes: "Notes", "메모";
    inspector: "Inspector", "상세";
    facets: "Facets", "분포";
    offline: "Offline", "오프라인";
    offline_explained: "This program has no network code. Nothing leaves this computer", "이 프로그램에는 네트워크 코드가 없습니다. 어떤 데이터도 이 컴퓨터를 떠나지 않습니다";

    // Welcome.
    welcome_title: "Cut, polish and grade training data", "학습 데이터를 다듬고, 닦고, 가려냅니다";
    welcome_what: "Drop a table or an image folder here, or open one", "표 파일이나 이미지 폴더를 여기에 놓거나 여세요";
    welcome_promise: "Nothing leaves this computer", "어떤 데이터도 이 컴퓨터를 떠나지 않습니다";
    open_file: "Open file…", "파일 열기…";
    open_folder: "Open folder…", "폴더 열기…";
    open_path: "Path", "경로";
    open_path_hint: "Type or paste a path", "경로를 입력하거나 붙여 넣으세요";
    try_sample: "Try the sample", "예제로 시작";
    recent: "Recent", "최근 항목";
    drop_here: "Drop to open", "놓으면 엽니다";

    // A new project.
    new_project: "New project", "새 프로젝트";
    project_folder: "Project folder", "프로젝트 폴더";
    project_folder_why: "Labels, functions and settings are kept here. The data stays where it is", "라벨, 함수, 설정을 이 폴더에 보관합니다. 데이터는 원래 자리에 그대로 둡니다";
    text_column: "Text column", "텍스트 열";
    text_column_why: "What is read and labelled", "읽고 라벨을 붙일 내용입니다";
    image_column: "Image column", "이미지 열";
    image_column_why: "Paths of the images, relative to the file", "파일을 기준으로 한 이미지 경로입니다";
    label_column: "Label column", "라벨 열";
    label_column_why: "Labels that exist already, to be checked", "이미 있는 라벨이며, 검토 대상이 됩니다";
    gold_column: "Gold column", "정답 열";
    gold_column_why: "Labels known to be right, used only to measure", "확실히 맞는 라벨이며, 측정에만 씁니다";
    id_column: "Id column", "ID 열";
    id_column_why: "Keeps labels with their rows when the file changes", "파일이 바뀌어도 라벨이 제 행을 따라가게 합니다";
    no_column: "No column", "열 없음";
    classes: "Classes", "클래스";
    classes_why: "What a row can be, with commas between; they can be added later", "행이 될 수 있는 것을 쉼표로 나누어 적습니다. 나중에 추가할 수 있습니다";
    add_class: "Add class", "클래스 추가";
    class_name: "Class name", "클래스 이름";
    create_project: "Create project", "프로젝트 만들기";

    // Explore.
    filter: "Filter", "필터";
    filter_hint: "Filter, for example  length(text) < 20 and label = 'spam'", "필터, 예:  length(text) < 20 and label = 'spam'";
    filter_clear_all: "Clear all filters", "필터 모두 지우기";
    search_hint: "Search text", "텍스트 검색";
    select_all: "Select all in view", "보이는 행 모두 선택";
    select_invert: "Invert selection", "선택 반전";
    view_table: "Table", "표";
    view_grid: "Grid", "격자";
    save_view: "Save view…", "보기 저장…";
    thumbnail_size: "Thumbnail size", "미리보기 크기";
    row_height: "Row height", "행 높이";
    row_height_dense: "Dense", "좁게";
    row_height_default: "Default", "보통";
    row_height_roomy: "Roomy", "넓게";
    other_values: "Other values", "그 밖의 값";
    distinct_values: "Distinct values", "서로 다른 값";
    mean: "Mean", "평균";
    median: "Median", "중앙값";
    least: "Least", "최솟값";
    greatest: "Greatest", "최댓값";
    characters: "Characters", "글자 수";

    // Label.
    label: "Label", "라벨";
    labels: "Labels", "라벨";
    labelled: "Labelled", "라벨 있음";
    unlabelled: "Unlabelled", "라벨 없음";
    skip: "Skip", "건너뛰기";
    clear_label: "Clear label", "라벨 지우기";
    accept_suggestion: "Accept suggestion", "제안 수락";
    suggestion: "Suggestion", "제안";
    note: "Note", "메모";
    guidelines: "Guidelines", "지침";
    queue: "Queue", "대기열";
    queue_finished: "The queue is finished", "대기열을 모두 마쳤습니다";
    votes_of_functions: "Votes of the functions", "함수의 투표";

    // Functions.
    functions: "Labelling functions", "라벨링 함수";
    function: "Function", "함수";
    polarity: "Votes for", "투표 대상";
    figures_within: "Figures within", "통계 범위";
    class_covered_help: "Rows on which a function votes for the class", "함수가 이 클래스에 투표한 행입니다";
    known_rows: "Known", "정답 있음";
    known_rows_help: "Rows that are known to be of the class", "정답이 이 클래스인 행입니다";
    known_covered: "Reached", "투표 받음";
    known_covered_help: "Of the rows known to be of the class, those on which any function votes", "정답이 이 클래스인 행 가운데 함수가 하나라도 투표한 행입니다";
    known_found: "Found", "찾아냄";
    known_found_help: "Of the rows known to be of the class, those on which a function votes for it", "정답이 이 클래스인 행 가운데 함수가 이 클래스에 투표한 행입니다";
    polarity_help: "The classes that a function votes for", "함수가 투표하는 클래스입니다";
    coverage: "Coverage", "적용 범위";
    coverage_help: "The share of rows on which a function votes", "함수가 투표하는 행의 비율입니다";
    overlaps: "Overlaps", "겹침";
    overlaps_help: "The share of rows on which another function votes too", "다른 함수도 투표하는 행의 비율입니다";
    conflicts: "Conflicts", "충돌";
    conflicts_help: "The share of rows on which another function votes for another class", "다른 함수가 다른 클래스에 투표하는 행의 비율입니다";
    accuracy: "Accuracy", "정확도";
    accuracy_help: "The share of right votes on rows labelled by hand, with its 90% interval", "직접 라벨을 붙인 행에서 맞은 투표의 비율과 90% 구간입니다";
    weight: "Weight", "가중치";
    abstains: "abstains", "기권";
    needs_hand_labels: "Needs labels by hand", "직접 붙인 라벨이 필요합니다";
    functions_none: "A function votes for a label or abstains. Start from a row you labelled", "함수는 라벨에 투표하거나 기권합니다. 라벨을 붙인 행에서 시작하세요";
    new_function: "New function", "새 함수";
    keyword_function: "Keyword function…", "키워드 함수…";
    regex_function: "Pattern function…", "패턴 함수…";
    where_function: "Condition function…", "조건 함수…";
    keywords: "Keywords", "키워드";
    keywords_hint: "One keyword a line", "한 줄에 키워드 하나";
    pattern: "Pattern", "패턴";
    condition: "Condition", "조건";
    editor: "Editor", "편집기";
    save_functions: "Save functions", "함수 저장";
    file_changed_outside: "The file was changed by another program", "다른 프로그램이 파일을 바꾸었습니다";
    reload_file: "Reload file", "파일 다시 읽기";
    estimate: "Estimate", "추정";
    exact: "Exact", "정확";
    errors: "Errors", "오류";
    no_errors: "No errors", "오류 없음";
    external_offer: "Some functions here need Python itself", "여기에는 파이썬이 직접 실행해야 하는 함수가 있습니다";
    external_allow: "Run in Python", "파이썬으로 실행";
    external_allow_what: "Starts a Python process that applies these functions. It runs with your rights and can read and write your files, so allow only what you have read. Every change of the file has to be allowed again", "파이썬 프로세스를 띄워 이 함수들을 적용합니다. 사용자의 권한으로 실행되어 파일을 읽고 쓸 수 있으니, 내용을 확인한 파일만 허용하세요. 파일이 바뀌면 다시 허용해야 합니다";
    uncovered_rows: "Rows without a vote", "투표가 없는 행";
    suggestions: "Suggestions", "제안";

    // Models.
    model: "Model", "모델";
    label_model: "Label model", "라벨 모델";
    label_model_what: "Combines the votes of the functions into probabilities", "함수의 투표를 모아 확률로 만듭니다";
    fit_model: "Fit model", "모델 학습";
    refit: "Fit again", "다시 학습";
    model_auto: "Automatic", "자동";
    model_majority: "Majority vote", "다수결";
    model_dawid_skene: "Dawid–Skene", "Dawid–Skene";
    model_calibrated: "Calibrated", "보정";
    end_model: "End model", "최종 모델";
    end_model_what: "Learns from the probabilities to label rows on which no function votes", "확률을 배워, 함수가 투표하지 않은 행에도 라벨을 붙입니다";
    train_end_model: "Train end model", "최종 모델 학습";
    accuracy_cross_validated: "Cross-validated accuracy", "교차 검증 정확도";
    f1_macro: "Macro F1", "매크로 F1";
    probability: "Probability", "확률";
    predicted: "Predicted", "예측";
    given: "Given", "주어진 값";
    stale: "Out of date", "갱신 필요";
    update: "Update", "갱신";

    // Clean.
    label_errors: "Label errors", "라벨 오류";
    find_label_errors: "Find label errors", "라벨 오류 찾기";
    duplicates: "Duplicates", "중복";
    exact_duplicates: "Exact duplicates", "완전 중복";
    near_duplicates: "Near duplicates", "유사 중복";
    find_duplicates: "Find duplicates", "중복 찾기";
    outliers: "Outliers", "이상치";
    image_issues: "Image issues", "이미지 문제";
    text_issues: "Text issues", "텍스트 문제";
    issue_dark: "Dark image", "어두운 이미지";
    issue_light: "Overexposed image", "너무 밝은 이미지";
    issue_blurry: "Blurred image", "흐린 이미지";
    issue_odd_size: "Image of odd size", "크기가 유별난 이미지";
    issue_odd_shape: "Image of odd shape", "가로세로 비가 유별난 이미지";
    issue_low_information: "Image with hardly anything in it", "내용이 거의 없는 이미지";
    issue_grayscale: "Image without colour", "색이 없는 이미지";
    issue_unreadable: "Unreadable image", "읽을 수 없는 이미지";
    issue_empty: "Empty", "빈 텍스트";
    issue_short: "Very short", "매우 짧음";
    issue_long: "Very long", "매우 긺";
    issue_symbols: "Mostly symbols", "대부분 기호";
    issue_repeated_characters: "One run of characters over and over", "같은 글자의 반복";
    issue_repeated_words: "The same words over and over", "같은 단어의 반복";
    issue_script: "Another script than the others", "다른 것들과 다른 문자";
    issue_lost: "Lost characters", "손실된 글자";
    issue_control: "Control characters", "제어 문자";
    issue_misread: "Read in the wrong encoding", "잘못된 인코딩으로 읽힘";
    issue_email: "E-mail address", "이메일 주소";
    issue_phone: "Telephone number", "전화번호";
    issue_resident_number: "Resident registration number", "주민등록번호";
    issue_card: "Payment card number", "카드 번호";
    issue_driver_licence: "Driving licence number", "운전면허 번호";
    issue_ip: "IP address", "IP 주소";
    issue_secret: "Key or password", "키 또는 비밀번호";
    issue_listed: "Unwanted word", "원치 않는 단어";
    keep: "Keep", "유지";
    keep_as_is: "as it is", "그대로";
    keep_one: "Keep one", "하나만 남기기";
    keep_all: "Keep all", "모두 남기기";
    several_right: "Several right", "여러 라벨이 맞음";
    none_right: "None right", "맞는 라벨 없음";
    take_suggestions: "Take suggestions", "제안대로 바꾸기";
    select_shown: "Select all", "모두 선택";
    clear_selection: "Clear selection", "선택 해제";
    would_change: "This is what would change; it can be undone in one step", "다음과 같이 바뀌며, 한 번에 되돌릴 수 있습니다";
    in_several_splits: "The copies lie in different splits: what is tested was trained on", "사본들이 서로 다른 분할에 있습니다. 학습한 것으로 시험하게 됩니다";
    relabel: "Relabel", "라벨 바꾸기";
    exclude: "Exclude", "제외";
    excluded: "Excluded", "제외됨";
    settled: "Settled", "처리됨";
    to_settle: "To settle", "처리할 것";
    all_settled: "Everything here is settled", "여기 있는 것을 모두 처리했습니다";
    group: "Group", "묶음";
    similarity: "Similarity", "유사도";
    suggested_label: "Suggested label", "제안 라벨";
    self_confidence: "Probability of its label", "현재 라벨의 확률";
    why_flagged: "Why it is here", "여기 있는 이유";
    nothing_found: "Nothing was found", "찾은 것이 없습니다";

    // Choose and watch.
    budget: "Budget", "예산";
    strategy: "Strategy", "전략";
    drift: "Drift", "변화";
    slices: "Slices", "구간";
    reference: "Reference", "기준";
    expectations: "Expectations", "기대";
    expectation: "Expectation", "기대";
    expectations_none: "Nothing is expected of the data yet", "아직 데이터에 기대하는 것이 없습니다";
    expectations_empty: "The file holds no expectations", "파일에 기대가 없습니다";
    expectations_why: "What must hold stands in expectations.toml in the project's folder, to be edited with any editor, and is checked on every change", "지켜야 할 것은 프로젝트 폴더의 expectations.toml에 적습니다. 아무 편집기로나 고칠 수 있고, 바뀔 때마다 확인합니다";
    suggest_expectations: "Suggest from the data", "데이터에서 제안";
    check_again: "Check again", "다시 확인";
    holds: "Holds", "만족";
    fails: "Fails", "불만족";
    state: "State", "상태";
    observed: "Observed", "관측";
    unexpected: "Unexpected", "벗어난 값";
    trends: "Over time", "시간에 따라";
    trends_by: "Over", "기준 열";
    trends_none: "There is no column of times, batches or numbers", "시각, 묶음, 숫자 열이 없습니다";
    trends_nothing: "There is nothing to follow yet", "아직 살펴볼 수치가 없습니다";
    trends_why: "Shares of classes, functions, models, agreement and the data's own columns over times or batches. A change counts if it is beyond chance over all figures, with false discoveries held at 5%", "클래스 비율, 함수, 모델, 일치도, 데이터 열의 수치를 시각이나 묶음에 따라 살핍니다. 모든 수치를 통틀어 우연을 넘는 것만 변화로 세며, 거짓 발견 비율은 5%로 제한합니다";
    figure: "Figure", "수치";
    trend: "Trend", "추이";
    since: "Since", "언제부터";
    change_before: "Before", "그 전";
    change_after: "After", "그 뒤";
    most_where: "Most where", "가장 많이 변한 곳";
    changed_suddenly: "Suddenly", "갑자기";
    changed_gradually: "Gradually", "서서히";
    trend_share: "Share", "비율";
    trend_class_share: "Share of the class", "클래스 비율";
    trend_coverage: "Coverage of the function", "함수 적용 범위";
    trend_precision: "Precision of the function", "함수 정밀도";
    trend_accuracy: "Accuracy", "정확도";
    trend_agreement: "Agreement of annotators", "작업자 일치도";
    trend_unexpected: "Not as expected", "기대를 벗어난 비율";
    trend_missing: "Missing values", "빈 값의 비율";
    trend_mean: "Mean", "평균";
    drift_what: "What is compared", "비교할 것";
    drift_why: "Choose two values of a column, a time, or filter the view: it is then compared with the rest", "열의 두 값이나 시간을 고르거나, 보기를 걸러 나머지와 비교하세요";
    two_values: "Two values", "두 값";
    before_and_after: "Before and after", "이전과 이후";
    view_and_rest: "In view and the rest", "보이는 행과 나머지";
    distance: "Distance", "거리";
    method: "Method", "방법";
    drifted: "Drifted", "변함";
    not_drifted: "Not drifted", "변하지 않음";
    missing_drifted: "Missing values", "빈 값이 변함";
    drifted_why: "A column has drifted if its distance reaches the threshold and is beyond what chance gives in 95 of 100 deals. Times move by nature and are not counted", "거리가 기준값에 이르고, 우연으로 나올 수 있는 범위(100번 중 95번)를 넘으면 변한 것입니다. 시각은 원래 움직이므로 세지 않습니다";
    new_values: "New values", "새 값";
    vanished_values: "Vanished values", "사라진 값";
    more_often: "More often now", "늘어난 말";
    less_often: "Less often now", "줄어든 말";
    drift_wasserstein: "Wasserstein, in deviations", "바서슈타인, 표준편차 단위";
    drift_kolmogorov_smirnov: "Kolmogorov–Smirnov", "콜모고로프–스미르노프";
    drift_psi: "Population stability index", "모집단 안정성 지수";
    drift_jensen_shannon: "Jensen–Shannon", "옌센–섀넌";
    drift_classifier: "Classifier on unseen rows", "보지 않은 행에 대한 분류기";
    slices_of: "Where it is high", "높은 곳을 찾을 값";
    slices_what: "Find the conditions under which a number is high", "어떤 값이 높게 나오는 조건을 찾습니다";
    slices_why: "Errors, disagreements and label noise gather somewhere. A third of the rows is held out to confirm what the rest shows", "오류와 불일치는 어딘가에 몰려 있습니다. 행의 3분의 1은 따로 두어, 나머지에서 찾은 것을 확인합니다";
    slices_none_target: "There is no column of numbers or truth values", "숫자나 참·거짓 열이 없습니다";
    slices_nothing: "Nowhere is it higher than chance allows", "우연을 넘어 높은 곳이 없습니다";
    find_slices: "Find slices", "구간 찾기";
    slices_layers: "Use labels and votes too", "라벨과 투표도 조건으로";
    stale_slices: "The data or its labels have changed since this was computed", "계산한 뒤 데이터나 라벨이 바뀌었습니다";
    confirmed: "Confirmed", "확인됨";
    confirmed_why: "The rows held out show it too, with false discoveries held at 5%", "따로 둔 행에서도 나타나며, 거짓 발견 비율은 5%로 제한합니다";
    interval: "95% interval", "95% 구간";
    elsewhere: "Elsewhere", "그 밖";
    save_as_view: "Save as view", "보기로 저장";

    // Deliver.
    export: "Export", "내보내기";
    format: "Format", "형식";
    destination: "Destination", "저장 위치";
    data_card_what: "What the data is, how it was labelled, and what is known of its quality", "데이터가 무엇이며, 어떻게 라벨을 붙였고, 품질에 대해 무엇을 아는지 적습니다";
    only_labelled: "Only rows with a label", "라벨이 있는 행만";
    export_done: "Export finished", "내보내기를 마쳤습니다";
    overwrite: "Overwrite", "덮어쓰기";
    overwrite_question: "There is a file of this name already", "같은 이름의 파일이 이미 있습니다";

    // Jobs and pane states.
    working: "Working", "작업 중";
    cancelling: "Cancelling", "취소하는 중";
    cancelled: "Cancelled", "취소됨";
    done: "Done", "완료";
    failed: "Failed", "실패";
    waiting: "Waiting", "대기 중";
    counting: "Counting", "세는 중";
    import: "Import…", "가져오기…";
    nothing_matches: "No row matches", "맞는 행이 없습니다";
    remove_that_filter: "Remove that filter", "그 필터 제거";

    // Errors.
    error: "Error", "오류";
    warning: "Warning", "경고";
    copy_details: "Copy details", "자세한 내용 복사";
    save_failed: "Changes could not be saved", "변경 내용을 저장하지 못했습니다";
    recovered: "Reopened as you left it", "마지막 상태로 다시 열었습니다";
    name_needed: "A name is needed", "이름이 필요합니다";

    // Settings.
    settings: "Settings", "설정";
    theme: "Theme", "테마";
    theme_light: "Light", "밝게";
    theme_dark: "Dark", "어둡게";
    choose_language: "Language", "언어";
    zoom: "Zoom", "확대";
    renderer: "Renderer", "렌더러";
    about: "About", "정보";

    // Shortcuts.
    shortcuts: "Keyboard shortcuts", "키보드 단축키";

    // The gallery of widgets.
    gallery: "Widgets", "위젯";
    gallery_buttons: "Buttons", "버튼";
    gallery_inputs: "Inputs", "입력";
    gallery_labels: "Labels and badges", "라벨과 배지";
    gallery_plots: "Plots", "그래프";
    gallery_states: "Pane states", "패널 상태";
    gallery_messages: "Messages", "메시지";
    gallery_icons: "Icons", "아이콘";
    gallery_type: "Type and colour", "글자와 색";

    // The window's own commands and panes.
    agrees_with_targets: "Agreement with its training labels", "학습 라벨과의 일치";
    classes_hint: "For example  spam, ham  — empty takes those in the label column", "예:  스팸, 정상  — 비워 두면 라벨 열의 값을 씁니다";
    clear_view: "Show all rows", "모든 행 보기";
    covered: "Covered", "투표 있음";
    overlapped: "Overlapped", "겹침";
    conflicted: "Conflicted", "충돌";
    destination_why: "A folder, relative to the project or absolute", "프로젝트 기준 상대 경로 또는 절대 경로의 폴더";
    everything_saved: "All changes saved", "모든 변경이 저장됨";
    find_problems: "Find problems", "문제 찾기";
    find_problems_what: "Look for wrong labels, duplicates, outliers and bad items", "틀린 라벨, 중복, 이상치, 나쁜 항목을 찾습니다";
    find_problems_why: "A model is trained on the labels, each row judged by one that has not seen it; items are compared with each other and looked at one by one. Takes from seconds to a minute", "라벨로 모델을 학습하되, 각 행은 그 행을 보지 못한 모델이 판단합니다. 항목끼리 비교하고 하나씩 살펴봅니다. 몇 초에서 1분쯤 걸립니다";
    finding_problems: "Looking for problems", "문제를 찾는 중";
    functions_empty: "No functions yet", "아직 함수가 없습니다";
    guidelines_empty: "No guidelines yet. Write them in this file", "아직 지침이 없습니다. 이 파일에 적으세요";
    history_empty: "Nothing was changed yet", "아직 바뀐 것이 없습니다";
    history_empty_why: "Every label and decision is listed here and can be undone", "모든 라벨과 결정이 여기에 남고, 되돌릴 수 있습니다";
    item_none: "No row is chosen", "선택한 행이 없습니다";
    item_none_why: "Click a row, or move with J and K", "행을 누르거나 J, K로 움직이세요";
    kept_copy: "Kept", "남길 것";
    this_copy: "This copy", "이 사본";
    kind: "Kind", "종류";
    meaning: "Meaning", "쓰임";
    label_this_row: "Label this row", "이 행에 라벨 붙이기";
    labels_by_source: "Where the labels come from", "라벨의 출처";
    labels_differ: "The copies have different labels", "사본들의 라벨이 서로 다릅니다";
    find_or_add_class: "Find or add (Ctrl+L)", "찾기 또는 추가 (Ctrl+L)";
    unsure: "Unsure", "확실하지 않음";
    bad_item: "Bad item", "불량 항목";
    comment: "Comment", "댓글";
    labels_as: "Labels as", "라벨링하는 사람";
    as_project: "The project", "프로젝트";
    annotator_name: "Name of another annotator", "다른 작업자 이름";
    apart_why: "Labels under another name are kept apart, so that they can be compared", "다른 이름의 라벨은 비교할 수 있게 따로 보관합니다";
    review: "Review", "검토";
    review_empty: "Only one person has labelled so far", "아직 한 사람만 라벨을 붙였습니다";
    review_empty_why: "Label under another name, or take a packet in", "다른 이름으로 라벨을 붙이거나 패킷을 받으세요";
    no_disputes: "Nothing is seen differently", "다르게 본 항목이 없습니다";
    decided_too: "Decided ones too", "결정한 것도";
    consensus: "Consensus", "합의";
    consensus_why: "The most likely class when everybody counts as much as they are usually right", "작업자마다 평소 맞는 만큼 무게를 두었을 때 가장 그럴듯한 클래스";
    annotators: "Annotators", "작업자";
    items_answered: "Items", "항목";
    quality: "Quality", "품질";
    quality_why: "The mean probability of this person's answers by the consensus of all", "모두의 합의로 볼 때 이 사람이 한 답의 평균 확률";
    with_consensus: "With consensus", "합의와 일치";
    percent_agreement: "Agreement", "일치율";
    f1_exact: "F1, equal", "F1, 동일";
    f1_overlap: "F1, overlapping", "F1, 겹침";
    f1_letters: "F1, letters", "F1, 글자";
    f1_located: "F1, found", "F1, 위치";
    f1_classed: "F1, with class", "F1, 클래스 포함";
    mean_iou: "Mean IoU", "평균 IoU";
    same_class: "Same class", "같은 클래스";
    pages: "Pages", "페이지";
    pages_empty: "Nothing is proposed yet", "아직 제안된 클래스가 없습니다";
    pages_empty_why: "A page holds items that a model or the functions give one class", "페이지에는 모델이나 함수가 같은 클래스로 본 항목이 모입니다";
    pages_how: "Click the exceptions", "예외를 클릭하세요";
    audit_sample: "Check a sample", "표본 검사";
    audit_how: "Labelled by the page: click what is wrong", "페이지로 붙인 라벨: 틀린 것을 클릭하세요";
    effort: "Effort", "작업량";
    effort_empty: "Nothing has been timed yet", "아직 측정한 시간이 없습니다";
    effort_empty_why: "The time from an item's showing to its label is noted as you work", "항목이 보인 뒤 라벨까지의 시간을 기록합니다";
    effort_items: "Items labelled", "라벨을 붙인 항목";
    per_hour: "Items an hour", "시간당 항목";
    per_hour_lately: "Over the last fifty", "최근 50개 기준";
    median_time: "Median time", "중앙값 시간";
    p90_time: "Nine of ten within", "열에 아홉은";
    active_time: "Active time", "작업 시간";
    suggestions_taken: "Suggestions taken", "받아들인 제안";
    queue_ends_in: "The queue ends in", "남은 시간";
    breaks: "Breaks left out", "제외한 휴식";
    by_annotator: "By annotator", "작업자별";
    queue_order: "Order of the queue", "대기열 순서";
    order_as_is: "As in the data", "데이터 순서";
    order_random: "Random", "무작위";
    order_uncertain: "Most uncertain first", "불확실한 것부터";
    order_disagreement: "Functions disagree most first", "함수 의견이 갈린 것부터";
    order_easiest: "Easiest first", "쉬운 것부터";
    order_together: "Similar together", "비슷한 것끼리";
    order_valuable: "Most valuable first", "배울 점이 많은 것부터";
    needs_two_functions: "Needs two labelling functions that vote", "투표하는 라벨링 함수가 둘 이상 필요합니다";
    suggestions_hidden: "Alike when hidden", "숨겼을 때 일치";
    add_case: "Add this case", "이 사례 추가";
    case_added: "Added to the guidelines", "지침에 추가했습니다";
    case_needs_label: "Label the item first", "먼저 라벨을 붙이세요";
    exchange: "Exchange", "주고받기";
    bring_in: "Bring annotations in", "주석 가져오기";
    annotation_file: "File or folder", "파일 또는 폴더";
    annotation_file_why: "Annotations of another tool, or a packet", "다른 도구의 주석 또는 패킷";
    recognise: "Recognise", "자동 인식";
    replace_existing: "Replace what is there", "기존 것 바꾸기";
    look_first: "Look first", "먼저 보기";
    take_in: "Take in", "가져오기";
    nothing_lost: "Nothing is lost", "잃는 것이 없습니다";
    write_annotations: "Write annotations", "주석 내보내기";
    annotation_target_why: "A file, or a folder where the format is one; below the project if not absolute", "파일 또는 폴더, 상대 경로는 프로젝트 아래";
    would_be_lost: "This format cannot hold everything; nothing is written yet", "이 형식은 모든 것을 담지 못합니다. 아직 아무것도 쓰지 않았습니다";
    write_anyway: "Write anyway", "그래도 쓰기";
    write_packet: "Write as a packet", "패킷으로 쓰기";
    proposals_how: "Dashed: marked before; a click takes one", "점선: 전에 표시한 것, 클릭하면 반영";
    one_class: "One class", "클래스 하나";
    task: "Task", "작업";
    add_task: "Add a task", "작업 추가";
    task_tags: "Several classes", "여러 클래스";
    task_spans: "Spans in the text", "텍스트 구간";
    task_shapes: "Boxes and shapes", "상자와 도형";
    task_keypoints: "Keypoints of objects", "물체의 키포인트";
    task_segments: "Stretches of time", "시간 구간";
    task_rewrite: "Another text", "다시 쓰기";
    task_choice: "The better of two", "둘 중 나은 것";
    other_tasks_why: "Or mark something inside the items", "또는 항목 안에 표시하세요";
    needs_task_classes: "Add a class first", "먼저 클래스를 추가하세요";
    annotations: "Annotations", "주석";
    finish: "Done, next", "완료, 다음";
    finished: "Done", "완료";
    reopen: "Done", "완료됨";
    text_to_mark: "Text to mark", "표시할 텍스트";
    image_to_mark: "Image to mark", "표시할 이미지";
    whole_words: "Whole words", "단어 단위";
    relation: "Relation", "관계";
    relation_class: "Class of relations", "관계 클래스";
    choose_other_span: "Choose the other end of the relation", "관계의 다른 쪽을 고르세요";
    span_how: "Drag, double-click, or Shift+arrows; then a class", "드래그, 두 번 클릭 또는 Shift+화살표, 그다음 클래스";
    span_keys: "[ ] move the end   , . particle   Ctrl+drag adds a piece   Del remove", "[ ] 끝 이동   , . 조사   Ctrl+드래그로 조각 추가   Del 삭제";
    tool_select: "Select", "선택";
    tool_box: "Box", "상자";
    tool_polygon: "Polygon", "다각형";
    tool_line: "Line", "선";
    tool_point: "Point", "점";
    tool_wand: "Wand", "요술봉";
    skeleton: "Points and bones", "점과 뼈대";
    skeleton_why: "Every object has the same points, set in this order", "모든 물체는 같은 점을 이 순서로 가집니다";
    point_names: "Names of the points, with commas between", "점 이름 (쉼표로 구분)";
    bones: "Bones between them, such as 1-2, 2-3", "뼈대, 예: 1-2, 2-3";
    person_17: "A person, 17 points", "사람, 점 17개";
    point_hidden: "hidden", "가려짐";
    point_absent: "not there", "없음";
    classes_in_order: "The classes are in order", "클래스에 순서가 있음";
    alpha_ordinal: "α ordinal", "α 순서";
    alpha_interval: "α interval", "α 간격";
    kappa_linear: "κ linear", "κ 선형";
    kappa_quadratic: "κ quadratic", "κ 제곱";
    every_step: "Every step", "단계별로";
    back_to_here: "Back to here", "이 상태로";
    back_to_here_why: "Puts back what held after this; one undo takes that back. Functions and settings stay", "이 시점의 상태로 되돌립니다. 실행 취소 한 번으로 돌아옵니다. 함수와 설정은 그대로입니다";
    restored: "Restored; undo takes it back", "되돌렸습니다. 실행 취소로 돌아갈 수 있습니다";
    change_keys: "Change keys", "단축키 바꾸기";
    press_a_key: "Press a key", "키를 누르세요";
    no_key: "none", "없음";
    reset_keys: "All as they came", "모두 처음대로";
    remove_key: "No key", "키 없애기";
    key_as_it_came: "As it came", "처음대로";
    keys_everywhere: "Everywhere", "어디서나";
    keys_labelling: "While labelling", "라벨링 중";
    keys_shapes: "Shapes on images", "이미지 도형";
    keys_spans: "Spans in texts", "텍스트 구간";
    keys_points: "Keypoints", "키포인트";
    keys_fixed: "Enter, Esc, Tab, Delete and the keys of classes are not changed here", "Enter, Esc, Tab, Delete와 클래스 키는 여기서 바꾸지 않습니다";
    key_reserved: "This key always means the same", "이 키는 항상 같은 뜻으로 쓰입니다";
    key_while_typing: "This works while typing too: take a key with Ctrl or Alt", "입력 중에도 쓰는 명령입니다. Ctrl이나 Alt와 함께 쓰세요";
    adjust_picture: "Brightness and contrast", "밝기와 대비";
    adjust_picture_why: "Only for looking: the data stay as they are", "보이는 방식만 바뀌고 데이터는 그대로입니다";
    brightness: "Brightness", "밝기";
    contrast: "Contrast", "대비";
    picture_brighter: "Show images brighter", "이미지 밝게 보기";
    picture_darker: "Show images darker", "이미지 어둡게 보기";
    more_contrast: "More contrast", "대비 높이기";
    less_contrast: "Less contrast", "대비 낮추기";
    plain_picture: "Show images as they are", "이미지 원래대로 보기";
    brush_smaller: "Smaller brush", "붓 작게";
    brush_larger: "Larger brush", "붓 크게";
    mark_all_equal: "Mark all equal", "같은 문자열 모두 표시";
    point_is_absent: "The point is not there", "점이 없음";
    point_is_hidden: "The point is hidden, or visible", "점 가림/보임";
    second_choice: "Second choice", "두 번째 후보";
    second_choice_why: "What it might be instead; Shift with the key of a class", "다른 가능성. Shift+클래스 키로도 고릅니다";
    how_sure: "How sure of the label", "라벨에 대한 확신";
    guideline_version: "Version", "버전";
    task_ranking: "Order of several", "여럿의 순위";
    ranking_how: "Press the numbers, best first   Backspace: one back", "좋은 것부터 번호를 누르세요   Backspace: 하나 취소";
    candidate: "Candidate", "후보";
    needs_candidates: "Choose the columns of the candidates below", "아래에서 후보 열을 고르세요";
    edit_classes: "Edit the classes", "클래스 편집";
    edit_classes_why: "A new name goes to all annotations at once. Functions and columns of the data keep the old one", "새 이름은 모든 주석에 한꺼번에 적용됩니다. 함수와 데이터 열은 옛 이름을 그대로 씁니다";
    class_key: "Key", "키";
    mix_in_checks: "Mix in checks", "점검 항목 섞기";
    mix_in_checks_why: "Gold items, and items you labelled before, served again without saying so", "정답이 있는 항목과 전에 라벨한 항목을 알리지 않고 다시 보여 줍니다";
    own_consistency: "Agreement with yourself", "자기 일치도";
    on_gold: "Right on gold items", "정답 항목 정확도";
    tool_brush: "Brush", "붓";
    tool_eraser: "Eraser", "지우개";
    wand_paints: "As a mask", "마스크로";
    copy_previous: "As before", "이전 것 복사";
    shapes_how: "Wheel zooms, Space+drag moves, H hides", "휠로 확대, Space+드래그로 이동, H로 숨기기";
    corners_how: "Enter closes, Backspace: one back", "Enter로 닫기, Backspace로 한 점 취소";
    segments_how: "Drag a stretch, or [ and ] while it plays", "구간을 드래그하거나 재생 중 [ 와 ]";
    new_text: "New text", "새 텍스트";
    draft_column: "Draft", "초안";
    left_column: "Left", "왼쪽";
    right_column: "Right", "오른쪽";
    needs_classes: "There are no classes yet", "아직 클래스가 없습니다";
    needs_classes_why: "Add at least two, then label with the keys 1 and 2", "둘 이상 추가한 뒤 1, 2 키로 라벨을 붙이세요";
    new_file: "New file", "새 파일";
    next_row: "Next row", "다음 행";
    previous_row: "Previous row", "이전 행";
    no_label_errors_why: "Label errors could not be looked for", "라벨 오류를 찾지 못했습니다";
    nothing_to_undo: "There is nothing more to undo or redo", "더 되돌리거나 다시 실행할 것이 없습니다";
    recent_projects: "Recent projects", "최근 프로젝트";
    reset_layout: "Reset layout", "배치 초기화";
    scope_all: "All rows", "모든 행";
    scope_kept: "All but excluded", "제외한 행 빼고";
    show_marks: "What is marked", "표시한 것";
    show_uncertain: "Label the most uncertain", "가장 불확실한 것부터 라벨";
    source_unchanged: "The data file has not changed", "데이터 파일이 바뀌지 않았습니다";
    check_source: "Check the data file for changes", "데이터 파일 변경 확인";
    take_over: "Take over", "반영";
    show_differences: "Show these rows", "해당 행 보기";
    search_mode: "How to search", "검색 방식";
    search_words: "Words, in any order", "단어, 순서 무관";
    search_phrase: "The phrase as it is", "문구 그대로";
    search_regex: "Regular expression", "정규식";
    match_case: "Match case", "대소문자 구분";
    view_fault: "The view cannot be computed", "보기를 계산할 수 없습니다";
    selected: "selected", "선택됨";
    play: "Play", "재생";
    pause: "Pause", "일시 정지";
    play_pause: "Play or pause the sound", "소리 재생 또는 일시 정지";
    audio_column: "Audio column", "오디오 열";
    audio_column_why: "The files of the sounds to be labelled", "라벨을 붙일 소리 파일입니다";
    whole_rows: "Without a text, image or audio column, whole rows are labelled", "텍스트, 이미지, 오디오 열이 없으면 행 전체에 라벨을 붙입니다";
    predictions: "Predictions", "예측";
    predictions_none: "There are no predictions yet", "아직 예측이 없습니다";
    predictions_none_why: "Train the end model, or write functions for the label model", "최종 모델을 학습하거나 라벨 모델을 위한 함수를 작성하세요";
    nothing_to_judge: "No row in view has both a known label and a prediction", "보이는 행 가운데 정답과 예측이 모두 있는 행이 없습니다";
    nothing_to_judge_why: "Label some rows by hand, or name a gold column", "몇 행에 직접 라벨을 붙이거나 정답 열을 지정하세요";
    in_view: "In view", "보이는 행";
    compared_with: "Compared with", "비교 대상";
    confusion_matrix: "Confusion matrix", "혼동 행렬";
    hide_diagonal: "Hide what is right", "맞은 것 숨기기";
    no_label: "no label", "라벨 없음";
    no_prediction: "no prediction", "예측 없음";
    by_class: "By class", "클래스별";
    class: "Class", "클래스";
    support: "Rows", "행 수";
    precision: "Precision", "정밀도";
    recall: "Recall", "재현율";
    macro_f1: "Macro F1", "매크로 F1";
    balanced_accuracy: "Balanced accuracy", "균형 정확도";
    calibration_error: "Calibration error", "보정 오차";
    calibration_error_why: "Mean distance between confidence and accuracy, in 15 bins (ECE)", "확신도와 정확도의 평균 차이, 15구간 (ECE)";
    log_loss: "Log loss", "로그 손실";
    label_model_has_seen: "The label model has seen the hand labels it was calibrated on", "라벨 모델은 보정에 쓴 직접 라벨을 이미 보았습니다";
    confidence: "Confidence", "확신도";
    confidence_what: "Filled: wrong. Outline: all rows. Brush to see them", "채움: 틀림, 윤곽: 전체. 끌어서 해당 행 보기";
    reliability: "Reliability", "신뢰도 그림";
    false_positive_rate: "False positive rate", "위양성률";
    threshold: "Threshold", "임계값";
    show_below: "Show rows below", "그 아래 행 보기";
    got_better: "Got better", "나아짐";
    got_worse: "Got worse", "나빠짐";
    both_right: "Both right", "둘 다 맞음";
    both_wrong: "Both wrong", "둘 다 틀림";
    differ_unlabelled: "Differ, not labelled", "다름, 라벨 없음";
    pairs: "Compare columns", "열 비교";
    two_columns: "Two columns", "두 열";
    all_columns: "All columns", "모든 열";
    swap_axes: "Swap the axes", "축 바꾸기";
    density: "Density", "밀도";
    points: "Points", "점";
    correlations_what: "Pearson for numbers, Cramér's V for categories, correlation ratio between them. Click to compare the two", "숫자는 피어슨, 범주는 크라메르 V, 숫자와 범주는 상관비. 눌러서 두 열을 비교";
    missing_together: "Missing together", "함께 빈 값";
    nothing_missing: "nothing is missing", "빈 값 없음";
    words: "Words", "단어";
    words_none: "There is no column of text", "텍스트 열이 없습니다";
    words_apart: "What sets a class apart", "클래스를 가르는 말";
    words_apart_why: "By log-odds with a prior; the bar is z, above 2 is hardly chance. Click to search", "사전분포를 둔 로그 오즈 기준. 막대는 z값이며 2를 넘으면 우연이 아닙니다. 눌러서 검색";
    most_frequent: "Most frequent", "가장 잦은 말";
    map: "Map", "지도";
    map_none: "The map shows every item near what it is like", "지도는 비슷한 항목을 가까이에 보여 줍니다";
    map_none_why: "Texts are compared by their words, images by their colours and edges. Takes seconds on 20,000 rows", "텍스트는 단어로, 이미지는 색과 윤곽으로 비교합니다. 2만 행에 몇 초 걸립니다";
    make_map: "Make the map", "지도 만들기";
    colour_by: "Colour by", "색 기준";
    lasso: "Lasso", "올가미";
    pan: "Pan", "이동";
    fit_map: "Fit", "맞추기";
    select_in_window: "Select the rows in the window", "보이는 영역의 행 선택";
    axes_have_no_meaning: "Near means alike; the axes have no meaning", "가까울수록 비슷합니다. 축에는 뜻이 없습니다";
    map_flat: "Two strongest dimensions", "가장 강한 두 차원";
    map_laid_out: "Neighbours laid out", "이웃 배치";
    go_to_hint: "A row number, a view, a column, a class, a command…", "행 번호, 보기, 열, 클래스, 명령…";
    sort: "Sort", "정렬";
    filter_to_selection: "Show the selected rows alone", "선택한 행만 보기";
    exclude_selection: "Leave the selected rows out", "선택한 행 빼기";
    nothing_selected: "No rows are selected. Click with Ctrl or Shift first", "선택한 행이 없습니다. 먼저 Ctrl이나 Shift를 누른 채 클릭하세요";
    sort_up: "Sort, least first", "작은 것부터 정렬";
    sort_down: "Sort, greatest first", "큰 것부터 정렬";
    freeze_column: "Keep in place up to here", "여기까지 고정";
    unfreeze_columns: "Let all columns scroll", "고정 해제";
    move_left: "Move left", "왼쪽으로";
    move_right: "Move right", "오른쪽으로";
    fit_width: "Fit the width", "너비 맞추기";
    hide_column: "Hide this column", "이 열 숨기기";
    copy_cell: "Copy this cell", "이 칸 복사";
    copy_rows: "Copy the selected rows", "선택한 행 복사";
    filter_to_value: "Show rows with this value", "이 값인 행만 보기";
    exclude_value: "Leave rows with this value out", "이 값인 행 빼기";
    remove_that_part: "Remove that part", "그 조건 제거";
    open_pane: "Open a pane here", "여기에 패널 열기";
    layouts: "Layouts", "배치";
    layout_name: "Name of the layout", "배치 이름";
    layouts_none: "Saved layouts will be listed here", "저장한 배치가 여기에 표시됩니다";
    views: "Views", "보기";
    view_name: "Name of the view", "보기 이름";
    views_none: "Saved views will be listed here", "저장한 보기가 여기에 표시됩니다";
    views_why: "Filter, search or sort first; then save it under a name", "먼저 거르거나 검색하거나 정렬한 뒤 이름을 붙여 저장하세요";
    next_saved_view: "Next saved view", "다음 저장된 보기";
    previous_saved_view: "Previous saved view", "이전 저장된 보기";
    stale_findings: "Labels have changed since this was computed", "계산한 뒤 라벨이 바뀌었습니다";
    stale_model: "Functions or labels have changed since it was trained", "학습한 뒤 함수나 라벨이 바뀌었습니다";
    toggle_language: "Korean or English", "영어 또는 한국어";
    toggle_theme: "Light or dark", "밝게 / 어둡게";
    trained_on: "Trained on", "학습한 행";
    view_back: "Previous view", "이전 보기";
    view_forward: "Next view", "다음 보기";
    vote_patterns: "Vote patterns", "투표 패턴";
    without_duplicates: "Without copies", "중복 사본 빼기";
    tour_title: "First steps", "첫걸음";
    tour_close: "Close the first steps", "첫걸음 닫기";
    tour_look: "Brush a histogram, or filter with /", "막대를 끌거나 /로 거르기";
    tour_save_view: "Save what you see under Views", "보기에 현재 화면 저장";
    tour_uncertain: "Label the most uncertain with Ctrl+U", "Ctrl+U로 불확실한 것부터 라벨";
    tour_function: "Change a function, watch its figures", "함수를 고치며 수치 보기";
    tour_train: "Train the end model with Ctrl+T", "Ctrl+T로 최종 모델 학습";
    tour_deliver: "Export the data with its card", "데이터와 카드 내보내기";
    source_hand: "By hand", "직접";
    source_given: "Given with the data", "데이터에 있던 값";
    source_functions: "Functions", "함수";
    source_model: "End model", "최종 모델";
    model_soft_majority: "Soft majority", "부드러운 다수결";
    model_weighted: "Weighted majority", "가중 다수결";
    model_one_coin: "One-coin", "One-coin";
    job_layers: "Gathering layers", "레이어를 모으는 중";
    measure_images: "Measure size, brightness and sharpness of the images", "이미지의 크기, 밝기, 선명도 재기";
    job_images: "Measuring images", "이미지를 재는 중";
    more_like_this: "More like this", "비슷한 것부터";
    history_of_item: "History", "기록";
    neighbours: "Nearest items", "가장 가까운 항목";
    flags: "Flags", "표시";
    label_selected: "Label the selected rows", "선택한 행에 라벨";
    job_map: "Making the map", "지도를 만드는 중";
    job_view: "Filtering", "거르는 중";
    job_summaries: "Describing columns", "열을 살펴보는 중";
    job_votes: "Running functions", "함수를 실행하는 중";
    job_deliver: "Writing files", "파일을 쓰는 중";
    job_read_packet: "Reading the packet", "패킷을 읽는 중";
    job_write_packet: "Writing the packet", "패킷을 쓰는 중";
    job_restore: "Going back", "되돌아가는 중";
    job_label_model: "Fitting the label model", "라벨 모델을 맞추는 중";
    job_end_model: "Training the end model", "최종 모델을 학습하는 중";

    // The Functions workspace: suggestions, the matrix, versions.
    new_function_from: "New function from the filter or a word…", "필터나 단어로 새 함수…";
    label_for_functions: "Label what tells most about the functions", "함수를 가장 잘 알려 주는 항목 라벨링";
    order_telling: "Tells most about the functions", "함수를 가장 잘 알려 주는 순";
    needs_functions: "Needs labelling functions that vote", "투표하는 라벨링 함수가 필요합니다";
    suggest_needs_classes: "Add classes first", "먼저 클래스를 추가하세요";
    from_labels: "From labels", "라벨에서";
    uncovered: "Uncovered", "투표 없는 행";
    kind_of_function: "Kind of function", "함수 종류";
    form_phrases: "Phrases", "어구";
    form_shapes: "Shapes", "모양";
    form_values: "Values", "값";
    form_ranges: "Ranges", "범위";
    from_filter: "From the filter", "필터에서";
    from_filter_none: "Set a filter, and it becomes a function in one click", "필터를 걸면 클릭 한 번으로 함수가 됩니다";
    from_search: "From the search", "검색어에서";
    from_selected_items: "Like the selected items", "선택한 항목과 비슷한 것";
    from_word: "From a word", "단어에서";
    from_word_hint: "Word or phrase", "단어나 어구";
    from_selected_text: "Function from the selected text", "선택한 텍스트로 함수";
    suggested_from_model: "These labels are the functions' own: precision is an estimate until you label by hand", "함수 스스로 붙인 라벨이므로, 직접 라벨을 붙이기 전까지 정밀도는 추정값입니다";
    suggest_none: "Nothing to suggest", "제안할 것이 없습니다";
    suggest_none_why: "The functions there are say it already, or there are too few labels to tell it from chance", "이미 있는 함수가 다 말하고 있거나, 우연과 구별하기에 라벨이 적습니다";
    take: "Take", "채택";
    refuse: "Refuse", "거절";
    show_rows: "Show rows", "행 보기";
    uncovered_no_words: "No word is frequent in them", "그 안에 자주 나오는 단어가 없습니다";
    frequent_uncovered: "Frequent in rows without a vote", "투표 없는 행에 자주 나오는 말";
    frequent_uncovered_why: "A click shows the rows and puts the word into the field above", "클릭하면 그 행을 보여 주고 위 칸에 단어를 넣습니다";
    file: "File", "파일";
    a_word: "word", "단어";
    find: "Find", "찾기";
    no_hits: "Not found", "찾지 못했습니다";
    pattern_unread: "This pattern cannot be read", "이 패턴을 읽을 수 없습니다";
    find_and_replace: "Find and replace", "찾기와 바꾸기";
    replace_with: "Replace with", "바꿀 말";
    replace: "Replace", "바꾸기";
    replace_all: "Replace all", "모두 바꾸기";
    form: "Form", "양식";
    form_help: "Form of the function in this line: form and text are the same line", "이 줄의 함수 양식입니다. 양식과 텍스트는 같은 줄입니다";
    class_of_function: "Votes for class", "투표할 클래스";
    list_file: "List", "목록 파일";
    own_words: "Words here", "여기 적은 단어";
    range_of_number: "Range of a number", "숫자 범위";
    from_value: "From", "이상";
    to_value: "Up to", "미만";
    any_column: "The text", "본문";
    contradicts_unanimous: "All votes agree, and the label model says otherwise", "모든 투표가 같은데 라벨 모델은 다르게 말합니다";
    decides: "decides", "결정적";
    versions: "Versions", "버전";
    versions_none: "Nothing was saved yet", "아직 저장한 것이 없습니다";
    versions_why: "Every saved text of a file stays here. Choose one to see which votes are other now", "저장한 파일 내용이 모두 남습니다. 고르면 지금과 다른 투표를 보여 줍니다";
    saved_at: "Saved at", "저장 시각";
    content_name: "Content", "내용 번호";
    restore: "Restore", "되돌리기";
    version_is_current: "This is the text as it stands", "지금 내용과 같습니다";
    changed_since: "Votes changed since then", "그 뒤로 바뀐 투표";
    no_votes_changed: "No vote changed", "바뀐 투표가 없습니다";
    text_with_matches: "Text with what functions found in it", "함수가 찾은 곳을 표시한 텍스트";
    matrix: "Matrix", "행렬";
    example: "Example", "예";
    matrix_needs: "No function votes yet", "아직 투표하는 함수가 없습니다";
    functions_by_functions: "Functions", "함수끼리";
    jaccard: "Jaccard", "자카드";
    agreement_rate: "Agreement", "일치";
    worth_a_look: "Worth a look", "살펴볼 것";
    no_relations: "No two functions say the same", "같은 말을 하는 함수가 없습니다";
    matrix_why: "The stronger the colour, the more. A click shows the rows", "색이 강할수록 많습니다. 클릭하면 행을 보여 줍니다";
    label_all: "Label all…", "모두 라벨링…";
    patterns_why: "Each line is a set of rows with the same votes. A click shows them", "한 줄은 투표가 같은 행의 묶음입니다. 클릭하면 보여 줍니다";
    by_hand: "By hand", "직접 라벨";
    function_help: "A click goes to the function in the editor; a click on a figure shows its rows", "이름을 클릭하면 편집기의 함수로, 수치를 클릭하면 그 행으로 갑니다";
    where_to_label: "Where to label", "라벨 붙일 곳";
    estimated: "Estimated", "추정 정확도";
    estimated_help: "How often the function is right if the label model is. An estimate, not a measurement", "라벨 모델이 맞다고 볼 때 함수가 맞는 비율입니다. 측정이 아니라 추정입니다";
    unique_coverage: "Alone", "단독";
    unique_help: "The share of rows on which only this function votes", "이 함수만 투표하는 행의 비율입니다";
    since_saved: "Since saved", "저장 뒤 변화";
    since_saved_help: "How many votes differ from those of the saved file", "저장된 파일과 투표가 다른 행의 수입니다";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_hangul(c: char) -> bool {
        matches!(c, '가'..='힣' | 'ㄱ'..='ㅣ')
    }

    #[test]
    fn english_is_english_and_korean_is_korean() {
        // Names and terms that Korean text keeps as they are.
        let same = ["app_name", "model_dawid_skene", "model_one_coin"];
        for (key, english, korean) in ALL {
            assert!(!english.chars().any(is_hangul), "{key}: {english}");
            assert!(korean.chars().any(is_hangul) || same.contains(key), "{key}: {korean}");
        }
    }

    #[test]
    fn both_languages_agree_in_form() {
        for (key, english, korean) in ALL {
            assert_eq!(english.ends_with('…'), korean.ends_with('…'), "{key}: only one asks for more");
            for text in [english, korean] {
                assert_eq!(text.trim(), *text, "{key}: stray spaces");
                assert!(!text.is_empty(), "{key}: empty");
                assert!(!text.ends_with(['.', ':']), "{key}: no full stop or colon at the end: {text}");
            }
        }
    }
}
