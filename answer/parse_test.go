package answer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/model"
)

// What an oracle is called is read as that oracle again, and so is the shorter text of a command line.
func TestOraclesAreReadAsTheyAreWritten(t *testing.T) {
	threshold := func(th answer.Thresholds) answer.Oracle { return model.Must(answer.Threshold(th)) }
	for _, test := range []struct {
		text   string // of a command line; "" where there is none
		oracle answer.Oracle
	}{
		{"top-1", answer.Top1()},
		{"top-3", model.Must(answer.TopK(3))},
		{"label-only", answer.LabelOnly()},
		{"tolerance=absolute:0.5", model.Must(answer.Tolerance(answer.Absolute(0.5)))},
		{"tolerance=relative:0.5 from 1 on,of:price,of:boxes", model.Must(answer.Tolerance(answer.Relative(0.5, 1), "price", "boxes"))},
		{"tolerance=cosine:0.1,of:Identity:0,of:price:0", model.Must(answer.Tolerance(answer.Cosine(0.1), "Identity:0", "price:0"))},
		{"", model.Must(answer.Tolerance(answer.Absolute(1), "first", "absolute 2", "of:x"))},
		{"", model.Must(answer.ScoreTolerance(0.25))},
		{"", model.Must(answer.MinGap(0.25, model.Must(answer.MinConfidence(0.5, nil))))},
		{"", model.Must(answer.MinConfidence(0.5, model.Must(answer.MinGap(0.25, model.Must(answer.TopK(2))))))},
		{"threshold=0.5 or tolerance=cosine:0.1", model.Must(answer.AnyOf(threshold(answer.Thresholds{At: []float64{0.5}}), model.Must(answer.Tolerance(answer.Cosine(0.1)))))},
		{"threshold=0.7", threshold(answer.Thresholds{At: []float64{0.7}})},
		{"threshold=500, 300,apart:1e-3,number:2,of:StatefulPartitionedCall:0", threshold(answer.Thresholds{At: []float64{500, 300}, Apart: 1e-3, Number: 2, Output: "StatefulPartitionedCall:0"})},
		{"labels", model.Must(answer.SeveralLabels(answer.LabelThresholds{}))},
		{"labels=0.5,0.3,apart:0.1,logits,of:tags", model.Must(answer.SeveralLabels(answer.LabelThresholds{At: []float64{0.5, 0.3}, Logits: true, Apart: 0.1, Output: "tags"}))},
		{"ctc=", model.Must(answer.CTC(answer.Text{}))},
		{"ctc=blank:-1,edits:2,of:log probs,classes-first", model.Must(answer.CTC(answer.Text{Blank: -1, Edits: 2, Output: "log probs", ClassesFirst: true}))},
		{"sequence", model.Must(answer.Tokens(answer.Text{}))},
		{"sequence=ends:2,ends:0,trim:3,edits:1", model.Must(answer.Tokens(answer.Text{Ends: []int{2, 0}, Trim: []int{3}, Edits: 1}))},
		{"next-token=of:logits", model.Must(answer.NextToken(answer.Text{Output: "logits"}))},
	} {
		for _, text := range []string{test.oracle.String(), test.text} {
			if text == "" {
				continue
			}
			got, err := answer.ParseOracle(text, answer.Sources{})
			if err != nil || got.String() != test.oracle.String() {
				t.Errorf("%q: %v, error %v; expected %v", text, got, err, test.oracle)
			}
		}
	}
	sources := answer.Sources{
		Lines: func(string) ([]string, error) { return []string{"a", "b"}, nil },
		Vectors: func(of answer.VectorSource) (answer.Gallery, error) {
			return answer.Gallery{Vectors: grid(1, 2), Labels: []string{"a", "b"}, Names: []string{"c", "d"}, Name: fmt.Sprintf("%+v", of)}, nil
		},
	}
	for _, example := range answer.OracleForms() {
		if _, err := answer.ParseOracle(example, sources); err != nil {
			t.Errorf("%q: %v", example, err)
		}
	}
	for text, want := range map[string]string{
		"nearest=gallery.npz": "label of the nearest in {File:gallery.npz Key: Labels: Names: Inputs:false Output:}, by cosine",
		`nearest=C:\my shop.npz,key:k,labels:l,names:n,by:l2,itself:0.5,apart:0.25,of:e,inputs`: `label of the nearest in {File:C:\my shop.npz Key:k Labels:l Names:n Inputs:true Output:e}, by l2, itself 0.5, apart 0.25, of e`,
		"same=0.4,in:known.npz,key:k,names:n,by:l2,apart:0.5,of:e":                              "same as in {File:known.npz Key:k Labels: Names:n Inputs:false Output:e} below 0.4, by l2, apart 0.5, of e",
	} {
		if o, err := answer.ParseOracle(text, sources); err != nil || o.String() != want {
			t.Errorf("%q: %v, error %v; expected %q", text, o, err, want)
		}
	}
	ctc, err := answer.ParseOracle("ctc=alphabet:letters.txt", sources)
	if err != nil {
		t.Fatal(err)
	}
	if d := answer.DeviationOf(ctc, text([]int{1, 3}, 1), text([]int{1, 3}, 2)); d.In(nil) != `"a" → "b"` {
		t.Errorf("the alphabet is lost: %q", d.In(nil))
	}
}

func TestOraclesThatCannotBeRead(t *testing.T) {
	for _, test := range []struct{ text, says string }{
		{"", `expected an oracle such as top-1`},
		{"fast", `tolerance=absolute:0.5, threshold=0.5`},
		{"fast", `found "fast"`},
		{"top-x", "expected top-K with a whole number"},
		{"detection=score:0", `option score: expected a number above 0, found "0"`},
		{"segmentation=share:0,iou:0.5", `option share: expected a number above 0, found "0"`},
		{"segmentation=one-class,share:0.1,threshold:0", `option threshold: expected a number above 0, found "0"`},
		{"top-0", "k is 0; expected at least 1"},
		{"label-only=3", `label-only: expected no value, found "3"`},
		{"label-only=of:x", `label-only: expected no options, found "of"`},
		{"tolerance", "tolerance: expected absolute:A, relative:R"},
		{"tolerance=0.5", "tolerance: expected absolute:A, relative:R"},
		{"tolerance=absolute:x", "tolerance: "},
		{"tolerance=absolute:1,cosine:1", `expected one measure, found "cosine" too`},
		{"threshold", "threshold: expected at least one threshold, found none"},
		{"threshold=half", `threshold: expected a number, found "half"`},
		{"threshold=NaN", "threshold: expected thresholds that are numbers, found NaN"},
		{"threshold=0.5,apart:x", `threshold: option apart: expected a number, found "x"`},
		{"threshold=0.5,apart:-1", "threshold: expected to be apart by 0 or more, found -1"},
		{"threshold=0.5,number:1.5", `threshold: option number: expected a whole number, found "1.5"`},
		{"threshold=0.5,of:a,of:b", "threshold: option of: expected one value"},
		{"threshold=0.5,on:a", `threshold: expected the options apart, number, of, found "on"`},
		{"labels=half", `labels: expected a number, found "half"`},
		{"labels=2,logits", "labels: expected thresholds above 0 and below 1 for the sigmoids of logits, found 2"},
		{"nearest", "nearest: expected one file of vectors such as gallery.npz, found []"},
		{"nearest=a.npz,b.npz", `expected one file of vectors such as gallery.npz, found ["a.npz" "b.npz"]`},
		{"nearest=a.npz", `nearest: expected no file where files cannot be read, found "a.npz"`},
		{"same=0.4", "same: expected the file of what is known, such as in:known.npz, found none"},
		{"same=x,in:a.npz", `same: expected a number, found "x"`},
		{"same=in:a.npz", "same: expected one distance, such as 0.4, found 0"},
		{"ctc=0", `ctc: expected no value, found "0"`},
		{"ctc=blank:x", `ctc: option blank: expected a whole number, found "x"`},
		{"ctc=ends:1", `ctc: expected the options blank, trim, edits, alphabet, of, found "ends"`},
		{"ctc=alphabet:a.txt", `ctc: option alphabet: expected none where files cannot be read, found "a.txt"`},
		{"sequence=ends:x", `sequence: option ends: expected a whole number, found "x"`},
		{"next-token=edits:1", `next-token: expected the options alphabet, of, found "edits"`},
		{"top-1 with a gap of at least x in the score of the original's label", "expected a number behind"},
		{"top-1 with a gap of at least 0.5 in whatever", "expected an oracle as"},
		{"top-1 with a gap of at least 2 in the score of the original's label", "gap is 2"},
		{"threshold=0.5 or top-1 with a gap of at least 0.5 in the score of the original's label", "as it is not clear of which it is"},
		{"threshold=0.5 or label-only", "expected one that looks at all numbers"},
	} {
		if o, err := answer.ParseOracle(test.text, answer.Sources{}); err == nil || !strings.HasPrefix(err.Error(), "answer: ParseOracle: ") || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: %v, error %v; expected %q", test.text, o, err, test.says)
		}
	}
}

func FuzzParseOracle(f *testing.F) {
	for _, example := range answer.OracleForms() {
		f.Add(example)
	}
	f.Add("top-1 with the original at least 0.5 confident or top-2")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := answer.ParseOracle(text, answer.Sources{})
		if (o == nil) == (err == nil) {
			t.Fatalf("%v, error %v", o, err)
		}
		if err != nil {
			return
		}
		again, err := answer.ParseOracle(o.String(), answer.Sources{})
		if err != nil || again.String() != o.String() {
			t.Fatalf("%q: %q is read as %v, error %v", text, o, again, err)
		}
	})
}
