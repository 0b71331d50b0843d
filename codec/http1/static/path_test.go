package static

import (
	"net/url"
	"strings"
	"testing"
)

func TestDecodePath(t *testing.T) {
	long := strings.Repeat("x", maxPath)
	for _, c := range []struct {
		in, want string
		dir      bool
		status   int
	}{
		{"/", "", true, 0},
		{"/a", "a", false, 0},
		{"/a/", "a", true, 0},
		{"/a/b.txt", "a/b.txt", false, 0},
		{"//a///b", "a/b", false, 0},
		{"/./a/./b/.", "a/b", true, 0},
		{"/a/..", "", true, 0},
		{"/a/../b", "b", false, 0},
		{"/a/b/../../c", "c", false, 0},
		{"/a//../b", "b", false, 0},
		{"/a/b/..", "a", true, 0},
		{"/a/b/%2e%2E/c", "a/c", false, 0},
		{"/a/%2e/c", "a/c", false, 0},
		{"/%252e%252e/a", "%2e%2e/a", false, 0},
		{"/...", "...", false, 0},
		{"/..a/b..", "..a/b..", false, 0},
		{"/a%20b+c", "a b+c", false, 0},
		{"/%C3%a4", "\u00e4", false, 0},
		{"/\xff%ff", "\xff\xff", false, 0},
		{"/a%5c..%5cb", `a\..\b`, false, 0},
		{"/a%3Fb%23", "a?b#", false, 0},
		{"/a%0Ab", "a\nb", false, 0},
		{"/" + long, long, false, 0},
		{"/" + long + "x", "", false, 414},
		{"", "", false, 400},
		{"a", "", false, 400},
		{"*", "", false, 400},
		{"/..", "", false, 400},
		{"/../", "", false, 400},
		{"/../etc/passwd", "", false, 400},
		{"/%2e%2e/etc/passwd", "", false, 400},
		{"/.%2e", "", false, 400},
		{"/a/../../b", "", false, 400},
		{"/a/../b/../../../c", "", false, 400},
		{"//..", "", false, 400},
		{"/%", "", false, 400},
		{"/%2", "", false, 400},
		{"/%2/", "", false, 400},
		{"/%zz", "", false, 400},
		{"/%0", "", false, 400},
		{"/%u002e", "", false, 400},
		{"/%00", "", false, 400},
		{"/a.txt%00.png", "", false, 400},
		{"/a\x00", "", false, 400},
		{"/a%2Fb", "", false, 404},
		{"/a%2fb/%zz", "", false, 404},
		{"/..%2f..%2fetc", "", false, 404},
	} {
		path, dir, status := decodePath([]byte("kept/"), []byte(c.in))
		got := strings.TrimPrefix(string(path), "kept/")
		if status != c.status || status == 0 && (got != c.want || dir != c.dir) {
			t.Errorf("%.40q: %.40q, %v, %d, want %.40q, %v, %d", c.in, got, dir, status, c.want, c.dir, c.status)
		}
		if !strings.HasPrefix(string(path), "kept/") {
			t.Errorf("%q: what was in front has become %q", c.in, path)
		}
	}
}

// FuzzDecodePath compares with a decoder that is made of the standard library, and looks at what must hold for any path.
func FuzzDecodePath(f *testing.F) {
	for _, s := range []string{"/", "/a/b.txt", "/a/../b/./c/", "/%2e%2e/x", "/a%20b", "/a%2fb", "/%00", "/%", "//a//", "/../..", "/\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		path, dir, status := decodePath(nil, []byte(in))
		want, wantDir, causes := referencePath(in)
		switch {
		case status == 0 && causes != "":
			t.Fatalf("%q was decoded, but: %s", in, causes)
		case status != 0 && !strings.Contains(causes, map[int]string{400: "bad", 404: "slash", 414: "long"}[status]):
			t.Fatalf("%q: status %d, but: %q", in, status, causes)
		case status == 0 && (string(path) != want || dir != wantDir):
			t.Fatalf("%q: %q, %v, want %q, %v", in, path, dir, want, wantDir)
		case status != 0:
			return
		}
		for s := range strings.SplitSeq(string(path), "/") {
			if len(path) > 0 && (s == "" || s == "." || s == "..") {
				t.Fatalf("%q: %q", in, path)
			}
		}
		// What it means is what its escaped form means.
		again, dir2, status := decodePath(nil, appendEscaped([]byte("/"), path))
		if status != 0 || string(again) != string(path) || dir2 != (len(path) == 0) {
			t.Fatalf("%q: %q becomes %q, %v, %d", in, path, again, dir2, status)
		}
	})
}

func referencePath(in string) (path string, dir bool, causes string) {
	if !strings.HasPrefix(in, "/") {
		return "", false, "bad"
	}
	var stack []string
	for _, s := range strings.Split(in[1:], "/") {
		one, err := url.PathUnescape(s)
		switch {
		case err != nil, strings.Contains(one, "\x00"):
			causes += "bad "
		}
		if strings.Contains(strings.ToLower(s), "%2f") {
			causes += "slash "
		}
		dir = one == "" || one == "." || one == ".."
		switch {
		case one == "" || one == ".":
		case one == ".." && len(stack) == 0:
			causes += "bad "
		case one == "..":
			stack = stack[:len(stack)-1]
		default:
			stack = append(stack, one)
		}
	}
	if path = strings.Join(stack, "/"); len(path) > maxPath {
		causes += "long"
	}
	return path, dir, causes
}

func TestIsHidden(t *testing.T) {
	for path, want := range map[string]bool{
		"": false, "a": false, "a.b": false, "a/b.": false, ".": true, ".a": true, "a/.b": true, "a/.b/c": true, "...": true,
		".well-known": false, ".well-known/x": false, ".well-known/.x": true, ".well-knownx": true, "a/.well-known": true,
	} {
		if got := isHidden([]byte(path)); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
}

func TestBelow(t *testing.T) {
	for _, c := range []struct {
		path, prefix, rest string
		ok                 bool
	}{
		{"a/b", "", "a/b", true}, {"a/b", "a", "b", true}, {"a", "a", "", true}, {"ab", "a", "", false}, {"a/b/c", "a/b", "c", true},
		{"", "a", "", false}, {"b", "a", "", false},
	} {
		rest, ok := below([]byte(c.path), c.prefix)
		if ok != c.ok || ok && string(rest) != c.rest {
			t.Errorf("%q below %q: %q, %v", c.path, c.prefix, rest, ok)
		}
	}
}

func TestAppendEscaped(t *testing.T) {
	for in, want := range map[string]string{
		"a/b-c_d.e~f": "a/b-c_d.e~f", `\evil`: "%5Cevil", "a b?c#d%": "a%20b%3Fc%23d%25", "javascript:x": "javascript%3Ax",
		"\r\n\"<>'&": "%0D%0A%22%3C%3E%27%26", "\u00e4\xff": "%C3%A4%FF",
	} {
		if got := string(appendEscaped(nil, in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
