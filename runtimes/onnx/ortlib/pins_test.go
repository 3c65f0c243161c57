package ortlib

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestPins(t *testing.T) {
	sum := regexp.MustCompile(`^[0-9a-f]{64}$`)
	sources := map[string]map[string]bool{}
	seen := map[string]bool{}
	for _, p := range pins {
		name := p.source + " " + p.version + " " + p.goos + "/" + p.goarch
		if seen[name] {
			t.Errorf("%s: pinned twice", name)
		}
		seen[name] = true
		if sources[p.goos+"/"+p.goarch] == nil {
			sources[p.goos+"/"+p.goarch] = map[string]bool{}
		}
		sources[p.goos+"/"+p.goarch][p.source] = true
		if !sum.MatchString(p.sum) || !sum.MatchString(p.librarySum) || p.sum == p.librarySum {
			t.Errorf("%s: bad sums %q, %q", name, p.sum, p.librarySum)
		}
		if !strings.Contains(p.file, p.version) {
			t.Errorf("%s: file %q is of another version", name, p.file)
		}
		if err := checkVersion(p.version, ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if p.size < 1<<20 {
			t.Errorf("%s: %d bytes", name, p.size)
		}
		if (p.source == OriginPip) != (p.tag != "" && strings.Contains(p.file, p.tag)) {
			t.Errorf("%s: tag %q, file %q", name, p.tag, p.file)
		}
		h := &host{goos: p.goos, goarch: p.goarch}
		if base := path.Base(p.member); !h.isLibraryName(base) {
			t.Errorf("%s: %q is no library of %s", name, base, p.goos)
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
	for _, p := range pins {
		if p.source != OriginPip {
			continue
		}
		h := &host{goos: p.goos, goarch: p.goarch, pins: pins}
		r := &resolution{host: h, options: Options{Version: "1.30.0"}}
		for _, source := range []string{OriginPip, OriginNpm} {
			if len(r.pinsFor(source)) != 1 {
				t.Errorf("%s: no 1.30.0 from %s", h.platform(), source)
			}
		}
		if archives := len(r.pinsFor(OriginArchive)); (archives == 1) == (h.platform() == "windows/arm64") {
			t.Errorf("%s: %d archives", h.platform(), archives)
		}
	}
}
