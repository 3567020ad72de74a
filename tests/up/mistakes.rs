//! Every mistake of a file at once, as a user reads it. `MILLRACE_BLESS=1` writes what is expected.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use millrace_golden::hold;

use crate::kit::{Home, fleet};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("up/golden")
}

#[test]
fn every_mistake_is_told_at_once_with_place_and_fix() -> Result<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(golden())?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let home = Home::new()?;
        let name = path.file_name().unwrap().to_str().unwrap();
        home.write(name, &fs::read_to_string(&path)?);
        for detach in [&["--detach"][..], &[]] {
            let output = home.run(&[&["up", "--file", name], detach].concat());
            assert!(!output.status.success(), "{name}");
            let said = String::from_utf8(output.stderr)?;
            hold(path.with_extension("txt"), &said);
        }
    }
    Ok(())
}

#[test]
fn nothing_of_a_file_with_a_mistake_is_applied() -> Result<()> {
    let home = Home::new()?;
    let good = home.write("fleet.yaml", &fleet("", "  partitions: 2"));
    let up = home.up(&["--file", good.to_str().unwrap()])?;
    let mut text = fleet("", "  partitions: 3");
    text.push_str(
        "---\napiVersion: millrace.dev/v1alpha1\nkind: KafkaTopic\nmetadata: {name: returns}\n\
         spec: {clusterRef: {name: demo}, partitions: 0}\n",
    );
    home.write("bad.yaml", &text);
    let output = home.run(&["apply", "--file", "bad.yaml"]);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr)?;
    assert!(
        said.contains("bad.yaml:") && said.contains("nothing was applied"),
        "{said}"
    );
    let fewer = home.write("fleet.yaml", &fleet("", "  partitions: 1"));
    let output = home.run(&["apply", "--file", fewer.to_str().unwrap()]);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr)?;
    assert!(
        said.contains("fleet.yaml:") && said.contains("nothing was applied"),
        "{said}"
    );
    let status = home.json(&["status"]);
    assert_eq!(status["topics"][0]["summary"], "2 partitions", "{status}");
    up.interrupt()
}

#[test]
fn what_has_no_effect_on_one_machine_is_told_by_up_and_by_apply() -> Result<()> {
    let home = Home::new()?;
    let address = home.address.to_string();
    let rack = "  rack:\n    topologyKey: zone";
    let path = home.write("fleet.yaml", &fleet(rack, "  partitions: 1"));
    let file = path.to_str().unwrap();
    let expected = [
        format!("note: {file}:11:11: spec.nodePools[0].storage.persistent.size: has no effect"),
        format!("note: {file}:12:3: spec.rack: has no effect"),
    ];
    for arguments in [
        &["up", "--detach", "--address", &address, "--file", file][..],
        &["apply", "--file", file],
        &["apply", "--output", "json", "--file", file],
    ] {
        let output = home.run(arguments);
        let said = String::from_utf8(output.stderr)?;
        assert!(output.status.success(), "{arguments:?}: {said}");
        let notes: Vec<&str> = said
            .lines()
            .filter(|line| line.starts_with("note: "))
            .collect();
        let mut both = notes.iter().zip(&expected);
        assert!(
            notes.len() == 2 && both.all(|(told, expected)| told.starts_with(expected)),
            "{arguments:?}: {said}"
        );
    }
    home.json(&["down", "--delete-data"]);
    // What comes with the program is nobody's to be told of.
    let output = home.run(&["up", "--detach", "--address", &address]);
    let said = String::from_utf8(output.stderr)?;
    assert!(output.status.success() && said.is_empty(), "{said}");
    home.json(&["down"]);
    Ok(())
}
