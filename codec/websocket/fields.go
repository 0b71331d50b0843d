package websocket

import (
	"iter"
	"strings"
)

// An extension is an element of Sec-WebSocket-Extensions, RFC 6455 section 9.1.
type extension struct {
	name   string
	params []param
}

// A param is a parameter of an extension.
type param struct {
	name, value string
	has         bool // there is a value, which may be empty
}

// parseExtensions reads the values of all fields Sec-WebSocket-Extensions of a message. It returns false if they do not follow
// the grammar.
//
//	extension-list  = 1#( token *( ";" extension-param ) )
//	extension-param = token [ "=" ( token | quoted-string ) ]    the quoted string holds a token
func parseExtensions(values iter.Seq[[]byte]) (list []extension, ok bool) {
	for v := range values {
		l := lexer{string(v)}
		for {
			if l.skip(','); l.text == "" {
				break
			}
			e := extension{name: l.token()}
			if e.name == "" {
				return nil, false
			}
			for l.take(';') {
				p := param{name: l.token()}
				if p.name == "" {
					return nil, false
				}
				if p.has = l.take('='); p.has {
					if p.value = l.tokenOrQuoted(); p.value == "" {
						return nil, false
					}
				}
				e.params = append(e.params, p)
			}
			list = append(list, e)
			if l.text != "" && l.text[0] != ',' {
				return nil, false
			}
		}
	}
	return list, true
}

// parseTokens reads a list of tokens: the values of all fields Sec-WebSocket-Protocol of a request. It returns false if one is
// invalid, or there twice (section 4.1).
func parseTokens(values iter.Seq[[]byte]) (list []string, ok bool) {
	seen := map[string]bool{}
	for v := range values {
		l := lexer{string(v)}
		for {
			if l.skip(','); l.text == "" {
				break
			}
			t := l.token()
			if t == "" || seen[t] || l.text != "" && l.text[0] != ',' {
				return nil, false
			}
			seen[t] = true
			list = append(list, t)
		}
	}
	return list, true
}

// A lexer takes the value of a field apart. Each method skips the white space behind what it has found.
type lexer struct{ text string }

// skip skips white space and any number of c: RFC 9110 section 5.6.1.2 has recipients of lists ignore empty elements.
func (l *lexer) skip(c byte) {
	l.text = strings.TrimLeft(l.text, " \t"+string(rune(c)))
}

func (l *lexer) take(c byte) bool {
	if l.text == "" || l.text[0] != c {
		return false
	}
	l.text = strings.TrimLeft(l.text[1:], " \t")
	return true
}

func (l *lexer) token() string {
	n := 0
	for n < len(l.text) && isTokenChar(l.text[n]) {
		n++
	}
	t := l.text[:n]
	l.text = strings.TrimLeft(l.text[n:], " \t")
	return t
}

func (l *lexer) tokenOrQuoted() string {
	if !strings.HasPrefix(l.text, `"`) {
		return l.token()
	}
	var t strings.Builder
	for i := 1; i < len(l.text); i++ {
		c := l.text[i]
		if c == '"' {
			l.text = strings.TrimLeft(l.text[i+1:], " \t")
			return t.String()
		}
		if c == '\\' && i+1 < len(l.text) {
			i++
			c = l.text[i]
		}
		if !isTokenChar(c) {
			return ""
		}
		t.WriteByte(c)
	}
	return ""
}

// isTokenChar tells whether c may be in a token, RFC 9110 section 5.6.2.
func isTokenChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// isToken tells whether text is a token.
func isToken(text string) bool {
	l := lexer{text}
	return text != "" && l.token() == text
}
