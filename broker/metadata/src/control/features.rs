//! Features: what this version can serve, and the levels that the fleet agrees on. A level counts
//! once every registered broker serves it.

use std::sync::Arc;

use millrace_types::ErrorCode;
use millrace_wire::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};
use millrace_wire::messages::update_features_response::{
    UpdatableFeatureResult, UpdateFeaturesResponse,
};
use millrace_wire::records::metadata::feature_level_record::FeatureLevelRecord;

use crate::control::context::Context;
use crate::control::decision::{Decision, Refusal};
use crate::control::leaders::{unsettled, with_consequences};
use crate::image::brokers::LevelRange;
use crate::image::features::ELR_FEATURE;
use crate::record::MetadataRecord;

/// A feature of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    pub name: &'static str,
    pub levels: LevelRange,
    /// The level of a new fleet.
    pub initial: i16,
}

const fn feature(name: &'static str, min: i16, max: i16, initial: i16) -> Feature {
    Feature {
        name,
        levels: LevelRange { min, max },
        initial,
    }
}

/// Only what is served is listed: a client takes a level for a promise.
/// Named and numbered as Kafka does. Metadata version 25 is Kafka 4.0, 29 is Kafka 4.2; nothing in
/// the log's formats changed between them.
pub const FEATURES: [Feature; 2] = [
    feature(ELR_FEATURE, 0, 1, 0),
    feature("metadata.version", 25, 29, 29),
];

/// How an update is meant: kinds between these two lower a level.
const UPGRADE: i8 = 1;
const UNSAFE_DOWNGRADE: i8 = 3;
/// From this version on, a response has one error for all updates.
const ONE_ERROR_SINCE: i16 = 2;

/// The first records of a new fleet.
pub fn initial_features() -> impl Iterator<Item = MetadataRecord> {
    let on = FEATURES.iter().filter(|feature| feature.initial > 0);
    on.map(|feature| level_record(&feature.name.into(), feature.initial))
}

/// Decides UpdateFeatures: all of the updates or none.
pub fn update_features(
    context: Context<'_>,
    request: &UpdateFeaturesRequest,
    version: i16,
) -> Decision<UpdateFeaturesResponse> {
    let updates = &request.feature_updates;
    let checked = updates
        .iter()
        .try_for_each(|update| check(context, update, version));
    let (error_code, error_message) = Refusal::reply(checked.as_ref().err());
    let results = updates.iter().map(|update| UpdatableFeatureResult {
        feature: Arc::clone(&update.feature),
        error_code,
        error_message: error_message.clone(),
    });
    let response = UpdateFeaturesResponse {
        error_code,
        error_message: error_message.clone(),
        results: if version < ONE_ERROR_SINCE {
            results.collect()
        } else {
            Vec::new()
        },
        ..UpdateFeaturesResponse::default()
    };
    if checked.is_err() || request.validate_only {
        return Decision::answer(response);
    }
    let records = updates
        .iter()
        .map(|update| level_record(&update.feature, update.max_version_level));
    Decision {
        records: with_consequences(context, records.collect(), unsettled),
        response,
    }
}

fn check(context: Context<'_>, update: &FeatureUpdateKey, version: i16) -> Result<(), Refusal> {
    let (name, level) = (&update.feature, update.max_version_level);
    let refuse = |reason: String| {
        let message = format!("Invalid update version {level} for feature {name}. {reason}");
        Err(Refusal::new(ErrorCode::InvalidUpdateVersion, message))
    };
    let Some(feature) = FEATURES.iter().find(|feature| feature.name == &**name) else {
        return refuse("The controller does not support this feature.".to_owned());
    };
    let LevelRange { min, max } = feature.levels;
    if !feature.levels.contains(level) {
        return refuse(format!("The controller only supports versions {min}-{max}"));
    }
    let unable = context.image.brokers.iter().find(|broker| {
        let serves = broker
            .features
            .get(name)
            .is_some_and(|range| range.contains(level));
        level > 0 && !serves
    });
    if let Some(broker) = unable {
        return refuse(format!(
            "Broker {} does not support this version.",
            broker.id
        ));
    }
    let current = context.image.features.level(name);
    let upgrade = match version {
        0 => !update.allow_downgrade,
        _ => update.upgrade_type == UPGRADE,
    };
    if version > 0 && !(UPGRADE..=UNSAFE_DOWNGRADE).contains(&update.upgrade_type) {
        return refuse("The controller does not support the given upgrade type.".to_owned());
    }
    if level < current && upgrade {
        return refuse(
            "Can't downgrade the version of this feature without setting the upgrade type to \
             either safe or unsafe downgrade."
                .to_owned(),
        );
    }
    if level > current && !upgrade && version > 0 {
        return refuse("Can't downgrade to a newer version.".to_owned());
    }
    if feature.name == ELR_FEATURE && level < current && anyone_eligible(context) {
        return refuse("Partitions without a leader depend on eligible replicas.".to_owned());
    }
    Ok(())
}

/// Whether a partition has nobody in sync, so that only what this feature remembers can save it.
fn anyone_eligible(context: Context<'_>) -> bool {
    let mut partitions = context
        .image
        .topics
        .iter()
        .flat_map(|topic| &topic.partitions);
    partitions.any(|partition| partition.isr.is_empty())
}

fn level_record(name: &Arc<str>, level: i16) -> MetadataRecord {
    let record = FeatureLevelRecord {
        name: Arc::clone(name),
        feature_level: level,
    };
    record.into()
}
