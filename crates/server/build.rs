//! The page is built into the program: when it was built anew, so must the program be, also where it
//! was not there before.

fn main() {
    println!("cargo:rerun-if-changed=../../web/dist");
}
