package answer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Sources are what an oracle needs that does not stand in its text; see [ParseOracle]. The zero value has nothing.
type Sources struct {
	// Names are those of the labels, in their order; nil where they are not known.
	Names []string
}

// ParseOracle reads an oracle, as it is written on a command line or as String of it writes it:
//
//	top-1   top-K=3   label-only
//	tolerance=absolute:0.5   tolerance=relative:0.01   tolerance=cosine:0.1,of:embedding
//	threshold=0.5   threshold=300,500,apart:10,number:1,of:price
//	detection=yolov8,score:0.5,faint:0.3,iou:0.5,nms:0.45   detection=fit:centre,input:640x640
//	segmentation=share:0.01   segmentation=one-class,iou:0.8,of:mask
//
// Behind the name and "=" or a space stand values, and options with ":" or a space, by comma; "of" is the name of an
// output. Oracles that are restricted, as by [MinGap], and several of [AnyOf] are read
// as String writes them.
func ParseOracle(text string, from Sources) (Oracle, error) {
	oracle, err := parseOracle(text, from)
	if err != nil {
		return nil, fmt.Errorf("answer: ParseOracle: %w", err)
	}
	return oracle, nil
}

// form is how an oracle is written.
type form struct {
	name    string
	example string
	options []string // that it takes
	make    func(w written, from Sources) (Oracle, error)
}

// forms are all oracles that are written by a name, values and options.
var forms []form

func init() { // as they are looked up by what they call
	forms = []form{
		{"top-1", "top-1", nil, func(w written, _ Sources) (Oracle, error) { return Top1(), w.noValues() }},
		{"label-only", "label-only", nil, func(w written, _ Sources) (Oracle, error) { return LabelOnly(), w.noValues() }},
		{"tolerance", "tolerance=absolute:0.5", []string{"absolute", "relative", "cosine", "of"}, parseTolerance},
		{"threshold", "threshold=0.5", []string{"apart", "number", "of"}, parseThreshold},
		{"detection", "detection=score:0.5", detectionOptions, parseDetection},
		{"segmentation", "segmentation=share:0.01", segmentationOptions, parseSegmentation},
	}
}

// OracleForms lists an example of each oracle that [ParseOracle] reads by its name.
func OracleForms() []string {
	examples := make([]string, len(forms))
	for i, f := range forms {
		examples[i] = f.example
	}
	return examples
}

func parseOracle(text string, from Sources) (Oracle, error) {
	if several := strings.Split(text, " or "); len(several) > 1 {
		return parseSeveral(several, from)
	}
	if at := lastRestriction(text); at > 0 {
		return parseRestricted(text, at, from)
	}
	if k, ok := strings.CutPrefix(text, "top-"); ok {
		n, err := strconv.Atoi(k)
		if err != nil {
			return nil, fmt.Errorf("expected top-K with a whole number such as top-5, found %.80q", text)
		}
		return TopK(n)
	}
	if most, ok := strings.CutPrefix(text, "score tolerance "); ok {
		v, err := strconv.ParseFloat(most, 64)
		if err != nil {
			return nil, fmt.Errorf("expected a number behind score tolerance, found %.80q", text)
		}
		return ScoreTolerance(v)
	}
	w := write(text)
	for _, f := range forms {
		if f.name != w.name {
			continue
		}
		oracle, err := f.read(w, from)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, withoutCall(err))
		}
		return oracle, nil
	}
	return nil, fmt.Errorf("expected an oracle such as %s, found %.80q", strings.Join(OracleForms(), ", "), text)
}

func (f form) read(w written, from Sources) (Oracle, error) {
	for _, o := range w.options {
		if !slices.Contains(f.options, o.key) {
			if len(f.options) == 0 {
				return nil, fmt.Errorf("expected no options, found %q", o.key)
			}
			return nil, fmt.Errorf("expected the options %s, found %q", strings.Join(f.options, ", "), o.key)
		}
	}
	return f.make(w, from)
}

// withoutCall drops the name of the function from the error of a constructor, for which the name of the oracle stands.
func withoutCall(err error) error {
	if text, ok := strings.CutPrefix(err.Error(), "answer: "); ok {
		if _, rest, ok := strings.Cut(text, ": "); ok {
			return errors.New(rest)
		}
	}
	return err
}

// parseSeveral reads the oracles of [AnyOf].
func parseSeveral(several []string, from Sources) (Oracle, error) {
	oracles := make([]Oracle, len(several))
	for i, text := range several {
		if lastRestriction(text) > 0 {
			return nil, fmt.Errorf("expected several oracles without a confidence or a gap, as it is not clear of which it is, found %.80q", text)
		}
		var err error
		if oracles[i], err = parseOracle(text, from); err != nil {
			return nil, err
		}
	}
	return AnyOf(oracles...)
}

// The beginnings of what [MinConfidence] and [MinGap] put behind the oracle that they restrict.
const (
	withConfidence = " with the original at least "
	withGap        = " with a gap of at least "
)

// lastRestriction is where the restriction stands that was put on last; below 0 where there is none.
func lastRestriction(text string) int {
	return max(strings.LastIndex(text, withConfidence), strings.LastIndex(text, withGap))
}

func parseRestricted(text string, at int, from Sources) (Oracle, error) {
	inner, err := parseOracle(text[:at], from)
	if err != nil {
		return nil, err
	}
	behind, restrict := withConfidence, MinConfidence
	if strings.HasPrefix(text[at:], withGap) {
		behind, restrict = withGap, MinGap
	}
	number, _, _ := strings.Cut(text[at+len(behind):], " ")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return nil, fmt.Errorf("expected a number behind %q, found %.80q", behind, text[at:])
	}
	oracle, err := restrict(v, inner)
	if err != nil {
		return nil, withoutCall(err)
	}
	if oracle.String() != inner.String()+text[at:] {
		return nil, fmt.Errorf("expected an oracle as %q, found %.80q", oracle, text)
	}
	return oracle, nil
}

// written is the text of an oracle in its parts.
type written struct {
	name    string
	values  []string
	options []option
}

type option struct{ key, value string }

// write takes a text apart: a name, "=" or a space, and by comma values, and options with ":" or a space.
func write(text string) written {
	at := strings.IndexAny(text, "= ")
	if at < 0 {
		return written{name: text}
	}
	w := written{name: text[:at]}
	for part := range strings.SplitSeq(text[at+1:], ",") {
		part = strings.TrimSpace(part)
		if at := strings.IndexAny(part, ": "); at > 0 {
			w.options = append(w.options, option{part[:at], strings.TrimSpace(part[at+1:])})
		} else {
			w.values = append(w.values, part)
		}
	}
	return w
}

func (w written) noValues() error {
	if len(w.values) > 0 {
		return fmt.Errorf("expected no value, found %q", w.values[0])
	}
	return nil
}

// text is the value of an option, "" where it is not given.
func (w written) text(key string) (value string, err error) {
	given := false
	for _, o := range w.options {
		if o.key != key {
			continue
		}
		if given || o.value == "" {
			return "", fmt.Errorf("option %s: expected one value, found %q", key, value+o.value)
		}
		value, given = o.value, true
	}
	return value, nil
}

// number is a number of an option, and what it is where that is not given.
func (w written) number(key string, otherwise float64) (float64, error) {
	text, err := w.text(key)
	if err != nil || text == "" {
		return otherwise, err
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("option %s: expected a number, found %q", key, text)
	}
	return v, nil
}

// count is number for whole numbers.
func (w written) count(key string, otherwise int) (int, error) {
	text, err := w.text(key)
	if err != nil || text == "" {
		return otherwise, err
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("option %s: expected a whole number, found %q", key, text)
	}
	return n, nil
}

// numbers are the values, which are numbers.
func (w written) numbers() ([]float64, error) {
	numbers := make([]float64, len(w.values))
	for i, text := range w.values {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("expected a number, found %q", text)
		}
		numbers[i] = v
	}
	return numbers, nil
}

// parseTolerance reads "tolerance absolute 0.5", or "tolerance relative 0.5 from 1 on of price, boxes" as it is written.
func parseTolerance(w written, _ Sources) (Oracle, error) {
	if err := w.noValues(); err != nil && w.values[0] == "" {
		return nil, errors.New("expected absolute:A, relative:R, relative:R from F on or cosine:D, found none")
	}
	if len(w.options) == 0 {
		return nil, errors.New("expected absolute:A, relative:R, relative:R from F on or cosine:D, found none")
	}
	measure, outputs, some := strings.Cut(w.options[0].key+" "+w.options[0].value, " of ")
	m, err := ParseMeasure(measure)
	if err != nil {
		return nil, err
	}
	var names []string
	if some {
		names = append(names, outputs)
	}
	for _, o := range w.options[1:] {
		if o.key != "of" {
			return nil, fmt.Errorf("expected one measure, found %q too", o.key)
		}
		names = append(names, o.value)
	}
	return Tolerance(m, append(names, w.values...)...)
}

func parseThreshold(w written, _ Sources) (Oracle, error) {
	at, err := w.numbers()
	if err != nil {
		return nil, err
	}
	apart, err1 := w.number("apart", 0)
	number, err2 := w.count("number", 0)
	output, err3 := w.text("of")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	return Threshold(Thresholds{At: at, Output: output, Number: number, Apart: apart})
}
