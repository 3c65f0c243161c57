package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/internal/commandline"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/report"
)

// oracleFlags say what counts as a deviation.
type oracleFlags struct {
	labelOnly             bool
	minConfidence, minGap float64
	tolerance             answer.Measure
	outputs               []string // to which it applies; nil for all
	named                 string   // of --oracle
}

func defineOracle(f *commandline.Flags) *oracleFlags {
	o := &oracleFlags{}
	share := func(text string) (float64, error) {
		v, err := spelling.Number(text)
		if err != nil || v <= 0 || v > 1 {
			return 0, spelling.Expected("a number above 0 and at most 1", text)
		}
		return v, nil
	}
	commandline.Define(f, "min-confidence", "P", "the original gives its label a score of at least P", &o.minConfidence, "", share)
	commandline.Define(f, "min-gap", "G", "the compressed model gives that label a score that is lower by at least G", &o.minGap, "", share)
	f.Switch("label-only", "judge by labels, and show the search no scores", &o.labelOnly)
	commandline.Define(f, "tolerance", "M", `judge by the numbers, which may be apart by absolute=0.5, by relative=0.01 (a share of the original's; "relative=0.01 from 2 on" takes smaller ones for 2) or, for vectors, by cosine=0.1`, &o.tolerance, "", plainly(answer.ParseMeasure)).
		Words("absolute=", "relative=", "cosine=")
	commandline.Define(f, "tolerance-of", "LIST", "the outputs that it is about, such as boxes,scores (default: all)", &o.outputs, "",
		func(text string) ([]string, error) { return strings.Split(text, ","), nil })
	f.String("oracle", "ORACLE", `judge by another oracle, with values and options by comma; of:NAME is the output that it reads, where there are several:
threshold=0.5 or threshold=300,500,apart:10 (a number crosses one of them)
labels=0.5, labels=0.5,0.3,0.7 or labels=0.5,logits (one of several labels flips)
nearest=gallery.npz,key:K,labels:K,by:l2 (another entry, or label, of a gallery of
vectors is nearest; nearest=FOLDER,inputs has each model make the vectors)
same=0.4,in:known.npz,names:FILE (the same as what is known, or not)
ctc=blank:0,alphabet:FILE,edits:1, sequence=ends:2 or next-token (texts)
detection=score:0.5,iou:0.5 (boxes; also with a layout, such as detection=yolov8,
nms:0.45, faint:0.3, and fit:centre,input:640x640 where pictures were resized)
segmentation=share:0.01 or segmentation=iou:0.8 (labels of pixels)`, &o.named).Words(oracles...)
	return o
}

// oracles are the beginnings of what --oracle takes.
var oracles = []string{"top-1", "top-2", "top-5", "label-only", "tolerance=", "threshold=", "labels=", "nearest=", "same=", "ctc=", "sequence=", "next-token",
	"detection=", "segmentation="}

// alone are the flags that say what a deviation is in a way of their own.
var alone = []string{"label-only", "min-confidence", "min-gap", "tolerance", "tolerance-of"}

// given reports whether the command line says what a deviation is.
func (o *oracleFlags) given(f *commandline.Flags) bool {
	return f.Given("oracle") || slices.ContainsFunc(alone, f.Given)
}

// ofScores are the beginnings of oracles that read scores of classes, or numbers, as the models' own scores are read.
var ofScores = []string{"top-", "label-only", "score tolerance ", "tolerance", "threshold"}

// readsRaw reports whether an oracle reads the numbers of outputs as they are, which is how models are to be opened for it.
func readsRaw(oracle string) bool {
	for one := range strings.SplitSeq(oracle, " or ") {
		if !slices.ContainsFunc(ofScores, func(of string) bool { return strings.HasPrefix(one, of) }) {
			return true
		}
	}
	return false
}

// oracle is the oracle that the command line asks for.
func (o *oracleFlags) oracle(f *commandline.Flags) (judging, error) {
	if !f.Given("oracle") {
		oracle, err := o.ofFlags(f)
		return judging{Oracle: oracle}, err
	}
	for _, name := range alone {
		if f.On(name) {
			return judging{}, f.Misuse("--oracle: expected it without --%s, which is an oracle of its own", name)
		}
	}
	oracle, err := judgingBy(o.named)
	if err != nil {
		return judging{}, f.Misuse("--oracle: %w%s", err, f.Value("oracle").Meant(o.named))
	}
	return oracle, nil
}

// ofFlags is the oracle of the flags that are each for one.
func (o *oracleFlags) ofFlags(f *commandline.Flags) (oracle answer.Oracle, err error) {
	if f.Given("tolerance") {
		if o.labelOnly || o.minConfidence > 0 || o.minGap > 0 {
			return nil, f.Misuse("--tolerance: expected it without --label-only, --min-confidence and --min-gap, which are about labels")
		}
		if oracle, err = answer.Tolerance(o.tolerance, o.outputs...); err != nil {
			return nil, f.Misuse("--tolerance-of: %w", err)
		}
		return oracle, nil
	}
	if f.Given("tolerance-of") {
		return nil, f.Misuse("--tolerance-of: expected --tolerance with it")
	}
	oracle = answer.Top1()
	if o.labelOnly {
		if o.minConfidence > 0 || o.minGap > 0 {
			return nil, f.Misuse("--label-only: expected it without --min-confidence and --min-gap, which need scores")
		}
		return answer.LabelOnly(), nil
	}
	if o.minGap > 0 {
		if oracle, err = answer.MinGap(o.minGap, oracle); err != nil {
			return nil, f.Misuse("--min-gap: %w", err)
		}
	}
	if o.minConfidence > 0 {
		if oracle, err = answer.MinConfidence(o.minConfidence, oracle); err != nil {
			return nil, f.Misuse("--min-confidence: %w", err)
		}
	}
	return oracle, nil
}

// asSaved is the oracle for saved triggers: that of the command line or, where it says none, that by which they were found, unless it
// compares labels. Labels are compared as they are then, however severe the deviations were that the search asked for.
func (o *oracleFlags) asSaved(f *commandline.Flags, saved corpus) (judging, error) {
	if o.given(f) {
		return o.oracle(f)
	}
	var oracle judging
	called := ""
	for i, s := range saved.saved {
		if i > 0 && s.Oracle == called {
			continue
		}
		own, err := oracleCalled(s, saved.dir)
		if err != nil {
			return oracle, f.Misuse("--oracle: expected it, as %s was found by %q, found none: %w", s.Dir, s.Oracle, err)
		}
		if answer.ByLabel(own.Oracle) {
			own = judging{Oracle: answer.Top1()}
		}
		if oracle.Oracle != nil && own.String() != oracle.String() {
			return oracle, f.Misuse("--oracle: expected it, as the triggers of %s were found by several, found none: %s and %s", saved.dir, oracle, own)
		}
		oracle, called = own, s.Oracle
	}
	if oracle.Oracle == nil {
		oracle.Oracle = answer.Top1()
	}
	return oracle, nil
}

// oracleCalled is the oracle of that name by which a trigger was found: made from what the command line of its search was or, where
// there is none, from its name.
func oracleCalled(s report.SavedTrigger, dir string) (judging, error) {
	if s.Oracle == "" {
		return judging{Oracle: answer.Top1()}, nil
	}
	for _, r := range savedResults(dir) {
		if text := r.option("oracle"); text != "" && r.Oracle == s.Oracle {
			again, err := judgingBy(text)
			if err == nil && again.String() != s.Oracle {
				err = fmt.Errorf("--oracle %s of its search is %s now", text, again)
			}
			return again, err
		}
	}
	oracle, err := judgingBy(s.Oracle)
	if err == nil && oracle.String() != s.Oracle {
		err = fmt.Errorf("that name is read as %s", oracle)
	}
	return oracle, err
}
