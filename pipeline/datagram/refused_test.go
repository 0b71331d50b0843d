package datagram_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The compiler refuses pipelines of streams where packets are, and stages that do not fit each other.
func TestRefusedByCompiler(t *testing.T) {
	const name = "testdata/refused/refused.go"
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "build", "-gcflags=-e", "./testdata/refused").CombinedOutput()
	if err == nil {
		t.Fatal("it compiles")
	}
	refused := make(map[int]bool)
	for _, m := range regexp.MustCompile(`refused\.go:(\d+):`).FindAllSubmatch(out, -1) {
		n, _ := strconv.Atoi(string(m[1]))
		refused[n] = true
	}
	for i, line := range strings.Split(string(source), "\n") {
		if want := strings.HasSuffix(line, "// refused"); want != refused[i+1] {
			t.Errorf("line %d: refused: %v, want %v: %s\n%s", i+1, refused[i+1], want, line, out)
		}
	}
}
