package vec

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Hashes tell inputs apart by every value and by the order of them, and do not depend on where they lie.
func TestHash(t *testing.T) {
	eitherWay(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 1500).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 1))
		data := make([]float32, n)
		for i := range data {
			data[i] = float32(rng.IntN(256))
		}
		before := Hash(data)
		if found := Hash(slices.Clone(data)); found != before {
			t.Fatalf("expected equal hashes of equal values, found %x and %x", before, found)
		}
		if found := Hash(append(slices.Clone(data), 0)); found == before {
			t.Fatal("expected another hash of one value more")
		}
		at := rapid.IntRange(0, n-1).Draw(t, "changed")
		changed := slices.Clone(data)
		changed[at]++
		if found := Hash(changed); found == before {
			t.Fatalf("expected another hash where value %d is changed", at)
		}
		// What would add up to the same if places did not count.
		by := rapid.IntRange(0, n-1).Draw(t, "by")
		moved := slices.Concat(data[by:], data[:by])
		if found := Hash(moved); found == before && !slices.Equal(moved, data) {
			t.Fatalf("expected another hash of values turned by %d", by)
		}
	})
}

// Lanes go on by multiplication with carry.
func TestHashBlocks(t *testing.T) {
	if !vectors {
		t.Skip("this processor has no such loop")
	}
	rng := rand.New(rand.NewPCG(3, 4))
	var found, want [hashLanes]uint64
	for i := range found {
		found[i] = rng.Uint64()
	}
	want = found
	const blocks = 3
	data := make([]byte, blocks*hashBlock)
	for at := 0; at < len(data); at += 8 {
		word, lane := rng.Uint64(), at/8%hashLanes
		binary.LittleEndian.PutUint64(data[at:], word)
		sum := want[lane] + word
		want[lane] = sum%(1<<32)*0xfffeb81b + sum>>32
	}
	if hashBlocks(&found, &data[0], blocks); found != want {
		t.Errorf("expected %x, found %x", want, found)
	}
}

// Many inputs of few values have hashes of their own.
func TestHashesOfMany(t *testing.T) {
	const values = 1024
	rng := rand.New(rand.NewPCG(1, 2))
	data, seen := make([]float32, values), map[uint64]bool{}
	for range 100_000 {
		data[rng.IntN(values)] += 1
		hash := Hash(data)
		if seen[hash] {
			t.Fatalf("expected %d hashes, found one twice", len(seen)+1)
		}
		seen[hash] = true
	}
}

func BenchmarkHash(b *testing.B) {
	data := make([]float32, 224*224*3)
	b.SetBytes(int64(4 * len(data)))
	for b.Loop() {
		Hash(data)
	}
}
