package ortlib

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/sharedlib"
)

func TestProviderPins(t *testing.T) {
	sum := regexp.MustCompile(`^[0-9a-f]{64}$`)
	seen := map[string]string{}
	for name, list := range providerPins {
		for _, p := range list {
			what := name + " for " + p.GOOS + "/" + p.GOARCH
			if p.Source != OriginPip || !strings.HasPrefix(p.File, strings.ReplaceAll(name, "-", "_")+"-"+p.Version+"-") || !strings.Contains(p.File, p.Tag) {
				t.Errorf("%s: %s from %s", what, p.File, p.Source)
			}
			if !regexp.MustCompile(`^1\.(2[4-9]|[3-9]\d)\.\d+$`).MatchString(p.Version) {
				t.Errorf("%s: version %s, which the binding cannot use", what, p.Version)
			}
			sums := map[string]string{p.File: p.Sum, p.Member: p.LibrarySum}
			folder := path.Dir(p.Member)
			for _, part := range p.Parts {
				sums[part.Member] = part.Sum
				if path.Dir(part.Member) != folder {
					t.Errorf("%s: %s lies elsewhere", what, part.Member)
				}
			}
			if len(sums) != len(p.Parts)+2 {
				t.Errorf("%s: a file is pinned twice", what)
			}
			for file, s := range sums {
				if !sum.MatchString(s) || seen[s] != "" {
					t.Errorf("%s: %s: sum %q, which is also that of %q", what, file, s, seen[s])
				}
				seen[s] = file
			}
			if !slices.ContainsFunc(p.Parts, func(part sharedlib.Part) bool { return strings.Contains(part.Member, "providers_shared") }) {
				t.Errorf("%s: without what providers share", what)
			}
		}
	}
}

func TestProvidersAndTheirPackages(t *testing.T) {
	for provider, want := range map[string]struct{ name, platforms string }{
		"":         {"onnxruntime", "linux/amd64 linux/arm64 darwin/arm64 windows/amd64 windows/arm64"},
		"cpu":      {"onnxruntime", "linux/amd64 linux/arm64 darwin/arm64 windows/amd64 windows/arm64"},
		"coreml":   {"onnxruntime", "darwin/arm64"},
		"cuda":     {"onnxruntime-gpu", "linux/amd64 windows/amd64"},
		"tensorrt": {"onnxruntime-gpu", "linux/amd64 windows/amd64"},
		"openvino": {"onnxruntime-openvino", "linux/amd64"},
		"directml": {"onnxruntime-directml", "windows/amd64"},
		"xnnpack":  {"", ""},
	} {
		if got := strings.Join(Platforms(provider), " "); Package(provider) != want.name || got != want.platforms {
			t.Errorf("%q: got %q for %q, expected %q for %q", provider, Package(provider), got, want.name, want.platforms)
		}
		if p := onnxRuntime(provider); provider != "xnnpack" && (p.Pip != want.name || p.Folder != want.name) {
			t.Errorf("%q: the library of %q in %q", provider, p.Pip, p.Folder)
		}
	}
}
