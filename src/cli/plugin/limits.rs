//! What a program that a stranger wrote may take: time, memory, steps, output.
//!
//! The limits are flags: who installs the plugin writes them, and no repository or Application can.

use crate::cli::{Failure, report};
use clap::Args;
use std::fs;
use std::process;
use std::thread;
use std::time::{Duration, Instant};

/// How often the watch looks. A program fills some megabytes in that time.
const INTERVAL: Duration = Duration::from_millis(10);

/// The exit code of what could not be done.
const IMPOSSIBLE: i32 = 2;

/// What a run may take
#[derive(Debug, Args)]
pub(super) struct Limits {
    /// Ends the run after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 45)]
    timeout: u64,

    /// Ends the run when it holds more memory, such as 512Mi; read from /proc, which only Linux has
    #[arg(long, value_name = "SIZE", default_value = "1Gi", value_parser = size)]
    max_memory: u64,

    /// Ends the evaluation after this many steps
    #[arg(long, value_name = "COUNT", default_value_t = 200_000_000)]
    pub(super) max_steps: u64,

    /// Refuses results that are larger, such as 32Mi
    #[arg(long, value_name = "SIZE", default_value = "32Mi", value_parser = size)]
    max_output: u64,
}

impl Limits {
    /// From now on, ends the process where it takes more time or memory than it may.
    ///
    /// # Errors
    /// No thread can be started, so that nobody would look.
    pub(super) fn watch(&self) -> Result<(), Failure> {
        let (start, timeout, memory) = (Instant::now(), Duration::from_secs(self.timeout), self.max_memory);
        let watch = move || {
            loop {
                thread::sleep(INTERVAL);
                if start.elapsed() >= timeout {
                    end(&format!("this takes longer than {} s (`--timeout`)", timeout.as_secs()));
                }
                if resident().is_some_and(|bytes| bytes > memory) {
                    end(&format!("this takes more than {} of memory (`--max-memory`)", written(memory)));
                }
            }
        };
        let started = thread::Builder::new().name("limits".to_owned()).spawn(watch);
        started.map(drop).map_err(|error| Failure::Told(format!("the limits cannot be watched: {error}")))
    }

    /// Refuses a result that is too large.
    pub(super) fn check_output(&self, bytes: usize) -> Result<(), Failure> {
        if bytes as u64 <= self.max_output {
            return Ok(());
        }
        let text = format!("the result has {bytes} bytes, more than {} (`--max-output`)", written(self.max_output));
        Err(Failure::Told(text))
    }
}

/// Ends the process at once: what it was doing has no result, and no thread of it must go on.
fn end(text: &str) {
    report::error(text);
    process::exit(IMPOSSIBLE);
}

/// Bytes of memory that the process holds; none where the system does not say.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The units of sizes, and how many bits they shift.
const UNITS: [(&str, u32); 3] = [("Gi", 30), ("Mi", 20), ("Ki", 10)];

/// Reads a size: bytes, or a number with `Ki`, `Mi` or `Gi`.
fn size(text: &str) -> Result<u64, String> {
    let (number, shift) =
        UNITS.iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift))).unwrap_or((text, 0));
    let number: Option<u64> = number.parse().ok().filter(|number| *number > 0);
    number
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(|| "it must be a number of bytes, or a number with Ki, Mi or Gi".to_owned())
}

/// A size as people write it.
fn written(bytes: u64) -> String {
    let unit = UNITS.iter().find(|(_, shift)| bytes.is_multiple_of(1 << shift));
    unit.map_or_else(|| format!("{bytes} bytes"), |(unit, shift)| format!("{}{unit}", bytes >> shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_written() {
        for text in ["1Gi", "512Mi", "3Ki"] {
            assert_eq!(written(size(text).expect("a size")), text);
        }
        assert_eq!(size("1000"), Ok(1000));
        assert_eq!(written(1000), "1000 bytes");
        for text in ["", "0", "-1", "1.5Gi", "1GB", "Mi", "99999999999Gi"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
