use super::*;
use crate::issue::Issues;
use crate::render;
use crate::testing::{Folder, same};

fn report(folder: &Folder, name: &str) -> String {
    folder.load(name, Sources::new()).1
}

#[test]
fn files_that_cannot_be_read() {
    let folder = Folder::new(&[("flash.yaml", "a: 1\n"), ("empty.yaml", "")]);
    folder.write("latin1.yaml", b"a: 1\nname: caf\xe9\n");
    folder.write("utf16.yaml", b"\xff\xfea\0");
    same(
        &report(&folder, "flahs.yaml"),
        r"
error[S0001]: cannot read `flahs.yaml`: there is no such file
 |
 = help: did you mean `flash.yaml`?
",
    );
    same(
        &report(&folder, "nothing/like/it.yaml"),
        r"
error[S0001]: cannot read `nothing/like/it.yaml`: there is no such file
",
    );
    same(
        &report(&folder, ""),
        r"
error[S0002]: `` is a folder; a file is expected
",
    );
    same(
        &report(&folder, "empty.yaml"),
        r"
error[S0005]: `empty.yaml` is empty
 --> empty.yaml:1:1
  |
1 |
  | ^
",
    );
    same(
        &report(&folder, "latin1.yaml"),
        r"
error[S0004]: `latin1.yaml` is not UTF-8 text: unexpected byte 0xE9
 --> latin1.yaml:2:10
  |
2 | name: caf�
  |          ^
  |
  = help: save the file as UTF-8
",
    );
    same(
        &report(&folder, "utf16.yaml"),
        r"
error[S0004]: `utf16.yaml` is UTF-16, not UTF-8
 |
 = help: save the file as UTF-8
",
    );
}

#[test]
fn huge_files_are_refused() {
    let folder = Folder::new(&[]);
    folder.write("huge.yaml", &vec![b'#'; MAX_FILE_BYTES + 1]);
    folder.write("just.yaml", &vec![b'#'; MAX_FILE_BYTES]);
    assert!(report(&folder, "huge.yaml").starts_with("error[S0003]: `huge.yaml` is larger than 16 MiB"));
    assert!(report(&folder, "just.yaml").starts_with("error[S0005]"));
}

#[test]
fn data_files_are_found_beside_the_file_that_names_them() {
    let folder = Folder::new(&[("own/main.yaml", "a: 1\n"), ("own/traces/a.csv", "1\n"), ("b.csv", "1\n")]);
    let mut sources = Sources::new();
    let main = folder.open("own/main.yaml", &mut sources).unwrap();
    let found = sources.locate_from(main, "traces/../traces/a.csv").unwrap();
    assert!(found.path.ends_with("own/traces/a.csv"));
    assert!(found.name.ends_with("own/traces/a.csv"));
    let codes: Vec<&str> = ["traces", "../b.csv", "c.csv"].iter().map(|name| sources.locate_from(main, name).unwrap_err().code).collect();
    assert_eq!(codes, ["S0002", "S0006", "S0001"]);
}

#[test]
fn positions_count_lines_and_characters() {
    let mut sources = Sources::new();
    let id = sources.add("a", "ab\r\n名字: x\n");
    let at = |start| sources.position(Span::new(id, start, start));
    assert_eq!(at(1), Position { line: 1, column: 2 });
    assert_eq!(at(4), Position { line: 2, column: 1 });
    assert_eq!(at(10), Position { line: 2, column: 3 });
    assert_eq!(at(14), Position { line: 3, column: 1 });
    assert_eq!(at(99), Position { line: 3, column: 1 });
    assert_eq!(render::text(&Issues::default(), &sources, true), "");
}
