package minimize_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/minimize"
	"github.com/triggerfinder/triggerfinder/model"
)

// bright is where a minimised trigger need not lie.
func bright(in input.Input) bool { return in.Data[5] > 200 }

func TestMinimizeKeepsWhatIsNotFinite(t *testing.T) {
	for _, test := range []struct {
		name       string
		compressed model.PredictorFunc
		kind       answer.Kind
	}{
		{"not finite", enginetest.Failing(enginetest.Brightness(120), bright, enginetest.NaN), answer.NotFinite},
		{"another answer", enginetest.Failing(enginetest.Brightness(160), bright, enginetest.NaN), answer.OtherAnswer},
	} {
		for _, any := range []bool{false, true} {
			from := brightTrigger()
			if test.kind == answer.NotFinite {
				for i := range from.Input.Data {
					from.Input.Data[i] = 210
				}
				from.CompressedLabel = answer.NoLabel
			}
			from.Distance, from.ID = distance.DistanceBetween(from.Seed, from.Input), from.Input.ID()
			s := minimize.Settings{Aim: distance.NearestL2, AnyDeviation: any}
			pair := enginetest.PairOf(enginetest.Brightness(120), test.compressed)
			m, err := minimize.Trigger(t.Context(), pair, from, s)
			if err != nil {
				t.Fatal(err)
			}
			checkMinimized(t, pair, from, s, m)
			if m.Trigger.Kind != test.kind || !m.Smaller() {
				t.Errorf("%s: kind %q, smaller: %t", test.name, m.Trigger.Kind, m.Smaller())
			}
			if any && test.kind == answer.NotFinite && (m.After.L0 != 1 || m.Trigger.Input.Data[5] > 202) {
				t.Errorf("%s: %+v; expected the one pixel that it takes", test.name, m.After)
			}
		}
	}
	from := brightTrigger()
	_, err := minimize.Trigger(t.Context(), enginetest.PairOf(enginetest.Failing(enginetest.Brightness(120), enginetest.Everywhere, enginetest.NaN), enginetest.Brightness(128)), from, minimize.Settings{})
	if !errors.Is(err, engine.ErrNoDeviation) || !strings.Contains(err.Error(), "the original gives NaN for 1 of 2 scores") {
		t.Error(err)
	}
}
