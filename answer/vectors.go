package answer

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
)

// VectorDistance is how far two vectors, such as embeddings, are apart. "" stands for [CosineDistance].
type VectorDistance string

const (
	// CosineDistance is 1 less the cosine of the angle between two vectors: 0 for one direction, 1 at right angles, 2 for opposite
	// ones. A vector of zeros alone is at right angles to all.
	CosineDistance VectorDistance = "cosine"
	// L2Distance is the length of the difference of two vectors.
	L2Distance VectorDistance = "l2"
)

func (d VectorDistance) known() (VectorDistance, error) {
	switch d {
	case "":
		return CosineDistance, nil
	case CosineDistance, L2Distance:
		return d, nil
	}
	return "", fmt.Errorf("expected the distance cosine or l2, found %.40q", string(d))
}

// unit is what a [Deviation] calls it.
func (d VectorDistance) unit() string {
	if d == CosineDistance {
		return "cosine distance"
	}
	return "distance"
}

// vectors are those that answers are compared with, of one length.
type vectors struct {
	by    VectorDistance
	size  int       // of a vector
	flat  []float32 // one after the other
	norms []float64 // their lengths, by the cosine
}

// newVectors copies vectors, which have one length and are finite.
func newVectors(rows [][]float32, by VectorDistance, whose string) (vectors, error) {
	if len(rows) == 0 {
		return vectors{}, fmt.Errorf("expected at least one vector%s, found none", whose)
	}
	v := vectors{by: by, size: len(rows[0])}
	if v.size == 0 {
		return vectors{}, fmt.Errorf("expected vectors of at least one number%s, found none", whose)
	}
	for i, row := range rows {
		if len(row) != v.size {
			return vectors{}, fmt.Errorf("vector %d%s: expected %d numbers as in vector 0, found %d", i, whose, v.size, len(row))
		}
		if !Finite(row) {
			return vectors{}, fmt.Errorf("vector %d%s: expected finite numbers, found NaN or infinity", i, whose)
		}
		v.flat = append(v.flat, row...)
		v.norms = append(v.norms, length(row))
	}
	return v, nil
}

// newSides are the vectors of both models. Without ones of its own, the compressed model has those of the original.
func newSides(original, compressed [][]float32, by VectorDistance) (sides [2]vectors, err error) {
	if sides[0], err = newVectors(original, by, ""); err != nil {
		return sides, err
	}
	sides[1] = sides[0]
	if compressed == nil {
		return sides, nil
	}
	if sides[1], err = newVectors(compressed, by, " of the compressed model"); err == nil && len(compressed) != len(original) {
		err = fmt.Errorf("expected as many vectors of both models, found %d and %d", len(original), len(compressed))
	}
	return sides, err
}

func (v vectors) count() int { return len(v.norms) }

func length(row []float32) float64 {
	var squares float64
	for _, x := range row {
		squares += float64(x) * float64(x)
	}
	return math.Sqrt(squares)
}

// to is how far vector i is from a row, whose length is given.
func (v vectors) to(row []float32, length float64, i int) float64 {
	other := v.flat[i*v.size : (i+1)*v.size]
	row = row[:len(other)]
	var a, b float64
	if v.by == L2Distance {
		for k, x := range other {
			d := float64(row[k]) - float64(x)
			if k&1 == 0 {
				a += d * d
			} else {
				b += d * d
			}
		}
		return math.Sqrt(a + b)
	}
	if length == 0 || v.norms[i] == 0 {
		return 1
	}
	for k, x := range other {
		if k&1 == 0 {
			a += float64(row[k]) * float64(x)
		} else {
			b += float64(row[k]) * float64(x)
		}
	}
	return max(0, 1-(a+b)/(length*v.norms[i]))
}

// checkVectors finds answers that are no vectors as those that they are to be compared with.
func (o outputName) checkVectors(sides [2]vectors, original, compressed Answer) error {
	if err := o.check(original, compressed); err != nil {
		return err
	}
	for i, a := range [...]Answer{original, compressed} {
		values, shape, _ := o.numbers(a)
		if len(values) != sides[i].size {
			return fmt.Errorf("expected a vector of %d numbers, as those that it is compared with, found %s of %s", sides[i].size,
				formInWords(values, shape), [...]string{"the original", "the compressed model"}[i])
		}
	}
	return nil
}

// asMany finds a list, unless it is nil, that is longer or shorter than so many vectors.
func asMany(what string, list []string, vectors int) error {
	if list != nil && len(list) != vectors {
		return fmt.Errorf("expected as many %s as vectors, %d, found %d", what, vectors, len(list))
	}
	return nil
}

// fingerprint tells sets of vectors with other names from each other.
func fingerprint(sides [2]vectors, words ...[]string) string {
	h := fnv.New32a()
	for _, v := range sides {
		for _, x := range v.flat {
			bits := math.Float32bits(x)
			_, _ = h.Write([]byte{byte(bits), byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)})
		}
	}
	for _, list := range words {
		for _, word := range list {
			_, _ = h.Write(append([]byte(word), 0))
		}
	}
	return fmt.Sprintf("%08x", h.Sum32())
}

// nameFor is the name of a set of vectors: the given one, or what they are.
func nameFor(given string, sides [2]vectors, words ...[]string) (string, error) {
	if given == "" {
		return fmt.Sprintf("%d vectors %s", sides[0].count(), fingerprint(sides, words...)), nil
	}
	if line(given) != given {
		return "", errors.New("expected a short name of one line for the vectors, found another one")
	}
	return given, nil
}
