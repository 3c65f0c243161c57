package model

import (
	"errors"
	"fmt"
	"io"
)

// Pair is an original model and its compressed version.
type Pair struct {
	name                 string
	original, compressed Predictor
	steps                []Step // nil where no model between them is known
}

// NewPair makes a pair of two predictors: ONNX models, Go functions (see [Func]) or anything else.
// The name stands in reports and is the name of the pair's artifact folder; "" joins the names of
// the two models.
func NewPair(name string, original, compressed Predictor) (*Pair, error) {
	if original == nil || compressed == nil {
		return nil, errors.New("model: pair: expected two predictors, found nil")
	}
	p := &Pair{name: name, original: original, compressed: compressed}
	if name == "" {
		p.name = Describe(original, "original").Name + "-vs-" + Describe(compressed, "compressed").Name
	}
	return p, nil
}

// Name is the pair's name.
func (p *Pair) Name() string { return p.name }

// Original is the original model.
func (p *Pair) Original() Predictor { return p.original }

// Compressed is the compressed model.
func (p *Pair) Compressed() Predictor { return p.compressed }

// Describe describes both models.
func (p *Pair) Describe() (original, compressed Description) {
	return Describe(p.original, "original"), Describe(p.compressed, "compressed")
}

// Close releases what the predictors hold, if they hold anything.
func (p *Pair) Close() error {
	var errs []error
	predictors := []Predictor{p.original}
	for _, s := range p.steps[:max(0, len(p.steps)-1)] {
		predictors = append(predictors, s.Model)
	}
	for _, predictor := range append(predictors, p.compressed) {
		if c, ok := predictor.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// String is short on purpose: pairs stand in failure messages.
func (p *Pair) String() string {
	o, c := p.Describe()
	return fmt.Sprintf("pair %s (%s, %s)", p.name, o.Name, c.Name)
}

// GomegaString is what Gomega prints for a pair.
func (p *Pair) GomegaString() string { return p.String() }

// Variant is a pair that runs under other settings than its own: another number of threads, another
// level of graph optimisation. It is the same pair for everything else.
type Variant struct {
	Setting string // such as "2 threads"
	Pair    *Pair
	// Batch is how many inputs a call of Predict takes; 0 means 1.
	Batch int
}

// Variants are a pair's variants.
type Variants []Variant

// Close releases what the variants' pairs hold.
func (v Variants) Close() error {
	var errs []error
	for _, variant := range v {
		if variant.Pair != nil {
			errs = append(errs, variant.Pair.Close())
		}
	}
	return errors.Join(errs...)
}
