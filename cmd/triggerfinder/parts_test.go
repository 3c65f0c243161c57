//go:build cgo

package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestModelsWithSeveralInputs: parts of an archive, numbers for inputs that are not searched, and a replay without any of these flags.
func TestModelsWithSeveralInputs(t *testing.T) {
	data := filepath.Join("..", "..", "examples", "several-inputs", "testdata")
	models := []string{"--original", filepath.Join(data, "tickets.onnx"), "--compressed", filepath.Join(data, "tickets-int8.onnx")}
	search := func(more ...string) result {
		args := append([]string{"search"}, models...)
		return command(t, append(append(args, "--seeds", filepath.Join(data, "seeds.npz"), "--domain", "0,100,1"), more...)...)
	}
	out := t.TempDir()
	parts := []string{"--parts", "ids", "--fixed-parts", "tier", "--kind", "tokens", "--label-key", "label"}
	search(append(parts, "--fixed", "mask=1", "--out", out, "--stop-after", "2")...).want(t, 1, "seeds.npz[", "To replay: triggerfinder replay "+out)
	command(t, append([]string{"replay", out}, models...)...).want(t, 1, "--fixed mask=1, as in the search", "still deviates")

	for _, test := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--parts", "ids", "--fixed-parts", "tier"}, `expected every input of the model to be fed, found nothing for "mask" int64 [batch,length]; all parts are used; a part (--parts) feeds the input of its name, --feed INPUT=PART one of another name, and --fixed NAME=NUMBER needs no part`},
		{[]string{"--parts", "ids", "--fixed-parts", "tier", "--feed", "mask=words"}, `expected a part "words" for "mask" int64 [batch,length], as --feed says, found the parts "ids" [12], "tier" [1] (fixed)`},
		{[]string{"--parts", "ids", "--fixed", "mask=1,tier=2:3"}, `--fixed("tier"): expected 1 values for one input`},
		{[]string{"--parts", "ids", "--fixed", "mask"}, `--fixed: expected NAME=NUMBER by comma, such as sr=16000,state=0, or NAME=NUMBER:NUMBER… for a whole tensor, found "mask"`},
		{[]string{"--parts", "ids", "--fixed", "mask=one"}, `--fixed: expected NAME=NUMBER by comma`},
		{[]string{"--parts", "ids", "--feed", "mask"}, `--feed: expected INPUT=PART by comma, such as input_ids=ids, found "mask"`},
		{[]string{"--parts", "ids,"}, `--parts: expected the names of arrays by comma, such as ids,image, found "ids,"`},
		{[]string{"--parts", "ids,tier"}, "expected --domain and --kind for one searched part alone, since there are 2 searched parts, found one outside"},
		{[]string{"--fixed-parts", "ids"}, "--fixed-parts: expected --parts too, since nothing is searched"},
		{[]string{"--parts", "ids", "--key", "ids"}, `--parts: expected no key of one array, found "ids"`},
	} {
		r := search(test.flags...)
		r.want(t, 2)
		if !strings.Contains(r.err, test.want) {
			t.Errorf("%q: expected %s, found %s", test.flags, test.want, r.err)
		}
	}
}
