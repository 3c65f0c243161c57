package engine_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
)

func TestParseAim(t *testing.T) {
	for _, aim := range []engine.Aim{engine.NearestSSIM, engine.NearestL2, engine.NearestLInf, engine.NearestL0} {
		if got, err := engine.ParseAim(aim.String()); err != nil || got != aim {
			t.Errorf("%s: got %s, error %v", aim, got, err)
		}
	}
	for _, name := range []string{"", "SSIM", "l1", "Aim(7)"} {
		if _, err := engine.ParseAim(name); err == nil || !strings.Contains(err.Error(), "expected ssim, l2, linf or l0") {
			t.Errorf("%q: error %v", name, err)
		}
	}
}
