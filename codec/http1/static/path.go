package static

import "bytes"

// maxPath is PATH_MAX of Linux without the zero byte: the system takes no longer one.
const maxPath = 4095

// decodePath appends to dst the path below the root that the path p of a target means, without a slash at either end, and
// tells whether it names a directory: whether it ended with a slash, or with a dot segment. The root itself is the empty path.
// status is 0, or the answer to a path that means nothing, by what is wrong first:
//
//	400  it does not begin with a slash, has an escape that is none, a zero byte, or leads above the root
//	404  it has an escaped slash, which would be part of a name (RFC 3986 section 2.2): no file has such a name
//	414  it is longer than a path can be
//
// Escapes are decoded once, before dot segments are looked for, so "%2e%2E" is one (RFC 3986 section 6.2.2.2), and "%252e" is
// a name with a percent sign. Several slashes are like one.
func decodePath(dst, p []byte) (path []byte, dir bool, status int) {
	if len(p) == 0 || p[0] != '/' {
		return dst, false, 400
	}
	base, segment := len(dst), len(dst)
	for i := 1; i < len(p); i++ {
		c := p[i]
		switch c {
		case '/':
			if dst, _, status = endSegment(dst, base, segment, true); status != 0 {
				return dst, false, status
			}
			segment = len(dst)
			continue
		case '%':
			if i+2 >= len(p) || unhex(p[i+1]) > 15 || unhex(p[i+2]) > 15 {
				return dst, false, 400
			}
			c = unhex(p[i+1])<<4 | unhex(p[i+2])
			i += 2
			if c == '/' {
				return dst, false, 404
			}
		}
		if c == 0 {
			return dst, false, 400
		}
		dst = append(dst, c)
	}
	if dst, dir, status = endSegment(dst, base, segment, false); status != 0 {
		return dst, false, status
	}
	if n := len(dst); n > base && dst[n-1] == '/' {
		dst = dst[:n-1]
	}
	if len(dst)-base > maxPath {
		return dst, false, 414
	}
	return dst, dir, 0
}

// endSegment ends the segment that begins at start of p; the path begins at base. dir tells whether it was no name.
func endSegment(p []byte, base, start int, slash bool) (path []byte, dir bool, status int) {
	switch string(p[start:]) {
	case "", ".":
		return p[:start], true, 0
	case "..":
		if start == base {
			return p, true, 400
		}
		return p[:base+bytes.LastIndexByte(p[base:start-1], '/')+1], true, 0
	}
	if slash {
		p = append(p, '/')
	}
	return p, false, 0
}

// unhex returns the value of a hexadecimal digit, more than 15 if it is none.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// isHidden tells whether a segment of a path begins with a dot. "/.well-known/" is there to be seen (RFC 8615).
func isHidden(path []byte) bool {
	for at := 0; at < len(path); {
		if path[at] == '.' && !(at == 0 && (string(path) == wellKnown || bytes.HasPrefix(path, []byte(wellKnown+"/")))) {
			return true
		}
		next := bytes.IndexByte(path[at:], '/')
		if next < 0 {
			return false
		}
		at += next + 1
	}
	return false
}

const wellKnown = ".well-known"

// below returns what follows a prefix of whole segments in a path, and whether path begins with it.
func below(path []byte, prefix string) (rest []byte, ok bool) {
	switch {
	case prefix == "":
		return path, true
	case len(path) < len(prefix) || string(path[:len(prefix)]) != prefix:
		return nil, false
	case len(path) == len(prefix):
		return path[len(path):], true
	}
	return path[len(prefix)+1:], path[len(prefix)] == '/'
}

// appendEscaped appends a path as it stands in a URI: everything is escaped but what RFC 3986 section 2.3 calls unreserved, and
// the slash. That includes the backslash, which browsers take for a slash, and the colon, which ends a scheme.
func appendEscaped[T string | []byte](dst []byte, path T) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(path) {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~', c == '/':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		}
	}
	return dst
}
