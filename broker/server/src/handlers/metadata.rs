//! Metadata: who is in the fleet and who leads what. Makes topics that are asked for and missing,
//! where that is allowed.

use std::sync::Arc;

use millrace_metadata::control::topics::{auto_created, create_topics};
use millrace_metadata::query;
use millrace_types::is_internal_topic;
use millrace_wire::messages::create_topics_request::CreateTopicsRequest;
use millrace_wire::messages::metadata_request::MetadataRequest;
use millrace_wire::messages::metadata_response::MetadataResponse;

use crate::call::Call;

/// Before this version, a client cannot say that it wants nothing made.
const AUTO_CREATION_FLAG_SINCE: i16 = 4;

pub(crate) async fn handle(call: Call, request: MetadataRequest) -> MetadataResponse {
    let image = call.context.image();
    let wanted: Vec<_> = query::unknown_topics(&image, &request).cloned().collect();
    if wanted.is_empty() || !may_create(&call, &request) {
        return query::metadata(&image, &request, call.version, call.asker());
    }
    create(&call, wanted).await;
    query::metadata(&call.context.image(), &request, call.version, call.asker())
}

fn may_create(call: &Call, request: &MetadataRequest) -> bool {
    let asked = call.version < AUTO_CREATION_FLAG_SINCE || request.allow_auto_topic_creation;
    asked && call.context.config.load().topics.auto_create
}

/// Makes a topic of the fleet's own. Who needs it looks for it afterwards.
pub(super) async fn create_internal(call: &Call, name: &str) {
    make(call, vec![name.into()]).await;
}

/// Makes topics as a client would that has no wishes. Who asks is answered by what is there
/// afterwards, so a failure needs no words here.
async fn create(call: &Call, names: Vec<Arc<str>>) {
    let own = |name: &Arc<str>| !is_internal_topic(name);
    make(call, names.into_iter().filter(own).collect()).await;
}

async fn make(call: &Call, names: Vec<Arc<str>>) {
    let decided = call.context.controller.decide(move |context, entropy| {
        let topics = names
            .iter()
            .map(|name| auto_created(context, name))
            .collect();
        let request = CreateTopicsRequest {
            topics,
            ..CreateTopicsRequest::default()
        };
        create_topics(context, &request, entropy)
    });
    if let Err(error) = decided.await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "topics were not made"
        );
    }
}
