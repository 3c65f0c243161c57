package engine_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/engine/enginetest"
)

var update = flag.Bool("update-corpus", false, "write the corpus of the codecs of a distributed search anew")

// resealed is data with the checksum that belongs to it, so that fuzzing comes past that.
func resealed(data []byte) []byte {
	if len(data) < 4 {
		return data
	}
	body := data[:len(data)-4]
	return binary.LittleEndian.AppendUint32(bytes.Clone(body), crc32.ChecksumIEEE(body))
}

// documents are a screening and results of all kinds.
func documents(t testing.TB) (screening []byte, results [][]byte) {
	t.Helper()
	marshal := func(v interface{ MarshalBinary() ([]byte, error) }) []byte {
		data, err := v.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	seeds := enginetest.PatternSeeds(5)
	s, found := distribute(t, enginetest.SmoothPair(), unreadable{seeds}, enginetest.ClosingSettings(10, nil), 1)
	_, broken := distribute(t, enginetest.PairOf(enginetest.Smooth.Predict, enginetest.Failing(enginetest.Smooth.Predict, enginetest.Everywhere, enginetest.NaN)), seeds, enginetest.BoundarySettings(nil), 1)
	_, nothing := distribute(t, enginetest.SmoothPair(), seeds, enginetest.BoundarySettings(func(s *engine.Settings) { s.Bound = distance.LInf(2) }), 1)
	return marshal(s), [][]byte{marshal(found[0]), marshal(found[2]), marshal(broken[0]), marshal(nothing[0]), marshal(found[0].Abridge())}
}

// TestCorpusOfDistributedSearches keeps files of the present version: they have to be read for ever.
func TestCorpusOfDistributedSearches(t *testing.T) {
	screening, results := documents(t)
	for name, data := range map[string][]byte{
		"FuzzScreening/screening": screening, "FuzzSeedResult/found": results[0], "FuzzSeedResult/unreadable": results[1],
		"FuzzSeedResult/not-finite": results[2], "FuzzSeedResult/nothing": results[3], "FuzzSeedResult/abridged": results[4],
	} {
		file := filepath.Join("testdata", "fuzz", filepath.FromSlash(name))
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, fmt.Appendf(nil, "go test fuzz v1\n[]byte(%q)\n", data), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var kept []byte
		if _, err := fmt.Sscanf(string(text), "go test fuzz v1\n[]byte(%q)\n", &kept); err != nil {
			t.Fatal(err)
		}
		if filepath.Dir(name) == "FuzzScreening" {
			err = new(engine.Screening).UnmarshalBinary(kept)
		} else {
			err = new(engine.SeedResult).UnmarshalBinary(kept)
		}
		if err != nil {
			t.Errorf("%s, written before: %v", name, err)
		}
	}
}

func FuzzSeedResult(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		data = resealed(data)
		var r engine.SeedResult
		if r.UnmarshalBinary(data) != nil {
			return
		}
		if again, err := r.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("written otherwise than it was read (error %v)", err)
		}
	})
}

func FuzzScreening(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		data = resealed(data)
		var s engine.Screening
		if s.UnmarshalBinary(data) != nil {
			return
		}
		if again, err := s.MarshalBinary(); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("written otherwise than it was read (error %v)", err)
		}
		if r, err := engine.Combine(&s); r != nil || err == nil {
			t.Fatal("a search without results was combined")
		}
	})
}
