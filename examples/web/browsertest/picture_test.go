package browsertest

import (
	"bytes"
	"image"
	"image/png"
	"testing"
)

// A picture is what a tab shows.
type picture struct{ image.Image }

func decode(t testing.TB, data []byte) picture {
	t.Helper()
	p, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return picture{p}
}

// A box is the place of an element in CSS pixels.
type box struct{ X, Y, Width, Height float64 }

// drawn returns which part of a box is not in the colour that most of it has.
func (p picture) drawn(b box, scale float64) float64 {
	counts := make(map[[3]uint32]int)
	all, most := 0, 0
	for y := int(b.Y * scale); y < int((b.Y+b.Height)*scale); y++ {
		for x := int(b.X * scale); x < int((b.X+b.Width)*scale); x++ {
			if !image.Pt(x, y).In(p.Bounds()) {
				continue
			}
			r, g, bl, _ := p.At(x, y).RGBA()
			c := [3]uint32{r >> 8, g >> 8, bl >> 8}
			counts[c]++
			all++
			most = max(most, counts[c])
		}
	}
	if all == 0 {
		return 0
	}
	return float64(all-most) / float64(all)
}

// brightness returns that of a corner: 0 is black, 1 is white.
func (p picture) brightness() float64 {
	r, g, b, _ := p.At(2, 2).RGBA()
	return float64(r+g+b) / (3 * 0xffff)
}
