//! DeleteTopics, by name or by id.

use std::collections::HashMap;
use std::sync::Arc;

use millrace_types::{ErrorCode, Uuid};
use millrace_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use millrace_wire::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse};
use millrace_wire::records::metadata::remove_topic_record::RemoveTopicRecord;

use crate::control::context::Context;
use crate::control::decision::Decision;
use crate::image::topics::Topic;

/// From this version on, clients know the error for a broker that deletes no topics.
const DISABLED_ERROR_SINCE: i16 = 3;

/// Decides DeleteTopics. A topic that the request names twice stays.
pub fn delete_topics(
    context: Context<'_>,
    request: &DeleteTopicsRequest,
    version: i16,
) -> Decision<DeleteTopicsResponse> {
    let named = request.topic_names.iter().map(|name| DeleteTopicState {
        name: Some(Arc::clone(name)),
        topic_id: Uuid::ZERO,
    });
    let wishes: Vec<DeleteTopicState> = request.topics.iter().cloned().chain(named).collect();
    let enabled = context.broker_flag("delete.topic.enable");
    let found: Vec<_> = wishes.iter().map(|wish| find(context, wish)).collect();
    let mut times: HashMap<Uuid, usize> = HashMap::new();
    for topic in found.iter().flatten() {
        *times.entry(topic.id).or_default() += 1;
    }
    let mut records = Vec::new();
    let mut responses = Vec::new();
    for (wish, found) in wishes.iter().zip(found) {
        let outcome = match found {
            _ if !enabled && version < DISABLED_ERROR_SINCE => Err(ErrorCode::InvalidRequest),
            _ if !enabled => Err(ErrorCode::TopicDeletionDisabled),
            Ok(topic) if times[&topic.id] > 1 => Err(ErrorCode::InvalidRequest),
            found => found,
        };
        responses.push(match outcome {
            Ok(topic) => {
                records.push(RemoveTopicRecord { topic_id: topic.id }.into());
                result(Some(&topic.name), topic.id, ErrorCode::None)
            }
            Err(error) => result(wish.name.as_ref(), wish.topic_id, error),
        });
    }
    Decision {
        records,
        response: DeleteTopicsResponse {
            responses,
            ..DeleteTopicsResponse::default()
        },
    }
}

fn find<'a>(context: Context<'a>, wish: &DeleteTopicState) -> Result<&'a Arc<Topic>, ErrorCode> {
    let topics = &context.image.topics;
    match (&wish.name, wish.topic_id) {
        (Some(name), Uuid::ZERO) => topics.get(name).ok_or(ErrorCode::UnknownTopicOrPartition),
        (None, id) if id != Uuid::ZERO => topics.get_by_id(id).ok_or(ErrorCode::UnknownTopicId),
        _ => Err(ErrorCode::InvalidRequest),
    }
}

fn result(name: Option<&Arc<str>>, topic_id: Uuid, error: ErrorCode) -> DeletableTopicResult {
    let message = match error {
        ErrorCode::None => None,
        ErrorCode::InvalidRequest => {
            Some("The topic is named twice, or by neither its name nor its id, or by both.".into())
        }
        ErrorCode::TopicDeletionDisabled => Some("Topic deletion is disabled.".into()),
        _ => Some("This server does not host this topic.".into()),
    };
    DeletableTopicResult {
        name: name.cloned(),
        topic_id,
        error_code: error.code(),
        error_message: message,
    }
}
