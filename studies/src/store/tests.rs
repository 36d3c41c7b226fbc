use std::fs;
use std::path::PathBuf;

use super::{Folder, ReadError, read, write};
use crate::store::Store;

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("overspill-store-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_is_written_is_read_to_the_last_bit() {
    let scratch = Scratch::new("bits");
    let store = Folder::open(&scratch.0).unwrap();
    let values: Vec<f64> = (1..2000).map(|i| f64::from(i).sqrt() * 1e-7 + 1.0 / f64::from(i)).collect();
    write(&store, "points/000/a.jsonl", &values).unwrap();
    assert_eq!(read::<Vec<f64>>(&store, "points/000/a.jsonl").unwrap(), Some(values));
    assert_eq!(read::<Vec<f64>>(&store, "points/000/b.jsonl").unwrap(), None);
}

#[test]
fn a_changed_entry_is_noticed() {
    let scratch = Scratch::new("damage");
    let store = Folder::open(&scratch.0).unwrap();
    write(&store, "a.jsonl", &[1, 2, 3]).unwrap();
    let whole = store.get("a.jsonl").unwrap().unwrap();
    for damaged in [&whole[..whole.len() - 5], b"[1,2,3]\n".as_slice(), b""] {
        store.put("a.jsonl", damaged).unwrap();
        assert!(matches!(read::<Vec<u32>>(&store, "a.jsonl"), Err(ReadError::Damaged(_))));
    }
    store.put("a.jsonl", &[b"[1,2,4]".as_slice(), &whole[7..]].concat()).unwrap();
    assert!(matches!(read::<Vec<u32>>(&store, "a.jsonl"), Err(ReadError::Damaged(_))));
}

#[test]
fn nothing_is_left_of_what_was_under_construction() {
    let scratch = Scratch::new("staging");
    let store = Folder::open(&scratch.0).unwrap();
    for i in 0..20 {
        write(&store, &format!("points/{}.jsonl", i % 3), &i).unwrap();
    }
    assert_eq!(fs::read_dir(scratch.0.join(".partial")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(scratch.0.join("points")).unwrap().count(), 3);
    assert!(Folder::existing(&scratch.0.join("nowhere")).is_err());
}
