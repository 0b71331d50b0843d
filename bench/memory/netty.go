package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/ropewalk/ropewalk/bench/internal/jvm"
)

//go:embed netty/Netty.java
var nettySource []byte

// Netty with its leak detector as it comes, and without.
const (
	nettySimple   = "Netty pooled direct"
	nettyDisabled = "Netty, no leak detection"
)

// java is a JVM with Netty and our program for it.
type java struct {
	dir     string // of the compiled program
	program *jvm.Program
	name    string
}

// findJava compiles the program and asks it for its version.
func findJava(ctx context.Context, jars string) (*java, error) {
	dir, err := os.MkdirTemp("", "ropewalk-netty-")
	if err != nil {
		return nil, err
	}
	j := &java{dir: dir}
	if err := j.compile(ctx, jars); err != nil {
		j.remove()
		return nil, err
	}
	return j, nil
}

func (j *java) compile(ctx context.Context, jars string) (err error) {
	j.program, err = jvm.Compile(ctx, j.dir, jars, []string{"netty-buffer", "netty-common"}, "Netty", nettySource)
	if err != nil {
		return err
	}
	n, err := j.start(ctx)
	if err != nil {
		return err
	}
	j.name = "Netty " + n.hello
	n.stop()
	return nil
}

func (j *java) remove() {
	if j != nil {
		os.RemoveAll(j.dir)
	}
}

func (b *bench) jvmName() string {
	if b.java == nil {
		return "no JVM"
	}
	return b.java.name
}

// netty is a running JVM that waits for commands. The nil one does nothing.
type netty struct {
	cmd   *exec.Cmd
	in    *bufio.Writer
	close func() error
	out   *bufio.Reader
	hello string
}

// start runs the program with options of the JVM.
func (j *java) start(ctx context.Context, options ...string) (*netty, error) {
	argv := j.program.Argv(options...)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	n := &netty{cmd: cmd, in: bufio.NewWriterSize(in, 64<<10), close: in.Close, out: bufio.NewReader(out)}
	if n.hello, err = n.line(); err != nil {
		n.stop()
		return nil, err
	}
	return n, nil
}

// startNetty starts a JVM and warms it up; without a JVM it returns nil.
func (b *bench) startNetty(options ...string) (*netty, error) {
	if b.java == nil {
		return nil, nil
	}
	n, err := b.java.start(b.ctx, options...)
	if err != nil {
		return nil, err
	}
	if _, err := n.ask("warm %d", b.warm.Milliseconds()); err != nil {
		n.stop()
		return nil, err
	}
	return n, nil
}

// startNettyTwice starts one with the leak detector's default and one without.
func (b *bench) startNettyTwice() (simple, disabled *netty, err error) {
	if simple, err = b.startNetty(); err != nil {
		return nil, nil, err
	}
	if disabled, err = b.startNetty("-Dio.netty.leakDetection.level=disabled"); err != nil {
		simple.stop()
		return nil, nil, err
	}
	return simple, disabled, nil
}

// stop ends the JVM. It ends by itself when its input does.
func (n *netty) stop() {
	if n != nil {
		n.close()
		n.cmd.Wait()
	}
}

// ask sends a command and returns the figure that answers it.
func (n *netty) ask(format string, args ...any) (v float64, err error) {
	s, err := n.send(fmt.Sprintf(format, args...), nil)
	if err == nil {
		_, err = fmt.Sscan(s, &v)
	}
	return v, err
}

// send sends a command with operations behind it and returns the line that answers it.
func (n *netty) send(command string, ops []op) (string, error) {
	fmt.Fprintln(n.in, command)
	binary.Write(n.in, binary.BigEndian, ops)
	if err := n.in.Flush(); err != nil {
		return "", err
	}
	return n.line()
}

func (n *netty) line() (string, error) {
	s, err := n.out.ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = errors.New("the JVM ended")
	}
	return strings.TrimSpace(s), err
}

// contender returns a row whose rounds are one command each, to which the
// milliseconds are added.
func (n *netty) contender(name, format string, args ...any) contender {
	if n == nil {
		return contender{name: name}
	}
	command := fmt.Sprintf(format, args...)
	return contender{name, func(d time.Duration) (float64, error) {
		return n.ask("%s %d", command, max(d.Milliseconds(), 1))
	}}
}
