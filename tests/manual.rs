//! Completions, man pages and help: what the program says of itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn flinkc(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_flinkc")).args(arguments).output().expect("can be run");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    output
}

fn said(arguments: &[&str]) -> String {
    String::from_utf8(flinkc(arguments).stdout).expect("is text")
}

/// The commands that `--help` lists below one, each with its words from the top.
fn commands(above: &[String]) -> Vec<Vec<String>> {
    let words: Vec<&str> = above.iter().map(String::as_str).chain(["--help"]).collect();
    let help = said(&words);
    let listed = help.split("Commands:\n").nth(1).map(|rest| rest.split("\n\n").next().unwrap_or_default());
    let names = listed.unwrap_or_default().lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    let mut all = Vec::new();
    for name in names {
        let command: Vec<String> = above.iter().cloned().chain([name.to_owned()]).collect();
        all.push(command.clone());
        all.extend(commands(&command));
    }
    all
}

/// The long options that a help text lists, each with what it says of it.
fn options(help: &str) -> BTreeMap<String, String> {
    let mut options: BTreeMap<String, String> = BTreeMap::new();
    let mut current = None;
    for line in help.lines() {
        let option = line.trim_start().trim_start_matches("-h, ").trim_start_matches("-V, ");
        match option.strip_prefix("--") {
            Some(rest) if line.starts_with("  ") => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
                let about = rest.split_once("  ").map_or("", |(_, about)| about.trim());
                options.insert(rest[..end].to_owned(), about.to_owned());
                current = Some(rest[..end].to_owned());
            }
            // Long help stands below its option.
            Some(_) | None => {
                if let Some(about) = current.as_ref().and_then(|name| options.get_mut(name)) {
                    about.push_str(line.trim());
                }
            }
        }
    }
    options
}

#[test]
fn every_command_and_option_is_explained() {
    let commands = commands(&[]);
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let help = said(&words);
        let about = help.lines().next().unwrap_or_default();
        assert!(about.len() > 10 && !about.starts_with("Usage"), "{command:?}: {help}");
        for (option, about) in options(&help) {
            assert!(about.len() > 5, "{command:?}: --{option} says nothing\n{help}");
        }
        let arguments =
            help.split("Arguments:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
        // A line that is nothing but the argument's name is followed by its text, further in.
        let lines: Vec<&str> = arguments.lines().collect();
        for (at, line) in
            lines.iter().enumerate().filter(|(_, line)| line.starts_with("  [") || line.starts_with("  <"))
        {
            let below = lines.get(at + 1).is_some_and(|next| next.starts_with("      "));
            assert!(below || line.trim().contains("  "), "{command:?}: `{line}` says nothing\n{help}");
        }
    }
}

#[test]
fn man_pages_name_every_command_and_option() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let place = directory.path().join("share/man1");
    flinkc(&["man", place.to_str().expect("is UTF-8")]);
    let page = |name: &str| fs::read_to_string(place.join(name)).expect("was written").replace("\\-", "-");
    let top = page("flinkc.1");
    assert_eq!(said(&["man"]).replace("\\-", "-"), top);
    for command in commands(&[]) {
        let page = page(&format!("flinkc-{}.1", command.join("-")));
        assert!(page.contains(&format!("flinkc-{}", command.join("-"))), "{page}");
        assert!(command.len() > 1 || top.contains(&format!("flinkc-{}(1)", command[0])), "{top}");
        let words: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        for option in options(&said(&words)).keys() {
            assert!(page.contains(&format!("--{option}")), "{command:?}: the page lacks --{option}\n{page}");
        }
        well_formed(&place.join(format!("flinkc-{}.1", command.join("-"))));
    }
    well_formed(&place.join("flinkc.1"));
}

/// Whether groff reads a page without a warning; where there is none, nothing is asked.
fn well_formed(page: &Path) {
    let groff = Command::new("groff").args(["-man", "-Tascii", "-ww", "-z"]).arg(page).output();
    if let Ok(output) = groff {
        assert!(output.status.success() && output.stderr.is_empty(), "{}: {output:?}", page.display());
    }
}

#[test]
fn completions_are_scripts_that_their_shells_read() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = said(&["completions", shell]);
        for command in commands(&[]) {
            assert!(script.contains(command.last().expect("has words")), "{shell} does not know {command:?}");
        }
        assert!(script.contains("--fix") || script.contains("-l fix"), "{shell}");
        let path = directory.path().join(shell);
        fs::write(&path, &script).expect("can be written");
        // Shells that can read a script without running it; those that are not installed are passed over.
        if ["bash", "zsh", "fish"].contains(&shell)
            && let Ok(status) = Command::new(shell).arg("-n").arg(&path).stdin(Stdio::null()).status()
        {
            assert!(status.success(), "{shell} does not read its script");
        }
    }
}

#[test]
fn bash_completes_commands_options_and_values() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let script = directory.path().join("flinkc.bash");
    fs::write(&script, said(&["completions", "bash"])).expect("can be written");
    for (line, expected) in
        [("flinkc che", "check"), ("flinkc check --fo", "--format"), ("flinkc check --format s", "sarif")]
    {
        let words: Vec<&str> = line.split(' ').collect();
        let ask = format!(
            "source '{}'; COMP_WORDS=({line}); COMP_CWORD={}; _flinkc flinkc '{}' '{}'; echo \"${{COMPREPLY[@]}}\"",
            script.display(),
            words.len() - 1,
            words[words.len() - 1],
            words[words.len() - 2],
        );
        let Ok(output) = Command::new("bash").args(["--norc", "-c", &ask]).output() else {
            eprintln!("there is no bash: nothing was tested");
            return;
        };
        let replies = String::from_utf8_lossy(&output.stdout);
        assert!(replies.split_whitespace().any(|reply| reply == expected), "{line}: {output:?}");
    }
}
