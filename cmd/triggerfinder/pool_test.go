package main

import (
	"image"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/model"
)

func TestPoolLeadsSeedsOfOneClass(t *testing.T) {
	dir, written := t.TempDir(), 0
	for i, all := 0, fixtures.Seeds(); written < 3; i++ {
		seed := model.Must(all.Seed(i))
		if seed.Label != 8 {
			continue
		}
		img := image.NewGray(image.Rect(0, 0, 28, 28))
		for j, v := range seed.Input.Data {
			img.Pix[j] = byte(v)
		}
		if err := writePNG(img, filepath.Join(dir, seed.Input.ID()+".png")); err != nil {
			t.Fatal(err)
		}
		written++
	}
	search := pairOf("lenet5-int8.onnx", "--seeds", dir, "--budget", "100")
	const told = "3 of 3 seeds have no seed of another label that a path could lead to"
	if r := command(t, search...); r.code != exitFound || !strings.Contains(r.out, told) {
		t.Errorf("expected triggers and a warning, found %+v", r)
	}
	if r := command(t, append(search, "--pool", "@seeds.npy")...); r.code != exitFound || strings.Contains(r.out, told) {
		t.Errorf("expected triggers and no warning, found %+v", r)
	}
	if r := command(t, append(search, "--pool", filepath.Join(dir, "none"))...); r.code != exitError || !strings.Contains(r.err, "--pool: ") {
		t.Errorf("expected an error about the pool, found %+v", r)
	}
	if r := command(t, append(search, "--pool", dir, "--evidence", filepath.Join(dir, "e.json"))...); r.code != exitError || !strings.Contains(r.err, "--evidence: expected it without --pool") {
		t.Errorf("expected an error about evidence, found %+v", r)
	}
}
