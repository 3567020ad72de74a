//! Completion as a shell does it.

use std::process::Command;

fn script(shell: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_millrace"))
        .args(["completions", shell])
        .output()
        .expect("the command starts");
    assert!(output.status.success(), "{shell}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn every_shell_gets_a_script_of_its_own() {
    let mut scripts: Vec<_> = ["bash", "elvish", "fish", "powershell", "zsh"]
        .map(script)
        .into();
    for script in &scripts {
        assert!(script.contains("millrace") && script.contains("topic"));
    }
    scripts.dedup();
    assert_eq!(scripts.len(), 5);
}

#[test]
fn bash_completes_commands_and_options() {
    for (typed, expected) in [
        (&["millrace", "to"][..], "topic"),
        (&["millrace", "topic", "cr"], "create"),
        (&["millrace", "bench", "lat"], "latency"),
        (&["millrace", "consume", "--until"], "--until-end"),
    ] {
        let ask = format!(
            "{}\nCOMP_WORDS=({}); COMP_CWORD={}\n_millrace millrace {} {}\necho \"${{COMPREPLY[@]}}\"",
            script("bash"),
            typed.join(" "),
            typed.len() - 1,
            typed[typed.len() - 1],
            typed[typed.len() - 2],
        );
        let output = Command::new("bash").args(["-c", &ask]).output();
        let output = output.expect("bash starts");
        let reply = String::from_utf8(output.stdout).expect("text");
        assert_eq!(reply.trim(), expected, "{typed:?}");
    }
}
