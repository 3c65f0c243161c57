package answer

import (
	"errors"
	"fmt"
	"strings"
)

// This file reads the oracles of numbers, labels, vectors and texts as their String writes them; see [ParseOracle].

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
	r := reader{w: w}
	t := Thresholds{At: r.numbers(), Output: r.text("of"), Number: r.count("number"), Apart: r.number("apart")}
	if r.err != nil {
		return nil, r.err
	}
	return Threshold(t)
}

func parseSeveralLabels(w written, _ Sources) (Oracle, error) {
	r := reader{w: w}
	l := LabelThresholds{Logits: r.flag("logits"), At: r.numbers(), Output: r.text("of"), Apart: r.number("apart")}
	if r.err != nil {
		return nil, r.err
	}
	if len(l.At) == 0 {
		l.At = nil
	}
	return SeveralLabels(l)
}

func parseText(w written, from Sources) (Oracle, error) {
	r := reader{w: w}
	t := Text{ClassesFirst: r.flag("classes-first"), Blank: r.count("blank"), Ends: r.counts("ends"), Trim: r.counts("trim"), Edits: r.count("edits"), Output: r.text("of")}
	alphabet := r.text("alphabet")
	r.wrong(r.w.noValues())
	switch {
	case r.err != nil:
		return nil, r.err
	case alphabet != "" && from.Lines == nil:
		return nil, fmt.Errorf("option alphabet: expected none where files cannot be read, found %q", alphabet)
	case alphabet != "":
		var err error
		if t.Alphabet, err = from.Lines(alphabet); err != nil {
			return nil, fmt.Errorf("option alphabet: %w", err)
		}
	}
	switch w.name {
	case textKinds[ctcText].name:
		return CTC(t)
	case textKinds[tokenText].name:
		return Tokens(t)
	}
	return NextToken(t)
}

// vectors are those of a file that the text names, as far as the options say.
func (r *reader) vectors(file string, from Sources) (Gallery, error) {
	source := VectorSource{File: file, Inputs: r.flag("inputs"), Key: r.text("key"), Labels: r.text("labels"), Names: r.text("names"), Output: r.text("of")}
	by, apart := r.text("by"), r.number("apart")
	switch {
	case r.err != nil:
		return Gallery{}, r.err
	case from.Vectors == nil:
		return Gallery{}, fmt.Errorf("expected no file where files cannot be read, found %q", source.File)
	}
	g, err := from.Vectors(source)
	g.By, g.Output, g.Apart = VectorDistance(by), source.Output, apart
	return g, err
}

func parseNearest(w written, from Sources) (Oracle, error) {
	r := reader{w: w}
	r.flag("inputs")
	if len(r.w.values) != 1 || r.w.values[0] == "" {
		return nil, fmt.Errorf("expected one file of vectors such as gallery.npz, found %q", r.w.values)
	}
	file, itself := r.w.values[0], r.number("itself")
	r.w = w
	g, err := r.vectors(file, from)
	if err != nil {
		return nil, err
	}
	g.Itself = itself
	return NearestNeighbour(g)
}

func parseSame(w written, from Sources) (Oracle, error) {
	r := reader{w: w}
	r.flag("inputs")
	at, file := r.numbers(), r.text("in")
	switch {
	case r.err != nil:
		return nil, r.err
	case len(at) != 1:
		return nil, fmt.Errorf("expected one distance, such as 0.4, found %d", len(at))
	case file == "":
		return nil, errors.New("expected the file of what is known, such as in:known.npz, found none")
	}
	r.w = w
	g, err := r.vectors(file, from)
	if err != nil {
		return nil, err
	}
	return Verification(References{Vectors: g.Vectors, Compressed: g.Compressed, Names: g.Names, At: at[0], By: g.By, Output: g.Output, Apart: g.Apart, Name: g.Name})
}
