package tokens

import (
	"fmt"
	"maps"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// checked is the operator, if its share is one.
func checked(o *operator) (input.SeverityMutator, error) {
	if !(o.most > 0 && o.most <= 1) {
		return nil, fmt.Errorf("tokens: %s: expected a share of the text above 0 and at most 1, found %g", o.name, o.most)
	}
	return o, nil
}

// Substitution returns the operator "token-substitution": a share of the tokens, most at severity 1, at least one, become others: one of those
// that the list has for the token or, without a list, any of the vocabulary. Tokens that are not in the list stay. It takes tokens
// with a vocabulary.
func Substitution(most float64, list map[int][]int) (input.SeverityMutator, error) {
	o := &operator{name: "token-substitution", most: most}
	if list == nil {
		o.change = func(w *work, many int) {
			for range many {
				i := w.next()
				w.text[i] = w.anyToken(w.text[i])
			}
		}
		return checked(o)
	}
	choices := map[float32][]float32{}
	for _, token := range slices.Sorted(maps.Keys(list)) {
		for _, other := range list[token] {
			if token < 0 || other < 0 {
				return nil, fmt.Errorf("tokens: %s: expected tokens from 0 on, found %d for %d", o.name, other, token)
			}
			if other != token {
				choices[float32(token)] = append(choices[float32(token)], float32(other))
			}
		}
	}
	if len(choices) == 0 {
		return nil, fmt.Errorf("tokens: %s: expected a list with other tokens for at least one, found none", o.name)
	}
	o.takes = func(token float32) bool { return len(choices[token]) > 0 }
	o.change = func(w *work, many int) {
		for range many {
			i := w.next()
			others := choices[w.text[i]]
			if to := others[w.rng.IntN(len(others))]; int(to) < w.v.Size && !w.v.Held(to) {
				w.text[i] = to
			}
		}
	}
	return checked(o)
}

// Deletion returns the operator "token-deletion": a share of the tokens, most at severity 1, at least one, are taken out; what is behind them moves up,
// and padding takes the room at the end. It takes tokens of a vocabulary with padding whose length may change.
func Deletion(most float64) (input.SeverityMutator, error) {
	return checked(&operator{name: "token-deletion", most: most, resizes: true, pads: true, change: func(w *work, many int) {
		w.mark(many)
		kept := w.text[:0]
		for i, token := range w.text {
			if !w.marked[i] {
				kept = append(kept, token)
			}
		}
		w.text = kept
	}})
}

// Insertion returns the operator "token-insertion": any tokens of the vocabulary are put in front of a share of the tokens, most at severity 1, at
// least one. What is behind them moves on; where there is no room left, words at the end are lost, and special tokens
// behind them stay. It takes tokens of a vocabulary whose length may change.
func Insertion(most float64) (input.SeverityMutator, error) {
	return checked(&operator{name: "token-insertion", most: most, resizes: true, change: func(w *work, many int) {
		w.mark(many)
		w.other = w.other[:0]
		// What is put in at a place does not depend on how many others there are.
		first := w.rng.Uint64()
		for i, token := range w.text {
			if w.marked[i] {
				w.pcg.Seed(first, uint64(i))
				w.other = append(w.other, w.anyToken(-1))
			}
			w.other = append(w.other, token)
		}
		w.text, w.other = w.other, w.text
		w.cut(len(w.text) - w.room)
	}})
}

// SwapNeighbours returns the operator "token-swap": a share of the tokens, most at severity 1, at least one, and the ones behind them change places.
// Special tokens stay where they are. It takes tokens with a vocabulary.
func SwapNeighbours(most float64) (input.SeverityMutator, error) {
	return checked(&operator{name: "token-swap", most: most, change: func(w *work, many int) {
		// Pairs do not overlap: they begin at every other place, an even or an odd one.
		from := w.rng.IntN(2)
		pairs := (len(w.places) - from) / 2
		if pairs == 0 {
			from, pairs = 0, len(w.places)/2
		}
		if pairs == 0 {
			return
		}
		many = min((many+1)/2, pairs)
		start := w.rng.IntN(pairs)
		for k := range many {
			p := from + 2*((start+k)%pairs)
			i, j := w.places[p], w.places[p+1]
			w.text[i], w.text[j] = w.text[j], w.text[i]
		}
	}})
}

// Truncation returns the operator "token-truncation": a share of the tokens, most at severity 1, at least one, is cut off at the end; special tokens
// stay. It takes tokens of a vocabulary with padding whose length may change.
func Truncation(most float64) (input.SeverityMutator, error) {
	return checked(&operator{name: "token-truncation", most: most, resizes: true, pads: true, change: func(w *work, many int) { w.cut(many) }})
}

// cut takes that many tokens that are not held out of the text, from its end.
func (w *work) cut(many int) {
	for i := len(w.text) - 1; i >= 0 && many > 0; i-- {
		if !w.v.Held(w.text[i]) {
			w.text = append(w.text[:i], w.text[i+1:]...)
			many--
		}
	}
	if many > 0 { // special tokens alone
		w.text = w.text[:len(w.text)-many]
	}
}

// corruptions are the operators of that set.
var corruptions = func() []input.SeverityMutator {
	must := func(m input.SeverityMutator, err error) input.SeverityMutator {
		if err != nil {
			panic(err) // cannot happen: the parameters are part of the program
		}
		return m
	}
	return []input.SeverityMutator{must(Substitution(0.3, nil)), must(Deletion(0.3)), must(Insertion(0.3)), must(SwapNeighbours(0.3)), must(Truncation(0.5))}
}()

// Corruptions returns the operators that need nothing but a vocabulary: [Substitution], [Deletion], [Insertion] and [SwapNeighbours] of 0.3 of the
// text at severity 1, and [Truncation] of half of it. Mutants draw severities from 0.1 to 1.
func Corruptions() []input.SeverityMutator { return slices.Clone(corruptions) }
