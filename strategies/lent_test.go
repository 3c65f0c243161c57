package strategies

import "testing"

func TestLentMemoryIsGivenBackButForWhatIsKept(t *testing.T) {
	l := lentVectors.of(1013)
	a, b := l.take(), l.take()
	if len(a) != 1013 || &a[0] == &b[0] {
		t.Fatalf("expected two vectors of 1013, found %d values, the same memory: %t", len(a), &a[0] == &b[0])
	}
	l.giveBack(b)
	if len(l.out) != 1 || &(*l.out[0])[0] != &b[0] {
		t.Errorf("expected the kept vector alone to be out, found %d", len(l.out))
	}
	for range 100 { // a pool may forget, but never lends twice
		if c := l.take(); &c[0] == &b[0] {
			t.Fatal("what was kept is lent again")
		}
	}
	l.giveBack(nil)
	if len(l.out) != 0 {
		t.Errorf("expected nothing out, found %d", len(l.out))
	}
}
