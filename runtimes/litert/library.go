package litert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"sync"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/sharedlib"
)

// EnvLibrary is the environment variable that names the library of LiteRT to use.
const EnvLibrary = "TRIGGERFINDER_LITERT"

// UnavailableError says that LiteRT was not found and could not be installed: the Platform, what was Tried, in order, and a Hint what the
// user can do.
type UnavailableError = sharedlib.UnavailableError

// version is that of the library whose C API this package knows. Structures and the order of arguments have changed between
// versions of LiteRT.
const version = "2.3.0"

func product() sharedlib.Product {
	return sharedlib.Product{
		Package: "litert", Title: "LiteRT", Folder: "litert", Variables: []string{EnvLibrary},
		Symbol: "LiteRtCreateCompiledModel", Minimum: version, Stem: "LiteRt",
		Advice: "the Python package ai-edge-litert, ai_edge_litert/libLiteRt.so",
		Pip:    "ai-edge-litert", Pins: pins,
	}
}

// pins are the wheels that may be installed, with the library in each. They were downloaded with pip and summed.
var pins = []sharedlib.Pin{
	{
		Source: sharedlib.OriginPip, Version: version, GOOS: "linux", GOARCH: "amd64", Tag: "manylinux_2_27_x86_64",
		File: "ai_edge_litert-2.3.0-cp313-cp313-manylinux_2_27_x86_64.whl", Size: 21781769,
		Sum:        "985ac3823fe1d5d6a04cf5f613cc2adf98a9c8a456af0b5efa8d9ac6b118ea14",
		Member:     "ai_edge_litert/libLiteRt.so",
		LibrarySum: "eec47eb35e2924b3166015887e652a58edc9af823ae38e02bf83bef2548300bb",
	},
	{
		Source: sharedlib.OriginPip, Version: version, GOOS: "linux", GOARCH: "arm64", Tag: "manylinux_2_27_aarch64",
		File: "ai_edge_litert-2.3.0-cp313-cp313-manylinux_2_27_aarch64.whl", Size: 14380166,
		Sum:        "2ab71e4f5dfa65b3882634b42755f455f3e7415630d720200bd792733e15e257",
		Member:     "ai_edge_litert/libLiteRt.so",
		LibrarySum: "b57687dc234d2b8b0598aef5a9c961ed24263df8f8b3f56adbee1cff618e544b",
	},
	{
		Source: sharedlib.OriginPip, Version: version, GOOS: "darwin", GOARCH: "arm64", Tag: "macosx_12_0_arm64",
		File: "ai_edge_litert-2.3.0-cp313-cp313-macosx_12_0_arm64.whl", Size: 12825925,
		Sum:        "b4c4fa67442c5add9a5a2b672ee885e3be38a8f517d3ec33efb49c3ec57d5261",
		Member:     "ai_edge_litert/libLiteRt.dylib",
		LibrarySum: "c8bda0fa9ee82e1530c1efdaa797cb8268f82dfea419d214de7e92b14d1e7d8a",
	},
}

// loaded is the one library of the process. It is loaded with the first model and stays.
var loaded struct {
	sync.Mutex
	path, version string
}

// load makes sure that the library is loaded, and returns its version, or "" when that is not known.
func load(s *settings) (string, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.path != "" {
		if s.library != "" && !sameFile(s.library, loaded.path) {
			return "", fmt.Errorf("option RuntimeLibrary: expected %s, which this process has loaded already, found %s: a process can use one", loaded.path, s.library)
		}
		return loaded.version, nil
	}
	if errNoBinding != nil {
		return "", errNoBinding
	}
	found, err := sharedlib.Resolve(context.Background(), product(), sharedlib.Options{Library: s.library, NoInstall: s.noInstall, Progress: os.Stderr})
	if err != nil {
		return "", err
	}
	if err := startRuntime(found.Path); err != nil {
		return "", fmt.Errorf("LiteRT %s: %w", found.Path, err)
	}
	loaded.path, loaded.version = found.Path, found.Version
	if loaded.version == "" {
		loaded.version = pinnedVersion(found.Path)
	}
	return loaded.version, nil
}

// pinnedVersion is the version of a library that is one of the pinned ones, which do not tell it themselves; "" for another.
func pinnedVersion(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(content)
	for _, p := range pins {
		if p.LibrarySum == hex.EncodeToString(sum[:]) {
			return p.Version
		}
	}
	return ""
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return a == b
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
