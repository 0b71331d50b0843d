package buffer_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/ropewalk/ropewalk/buffer"
	"github.com/ropewalk/ropewalk/buffer/buffertest"
)

// harmless are the methods that a handle without owner may be used for, and why.
var harmless = map[string]string{
	"Touch":  "a note about nothing",
	"String": "says so itself, for those who debug",
}

// TestUseAfterRelease calls every method of Buf on a handle that nobody owns. A method that is added later is in this test
// too.
func TestUseAfterRelease(t *testing.T) {
	for name, pool := range map[string]*buffer.Pool{
		"plain":   {LeakSample: -1},
		"watched": {LeakSample: 1},
	} {
		t.Run(name, func(t *testing.T) {
			buffertest.NoLeaks(t, pool)
			c := pool.NewCache()
			defer c.Close()
			for _, shape := range []string{"of one piece", "of two pieces", "empty"} {
				dead := func() *buffer.Buf {
					b := c.Alloc(100)
					switch shape {
					case "of two pieces":
						b.Append(buffer.Wrap(c, make([]byte, 1000), nil))
						fallthrough
					case "of one piece":
						b.PutString("some text")
					}
					b.Release()
					//bufvet:ignore what released handles do is what is tested
					return b
				}
				for i := range reflect.TypeFor[*buffer.Buf]().NumMethod() {
					m := reflect.TypeFor[*buffer.Buf]().Method(i)
					if _, ok := harmless[m.Name]; ok {
						continue
					}
					said := useDead(c, m.Func, dead)
					if !strings.Contains(said, "use of a released Buf") {
						t.Errorf("%s, on a released Buf %s: %q", m.Name, shape, said)
					}
					if name == "watched" && !strings.Contains(said, "dead_test.go") {
						t.Errorf("%s does not tell who made and who released the Buf: %q", m.Name, said)
					}
				}
			}
		})
	}
}

// useDead calls a method with arguments that would suit, and returns what it panics with.
func useDead(c *buffer.Cache, f reflect.Value, dead func() *buffer.Buf) (said string) {
	args := []reflect.Value{{}}
	for i := range f.Type().NumIn() {
		if i == 0 {
			continue
		}
		in := f.Type().In(i)
		switch {
		case in == reflect.TypeFor[*buffer.Buf]():
			o := c.Alloc(10)
			o.PutString("more")
			defer func() {
				defer func() { recover() }() // the method may have consumed it
				o.Release()
			}()
			args = append(args, reflect.ValueOf(o))
		case in == reflect.TypeFor[[]byte]():
			args = append(args, reflect.ValueOf([]byte("x")))
		case in == reflect.TypeFor[[][]byte]():
			args = append(args, reflect.ValueOf([][]byte(nil)))
		case in.Kind() == reflect.Pointer:
			args = append(args, reflect.New(in.Elem()))
		case in.Kind() == reflect.Interface:
			args = append(args, reflect.ValueOf(new(bytes.Buffer)))
		case in.Kind() == reflect.String:
			args = append(args, reflect.ValueOf("x").Convert(in))
		case in.Kind() == reflect.Func:
			args = append(args, reflect.MakeFunc(in, func([]reflect.Value) []reflect.Value {
				return []reflect.Value{reflect.ValueOf(true)}
			}))
		default:
			args = append(args, reflect.Zero(in))
		}
	}
	if f.Type().IsVariadic() {
		args = args[:len(args)-1]
	}
	defer func() {
		if v := recover(); v != nil {
			said = fmt.Sprint(v)
		}
	}()
	args[0] = reflect.ValueOf(dead()) // last, or an argument might get the same handle
	out := f.Call(args)
	for _, v := range out {
		if v.Kind() == reflect.Func { // an iterator does its work when it is used
			f := reflect.MakeFunc(v.Type().In(0), func([]reflect.Value) []reflect.Value {
				return []reflect.Value{reflect.ValueOf(true)}
			})
			v.Call([]reflect.Value{f})
		}
	}
	return "nothing"
}
