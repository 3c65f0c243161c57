package engine

import "github.com/triggerfinder/triggerfinder/answer"

// remembered is how many inputs of a seed's search are known again.
const remembered = 32

// memory keeps both models' answers to the latest inputs of one seed's search, so that a mutant that
// changes nothing, or a way that rounds to the same input again, is not given to the models twice. Inputs are told apart by
// 64-bit hashes: what is reported is confirmed on the models in any case.
type memory struct {
	hashes     [remembered]uint64
	used       [remembered]int // when; 0 for an empty place
	clock      int
	original   [remembered]answer.Answer
	compressed [remembered]answer.Answer
}

// find returns the place of the input's answers, or -1.
func (m *memory) find(hash uint64) int {
	for i, h := range m.hashes {
		if h == hash && m.used[i] > 0 {
			m.clock++
			m.used[i] = m.clock
			return i
		}
	}
	return -1
}

// keep copies both answers into the place that was used longest ago.
func (m *memory) keep(hash uint64, original, compressed answer.Answer) {
	oldest := 0
	for i, at := range m.used {
		if at < m.used[oldest] {
			oldest = i
		}
	}
	m.clock++
	m.hashes[oldest], m.used[oldest] = hash, m.clock
	m.original[oldest] = original.CloneInto(m.original[oldest])
	m.compressed[oldest] = compressed.CloneInto(m.compressed[oldest])
}
