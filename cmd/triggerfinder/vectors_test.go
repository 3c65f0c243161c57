package main

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A gallery of inputs is embedded by both models, and one of vectors is taken as it is; what is found is replayed with it.
func TestOracleOfAGallery(t *testing.T) {
	out := t.TempDir()
	inputs := expand([]string{"@seeds.npy"})[0]
	search := func(oracle string, more ...string) []string {
		return append([]string{"search", "--original", "@lenet5.onnx", "--compressed", "@lenet5-int8.onnx", "--scale", "1/255", "--seeds", "@seeds.npy", "--n", "4",
			"--budget", "100", "--oracle", oracle}, more...)
	}
	command(t, search("nearest="+inputs+",inputs,by:l2,itself:1", "--out", out)...).want(t, 1, "oracle        nearest in seeds.npy ", ", by l2, itself 1", "another neighbour", "original says seeds.npy[")
	folder := filepath.Join(out, "lenet5-vs-lenet5-int8")
	command(t, "replay", folder).want(t, 1, "still deviates", "oracle nearest in seeds.npy ", "--scores raw, as in the search")
	command(t, "minimize", folder, "--budget", "10").want(t, 0)

	vectors := filepath.Join(out, "vectors.npy")
	var values []byte
	for i := range 30 {
		values = binary.LittleEndian.AppendUint32(values, math.Float32bits(float32(i%7)-3))
	}
	names := filepath.Join(out, "names.txt")
	for file, content := range map[string][]byte{vectors: npy("<f4", "(3, 10)", values), names: []byte("anna\nben\r\ncleo\n")} {
		if err := os.WriteFile(file, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	command(t, search("same=1,in:"+vectors+",names:"+names)...).want(t, 1, "oracle        same as in vectors.npy ", " below 1, by cosine", "across 1)")
	for _, test := range []struct{ oracle, says string }{
		{"nearest=" + inputs, "--oracle: nearest: " + inputs + ": expected vectors, numbers with a point of shape [N, size], found u1 of shape ["},
		{"nearest=" + vectors + ",key:k", "expected an NPZ file for the array \"k\", found one of one array"},
		{"nearest=" + vectors + ",names:" + vectors + "x", "vectors.npyx: no such file or directory"},
		{"nearest=none.npz,inputs", "none.npz: no such file or directory, where the command runs"},
		{"nearest=" + names, "expected an NPZ file, which is a zip archive"},
		{"same=1,in:" + vectors + ",of:price", "expected the output \"price\", found the output logits [10] of the original"},
	} {
		if r := command(t, search(test.oracle)...); r.code != 2 || !strings.Contains(r.err, test.says) {
			t.Errorf("%s: code %d, error %q; expected %q", test.oracle, r.code, r.err, test.says)
		}
	}
}
