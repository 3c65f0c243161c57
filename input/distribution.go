package input

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
)

// Draw is one draw from a [Distribution].
type Draw struct {
	Input Input
	// Seed is what Input was made from, in its shape, and SeedIndex its position among the seeds. Without a seed's
	// input, Input counts as its own seed, without a label.
	Seed      Seed
	SeedIndex int
	// Change is what was done to the seed, such as "rotation at severity 0.42"; "" for the seed as it is.
	Change string
}

// Distribution is a population of inputs, which can be drawn from: a rate of deviations is only
// defined under one.
//
// Draw takes all its randomness from rng and nothing else, so that draws from independent streams
// are independent and alike distributed. It is safe for concurrent use. The draw's inputs must not be changed by
// anyone. An error means that there is something wrong with the distribution, such as a seed that
// cannot be read; it is not left out, since that would make it another distribution.
type Distribution interface {
	Draw(rng *rand.Rand) (Draw, error)
	// String declares the distribution, for reports: "500 seeds as they are, drawn with replacement".
	String() string
}

// DrawAt is draw i, from 0, of the distribution: it depends on the random seed and i alone.
func DrawAt(d Distribution, randomSeed uint64, i int) (Draw, error) {
	if d == nil {
		return Draw{}, errors.New("input: distribution is nil")
	}
	draw, err := d.Draw(drawStream(randomSeed, i))
	if err != nil {
		return Draw{}, fmt.Errorf("draw %d from %s: %w", i, d, err)
	}
	if draw.Seed.Input.Data == nil {
		draw.Seed = Seed{Name: draw.Seed.Name, Input: draw.Input, Label: Unlabelled}
	}
	return draw, nil
}

// drawStream is the source of randomness of one draw. Both numbers are hashed, so that neighbouring ones
// have streams that have nothing to do with each other.
func drawStream(randomSeed uint64, i int) *rand.Rand {
	key := []byte("draw............")
	key = binary.LittleEndian.AppendUint64(key, randomSeed)
	key = binary.LittleEndian.AppendUint64(key, uint64(i))
	sum := sha256.Sum256(key)
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])))
}
