//! What is refused, why, and what to write instead: the rules of a schema and the committed examples that break
//! them. An example's first line is part of what the API server says, its second line is the fix.

use std::fs;
use std::path::Path;

use serde_json::Value;

const INTRODUCTION: &str = "
## What is refused

Checked by the API server at `kubectl apply`. Every row is an example that a test has refused by a real API server.

| field | refused with | write instead | example |
|---|---|---|---|
";

struct Rule {
    /// Several fields may have one rule.
    fields: Vec<String>,
    message: String,
}

struct Example {
    name: String,
    reason: String,
    fix: String,
}

pub(crate) fn section(schema: &Value, examples: &str) -> String {
    let mut rules = Vec::new();
    add_rules("", schema, &mut rules);
    let examples = read(examples);
    let mut section = INTRODUCTION.to_owned();
    for rule in &rules {
        let broken: Vec<&Example> = examples
            .iter()
            .filter(|example| rule.is_of(example))
            .collect();
        assert!(
            !broken.is_empty(),
            "no example breaks {:?}: {}",
            rule.fields,
            rule.message
        );
        for example in broken {
            section.push_str(&row(
                &rule.fields,
                &rule.message.replace('*', "\\*"),
                example,
            ));
        }
    }
    for example in &examples {
        let rules = rules.iter().filter(|rule| rule.is_of(example)).count();
        assert!(
            rules <= 1,
            "{}: which rule is {}?",
            example.name,
            example.reason
        );
        if rules == 0 {
            section.push_str(&row(&[], &format!("`{}`", example.reason), example));
        }
    }
    section
}

impl Rule {
    fn is_of(&self, example: &Example) -> bool {
        self.message.contains(&example.reason)
    }
}

fn row(fields: &[String], message: &str, example: &Example) -> String {
    let fields = fields.iter().filter(|field| !field.is_empty());
    let fields: Vec<String> = fields.map(|field| format!("`{field}`")).collect();
    let field = fields.join(", ");
    let (name, fix) = (&example.name, &example.fix);
    format!("| {field} | {message} | {fix} | [{name}](../../crds/examples/invalid/{name}.yaml) |\n")
}

fn add_rules(path: &str, schema: &Value, rules: &mut Vec<Rule>) {
    for rule in schema["x-kubernetes-validations"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let below = rule["fieldPath"].as_str().unwrap_or_default();
        let message = rule["message"].as_str().unwrap_or_default();
        let field = format!("{path}{below}").trim_start_matches('.').to_owned();
        match rules.iter_mut().find(|rule| rule.message == message) {
            Some(rule) => rule.fields.push(field),
            None => rules.push(Rule {
                fields: vec![field],
                message: message.to_owned(),
            }),
        }
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        add_rules(&format!("{path}.{name}"), field, rules);
    }
    if let Some(items) = schema.get("items") {
        add_rules(&format!("{path}[]"), items, rules);
    }
}

fn read(prefix: &str) -> Vec<Example> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/invalid");
    let mut examples: Vec<Example> = fs::read_dir(&folder)
        .expect("examples")
        .map(|entry| entry.expect("an entry").path())
        .filter_map(|path| {
            let name = path.file_stem()?.to_str()?.to_owned();
            let text = fs::read_to_string(&path).expect("an example is readable");
            let mut lines = text.lines().filter_map(|line| line.strip_prefix("# "));
            let reason = lines.next()?.to_owned();
            let fix = lines.next().and_then(|line| line.strip_prefix("fix: "));
            assert!(fix.is_some(), "{name}: no fix in its second line");
            let fix = fix?.to_owned();
            name.starts_with(prefix).then(|| Example {
                name: name.clone(),
                reason,
                fix,
            })
        })
        .collect();
    examples.sort_by(|one, other| one.name.cmp(&other.name));
    examples
}
