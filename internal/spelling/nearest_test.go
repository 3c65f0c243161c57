package spelling_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/internal/spelling"
)

func TestNearest(t *testing.T) {
	words := []string{"original", "compressed", "seeds", "scale", "std", "n", "boundary", "nearest="}
	for written, want := range map[string]string{
		"orginal": "original", "sedes": "seeds", "Seeds": "seeds", "sacle": "scale", "compresed": "compressed", "compr": "compressed",
		"bondary": "boundary", "near": "nearest=", "quite-another-word": "", "x": "", "": "", "ß": "",
	} {
		if got := spelling.Nearest(written, words); got != want {
			t.Errorf("%q: expected %q, found %q", written, want, got)
		}
	}
}

func TestNearestOfLongText(t *testing.T) {
	if got := spelling.Nearest(strings.Repeat("seeds", 1<<18), []string{"seeds"}); got != "" {
		t.Errorf("found %q", got)
	}
}

func TestMeant(t *testing.T) {
	for text, want := range map[string]string{"lnif=8": "; did you mean linf?", "linf=x": "", "quite-another": "", "bounday": "; did you mean boundary?"} {
		if got := spelling.Meant(text, []string{"linf=", "boundary"}); got != want {
			t.Errorf("%q: expected %q, found %q", text, want, got)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"seeds", "sedes", 1}, {"kitten", "sitting", 3}, {"größe", "grösse", 2}} {
		if a, b := spelling.Distance(c.a, c.b), spelling.Distance(c.b, c.a); a != c.want || b != c.want {
			t.Errorf("%q, %q: expected %d both ways, found %d and %d", c.a, c.b, c.want, a, b)
		}
	}
}
