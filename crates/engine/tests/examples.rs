//! The example files are right, and nothing of what they say is lost when their project is written.

use std::fs::File;
use std::path::Path;

use callboard_engine::project::{document, read, yaml};

#[test]
fn every_example_comes_back_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let paths = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    assert!(paths.len() >= 4, "{paths:?}");
    for path in paths {
        let file = std::io::read_to_string(File::open(&path).unwrap()).unwrap();
        let project = read(&file).project.unwrap();
        for written in [yaml(&project), document(&project).to_string()] {
            let reading = read(&written);
            assert_eq!(reading.project.as_ref(), Some(&project), "{written}");
            assert_eq!(reading.mistakes, [], "{written}");
        }
    }
}
