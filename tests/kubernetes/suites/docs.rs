//! Every Kubernetes command of README and docs does what its page says: page by page on one cluster, which the
//! first page sets up and the last one clears. Images are those that the pages would have built.

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use millrace_kubernetes_tests::{Cluster, Lab, scenario};
use millrace_tests::built;
use millrace_tests::pages::{Place, Session, Step, steps};
use millrace_tests::tree::root;

/// In the order of a reader: what one sets up is there for the next.
const PAGES: &[&str] = &[
    "README.md",
    "docs/install.md",
    "docs/configure.md",
    "docs/monitor.md",
    "docs/clients.md",
    "docs/troubleshoot.md",
    "docs/operate.md",
];

/// As the charts name them; the version is that of the charts.
const IMAGES: &[(&str, &str)] = &[
    ("operator", "millrace-operator"),
    ("broker", "millrace-broker"),
];
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whatever the pages, or a run that failed, left.
const CLEAR: &str = "
kubectl delete kafkatopics,kafkaclusters --all --all-namespaces --timeout=90s || true
helm uninstall millrace --namespace millrace-system --wait || true
for namespace in default millrace-system; do helm uninstall millrace-crds --namespace $namespace || true; done
kubectl delete crd kafkatopics.millrace.dev kafkaclusters.millrace.dev --ignore-not-found --timeout=60s
kubectl delete persistentvolumeclaims --all --namespace default --timeout=60s
";
const CLEAR_WITHIN: u64 = 400;

fn of_kubernetes(path: &Path) -> Result<Vec<Step>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let steps = steps(&text).into_iter();
    Ok(steps
        .filter(|step| step.block.needs().contains(&"kubernetes"))
        .collect())
}

/// A page that is not in the order would not be run.
fn no_page_is_forgotten() -> Result<()> {
    for entry in fs::read_dir(root().join("docs"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let name = format!("docs/{}", path.file_name().unwrap_or_default().display());
        ensure!(
            PAGES.contains(&name.as_str()) || of_kubernetes(&path)?.is_empty(),
            "{name} is not in the order"
        );
    }
    Ok(())
}

/// The programs that pages call: the lab's own, and ours.
fn programs(lab: &Lab, folder: &Path) -> Result<()> {
    for name in ["kubectl", "helm"] {
        symlink(lab.binaries().program(name), folder.join(name))?;
    }
    symlink(built::program("millrace")?, folder.join("millrace"))?;
    Ok(())
}

fn load_images(cluster: &Cluster) -> Result<()> {
    for (name, program) in IMAGES {
        // The registry that an image without one belongs to.
        let image = format!("docker.io/millrace/{name}:{VERSION}");
        cluster.load_program(&image, &built::program(program)?)?;
    }
    Ok(())
}

fn run(path: &str, place: &Place) -> Result<()> {
    let mut session = Session::begin(place)?;
    for step in of_kubernetes(&root().join(path))? {
        let (line, text) = (step.block.line, &step.block.text);
        session
            .run(&step)
            .with_context(|| format!("{path}:{line}:\n{text}"))?;
    }
    session.end()
}

#[test]
fn every_kubernetes_command_of_the_pages_does_what_its_page_says() -> Result<()> {
    no_page_is_forgotten()?;
    // The tests of the operator install another one under the same name.
    let turn = File::create(env::temp_dir().join("millrace-operator-tests.lock"))?;
    turn.lock()?;
    scenario("docs", |cluster, _| {
        let folder = tempfile::tempdir()?;
        programs(cluster.lab()?, folder.path())?;
        let kubeconfig = cluster.kubeconfig().display().to_string();
        let place = Place {
            tree: root(),
            programs: folder.path().to_owned(),
            environment: vec![("KUBECONFIG".to_owned(), kubeconfig)],
            alone: false,
        };
        load_images(cluster)?;
        let clear = || Session::begin(&place)?.finish(CLEAR, CLEAR_WITHIN);
        clear().context("before the pages")?;
        let outcome = PAGES.iter().try_for_each(|path| run(path, &place));
        let cleared = clear().context("after the pages");
        outcome.and(cleared.map(drop))
    })
}
