//! Server-side apply: who owns what, who is in whose way.

use anyhow::{Result, ensure};
use http::Method;
use serde_json::{Value, json};

use crate::answer::{owners, owners_by_name, same};
use crate::ground::Ground;
use crate::specimens::{map, map_of};

pub(super) async fn an_applier_owns_what_it_names(ground: Ground) -> Result<()> {
    let mut asked = map_of("a", json!({"k": "1", "l": "2"}));
    asked["metadata"]["labels"] = json!({"a": "b"});
    asked["metadata"]["finalizers"] = json!([]);
    let answer = ground.apply("one", "configmaps/a", &asked).await?;
    let made = answer.with_code(201)?;
    let fields = json!({"f:data": {"f:k": {}, "f:l": {}}, "f:metadata": {"f:labels": {"f:a": {}}}});
    same("owners", &owners(&made), &json!([["Apply one", fields]]))?;
    ensure!(
        made["metadata"]["managedFields"][0]["time"].is_string(),
        "{made}"
    );
    let again = ground
        .apply("one", "configmaps/a", &asked)
        .await?
        .with_code(200)?;
    same("again", &again, &made)
}

pub(super) async fn what_is_applied_no_more_goes(ground: Ground) -> Result<()> {
    let mut asked = map_of("a", json!({"k": "1", "l": "2"}));
    asked["metadata"]["annotations"] = json!({"a": "b"});
    ground.apply("one", "configmaps/a", &asked).await?.done()?;
    let theirs = json!({"data": {"m": "3"}});
    ground
        .patch("merge", "configmaps/a", &theirs)
        .await?
        .done()?;
    let less = map_of("a", json!({"k": "1"}));
    let found = ground.apply("one", "configmaps/a", &less).await?.done()?;
    same("data", &found["data"], &json!({"k": "1", "m": "3"}))?;
    same(
        "annotations",
        &found["metadata"]["annotations"],
        &Value::Null,
    )?;
    let nothing = map("a");
    let found = ground
        .apply("one", "configmaps/a", &nothing)
        .await?
        .done()?;
    same("data", &found["data"], &json!({"m": "3"}))?;
    same(
        "owners",
        &owners(&found),
        &json!([["Update conformance", {"f:data": {"f:m": {}}}]]),
    )
}

pub(super) async fn another_value_conflicts_unless_forced(ground: Ground) -> Result<()> {
    ground
        .apply(
            "one",
            "configmaps/a",
            &map_of("a", json!({"k": "1", "l": "1"})),
        )
        .await?
        .done()?;
    let other = map_of("a", json!({"k": "2"}));
    let refused = ground
        .apply("two", "configmaps/a", &other)
        .await?
        .refused(409, "Conflict")?;
    let cause = json!([{"reason": "FieldManagerConflict", "message": "conflict with \"one\"", "field": ".data.k"}]);
    same("causes", &refused["details"]["causes"], &cause)?;
    let message = "Apply failed with 1 conflict: conflict with \"one\": .data.k";
    same("message", &refused["message"], &message.into())?;
    let forced = ground.force("two", "configmaps/a", &other).await?.done()?;
    same("data", &forced["data"], &json!({"k": "2", "l": "1"}))?;
    let expected =
        json!([["Apply one", {"f:data": {"f:l": {}}}], ["Apply two", {"f:data": {"f:k": {}}}]]);
    same("owners", &owners(&forced), &expected)?;
    let both = map_of("a", json!({"k": "3", "l": "3"}));
    let refused = ground
        .apply("three", "configmaps/a", &both)
        .await?
        .refused(409, "Conflict")?;
    let message = "Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.l\nconflicts with \"two\":\n- .data.k";
    same("message", &refused["message"], &message.into())
}

pub(super) async fn the_same_value_is_shared(ground: Ground) -> Result<()> {
    let asked = map_of("a", json!({"k": "1"}));
    ground.apply("one", "configmaps/a", &asked).await?.done()?;
    let shared = ground.apply("two", "configmaps/a", &asked).await?.done()?;
    let fields = json!({"f:data": {"f:k": {}}});
    same(
        "owners",
        &owners_by_name(&shared),
        &json!([["Apply one", fields], ["Apply two", fields]]),
    )?;
    let none = map("a");
    let left = ground.apply("one", "configmaps/a", &none).await?.done()?;
    same("data", &left["data"], &json!({"k": "1"}))?;
    same("owners", &owners(&left), &json!([["Apply two", fields]]))
}

pub(super) async fn an_update_takes_fields_from_appliers(ground: Ground) -> Result<()> {
    ground
        .apply(
            "one",
            "configmaps/a",
            &map_of("a", json!({"k": "1", "l": "1"})),
        )
        .await?
        .done()?;
    let taken = json!({"data": {"k": "2"}});
    let taken = ground
        .patch("merge", "configmaps/a?fieldManager=user", &taken)
        .await?
        .done()?;
    let expected =
        json!([["Apply one", {"f:data": {"f:l": {}}}], ["Update user", {"f:data": {"f:k": {}}}]]);
    same("owners", &owners(&taken), &expected)?;
    let asked = map_of("a", json!({"k": "1", "l": "1"}));
    let refused = ground
        .apply("one", "configmaps/a", &asked)
        .await?
        .refused(409, "Conflict")?;
    let cause = json!([{"reason": "FieldManagerConflict", "message": "conflict with \"user\" using v1", "field": ".data.k"}]);
    same("causes", &refused["details"]["causes"], &cause)?;
    let back = ground.force("one", "configmaps/a", &asked).await?.done()?;
    let fields = json!({"f:data": {"f:k": {}, "f:l": {}}});
    same("owners", &owners(&back), &json!([["Apply one", fields]]))
}

pub(super) async fn what_is_applied_again_is_not_written(ground: Ground) -> Result<()> {
    let asked = map_of("a", json!({"k": "1"}));
    let made = ground.apply("one", "configmaps/a", &asked).await?.done()?;
    let forced = ground.force("one", "configmaps/a", &asked).await?.done()?;
    same("forced", &forced, &made)?;
    let tried = ground
        .ask(
            Method::PATCH,
            "configmaps/a?fieldManager=one&dryRun=All",
            "application/apply-patch+yaml",
            &map_of("a", json!({"k": "2"})),
        )
        .await?
        .done()?;
    same("tried", &tried["data"], &json!({"k": "2"}))?;
    same("stored", &ground.get("configmaps/a").await?.done()?, &made)
}

pub(super) async fn managers_can_be_reset(ground: Ground) -> Result<()> {
    ground
        .apply("one", "configmaps/a", &map_of("a", json!({"k": "1"})))
        .await?
        .done()?;
    let reset = json!([{"op": "replace", "path": "/metadata/managedFields", "value": [{}]}]);
    let bare = ground.patch("json", "configmaps/a", &reset).await?.done()?;
    same("owners", &owners(&bare), &json!([]))?;
    let other = ground
        .apply("two", "configmaps/a", &map_of("a", json!({"k": "2"})))
        .await?
        .refused(409, "Conflict")?;
    let cause = json!([{"reason": "FieldManagerConflict",
        "message": "conflict with \"before-first-apply\" using v1", "field": ".data.k"}]);
    same("causes", &other["details"]["causes"], &cause)
}

pub(super) async fn an_apply_says_who_and_what(ground: Ground) -> Result<()> {
    let media = "application/apply-patch+yaml";
    let asked = map("a");
    let nameless = ground
        .ask(Method::PATCH, "configmaps/a", media, &asked)
        .await?;
    nameless.with_code(422)?;
    let mut odd = asked.clone();
    odd["metadata"]["managedFields"] = json!([]);
    ground
        .apply("one", "configmaps/a", &odd)
        .await?
        .refused(400, "BadRequest")?;
    let kindless = json!({"metadata": {"name": "a"}});
    ensure!(
        ground.apply("one", "configmaps/a", &kindless).await?.code >= 400,
        "without a kind"
    );
    let mut other = asked.clone();
    other["metadata"]["name"] = "b".into();
    ground
        .apply("one", "configmaps/a", &other)
        .await?
        .refused(400, "BadRequest")?;
    let mut sure = asked.clone();
    sure["metadata"]["uid"] = "00000000-0000-0000-0000-000000000001".into();
    ground
        .apply("one", "configmaps/a", &sure)
        .await?
        .refused(409, "Conflict")?;
    let mut versioned = asked.clone();
    ground.apply("one", "configmaps/a", &asked).await?.done()?;
    versioned["metadata"]["resourceVersion"] = "1".into();
    ground
        .apply("one", "configmaps/a", &versioned)
        .await?
        .refused(409, "Conflict")?;
    Ok(())
}
