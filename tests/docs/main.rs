//! Every command of README and docs does what its page says: run in order, page by page, in a copy of the tree
//! with an empty home directory. What needs a Kubernetes cluster is run by the part `kubernetes`.

mod copy;
mod surroundings;

use anyhow::{Context, Result, ensure};
use millrace_tests::pages::{Session, Step, steps};

use surroundings::Surroundings;

/// `MILLRACE_DOCS_PAGE=NAME` runs the pages whose path contains it.
const ONE_PAGE: &str = "MILLRACE_DOCS_PAGE";

/// Whether this test runs a block: not what others hold, nor what needs a Kubernetes.
fn is_ours(step: &Step) -> bool {
    !step.block.attributes.contains_key("held") && !step.block.needs().contains(&"kubernetes")
}

/// The blocks that were run, or what the first one that failed said.
fn run(path: &str, steps: &[Step], surroundings: &Surroundings) -> Result<usize> {
    let mut session = Session::begin(&surroundings.place)?;
    let mut provided = Vec::new();
    let mut run = 0;
    for step in steps {
        let line = step.block.line;
        let needs = step.block.needs();
        if let Some(lacking) = surroundings.lacking(&needs) {
            surroundings::skip(&format!("{path}:{line}: no {lacking} on this machine"))?;
            continue;
        }
        surroundings
            .provide(&mut session, &needs, &mut provided)
            .and_then(|()| session.run(step))
            .with_context(|| format!("{path}:{line}:\n{}", step.block.text))?;
        run += 1;
    }
    session.end().with_context(|| path.to_owned())?;
    Ok(run)
}

#[test]
fn every_command_of_the_pages_does_what_its_page_says() -> Result<()> {
    let surroundings = Surroundings::new()?;
    let one = std::env::var(ONE_PAGE).unwrap_or_default();
    let mut failures = Vec::new();
    let mut blocks = 0;
    for (path, text) in copy::pages()? {
        let steps: Vec<Step> = steps(&text).into_iter().filter(is_ours).collect();
        if steps.is_empty() || !path.contains(&one) {
            continue;
        }
        surroundings.renew()?;
        match run(&path, &steps, &surroundings) {
            Ok(run) => blocks += run,
            Err(error) => failures.push(format!("{error:#}")),
        }
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n\n"));
    ensure!(blocks > 0, "no page has a command");
    Ok(())
}
