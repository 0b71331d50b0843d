package browsertest

import (
	"fmt"
	"testing"
)

// Two people meet in a room: one at a desk, one with a phone.
func TestChat(t *testing.T) {
	s := start(t, "chat", "-addr", "127.0.0.1:0", "-loops", "2")
	url := "http://" + s.addr
	c := startChromium(t)
	enter := func(l look, name string) *tab {
		b := c.open(t, l, url+"/#ropes")
		b.until(`document.readyState === "complete" && document.querySelector("[name=room]").value === "ropes"`)
		b.picture("chat-" + l.name + "-door")
		b.fits()
		b.do(`document.querySelector("[name=name]").focus()`)
		b.write(name)
		b.press()
		b.until(`document.documentElement.dataset.state === "inside" && document.title === "ropes"`)
		return b
	}
	ada := enter(looks[0], "Ada")
	bob := enter(looks[3], "Bob")
	tabs := []*tab{ada, bob}
	says := func(b *tab, text string) {
		b.do(`document.querySelector("#text").focus()`)
		b.write(text)
		b.press()
		for _, b := range tabs {
			b.until(fmt.Sprintf(`[...document.querySelectorAll(".said")].at(-1).textContent.endsWith(%q)`, text))
		}
	}
	says(ada, "How many strands does it take?")
	says(bob, "Three, laid left over right. <b>Always.</b>")
	says(bob, "And a walk as long as the rope: a very long line of text wraps where the screen ends, as one would hope, alsowhenitisonewordthatneverends.")
	says(ada, "Éclair ✓")
	for _, b := range tabs {
		b.until(`document.querySelector("#status").textContent.startsWith("2 here")`)
		b.fits()
		if n := eval[int](b, `document.querySelectorAll(".said").length`); n != 4 {
			t.Errorf("%d messages", n)
		}
		if n := eval[int](b, `document.querySelectorAll("#log b").length`); n != 0 {
			t.Error("what somebody said was taken for HTML")
		}
		b.picture("chat-" + b.look.name)
		b.clean()
	}

	// A newcomer is told what was said.
	cy := enter(look{"desktop-dark", 1280, 800, false, true}, "Cy")
	cy.until(`document.querySelectorAll(".said").length === 4`)
	ada.until(`document.querySelector("#log").textContent.includes("Cy came in")`)
	cy.call("Page.navigate", map[string]any{"url": "about:blank"}, nil)
	ada.until(`document.querySelector("#log").textContent.includes("Cy left")`)

	// Whoever talks too fast is out.
	s.mayLog("too many messages")
	bob.do(`(() => { for (let i = 0; i < 20; i++) socket.send('{"text":"a"}'); })()`)
	bob.until(`document.documentElement.dataset.state === "outside" && document.querySelector("#status").textContent === "You are out: too many messages"`)
	bob.picture("chat-out")
	ada.until(`document.querySelector("#log").textContent.includes("Bob left")`)
	ada.clean()
}
