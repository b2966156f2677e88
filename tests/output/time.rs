//! How long Kustomize takes for overlays, beside the same objects without bases, patches and generators.

use super::{built, example, host, kustomize};
use flinkc::driver::{build_rendered_with, render_with};
use flinkc::host::MemoryHost;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Seconds of a processor that Kustomize takes for an environment.
struct Measured {
    /// All objects in one file.
    one_file: f64,
    /// What `--rendered` writes: a file for each object.
    rendered: f64,
    /// The overlay of one application where there is one, else that which gathers all of them.
    overlay: f64,
}

/// The example with this many applications instead of one.
fn applications(count: usize) -> BTreeMap<String, String> {
    let mut files = example("clicks");
    let program = files.remove("main.flink").expect("it has a program");
    let (head, application) = program.split_once("flink.application clicks {").expect("it has an application");
    let (body, tail) = application.split_once("// Made elsewhere.").expect("it has externals");
    let mut many = head.to_owned();
    for number in 0..count {
        let body = body.replace("node_port = 30081", &format!("node_port = {}", 30081 + number));
        let _ = writeln!(many, "flink.application clicks-{number} {{{body}");
    }
    files.insert("main.flink".to_owned(), format!("{many}// Made elsewhere.{tail}"));
    files
}

fn measure(engines: &kustomize::Engines, count: usize, environment: &str) -> Measured {
    let files = applications(count);
    let host: MemoryHost = host(&files);
    let output = tempfile::tempdir().expect("a temporary directory can be made");
    let directory = |name: &str| output.path().join(name);
    kustomize::objects::write(&built(&files), &directory("overlays")).expect("an empty directory takes it");
    let rendered = build_rendered_with(&host, "", None, &[]).value.expect("it builds");
    kustomize::objects::write(&rendered, &directory("rendered")).expect("an empty directory takes it");
    let stream = render_with(&host, "", None, &[], environment, None).value.expect("it renders");
    std::fs::create_dir(directory("one-file")).expect("can be made");
    std::fs::write(directory("one-file/all.yaml"), stream).expect("can be written");
    std::fs::write(directory("one-file/kustomization.yaml"), "resources: [all.yaml]\n").expect("can be written");
    // The least of some: what is more was taken by the machine, not by Kustomize.
    let times = if count < 50 { 9 } else { 1 };
    let least = |directory: &Path| {
        let seconds = engines.time(directory, times).expect("Kustomize builds it");
        seconds.into_iter().fold(f64::INFINITY, f64::min)
    };
    let application = if count == 1 { "clicks-0/" } else { "" };
    Measured {
        one_file: least(&directory("one-file")),
        rendered: least(&directory("rendered").join(environment)),
        overlay: least(&directory(&format!("overlays/{application}overlays/{environment}"))),
    }
}

/// `KUSTOMIZE_APPLICATIONS=100` measures that many, too; it takes minutes.
#[test]
fn kustomize_takes_little_more_time_than_for_plain_resources() {
    let Some(engines) = kustomize::engines() else { return };
    let more = std::env::var("KUSTOMIZE_APPLICATIONS").ok().and_then(|count| count.parse().ok());
    for count in [1, 10].into_iter().chain(more) {
        for environment in ["staging", "prod"] {
            let Measured { one_file, rendered, overlay } = measure(engines, count, environment);
            println!(
                "{count} applications, {environment}: one file {:.1} ms, rendered {:.1} ms, overlay {:.1} ms, {:.2} times",
                one_file * 1e3,
                rendered * 1e3,
                overlay * 1e3,
                overlay / rendered
            );
            // Patches cost Kustomize a millisecond each, and directories half of one. The first strategic merge patch
            // would make of the five milliseconds of one application seventy.
            let allowed = if count == 1 { rendered + 0.02 } else { rendered * 3.0 };
            assert!(
                overlay < allowed || count > 10,
                "{count} applications, {environment}: {overlay:.3} s, not {allowed:.3}"
            );
        }
    }
}
