//! Kafka's names in Rust's spelling.

const KEYWORDS: &[&str] = &[
    "type", "match", "ref", "struct", "move", "where", "in", "loop",
];

/// `ThrottleTimeMs` → `throttle_time_ms`, `ISR` → `isr`, `KRaftVersion` → `kraft_version`.
pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.replace("KRaft", "Kraft").chars().collect();
    let mut out = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        let after_lower = at > 0 && !letters[at - 1].is_uppercase();
        let before_lower = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && at > 0 && (after_lower || before_lower) {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// A field's name in Rust.
pub(crate) fn field(name: &str) -> String {
    let snake = snake(name);
    if KEYWORDS.contains(&snake.as_str()) {
        format!("r#{snake}")
    } else {
        snake
    }
}

#[test]
fn words_are_found_in_every_spelling() {
    let cases = [
        ("ThrottleTimeMs", "throttle_time_ms"),
        ("groupInstanceId", "group_instance_id"),
        ("ISR", "isr"),
        ("KRaftVersionFeature", "kraft_version_feature"),
        ("LastKnownElr", "last_known_elr"),
        ("Type", "type"),
    ];
    for (name, expected) in cases {
        assert_eq!(snake(name), expected);
    }
    assert_eq!(field("Type"), "r#type");
}
