//! The program `flinkc`; everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    flinkc::cli::main()
}
