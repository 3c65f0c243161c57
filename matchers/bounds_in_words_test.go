package matchers

import "testing"

// "Below 2 %, but it is at most 2 %" would look like a contradiction.
func TestBoundsAreOnTheirSideOfTheLimit(t *testing.T) {
	for _, c := range []struct {
		bound, limit float64
		want         string
	}{
		{0.01998, 0.02, "1.998 %"}, {0.0199996, 0.02, "1.99996 %"}, {0.02000001, 0.02, "2.000001 %"},
		{0.02, 0.02, "2 %"}, {0.0154321, 0.02, "1.54 %"}, {0, 0.02, "0 %"},
	} {
		if got := boundBeside(c.bound, c.limit); got != c.want {
			t.Errorf("boundBeside(%g, %g) = %q; expected %q", c.bound, c.limit, got, c.want)
		}
	}
}
