package ortlib

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestPins(t *testing.T) {
	sum := regexp.MustCompile(`^[0-9a-f]{64}$`)
	sources := map[string]map[string]bool{}
	seen := map[string]bool{}
	for _, p := range pins {
		name := p.Source + " " + p.Version + " " + p.GOOS + "/" + p.GOARCH
		if seen[name] {
			t.Errorf("%s: pinned twice", name)
		}
		seen[name] = true
		if sources[p.GOOS+"/"+p.GOARCH] == nil {
			sources[p.GOOS+"/"+p.GOARCH] = map[string]bool{}
		}
		sources[p.GOOS+"/"+p.GOARCH][p.Source] = true
		if !sum.MatchString(p.Sum) || !sum.MatchString(p.LibrarySum) || p.Sum == p.LibrarySum {
			t.Errorf("%s: bad sums %q, %q", name, p.Sum, p.LibrarySum)
		}
		if !strings.Contains(p.File, p.Version) {
			t.Errorf("%s: file %q is of another version", name, p.File)
		}
		if !regexp.MustCompile(`^1\.(2[4-9]|[3-9]\d)\.\d+$`).MatchString(p.Version) {
			t.Errorf("%s: a version that the binding cannot use", name)
		}
		if p.Size < 1<<20 {
			t.Errorf("%s: %d bytes", name, p.Size)
		}
		if (p.Source == OriginPip) != (p.Tag != "" && strings.Contains(p.File, p.Tag)) {
			t.Errorf("%s: tag %q, file %q", name, p.Tag, p.File)
		}
		if base := path.Base(p.Member); !strings.HasPrefix(strings.TrimPrefix(base, "lib"), "onnxruntime.") {
			t.Errorf("%s: %q is no library of ONNX Runtime", name, base)
		}
	}
	for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64", "windows/arm64"} {
		if !sources[platform][OriginPip] || !sources[platform][OriginNpm] {
			t.Errorf("%s: not pinned for pip and npm", platform)
		}
	}
	if len(sources) != 5 {
		t.Errorf("got platforms %v", sources)
	}
}

// TestOneVersionEverywhere holds the package's comment to its word: 1.30.0 can be had from pip and npm on
// every platform.
func TestOneVersionEverywhere(t *testing.T) {
	found := map[string][]string{}
	for _, p := range pins {
		if p.Version == "1.30.0" {
			found[p.GOOS+"/"+p.GOARCH] = append(found[p.GOOS+"/"+p.GOARCH], p.Source)
		}
	}
	for platform, sources := range found {
		want := []string{OriginArchive, OriginPip, OriginNpm}
		if platform == "windows/arm64" {
			want = want[1:]
		}
		if !slices.Equal(sources, want) {
			t.Errorf("%s: 1.30.0 from %v, expected %v", platform, sources, want)
		}
	}
	if len(found) != 5 {
		t.Errorf("1.30.0 on %d platforms", len(found))
	}
}
