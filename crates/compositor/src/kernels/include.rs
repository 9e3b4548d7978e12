//! Resolves `// #include "shared/NAME.wgsl"` lines of shaders at compile time.

/// The files that shaders may include, by the name in the directive.
const SHARED: [(&str, &str); 4] = [
    ("shared/bt709.wgsl", include_str!("../../../../shaders/shared/bt709.wgsl")),
    ("shared/sampling.wgsl", include_str!("../../../../shaders/shared/sampling.wgsl")),
    ("shared/texels.wgsl", include_str!("../../../../shaders/shared/texels.wgsl")),
    ("shared/tiles.wgsl", include_str!("../../../../shaders/shared/tiles.wgsl")),
];

/// The beginning of a line that is replaced by a shared file.
const DIRECTIVE: &[u8] = b"// #include \"";

/// The shader of this name with its includes resolved, as a constant string.
macro_rules! shader {
    ($name:literal) => {{
        const SOURCE: &str = include_str!(concat!("../../../../shaders/", $name, ".wgsl"));
        const RESOLVED: [u8; $crate::kernels::include::resolved_len(SOURCE)] =
            $crate::kernels::include::resolve(SOURCE);
        match std::str::from_utf8(&RESOLVED) {
            Ok(shader) => shader,
            Err(_) => panic!("a shader is not UTF-8"),
        }
    }};
}

pub(crate) use shader;

/// Bytes of a shader with its includes resolved.
pub(crate) const fn resolved_len(source: &str) -> usize {
    let (source, mut at, mut len) = (source.as_bytes(), 0, 0);
    while at < source.len() {
        let end = line_end(source, at);
        len += part(source, at, end).1;
        at = end;
    }
    len
}

/// The shader with each directive replaced by the file that it names. An unknown name fails the build.
pub(crate) const fn resolve<const LEN: usize>(source: &str) -> [u8; LEN] {
    let (source, mut at, mut len) = (source.as_bytes(), 0, 0);
    let mut resolved = [0; LEN];
    while at < source.len() {
        let end = line_end(source, at);
        let (bytes, count, first) = part(source, at, end);
        let mut index = 0;
        while index < count {
            resolved[len + index] = bytes[first + index];
            index += 1;
        }
        (at, len) = (end, len + count);
    }
    resolved
}

/// What a line stands for: bytes, their number and the first of them.
const fn part(source: &[u8], at: usize, end: usize) -> (&[u8], usize, usize) {
    if !has_at(source, at, DIRECTIVE) {
        return (source, end - at, at);
    }
    let name = at + DIRECTIVE.len();
    let mut index = 0;
    while index < SHARED.len() {
        let (known, text) = SHARED[index];
        if has_at(source, name, known.as_bytes()) && has_at(source, name + known.len(), b"\"\n") {
            return (text.as_bytes(), text.len(), 0);
        }
        index += 1;
    }
    panic!("a shader includes an unknown file");
}

/// One past the newline that ends the line at `at`.
const fn line_end(source: &[u8], at: usize) -> usize {
    let mut end = at;
    while end < source.len() {
        end += 1;
        if source[end - 1] == b'\n' {
            break;
        }
    }
    end
}

const fn has_at(source: &[u8], at: usize, wanted: &[u8]) -> bool {
    if at + wanted.len() > source.len() {
        return false;
    }
    let mut index = 0;
    while index < wanted.len() {
        if source[at + index] != wanted[index] {
            return false;
        }
        index += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SHADERS;

    #[test]
    fn directives_are_replaced_by_their_files() {
        const SOURCE: &str = "a\n// #include \"shared/tiles.wgsl\"\nb";
        const RESOLVED: [u8; resolved_len(SOURCE)] = resolve(SOURCE);
        let tiles = SHARED.iter().find(|(name, _)| *name == "shared/tiles.wgsl").unwrap().1;
        assert_eq!(std::str::from_utf8(&RESOLVED).unwrap(), format!("a\n{tiles}b"));
        assert!(SHADERS.iter().all(|(_, shader)| !shader.contains("#include")));
    }
}
