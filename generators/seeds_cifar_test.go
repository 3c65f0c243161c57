package generators_test

import (
	"testing"

	"github.com/triggerfinder/triggerfinder/generators"
)

// cifarRecord has pixels whose value tells colour and position: channel*80 + position%80.
func cifarRecord(labels ...byte) []byte {
	record := labels
	for c := range 3 {
		for p := range 1024 {
			record = append(record, byte(80*c+p%80))
		}
	}
	return record
}

func TestCIFAR(t *testing.T) {
	dir := t.TempDir()
	first := writeFile(t, append(cifarRecord(3), cifarRecord(9)...), dir, "data_batch_1.bin")
	second := writeFile(t, cifarRecord(5), dir, "data_batch_2.bin")
	fine := writeFile(t, cifarRecord(19, 99), dir, "test.bin")

	src := newSource(generators.CIFAR10(first, second)).open(t)
	if src.Len() != 3 {
		t.Fatalf("expected 3 seeds, found %d", src.Len())
	}
	wantIndexErrors(t, src)
	for i, want := range []struct {
		name  string
		label int
	}{{"data_batch_1.bin[0]", 3}, {"data_batch_1.bin[1]", 9}, {"data_batch_2.bin[0]", 5}} {
		seed := mustSeed(t, src, i)
		if seed.Name != want.name || seed.Label != want.label {
			t.Errorf("seed %d: expected %v, found %s, label %d", i, want, seed.Name, seed.Label)
		}
	}
	in := mustSeed(t, src, 1).Input
	for _, p := range []int{0, 1, 33, 1023} {
		for c := range 3 {
			if got, want := in.Data[3*p+c], float32(80*c+p%80); got != want {
				t.Errorf("pixel %d, channel %d: expected %g, found %g", p, c, want, got)
			}
		}
	}

	if seed := mustSeed(t, newSource(generators.CIFAR100(fine)).open(t), 0); seed.Label != 99 || seed.Input.Data[1] != 80 {
		t.Errorf("CIFAR-100: expected the fine class 99 and green 80, found %d and %g", seed.Label, seed.Input.Data[1])
	}
}

func TestCIFARErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := generators.CIFAR10()
	wantError(t, err, "expected at least one file")
	_, err = generators.CIFAR10(writeFile(t, nil, dir, "empty.bin"))
	wantError(t, err, "empty.bin", "found 0 bytes")
	_, err = generators.CIFAR10(writeFile(t, cifarRecord(1, 2), dir, "fine.bin"))
	wantError(t, err, "fine.bin", "expected records of 3073 bytes (CIFAR-10), found 3074 bytes, 1 more")
	_, err = generators.CIFAR10(dir)
	wantError(t, err, "expected a file, found a folder")

	src := newSource(generators.CIFAR10(writeFile(t, append(cifarRecord(1), cifarRecord(10)...), dir, "class.bin"))).open(t)
	mustSeed(t, src, 0)
	_, err = src.Seed(1)
	wantError(t, err, "class.bin[1]", "expected a class below 10, found 10")
}
