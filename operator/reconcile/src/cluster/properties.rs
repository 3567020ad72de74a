//! Properties that brokers take while they run: altered for all of them at once, and taken back when
//! the spec no longer has them.

use std::collections::BTreeSet;

use millrace_admin::{Admin, BrokerScope, ConfigChange};
use millrace_model::Cluster;
use millrace_plan::configs::{NeedsRestart, plan_configs};
use millrace_types::NodeId;

use crate::cluster::fleet::{Answers, counted, told};
use crate::context::Context;
use crate::error::ReconcileError;

/// What altering came to.
#[derive(Debug, Default)]
pub(crate) struct Altered {
    /// Keys to remember as the operator's own.
    pub(crate) ours: BTreeSet<String>,
    /// Properties a broker has from its file and would keep until it restarts.
    pub(crate) removed: Vec<(NodeId, String)>,
    /// For the user.
    pub(crate) warnings: Vec<String>,
}

/// Alters what differs, first for all brokers, then on those that hide it.
pub(crate) async fn alter(
    context: &Context,
    admin: &dyn Admin,
    cluster: &Cluster,
    answers: &Answers,
    ours: &BTreeSet<String>,
) -> Result<Altered, ReconcileError> {
    let mut altered = Altered {
        ours: ours.clone(),
        ..Altered::default()
    };
    let mut for_all = BTreeSet::new();
    for (&broker, configs) in &answers.configs {
        let plan = plan_configs(&cluster.properties, &told(configs), ours);
        let set = plan.set.iter().map(|(name, value)| ConfigChange::Set {
            name: name.as_str().into(),
            value: value.as_str().into(),
        });
        for_all.extend(set.chain(plan.reset.iter().map(|name| delete(name))));
        let here: Vec<ConfigChange> = plan.reset_here.iter().map(|name| delete(name)).collect();
        if !here.is_empty() {
            let answer = admin
                .alter_broker_configs(BrokerScope::One(broker), &here)
                .await;
            counted(context, "alter_configs", answer)?;
        }
        for needs in plan.restart {
            if let NeedsRestart::Removed { key } = needs {
                altered
                    .removed
                    .push((broker, format!("the property {key} was removed")));
            }
        }
        for key in plan.unknown {
            altered
                .warnings
                .push(format!("spec.config: broker {broker} does not know {key}"));
        }
        altered.ours = plan.ours;
    }
    altered.warnings.sort();
    altered.warnings.dedup();
    if !for_all.is_empty() {
        let changes: Vec<ConfigChange> = for_all.into_iter().collect();
        let answer = admin.alter_broker_configs(BrokerScope::All, &changes).await;
        counted(context, "alter_configs", answer)?;
        tracing::info!(cluster = %cluster.key, ?changes, "properties changed while brokers run");
    }
    Ok(altered)
}

fn delete(name: &str) -> ConfigChange {
    ConfigChange::Delete { name: name.into() }
}
