// Package jvm finds a Java machine and compiles a program of ours for it, against jars of Debian:
//
//	source ── javac, jars ──► dir/CLASS.class ── Argv ──► java ... -cp jars:dir CLASS
//
// Netty of these days runs on a JVM of a later time, to which it asks for what was free in its own: that is in Argv.
package jvm

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Jars is where Debian puts them.
const Jars = "/usr/share/java"

// A Program is compiled.
type Program struct{ class, classPath string }

// Compile compiles a class into a folder, against libraries of the folder jars, without ".jar". The error says what is missing, if
// it is a JVM, a compiler or a jar.
func Compile(ctx context.Context, dir, jars string, libraries []string, class string, source []byte) (*Program, error) {
	var path []string
	for _, name := range libraries {
		jar := filepath.Join(jars, name+".jar")
		if _, err := os.Stat(jar); err != nil {
			return nil, fmt.Errorf("%w (Debian: libnetty-java)", err)
		}
		path = append(path, jar)
	}
	for _, tool := range []string{"java", "javac"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("%w (Debian: openjdk-17-jdk-headless)", err)
		}
	}
	p := &Program{class, strings.Join(append(path, dir), ":")}
	file := filepath.Join(dir, class+".java")
	if err := os.WriteFile(file, source, 0o600); err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, "javac", "-cp", p.classPath, "-d", dir, file).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("javac: %w\n%s", err, out)
	}
	return p, nil
}

// Argv is the command line that runs the program, to which its arguments are added. Options are those of the JVM.
func (p *Program) Argv(options ...string) []string {
	argv := []string{"java", "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED", "--add-opens", "java.base/java.nio=ALL-UNNAMED",
		"-Dio.netty.tryReflectionSetAccessible=true"}
	return append(append(argv, options...), "-cp", p.classPath, p.class)
}
