//! Fields of which a record has only one: a volume is of one kind, a variable has a value or says where it comes from.

use super::table::Table;
use super::{Api, whole};
use std::sync::LazyLock;

static ALTERNATIVES: LazyLock<Table> = LazyLock::new(|| Table::new(include_str!("data/alternatives.txt")));

impl Api {
    /// The fields that the API server refuses beside this one; of a type, by its full name, or its partial one.
    pub fn alternatives(&self, definition: &str, field: &str) -> impl Iterator<Item = &'static str> + use<> {
        let groups = ALTERNATIVES.find(&[whole(definition)]).map(|(_, fields)| fields);
        let one = groups.filter(|fields| fields.split('|').any(|known| known == field));
        let field = field.to_string();
        one.into_iter().flat_map(|fields| fields.split('|')).filter(move |other| *other != field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alternative_is_a_field() {
        let api = Api::kubernetes();
        for (definition, fields) in ALTERNATIVES.starting_with("io.").filter_map(|line| line.split_once(' ')) {
            let definition = api.definition(&format!("io.{definition}")).expect("the type is known");
            for field in fields.split('|') {
                assert!(definition.field(field).is_some(), "{field} of {}", definition.name);
            }
        }
    }

    #[test]
    fn one_field_excludes_the_others_of_its_group() {
        let of = |name: &str, field: &str| -> Vec<&str> {
            Api::kubernetes().alternatives(&format!("io.k8s.api.core.v1.{name}"), field).collect()
        };
        assert_eq!(of("Probe", "exec"), ["grpc", "httpGet", "tcpSocket"]);
        assert_eq!(of("Probe", "periodSeconds"), [""; 0]);
        assert_eq!(of("EnvVar", "value"), ["valueFrom"]);
        assert!(of("Volume", "name").is_empty());
        assert_eq!(of("Container", "image"), [""; 0]);
    }
}
