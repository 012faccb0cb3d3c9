//! The zone in which times stand on pages, and by whose days files and entries are found.

/// Seconds ahead of UTC: Indian time, which has no summer time. The databases have it in `runs.came_on`, too.
pub const SECONDS: i32 = 19_800;
