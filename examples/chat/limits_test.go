package main

import (
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/pipeline/pipelinetest"
)

// Whoever breaks the rules is out, with a code that says why, and nobody hears of it but that he left.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		name, input, code string
	}{
		{"no JSON", frame(1, "hello"), "\x03\xeb"},
		{"other JSON", frame(1, `{"text":5}`), "\x03\xeb"},
		{"binary", frame(2, `{"text":"a"}`), "\x03\xeb"},
		{"not UTF-8", frame(1, "{\"text\":\"\xff\"}"), "\x03\xef"},
		{"too many characters", frame(1, `{"text":"`+strings.Repeat("é", 1001)+`"}`), "\x03\xf1"},
		{"too many bytes", frame(1, `{"text":"`+strings.Repeat(`\u00e9`, 2100)+`"}`), "\x03\xf1"},
		{"too fast", strings.Repeat(frame(1, `{"text":"a"}`), 11), "\x03\xf0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newChat(defaults)
			bad, other := connect(t, s, nil, "r", "Bad"), connect(t, s, nil, "r", "Other")
			bad.hears()
			other.hears()
			bad.pipe.Feed(c.input)
			if _, end := bad.hears(); !strings.HasPrefix(end, c.code) {
				t.Errorf("closed with %q, want %q", end, c.code)
			}
			bad.pipe.Feed(frame(8, c.code))
			bad.pipe.EOF()
			got, _ := other.hears()
			if len(got) == 0 || got[len(got)-1].Kind != left || len(texts(got)) > 10 {
				t.Errorf("the other one heard %+v", got)
			}
		})
	}
}

// As long as it is not too fast one may talk for ever.
func TestPace(t *testing.T) {
	s := newChat(defaults)
	ada := connect(t, s, nil, "r", "Ada")
	for range 100 {
		ada.say(strings.Repeat("é", 1000))
		ada.pipe.Advance(200 * time.Millisecond)
	}
	for range 10 {
		ada.pipe.Advance(200 * time.Millisecond)
	}
	for range 10 {
		ada.say("all at once")
	}
	got, end := ada.hears()
	if n := len(texts(got)); n != 110 || end != "" {
		t.Errorf("%d of 110 were heard, closed with %q", n, end)
	}
}

func TestFull(t *testing.T) {
	l := defaults
	l.rooms, l.members = 2, 2
	s := newChat(l)
	a := connect(t, s, nil, "one", "a")
	connect(t, s, nil, "one", "b")
	connect(t, s, nil, "two", "a")
	for room, why := range map[string]string{"one": "the room is full", "three": "there are too many rooms"} {
		c := connect(t, s, nil, room, "c")
		if got, end := c.hears(); len(got) != 0 || end != "\x03\xf5"+why {
			t.Errorf("%s: heard %+v, closed with %q", room, got, end)
		}
		c.say("still here")
		c.pipe.Feed(frame(8, "\x03\xf5"))
	}
	a.pipe.EOF()
	if got, _ := connect(t, s, nil, "one", "c").hears(); len(got) != 1 {
		t.Errorf("when one has left: %+v", got)
	}
}

func TestRequests(t *testing.T) {
	for target, want := range map[string]string{
		"/chat?room=r&name=Ada+B.":                     "101",
		"/chat?room=%E5%AE%A4&name=%C3%89mile":         "101",
		"/chat?room=r":                                 "400",
		"/chat?room=r&name=":                           "400",
		"/chat?room=r&name=+":                          "400",
		"/chat?room=r&name=a%0Ab":                      "400",
		"/chat?room=r&name=a%E2%80%AEb":                "400", // a character that turns the direction of text
		"/chat?room=r&name=a%FF":                       "400",
		"/chat?room=%zz&name=a":                        "400",
		"/chat?room=r&name=" + strings.Repeat("a", 33): "400",
		"/":       "200",
		"/absent": "404",
	} {
		p := pipelinetest.Config{}.Accept(t, newChat(defaults).accept())
		p.Feed(request(target))
		if got := p.Output(); !strings.HasPrefix(got, "HTTP/1.1 "+want+" ") {
			t.Errorf("%s: %.40q, want %s", target, got, want)
		}
	}
}
