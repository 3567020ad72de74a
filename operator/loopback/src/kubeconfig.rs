//! The file that tells `kubectl` where the API is.

use std::net::SocketAddr;

/// What its cluster, user and context are called.
const NAME: &str = "millrace";

/// A kubeconfig with one context, for the API that listens on `server`.
#[must_use]
pub fn kubeconfig(server: SocketAddr) -> String {
    format!(
        "\
apiVersion: v1
kind: Config
clusters:
- name: {NAME}
  cluster:
    server: http://{server}
users:
- name: {NAME}
  user: {{}}
contexts:
- name: {NAME}
  context:
    cluster: {NAME}
    namespace: default
    user: {NAME}
current-context: {NAME}
"
    )
}

#[test]
fn kube_reads_it() {
    let server = SocketAddr::from(([127, 0, 0, 1], 6443));
    let read = kube::config::Kubeconfig::from_yaml(&kubeconfig(server)).unwrap();
    assert_eq!(read.current_context.as_deref(), Some(NAME));
    let cluster = read.clusters[0].cluster.as_ref().unwrap();
    assert_eq!(cluster.server.as_deref(), Some("http://127.0.0.1:6443"));
}
