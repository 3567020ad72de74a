//! Every mistake of a file at once, as a user reads it. `MILLRACE_BLESS=1` writes what is expected.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

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
        let output = home.run(&["up", "--file", name]);
        assert!(!output.status.success(), "{name}");
        let said = String::from_utf8(output.stderr)?;
        let expected = path.with_extension("txt");
        if std::env::var_os("MILLRACE_BLESS").is_some() {
            fs::write(&expected, &said)?;
        }
        assert_eq!(said, fs::read_to_string(&expected)?, "{name}");
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
