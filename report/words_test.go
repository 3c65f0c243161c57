package report_test

import (
	"math"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestWords(t *testing.T) {
	trigger := &engine.Trigger{SeedIndex: 7, SeedName: "shirt.png", SeedLabel: 1, Labels: answer.Labels{OriginalLabel: 1, CompressedLabel: 4}, OriginalConfidence: 0.61, CompressedConfidence: 0.55}
	unknown := *trigger
	unknown.SeedName, unknown.SeedLabel = "", input.Unlabelled
	names := []string{"Trouser", "Shirt"}
	priced := engine.Trigger{Original: answer.Of(12.5), Compressed: answer.Of(13), Labels: answer.Labels{OriginalLabel: -1, CompressedLabel: -1, Deviation: answer.DeviationOf(
		model.Must(answer.Tolerance(answer.Absolute(0.25))), answer.Of(12.5), answer.Of(13))}}
	inEuros := func(m answer.Measure) *engine.Trigger {
		t := priced
		t.Original, t.Compressed = answer.Of(1, 12.5), answer.Of(1, 15)
		t.Deviation = answer.DeviationOf(model.Must(answer.Tolerance(m.In("thousand €"))), t.Original, t.Compressed)
		return &t
	}
	healed, broken := priced, priced
	healed.Answer(engine.Evaluation{Original: answer.Of(12.5), Compressed: answer.Of(12.5)})
	nan := answer.Of(float32(math.NaN()))
	told := answer.DeviationOf(nil, answer.Of(12.5), nan)
	broken.Answer(engine.Evaluation{Original: answer.Of(12.5), Compressed: nan, Verdict: answer.Verdict{Deviates: true, Kind: answer.NotFinite}, Deviation: &told})
	for _, c := range []struct{ got, want string }{
		{report.Plural(1, "query"), "1 query"},
		{report.Plural(0, "query"), "0 queries"},
		{report.Plural(2, "quantised node"), "2 quantised nodes"},
		{report.Verb(1, "deviate") + " " + report.Verb(1, "are") + " " + report.Verb(1, "have"), "deviates is has"},
		{report.Verb(0, "are"), "are"},
		{report.OriginInWords(trigger, names), "seed 7 (shirt.png), truly Shirt"},
		{report.OriginInWords(&unknown, names), "seed 7"},
		{report.AnswersInWords(trigger, names), "original says Shirt (0.61), compressed says class 4 (0.55)"},
		{report.AnswersInWords(&priced, names), "original says 12.5, compressed says 13 (+0.5)"},
		{report.AnswersInWords(inEuros(answer.Absolute(1)), names), "original says 12.5 thousand € (number 2 of 2), compressed says 15 thousand € (+2.5 thousand €)"},
		{report.AnswersInWords(inEuros(answer.Relative(0.01, 0)), names), "original says 12.5 thousand € (number 2 of 2), compressed says 15 thousand € (+20 %)"},
		{report.AnswersInWords(&healed, names), "original says 12.5, compressed says 12.5"},
		{report.AnswersInWords(&broken, names), "original says 12.5, the compressed model gives NaN"},
	} {
		if c.got != c.want {
			t.Errorf("expected %q, found %q", c.want, c.got)
		}
	}
}
