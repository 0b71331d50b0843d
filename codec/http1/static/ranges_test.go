package static

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestParseRange(t *testing.T) {
	const most = "9223372036854775807"
	many := func(n int) string { return strings.TrimSuffix("bytes="+strings.Repeat("0-0,", n), ",") }
	for _, c := range []struct {
		value string
		size  int64
		want  string // spans, or "all" or "nothing"
	}{
		{"bytes=0-4", 10, "[{0 5}]"},
		{"bytes=0-0", 10, "[{0 1}]"},
		{"bytes=9-9", 10, "[{9 1}]"},
		{"bytes=5-", 10, "[{5 5}]"},
		{"bytes=-3", 10, "[{7 3}]"},
		{"bytes=-30", 10, "[{0 10}]"},
		{"bytes=0-99", 10, "[{0 10}]"},
		{"bytes=007-008", 10, "[{7 2}]"},
		{"BYTES=0-4", 10, "[{0 5}]"},
		{"bytes=0-0,-1", 10, "[{0 1} {9 1}]"},
		{"bytes= 0-0 ,\t2-3 ", 10, "[{0 1} {2 2}]"},
		{"bytes=,,0-0,,2-3,,", 10, "[{0 1} {2 2}]"},
		{"bytes=5-6,0-1", 10, "[{5 2} {0 2}]"},
		{"bytes=0-1,20-30", 10, "[{0 2}]"},
		{"bytes=20-30,-0,4-5", 10, "[{4 2}]"},
		{"bytes=0-4,2-6", 10, "[{0 5} {2 5}]"},
		{"bytes=0-4,2-6,7-7", 10, "all"},
		{"bytes=0-,0-", 10, "all"},
		{"bytes=0-" + most, 10, "[{0 10}]"},
		{"bytes=0-9" + most, 10, "[{0 10}]"},
		{"bytes=-9" + most, 10, "[{0 10}]"},
		{"bytes=" + most + "-", 10, "nothing"},
		{"bytes=9" + most + "-9" + most, 10, "nothing"},
		{"bytes=0-0", math.MaxInt64, "[{0 1}]"},
		{"bytes=0-," + "0-,0-,0-", math.MaxInt64, "all"},
		{"bytes=-1", math.MaxInt64, "[{9223372036854775806 1}]"},
		{many(16), 100, fmt.Sprint(slices.Repeat([]span{{0, 1}}, 16))},
		{many(17), 100, "all"},
		{"bytes=10-", 10, "nothing"},
		{"bytes=10-12", 10, "nothing"},
		{"bytes=-0", 10, "nothing"},
		{"bytes=20-30,40-", 10, "nothing"},
		{"bytes=0-", 0, "all"},
		{"bytes=-5", 0, "all"},
		{"bytes=7-8", 0, "all"},
		{"lines=0-4", 10, "all"},
		{"items=a", 10, "all"},
		{"byte=0-4", 10, "all"},
		{"bytes", 10, "nothing"},
		{"bytes=", 10, "nothing"},
		{"bytes=,", 10, "nothing"},
		{"=0-4", 10, "nothing"},
		{"by tes=0-4", 10, "nothing"},
		{"bytes =0-4", 10, "nothing"},
		{"", 10, "nothing"},
		{"bytes=4-2", 10, "nothing"},
		{"bytes=0-1,4-2", 10, "nothing"},
		{"bytes=-", 10, "nothing"},
		{"bytes=a-b", 10, "nothing"},
		{"bytes=0x1-2", 10, "nothing"},
		{"bytes=+1-2", 10, "nothing"},
		{"bytes=1 -2", 10, "nothing"},
		{"bytes=1", 10, "nothing"},
		{"bytes=1-2-3", 10, "nothing"},
		{"bytes=--1", 10, "nothing"},
		{"bytes=0-1;2-3", 10, "nothing"},
	} {
		spans, what := parseRange(nil, []byte(c.value), c.size)
		got := map[asked]string{askedAll: "all", askedNothing: "nothing", askedSpans: fmt.Sprint(spans)}[what]
		if got != c.want {
			t.Errorf("%q of %d bytes: %s, want %s", c.value, c.size, got, c.want)
		}
	}
}

// FuzzParseRange compares with a parser that is made of a regular expression and numbers of any size.
func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"bytes=0-4", "bytes=-5,7-", "bytes=0-0 , 5-9", "bytes=99999999999999999999-", "lines=1", "bytes=,1-2,", "BYTES=3-1"} {
		f.Add(s, int64(10))
		f.Add(s, int64(0))
		f.Add(s, int64(math.MaxInt64))
	}
	f.Fuzz(func(t *testing.T, value string, size int64) {
		if size < 0 {
			return
		}
		spans, what := parseRange(nil, []byte(value), size)
		want, wantWhat := referenceRange(value, size)
		if what != wantWhat || what == askedSpans && !slices.Equal(spans, want) {
			t.Fatalf("%q of %d bytes: %v %v, want %v %v", value, size, what, spans, wantWhat, want)
		}
		if what != askedSpans && len(spans) != 0 {
			t.Fatalf("%q: spans %v are left", value, spans)
		}
		for _, s := range spans {
			if s.off < 0 || s.n <= 0 || s.off > size-s.n {
				t.Fatalf("%q of %d bytes: %v", value, size, s)
			}
		}
	})
}

var (
	rangeUnit = regexp.MustCompile("^([-!#$%&'*+.^_`|~0-9A-Za-z]+)=(?s:(.*))$")
	rangeSpec = regexp.MustCompile(`^[ \t]*(?:([0-9]*)-([0-9]*))?[ \t]*$`)
)

func referenceRange(value string, size int64) (spans []span, what asked) {
	m := rangeUnit.FindStringSubmatch(value)
	if m == nil {
		return nil, askedNothing
	}
	if !strings.EqualFold(m[1], "bytes") {
		return nil, askedAll
	}
	total, count := new(big.Int), 0
	top := big.NewInt(size)
	for _, one := range strings.Split(m[2], ",") {
		s := rangeSpec.FindStringSubmatch(one)
		if s == nil || strings.Trim(one, " \t") == "-" {
			return nil, askedNothing
		}
		if strings.Trim(one, " \t") == "" {
			continue
		}
		first, last := new(big.Int), new(big.Int).Sub(top, big.NewInt(1))
		if s[1] == "" {
			n, _ := new(big.Int).SetString(s[2], 10)
			if first.Sub(top, n); first.Sign() < 0 {
				first.SetInt64(0)
			}
		} else {
			first.SetString(s[1], 10)
			if s[2] != "" {
				end, _ := new(big.Int).SetString(s[2], 10)
				// Numbers beyond any file are one number to the parser.
				if limit := big.NewInt(math.MaxInt64); end.Cmp(first) < 0 && end.Cmp(limit) < 0 {
					return nil, askedNothing
				}
				if end.Cmp(last) < 0 {
					last = end
				}
			}
		}
		if count++; count > maxRanges {
			return nil, askedAll
		}
		if n := new(big.Int).Sub(last, first); n.Sign() >= 0 {
			total.Add(total, n.Add(n, big.NewInt(1)))
			spans = append(spans, span{first.Int64(), n.Int64()})
		}
	}
	switch {
	case count == 0:
		return nil, askedNothing
	case size == 0 || total.Cmp(top) > 0:
		return nil, askedAll
	case len(spans) == 0:
		return nil, askedNothing
	}
	return spans, askedSpans
}
