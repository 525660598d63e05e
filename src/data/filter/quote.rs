//! Names and texts written so that the filter language reads them back unchanged.

use sqlparser::dialect::Dialect as _;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::Token;

use super::parse::FilterDialect;

/// Words of SQL that are frequent names of columns and are read as names wherever a value may stand. A test holds each
/// of them to that.
const SAFE: &[&str] = &[
    "age",
    "answer",
    "author",
    "body",
    "category",
    "channel",
    "class",
    "comment",
    "confidence",
    "content",
    "country",
    "cut",
    "date",
    "day",
    "description",
    "document",
    "domain",
    "duration",
    "education",
    "file",
    "final",
    "format",
    "gender",
    "header",
    "hour",
    "id",
    "image",
    "index",
    "input",
    "job",
    "label",
    "language",
    "length",
    "level",
    "location",
    "map",
    "message",
    "minute",
    "month",
    "name",
    "number",
    "output",
    "owner",
    "page",
    "parent",
    "path",
    "price",
    "probability",
    "product",
    "quality",
    "query",
    "question",
    "rating",
    "relation",
    "review",
    "role",
    "score",
    "second",
    "section",
    "session",
    "sex",
    "size",
    "source",
    "split",
    "state",
    "status",
    "subject",
    "summary",
    "table_name",
    "target",
    "text",
    "time",
    "title",
    "topic",
    "type",
    "url",
    "value",
    "votes",
    "weight",
    "year",
];

/// A column's name as the filter language wants it: as it is, or in double quotes where it has spaces, signs or the form
/// of a keyword.
pub fn quote_name(name: &str) -> String {
    let mut letters = name.chars();
    let plain = letters.next().is_some_and(|first| FilterDialect.is_identifier_start(first))
        && letters.all(|letter| FilterDialect.is_identifier_part(letter));
    let keyword = match Token::make_word(name, None) {
        Token::Word(word) => word.keyword != Keyword::NoKeyword,
        _ => true,
    };
    if plain && (!keyword || SAFE.contains(&name.to_lowercase().as_str())) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A text as a literal of the filter language: in single quotes, a single quote inside written twice.
pub fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::LargeStringArray;
    use proptest::prelude::*;

    use super::super::super::{Column, Frame, Kind};
    use super::super::parse;
    use super::*;
    use crate::engine::Work;

    fn frame(name: &str, text: &str) -> Frame {
        let array = LargeStringArray::from(vec![text, "something else", ""]);
        Frame::new(vec![Arc::new(Column::text(name, Kind::Text, array))])
    }

    /// Uses the name in every place where a name may stand.
    fn check(name: &str, text: &str) {
        let (frame, work) = (frame(name, text), Work::new());
        let (quoted, literal) = (quote_name(name), quote_text(text));
        let forms = [
            format!("{quoted} = {literal}"),
            format!("{literal} = {quoted}"),
            format!("({quoted} IN ({literal}, 'x'))"),
            format!("NOT {quoted} <> {literal} AND {quoted} IS NOT NULL"),
            format!("{quoted} LIKE '%' AND CASE WHEN {quoted} = {literal} THEN true END"),
            format!("coalesce({quoted}, 'y') || 'z' = {literal} || 'z'"),
        ];
        for sql in forms {
            let filter = parse(&sql, &frame).unwrap_or_else(|error| panic!("{sql}: {error} {:?}", error.help));
            let found = filter.evaluate(&frame, &work).unwrap();
            let expected = [text, "something else", ""].map(|value| value == text);
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{sql}");
        }
    }

    #[test]
    fn awkward_names_and_texts_come_back() {
        for name in [
            "a b",
            "a\"b",
            "select",
            "NULL",
            "true",
            "not",
            "case",
            "1st",
            "한국어",
            "",
            "a-b",
            "user",
            "interval",
            "`",
        ] {
            check(name, "it's");
        }
        for text in ["'", "''", "'; DROP TABLE x; --", "a\\'b", "\\", "", "\n\r\t", "%_", "\u{0}", "--", "/*"] {
            check("name", text);
        }
        SAFE.iter().for_each(|name| check(name, "x"));
        assert_eq!((quote_name("text"), quote_name("한국어")), ("text".to_owned(), "한국어".to_owned()));
    }

    #[test]
    fn every_keyword_can_be_the_name_of_a_column() {
        for keyword in sqlparser::keywords::ALL_KEYWORDS {
            check(&keyword.to_lowercase(), "x");
        }
    }

    proptest! {
        #[test]
        fn any_name_and_any_text_come_back(name in "\\PC{0,12}|.{0,6}", text in ".{0,12}|['\"\\\\;-]{0,8}") {
            check(&name, &text);
        }
    }
}
