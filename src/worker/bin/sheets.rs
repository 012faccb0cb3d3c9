//! The Web Worker's program for workbooks. It says `Ready` and then answers what it is asked.

fn main() {
    #[cfg(target_arch = "wasm32")]
    worker::sheets::start();
}
