package engine

import "errors"

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
