//! Bad input, and input that only looks bad: each is read as a person means it, or refused with what, where and what to
//! do, and never with a panic.

use crate::cli::{Desk, check_fields, number, shared};

#[test]
fn what_cannot_be_read_is_refused_by_every_command() {
    let desk = Desk::new();
    let quotes = "text,label\n\"an open quote,a\nplain,b\nmore,a\n";
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    desk.write("quotes.csv", quotes)
        .write("empty.csv", "")
        .write("cut.parquet", b"PAR1\x15\x04\x15\x10")
        .write("not.parquet", "text,label\n")
        .write("deep.json", deep)
        .write("half.jsonl", "{\"text\": \"a\", \"label\": \"b\"}\n{\"text\": ")
        .write("table.xyz", "text,label\n")
        .write("folder/readme.txt", "nothing here");
    let check = |file: &str, parts: &[&str]| {
        for line in [
            format!("label-errors {file} --label label --text text"),
            format!("duplicates {file} --text text"),
            format!("consensus {file} --item text --annotator text --label label"),
            format!("label-model {file}"),
            format!("new project --data {file}"),
        ] {
            desk.refused(&line, parts);
            assert!(!desk.path("project").exists(), "{line}: a half-made project");
        }
    };
    check("quotes.csv", &["quotes.csv", "help: "]);
    check("empty.csv", &["empty", "empty.csv"]);
    check("cut.parquet", &["cut.parquet"]);
    check("not.parquet", &["not.parquet"]);
    check("deep.json", &["deep.json"]);
    check("half.jsonl", &["half.jsonl"]);
    check("table.xyz", &["table.xyz", "help: "]);
    check("folder", &["folder"]);
    check("nothing.csv", &["it does not exist: nothing.csv", "help: check the path"]);
}

#[test]
fn a_missing_column_is_named_with_those_that_are_there() {
    let desk = Desk::new();
    desk.write("t.csv", "words,class\na,x\nb,y\n");
    for (line, column) in [
        ("label-errors t.csv --label label --text words", "label"),
        ("label-errors t.csv --label class --text text", "text"),
        ("label-errors t.csv --label class --text words --id key -o e.csv", "key"),
        ("duplicates t.csv --text text", "text"),
        ("duplicates t.csv --image picture", "picture"),
        ("consensus t.csv --item item --annotator words --label class", "item"),
        ("label-model t.csv --skip nothing", "nothing"),
        ("label-model t.csv --gold t.csv:truth", "truth"),
        ("new p --data t.csv --text text", "text"),
        ("new p --data t.csv --text words --label label", "label"),
    ] {
        let place = format!("{column}\n");
        desk.refused(line, &["there is no such column: ", &place, "help: the columns are: words, class"]);
    }
    assert!(!desk.path("p").exists());
}

#[test]
fn korean_encodings_are_understood() {
    let desk = Desk::new();
    let table = "글,분류\n좋은 영화,긍정\n나쁜 영화,부정\n좋은 영화,긍정\n정말 재미있게 보았습니다,긍정\n다시는 보고 싶지 않다,부정\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2]| table.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    // The same words in the code page of Korean Windows.
    let (cp949, _, lossy) = encoding_rs::EUC_KR.encode(table);
    assert!(!lossy);
    desk.write("utf8.csv", table)
        .write("bom.csv", format!("\u{feff}{table}"))
        .write("cp949.csv", cp949)
        .write("utf16le.csv", [&[0xFF, 0xFE][..], &utf16(u16::to_le_bytes)].concat())
        .write("utf16be.csv", [&[0xFE, 0xFF][..], &utf16(u16::to_be_bytes)].concat());
    for file in ["utf8", "bom", "cp949", "utf16le", "utf16be"] {
        let ran = desk.run_words(&["duplicates", &format!("{file}.csv"), "--text", "글", "--exact", "--json"]);
        assert_eq!(ran.code, 0, "{file}: {}", ran.err);
        let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((found["rows"].as_u64(), found["groups"].as_u64()), (Some(5), Some(1)), "{file}");
        let table = desk.run_words(&["duplicates", &format!("{file}.csv"), "--text", "글", "--exact", "--quiet"]);
        assert!(table.out.contains("좋은 영화"), "{file}: {}", table.out);
    }
}

#[test]
fn a_column_of_a_file_is_named_with_a_colon() {
    let desk = Desk::new();
    desk.write("v.csv", "lf_a,lf_b\n1,1\n0,0\n1,-1\n");
    desk.write("gold.csv", "other,the:gold\nx,1\nx,0\nx,\n")
        .write("one.csv", "gold\n1\n0\n\"\"\n")
        .write("a:b.csv", "g\n1\n0\n1\n");
    for (spec, judged) in
        [("gold.csv:the:gold", 2), ("one.csv", 2), ("one.csv:gold", 2), ("a:b.csv:g", 3), ("a:b.csv", 3)]
    {
        let found = desk.json(&format!("label-model v.csv --gold {spec} --model majority"));
        assert_eq!(found["gold_rows_judged"].as_u64(), Some(judged), "{spec}");
        assert_eq!(number(&found["accuracy"]), 1.0, "{spec}");
    }
    desk.refused("label-model v.csv --gold gold.csv", &["the column is not named: gold.csv", "other, the:gold"]);
    desk.refused("label-model v.csv --gold gold.csv:", &["the column is not named: gold.csv"]);
    desk.refused("label-model v.csv --gold none.csv:a", &["none.csv:a"]);
    desk.write("long.csv", "gold\n1\n1\n1\n1\n");
    desk.refused("label-model v.csv --gold long.csv:gold", &["4 hand labels for 3 rows"]);
}

#[test]
fn votes_that_are_no_votes_are_refused_with_their_place() {
    let desk = Desk::new();
    for (table, arguments, parts) in [
        ("a,b\n1,0\n5,1\n", "--cardinality 2", &["the vote 5 names no class: v.csv: a, row 2"][..]),
        ("a,b\nx,y\nz,\n", "--classes x,y", &["\"z\" is not a class: v.csv: a, row 2"]),
        ("a\n-1\n-1\n", "", &["nobody votes", "--classes"]),
        ("a,when\n1,2024-01-01\n0,2024-01-02\n", "", &["points in time are not votes", "--skip"]),
        ("a\n1\n-7\n", "", &["-7"]),
    ] {
        desk.write("v.csv", table);
        desk.refused(&format!("label-model v.csv {arguments}"), parts);
    }
    desk.write("v.npy", "not a matrix");
    desk.refused("label-model v.npy", &["v.npy"]);
}

#[test]
fn real_files_in_all_formats_read_alike() {
    let desk = Desk::new();
    let Some(path) = shared("nsmc/sample_5k.csv") else { return };
    let path = path.display().to_string();
    let found = desk.run_words(&["duplicates", &path, "--text", "document", "--exact", "--json"]);
    assert_eq!(found.code, 0, "{}", found.err);
    let first: serde_json::Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(first["rows"], 5000);
    let Some(parquet) = shared("nsmc/train_150k.parquet") else { return };
    let cut = std::fs::read(&parquet).unwrap();
    desk.write("cut.parquet", &cut[..cut.len() / 2]);
    desk.refused("duplicates cut.parquet --text document", &["cut.parquet", "help: "]);
}

#[test]
fn a_profile_counts_what_is_there() {
    let desk = Desk::new();
    desk.write(
        "t.csv",
        "id,name,score,ok,when\n1,kim,0.5,true,2024-01-01\n2,lee,,false,2024-02-01\n2,lee,,false,2024-02-01\n",
    );
    let found = desk.json("profile t.csv");
    check_fields(&found, &[("columns", "a"), ("alerts", "a"), ("duplicate_rows", "n")]);
    assert_eq!((found["rows"].as_u64(), found["duplicate_rows"].as_u64()), (Some(3), Some(1)));
    let columns = found["columns"].as_array().unwrap();
    for column in columns {
        check_fields(column, &[("name", "s"), ("type", "s"), ("missing", "n"), ("distinct", "n")]);
    }
    let kinds: Vec<_> = columns.iter().map(|column| column["type"].as_str().unwrap()).collect();
    assert_eq!(kinds[2..], ["float", "bool", "time"]);
    assert_eq!((columns[0]["max"].as_f64(), columns[0]["distinct"].as_u64()), (Some(2.0), Some(2)));
    assert_eq!((columns[2]["missing"].as_u64(), columns[2]["median"].as_f64()), (Some(2), Some(0.5)));
    assert_eq!(columns[4]["min"], "2024-01-01");
    for alert in found["alerts"].as_array().unwrap() {
        check_fields(alert, &[("kind", "s"), ("column", "?s"), ("value", "n")]);
    }
    let alert = |kind: &str| found["alerts"].as_array().unwrap().iter().find(|alert| alert["kind"] == kind).cloned();
    assert_eq!(alert("missing").unwrap()["column"], "score");
    assert!(alert("duplicate-rows").is_some() && alert("constant").is_some() && alert("empty").is_none());
    let plain = desk.run("profile t.csv");
    assert!(plain.out.contains("2024-01-01 to 2024-02-01"), "{}", plain.out);
    let Some(path) = shared("adult") else { return };
    let file = std::fs::read_dir(path).unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    let file =
        file.into_iter().find(|path| path.extension().is_some_and(|end| end == "csv" || end == "parquet")).unwrap();
    let ran = desk.run_words(&["profile", &file.display().to_string(), "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(found["rows"], 32561);
    assert!(number(&found["duplicate_rows"]) > 20.0, "{}", found["duplicate_rows"]);
}
