package buffer

import "testing"

func TestClasses(t *testing.T) {
	for c := range numClasses {
		size := classSize(c)
		if got := classOf(size); got != c {
			t.Errorf("classOf(%d) = %d, want %d", size, got, c)
		}
		if c+1 < numClasses {
			if got := classOf(size + 1); got != c+1 {
				t.Errorf("classOf(%d) = %d, want %d", size+1, got, c+1)
			}
			if next := classSize(c + 1); next*4 > size*5 {
				t.Errorf("class %d of %d B is followed by %d B: more than 25 %% waste", c, size, next)
			}
		}
	}
	if classSize(0) != minBlock || classSize(numClasses-1) != maxBlock {
		t.Fatalf("classes run from %d to %d", classSize(0), classSize(numClasses-1))
	}
}
