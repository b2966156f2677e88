//! Columns: what stands behind the keys of neighbouring lines, and the comments behind lines.

use super::doc::Column;
use super::page::{Line, WIDTH};

/// By how much the lines of one column may differ before it. Beyond that, the gap is harder to follow than an edge that
/// is not straight.
const SPREAD: usize = 20;

/// Spaces between code and the comment behind it.
const BEFORE_COMMENT: usize = 2;

/// Puts the lines together.
pub(super) fn text(mut lines: Vec<Line>) -> String {
    for column in [Column::Value, Column::Block, Column::Arm, Column::Cost] {
        align(&mut lines, |line| behind_key(line, column), pad_key);
    }
    align(&mut lines, comment, |line, by| {
        if let Some(comment) = line.comment.take() {
            line.text.extend(std::iter::repeat_n(' ', by + BEFORE_COMMENT));
            line.text.push_str(&comment);
        }
    });
    let mut text = String::new();
    for Line { indentation, text: content, key: _, comment: _, after_empty } in &lines {
        if *after_empty {
            text.push('\n');
        }
        text.extend(std::iter::repeat_n(' ', *indentation));
        text.push_str(content);
        text.push('\n');
    }
    text
}

/// Where the column begins behind a key, and what then stands there.
fn behind_key(line: &Line, column: Column) -> Option<(usize, usize)> {
    let (key, _) = line.key.filter(|(_, behind)| *behind == column)?;
    Some((key, line.text.chars().count() - key))
}

fn pad_key(line: &mut Line, by: usize) {
    let Some((key, _)) = line.key else { return };
    let at = line.text.char_indices().nth(key).map_or(line.text.len(), |(at, _)| at);
    line.text.insert_str(at, &" ".repeat(by));
}

/// Where the column of comments can begin on a line, and what then stands there.
fn comment(line: &Line) -> Option<(usize, usize)> {
    let comment = line.comment.as_ref()?;
    Some((line.text.chars().count(), BEFORE_COMMENT + comment.chars().count()))
}

/// Lets something begin at one column in lines that follow one another, as long as they stay within the width.
///
/// `cell` says how many characters stand before it and how many it has; `pad` puts that many spaces before it.
fn align(lines: &mut [Line], cell: impl Fn(&Line) -> Option<(usize, usize)>, mut pad: impl FnMut(&mut Line, usize)) {
    let mut start = 0;
    while start < lines.len() {
        let Some((first, mut widest)) = cell(&lines[start]) else {
            start += 1;
            continue;
        };
        let indentation = lines[start].indentation;
        let (mut least, mut most) = (first, first);
        let mut befores = vec![first];
        for line in lines[start + 1..].iter().take_while(|line| !line.after_empty && line.indentation == indentation) {
            let Some((before, width)) = cell(line) else { break };
            let (lower, upper, wider) = (least.min(before), most.max(before), widest.max(width));
            if upper - lower > SPREAD || indentation + upper + wider > WIDTH {
                break;
            }
            (least, most, widest) = (lower, upper, wider);
            befores.push(before);
        }
        for (line, before) in lines[start..].iter_mut().zip(&befores) {
            pad(line, most - before);
        }
        start += befores.len();
    }
}
