package engines

import (
	"flag"
	"fmt"
	"io"
	"testing"
)

func TestFlag(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
		bad  bool
	}{
		{args: nil, want: "<nil>"},
		{args: []string{"-engine", ""}, want: "<nil>"},
		{args: []string{"-engine", "epoll"}, want: "epoll.Engine"},
		{args: []string{"-engine=std"}, want: "std.Engine"},
		{args: []string{"-engine", "steam"}, want: "<nil>", bad: true},
	} {
		flags := flag.NewFlagSet("test", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		got := Flag(flags)
		if err := flags.Parse(c.args); (err != nil) != c.bad || fmt.Sprintf("%T", *got) != c.want {
			t.Errorf("%q: engine %T, error %v, want %s and an error: %v", c.args, *got, err, c.want, c.bad)
		}
	}
}
