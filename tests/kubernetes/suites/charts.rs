//! The charts, without a cluster: what they render is committed, mistakes in values are refused, and alerts do
//! what their unit tests say. `MILLRACE_BLESS=1` writes what is rendered.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use millrace_golden::hold;
use millrace_kubernetes_tests::{Skip, need_binaries, unless_skipped};

const CHARTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../charts");

/// Sets of values in `charts/tests/values`, each with its golden file.
const VALUES: &[&str] = &["default", "namespaced", "monitored", "everything"];

const MONITORING: &[&str] = &[
    "--api-versions=monitoring.coreos.com/v1/PodMonitor",
    "--api-versions=monitoring.coreos.com/v1/PrometheusRule",
];

/// Seconds that one run of a tool may take.
const LIMIT: &str = "120";

/// What a tool says when it is content; otherwise an error with its complaint.
fn run(program: impl AsRef<Path>, arguments: &[&str]) -> Result<String> {
    let done = Command::new("timeout")
        .arg(LIMIT)
        .arg(program.as_ref())
        .args(arguments)
        .current_dir(CHARTS)
        .output()?;
    let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
    ensure!(
        done.status.success(),
        "{arguments:?}: {complaint}{}",
        String::from_utf8_lossy(&done.stdout)
    );
    Ok(String::from_utf8(done.stdout)?)
}

fn helm(arguments: &[&str]) -> Result<String> {
    run(need_binaries()?.program("helm"), arguments)
}

fn template(arguments: &[&str]) -> Result<String> {
    let chart = [
        "template",
        "millrace",
        "millrace-operator",
        "--namespace=millrace",
    ];
    helm(&[&chart, arguments].concat())
}

fn values(name: &str) -> String {
    format!("--values=tests/values/{name}.yaml")
}

#[test]
fn the_charts_have_nothing_to_complain_about() -> Result<()> {
    helm(&["lint", "--strict", "millrace-crds"])?;
    for name in VALUES {
        helm(&["lint", "--strict", "millrace-operator", &values(name)])?;
    }
    Ok(())
}

#[test]
fn templates_render_to_what_is_committed() -> Result<()> {
    for name in VALUES {
        let rendered = template(&[&[values(name).as_str()], MONITORING].concat())?;
        hold(format!("{CHARTS}/tests/golden/{name}.yaml"), &rendered);
    }
    Ok(())
}

#[test]
fn kinds_that_a_cluster_does_not_know_are_left_out() -> Result<()> {
    let rendered = template(&[&values("monitored")])?;
    ensure!(rendered.contains("kind: Deployment"), "nothing rendered");
    ensure!(!rendered.contains("monitoring.coreos.com"), "{rendered}");
    Ok(())
}

#[test]
fn every_dashboard_comes_through_unchanged() -> Result<()> {
    let rendered = template(&["--set=monitoring.dashboards.enabled=true"])?;
    for entry in fs::read_dir(format!("{CHARTS}/millrace-operator/dashboards"))? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        let indented: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
        let whole = rendered.contains(&indented.join("\n"));
        ensure!(whole, "{} is not in a ConfigMap", path.display());
    }
    Ok(())
}

#[test]
fn mistakes_in_values_are_refused() -> Result<()> {
    let cases = [
        ("--set=wachNamespaces=shop", "wachNamespaces"),
        ("--set=watchNamespaces={Not_One}", "/watchNamespaces/0"),
        ("--set=replicas=two", "/replicas"),
        ("--set=log.format=xml", "/log/format"),
        ("--set=http.port=80", "/http/port"),
        (
            "--set=serviceAccount.create=false",
            "serviceAccount.name is needed",
        ),
    ];
    for (mistake, reason) in cases {
        let refused = template(&[mistake]).err().context(mistake)?;
        let message = format!("{refused:#}");
        ensure!(message.contains(reason), "{mistake}: {message}");
    }
    Ok(())
}

/// The chart of the definitions is the definitions.
#[test]
fn definitions_are_rendered_as_they_are() -> Result<()> {
    let rendered = helm(&["template", "millrace-crds", "millrace-crds"])?;
    for name in ["kafkaclusters", "kafkatopics"] {
        let yaml = fs::read_to_string(format!("{CHARTS}/../crds/yaml/{name}.yaml"))?;
        ensure!(rendered.contains(yaml.trim_end()), "{name} was changed");
    }
    Ok(())
}

#[test]
fn alerts_do_what_their_tests_say() -> Result<()> {
    unless_skipped(test_rules())
}

fn test_rules() -> Result<()> {
    let folder = format!("{CHARTS}/millrace-operator/rules");
    run("promtool", &["--version"])
        .map_err(|_| Skip("promtool is not installed (package prometheus)".to_owned()))?;
    for name in ["brokers", "operator"] {
        run(
            "promtool",
            &["check", "rules", &format!("{folder}/{name}.yaml")],
        )?;
        run(
            "promtool",
            &["test", "rules", &format!("{folder}/{name}_test.yaml")],
        )?;
    }
    Ok(())
}
