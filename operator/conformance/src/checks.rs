//! The checks, by what they are about.

mod applying;
mod creating;
mod custom;
mod deleting;
mod events;
mod listing;
mod merging;
mod parts;
mod patching;
mod refusing;
mod watching;
mod writing;

use futures::FutureExt;

use crate::Check;

macro_rules! all {
    ($($module:ident::$name:ident,)*) => {
        vec![$(Check {
            name: concat!(stringify!($module), "::", stringify!($name)),
            run: |ground| $module::$name(ground).boxed(),
        },)*]
    };
}

pub(crate) fn all() -> Vec<Check> {
    all![
        creating::a_new_object_gets_what_the_server_gives,
        creating::a_name_is_generated,
        creating::an_object_is_created_once,
        creating::unknown_fields_are_told_refused_or_dropped,
        creating::what_is_left_out_of_a_set_is_set,
        creating::what_is_left_out_of_services_and_policies_is_set,
        writing::a_stale_write_conflicts,
        writing::a_write_that_changes_nothing_leaves_no_trace,
        writing::generations_count_specs,
        writing::what_is_only_tried_is_not_stored,
        writing::some_fields_stay_as_they_were_created,
        patching::patches_of_every_kind_change_what_they_name,
        patching::a_strategic_patch_merges_lists_by_their_keys,
        patching::ports_are_merged_by_their_number,
        applying::an_applier_owns_what_it_names,
        applying::what_is_applied_no_more_goes,
        applying::another_value_conflicts_unless_forced,
        applying::the_same_value_is_shared,
        applying::an_update_takes_fields_from_appliers,
        applying::what_is_applied_again_is_not_written,
        applying::managers_can_be_reset,
        applying::an_apply_says_who_and_what,
        merging::items_of_keyed_lists_have_owners_of_their_own,
        merging::values_of_sets_have_owners_of_their_own,
        merging::an_applied_list_keeps_its_order,
        merging::atomic_values_are_owned_whole,
        merging::custom_resources_are_applied_by_their_schema,
        merging::a_status_is_applied_apart,
        parts::spec_and_status_are_written_apart,
        parts::a_scale_changes_replicas_alone,
        parts::a_topic_is_scaled_by_its_partitions,
        deleting::a_finalizer_holds_an_object,
        deleting::nothing_new_holds_what_is_going,
        deleting::preconditions_guard_a_deletion,
        deleting::dependents_go_after_their_owner,
        deleting::dependents_go_before_their_owner,
        deleting::orphans_stay,
        deleting::a_dependent_of_two_stays_with_one,
        deleting::a_collection_goes_by_its_labels,
        deleting::a_namespace_empties_itself,
        listing::pages_hold_the_list_as_it_was,
        listing::labels_and_fields_select,
        listing::versions_are_as_asked,
        listing::only_metadata_is_listed,
        watching::a_watch_begins_with_what_is_there,
        watching::a_watch_goes_on_after_a_version,
        watching::what_stops_matching_is_gone_for_who_selects,
        watching::initial_events_end_with_a_bookmark,
        watching::a_watch_from_the_past_has_expired,
        watching::a_watch_ends_in_time,
        events::an_event_is_seen_in_both_groups,
        custom::every_mistake_is_told_at_once,
        custom::defaults_are_set,
        custom::nulls_are_left_out,
        custom::what_stays_wrong_is_not_asked_about_again,
        custom::rules_compare_with_what_was,
        refusing::what_is_not_served_is_named,
        refusing::what_is_not_there_is_named,
        refusing::paths_and_bodies_must_agree,
        refusing::metadata_has_rules,
        refusing::values_have_types,
    ]
}
