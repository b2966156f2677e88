//! Who really applies, told from what is written in the objects.

use super::LiveObject;
use super::object::TRACKING;
use super::ownership::{FieldSet, Managed, Operation};

/// Managers of tools that apply what stands elsewhere, and what people call them. What another one applies to an object
/// is part of what some program in the cluster does.
const TOOLS: [(&str, &str); 8] = [
    ("argocd-controller", "argocd"),
    ("kustomize-controller", "flux"),
    ("flinkc", "flinkc"),
    ("helm-controller", "helm-controller"),
    ("helm", "helm"),
    ("timoni", "timoni"),
    ("tanka", "tanka"),
    ("kapp", "kapp"),
];
const KUBECTL: &str = "kubectl";
const KUBECTL_CLIENT: &str = "kubectl-client-side-apply";

/// Whoever applies, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Applier {
    /// The name that it writes into `managedFields`.
    pub manager: String,
    /// Whether the API server merges, or a copy of what was applied last decides.
    pub by_server: bool,
}

impl Applier {
    pub const ARGOCD: &str = "argocd-controller";
    pub const FLUX: &str = "kustomize-controller";

    /// What an object says of who applies it; none where it says nothing, or names several.
    pub fn of(object: &LiveObject) -> Option<Applier> {
        let own = |managed: &&Managed| managed.subresource.is_empty();
        let applies = |name: &str| {
            object.managers.iter().filter(own).any(|known| known.operation == Operation::Apply && known.manager == name)
        };
        let tools: Vec<&str> = TOOLS.iter().map(|(name, _)| *name).filter(|name| applies(name)).collect();
        match tools[..] {
            [manager] => return Some(Applier { manager: manager.to_owned(), by_server: true }),
            [] if applies(KUBECTL) => return Some(Applier { manager: KUBECTL.to_owned(), by_server: true }),
            [] => {}
            _ => return None,
        }
        object.last_applied.as_ref()?;
        let is_argocd = object.managers.iter().filter(own).any(|known| known.manager == Applier::ARGOCD);
        let manager = if is_argocd { Applier::ARGOCD } else { KUBECTL_CLIENT };
        Some(Applier { manager: manager.to_owned(), by_server: false })
    }

    /// The one of that name, for an object: by the name of the manager, or what people call it.
    pub fn named(name: &str, object: Option<&LiveObject>) -> Applier {
        let known = TOOLS.iter().find(|(_, called)| *called == name);
        let manager = known.map_or(name, |(manager, _)| manager);
        let applied = object.is_some_and(|object| {
            let mut managers = object.managers.iter();
            managers.any(|known| known.operation == Operation::Apply && known.manager == manager)
        });
        let is_by_client = matches!(manager, KUBECTL | KUBECTL_CLIENT | Applier::ARGOCD)
            && !applied
            && object.is_some_and(|object| object.last_applied.is_some());
        match (manager, is_by_client || manager == KUBECTL_CLIENT) {
            (KUBECTL, true) => Applier { manager: KUBECTL_CLIENT.to_owned(), by_server: false },
            (manager, by_client) => Applier { manager: manager.to_owned(), by_server: !by_client },
        }
    }

    /// Whether a field that another manager owns is taken over, or the apply refused.
    pub fn forces(&self) -> bool {
        matches!(self.manager.as_str(), Applier::FLUX | Applier::ARGOCD | "tanka" | "timoni" | "flinkc" | "kapp")
    }

    /// Whether the fields of an entry of `managedFields` become its own when it applies. Flux takes those of kubectl,
    /// of whoever was first, and of its own former self, so that it undoes what people change by hand.
    pub fn inherits(&self, managed: &Managed) -> bool {
        if !managed.subresource.is_empty() {
            return false;
        }
        let adopted: &[&str] =
            if self.manager == Applier::FLUX { &[KUBECTL, "before-first-apply", Applier::FLUX] } else { &[] };
        self.applied(managed) || adopted.iter().any(|prefix| managed.manager.starts_with(prefix))
    }

    /// Whether an entry of `managedFields` says what it applied itself.
    pub fn applied(&self, managed: &Managed) -> bool {
        managed.manager == self.manager && managed.operation == Operation::Apply && managed.subresource.is_empty()
    }

    /// The labels and annotations that it puts on what it applies, by their field of `metadata`.
    pub fn marks(&self) -> &'static [(&'static str, &'static str)] {
        match self.manager.as_str() {
            Applier::FLUX => {
                &[("labels", "kustomize.toolkit.fluxcd.io/name"), ("labels", "kustomize.toolkit.fluxcd.io/namespace")]
            }
            Applier::ARGOCD => &[
                ("annotations", TRACKING),
                ("annotations", "argocd.argoproj.io/installation-id"),
                ("labels", "app.kubernetes.io/instance"),
                ("labels", "argocd.argoproj.io/instance"),
            ],
            KUBECTL | KUBECTL_CLIENT => &[("labels", "applyset.kubernetes.io/part-of")],
            _ => &[],
        }
    }

    /// As in `kustomize-controller, server-side apply`.
    pub fn shown(&self) -> String {
        let how = if self.by_server { "server-side apply" } else { "client-side apply" };
        format!("{}, {how}", self.manager)
    }
}

/// What a manager owns, and what the others do.
pub(super) struct Owners<'a> {
    pub own: FieldSet,
    pub others: Vec<&'a Managed>,
    /// What anybody owns.
    pub all: FieldSet,
}

impl<'a> Owners<'a> {
    pub fn of(object: &'a LiveObject, applier: Option<&Applier>) -> Owners<'a> {
        let mut owners = Owners { own: FieldSet::default(), others: Vec::new(), all: FieldSet::default() };
        for managed in &object.managers {
            owners.all.add(&managed.fields);
            if applier.is_some_and(|applier| applier.inherits(managed)) {
                owners.own.add(&managed.fields);
            } else {
                owners.others.push(managed);
            }
        }
        owners
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Names and operations.
    type Managers = &'static [(&'static str, &'static str)];

    fn live(managers: &[(&str, &str)], last_applied: bool) -> LiveObject {
        let managed: Vec<Value> = managers
            .iter()
            .map(|(name, how)| json!({"manager": name, "operation": how, "fieldsV1": {"f:spec": {"f:x": {}}}}))
            .collect();
        let annotations = if last_applied {
            json!({"kubectl.kubernetes.io/last-applied-configuration": "{\"kind\":\"Pod\"}"})
        } else {
            json!({})
        };
        let metadata = json!({"name": "p", "managedFields": managed, "annotations": annotations});
        LiveObject::new(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata})).expect("it has a name")
    }

    #[test]
    fn the_applier_is_told_by_managers_and_what_was_applied_last() {
        let of = |managers: &[(&str, &str)], last| Applier::of(&live(managers, last)).map(|applier| applier.shown());
        let cases: [(Managers, bool, Option<&str>); 8] = [
            (
                &[("kustomize-controller", "Apply"), ("kubectl", "Apply")],
                true,
                Some("kustomize-controller, server-side apply"),
            ),
            (&[("argocd-controller", "Update")], true, Some("argocd-controller, client-side apply")),
            (&[("argocd-controller", "Apply")], true, Some("argocd-controller, server-side apply")),
            (&[("kubectl-client-side-apply", "Update")], true, Some("kubectl-client-side-apply, client-side apply")),
            (&[("kubectl", "Apply")], false, Some("kubectl, server-side apply")),
            (&[("kustomize-controller", "Apply"), ("argocd-controller", "Apply")], true, None),
            (&[("some-operator", "Apply")], false, None),
            (&[], false, None),
        ];
        for (managers, last, expected) in cases {
            assert_eq!(of(managers, last).as_deref(), expected, "{managers:?}");
        }
    }

    #[test]
    fn a_name_is_that_of_a_tool_or_of_its_manager() {
        let shown = |name: &str, object: Option<&LiveObject>| Applier::named(name, object).shown();
        assert_eq!(shown("flux", None), "kustomize-controller, server-side apply");
        assert_eq!(shown("argocd", Some(&live(&[], true))), "argocd-controller, client-side apply");
        assert_eq!(shown("kubectl", Some(&live(&[], true))), "kubectl-client-side-apply, client-side apply");
        assert_eq!(shown("kubectl", Some(&live(&[("kubectl", "Apply")], true))), "kubectl, server-side apply");
        assert_eq!(shown("mine", Some(&live(&[], true))), "mine, server-side apply");
    }

    #[test]
    fn flux_takes_what_kubectl_wrote() {
        let object = live(&[("kustomize-controller", "Apply"), ("kubectl-edit", "Update"), ("other", "Update")], false);
        let flux = Applier::of(&object).expect("Flux applies it");
        let others: Vec<String> = Owners::of(&object, Some(&flux)).others.iter().map(|known| known.shown()).collect();
        assert_eq!(others, ["other"]);
    }
}
