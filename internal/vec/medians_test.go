package vec

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Medians are those of sorted windows, however many are found at once, in planes that leave vectors half full and that
// are no larger than a window.
func TestMedians(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		k := rapid.SampledFrom([]int{3, 5, 7, 9, 15}).Draw(t, "k")
		down, across := rapid.IntRange(1, 20).Draw(t, "rows of windows"), rapid.IntRange(1, 70).Draw(t, "windows in a row")
		step := rapid.IntRange(1, 4).Draw(t, "step")
		levels := rapid.SampledFrom([]int{2, 9, 256}).Draw(t, "levels")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		width, height := across+k-1, down+k-1
		room := make([]byte, MediansRoom(width*height, k))
		for i := range room {
			room[i] = byte(rng.IntN(levels) * 255 / (levels - 1))
		}
		plane := slices.Clone(room[:width*height])
		// Values between those of a step must stay, and so must the last ones.
		out := slices.Repeat([]float32{-1}, down*across*step)
		Medians(out, step, room, width, height, k)
		window := make([]byte, 0, k*k)
		for i, found := range out {
			want := float32(-1)
			if i%step == 0 {
				y, x := i/step/across, i/step%across
				window = window[:0]
				for row := range k {
					window = append(window, plane[(y+row)*width+x:][:k]...)
				}
				slices.Sort(window)
				want = float32(window[len(window)/2])
			}
			if found != want {
				t.Fatalf("%dx%d windows, k=%d, step %d: place %d: expected %g, found %g", down, across, k, step, i, want, found)
			}
		}
	})
}
