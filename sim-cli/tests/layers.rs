//! The arrows between crates point downwards only.

use std::fs;
use std::path::Path;

#[test]
fn crates_depend_downwards_only() {
    let allowed = [
        ("sim-core", &[][..]),
        ("scenarios", &["sim-core"][..]),
        ("conformance", &["sim-core", "sim-scenarios"][..]),
        ("reports", &["sim-core"][..]),
        ("studies", &["sim-core", "sim-scenarios"][..]),
        ("sim-cli", &["sim-conformance", "sim-core", "sim-reports", "sim-scenarios", "sim-studies"][..]),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (folder, below) in allowed {
        let manifest = fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap();
        let (_, dependencies) = manifest.split_once("[dependencies]").unwrap();
        let dependencies = dependencies.split("\n[").next().unwrap();
        let ours = dependencies.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| name.starts_with("sim-") || *name == "overspill");
        for name in ours {
            assert!(below.contains(&name), "{folder} must not depend on {name}");
        }
    }
}

#[test]
fn the_core_depends_on_nothing_that_touches_the_world() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim-core/Cargo.toml")).unwrap();
    let (_, dependencies) = manifest.split_once("[dependencies]").unwrap();
    let names: Vec<&str> =
        dependencies.split("\n[").next().unwrap().lines().filter_map(|line| line.split('.').next()).filter(|name| !name.is_empty()).collect();
    assert_eq!(names, ["libm", "num-bigint", "num-rational", "num-traits", "rand", "rand_distr", "rand_xoshiro", "serde"]);
}
