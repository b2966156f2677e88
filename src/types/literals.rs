//! Literals with units, and words that stand for themselves.

use super::Checker;
use super::expr::Wanted;
use super::ty::Type;
use crate::core::{Const, Expr, units};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

impl Checker<'_> {
    /// The constant that a literal with a unit is where one of these types is wanted, and its type.
    pub(super) fn unit_literal(&mut self, text: &str, span: Span, wanted: Option<&Wanted>) -> (Expr, Type) {
        let memory = units::parse_memory(text).map(|bytes| (Const::Memory(bytes), Type::Memory));
        let cpu = units::parse_cpu(text).map(|millicores| (Const::Cpu(millicores), Type::Cpu));
        let duration = units::parse_duration(text).map(|milliseconds| (Const::Duration(milliseconds), Type::Duration));
        let readings: Vec<(Const, Type)> = [memory, cpu, duration].into_iter().flatten().collect();
        if readings.is_empty() {
            self.sink.report(unknown_unit(text, span));
            return (super::broken(), Type::Error);
        }
        let fitting = |reading: &&(Const, Type)| {
            wanted.is_none_or(|wanted| {
                wanted.ty.present().alternatives().iter().any(|alternative| match alternative {
                    Type::Quantity => matches!(reading.1, Type::Memory | Type::Cpu),
                    Type::Seconds | Type::DurationText => reading.1 == Type::Duration,
                    Type::Any | Type::Error => true,
                    other => *other == reading.1,
                })
            })
        };
        let mut fits: Vec<&(Const, Type)> = readings.iter().filter(fitting).collect();
        if fits.is_empty() {
            fits = readings.iter().collect();
        }
        if let [(_, Type::Cpu), (minutes, Type::Duration)] = fits.as_slice() {
            let number = text.trim_end_matches('m');
            let message = format!("`{text}` may be {number} minutes or {number} thousandths of a core");
            let help = format!("write `{number}min`, or declare the type: `let x: cpu = {text}`");
            self.sink.report(Diagnostic::error(Code::AmbiguousUnit, message, span).help(help));
            return (Expr::Const(minutes.clone()), Type::Error);
        }
        let (value, ty) = fits[0].clone();
        (Expr::Const(value), ty)
    }
}

fn unknown_unit(text: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::InvalidValue, format!("`{text}` is no quantity"), span);
    diagnostic.help(match meant(text) {
        Some(literal) if literal.ends_with('i') => {
            format!("memory is counted in powers of 1024: `{literal}`")
        }
        Some(literal) => format!("write `{literal}`"),
        None => "the units are `Ki Mi Gi Ti Pi` for memory, `m` for cpu, `ms s m min h d` for durations".to_string(),
    })
}

/// The literal that a text with a number and a unit means, as other languages and Flink write them: `10 min`, `4gb`.
pub(super) fn meant(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '_');
    let number = &text[..text.len() - rest.len()];
    let unit = rest.trim_start();
    let unit = match unit.to_ascii_lowercase().as_str() {
        "k" | "kb" | "ki" | "kib" | "kibibytes" => "Ki",
        "mb" | "mi" | "mib" | "mebibytes" => "Mi",
        "g" | "gb" | "gi" | "gib" | "gibibytes" => "Gi",
        "t" | "tb" | "ti" | "tib" | "tebibytes" => "Ti",
        "p" | "pb" | "pi" | "pib" => "Pi",
        // One letter is for its place to say: `M` means memory, `m` minutes or thousandths of a core.
        "m" if unit == "M" => "Mi",
        "m" => "m",
        "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "min",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        _ => return None,
    };
    let digits = number.starts_with(|c: char| c.is_ascii_digit()) && number.ends_with(|c: char| c.is_ascii_digit());
    (digits && number.matches('.').count() <= 1).then(|| format!("{number}{unit}"))
}
