//! Label errors and duplicates from the command line.

use crate::cli::{Desk, check_fields, number, shared};

/// 200 easy texts of two classes, of which every twentieth has the wrong label.
fn noisy() -> String {
    let mut table = String::from("id,text,label\n");
    let (good, bad) = (["lovely", "great", "fine", "warm"], ["awful", "poor", "dull", "cold"]);
    for row in 0..200usize {
        let words = if row % 2 == 0 { good } else { bad };
        let told = if row % 20 == 7 { row.is_multiple_of(2) } else { !row.is_multiple_of(2) };
        let label = if told { "bad" } else { "good" };
        table.push_str(&format!("r{row},{} {} film number {row},{label}\n", words[row % 4], words[(row / 4) % 4]));
    }
    table
}

#[test]
fn planted_label_errors_are_found() {
    let desk = Desk::new();
    desk.write("t.csv", noisy());
    let found = desk.json("label-errors t.csv --label label --text text --id id --method predicted-neq-given -o e.csv");
    check_fields(
        &found,
        &[
            ("flagged", "n"),
            ("method", "s"),
            ("cv_accuracy", "n"),
            ("class_thresholds", "a"),
            ("confident_joint", "a"),
            ("classes", "a"),
        ],
    );
    assert_eq!(found["rows"], 200);
    let header = "row,id,label,suggested,self_confidence,normalized_margin,flagged,rank";
    assert_eq!(desk.read("e.csv").lines().next(), Some(header));
    let rows = desk.rows("e.csv");
    let flagged: Vec<usize> = (0..200).filter(|&row| rows[row][6] == "true").collect();
    let planted = |row: usize| row % 20 == 7;
    assert!(flagged.iter().filter(|&&row| planted(row)).count() >= 9, "{flagged:?}");
    assert!(flagged.iter().filter(|&&row| !planted(row)).count() <= 2, "{flagged:?}");
    assert_eq!(number(&found["flagged"]), flagged.len() as f64);
    let mut ranks: Vec<usize> = rows.iter().map(|row| row[7].parse().unwrap()).collect();
    assert!(flagged.iter().all(|&row| ranks[row] <= 12), "the planted ones come first");
    ranks.sort_unstable();
    assert_eq!(ranks, (1..=200).collect::<Vec<_>>());
    let default = desk.json("label-errors t.csv --label label --text text");
    assert!((1.0..=12.0).contains(&number(&default["flagged"])), "{}", default["flagged"]);
    assert_eq!((rows[7][1].as_str(), rows[7][2].as_str(), rows[7][3].as_str()), ("r7", "good", "bad"));
}

#[test]
fn given_probabilities_are_used_as_they_are() {
    let desk = Desk::new();
    desk.write("l.csv", "label\na\na\nb\nb\n\na\n");
    desk.write("p.csv", "row,p_a,p_b\n0,0.9,0.1\n1,0.8,0.2\n2,0.1,0.9\n3,0.95,0.05\n4,0.5,0.5\n5,0.7,0.3\n");
    let found = desk.json("label-errors l.csv --label label --probs p.csv -o e.csv");
    assert_eq!((number(&found["flagged"]), number(&found["cv_accuracy"])), (1.0, 0.8));
    let rows = desk.rows("e.csv");
    assert_eq!((rows[3][5].as_str(), rows[3][6].as_str(), rows[3][2].as_str()), ("true", "1", "a"));
    assert_eq!((rows[4][1].as_str(), rows[4][5].as_str(), rows[4][6].as_str()), ("", "false", ""), "no label, no rank");
    for method in [
        "prune-by-noise-rate",
        "prune-by-class",
        "both",
        "confident-learning",
        "predicted-neq-given",
        "low-self-confidence",
        "low-normalized-margin",
    ] {
        let found = desk.json(&format!("label-errors l.csv --label label --probs p.csv --method {method}"));
        assert_eq!(found["method"], method);
    }
    let compatible = desk.json("label-errors l.csv --label label --probs p.csv --compatible");
    assert_eq!(compatible["method"], "prune-by-noise-rate");
    desk.write("short.csv", "p_a,p_b\n0.5,0.5\n");
    desk.refused(
        "label-errors l.csv --label label --probs short.csv",
        &["1 rows of probabilities for 6 rows: short.csv"],
    );
    desk.write("other.csv", "p_a,p_c\n0.5,0.5\n");
    desk.refused("label-errors l.csv --label label --probs other.csv", &["there is no such column: other.csv: p_b"]);
    desk.refused("label-errors l.csv --label label --probs p.csv --classes a", &["\"b\" is not one of the classes"]);
    desk.refused("label-errors l.csv --label label --probs p.csv --text label", &["does not go together with"]);
    desk.write("one.csv", "label,text\na,x\na,y\n");
    desk.refused("label-errors one.csv --label label --text text", &["one class"]);
}

#[test]
fn human_label_noise_is_found() {
    let desk = Desk::new();
    let Some(path) = shared("agnews_noisy/noisy_5k.csv") else { return };
    let path = path.display().to_string();
    let words = ["label-errors", &path, "--label", "noisy_label", "--text", "text", "--json", "-o", "e.jsonl"];
    let ran = desk.run_words(&words);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(found["rows"], 5000);
    assert!((300.0..2000.0).contains(&number(&found["flagged"])), "{}", found["flagged"]);
    assert!(number(&found["cv_accuracy"]) > 0.65, "{}", found["cv_accuracy"]);
}

#[test]
fn equal_and_similar_texts_are_grouped() {
    let desk = Desk::new();
    desk.write(
        "t.csv",
        "id,text\na,the quick brown fox jumps over the lazy dog today\nb,something else entirely\n\
         c,the quick brown fox jumps over the lazy dog today\nd,the quick brown fox jumps over the lazy dog todai\n\
         e,\nf,가나다라마바사아자차카타파하\ng,가나다라마바사아자차카타파하\n",
    );
    let found = desk.json("duplicates t.csv --text text --id id -o d.csv --pairs p.csv");
    check_fields(&found, &[("groups", "n"), ("rows_in_groups", "n"), ("exact_groups", "n"), ("pairs", "n")]);
    assert_eq!((found["groups"].as_u64(), found["rows_in_groups"].as_u64()), (Some(2), Some(5)));
    assert_eq!(found["exact_groups"], 2);
    assert_eq!(desk.read("d.csv").lines().next(), Some("group,row,id,similarity,kind,keep"));
    let rows = desk.rows("d.csv");
    let members: Vec<_> = rows.iter().map(|row| row[2].as_str()).collect();
    assert_eq!(members, ["a", "c", "d", "f", "g"]);
    assert_eq!((rows[1][4].as_str(), rows[2][4].as_str()), ("exact", "near"));
    assert_eq!(rows.iter().filter(|row| row[5] == "true").count(), 2, "one of each group is kept");
    assert_eq!(desk.read("p.csv").lines().next(), Some("row_a,row_b,similarity"));
    assert_eq!(desk.rows("p.csv").len() as u64, found["pairs"].as_u64().unwrap());
    let exact = desk.json("duplicates t.csv --text text --exact");
    assert_eq!((exact["groups"].as_u64(), exact["rows_in_groups"].as_u64()), (Some(2), Some(4)));
    desk.refused("duplicates t.csv --text text --threshold 2", &["--threshold"]);
    desk.refused("duplicates t.csv --text text --exact --threshold 0.5", &["does not go together with"]);
}

/// A picture with some structure that depends on a seed, so that different seeds look different.
fn picture(seed: u32, side: u32) -> image::RgbImage {
    image::RgbImage::from_fn(side, side, |x, y| {
        let (x, y) = (x as f32 / side as f32, y as f32 / side as f32);
        let wave = |turn: f32| ((x * turn + y * (11.0 - turn) + seed as f32).sin() * 90.0 + 128.0) as u8;
        image::Rgb([wave(3.0 + (seed % 5) as f32), wave(7.0 - (seed % 3) as f32), wave(1.0 + (seed % 7) as f32)])
    })
}

#[test]
fn equal_and_similar_images_of_a_folder_are_grouped() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.path("images/more")).unwrap();
    for seed in 0..6 {
        picture(seed * 17, 96).save(desk.path(&format!("images/{seed}.png"))).unwrap();
    }
    picture(17, 96).save(desk.path("images/more/copy.bmp")).unwrap();
    picture(34, 64).save(desk.path("images/more/small.png")).unwrap();
    desk.write("images/more/broken.png", "no picture");
    let found = desk.json("duplicates images -o d.csv --pairs p.csv");
    assert_eq!((found["rows"].as_u64(), found["left_out"].as_u64()), (Some(9), Some(1)), "{found}");
    assert!(!found["warnings"].as_array().unwrap().is_empty(), "the broken one is told");
    assert_eq!(desk.read("d.csv").lines().next(), Some("group,path,similarity,kind,keep"));
    assert_eq!(desk.read("p.csv").lines().next(), Some("path_a,path_b,similarity"));
    let of = |path: &str| desk.rows("d.csv").into_iter().find(|row| row[1] == path);
    let copy = of("more/copy.bmp").unwrap();
    assert_eq!(of("1.png").unwrap()[0], copy[0], "the same group");
    assert_eq!((copy[2].as_str(), copy[3].as_str()), ("1.0", "exact"));
    assert_eq!(of("2.png").unwrap()[0], of("more/small.png").unwrap()[0]);
    let exact = desk.json("duplicates images --exact");
    assert_eq!((exact["groups"].as_u64(), exact["exact_groups"].as_u64()), (Some(1), Some(1)));
    assert_eq!(found["exact_groups"], 1, "the same, whatever else was found");
    desk.write("t.csv", "file,label\nimages/1.png,a\nimages/more/copy.bmp,a\nimages/3.png,b\n");
    let table = desk.json("duplicates t.csv --image file --exact -o d.csv");
    assert_eq!(table["rows_in_groups"], 2);
    assert_eq!(desk.read("d.csv").lines().next(), Some("group,row,similarity,kind,keep"));
}

#[test]
fn label_errors_are_found_among_images() {
    let desk = Desk::new();
    for (class, red) in [("red", true), ("blue", false)] {
        std::fs::create_dir_all(desk.path(&format!("images/{class}"))).unwrap();
        for number in 0..30u32 {
            // One of each class lies in the other's folder.
            let red = red != (number == 7);
            let shade = |x: u32, y: u32| (120 + (x * 7 + y * 13 + number * 5) % 100) as u8;
            let color = |x, y| if red { image::Rgb([shade(x, y), 20, 20]) } else { image::Rgb([20, 20, shade(x, y)]) };
            image::RgbImage::from_fn(24, 24, color).save(desk.path(&format!("images/{class}/{number}.png"))).unwrap();
        }
    }
    let line = "label-errors images --label folder --image image --method predicted-neq-given --id image -o e.csv";
    let found = desk.json(line);
    assert_eq!((found["rows"].as_u64(), found["flagged"].as_u64()), (Some(60), Some(2)), "{found}");
    let flagged: Vec<String> =
        desk.rows("e.csv").into_iter().filter(|row| row[6] == "true").map(|row| row[1].clone()).collect();
    assert_eq!(flagged, ["blue/7.png", "red/7.png"]);
}

#[test]
fn several_annotators_and_a_model_come_to_a_consensus() {
    let desk = Desk::new();
    let mut lines = String::from("item,who,label\n");
    for item in 0..20 {
        for who in ["ann", "bob", "cho"] {
            // Bob is right half of the time.
            let right = who != "bob" || item % 2 == 0;
            let class = if (item % 4 < 2) == right { "cat" } else { "dog" };
            lines.push_str(&format!("i{item},{who},{class}\n"));
        }
    }
    desk.write("a.csv", &lines);
    let probs = |names: &[usize]| {
        let row = |item: &usize| {
            format!("i{item},{},{}\n", if item % 4 < 2 { 0.8 } else { 0.3 }, if item % 4 < 2 { 0.2 } else { 0.7 })
        };
        format!("item,p_cat,p_dog\n{}", names.iter().map(row).collect::<String>())
    };
    // Two items more than anybody labelled, in another order.
    desk.write("p.csv", probs(&(0..22).rev().collect::<Vec<_>>()));
    let line = "consensus a.csv --item item --annotator who --label label";
    let found = desk.json(&format!("{line} --probs p.csv -o c.csv"));
    assert_eq!((found["model"].as_str(), found["items"].as_u64()), (Some("crowdlab"), Some(20)), "{found}");
    assert_eq!(found["unlabelled_items"], 2);
    check_fields(&found["agreement"], &[("percent", "o"), ("fleiss_kappa", "o"), ("krippendorff_alpha", "o")]);
    let quality = |name: &str| {
        let all = found["annotators"].as_array().unwrap();
        number(&all.iter().find(|one| one["annotator"] == name).unwrap()["quality"])
    };
    assert!(quality("bob") < quality("ann") - 0.1 && quality("ann") > 0.8, "{found}");
    assert_eq!(desk.read("c.csv").lines().next(), Some("item,label,quality,active_score"));
    let rows = desk.rows("c.csv");
    assert_eq!(rows.len(), 22);
    for (item, row) in rows.iter().enumerate().take(20) {
        assert_eq!(
            (row[0].as_str(), row[1].as_str()),
            (format!("i{item}").as_str(), if item % 4 < 2 { "cat" } else { "dog" })
        );
    }
    assert_eq!((rows[21][1].as_str(), rows[21][2].as_str()), ("", ""), "nobody labelled it");
    let without = desk.json(&format!("{line} --model majority -o m.csv"));
    assert_eq!(without["model"], "majority");
    assert_eq!(desk.read("m.csv").lines().next(), Some("item,label,quality"));
    desk.refused(&format!("{line} --model crowdlab"), &["needs a model's probabilities", "--probs"]);
    desk.write("short.csv", probs(&[0, 1]));
    desk.refused(&format!("{line} --probs short.csv"), &["no probabilities for the item i2"]);
}

#[test]
fn items_with_several_classes_are_judged_class_by_class() {
    let desk = Desk::new();
    let (mut data, mut probs) = (String::from("label\n"), String::from("p_a,p_b,p_c\n"));
    for row in 0..20 {
        let label = match row {
            4 => "a",
            7 => "a;b;c",
            _ if row % 2 == 0 => "a;b",
            _ if row % 3 == 0 => "",
            _ => "a",
        };
        data.push_str(&format!("\"{label}\"\n"));
        let a = if label.is_empty() { 0.1 } else { 0.9 };
        probs.push_str(&format!("{a},{},0.05\n", if row % 2 == 0 || row == 7 { 0.95 } else { 0.05 }));
    }
    data.push_str("\"c\"\n");
    probs.push_str("0.1,0.1,0.9\n");
    desk.write("d.csv", &data).write("p.csv", &probs);
    let line = "label-errors d.csv --label label --probs p.csv --multi-label --method predicted-neq-given -o e.csv";
    let found = desk.json(line);
    check_fields(
        &found,
        &[("flagged", "n"), ("method", "s"), ("cv_accuracy", "n"), ("class_thresholds", "a"), ("by_class", "a")],
    );
    let flagged: Vec<Vec<String>> = desk.rows("e.csv").into_iter().filter(|row| row[4] == "true").collect();
    let named: Vec<(&str, &str, &str)> = flagged.iter().map(|row| (&*row[0], &*row[1], &*row[2])).collect();
    assert_eq!(named, [("4", "a", "a;b"), ("7", "a;b;c", "a;b")]);
    desk.refused("label-errors d.csv --label label --probs p.csv --separator ;", &["--multi-label"]);
}

#[test]
fn tokens_are_scored_with_their_sentences() {
    let desk = Desk::new();
    desk.write("t.csv", "sentence,token,tag\ns1,Kim,B-PER\ns1,runs,O\ns2,Seoul,O\ns2,is,O\ns2,big,O\n");
    desk.write("p.csv", "p_B-PER,p_O\n0.9,0.1\n0.1,0.9\n0.95,0.05\n0.02,0.98\n0.1,0.9\n");
    let found = desk
        .json("label-errors t.csv --label tag --probs p.csv --sentence sentence --method predicted-neq-given -o e.csv");
    assert_eq!(found["flagged"], 1);
    assert_eq!(found["sentences"]["worst"][0]["sentence"], "s2");
    assert!((number(&found["sentences"]["worst"][0]["worst"]) - 0.05).abs() < 1e-9);
    let head = desk.read("e.csv").lines().next().unwrap().to_owned();
    assert!(
        head.starts_with("row,label,suggested,self_confidence,normalized_margin,flagged,rank,sentence_score"),
        "{head}"
    );
}

#[test]
fn boxes_are_compared_with_a_detectors() {
    let desk = Desk::new();
    let (mut images, mut given, mut results) = (vec![], vec![], vec![]);
    for image in 1..=8 {
        images.push(serde_json::json!({"id": image, "file_name": format!("{image}.jpg"), "width": 400, "height": 300}));
        let category = 1 + image % 2;
        let bbox = [10 * image, 20, 60, 60];
        // Nothing is drawn in the third, and the fifth has the other class.
        if image != 3 {
            let category = if image == 5 { 3 - category } else { category };
            given.push(serde_json::json!({"id": image, "image_id": image, "category_id": category, "bbox": bbox, "area": 3600, "iscrowd": 0}));
        }
        results.push(serde_json::json!({"image_id": image, "category_id": category, "bbox": bbox, "score": 0.97}));
    }
    let categories = serde_json::json!([{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]);
    let coco = serde_json::json!({"images": images, "annotations": given, "categories": categories});
    desk.write("a.json", coco.to_string()).write("r.json", serde_json::Value::from(results).to_string());
    let found = desk.json("label-errors a.json --boxes r.json -o e.csv");
    assert_eq!((found["rows"].as_u64(), found["flagged"].as_u64()), (Some(8), Some(2)), "{found}");
    assert_eq!(found["issues"], serde_json::json!({"overlooked": 1, "badly-placed": 0, "swapped": 1}));
    let mut rows: Vec<(String, String)> =
        desk.rows("e.csv").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    rows.sort();
    assert_eq!(rows, [("3.jpg".to_owned(), "overlooked".to_owned()), ("5.jpg".to_owned(), "swapped".to_owned())]);
    desk.write("bad.json", "[{\"image_id\": 1}]");
    desk.refused("label-errors a.json --boxes bad.json", &["result 1", "score"]);
}

#[test]
fn copies_between_parts_are_leaks_and_copies_of_two_labels_conflicts() {
    let desk = Desk::new();
    desk.write(
        "t.csv",
        "text,part,label\nthe quick brown fox jumps over,train,a\nsomething else entirely here,train,b\n\
         the quick brown fox jumps over,test,b\nanother line of its own,test,a\nsomething else entirely here,train,b\n",
    );
    let found = desk.json("duplicates t.csv --text text --split part --label label");
    assert_eq!(
        (found["groups"].as_u64(), found["leaked_groups"].as_u64(), found["conflicts"].as_u64()),
        (Some(2), Some(1), Some(1))
    );
    let told = |at: usize| {
        let part = &found["leaks"][at];
        let of = |name: &str| part[name]["of"].as_u64();
        (
            part["split"].as_str(),
            part["rows"].as_u64(),
            part["leaked_rows"].as_u64(),
            of("accuracy"),
            of("accuracy_without_leaked"),
        )
    };
    assert_eq!(told(0), (Some("test"), Some(2), Some(1), Some(2), Some(1)), "judged with the leaked row and without");
    assert_eq!(told(1), (Some("train"), Some(3), Some(1), None, None), "the part that is taught is not judged");
    let unjudged = desk.json("duplicates t.csv --text text --split part");
    assert_eq!(unjudged["leaks"][0], serde_json::json!({"split": "test", "rows": 2, "leaked_rows": 1}));
    assert_eq!(desk.json("duplicates t.csv --text text")["leaks"], serde_json::Value::Null);
    desk.refused("duplicates t.csv --text text --keep best", &["--keep"]);
}

#[test]
fn an_audit_moves_the_cut_and_corrections_are_judged_by_both_sides() {
    let desk = Desk::new();
    let mut table = noisy();
    // The right label beside the given one.
    table = table
        .lines()
        .enumerate()
        .map(|(at, line)| match at.checked_sub(1) {
            None => format!("{line},right\n"),
            Some(row) => format!("{line},{}\n", if row % 2 == 0 { "good" } else { "bad" }),
        })
        .collect();
    desk.write("n.csv", &table);
    let line = "label-errors n.csv --label label --text text";
    let drawn = desk.json(&format!("{line} --audit 40 -o a.csv"));
    let rows: Vec<u64> = drawn["audit_rows"].as_array().unwrap().iter().map(|row| row.as_u64().unwrap()).collect();
    assert_eq!(rows.len(), 40);
    assert!(desk.read("a.csv").lines().next().unwrap().ends_with(",audit"));
    let verdict = |row: &u64| format!("{row},{}\n", row % 20 == 7);
    desk.write("v.csv", format!("row,wrong\n{}", rows.iter().map(verdict).collect::<String>()));
    let audited = desk.json(&format!("{line} --verdicts v.csv"));
    let (audit, cut) = (&audited["audit"], &audited["audit"]["cut"]);
    assert_eq!(audit["verdicts"], 40);
    assert_eq!(audited["flagged"], cut["rank"], "what lies up to the cut is flagged");
    for share in [&cut["precision"], &cut["recall"], &audit["error_rate"]] {
        assert!(number(&share["low"]) <= number(&share["value"]) && number(&share["value"]) <= number(&share["high"]));
    }
    assert!((5..=20).contains(&cut["rank"].as_u64().unwrap()), "ten are wrong: {cut}");
    desk.write("bad.csv", "row,wrong\n1,maybe\n");
    desk.refused(&format!("{line} --verdicts bad.csv"), &["a verdict is not right", "row 1"]);

    let gained = desk.json(&format!("{line} --corrected right"));
    let gained = &gained["before_after"];
    assert_eq!((gained["changed"].as_u64(), gained["left_out"].as_u64()), (Some(10), Some(0)));
    for side in ["on_given", "on_corrected", "on_agreed"] {
        check_fields(
            &gained[side],
            &[("rows", "n"), ("before", "n"), ("after", "n"), ("difference", "o"), ("p_value", "n")],
        );
    }
    assert_eq!(gained["on_agreed"]["rows"], 190);
}

#[test]
fn bad_labels_and_probabilities_are_said_and_never_skipped_in_silence() {
    let desk = Desk::new();
    desk.write("d.csv", "id,label\n0,1\n1,1\n2,2\n3,\n4,2\n5,1\n");
    let probs = |cells: &str| format!("p_1,p_2\n{cells}");
    desk.write("p.csv", probs("0.9,0.1\n0.2,0.2\n,0.5\n0.5,0.5\n-1,2\n0.3,0.7\n"));
    let found = desk.json("label-errors d.csv --label label --probs p.csv -o e.csv");
    assert_eq!(found["unusable_rows"], 2, "{found}");
    let warnings = found["warnings"].to_string();
    assert!(warnings.contains("2 rows were left out") && warnings.contains("did not sum to 1"), "{warnings}");
    assert_eq!(desk.rows("e.csv").len(), 6, "every row is there");
    desk.write("short.csv", probs("0.9,0.1\n"));
    desk.refused("label-errors d.csv --label label --probs short.csv", &["1 rows of probabilities for 6 rows"]);
    desk.write("narrow.csv", "p_1\n1\n1\n1\n1\n1\n1\n");
    desk.refused("label-errors d.csv --label label --probs narrow.csv", &["p_2"]);
    desk.write("one.csv", "label,text\na,x y\na,z w\n");
    desk.refused("label-errors one.csv --label label --text text", &["all labelled rows are of one class"]);
    desk.write("none.csv", "label,text\n,x y\n,z w\n");
    desk.refused("label-errors none.csv --label label --text text", &["no row has a label"]);
    desk.write("single.csv", "label,text\na,x y\n");
    desk.refused("label-errors single.csv --label label --text text", &["one class"]);
    let row = |at: usize| format!("{},same words\n", if at.is_multiple_of(2) { "a" } else { "b" });
    desk.write("equal.csv", format!("label,text\n{}", (0..10).map(row).collect::<String>()));
    assert_eq!(desk.json("label-errors equal.csv --label label --text text")["rows"], 10);
    assert_eq!(desk.json("duplicates equal.csv --text text")["groups"], 1);
    assert_eq!(desk.json("outliers equal.csv --text text")["flagged"], 0);
    desk.write(
        "case.csv",
        format!(
            "label,text\n{}",
            (0..12).map(|at| format!("{},word{at} more\n", ["Spam", "spam", "ham"][at % 3])).collect::<String>()
        ),
    );
    let variants = desk.json("label-errors case.csv --label label --text text");
    assert!(variants["warnings"].to_string().contains("Spam, spam"), "{}", variants["warnings"]);
    let merged = desk.json("label-errors case.csv --label label --text text --merge-classes");
    assert_eq!(merged["classes"], serde_json::json!(["Spam", "ham"]));
}

#[test]
fn what_is_settled_goes_elsewhere_as_a_patch_and_comes_back() {
    use lapidary::clean::{Decision, Finder, Settle};
    let desk = Desk::new();
    desk.write("d.csv", "key,text,label\na,one,x\nb,two,x\nc,three,y\nd,four,y\n");
    for project in ["p", "q"] {
        desk.json(&format!("new {project} --data d.csv --text text --label label --id key"));
    }
    {
        let mut session = lapidary::session::Session::open(&desk.path("p"), &lapidary::engine::Work::new()).unwrap();
        for (row, decision) in [(0, Decision::Relabel("y".to_owned())), (3, Decision::Exclude)] {
            let items = vec![session.item(row).unwrap()];
            let settle = Settle {
                items,
                finder: Finder::LabelError,
                decision,
                evidence: None,
                inputs: vec![],
                score: None,
                seconds: None,
            };
            session.run(&settle).unwrap();
        }
    }
    let out = desk.json("patch export p -o fixes.csv");
    assert_eq!(
        (out["changes"].as_u64(), out["labels"].as_u64(), out["excluded"].as_u64()),
        (Some(2), Some(1), Some(1))
    );
    let counts = |found: &serde_json::Value| {
        ["changed", "already", "differs", "missing"].map(|field| found[field].as_u64().unwrap())
    };
    assert_eq!(counts(&desk.json("patch apply fixes.csv q --dry-run")), [2, 0, 0, 0]);
    assert_eq!(counts(&desk.json("patch apply fixes.csv q")), [2, 0, 0, 0], "the dry run changed nothing");
    assert_eq!(counts(&desk.json("patch apply fixes.csv q")), [0, 2, 0, 0]);
    assert_eq!(counts(&desk.json("patch reverse fixes.csv q")), [2, 0, 0, 0]);
    assert_eq!(counts(&desk.json("patch reverse fixes.csv q")), [0, 2, 0, 0]);
    // The same on the table itself; without the ids the rows are known by their content.
    assert_eq!(counts(&desk.json("patch apply fixes.csv d.csv --id key -o fixed.csv")), [2, 0, 0, 0]);
    let fixed: Vec<String> = desk.rows("fixed.csv").iter().map(|row| row[2..].join(" ")).collect();
    assert_eq!(fixed, ["y false", "x false", "y false", "y true"]);
    assert_eq!(counts(&desk.json("patch reverse fixes.csv fixed.csv --content text -o back.csv")), [2, 0, 0, 0]);
    let labels: Vec<String> = desk.rows("back.csv").into_iter().map(|row| row[2].clone()).collect();
    assert_eq!(labels, ["x", "x", "y", "y"]);
    desk.refused("patch apply d.csv q", &["this is no patch"]);
    desk.refused("patch apply fixes.csv d.csv", &["-o"]);
}
