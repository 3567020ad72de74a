//! What cannot be done is told with the fix, and leaves nothing behind.

use std::fs;
use std::net::TcpListener;

use anyhow::Result;

use crate::kit::{Home, fleet};

fn complaint(home: &Home, arguments: &[&str]) -> String {
    let output = home.run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{arguments:?}: {errors}");
    errors
}

#[test]
fn a_port_that_is_taken_is_named_with_a_way_out() -> Result<()> {
    let home = Home::new()?;
    let taken = TcpListener::bind((home.address, 9092))?;
    let address = home.address.to_string();
    let said = complaint(&home, &["up", "--address", &address]);
    for part in [home.server().as_str(), "is taken", "--address"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    drop(taken);
    home.up(&[])?.interrupt()
}

#[test]
fn a_directory_of_somebody_else_stays_as_it_is() -> Result<()> {
    let home = Home::new()?;
    fs::create_dir(home.data())?;
    fs::write(home.data().join("thesis.txt"), "mine")?;
    for arguments in [&["up"][..], &["down", "--delete-data"]] {
        let said = complaint(&home, arguments);
        assert!(said.contains("data"), "{said}");
    }
    let names: Vec<_> = fs::read_dir(home.data())?.collect::<std::io::Result<_>>()?;
    assert_eq!(names.len(), 1);
    assert_eq!(fs::read_to_string(home.data().join("thesis.txt"))?, "mine");
    Ok(())
}

#[test]
fn a_directory_has_one_fleet() -> Result<()> {
    let home = Home::new()?;
    let path = home.write("fleet.yaml", &fleet("", ""));
    let up = home.up(&["--file", path.to_str().unwrap()])?;
    let said = complaint(&home, &["up"]);
    assert!(said.contains("millrace down"), "{said}");
    up.interrupt()?;
    let said = complaint(&home, &["apply", "--file", "fleet.yaml"]);
    assert!(said.contains("millrace up"), "{said}");
    Ok(())
}

#[test]
fn a_setting_that_no_broker_takes_is_told_in_its_words() -> Result<()> {
    let home = Home::new()?;
    let config = "  config:\n    num.io.threads: many";
    let path = home.write("fleet.yaml", &fleet(config, ""));
    let said = complaint(
        &home,
        &[
            "up",
            "--address",
            &home.address.to_string(),
            "--file",
            path.to_str().unwrap(),
        ],
    );
    assert!(said.contains("num.io.threads"), "{said}");
    Ok(())
}
