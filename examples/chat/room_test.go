package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ropewalk/ropewalk/channel/channeltest"
	"github.com/ropewalk/ropewalk/codec/websocket"
)

// What happens in a room is told to all who are in it, in one order, wherever their loops are.
func TestRoom(t *testing.T) {
	s := newChat(defaults)
	ada := connect(t, s, nil, "lobby", "Ada")
	first := event{Kind: joined, Seq: 1, Name: "Ada"}
	expect(t, ada, event{Kind: welcome, Seq: 1, Name: "Ada", Members: []string{"Ada"}, History: []event{first}})

	bob := connect(t, s, nil, "lobby", "Bob")
	second := event{Kind: joined, Seq: 2, Name: "Bob"}
	expect(t, ada, second)
	expect(t, bob, event{Kind: welcome, Seq: 2, Name: "Bob", Members: []string{"Ada", "Bob"}, History: []event{first, second}})

	other := connect(t, s, nil, "elsewhere", "Cy")
	other.hears()
	ada.say("hi\tBob ")
	bob.say(`<b>"é"</b>`)
	ada.say("  \n ")
	for _, c := range []*client{ada, bob} {
		expect(t, c, event{Kind: said, Seq: 3, Name: "Ada", Text: "hi Bob"}, event{Kind: said, Seq: 4, Name: "Bob", Text: `<b>"é"</b>`})
	}
	bob.pipe.Feed(frame(8, "\x03\xe8"))
	bob.pipe.EOF()
	expect(t, ada, event{Kind: left, Seq: 5, Name: "Bob"})
	expect(t, other)

	ada.pipe.EOF()
	other.pipe.EOF()
	if n := len(s.hub.rooms); n != 0 {
		t.Errorf("%d rooms are left when all are gone", n)
	}
}

func expect(t *testing.T, c *client, want ...event) {
	t.Helper()
	if got, end := c.hears(); !reflect.DeepEqual(got, want) || end != "" {
		t.Errorf("heard %+v, %q\nwant  %+v", got, end, want)
	}
}

// A newcomer is told the last events, and none of them twice, though they may be on their way to its loop.
func TestHistory(t *testing.T) {
	l := defaults
	l.history, l.burst = 3, 100
	s := newChat(l)
	loop := channeltest.NewLoop(t)
	ada := connect(t, s, loop, "r", "Ada")
	cy := connect(t, s, nil, "r", "Cy") // on another loop
	ada.hears()
	for i := range 10 {
		cy.say(fmt.Sprint(i)) // ada's loop has not run since
	}
	bob := connect(t, s, loop, "r", "Bob")
	cy.say("and")
	got, _ := bob.hears()
	if len(got) != 2 || got[0].Kind != welcome || !reflect.DeepEqual(texts(got[0].History), []string{"Cy: 8", "Cy: 9"}) ||
		got[0].History[2].Name != "Bob" || got[1].Text != "and" || got[1].Seq != got[0].Seq+1 {
		t.Errorf("heard %+v", got)
	}
	if got, _ := ada.hears(); len(texts(got)) != 11 {
		t.Errorf("the other one on its loop heard %v", texts(got))
	}
}

// Two members never have one name.
func TestNames(t *testing.T) {
	s := newChat(defaults)
	var names []string
	for range 3 {
		got, _ := connect(t, s, nil, "r", "Ada").hears()
		names = append(names, got[0].Name)
	}
	if want := []string{"Ada", "Ada 2", "Ada 3"}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
}

// A member that takes nothing is out after a while. The others hear all, and never wait.
func TestSlowMember(t *testing.T) {
	for _, wakes := range []bool{true, false} {
		t.Run(fmt.Sprintf("wakes %v", wakes), func(t *testing.T) {
			l := defaults
			l.burst = 100_000
			s := newChat(l)
			loop := channeltest.NewLoop(t)
			slow, ada, bob := connect(t, s, loop, "r", "Slow"), connect(t, s, loop, "r", "Ada"), connect(t, s, nil, "r", "Bob")
			for _, c := range []*client{slow, ada, bob} {
				c.hears()
			}
			slow.pipe.Stall()
			var sentence string
			for i := range 500 {
				sentence = fmt.Sprintf("%d %s", i, strings.Repeat("x", 900))
				bob.say(sentence)
				for _, c := range []*client{ada, bob} {
					if got, _ := c.hears(); !slices.Contains(texts(got), "Bob: "+sentence) {
						t.Fatalf("sentence %d was not heard at once, but %+v", i, got)
					}
				}
				if n := slow.pipe.Channel().Queued(); n > l.backlog+2000 {
					t.Fatalf("%d bytes wait for one member", n)
				}
			}
			room := s.hub.rooms["r"]
			if names := len(room.names); names != 2 || room.places != 2 {
				t.Errorf("%d names and %d places in the room", names, room.places)
			}
			slow.say("let me in")
			if got, _ := ada.hears(); len(got) != 0 {
				t.Errorf("one who is out was heard: %+v", got)
			}
			if !wakes {
				loop.Advance(2 * time.Minute)
				if !slow.pipe.Aborted() || !errors.Is(slow.pipe.Cause(), websocket.ErrCloseTimeout) {
					t.Errorf("closed: %v, %v", slow.pipe.Closed(), slow.pipe.Cause())
				}
				return
			}
			slow.pipe.Unstall()
			got, end := slow.hears()
			heard := texts(got)
			if len(heard) < 200 || len(heard) > 400 || end != "\x03\xf5you did not keep up" { // 1013
				t.Fatalf("%d sentences, then %q", len(heard), end)
			}
			for i, text := range heard {
				if !strings.HasPrefix(text, fmt.Sprintf("Bob: %d ", i)) {
					t.Fatalf("sentence %d: %.20q", i, text)
				}
			}
			slow.pipe.Feed(frame(8, end[:2]))
			if !slow.pipe.Ended() {
				t.Error("the connection was not closed")
			}
		})
	}
}

// Others are told why somebody is out.
func TestSlowMemberIsTold(t *testing.T) {
	l := defaults
	l.backlog = 100
	s := newChat(l)
	slow, ada := connect(t, s, nil, "r", "Slow"), connect(t, s, nil, "r", "Ada")
	slow.hears()
	ada.hears()
	slow.pipe.Stall()
	for range 2 {
		ada.say(strings.Repeat("x", 200))
		slow.hears()
	}
	got, _ := ada.hears()
	if last := got[len(got)-1]; last.Kind != left || last.Name != "Slow" || last.Text != "did not keep up" {
		t.Errorf("heard at last %+v", last)
	}
	slow.pipe.Unstall()
}
