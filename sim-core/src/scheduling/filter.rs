//! Why a node does not take a pod.

use std::borrow::Cow;

use super::fit::Shortage;
use super::node_affinity::{matches_terms, suits};
use super::taints::{is_cordoned, repels};
use crate::plan::{AddedAffinity, Node, PodTemplate, Rejection};
use crate::units::Resource;

/// What a filter says of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It takes the pod.
    Success,
    /// It would take the pod if others were not there.
    Unschedulable,
    /// It never takes the pod, whatever else is removed.
    UnschedulableAndUnresolvable,
}

/// Why a node does not take a pod, in the order in which reasons are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It is cordoned.
    Cordoned,
    /// Its kubelet is not heard from, or its zone is out.
    Unreachable,
    /// A taint is not tolerated.
    Taint,
    /// Affinity that the scheduler adds does not match.
    AddedAffinity,
    /// Node selector or required affinity does not match.
    Affinity,
    /// Not in a unit of the pod's policy.
    Policy,
    /// Its unit holds as many pods of the workload as it may.
    UnitMax,
    /// As many pods as it may have.
    TooManyPods,
    /// Not enough of a resource.
    Insufficient(Resource),
    /// No instance size of the provider is large enough.
    NoSpec,
    /// It lacks a label over whose values pods are to be spread.
    NoDomain,
    /// Its domain would hold too many pods more than another.
    Skew,
    /// No pod that the pod is to be near is in its domain.
    PodAffinity,
    /// A pod that the pod is to be away from is in its domain.
    PodAntiAffinity,
    /// A pod in its domain wants to be away from the pod.
    ExistingAntiAffinity,
    /// The scheduler that the pod names is not there.
    NoScheduler,
    /// A virtual node has not registered yet.
    NotRegistered,
    /// It is not ready, or does not answer.
    NotReady,
    /// It is about to be released by an autoscaler.
    Leaving,
    /// The provider has nothing to run such a pod on.
    Rejected(Rejection),
    /// The virtual nodes together hold as many pods as they may.
    ClusterFull,
    /// The provider had no instance when it was last asked.
    NoStock,
    /// The account used as many vCPUs as it may when the provider was last asked.
    QuotaFull,
    /// The subnets had no address left when the provider was last asked.
    IpNotEnough,
}

impl Refusal {
    /// The reason as kube-scheduler's events say it; `extended` are the names of the extended resources.
    pub fn message(self, extended: &[String]) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Cordoned => "were unschedulable",
            Self::Unreachable => "had untolerated taint {node.kubernetes.io/unreachable: }",
            Self::Taint => "had untolerated taint",
            Self::AddedAffinity => "didn't match scheduler-enforced node affinity",
            Self::Affinity => "didn't match Pod's node affinity/selector",
            Self::Policy => "not in a unit of the ResourcePolicy",
            Self::UnitMax => "unit of the ResourcePolicy at its max",
            Self::TooManyPods => "Too many pods",
            Self::Insufficient(Resource::Cpu) => "Insufficient cpu",
            Self::Insufficient(Resource::Memory) => "Insufficient memory",
            Self::Insufficient(Resource::Extended(place)) => return Cow::Owned(format!("Insufficient {}", extended[usize::from(place)])),
            Self::NoSpec => "no instance spec is large enough",
            Self::NoDomain => "didn't match pod topology spread constraints (missing required label)",
            Self::Skew => "didn't match pod topology spread constraints",
            Self::PodAffinity => "didn't match pod affinity rules",
            Self::PodAntiAffinity => "didn't match pod anti-affinity rules",
            Self::ExistingAntiAffinity => "didn't satisfy existing pods anti-affinity rules",
            Self::NoScheduler => "no scheduler of the pod's schedulerName",
            Self::NotRegistered => "not registered yet",
            Self::NotReady => "had untolerated taint {node.kubernetes.io/not-ready: }",
            Self::Leaving => "had untolerated taint {ToBeDeletedByClusterAutoscaler: }",
            Self::Rejected(rejection) => rejection.message(),
            Self::ClusterFull => "cluster at its limit of virtual pods",
            Self::NoStock => "NoStock",
            Self::QuotaFull => "QuotaFull",
            Self::IpNotEnough => "IpNotEnough",
        })
    }

    /// Whether other pods are in the way. A shortage says so itself: [`Shortage::verdict`].
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::UnitMax
            | Self::TooManyPods
            | Self::Insufficient(_)
            | Self::Skew
            | Self::PodAntiAffinity
            | Self::ExistingAntiAffinity
            | Self::ClusterFull
            | Self::QuotaFull
            | Self::IpNotEnough => Verdict::Unschedulable,
            Self::Cordoned
            | Self::Unreachable
            | Self::Taint
            | Self::AddedAffinity
            | Self::Affinity
            | Self::Policy
            | Self::NoSpec
            | Self::NoDomain
            | Self::PodAffinity
            | Self::NoScheduler
            | Self::NotRegistered
            | Self::NotReady
            | Self::Leaving
            | Self::Rejected(_)
            | Self::NoStock => Verdict::UnschedulableAndUnresolvable,
        }
    }
}

impl From<Shortage> for Refusal {
    fn from(shortage: Shortage) -> Self {
        Self::Insufficient(shortage.resource)
    }
}

/// Why `node` can never take a pod of `template`, whatever else runs; none if it can.
///
/// `tolerate_virtual` stands for the toleration that a unit of instances adds by itself.
pub fn static_refusal(template: &PodTemplate, node: &Node, tolerate_virtual: bool) -> Option<Refusal> {
    if is_cordoned(&template.tolerations, node) {
        Some(Refusal::Cordoned)
    } else if repels(template, &node.taints, tolerate_virtual) {
        Some(Refusal::Taint)
    } else {
        (!suits(template, node)).then_some(Refusal::Affinity)
    }
}

/// Whether a node lacks what the scheduler's configuration demands for every pod.
pub fn is_excluded(added: &AddedAffinity, node: &Node) -> bool {
    added.required.as_ref().is_some_and(|terms| !matches_terms(terms, node))
}
