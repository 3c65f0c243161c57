package answer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Sources are what an oracle needs that does not stand in its text; see [ParseOracle]. The zero value has nothing.
type Sources struct {
	// Lines reads a file of a symbol a line, such as an alphabet.
	Lines func(file string) ([]string, error)
	// Vectors opens a file with vectors: it fills in their Vectors, Compressed, Names, Labels and Name.
	Vectors func(of VectorSource) (Gallery, error)
}

// VectorSource is where the text of an oracle says that vectors are.
type VectorSource struct {
	File string
	// Key, Labels and Names are the arrays in the file that are the vectors, their labels and their names; "" where the text says none.
	Key, Labels, Names string
	// Inputs says that the file holds inputs, which each model turns into vectors by its output of the name Output.
	Inputs bool
	Output string
}

// ParseOracle reads an oracle, as it is written on a command line or as String of it writes it:
//
//	top-1   top-3   label-only
//	tolerance=absolute:0.5   tolerance=relative:0.01   tolerance=cosine:0.1,of:embedding
//	threshold=0.5   threshold=300,500,apart:10,number:1,of:price
//	detection=yolov8,score:0.5,faint:0.3,iou:0.5,nms:0.45   detection=fit:centre,input:640x640
//	segmentation=share:0.01   segmentation=one-class,iou:0.8,of:mask
//	labels=0.5   labels=0.5,0.3,0.7,apart:0.1   labels=0.5,logits
//	nearest=gallery.npz,key:K,labels:K,names:K,by:l2,itself:0.1,apart:0.1   nearest=gallery.npz,key:K,inputs
//	same=0.4,in:known.npz,key:K,names:K,by:cosine,apart:0.1,inputs
//	ctc=blank:0,alphabet:letters.txt,trim:1,edits:1,classes-first   sequence=ends:2,edits:1   next-token
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
		{"labels", "labels=0.5", []string{"apart", "of"}, parseSeveralLabels},
		{"nearest", "nearest=gallery.npz", []string{"key", "labels", "names", "by", "itself", "apart", "of"}, parseNearest},
		{"same", "same=0.4,in:known.npz", []string{"in", "key", "names", "by", "apart", "of"}, parseSame},
		{"ctc", "ctc=blank:0", []string{"blank", "trim", "edits", "alphabet", "of"}, parseText},
		{"sequence", "sequence=edits:1", []string{"ends", "trim", "edits", "alphabet", "of"}, parseText},
		{"next-token", "next-token", []string{"alphabet", "of"}, parseText},
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
		return parseAnyOf(several, from)
	}
	if at := lastRestriction(text); at > 0 {
		return parseRestricted(text, at, from)
	}
	if k, ok := strings.CutPrefix(text, "top-"); ok {
		n, err := strconv.Atoi(k)
		if err != nil {
			return nil, fmt.Errorf("expected top-K with a whole number such as top-5, found %.80q", text)
		}
		oracle, err := TopK(n)
		if err != nil {
			return nil, withoutCall(err)
		}
		return oracle, nil
	}
	if most, ok := strings.CutPrefix(text, "score tolerance "); ok {
		v, err := strconv.ParseFloat(most, 64)
		if err != nil {
			return nil, fmt.Errorf("expected a number behind score tolerance, found %.80q", text)
		}
		oracle, err := ScoreTolerance(v)
		if err != nil {
			return nil, withoutCall(err)
		}
		return oracle, nil
	}
	name, behind, _ := cutAny(text, "= ")
	for _, f := range forms {
		if f.name != name {
			continue
		}
		oracle, err := f.read(write(name, behind, f.options), from)
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

// parseAnyOf reads the oracles of [AnyOf].
func parseAnyOf(several []string, from Sources) (Oracle, error) {
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

// write takes what stands behind a name apart: by comma values, and options with ":" or a space.
func write(name, behind string, options []string) written {
	w := written{name: name}
	if behind == "" {
		return w
	}
	names := false // those of the outputs of a tolerance follow, which may have any characters: "of price:0, boxes:0"
	for part := range strings.SplitSeq(behind, ",") {
		part = strings.TrimSpace(part)
		if names {
			w.values = append(w.values, part)
			continue
		}
		names = name == "tolerance" && strings.Contains(part, " of ")
		key, value, by := cutAny(part, ": ")
		// A word before a space may begin a value, and a letter before a colon is a disk.
		if slices.Contains(options, key) && by != 0 || by == ':' && len(key) > 1 {
			w.options = append(w.options, option{key, strings.TrimSpace(value)})
		} else {
			w.values = append(w.values, part)
		}
	}
	return w
}

// cutAny cuts a text at the first of several characters, which it returns; 0 where there is none.
func cutAny(text, chars string) (before, after string, by byte) {
	at := strings.IndexAny(text, chars)
	if at < 0 {
		return text, "", 0
	}
	return text[:at], text[at+1:], text[at]
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

// value is the only value, "" where there is none.
func (w written) value(what string) (string, error) {
	switch len(w.values) {
	case 0:
		return "", nil
	case 1:
		return w.values[0], nil
	}
	return "", fmt.Errorf("expected one %s, found %q and %q", what, w.values[0], w.values[1])
}

// reader reads options, and keeps the first that is wrong.
type reader struct {
	w   written
	err error
}

func (r *reader) wrong(err error) { r.err = cmp.Or(r.err, err) }

func (r *reader) text(key string) string {
	s, err := r.w.text(key)
	r.wrong(err)
	return s
}

func (r *reader) number(key string) float64 {
	v, err := r.w.number(key, 0)
	r.wrong(err)
	return v
}

// positive is number for one above 0, where 0 would stand for what is usual.
func (r *reader) positive(key string) float64 {
	v := r.number(key)
	if s, _ := r.w.text(key); s != "" && v == 0 {
		r.wrong(fmt.Errorf("option %s: expected a number above 0, found %q", key, s))
	}
	return v
}

// word is whether an option is there, of which one value makes sense.
func (r *reader) word(key, word string) bool {
	s := r.text(key)
	if s != "" && s != word {
		r.wrong(fmt.Errorf("option %s: expected %s, found %q", key, word, s))
	}
	return s != ""
}

func (r *reader) count(key string) int {
	n, err := r.w.count(key, 0)
	r.wrong(err)
	return n
}

// counts are the whole numbers of an option that may be given several times.
func (r *reader) counts(key string) (counts []int) {
	for _, o := range r.w.options {
		if o.key == key {
			n, err := strconv.Atoi(o.value)
			if err != nil {
				r.wrong(fmt.Errorf("option %s: expected a whole number, found %q", key, o.value))
			}
			counts = append(counts, n)
		}
	}
	return counts
}

// numbers are the values, which are numbers.
func (r *reader) numbers() []float64 {
	numbers, err := r.w.numbers()
	r.wrong(err)
	return numbers
}

// flag takes a value that is a word out of the values, and reports whether it was there.
func (r *reader) flag(word string) bool {
	i := slices.Index(r.w.values, word)
	if i >= 0 {
		r.w.values = slices.Delete(slices.Clone(r.w.values), i, i+1)
	}
	return i >= 0
}
