//! Workbooks made by hand, since nothing here writes any: the parts of an .xlsx in an archive without compression.

use calamine::Data;

use super::book::{Cell, Sheet};
use super::table;
use crate::data::read::{ReadOptions, Reading, read_frame};
use crate::data::{Frame, Kind};
use crate::engine::{Error, Result, Work};

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}

/// An archive of stored parts, each declaring `unpacked` bytes, or as many as it has.
fn zip(parts: &[(&str, &str)], unpacked: Option<u32>) -> Vec<u8> {
    let (mut body, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let size = content.len() as u32;
        let common = [
            &[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..],
            &crc32(content.as_bytes()).to_le_bytes(),
            &size.to_le_bytes(),
            &unpacked.unwrap_or(size).to_le_bytes(),
            &(name.len() as u16).to_le_bytes(),
            &[0, 0],
        ]
        .concat();
        let start = body.len() as u32;
        body.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), content.as_bytes()].concat());
        let offset = start.to_le_bytes();
        directory.extend([b"PK\x01\x02\x14\0", common.as_slice(), &[0; 10], &offset, name.as_bytes()].concat());
    }
    let count = (parts.len() as u16).to_le_bytes();
    let (length, start) = ((directory.len() as u32).to_le_bytes(), (body.len() as u32).to_le_bytes());
    let end = [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &length, &start, &[0, 0]].concat();
    [body, directory, end].concat()
}

/// A workbook of sheets, each given as its rows of cells in XML.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let relations = |inner: &str| {
        let space = "http://schemas.openxmlformats.org/package/2006/relationships";
        format!("<?xml version=\"1.0\"?><Relationships xmlns=\"{space}\">{inner}</Relationships>")
    };
    let relation = |id: &str, kind: &str, target: &str| {
        let space = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        format!("<Relationship Id=\"{id}\" Type=\"{space}/{kind}\" Target=\"{target}\"/>")
    };
    let number = |at: usize| at + 1;
    let list: String = (0..sheets.len())
        .map(|at| format!("<sheet name=\"{}\" sheetId=\"{1}\" r:id=\"r{1}\"/>", sheets[at].0, number(at)))
        .collect();
    let links: String = (0..sheets.len())
        .map(|at| relation(&format!("r{}", number(at)), "worksheet", &format!("worksheets/sheet{}.xml", number(at))))
        .collect();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let styles = format!(
        "<?xml version=\"1.0\"?><styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/>\
         <xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let book =
        format!("<?xml version=\"1.0\"?><workbook xmlns=\"{main}\" xmlns:r=\"r\"><sheets>{list}</sheets></workbook>");
    let mut parts = vec![
        ("_rels/.rels".to_owned(), relations(&relation("r1", "officeDocument", "xl/workbook.xml"))),
        ("xl/workbook.xml".to_owned(), book),
        ("xl/_rels/workbook.xml.rels".to_owned(), relations(&links)),
        ("xl/styles.xml".to_owned(), styles),
    ];
    for (at, (_, rows)) in sheets.iter().enumerate() {
        let sheet = format!("<?xml version=\"1.0\"?><worksheet xmlns=\"{main}\">{rows}</worksheet>");
        parts.push((format!("xl/worksheets/sheet{}.xml", number(at)), sheet));
    }
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
    zip(&parts, None)
}

fn text(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn read(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Reading> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read_frame(&path, options, &Work::new())
}

fn show(frame: &Frame) -> Vec<String> {
    let column = |column: &std::sync::Arc<crate::data::Column>| {
        let cells: Vec<_> = (0..column.len()).map(|row| column.show(row).unwrap_or("·".into())).collect();
        format!("{} {}: {}", column.name(), column.kind().name(), cells.join("|"))
    };
    frame.columns().iter().map(column).collect()
}

fn sample() -> Vec<u8> {
    let rows = [
        format!("<row r=\"3\">{}{}{}</row>", text("B3", "이름"), text("C3", "day"), text("D3", "score")),
        format!("<row r=\"4\">{}<c r=\"C4\" s=\"1\"><v>43466</v></c><c r=\"D4\"><v>2</v></c></row>", text("B4", "가")),
        format!(
            "<row r=\"6\">{}<c r=\"C6\" s=\"1\"><v>43467.5</v></c><c r=\"D6\" t=\"e\"><v>#N/A</v></c></row>",
            text("B6", "나")
        ),
        format!("<row r=\"7\">{}<c r=\"D7\"><v>0.5</v></c></row>", text("B7", "다")),
    ];
    let data = format!("<dimension ref=\"A1:XFD1048576\"/><sheetData>{}</sheetData>", rows.concat());
    let notes = format!("<sheetData><row r=\"1\">{}</row></sheetData>", text("A1", "see the other sheet"));
    workbook(&[("Notes", &notes), ("Data", &data)])
}

#[test]
fn the_sheet_with_most_rows_becomes_a_typed_table() {
    for name in ["a.xlsx", "a.xls", "a.xlsm"] {
        let reading = read(name, &sample(), &ReadOptions::default()).unwrap();
        assert_eq!(
            show(&reading.frame),
            ["이름 text: 가|나|다", "day time: 2019-01-01|2019-01-02T12:00:00|·", "score float: 2.0|·|0.5"],
            "{name}"
        );
        let notes = reading.report.notes.join("; ");
        assert!(notes.contains("the sheet Data was read") && notes.contains("Notes (1 rows)"), "{notes}");
        assert!(notes.contains("1 cells hold an error"), "{notes}");
    }
    let options = ReadOptions { sheet: Some("Notes".into()), ..ReadOptions::default() };
    assert_eq!(show(&read("a.xlsx", &sample(), &options).unwrap().frame), ["see the other sheet text: "]);
    let options = ReadOptions { sheet: Some("absent".into()), ..ReadOptions::default() };
    let error = read("a.xlsx", &sample(), &options).unwrap_err();
    assert!(error.advice().is_some_and(|help| help.contains("Notes, Data")), "{error}");
    let options = ReadOptions { limit: Some(1), ..ReadOptions::default() };
    assert_eq!(read("a.xlsx", &sample(), &options).unwrap().frame.rows(), 1);
}

/// A sheet from rows of texts; whole numbers are numbers, empty texts no cells.
fn sheet(rows: &[&[&str]]) -> Sheet {
    let mut sheet = Sheet::default();
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let value = cell.parse().map_or_else(|_| Data::String((*cell).to_owned()), Data::Float);
            sheet.cells.push(Cell { row: row as u32, column: column as u32, value });
        }
    }
    sheet
}

fn table_of(sheet: Sheet, options: &ReadOptions) -> Result<(Vec<String>, String), Error> {
    let (frame, notes) = table::frame(sheet, options, &Work::new())?;
    Ok((show(&frame), notes.join("; ")))
}

#[test]
fn titles_and_empty_rows_are_passed_by() {
    let check = |rows: &[&[&str]], expected: &[&str], note: &str| {
        let (found, notes) = table_of(sheet(rows), &ReadOptions::default()).unwrap();
        assert_eq!(found, expected, "{rows:?}");
        assert!(notes.contains(note), "{notes}");
    };
    let table: &[&[&str]] = &[&["id", "text"], &["1", "x"], &["2", "y"], &["3", "z"]];
    let expected = ["id int: 1|2|3", "text text: x|y|z"];
    check(table, &expected, "");
    let titled: Vec<&[&str]> = [&["Report 2024"][..], &[""]].into_iter().chain(table.iter().copied()).collect();
    check(&titled, &expected, "1 rows above the table were left out: Report 2024");
    check(&[&["1", "x"], &["2", "y"]], &["column_1 int: 1|2", "column_2 text: x|y"], "looks like data");
    check(&[&["a", ""], &["1", "2"], &["", ""], &["3", "4"]], &["a int: 1|3", "column_2 int: 2|4"], "no name");
    check(&[&["a", "a"], &["1", "2"]], &["a int: 1", "a_2 int: 2"], "twice");
    check(&[&["code"], &["007"], &["x"]], &["code text: 7|x"], "several types");
}

#[test]
fn merged_cells_name_and_fill_what_they_span() {
    let mut merged = sheet(&[
        &["group", "person", "", "n"],
        &["", "first", "last", "n"],
        &["A", "x", "y", "1"],
        &["", "z", "w", "2"],
        &["B", "q", "r", "3"],
    ]);
    let region = |start, end| calamine::Dimensions::new(start, end);
    let backwards = region((9, 9), (2, 2));
    merged.merged = vec![region((0, 0), (1, 0)), region((0, 1), (0, 2)), region((2, 0), (3, 0)), backwards];
    let (found, notes) = table_of(merged, &ReadOptions::default()).unwrap();
    assert_eq!(found, ["group text: A|A|B", "person first text: x|z|q", "person last text: y|w|r", "n int: 1|2|3"]);
    assert!(notes.contains("two rows") && notes.contains("2 cells of merged regions"), "{notes}");
}

#[test]
fn what_is_no_workbook_is_refused() {
    let check = |name: &str, bytes: &[u8], what: &str| {
        let error = read(name, bytes, &ReadOptions::default()).unwrap_err();
        assert!(error.what().contains(what), "{name}: {error}");
    };
    check("a.xlsx", b"", "empty");
    check("a.xls", b"a\tb\n1\t2\n", "not a workbook");
    check("a.xlsx", &sample()[..400], "not valid Excel");
    check("a.xlsx", &workbook(&[("Empty", "<sheetData></sheetData>")]), "no cells");
    let bomb = zip(&[("xl/a.xml", "x"), ("xl/b.xml", "x")], Some(u32::MAX - 1));
    check("a.xlsx", &bomb, "unpacks to 8191 MB");
    // Two cells in opposite corners: nothing of the size of the sheet is allocated.
    let far = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>\
               <row r=\"1048576\"><c r=\"XFD1048576\"><v>2</v></c></row></sheetData>";
    let options = ReadOptions { header: Some(false), ..ReadOptions::default() };
    let reading = read("a.xlsx", &workbook(&[("Far", far)]), &options).unwrap();
    assert_eq!((reading.frame.rows(), reading.frame.columns().len()), (2, 2));
    // As many rows as columns, a cell in each: more places than can be.
    let mut diagonal = Sheet::default();
    for at in 0..20_000 {
        diagonal.cells.push(Cell { row: at, column: at, value: Data::Float(1.0) });
    }
    assert!(table_of(diagonal, &ReadOptions::default()).unwrap_err().what().contains("most of which are empty"));
}

#[test]
fn times_and_durations_are_text_that_people_read() {
    use calamine::{ExcelDateTime, ExcelDateTimeType};
    let mut one = sheet(&[&["t"]]);
    let mut put = |value: f64, kind: ExcelDateTimeType| {
        let row = one.cells.len() as u32;
        one.cells.push(Cell { row, column: 0, value: Data::DateTime(ExcelDateTime::new(value, kind, false)) });
    };
    put(0.25, ExcelDateTimeType::DateTime);
    put(1.5, ExcelDateTimeType::TimeDelta);
    put(43466.0, ExcelDateTimeType::DateTime);
    assert_eq!(table_of(one, &ReadOptions::default()).unwrap().0, ["t text: 06:00:00|36:00:00|2019-01-01"]);
    let mut dates = sheet(&[&["t"]]);
    dates.cells.push(Cell { row: 1, column: 0, value: Data::DateTimeIso("2020-01-02".into()) });
    let (frame, _) = table::frame(dates, &ReadOptions::default(), &Work::new()).unwrap();
    assert_eq!(frame.column("t").unwrap().kind(), Kind::Time);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Any grid is a table or refused, with or without merged regions.
    #[test]
    fn any_grid_is_read_or_refused(
        cells in proptest::collection::vec((0u32..12, 0u32..6, 0u8..5), 0..40),
        regions in proptest::collection::vec((0u32..12, 0u32..6, 0u32..12, 0u32..6), 0..4),
    ) {
        let mut any = Sheet::default();
        for (row, column, kind) in cells {
            let value = match kind {
                0 => Data::Float(1.5),
                1 => Data::String("x".into()),
                2 => Data::Bool(true),
                3 => Data::Error(calamine::CellErrorType::NA),
                _ => Data::Float(7.0),
            };
            any.cells.push(Cell { row, column, value });
        }
        any.cells.sort_by_key(|cell| (cell.row, cell.column));
        any.merged = regions.iter().map(|(a, b, c, d)| calamine::Dimensions::new((*a, *b), (*c, *d))).collect();
        if let Ok((frame, _)) = table::frame(any, &ReadOptions::default(), &Work::new()) {
            proptest::prop_assert!(frame.columns().iter().all(|column| column.len() == frame.rows()));
        }
    }

    #[test]
    fn damaged_workbooks_are_read_or_refused(
        changes in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), 0u8..=255), 1..6),
    ) {
        let mut bytes = sample();
        for (at, byte) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        let _ = read("a.xlsx", &bytes, &ReadOptions::default());
    }
}
