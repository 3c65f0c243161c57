package subjects

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// search spends one query on each of the first seeds.
func search(t *testing.T, s Studied, seeds int) *engine.Report {
	t.Helper()
	pair, all, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	r, err := engine.Search(t.Context(), pair, generators.First(all, seeds), engine.Settings{
		Strategy: strategies.Random(), Budget: engine.Budget{QueriesPerSeed: 1}, Strict: true,
	})
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	return r
}

func TestStudyWithoutData(t *testing.T) {
	names := map[string]bool{}
	for _, s := range OfStudy("") {
		if names[s.Name] || s.Dataset != Fashion || s.Agreement < 0.9 {
			t.Errorf("expected pairs of different names with clothing for seeds, and what their cards say, found %+v", s)
		}
		names[s.Name] = true
		for _, o := range search(t, s, 20).Seeds {
			if o.Label != input.Unlabelled {
				t.Errorf("%s: %s: expected no label, found %d", s.Name, o.Name, o.Label)
			}
		}
	}
	if len(names) < 8 {
		t.Errorf("expected the eight pairs for MNIST, found %v", names)
	}
}

// TestStudyWithData sees to it that models are given what they were trained on: with another preprocessing the
// original would misread many of its seeds.
func TestStudyWithData(t *testing.T) {
	data := filepath.Join("..", "..", "..", "shared")
	if _, err := os.Stat(filepath.Join(data, "seeds", "mnist_500.npy")); err != nil {
		t.Skipf("needs the authors' pairs and seeds: %v", err)
	}
	for _, s := range OfStudy(data) {
		const seeds = 50
		misread := len(search(t, s, seeds).Misread())
		if most := map[string]int{MNIST: 2, CIFAR10: 12}[s.Dataset]; misread > most {
			t.Errorf("%s: expected at most %d of %d seeds to be misread, found %d", s.Name, most, seeds, misread)
		}
	}
}

// TestSeedsFromADownload compares the seeds with those of the test images, as torchvision lays them out.
func TestSeedsFromADownload(t *testing.T) {
	shared, err := filepath.Abs(filepath.Join("..", "..", "..", "shared"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := seedsOf(shared, MNIST)
	mnist := filepath.Join(shared, "data", "mnist")
	if _, missing := os.Stat(mnist); missing != nil || err != nil {
		t.Skipf("needs the authors' seeds and MNIST: %v, %v", err, missing)
	}
	download := t.TempDir()
	raw := filepath.Join(download, "MNIST", "raw")
	if err := os.MkdirAll(filepath.Dir(raw), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(mnist, raw); err != nil {
		t.Fatal(err)
	}
	got, err := seedsOf(download, MNIST)
	if err != nil {
		t.Fatal(err)
	}
	if got.Len() != want.Len() {
		t.Fatalf("expected %d seeds, found %d", want.Len(), got.Len())
	}
	for i := range want.Len() {
		w, err := want.Seed(i)
		if err != nil {
			t.Fatal(err)
		}
		g, err := got.Seed(i)
		if err != nil || g.Label != w.Label || g.Input.ID() != w.Input.ID() {
			t.Fatalf("seed %d: expected the image and label of %s, found others in %s (%v)", i, w.Name, g.Name, err)
		}
	}
	if !HasAuthors(shared) || HasAuthors(download) {
		t.Error("expected the authors' pairs beside their seeds, and not in a download of MNIST")
	}
}

func TestSeedsThatAreNotThere(t *testing.T) {
	dir := t.TempDir()
	if _, err := seedsOf(dir, MNIST); err == nil || !strings.Contains(err.Error(), dir+": expected seeds/mnist_500.npy, or t10k-images-idx3-ubyte of MNIST") {
		t.Errorf("expected an error about the folder, found %v", err)
	}
}

// TestPairsByName: pairs that are downloaded are there by name, and never among all.
func TestPairsByName(t *testing.T) {
	all, err := Named("", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if strings.HasPrefix(s.Name, "efficientnet") {
			t.Errorf("expected no pair that is downloaded, found %s", s.Name)
		}
	}
	chosen, err := Named("", []string{"efficientnet-lite0-int8", "lenet5-int8"})
	if err != nil || len(chosen) != 2 || chosen[0].Name != "efficientnet-lite0-int8" || chosen[1].Name != "lenet5-int8" {
		t.Errorf("expected both pairs in their order, found %v (error %v)", chosen, err)
	}
	if _, err := Named("", []string{"efficientnet"}); err == nil || !strings.Contains(err.Error(), "efficientnet-lite0-float16") {
		t.Errorf("expected an error that lists the pairs, found %v", err)
	}
}
