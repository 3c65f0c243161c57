package zoo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"testing"
)

func TestPairsAreComplete(t *testing.T) {
	used := map[string]bool{}
	for _, p := range Pairs() {
		for _, file := range []string{p.Original, p.Compressed} {
			used[file] = true
			if _, err := fs.Stat(Models, file); err != nil {
				t.Errorf("%s: %v", p.Name, err)
			}
		}
		if want := "models/" + p.Name + ".onnx"; p.Compressed != want {
			t.Errorf("%s: expected the compressed model %s, found %s", p.Name, want, p.Compressed)
		}
		channels := map[string]int{"mnist": 1, "cifar10": 3}[p.Task]
		if len(p.Mean) != channels || len(p.Std) != channels || channels == 0 {
			t.Errorf("%s: task %q with means %v and deviations %v", p.Name, p.Task, p.Mean, p.Std)
		}
	}
	files, err := fs.Glob(Models, "models/*.onnx")
	if err != nil || len(files) == 0 {
		t.Fatalf("expected embedded models, found %d (error %v)", len(files), err)
	}
	for _, file := range files {
		if !used[file] {
			t.Errorf("%s belongs to no pair", file)
		}
	}
}

// TestCardsAreOfTheseFiles keeps the measured figures and the models together.
func TestCardsAreOfTheseFiles(t *testing.T) {
	type model struct{ File, SHA256 string }
	var cards struct {
		Pairs []struct{ Original, Compressed model }
	}
	if err := json.Unmarshal(index, &cards); err != nil {
		t.Fatal(err)
	}
	for _, p := range cards.Pairs {
		for _, m := range []model{p.Original, p.Compressed} {
			data, err := Models.ReadFile(m.File)
			if err != nil {
				t.Error(err)
				continue
			}
			sum := sha256.Sum256(data)
			if found := hex.EncodeToString(sum[:]); found != m.SHA256 {
				t.Errorf("%s: its card is of %s, found %s", m.File, m.SHA256, found)
			}
		}
	}
}
