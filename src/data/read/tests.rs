//! Whole files through the front door: tables of small ones, real ones, and any bytes at all.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{FORMATS, ReadOptions, Reading, read, read_frame};
use crate::data::write::write_frame;
use crate::data::{Frame, Kind};
use crate::engine::{Error, Result, Work};

fn read_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Reading> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read_frame(&path, options, &Work::new())
}

/// A frame as `name kind: cell cell; …`, missing cells as `·`.
fn show(frame: &Frame) -> String {
    let columns = frame.columns().iter().map(|column| {
        let cells: Vec<_> =
            (0..column.len()).map(|row| column.show(row).map_or("·".into(), |cell| cell.into_owned())).collect();
        format!("{} {}: {}", column.name(), column.kind().name(), cells.join("|"))
    });
    columns.collect::<Vec<_>>().join("; ")
}

fn csv(text: &str) -> Result<Reading> {
    read_bytes("a.csv", text.as_bytes(), &ReadOptions::default())
}

#[test]
fn csv_files_become_typed_columns() {
    let check = |text: &str, expected: &str| assert_eq!(show(&csv(text).unwrap().frame), expected, "{text:?}");
    check("a,b\n1,x\n2,y\n", "a int: 1|2; b text: x|y");
    check("a,b\n1,\n,2.5\nNA,null\n", "a int: 1|·|·; b float: ·|2.5|·");
    check("a\n007\n12\n", "a text: 007|12");
    check("a\nx\nNA\nNone\n\"\"\n", "a text: x|NA|None|·");
    check(
        "a,b\ntrue,2019-01-02\nFalse,2019/01/02 03:04\n",
        "a bool: true|false; b time: 2019-01-02|2019-01-02T03:04:00",
    );
    check("a,b\n1,x\n2.5,y\nz,\n", "a text: 1|2.5|z; b text: x|y|·");
    check("a,b\r\n\r\n1,x\r\n\r\n\r\n", "a int: 1; b text: x");
    check("a\nx\n\ny\n\n\n", "a text: x|·|y");
    check("a,b\n", "a text: ; b text: ");
    check("a", "a text: ");
    check("a,b,\n1,x,\n2,y,\n", "a int: 1|2; b text: x|y");
    check("a,b\n1,x,\n2,y,,\n", "a int: 1|2; b text: x|y");
    check("k,v\na,1\nb,2\na,3\nb,4\n", "k category: a|b|a|b; v int: 1|2|3|4");
    check("a,b\n 1, x\n 2, y\n", "a int: 1|2; b text:  x| y");
    check("id,t\n1,\"a \"\"b\"\"\nc,d\"\n", "id int: 1; t text: a \"b\"\nc,d");
    check("id;t\n1;a,b\n2;c,d,e\n", "id int: 1|2; t text: a,b|c,d,e");
    check("a,b\n1,\"x \\\"y\\\" z\"\n", "a int: 1; b text: x \"y\" z");
    check("1,2\n3,4\n", "column_1 int: 1|3; column_2 int: 2|4");
    check("a,b\n1e400,x\n", "a float: inf; b text: x");
}

#[test]
fn tsv_files_may_hold_quotes_as_text() {
    let check = |text: &str, expected: &str| {
        let reading = read_bytes("a.tsv", text.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(show(&reading.frame), expected, "{text:?}");
    };
    check("a\tb\n1\tx, y\n", "a int: 1; b text: x, y");
    check("a\tb\n1\t\"x\ty\"\n", "a int: 1; b text: x\ty");
    check("a\tb\n1\t\"so he said\n2\tno\n", "a int: 1|2; b text: \"so he said|no");
}

#[test]
fn what_was_assumed_is_said() {
    let check = |text: &str, part: &str| {
        let notes = csv(text).unwrap().report.notes.join("; ");
        assert!(notes.contains(part), "{text:?}: {notes}");
    };
    check("1,2\n3,4\n", "looks like data");
    check("a,a\n1,2\n", "the column name a is used twice; column 2 is called a_2");
    check("a,,b\n1,2,3\n", "column 2 has no name");
    check("a,b,\n1,x,\n", "empty last column was left out");
    check("a,b\n1,x,\n", "1 rows end in more delimiters");
    check("a;b\n1;2\n", "separated by semicolons");
    check("a,b\n1,\"\\\"x\\\"\"\n", "escaped with a backslash");
    assert!(csv("a,b\n1,x\n").unwrap().report.notes.is_empty());
}

#[test]
fn broken_csv_files_are_refused_with_their_place() {
    let check = |text: &str, what: &str| {
        let error = csv(text).unwrap_err();
        assert!(error.to_string().contains(what), "{text:?}: {error}");
        assert!(text.is_empty() || text.trim().is_empty() || error.advice().is_some());
        assert!(error.place().is_some_and(|place| place.contains("a.csv")), "{error}");
    };
    check("", "the file is empty");
    check("\n\n", "the file is empty");
    check("a,b\n1,\"x\n2,y\n3,z\n", "never closed");
    check("a,b\n1,\"x\n2,y\n3,z\n", "line 2");
    check("a,b\n1,x\n2,\"hello\n3,\"world\"\n4,z\n", "line 3");
    check("a,b\n\"x\ny\",1\n2\n", "a row has 1 cell where 2 are expected");
    check("a,b\n\"x\ny\",1\n2\n", "line 4");
    check("a,b\n1,2,3\n4,5\n6,7,8\n", "2 rows do not fit");
    check("text, label\nAAA, Negative, Positive\n", "3 cells where 2 are expected");
    check("PK\u{3}\u{4}", "Excel");
}

#[test]
fn options_override_what_would_be_detected() {
    let base = ReadOptions::default;
    let check = |text: &[u8], options: ReadOptions, expected: &str| {
        assert_eq!(show(&read_bytes("a.csv", text, &options).unwrap().frame), expected);
    };
    check(b"a^b\n1^2\n", ReadOptions { delimiter: Some('^'), ..base() }, "a int: 1; b int: 2");
    check(b"1,2\n3,4\n", ReadOptions { header: Some(true), ..base() }, "1 int: 3; 2 int: 4");
    check(b"a\nb\n", ReadOptions { header: Some(false), ..base() }, "column_1 text: a|b");
    check(b"a\ncaf\xE9\n", ReadOptions { encoding: Some("latin1".into()), ..base() }, "a text: café");
    check(b"a,b\n1,x\n2,y\n3,z\n", ReadOptions { limit: Some(2), ..base() }, "a int: 1|2; b text: x|y");
    check(b"a\n1\n\n3\n", ReadOptions { limit: Some(2), ..base() }, "a int: 1|·");
    check(
        b"{\"a\":1}\n{\"a\":2}\n",
        ReadOptions { format: Some("jsonl".into()), limit: Some(1), ..base() },
        "a int: 1",
    );
    let error = read_bytes("a.xyz", b"a", &base()).unwrap_err();
    assert!(error.advice().is_some_and(|help| help.contains(".csv")), "{error}");
    let error = read_bytes("a.csv", b"a", &ReadOptions { format: Some("xyz".into()), ..base() }).unwrap_err();
    assert!(error.advice().is_some_and(|help| help.contains("parquet")), "{error}");
}

#[test]
fn million_character_cells_and_many_pieces_are_fine() {
    let long = "가나다 \"라\" ".repeat(100_000);
    let mut text = String::from("id,text,late\n");
    for row in 0..40_000 {
        let cell = if row == 20_000 { long.as_str() } else { "줄, \"하나\"\n둘" };
        let late = if row == 39_000 { "x".to_owned() } else { row.to_string() };
        text.push_str(&format!("{row},\"{}\",{late}\n", cell.replace('"', "\"\"")));
    }
    let reading = csv(&text).unwrap();
    let (id, cells) = (reading.frame.column("id").unwrap(), reading.frame.column("text").unwrap());
    assert!((0..40_000).all(|row| id.number(row) == Some(row as f64)));
    assert_eq!(cells.show(20_000).as_deref(), Some(long.as_str()));
    assert_eq!(cells.show(39_999).as_deref(), Some("줄, \"하나\"\n둘"));
    let late = reading.frame.column("late").unwrap();
    assert_eq!(
        (late.kind(), late.show(7).as_deref(), late.show(39_000).as_deref()),
        (Kind::Text, Some("7"), Some("x"))
    );
    let error = csv(&text.replace("\n39999,\"", "\n39999,\"\"\" \"")).unwrap_err();
    assert!(error.place().is_some_and(|place| place.contains("line 79999")), "{error}");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let alone = pool.install(|| csv(&text).unwrap());
    assert!(equal(&alone.frame, &reading.frame), "the number of threads does not show");
    assert_eq!(alone.fingerprint, reading.fingerprint);
}

#[test]
fn cancelled_work_stops() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.csv", "a.jsonl", "a.parquet", "a.arrow"] {
        let path = folder.path().join(name);
        write_frame(&path, &csv("a,b\n1,x\n2,y\n").unwrap().frame, &Work::new()).unwrap();
        let work = Work::new();
        work.cancel();
        assert!(read_frame(&path, &ReadOptions::default(), &work).unwrap_err().is_cancelled(), "{name}");
        let failed = write_frame(&path, &csv("a\n1\n").unwrap().frame, &work);
        assert!(failed.unwrap_err().is_cancelled(), "{name}");
        assert_eq!(read_frame(&path, &ReadOptions::default(), &Work::new()).unwrap().frame.rows(), 2, "{name}");
    }
}

#[test]
fn ids_roots_and_missing_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "id,t\n1,x\n2,y\n").unwrap();
    let options = ReadOptions { id: Some("id".into()), ..Default::default() };
    let dataset = read(&path, &options, &Work::new()).unwrap();
    assert_eq!((dataset.rows(), dataset.root.as_path()), (2, folder.path()));
    std::fs::write(&path, "id,t\n1,x\n1,y\n").unwrap();
    let error = read(&path, &options, &Work::new()).unwrap_err();
    assert!(error.what().contains("not unique"), "{error}");
    let error = read(&folder.path().join("no.csv"), &options, &Work::new()).unwrap_err();
    assert!(error.what().contains("does not exist"), "{error}");
}

fn equal(one: &Frame, two: &Frame) -> bool {
    one.rows() == two.rows()
        && one.columns().len() == two.columns().len()
        && one.columns().iter().zip(two.columns()).all(|(one, two)| {
            one.name() == two.name() && one.kind() == two.kind() && *one.array_ref() == *two.array_ref()
        })
}

/// A small file of every format, to be damaged.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let text =
        "id,text,score,ok,at\n1,\"가 \"\"나\"\"\",0.5,true,2019-01-02\n2,,,,\n3,\"x\ny\",1e5,false,2020-01-01 10:00\n";
    let frame = csv(&text.repeat(1)).unwrap().frame;
    let folder = tempfile::tempdir().unwrap();
    let names = ["a.csv", "a.tsv", "a.jsonl", "a.json", "a.parquet", "a.arrow"];
    let file = |name: &'static str| {
        let path = folder.path().join(name);
        write_frame(&path, &frame, &Work::new()).unwrap();
        (name, std::fs::read(&path).unwrap())
    };
    names.into_iter().map(file).collect()
}

fn check_never_panics(name: &str, bytes: &[u8]) -> Result<Reading, Error> {
    let limited = read_bytes(name, bytes, &ReadOptions { limit: Some(2), ..Default::default() });
    if let Ok(reading) = &limited {
        assert!(reading.frame.rows() <= 2);
    }
    let whole = read_bytes(name, bytes, &ReadOptions::default());
    if let Ok(reading) = &whole {
        assert!(reading.frame.columns().iter().all(|column| column.len() == reading.frame.rows()));
    }
    whole
}

#[test]
fn every_cut_of_a_file_is_read_or_refused() {
    for (name, bytes) in samples() {
        for end in (0..bytes.len()).step_by(1 + bytes.len() / 200) {
            let read = check_never_panics(name, &bytes[..end]);
            let binary = matches!(name, "a.parquet" | "a.arrow" | "a.json");
            assert!(!binary || read.is_err(), "{name} cut at {end}");
        }
    }
    let (_, parquet) = samples().into_iter().find(|(name, _)| *name == "a.parquet").unwrap();
    let error = read_bytes("a.parquet", &parquet[..parquet.len() - 10], &ReadOptions::default()).unwrap_err();
    assert!(error.what().starts_with("the file is not valid Parquet (it may be cut off)"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in FORMATS {
            for ending in format.extensions() {
                let _ = check_never_panics(&format!("a.{ending}"), &bytes);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\"',;\t|\r\n\\\\0-9a-c.:가 {}\\[\\]-]{0,80}") {
        for format in FORMATS {
            let _ = check_never_panics(&format!("a.{}", format.name()), text.as_bytes());
        }
    }

    #[test]
    fn damaged_files_are_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        for (name, mut bytes) in samples() {
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            let _ = check_never_panics(name, &bytes);
        }
    }
}

/// The folder of real data sets, if it is there.
fn data() -> Option<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("LAPIDARY_DATA").map(PathBuf::from);
    let found = named.into_iter().chain(["../shared/data", "../../shared/data"].map(|folder| manifest.join(folder)));
    let found = found.into_iter().find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: the folder of data sets is not there");
    }
    found
}

#[test]
fn real_tables_have_the_rows_their_papers_state() {
    let Some(data) = data() else { return };
    let files = [
        ("adult/adult.csv", 32_561, 15),
        ("agnews/train.csv", 8_973, 2),
        ("agnews_noisy/noisy_5k.csv", 5_000, 4),
        ("banking77/train.csv", 10_003, 2),
        ("chatbot_ko/ChatbotData.csv", 11_823, 3),
        ("cifar10/labels.csv", 5_000, 8),
        ("crowd_bluebirds/answers.csv", 4_212, 3),
        ("crowd_bluebirds/gold.csv", 108, 2),
        ("crowd_rte/answers.csv", 8_000, 3),
        ("crowd_rte/gold.csv", 800, 2),
        ("crowd_rte/items.csv", 800, 4),
        ("diamonds/diamonds.csv", 53_940, 10),
        ("elec2/elec2.csv", 45_312, 9),
        ("fsdd/labels.csv", 2_000, 5),
        ("imdb/train_25k.parquet", 25_000, 4),
        ("intent_ko/train.csv", 55_134, 2),
        ("koen_parallel/dev.csv", 720, 2),
        ("korean_hate/train.csv", 7_896, 4),
        ("lf_tennis/L_train_video.csv", 6_959, 6),
        ("lf_tennis/L_dev_video.csv", 746, 6),
        ("lf_tennis/Y_dev_video.csv", 746, 1),
        ("mnist_test/labels.csv", 3_071, 17),
        ("nsmc/train_150k.parquet", 150_000, 6),
        ("nsmc/stream_200k.parquet", 200_000, 5),
        ("nsmc/sample_5k.csv", 5_000, 6),
        ("nyc_taxi/taxi_2018_2019.parquet", 240_000, 19),
        ("nyc_taxi/yellow_tripdata_sample_2019-01.csv", 10_000, 18),
        ("photo_issues/manifest.csv", 208, 4),
        ("sms_spam/sms.csv", 5_574, 2),
        ("sst2/train_60k.parquet", 60_614, 2),
        ("titanic/titanic.csv", 891, 12),
        ("youtube_spam/youtube_lf.csv", 1_956, 13),
        ("youtube_spam/youtube_raw.csv", 1_956, 4),
    ];
    for (file, rows, columns) in files {
        let reading = read_frame(&data.join(file), &ReadOptions::default(), &Work::new());
        let frame = reading.unwrap_or_else(|error| panic!("{file}: {error}")).frame;
        assert_eq!((frame.rows(), frame.columns().len()), (rows, columns), "{file}");
    }
}

#[test]
fn real_columns_have_the_types_people_expect() {
    let Some(data) = data() else { return };
    let check = |file: &str, expected: &[(&str, Kind)]| {
        let frame = read_frame(&data.join(file), &ReadOptions::default(), &Work::new()).unwrap().frame;
        for (name, kind) in expected {
            assert_eq!(frame.column(name).unwrap().kind(), *kind, "{file}: {name}");
        }
    };
    let (int, text, category) = (Kind::Int, Kind::Text, Kind::Category);
    check("adult/adult.csv", &[("age", int), ("fnlwgt", int), ("workclass", category), ("income", category)]);
    check("titanic/titanic.csv", &[("Age", Kind::Float), ("Name", text), ("Sex", category), ("Survived", int)]);
    check("nsmc/sample_5k.csv", &[("id", int), ("document", text), ("date", Kind::Time), ("label", int)]);
    check("nsmc/train_150k.parquet", &[("document", text), ("label", int)]);
    check(
        "nyc_taxi/yellow_tripdata_sample_2019-01.csv",
        &[("pickup_datetime", Kind::Time), ("fare_amount", Kind::Float)],
    );
    check("youtube_spam/youtube_lf.csv", &[("split", category), ("text", text), ("label", int)]);
    check("korean_hate/train.csv", &[("contain_gender_bias", Kind::Bool), ("hate", category), ("comments", text)]);
    check("lf_tennis/L_train_video.csv", &[("column_1", int)]);
    let photos = read_frame(&data.join("photo_issues"), &ReadOptions::default(), &Work::new()).unwrap();
    assert_eq!(photos.frame.rows(), 208);
    let npy = super::matrix::read_matrix(&data.join("label_errors/mnist_test_set_pyx.npy"), &Work::new()).unwrap();
    assert_eq!((npy.rows, npy.columns), (10_000, 10));
}

#[test]
fn real_korean_text_survives_old_encodings_even_where_it_is_short() {
    let Some(data) = data() else { return };
    let text = std::fs::read_to_string(data.join("nsmc/sample_5k.csv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut tried = 0;
    for start in (1..lines.len()).step_by(97) {
        for count in [1, 3, 50] {
            let part = lines[start..lines.len().min(start + count)].join("\n");
            let csv = format!("{}\n{part}\n", lines[0]);
            let (bytes, _, unmappable) = encoding_rs::EUC_KR.encode(&csv);
            let hangul = csv.chars().filter(|character| ('가'..='힣').contains(character)).count();
            if unmappable || hangul < 3 {
                continue;
            }
            tried += 1;
            let plain = read_bytes("a.csv", csv.as_bytes(), &ReadOptions::default()).unwrap();
            let old = read_bytes("a.csv", &bytes, &ReadOptions::default()).unwrap();
            assert!(equal(&plain.frame, &old.frame), "{csv}: {:?}", old.report);
            assert!(old.report.notes[0].contains("EUC-KR"));
        }
    }
    assert!(tried > 100, "{tried}");
}
