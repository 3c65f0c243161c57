package vec

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

// eitherWay checks a property on several numbers at once, where the processor can, and on one after the other.
func eitherWay(t *testing.T, property func(*rapid.T)) {
	t.Run("one after the other", func(t *testing.T) {
		WithoutVectors(func() { rapid.Check(t, property) })
	})
	t.Run("several at once", func(t *testing.T) {
		if !vectors {
			t.Skip("this processor cannot")
		}
		with(true, false, func() { rapid.Check(t, property) })
	})
	t.Run("twice as many", func(t *testing.T) {
		if !wide {
			t.Skip("this processor cannot")
		}
		rapid.Check(t, property)
	})
}

func TestWithoutVectors(t *testing.T) {
	before, wideBefore := vectors, wide
	WithoutVectors(func() {
		if vectors || wide {
			t.Error("vectors are still in use")
		}
	})
	if vectors != before || wide != wideBefore {
		t.Error("vectors are not back in use")
	}
}

// The compiler fuses products with sums on arm64, where nothing forbids it; the results of this package would be others
// there.
func TestNothingIsFused(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for another processor")
	}
	// Generic functions are compiled where they are called.
	build := exec.Command("go", "build", "-gcflags=-S", ".", "../../generators")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	listing, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, listing)
	}
	if !regexp.MustCompile(`internal.vec.sums\.go.*\bFMULD\b`).Match(listing) {
		t.Fatal("the listing of the compiler shows no product of numbers")
	}
	for _, line := range regexp.MustCompile(`.*internal.vec.*\bFN?M(ADD|SUB)[DS]?\b.*`).FindAllString(string(listing), -1) {
		t.Errorf("a product is fused with a sum: %s", line)
	}
}
