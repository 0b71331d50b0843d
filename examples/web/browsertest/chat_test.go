package browsertest

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
)

// Two people meet in a room: one at a desk, one with a phone.
func TestChat(t *testing.T) {
	s := start(t, "chat", "-addr", "127.0.0.1:0", "-loops", "2")
	url := "http://" + s.addr
	c := startChromium(t)
	ada := c.enter(t, looks[0], url, "Ada")
	bob := c.enter(t, looks[3], url, "Bob")
	tabs := []*tab{ada, bob}
	says := func(b *tab, text string) {
		b.do(`document.querySelector("#text").focus()`)
		b.write(text)
		b.press("Enter")
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
	cy := c.enter(t, look{"desktop-dark", 1280, 800, false, true}, url, "Cy")
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

// A member that does not keep up is out, and reads why.
func TestChatSlow(t *testing.T) {
	s := start(t, "chat", "-addr", "127.0.0.1:0", "-loops", "1", "-backlog", "1000")
	b := startChromium(t).enter(t, looks[2], "http://"+s.addr, "Ada")
	b.do(`(() => {
		for (let i = 0; i < 60; i++) {
			const other = new WebSocket(socket.url.replace("Ada", "Bob"));
			other.onopen = () => { for (let k = 0; k < 10; k++) other.send(JSON.stringify({text: "rope".repeat(250)})); };
		}
	})()`)
	b.until(`document.querySelector("#status").textContent === "You are out: you did not keep up" && !document.querySelector("#enter").hidden`)
	b.fits()
	b.clean()
}

// When the server goes the page says so, and when it is there again so is the member.
func TestChatRestart(t *testing.T) {
	s := start(t, "chat", "-addr", "127.0.0.1:0")
	b := startChromium(t).enter(t, looks[0], "http://"+s.addr, "Ada")
	b.clean()
	s.stop()
	b.until(`document.documentElement.dataset.state === "lost" && document.querySelector("#status").textContent.startsWith("Disconnected")`)
	start(t, "chat", "-addr", s.addr)
	b.until(`document.documentElement.dataset.state === "inside" && document.querySelector("#log").textContent === "Ada came in"`)
	b.forget() // of the connections that were refused meanwhile
}

// The door lets in those whom the server lets in, and survives what is no name of a room.
func TestChatDoor(t *testing.T) {
	s := start(t, "chat", "-addr", "127.0.0.1:0")
	s.mayLog("connection ended without a Close")
	b := startChromium(t).open(t, looks[2], "http://"+s.addr+"/#100%")
	b.until(`document.readyState === "complete" && document.querySelector("[name=room]").value === "lobby"`)
	for name, want := range map[string]int{
		"Ada": 101, " Ada ": 101, "José 2": 101, "日本": 101, "a-b_c.d": 101, "-": 101,
		"<b>x</b>": 400, "a  b": 400, "a\u00a0b": 400, "\u202e": 400, "": 400, " ": 400,
	} {
		valid := eval[bool](b, fmt.Sprintf(`(() => {
			const field = document.querySelector("[name=name]");
			field.value = %q;
			return field.checkValidity();
		})()`, name))
		r, _ := http.NewRequest("GET", "http://"+s.addr+"/chat?room=r&name="+url.QueryEscape(name), nil)
		for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} {
			r.Header.Set(name, value)
		}
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want || valid != (want == 101) {
			t.Errorf("%q: the page says %t, the server %s", name, valid, resp.Status)
		}
	}
	b.clean()
}

// enter opens the page of the chat, and enters the room "ropes".
func (c *chromium) enter(t testing.TB, l look, url, name string) *tab {
	t.Helper()
	b := c.open(t, l, url+"/#ropes")
	b.until(`document.readyState === "complete" && document.querySelector("[name=room]").value === "ropes"`)
	b.picture("chat-" + l.name + "-door")
	b.fits()
	b.do(`document.querySelector("[name=name]").focus()`)
	b.write(name)
	b.press("Enter")
	b.until(`document.documentElement.dataset.state === "inside" && document.title === "ropes"`)
	return b
}
