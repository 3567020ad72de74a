//! Names that lead to pods, as a cluster's DNS has them: `SERVICE.NAMESPACE.svc.DOMAIN` is any pod that
//! the Service selects. Nobody outside this process knows them.

use std::io;
use std::time::Duration;

use futures::future::BoxFuture;
use millrace_client::{PlainTcp, Stream, Transport};
use millrace_local::LocalApi;
use tokio::time::timeout;

use crate::json::{holds, is_going};

/// How long a pod may take to become ready before any other one is tried.
const READY_PATIENCE: Duration = Duration::from_secs(2);

/// Connects to pods by the names of Services, and to anything else as usual.
#[derive(Clone)]
pub struct Names {
    api: LocalApi,
}

impl Names {
    #[must_use]
    pub const fn new(api: LocalApi) -> Self {
        Self { api }
    }

    /// The address of a pod of the Service that a name stands for. Whoever asks while a pod starts
    /// gets an answer the moment that it is ready.
    async fn resolve(&self, service: &str, namespace: &str) -> io::Result<String> {
        let mut newest = self.api.newest();
        let ready = async {
            loop {
                newest.mark_unchanged();
                if let Some(address) = self.pod(service, namespace, true) {
                    return address;
                }
                newest.changed().await;
            }
        };
        let ready = timeout(READY_PATIENCE, ready).await.ok();
        let any = ready.or_else(|| self.pod(service, namespace, false));
        any.ok_or_else(|| {
            let message = format!("Service {namespace}/{service} has no pod with an address");
            io::Error::new(io::ErrorKind::AddrNotAvailable, message)
        })
    }

    fn pod(&self, service: &str, namespace: &str, ready: bool) -> Option<String> {
        let service = self.api.object("Service", namespace, service)?;
        let selector = service["spec"]["selector"].as_object()?;
        let pods = self.api.objects("Pod");
        let mut found = pods.iter().filter(|pod| {
            let labels = &pod["metadata"]["labels"];
            pod["metadata"]["namespace"] == namespace
                && selector
                    .iter()
                    .all(|(key, value)| labels.get(key) == Some(value))
                && (!ready || (holds(pod, "Ready") && !is_going(pod)))
        });
        let address = found.find_map(|pod| pod["status"]["podIP"].as_str());
        address.map(str::to_owned)
    }
}

/// Service and namespace of a name; `None` for any other host.
fn parts(host: &str) -> Option<(&str, &str)> {
    let mut labels = host.split('.');
    let (service, namespace) = (labels.next()?, labels.next()?);
    (labels.next() == Some("svc")).then_some((service, namespace))
}

impl Transport for Names {
    fn connect<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            match parts(host) {
                None => PlainTcp.connect(host, port).await,
                Some((service, namespace)) => {
                    let address = self.resolve(service, namespace).await?;
                    PlainTcp.connect(&address, port).await
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;
    use crate::json::text;

    fn pod(name: &str, address: &str, ready: &str) -> Value {
        json!({"kind": "Pod", "metadata": {"name": name, "namespace": "n", "labels": {"app": "web"}},
            "status": {"podIP": address, "conditions": [{"type": "Ready", "status": ready}]}})
    }

    fn add(api: &LocalApi, object: Value) {
        let (kind, status) = (object["kind"].clone(), object["status"].clone());
        let name = text(&object["metadata"]["name"]).to_owned();
        api.create(object).expect("a new object");
        api.edit(text(&kind), "n", &name, |object| object["status"] = status)
            .expect("it is there");
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_leads_to_a_pod_that_is_ready_as_soon_as_there_is_one() {
        let api = LocalApi::new(Timestamp::UNIX_EPOCH);
        let names = Names::new(api.clone());
        assert!(names.resolve("webs", "n").await.is_err());
        add(
            &api,
            json!({"kind": "Service", "metadata": {"name": "webs", "namespace": "n"},
            "spec": {"selector": {"app": "web"}}}),
        );
        add(&api, pod("web-0", "127.0.0.1", "False"));
        assert_eq!(
            names.resolve("webs", "n").await.expect("a pod"),
            "127.0.0.1"
        );
        let (resolved, ()) = tokio::join!(names.resolve("webs", "n"), async {
            add(&api, pod("web-1", "127.0.0.2", "True"));
        });
        assert_eq!(resolved.expect("a pod"), "127.0.0.2");
    }

    #[test]
    fn only_names_of_services_are_looked_up() {
        assert_eq!(parts("webs.n.svc.loopback"), Some(("webs", "n")));
        for host in ["127.0.0.1", "localhost", "kafka.example.com", "::1"] {
            assert_eq!(parts(host), None, "{host}");
        }
    }
}
