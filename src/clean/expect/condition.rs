//! Row conditions of Great Expectations in our filter language.
//!
//! Old suites carry a text that pandas (`DataFrame.query`) or Great Expectations' own little parser reads; new ones
//! carry a tree. Both become one SQL condition; what cannot be turned into one is an error that shows what to write.

use serde_json::Value;

use crate::data::filter::{quote_name, quote_text};
use crate::engine::{Error, Result};

/// The condition in our filter language; `None` if it is empty.
///
/// # Errors
/// If it is of a form that is not known.
pub(super) fn translate(value: &Value) -> Result<Option<String>> {
    match value {
        Value::String(text) => of_text(text),
        Value::Object(tree) => match tree.get("type").and_then(Value::as_str) {
            Some("pass_through") => {
                of_text(tree.get("pass_through_filter").and_then(Value::as_str).unwrap_or_default())
            }
            _ => of_tree(value).map(Some),
        },
        _ => Err(unknown(&value.to_string())),
    }
}

fn unknown(what: &str) -> Error {
    Error::input(format!("this row_condition is not understood: {what}"))
        .help("write it as a condition of the filter language instead: where = \"country = 'KR'\"")
}

fn of_tree(tree: &Value) -> Result<String> {
    let name = || tree.get("column").and_then(|column| column.get("name")?.as_str()).map(quote_name);
    match tree.get("type").and_then(Value::as_str) {
        Some(joint @ ("and" | "or")) => {
            let parts =
                tree.get("conditions").and_then(Value::as_array).ok_or_else(|| unknown("it has no conditions"))?;
            let parts = parts.iter().map(|part| Ok(format!("({})", of_tree(part)?))).collect::<Result<Vec<_>>>()?;
            let joint = if joint == "and" { " AND " } else { " OR " };
            if parts.is_empty() { Err(unknown("it has no conditions")) } else { Ok(parts.join(joint)) }
        }
        Some("nullity") => {
            let name = name().ok_or_else(|| unknown("it names no column"))?;
            let is_null = tree.get("is_null").and_then(Value::as_bool).unwrap_or(true);
            Ok(format!("{name} IS {}", if is_null { "NULL" } else { "NOT NULL" }))
        }
        Some("comparison") => {
            let name = name().ok_or_else(|| unknown("it names no column"))?;
            let parameter = tree.get("parameter").unwrap_or(&Value::Null);
            let operator = tree.get("operator").and_then(Value::as_str).unwrap_or_default();
            Ok(match operator {
                "==" => format!("{name} = {}", literal(parameter)?),
                "!=" => format!("{name} <> {}", literal(parameter)?),
                "<" | "<=" | ">" | ">=" => format!("{name} {operator} {}", literal(parameter)?),
                "IN" => format!("{name} IN ({})", literal(parameter)?),
                "NOT_IN" => format!("{name} NOT IN ({})", literal(parameter)?),
                other => return Err(unknown(other)),
            })
        }
        _ => Err(unknown(&tree.to_string())),
    }
}

fn literal(value: &Value) -> Result<String> {
    Ok(match value {
        Value::String(text) => quote_text(text),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string().to_uppercase(),
        Value::Array(items) => items.iter().map(literal).collect::<Result<Vec<_>>>()?.join(", "),
        Value::Null | Value::Object(_) => return Err(unknown(&value.to_string())),
    })
}

/// A piece of a condition in Python's spelling.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "&", "|", "~", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "%",
    "=",
];

fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' | '`' => {
                let inside = rest.get(1..).unwrap_or_default();
                let end = inside.find(first).ok_or_else(|| unknown(&format!("{first} is not closed")))?;
                let text = inside.get(..end).unwrap_or_default().to_owned();
                found.push(if first == '`' { Token::Name(text) } else { Token::Text(text) });
                end + 2
            }
            '0'..='9' => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(rest.len());
                found.push(Token::Number(rest.get(..end).unwrap_or_default().to_owned()));
                end
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                found.push(Token::Name(rest.get(..end).unwrap_or_default().to_owned()));
                end
            }
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).ok_or_else(|| unknown(rest))?;
                found.push(Token::Sign(sign));
                sign.len()
            }
        };
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(found)
}

/// A condition as `DataFrame.query` and Great Expectations' own parser read it: `a == "x" and not (b > 3)`,
/// `col("a").notNull()`, `` `a b` in [1, 2] ``.
fn of_text(text: &str) -> Result<Option<String>> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let is_sign = |at: usize, sign: &str| matches!(tokens.get(at), Some(Token::Sign(found)) if *found == sign);
    let mut words: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            Token::Name(name) if name == "col" && is_sign(at, "(") && is_sign(at + 2, ")") => {
                let Some(Token::Text(column) | Token::Name(column)) = tokens.get(at + 1) else {
                    return Err(unknown(text));
                };
                words.push(quote_name(column));
                at += 3;
            }
            Token::Name(name) => words.push(match name.as_str() {
                "and" | "AND" => "AND".to_owned(),
                "or" | "OR" => "OR".to_owned(),
                "not" | "NOT" => "NOT".to_owned(),
                "in" | "IN" => "IN".to_owned(),
                "is" | "IS" => "IS".to_owned(),
                "None" | "null" | "NULL" => "NULL".to_owned(),
                "True" | "true" | "TRUE" => "TRUE".to_owned(),
                "False" | "false" | "FALSE" => "FALSE".to_owned(),
                _ => quote_name(name),
            }),
            Token::Text(text) => words.push(quote_text(text)),
            Token::Number(number) => words.push(number.clone()),
            Token::Sign(".") => {
                let Some(Token::Name(method)) = tokens.get(at) else { return Err(unknown(text)) };
                if !(is_sign(at + 1, "(") && is_sign(at + 2, ")")) {
                    return Err(unknown(text));
                }
                words.push(match method.to_ascii_lowercase().as_str() {
                    "notnull" | "notna" => "IS NOT NULL".to_owned(),
                    "isnull" | "isna" => "IS NULL".to_owned(),
                    _ => return Err(unknown(text)),
                });
                at += 3;
            }
            Token::Sign(sign) => words.push(
                match *sign {
                    "==" | "=" => "=",
                    "!=" => "<>",
                    "&" | "&&" => "AND",
                    "|" | "||" => "OR",
                    "~" => "NOT",
                    "[" => "(",
                    "]" => ")",
                    other => other,
                }
                .to_owned(),
            ),
        }
    }
    Ok(Some(words.join(" ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_of_pandas_become_sql() {
        let check = |text: &str, expected: &str| {
            assert_eq!(translate(&json!(text)).unwrap().as_deref(), Some(expected), "{text}");
        };
        check(r#"sex=="female""#, "sex = 'female'");
        check(r#"(age > 3) & ~(x != 'it"s')"#, "( age > 3 ) AND NOT ( x <> 'it\"s' )");
        check(r#"col("a b").notNull() and col("c") == 1.5"#, "\"a b\" IS NOT NULL AND c = 1.5");
        check("`a b` in [1, -2]", "\"a b\" IN ( 1 , - 2 )");
        check("x.isna() or not y", "x IS NULL OR NOT y");
        check("나이 >= 20", "나이 >= 20");
        assert_eq!(translate(&json!(" ")).unwrap(), None);
        for wrong in ["x.str.len() > 3", "x == 'a", "@y > 3"] {
            assert!(translate(&json!(wrong)).unwrap_err().advice().unwrap_or_default().contains("where ="), "{wrong}");
        }
    }

    #[test]
    fn conditions_of_new_suites_become_sql() {
        let part = |operator: &str, parameter: Value| json!({"type": "comparison", "column": {"name": "c"}, "operator": operator, "parameter": parameter});
        let tree = json!({"type": "and", "conditions": [part("==", json!("KR")), part(">", json!(3))]});
        assert_eq!(translate(&tree).unwrap().as_deref(), Some("(c = 'KR') AND (c > 3)"));
        assert_eq!(translate(&part("NOT_IN", json!(["a", "b"]))).unwrap().as_deref(), Some("c NOT IN ('a', 'b')"));
        let null = json!({"type": "nullity", "column": {"name": "order"}, "is_null": false});
        assert_eq!(translate(&null).unwrap().as_deref(), Some("\"order\" IS NOT NULL"));
        let through = json!({"type": "pass_through", "pass_through_filter": "c==\"KR\""});
        assert_eq!(translate(&through).unwrap().as_deref(), Some("c = 'KR'"));
        assert!(translate(&json!({"type": "xor"})).is_err());
    }
}
