package jvm

import (
	"os/exec"
	"strings"
	"testing"
)

const hello = `public final class Hello { public static void main(String[] args) { System.out.println("hello " + args[0]); } }`

// TestCompile compiles and runs a program. Where there is no JVM, that must be said.
func TestCompile(t *testing.T) {
	p, err := Compile(t.Context(), t.TempDir(), Jars, nil, "Hello", []byte(hello))
	if _, missing := exec.LookPath("javac"); missing != nil {
		if err == nil || !strings.Contains(err.Error(), "openjdk") {
			t.Errorf("no compiler, but %v", err)
		}
		t.Logf("no JVM here: %v", err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	argv := append(p.Argv("-Xshare:auto"), "you")
	out, err := exec.CommandContext(t.Context(), argv[0], argv[1:]...).Output()
	if err != nil || strings.TrimSpace(string(out)) != "hello you" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestMissingJar(t *testing.T) {
	_, err := Compile(t.Context(), t.TempDir(), t.TempDir(), []string{"netty-nothing"}, "Hello", []byte(hello))
	if err == nil || !strings.Contains(err.Error(), "netty-nothing.jar") || !strings.Contains(err.Error(), "libnetty-java") {
		t.Errorf("%v", err)
	}
}
